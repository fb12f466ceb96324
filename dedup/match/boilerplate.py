"""Boilerplate: lines that recur over many different articles of one host, learnt from the dump itself.

A line that stands in copies of one story is news, however often it is printed; so articles are counted as different
by values of their signatures, which copies share and different articles do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from dedup.article import Boilerplate
from dedup.storage import MEMORY
from dedup.text.columns import Lines, TextColumn, line_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Signatures
    from dedup.storage import Storage

#: Shortest line that is looked at, in bytes: about the five words of a shingle.
LEAST_BYTES = 24
VALUES = 8  # of a signature, by which articles are told apart
_BIN_BITS = 20
_BIN_SHIFT = np.uint64(64 - _BIN_BITS)
_HOST_FACTOR = np.uint64(0x9E3779B97F4A7C15)
#: Entries that are sorted at once, about.
PART = 1 << 22
_TEXTS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """From when on a line is boilerplate.

    Parameters
    ----------
    articles : int, default=8
        Different articles of a host that it stands in at least.
    share : float, default=0.02
        Share of the host's different articles that these are at least.
    dump_articles : int, default=40
        The same over the whole dump, whatever the hosts, or where there are none.
    dump_share : float, default=0.005
        Likewise.
    dominant : int, default=20
        A line so long that articles can't be told apart beside it is boilerplate all the same if so many, and half of
        all, have it and are different without it.
    """

    articles: int = 8
    share: float = 0.02
    dump_articles: int = 40
    dump_share: float = 0.005
    dominant: int = 20


class Recurring(NamedTuple):
    """Lines that are boilerplate, one entry for each; the commonest first.

    Attributes
    ----------
    hashes : ndarray of uint64
        The line.
    hosts : ndarray of int64
        Number of the host, -1 for the whole dump.
    articles : ndarray of int64
        Different articles it stands in.
    rows : ndarray of int64
        An article that it stands in.
    """

    hashes: Hashes
    hosts: Rows
    articles: Rows
    rows: Rows


class SignWithout(Protocol):
    """Signs texts without some of their lines."""

    def __call__(self, lines: Recurring, places: Rows, /) -> Signatures:
        """Signatures of the texts at these places, of at least eight values each."""


def find_recurring(  # noqa: PLR0913, PLR0917 - what is known of the texts, and the rule
    lines: Lines,
    hosts: Rows,
    texts: Rows,
    signatures: Signatures,
    sign_without: SignWithout,
    recurrence: Recurrence | None = None,
    storage: Storage = MEMORY,
) -> Recurring:
    """Find the lines that recur over many different articles of a host, or of the dump.

    Parameters
    ----------
    lines : Lines
        Of all articles.
    hosts : ndarray of int64 of shape (n_articles,)
        Number of each article's host, -1 where it is not known.
    texts : ndarray of int64 of shape (n_texts,)
        Articles with distinct texts.
    signatures : ndarray of uint32 of shape (n_texts, at least VALUES)
        Of these.
    sign_without : SignWithout
        Called if there are lines beside which articles can't be told apart.
    recurrence : Recurrence, optional
        From when on a line is boilerplate.
    storage : Storage, optional
        Where the lines of all texts lie while they are sorted.

    Returns
    -------
    Recurring

    Notes
    -----
    About a microsecond for each article. What it finds does not depend on the order of the articles.
    """
    rule = recurrence or Recurrence()
    hosts = hosts[texts]
    nowhere = np.full(len(texts), -1)
    of_hosts, of_all = _Scope(signatures, rule.dominant), _Scope(signatures, rule.dominant)
    for line, text in _entries_in_parts(lines, texts, storage):
        known = hosts[text] >= 0
        of_hosts.take(
            group_entries(line[known], text[known], hosts, rule.articles, rule.share, rule.dominant)
        )
        of_all.take(group_entries(line, text, nowhere, rule.dump_articles, rule.dump_share, rule.dominant))
    found = [
        np.concatenate(columns)
        for columns in zip(*(scope.settle(texts, sign_without) for scope in (of_hosts, of_all)), strict=True)
    ]
    order = np.lexsort((found[0], found[1], -found[2]))
    hashes, host, articles, first = (column[order] for column in found)
    return Recurring(hashes, host, articles, texts[first])


def _entries(lines: Lines, texts: Rows) -> tuple[Hashes, Rows]:
    """Each line of each text, and the place of the text."""
    counts = np.diff(lines.indptr)[texts]
    ends = np.cumsum(counts)
    text = np.repeat(np.arange(len(texts)), counts)
    return lines.hashes[np.arange(len(text)) + np.repeat(lines.indptr[texts] - ends + counts, counts)], text


def _entries_in_parts(lines: Lines, texts: Rows, storage: Storage) -> Iterator[tuple[Hashes, Rows]]:
    """All of these, cut by the line if they are many."""
    if len(lines.hashes) <= PART:
        yield _entries(lines, texts)
        return
    ascending = np.argsort(texts)  # as they lie in the lines
    some = (ascending[start : start + _TEXTS_AT_ONCE] for start in range(0, len(texts), _TEXTS_AT_ONCE))
    entries = ((line, places[text]) for places in some for line, text in [_entries(lines, texts[places])])
    yield from in_parts(entries, len(lines.hashes), storage)


def in_parts(
    entries: Iterable[tuple[Hashes, Rows]], expected: int, storage: Storage
) -> Iterator[tuple[Hashes, Rows]]:
    """Cut entries (a hash, and the place of a text that has it) by the hash, so that about ``PART`` at a time are in memory.

    Parameters
    ----------
    entries : iterable of tuple of ndarray
        In the order of the texts.
    expected : int
        How many there may be.
    storage : Storage
        Where they lie meanwhile.
    """
    bits = (expected // PART).bit_length()
    parts = [(storage.appender(np.uint64), storage.appender(np.int32)) for _ in range(1 << bits)]
    for hashes, texts in entries:
        part = (hashes >> np.uint64(64 - bits)).astype(np.int16) if bits else np.zeros(len(hashes), np.int16)
        order = np.argsort(part, kind="stable")
        cuts = np.searchsorted(part[order], np.arange(len(parts) + 1))
        for (some_hashes, some_texts), begin, end in zip(parts, cuts[:-1], cuts[1:], strict=True):
            mine = order[begin:end]
            some_hashes.append(hashes[mine])
            some_texts.append(texts[mine].astype(np.int32))
    while parts:
        some_hashes, some_texts = parts.pop(0)
        yield some_hashes.finish(), some_texts.finish().astype(np.int64)


class Groups(NamedTuple):
    """Entries (a line of a text) with one line and one host, sorted; and for each such group where it starts, and its limits."""

    line: Hashes
    host: Rows
    text: Rows
    group: Rows
    starts: Rows
    least: NDArray[np.float64]
    half: Rows


def group_entries(line: Hashes, text: Rows, hosts: Rows, least: int, share: float, dominant: int) -> Groups:
    """Group the entries whose line may be often; a line twice in one text counts once."""
    often = _are_often(line, hosts[text], min(least, dominant))
    line, text = line[often], text[often]
    host = hosts[text]
    order = np.lexsort((text, line, host))
    line, host, text = line[order], host[order], text[order]
    new = np.append(True, (line[1:] != line[:-1]) | (host[1:] != host[:-1]))[: len(line)]
    once = new | np.append(True, text[1:] != text[:-1])[: len(line)]
    line, host, text, group = line[once], host[once], text[once], np.cumsum(new)[once] - 1
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    n_texts = np.bincount(hosts + 1)[host[starts] + 1]  # of each host; those of unknown host stand first
    return Groups(line, host, text, group, starts, np.maximum(least, share * n_texts), (n_texts + 1) // 2)


class _Doubtful(NamedTuple):
    """Groups whose articles can't be told apart: the line, the host, its different articles, how many would do, and a text.

    For each member of each: the group's number, and the text.
    """

    line: Hashes
    host: Rows
    different: Rows
    most: NDArray[np.float64]
    first: Rows
    group: Rows
    text: Rows


class _Scope:
    """What recurs on hosts, or over the dump: what was found so far, and what is doubtful."""

    def __init__(self, signatures: Signatures, dominant: int) -> None:
        self._signatures = signatures
        self._dominant = dominant
        self._found: list[tuple[Hashes, Rows, Rows, Rows]] = []
        self._doubtful: list[_Doubtful] = []

    def take(self, groups: Groups) -> None:
        """Take groups that are large enough, and those that may be."""
        starts, text = groups.starts, groups.text
        different = count_different(groups.group, self._signatures[text, :VALUES])
        enough = different >= groups.least
        most = np.maximum(self._dominant, groups.half)
        doubtful = ~enough & (np.bincount(groups.group, minlength=len(starts)) >= most)
        chosen = starts[enough]
        self._found.append((groups.line[chosen], groups.host[chosen], different[enough], text[chosen]))
        members = np.flatnonzero(doubtful[groups.group])
        number, first = np.cumsum(doubtful) - 1, starts[doubtful]
        self._doubtful.append(
            _Doubtful(
                groups.line[first],
                groups.host[first],
                different[doubtful],
                most[doubtful],
                text[first],
                number[groups.group[members]],
                text[members],
            )
        )

    def settle(self, texts: Rows, sign_without: SignWithout) -> list[NDArray[Any]]:
        """Lines and hosts of what recurs, its different articles, and the place of a text of each."""
        numbers = np.cumsum([0, *(len(part.line) for part in self._doubtful)])
        line, host, different, most, first, _, text = map(np.concatenate, zip(*self._doubtful, strict=True))
        if len(line):
            parts = zip(self._doubtful, numbers[:-1], strict=True)
            group = np.concatenate([part.group + number for part, number in parts])
            places = np.unique(text)
            values = sign_without(Recurring(line, host, different, texts[first]), places)
            different = count_different(group, values[np.searchsorted(places, text), :VALUES])
            enough = different >= most
            self._found.append((line[enough], host[enough], different[enough], first[enough]))
        return [np.concatenate(columns) for columns in zip(*self._found, strict=True)]


def _are_often(line: Hashes, host: Rows, least: int) -> NDArray[np.bool_]:
    """Which entries have a line that may be often on its host, told by a count of some of the bits."""
    bins = ((line ^ host.astype(np.uint64) * _HOST_FACTOR) >> _BIN_SHIFT).astype(np.int64)
    often: NDArray[np.bool_] = np.bincount(bins, minlength=1 << _BIN_BITS)[bins] >= least
    return often


def count_different(group: Rows, values: Signatures) -> Rows:
    """How many different articles each group has: distinct values of a signature place, the median place counts."""
    n_groups = int(group.max(initial=-1)) + 1
    counts = np.zeros((values.shape[1], n_groups), np.int64)
    high = group.astype(np.uint64) << np.uint64(32)
    for place in range(values.shape[1]):
        pairs = np.sort(high | values[:, place])
        new = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
        counts[place] = np.bincount((new >> np.uint64(32)).astype(np.int64), minlength=n_groups)
    median: Rows = np.sort(counts, axis=0)[counts.shape[0] // 2]
    return median


def read_lines_again(found: Recurring, read_texts: Callable[[Rows], Iterator[bytes]]) -> list[bytes]:
    """Text of each line, out of the article that it stands in."""
    rows = np.unique(found.rows)
    texts = list(read_texts(rows))
    lines = [line for text in texts for line in text.split(b"\n") if len(line) >= LEAST_BYTES]
    hashes, _ = line_hashes(TextColumn.of(texts), LEAST_BYTES)
    known = dict(zip(hashes.tolist(), lines, strict=True))
    return [known[line] for line in found.hashes.tolist()]


def describe(
    found: Recurring, lines: Sequence[bytes], hosts: Sequence[str | None]
) -> tuple[Boilerplate, ...]:
    """What was found, as it is reported; `hosts` are those of all articles."""
    return tuple(
        Boilerplate(line.decode(), None if host < 0 else hosts[row], articles)
        for line, host, row, articles in zip(
            lines, found.hosts.tolist(), found.rows.tolist(), found.articles.tolist(), strict=True
        )
    )
