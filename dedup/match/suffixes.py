"""Suffixes: what recurs at the end, or at the beginning, of one host's titles over different headlines.

An outlet prints its name, and that of a section, behind every headline: "... - WJTV News Channel 12 | Local". A list
can't know them all; the titles of the host tell. What may be learnt is always a whole piece between separators, and
learnt for one host it is nothing for another.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Affix, At
from dedup.match.affixes import BEFORE, BEHIND, LONGEST_TITLE, SEPARATING, may_have_separator
from dedup.match.outlets import forms_of
from dedup.text.categories import Categories, distinct
from dedup.text.strings import ByteStrings, spans_of
from dedup.text.tokens import split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows


class Demand(NamedTuple):
    """How much evidence makes an affix.

    Attributes
    ----------
    headlines : int
        Different headlines that have it.
    share : float
        Of the different titles of the host.
    many, of_many : int, float
        Or so many headlines, and then this share: a section of a large host.
    elsewhere : float
        Other occurrences of its words in the titles of the host, for one as an affix, at most: a place or a topic
        stands in other headlines too, the name of a section hardly.
    words : int
        Words of the shortest headline that counts.
    """

    headlines: int
    share: float
    many: int
    of_many: float
    elsewhere: float
    words: int


#: Behind a headline, and before one, where topics stand too; and what names its own host.
_END = Demand(5, 0.1, 50, 0.01, 0.2, 2)
_START = Demand(10, 0.1, 50, 0.02, 0.1, 3)
_OWN_END = Demand(2, 0.2, 20, 0.01, 1.0, 2)
_OWN_START = Demand(3, 0.2, 20, 0.01, 0.1, 3)
#: Where nobody knows whose the titles are, they may be many outlets': so many times as much is asked.
_UNKNOWN = 4
#: Pieces of a title that are looked at from either side, and characters of an affix, at most.
_PIECES, _LONGEST = 6, 120
#: Tails that stand behind one beginning, from which on that is the title of a series: "Weather - Monday".
_SERIES = 3
#: Words of the longest beginning that is learnt, and words that make the name of a host.
_LONGEST_START, _LONGEST_NAME, _SHORTEST_NAME = 6, 3, 3
#: Marks between two separators: "closed - | Valley".
_MARKS = " |¦｜_-‐‑–—―:："
#: Different titles of a host from which is learnt, at most: what recurs in a hundredth of more recurs in these.
_MOST_TITLES = 50_000
_DIGITS = re.compile(r"\d+")


class Around(NamedTuple):
    """Normalised affixes that may stand around the titles of some outlets."""

    starts: frozenset[str]
    ends: frozenset[str]


_NOTHING = Around(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Affixes:
    """Affixes that were learnt, each for its host.

    Parameters
    ----------
    items : sequence of Affix, default=()

    Examples
    --------
    >>> affixes = Affixes([Affix("Valley & Hills this week", "valley.example", "end", 31)])
    >>> affixes.strip("Bridge closed - Valley & Hills this week", ["www.valley.example"])
    'Bridge closed'
    >>> affixes.strip("Bridge closed - Valley & Hills this week", ["hills.example"])
    ''
    """

    items: tuple[Affix, ...]
    _by_host: dict[str | None, Around] = field(repr=False, compare=False)

    def __init__(self, items: Iterable[Affix] = ()) -> None:
        taken = tuple(items)
        sides: defaultdict[str | None, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for item in taken:
            if key := _key(item.text):
                sides[name_of(item.host) if item.host else None][item.at == "end"].add(key)
        object.__setattr__(self, "items", taken)
        object.__setattr__(
            self, "_by_host", {host: Around(*map(frozenset, both)) for host, both in sides.items()}
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.items)

    def strip(self, title: str, outlets: Sequence[str | None]) -> str:
        """Title without the longest affix of one of these outlets; empty if it has none, or nothing would be left.

        What was learnt where nobody knew whose the titles are is of those titles of which nobody knows.
        """
        starts, ends = self._around(outlets)
        if not (starts or ends) or not may_have_separator(title):
            return ""
        for piece in _pieces_behind(title) if ends else ():
            if _key(piece.text) in ends and split_words(piece.left)[0]:
                return piece.left
        for piece in _pieces_before(title) if starts else ():
            if _key(piece.text) in starts and len(split_words(piece.left)[0]) >= _START.words:
                return piece.left
        return ""

    def _around(self, outlets: Sequence[str | None]) -> Around:
        """What may stand around a title of any of these outlets."""
        if not self.items:
            return _NOTHING
        names: set[str | None] = {name_of(outlet) for outlet in outlets if outlet}
        known = [self._by_host[name] for name in names or (None,) if name in self._by_host]
        if len(known) > 1:
            return Around(*(frozenset[str]().union(*sides) for sides in zip(*known, strict=True)))
        return known[0] if known else _NOTHING


def learn_affixes(titles: Sequence[bytes], hosts: Sequence[str | None]) -> Affixes:
    """Find what recurs around the titles of each host.

    Parameters
    ----------
    titles : sequence of bytes
        In UTF-8, empty without one.
    hosts : sequence of str or None
        Where each was published, or by whom.

    Returns
    -------
    Affixes
        By host, then the commonest first; the same for any order of the titles.

    Notes
    -----
    Linear in the titles. About 2 microseconds for a title without a separator, 10 for one with. A title that stands
    twice counts once. Of a host with more than 50,000 different ones so many are looked at, chosen by their hashes;
    the titles of one host are objects at once, and no others. See docs/decisions/0021-headlines-of-a-dump.md for what the demands rest on.

    Examples
    --------
    >>> towns = "Lockport", "Ashby", "Penny Lock", "Stow", "Harrow Weir", "Old Ferry"
    >>> titles = [f"Bridge closed in {town} - Valley & Hills this week".encode() for town in towns]
    >>> learn_affixes(titles, ["valley.example"] * 6).items
    (Affix(text='Valley & Hills this week', host='valley.example', at='end', articles=6),)
    """
    column, outlets = ByteStrings.of(titles), Categories.of(hosts)
    keys = [*(name_of(name) if name else None for name in outlets.names), None]  # a code of -1 is the last
    names = sorted(set(keys), key=lambda name: (name is None, name or ""))
    places = {name: place for place, name in enumerate(names)}
    numbers = np.array([places[key] for key in keys], np.int64)[outlets.codes]
    titled = np.flatnonzero(column.lengths > 0)
    # Each title once for each host, host by host.
    different = distinct(numbers[titled] * len(column) + column.first_rows()[titled])
    bounds = np.searchsorted(different, np.arange(len(names) + 1) * len(column))
    is_marked = column.have_any(SEPARATING)
    found: list[Affix] = []
    for place, (start, stop) in enumerate(pairwise(bounds.tolist())):
        mine = _Titles(column, different[start:stop] - place * len(column), is_marked)
        found += _learn(mine, names[place])
    return Affixes(found)


class _Titles:
    """The different titles of one host; their words are normalised when they are first asked for.

    Parameters
    ----------
    column : ByteStrings
        Titles of all hosts.
    rows : ndarray of int64
        Those of the host.
    is_marked : ndarray of bool
        Which of all may have something that separates.
    """

    def __init__(self, column: ByteStrings, rows: Rows, is_marked: NDArray[np.bool_]) -> None:
        self._column = column
        long = rows[column.lengths_of(rows) > LONGEST_TITLE]
        rows = (
            np.setdiff1d(rows, long[[_is_long(title) for title in column.take(long)]]) if len(long) else rows
        )
        self._rows = column.sample(rows, _MOST_TITLES)
        self._is_marked = is_marked

    def __len__(self) -> int:
        return len(self._rows)

    def marked(self) -> list[bytes]:
        """Those that may have something that separates, in their order."""
        return sorted(self._column.take(self._rows[self._is_marked[self._rows]]))

    @cached_property
    def _words(self) -> str:
        parts = (self._column.take(self._rows[span]) for span in spans_of(len(self)))
        return "\n".join(f" {_key(title.decode())} " for titles in parts for title in titles)

    def occurrences(self, text: str) -> int:
        """How often some words stand in the titles, as an affix or not."""
        return self._words.count(f" {_key(text)} ")


def _is_long(title: bytes) -> bool:
    """Whether a title is no headline, without runs of white space."""
    return len(title) > LONGEST_TITLE and (
        len(title) > 4 * LONGEST_TITLE or len(_spaced(title)) > LONGEST_TITLE
    )


def _spaced(title: bytes) -> str:
    """Title without runs of white space."""
    return " ".join(title.decode().split())


def name_of(outlet: str) -> str:
    """Host without what does not tell one outlet from another, or a source in small letters.

    Examples
    --------
    >>> name_of("www.Valley.example:80"), name_of("The Valley")
    ('valley.example', 'the valley')
    """
    name = outlet.strip().lower()
    return name if " " in name else name.partition(":")[0].removeprefix("www.")


class _Piece(NamedTuple):
    """A piece of a title that may be an affix, and what is left without it."""

    text: str
    left: str


def _pieces_behind(title: str) -> Iterator[_Piece]:
    """Ends of a title, the longest first."""
    for place in list(BEHIND.finditer(title))[-_PIECES:]:
        left = title[: place.start()]
        if 0 < len(title) - place.end() <= _LONGEST and left.rstrip(_MARKS) == left != "":
            yield _Piece(title[place.end() :].lstrip(_MARKS), left)


def _pieces_before(title: str) -> Iterator[_Piece]:
    """Beginnings of a title, the longest first."""
    for place in reversed(list(BEFORE.finditer(title))[:_PIECES]):
        left = title[place.end() :]
        if 0 < place.start() <= _LONGEST and left.lstrip(_MARKS) == left != "":
            yield _Piece(title[: place.start()].rstrip(_MARKS), left)


def _learn(titles: _Titles, host: str | None) -> Iterator[Affix]:
    """Affixes of the different titles of one host."""
    own = None if host is None else forms_of(host)
    parted = [title for title in map(_spaced, titles.marked()) if may_have_separator(title)]
    for at, cut in _SIDES:
        found = {_key(one.text): one for one in _recurring(parted, cut) if _is_affix(one, at, titles, own)}
        whole = _whole(parted, cut, found.keys()) if found else ()
        for one in sorted((found[key] for key in whole), key=lambda one: (-len(one.lefts), one.text)):
            yield Affix(one.text, host, at, len(one.lefts))


def _whole(
    titles: Sequence[str], cut: Callable[[str], Iterator[_Piece]], known: AbstractSet[str]
) -> Iterator[str]:
    """Known pieces but for those that stand in one longer piece only: of "Valley 7 - Lockport" not the town."""
    within: defaultdict[str, set[str]] = defaultdict(set)
    for title in titles:
        mine = [key for piece in cut(title) if (key := _key(piece.text)) in known]
        for key in mine:
            within[key].add(mine[0])
    return (key for key, longest in within.items() if key in longest or len(longest) > 1)


class _Recurring(NamedTuple):
    """A piece that stands in several titles, how often, and what different headlines are left without it."""

    text: str
    times: int
    lefts: Sequence[str]


def _recurring(titles: Sequence[str], cut: Callable[[str], Iterator[_Piece]]) -> Iterator[_Recurring]:
    """Pieces that stand in two titles or more.

    A headline behind which three pieces stand, or three numbers in it, is the title of a series and counts for none.
    """
    pieces = [piece for title in titles for piece in cut(title)]
    counts = Counter(piece.text for piece in pieces)
    series = Counter(_blind(piece.left) for piece in pieces)
    lefts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    prints: dict[str, Counter[str]] = defaultdict(Counter)
    for text, left in pieces:
        if counts[text] >= _OWN_END.headlines:
            key = _key(text)
            prints[key][text] += 1
            if series[_blind(left)] < _SERIES:
                lefts[key][_blind(left)] = left
    for key, found in lefts.items():
        if key.strip("0123456789 "):
            text = min(prints[key], key=lambda text: (-prints[key][text], text))
            yield _Recurring(text, prints[key].total(), [*found.values()])


def _is_affix(found: _Recurring, at: At, titles: _Titles, own: AbstractSet[str] | None) -> bool:
    """Whether the headlines that are left without a piece are evidence enough that it is an affix."""
    words = _key(found.text).split()
    if at == "start" and len(words) > _LONGEST_START:
        return False
    demands = (_OWN_END, _OWN_START) if own and _names_host(words, own) else (_END, _START)
    demand = demands[at == "start"]
    times = _UNKNOWN if own is None else 1
    count = sum(len(split_words(left)[0]) >= demand.words for left in found.lefts)
    few = count < times * demand.headlines or count < demand.share * len(titles)
    if few and (count < times * demand.many or count < demand.of_many * len(titles)):
        return False
    return titles.occurrences(found.text) <= (1.0 + demand.elsewhere) * found.times


def _names_host(words: Sequence[str], own: AbstractSet[str]) -> bool:
    """Whether some neighbouring words are the name of a host, written together."""
    return any(
        len(name) >= _SHORTEST_NAME and name in own
        for length in range(1, _LONGEST_NAME + 1)
        for start in range(len(words) - length + 1)
        for name in ["".join(words[start : start + length])]
    )


def _key(text: str) -> str:
    return " ".join(split_words(text)[0])


def _blind(headline: str) -> str:
    """A headline but for its numbers."""
    return _DIGITS.sub("0", headline.casefold())


_SIDES: tuple[tuple[At, Callable[[str], Iterator[_Piece]]], ...] = (
    ("end", _pieces_behind),
    ("start", _pieces_before),
)
