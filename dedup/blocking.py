"""Blocking: which articles may be copies of one another at all, by when, where and in which language they were published.

What differs in block never meets: equal texts of two blocks are two texts, and their band keys are others. A window is
that of an index: an article joins a cluster if it was published no further than the window from some member.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Self, get_args

import numpy as np

from dedup.asking import check_many
from dedup.canonical import rank_ids
from dedup.clustering import Before
from dedup.errors import ParameterError
from dedup.moments import seconds_of
from dedup.text.categories import Categories, different_pairs, number_together
from dedup.text.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from dedup.canonical import Traits
    from dedup.kernels.types import Dates, Rows

Within = Literal["source", "language", "day"]
WITHINS: tuple[Within, ...] = get_args(Within)
_DAY = 86400


class Columns(NamedTuple):
    """What blocks are told by, one entry for each article.

    Attributes
    ----------
    sources, hosts, languages : sequence of str or None
        As given; where it was published.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    """

    sources: Sequence[str | None]
    hosts: Sequence[str | None]
    languages: Sequence[str | None]
    published: Dates


class Blocks(NamedTuple):
    """Blocks of articles.

    Attributes
    ----------
    numbers : ndarray of int64 of shape (n_articles,)
        Articles of one number may be copies.
    unknown : int
        Articles that lack what the blocks are told by; they share a block.
    """

    numbers: Rows
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """Which articles may be copies.

    Parameters
    ----------
    window : int, default=-1
        Seconds between the publication of an article and of another of its cluster, at most; below 0: any.
    within : tuple of {"source", "language", "day"}, default=()
        What copies have in common.
    now : float, default=0.0
        Epoch seconds at which undated articles count as published, as an index has it.
    """

    window: int = -1
    within: tuple[Within, ...] = ()
    now: float = 0.0

    @classmethod
    def of(cls, window: str | timedelta | float | None, within: Sequence[Within]) -> Self:
        """Check what the user asked for.

        Raises
        ------
        ParameterError
            If `window` is no length of time, or `within` names something else.

        Examples
        --------
        >>> Blocking.of("30d", ["source"]).window
        2592000
        """
        check_many("within", within, "names")
        asked = tuple(dict.fromkeys(within))
        for name in asked:
            if name not in WITHINS:
                raise ParameterError(f"within is {name!r}; it is one of {', '.join(WITHINS)}, or several")
        return cls(window=-1 if window is None else seconds_of(window), within=asked, now=time.time())

    def places(self, columns: Columns) -> list[tuple[str | float | None, ...]]:
        """What tells the block of each article; None stands for what it lacks.

        Examples
        --------
        >>> columns = Columns(["Herald", None], ["a.example", "www.b.example"], ["en-GB", None], np.array([86400.0, 7.0]))
        >>> Blocking(within=("source", "language", "day")).places(columns)
        [('herald', 'en', 1.0), ('b.example', None, 0.0)]
        """
        told = [[values[number] for number in numbers.tolist()] for numbers, values in self._parts(columns)]
        return list(zip(*told, strict=True))

    def _parts(self, columns: Columns) -> Iterator[tuple[Rows, Sequence[str | float | None]]]:
        """For each thing that tells blocks, the number of its value for each article, and the values."""
        for name in self.within:
            if name == "source":
                numbers, pairs = different_pairs(Categories.of(columns.sources), Categories.of(columns.hosts))
                yield numbers, [_source(*pair) for pair in pairs]
            elif name == "language":
                languages = Categories.of(columns.languages)
                values = [*map(_language, languages.names), None]  # a code of -1 is the last
                yield languages.codes.astype(np.int64), values
            else:
                moments, numbers = np.unique(columns.published, return_inverse=True)
                yield numbers, [*map(_day, moments.tolist())]

    def blocks(self, columns: Columns) -> Blocks | None:
        """Block of each article; None where all share one.

        Raises
        ------
        ParameterError
            If no article has what the blocks are told by.
        """
        if not self.within:
            return None
        told, unknown = [], np.zeros(len(columns.published), np.bool_)
        for name, (numbers, values) in zip(self.within, self._parts(columns), strict=True):
            if len(numbers) and all(value is None for value in values):
                field = "published" if name == "day" else name
                raise ParameterError(
                    f"within is {name}, and no article has the field {field}; say what it is called "
                    f"(--field {field}=NAME), or leave {name} out"
                )
            known: dict[str | float | None, int] = {None: -1}
            places = np.array([known.setdefault(value, len(known)) for value in values], np.int64)
            told.append(places[numbers])
            unknown |= told[-1] < 0
        together = number_together(*told)
        _, first = np.unique(together, return_index=True)
        return Blocks(np.argsort(np.argsort(first))[together], int(unknown.sum()))

    def dated(self, published: Dates) -> Dates:
        """When articles count as published."""
        return np.where(np.isnan(published), self.now, published)

    def count_undated(self, published: Dates) -> int:
        """How many articles count as published now, where that matters."""
        return int(np.isnan(published).sum()) if self.window >= 0 else 0


class Walkers(NamedTuple):
    """Articles that walk to find their leader; the others follow one of them.

    Attributes
    ----------
    rows : ndarray of int64 of shape (n_walkers,)
        In the order in which they may lead.
    followed : ndarray of int64 of shape (n_articles,)
        Place in `rows` of whom each article follows; -1 for one without a word, which leads itself.
    equal : ndarray of int64 of shape (n_walkers,)
        Latest earlier walker of the same text and block, -1 if there is none.
    """

    rows: Rows
    followed: Rows
    equal: Rows

    @classmethod
    def first_of(cls, order: Rows, traits: Traits, first: Rows) -> Walkers:
        """The first article of each text, which all of the text follow.

        Parameters
        ----------
        order : ndarray of int64 of shape (n_texts,)
            An article of each text of each block, in the order in which they may lead.
        traits : Traits
            Of the articles.
        first : ndarray of int64 of shape (n_articles,)
            First article of the same text and block, for each.
        """
        followed = np.where(traits.rank < len(order), traits.rank, -1)
        return cls(first[order], followed, np.full(len(order), -1))

    @classmethod
    def apart(cls, n_texts: int, traits: Traits, blocking: Blocking) -> Walkers:
        """The articles of each text that can make a difference in a window, earliest first, undated last.

        An article follows the one of the same text before it if that is no further away than the window. So of those
        in one length of the window the first and the last suffice: all between are in one cluster, and add nothing to
        the time that it spans.

        Parameters
        ----------
        n_texts : int
            Distinct texts of each block, that have a word; ``traits.rank`` is below for their articles.
        traits, blocking
            Of the articles; of the run.
        """
        rows = np.flatnonzero(traits.rank < n_texts)
        dates = np.where(np.isnan(traits.published), np.inf, traits.published)
        rows = rows[np.lexsort((dates[rows], traits.rank[rows]))]
        equal = (np.diff(traits.rank[rows]) == 0) & (dates[rows][1:] == dates[rows][:-1])
        several = rows[np.append(equal, False)[: len(rows)] | np.append(False, equal)[: len(rows)]]
        ids = np.zeros(len(traits.rank), np.int64)
        ids[several] = rank_ids(Strings.of(traits.ids).take(several))
        rows = rows[np.lexsort((ids[rows], dates[rows], traits.rank[rows]))]
        ranks, dates = traits.rank[rows], dates[rows]
        lengths = np.floor(dates / blocking.window)
        begins = np.append(True, (ranks[1:] != ranks[:-1]) | (lengths[1:] != lengths[:-1]))[: len(rows)]
        ends = np.append(begins[1:], True)[: len(rows)]
        begun = np.maximum.accumulate(np.where(begins, np.arange(len(rows)), 0))
        walks = begins | (ends & (dates != dates[begun]))
        followed = np.full(len(traits.rank), -1)
        followed[rows] = np.cumsum(walks) - 1
        walking = ranks[walks]
        again = np.append(False, walking[1:] == walking[:-1])[: len(walking)]
        return cls(rows[walks], followed, np.where(again, np.arange(len(walking)) - 1, -1))

    def only(self, places: Rows) -> Walkers:
        """Some of the walkers, ascending, with all of their equals; nobody follows them."""
        place = np.full(len(self.rows) + 1, -1)  # the last is that of nobody
        place[places] = np.arange(len(places))
        return Walkers(self.rows[places], self.followed[:0], place[self.equal[places]])

    def leaders(self, found: Rows) -> Rows:
        """Leader of each article as a row, by the walkers' leaders as places in `rows`."""
        leaders = np.arange(len(self.followed))
        follows = np.flatnonzero(self.followed >= 0)
        leaders[follows] = self.rows[found[self.followed[follows]]]
        return leaders

    def before(self, published: Dates, blocking: Blocking, n_buckets: int) -> Before:
        """What the walk has to know of their dates."""
        nothing = Before.nothing(len(self.rows), n_buckets)
        if blocking.window < 0:
            return nothing
        return nothing._replace(
            equal=self.equal,
            dates=blocking.dated(published[self.rows]),
            spans=np.full((len(self.rows), 2), np.nan),
            window=blocking.window,
        )


def split(groups: Rows, blocks: Blocks | None) -> Rows:
    """First row with the same text in the same block, for each row.

    Examples
    --------
    >>> split(np.array([0, 0, 0, 3]), Blocks(np.array([5, 7, 5, 5]), 0)).tolist()
    [0, 1, 0, 3]
    """
    if blocks is None:
        return groups
    pairs = groups * (blocks.numbers.max(initial=0) + 1) + blocks.numbers
    _, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
    parted: Rows = first[inverse]
    return parted


def _source(source: str | None, host: str | None) -> str | None:
    """Who published: the source as given, else the host without ``www.``."""
    return (source or "").strip().casefold() or (host or "").casefold().removeprefix("www.") or None


def _language(language: str | None) -> str | None:
    """First part of a language tag: ``en`` of ``en-GB`` and ``EN_us``."""
    return (language or "").strip().casefold().replace("_", "-").partition("-")[0] or None


def _day(published: float) -> float | None:
    """Day in UTC, counted from 1970; an integer as a float, for a date may be far away."""
    return None if published != published else published // _DAY  # noqa: PLR0124 - NaN
