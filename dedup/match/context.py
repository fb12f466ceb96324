"""Context: what was learnt from a dump, frozen, so that a pair is judged tomorrow as the dump was today."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np

from dedup.article import Affix, Boilerplate
from dedup.errors import ParameterError, ReadError
from dedup.match.suffixes import Affixes
from dedup.pair import Span
from dedup.text.shingling import code_word, set_figures, shingle_text
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.kernels.types import Hashes

#: Words of the shortest boilerplate that is looked for as a line: fewer make no shingle of a longer text.
LINE_WORDS = 5
#: Words from which on it is looked for inside lines too.
BLOCK_WORDS = 20
_FEW = 16  # blocks that are sought one by one; of more, those of which a word stands in the text
_NEAR = 16  # bytes before and behind a block that are looked at
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Context:
    r"""What was learnt from a dump, and is left out of comparisons.

    Parameters
    ----------
    boilerplate : sequence of Boilerplate, default=()
        As :attr:`dedup.DedupResult.boilerplate` has it.
    affixes : sequence of Affix, default=()
        As :attr:`dedup.DedupResult.affixes` has them: taken off headlines, each off those of its host.

    Examples
    --------
    >>> import dedup
    >>> context = Context([dedup.Boilerplate("Sign up for our free newsletter", "valley.example", 31)])
    >>> context.without("Rain.\nSign up for our free newsletter\nSnow.").split()
    ['Rain.', 'Snow.']
    >>> Context.from_bytes(context.to_bytes()) == context
    True
    """

    VERSIONS: ClassVar[tuple[int, int]] = (
        1,
        2,
    )  # of what is stored, and of what is done with it: with affixes, 2

    boilerplate: tuple[Boilerplate, ...]
    affixes: Affixes
    _kept: dict[Any, Any] = field(repr=False, compare=False)  # what is worked out when it is first needed

    def __init__(self, boilerplate: Iterable[Boilerplate] = (), affixes: Iterable[Affix] = ()) -> None:
        object.__setattr__(self, "boilerplate", tuple(boilerplate))
        object.__setattr__(self, "affixes", Affixes(affixes))
        object.__setattr__(self, "_kept", {})

    def __bool__(self) -> bool:
        """Whether anything was learnt."""
        return bool(self.boilerplate or self.affixes)

    @property
    def version(self) -> int:
        """Version that is stored: an older program may read what has nothing new."""
        return self.VERSIONS[bool(self.affixes)]

    @classmethod
    def check(cls, given: object) -> None:
        """Refuse what is given for a context and is none.

        Raises
        ------
        ParameterError
            It says how one is read.
        """
        if given is not None and not isinstance(given, cls):
            raise ParameterError(
                f"context is {given!r}; a Context is meant: dedup.Context.load(path) reads one"
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Context:
        """Read what ``dedup run --boilerplate`` wrote.

        Parameters
        ----------
        path : str or path
            A file of JSON lines, plain or gzip; an empty one is an empty context.

        Returns
        -------
        Context

        Raises
        ------
        ReadError
            If it can't be read, or a line is damaged.
        """
        try:
            data = Path(path).read_bytes()
            data = gzip.decompress(data) if data.startswith(_GZIP) else data
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ReadError(str(path), f"can't be read: {reason}") from error
        return cls.from_lines(data.split(b"\n"), str(path))

    @classmethod
    def from_lines(cls, lines: Iterable[bytes], name: str = "context") -> Context:
        """Read JSON lines ``{"text", "host", "articles"}``, for an affix ``{"affix", "host", "at", "articles"}``.

        `name` is what an error calls them.

        Examples
        --------
        >>> Context.from_lines([b'{"text":"All rights reserved","host":null,"articles":52}']).boilerplate[0].articles
        52
        """
        found: list[Boilerplate | Affix] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found.append(_item_of(json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise ReadError(name, f"no line of a context: {error}", number) from error
        return cls(
            (item for item in found if isinstance(item, Boilerplate)),
            (item for item in found if isinstance(item, Affix)),
        )

    def dump(self) -> Iterator[bytes]:
        """JSON lines that :meth:`from_lines` reads: those of ``dedup run --boilerplate``."""
        records: list[dict[str, Any]] = [
            {"text": item.text, "host": item.host, "articles": item.articles} for item in self.boilerplate
        ]
        records += [
            {"affix": item.text, "host": item.host, "at": item.at, "articles": item.articles}
            for item in self.affixes.items
        ]
        for record in records:
            yield (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

    def to_bytes(self) -> bytes:
        """All of it, for an index to store."""
        head = {"context": self.version}
        return (json.dumps(head) + "\n").encode() + b"".join(self.dump())

    @classmethod
    def from_bytes(cls, data: bytes) -> Context:
        """Read what :meth:`to_bytes` gave.

        Raises
        ------
        ReadError
            If it is damaged, or of another version.
        """
        head, *lines = data.split(b"\n")
        try:
            version = json.loads(head)["context"]
        except (ValueError, TypeError, KeyError) as error:
            raise ReadError("context", "is damaged: no version") from error
        if version not in cls.VERSIONS:
            known = " and ".join(map(str, cls.VERSIONS))
            raise ReadError("context", f"is of version {version}; this one reads versions {known}")
        return cls.from_lines(lines)

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits: the same for contexts of the same contents, in whatever order."""
        digest = blake2b(str(self.version).encode(), digest_size=16)
        for line in sorted(self.dump()):
            digest.update(line)
        return digest.hexdigest()

    def shingles(self, width: int = 5) -> Hashes:
        """Distinct shingles of the boilerplate, uint64, ascending: no text is compared by them."""
        if width not in self._kept:
            texts = dict.fromkeys(item.text for item in self.boilerplate)
            found = {shingle for text in texts for shingle in shingle_text(text, width).shingles}
            self._kept[width] = np.array(sorted(found), np.uint64)
        shingles: Hashes = self._kept[width]
        return shingles

    def leave_out(self, shingles: Sequence[int], width: int = 5) -> list[int]:
        """Shingles of a text without those of the boilerplate, in their order."""
        if ("set", width) not in self._kept:
            self._kept["set", width] = frozenset(self.shingles(width).tolist())
        dropped = self._kept["set", width]
        return [shingle for shingle in shingles if shingle not in dropped]

    def find(self, text: str) -> list[tuple[Span, str]]:
        """Where boilerplate stands in a text, in characters, and which; in the order of the text.

        Boilerplate of 20 words and more is found wherever it stands, if no word is written together with its first or
        last; shorter as a line of its own; of fewer than five words, nowhere: they make no shingle.
        """
        data = _encode(text)
        found = self._find(data)
        if len(data) == len(text):
            return [(Span(start, stop), line.decode()) for start, stop, line in found]
        return [
            (Span(len(data[:start].decode()), len(data[:stop].decode())), line.decode())
            for start, stop, line in found
        ]

    @overload
    def without(self, text: str) -> str: ...
    @overload
    def without(self, text: bytes) -> bytes: ...
    def without(self, text: str | bytes) -> str | bytes:
        """Text, or its UTF-8, without the boilerplate; a line feed stands in for it."""
        if isinstance(text, str):
            data = _encode(text)
            left = self._without(data)
            return text if left is data else left.decode()
        return self._without(text)

    def _without(self, text: bytes) -> bytes:
        spans = self._find(text)
        if not spans:
            return text
        parts, place = [], 0
        for start, stop, _ in spans:
            if stop > place:  # two may overlap
                parts.append(text[place : max(start, place)])
                place = stop
        return b"\n".join([*parts, text[place:]])

    def _find(self, text: bytes) -> list[tuple[int, int, bytes]]:
        lines, blocks = self._sought()
        found = sorted(_find_blocks(text, blocks)) if blocks else []
        if not lines:
            return found
        place = 0
        for start, stop, _ in [*found, (len(text), len(text), b"")]:  # a line may end at a block
            if place < start:
                found += _find_lines(text[place:start], lines, place)
            place = max(place, stop)
        return sorted(found)

    def figures(self) -> Hashes:
        """Numbers of the boilerplate, uint64 of shape (4,), see :func:`dedup.text.shingling.set_figures`."""
        if "figures" not in self._kept:
            bits = 0
            for words in self._words().values():
                bits |= set_figures(map(code_word, words))
            parts = [bits >> shift & 0xFFFFFFFFFFFFFFFF for shift in (0, 64, 128, 192)]
            self._kept["figures"] = np.array(parts, np.uint64)
        figures: Hashes = self._kept["figures"]
        return figures

    def _words(self) -> dict[str, list[str]]:
        """Words of each boilerplate text."""
        if "words" not in self._kept:
            texts = dict.fromkeys(item.text for item in self.boilerplate)
            self._kept["words"] = {text: [token.text for token in tokenise(text)] for text in texts}
        words: dict[str, list[str]] = self._kept["words"]
        return words

    def _sought(self) -> tuple[frozenset[bytes], dict[bytes, list[bytes]]]:
        """What is looked for as a line, and inside lines by a word of it."""
        if "sought" not in self._kept:
            counts = {text.encode(): len(words) for text, words in self._words().items()}
            lines = frozenset(text for text, count in counts.items() if LINE_WORDS <= count < BLOCK_WORDS)
            long = [text for text, count in counts.items() if count >= BLOCK_WORDS]
            blocks: dict[bytes, list[bytes]] = {}
            for block in long:
                blocks.setdefault(_anchor(block) if len(long) > _FEW else b"", []).append(block)
            self._kept["sought"] = lines, blocks
        sought: tuple[frozenset[bytes], dict[bytes, list[bytes]]] = self._kept["sought"]
        return sought


def _anchor(block: bytes) -> bytes:
    """The longest word of a block that stands between spaces, so it does in any text that has the block; or none."""
    return max(block.split()[1:-1], key=lambda word: (len(word), word), default=b"")


def _find_lines(text: bytes, lines: frozenset[bytes], start: int) -> Iterator[tuple[int, int, bytes]]:
    split = text.split(b"\n")
    if lines.isdisjoint(split):
        return
    for line in split:
        if line in lines:
            yield start, start + len(line), line
        start += len(line) + 1


def _find_blocks(text: bytes, blocks: dict[bytes, list[bytes]]) -> Iterator[tuple[int, int, bytes]]:
    anchors = (
        blocks.keys() if blocks.keys() == {b""} else {b""} & blocks.keys() | blocks.keys() & text.split()
    )
    for anchor in anchors:
        for block in blocks[anchor]:
            start = text.find(block)
            while start >= 0:
                stop = start + len(block)
                if _stands_alone(text, start, stop):
                    yield start, stop, block
                start = text.find(block, stop)


def _stands_alone(text: bytes, start: int, stop: int) -> bool:
    """Whether a stretch of a text has words of its own: taken out, it cuts no word, and makes no dash a minus."""
    before, after = text[max(start - _NEAR, 0) : start], text[stop : stop + _NEAR]
    if (not before or before.endswith(b"\n")) and (not after or after.startswith(b"\n")):
        return True
    first, last = text[start : start + _NEAR], text[max(stop - _NEAR, start) : stop]
    joins = (before, first, b"\n" + first), (last, after, b"\n" + after)
    return all(_words(one + other) == _words(one) + _words(alone) for one, other, alone in joins)


def _words(text: bytes) -> list[str]:
    return [token.text for token in tokenise(text.decode(errors="ignore"))]


def _encode(text: str) -> bytes:
    """UTF-8, character for character: a lone surrogate becomes a replacement character, as in a run."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text).encode()


def _item_of(record: object) -> Boilerplate | Affix:
    """What a line of a context says."""
    if not isinstance(record, dict):
        raise ValueError("a JSON object is needed")  # noqa: TRY004 - told as a damaged line
    name = "affix" if "affix" in record else "text"
    text, host, articles, at = (record.get(name) for name in (name, "host", "articles", "at"))
    if not isinstance(text, str) or not text:
        raise ValueError(f"{name!r} must be a string that is not empty")
    if not isinstance(host, str | None):
        raise ValueError("'host' must be a string or null")  # noqa: TRY004
    if not isinstance(articles, int) or isinstance(articles, bool):
        raise ValueError("'articles' must be a whole number")  # noqa: TRY004
    text.encode()  # a lone surrogate is an error of values too
    if name == "text":
        return Boilerplate(text, host, articles)
    if at != "end" and at != "start":  # noqa: PLR1714 - the type checker follows
        raise ValueError("'at' must be 'end' or 'start'")
    return Affix(text, host, at, articles)
