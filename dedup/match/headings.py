"""Headlines of a run: those of many articles, stripped, compared, and refused where they contradict each other.

Equal titles are told without a look, and a kernel counts the words of the others; what it proposes is decided as for
one pair (:func:`dedup.match.titles.match_words`).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dedup.match.lookalikes import TITLE
from dedup.match.similarity import SCALE, rounded
from dedup.match.suffixes import learn_affixes
from dedup.match.titles import (
    NEAR,
    contradict,
    figures_of,
    headline_words,
    match_words,
    may_have_outlet,
    strip_affixes,
    without_slugs,
)
from dedup.result import TitleMatches
from dedup.text.columns import TextColumn, code_column
from dedup.text.strings import ByteStrings, Categories, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows
    from dedup.match.suffixes import Affixes
    from dedup.match.verification import Verifier

#: A byte of a title that certainly has a word; others are looked at closer.
_WORD = re.compile(rb"[0-9A-Za-z]")


class Headings:
    """Headlines of many articles and the outlets that they are known to be of.

    Parameters
    ----------
    titles : sequence of bytes
        In UTF-8, empty without one.
    sources, hosts : sequence of str or None
        Who published each article, and where.
    affixes : Affixes, optional
        What outlets print around their headlines. Default: it is learnt from these titles when it is first needed.
    """

    def __init__(
        self,
        titles: Sequence[bytes],
        sources: Sequence[str | None],
        hosts: Sequence[str | None],
        affixes: Affixes | None = None,
    ) -> None:
        self._titles = ByteStrings.of(titles)
        self._outlets = Categories.of(sources), Categories.of(hosts)
        self._given = affixes
        self._slugless: dict[bytes, tuple[str, bool]] = {}  # and whether an outlet may stand there
        self._words: dict[str, tuple[str, ...]] = {}
        self._figures: dict[int, tuple[int, int]] = {}
        self._numbers: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._titles)

    @cached_property
    def affixes(self) -> Affixes:
        """What is taken off beside what is known everywhere."""
        return learn_affixes(self._titles, self._outlets[1]) if self._given is None else self._given

    def read(self, rows: Rows) -> Iterator[bytes]:
        """Stripped headlines of these rows, in UTF-8: what a run by titles compares."""
        return (self._strip(row).encode() for row in rows.tolist())

    def columns(self) -> Iterator[TextColumn]:
        """All of them, a few at a time; at least one column."""
        yield from (
            TextColumn.of(list(self.read(np.arange(span.start, span.stop))))
            for span in spans_of(len(self)) or [slice(0, 0)]
        )

    def contradict(self, lefts: Rows, rights: Rows) -> NDArray[np.bool_]:
        """Which pairs of rows that resemble are of different headlines all the same."""
        rows, places = np.unique(np.concatenate([lefts, rights]), return_inverse=True)
        numbers = np.array([self._figures_of(row) for row in rows.tolist()], np.int64).reshape(-1, 2)[places]
        one, other = numbers[: len(lefts)], numbers[len(lefts) :]
        # As many figures, and others: the weekly titles of a series are told apart without a look at each pair.
        found: NDArray[np.bool_] = (one[:, 0] == other[:, 0]) & (one[:, 1] != other[:, 1])
        words: dict[int, tuple[str, ...]] = {}
        for pair in np.flatnonzero(~found).tolist():
            sides = int(lefts[pair]), int(rights[pair])
            for row in sides:
                if row not in words:
                    words[row] = headline_words(self._strip(row))
            found[pair] = contradict(words[sides[0]], words[sides[1]])
        return found

    def rank(self, verifier: Verifier, leaders: Rows, members: Rows) -> Rows:
        """As :meth:`dedup.match.verification.Verifier.rank`; below 0 also for headlines that contradict each other.

        That is asked before anyone is joined: where all the titles of a series resemble, refusing the best leader
        of each would take a pass for every one of them.
        """
        ranks = verifier.rank(leaders, members)
        near = np.flatnonzero(ranks >= 0)
        ranks[near[self.contradict(leaders[near], members[near])]] = -1
        return ranks

    def _figures_of(self, row: int) -> tuple[int, int]:
        """How many figures a headline has, and a number for them."""
        known = self._figures.get(row)
        if known is None:
            figures = figures_of(headline_words(self._strip(row)))
            known = self._figures[row] = len(figures), self._numbers.setdefault(figures, len(self._numbers))
        return known

    def match(self, kept: Rows) -> TitleMatches:
        """Match of each headline with that of the kept article.

        Parameters
        ----------
        kept : ndarray of int64 of shape (n_articles,)
            Row of the kept article; its own row for an article that is kept, which is matched with nothing.

        Returns
        -------
        TitleMatches
            Equal to :func:`dedup.match.titles.title_match` of each pair.

        Notes
        -----
        About 5 microseconds for a dropped article.
        """
        scores, same = np.full(len(kept), np.nan), np.zeros(len(kept), np.bool_)
        places: dict[bytes, int] = {b"": 0}
        numbers = np.array([places.setdefault(title, len(places)) for title in self._titles], np.int64)
        titled = np.flatnonzero((kept != np.arange(len(kept))) & (numbers > 0) & (numbers[kept] > 0))
        are_equal = numbers[titled] == numbers[kept[titled]]
        equal, rows = titled[are_equal], titled[~are_equal]
        titles = list(places)
        wordless = [number for number in set(numbers[equal].tolist()) if not _has_word(titles[number])]
        equal = equal[~np.isin(numbers[equal], wordless)]
        scores[equal], same[equal] = 1.0, True
        alike = self._group(rows, kept[rows], numbers, titles)
        _, first = np.unique(alike, return_index=True)
        found = np.full(len(first), np.nan), np.zeros(len(first), np.bool_)
        pairs = list(zip(rows[first].tolist(), kept[rows[first]].tolist(), strict=True))
        for place, *headlines in self._likely(pairs):
            match = match_words(*map(self._words_of, headlines))
            if match is not None:
                found[0][place], found[1][place] = match.score, match.kind == "same"
        scores[rows], same[rows] = found[0][alike], found[1][alike]
        return TitleMatches(scores, same)

    def _group(self, rows: Rows, others: Rows, numbers: Rows, titles: Sequence[bytes]) -> Rows:
        """Number of each pair of rows, one for pairs that are told alike: on their outlets only if one may stand there."""
        mine, theirs = numbers[rows], numbers[others]
        has_outlet = np.zeros(len(titles), np.bool_)
        involved = np.unique(np.concatenate([mine, theirs]))
        has_outlet[involved] = [self._slugless_of(titles[number])[1] for number in involved.tolist()]
        asked = np.flatnonzero(has_outlet[mine] | has_outlet[theirs])
        sources, hosts = self._outlets
        voices: dict[tuple[str | None, str | None], int] = {}
        told = [mine, theirs]
        for side in (rows[asked], others[asked]):
            told.append(np.zeros(len(rows), np.int64))
            told[-1][asked] = [
                voices.setdefault((sources[row], hosts[row]), len(voices) + 1) for row in side.tolist()
            ]
        group = np.zeros(len(rows), np.int64)
        for column in told:
            _, group = np.unique(group * (column.max(initial=0) + 1) + column, return_inverse=True)
        return group

    def _likely(self, pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str, str]]:
        """Places and headlines of pairs that may match, by the number of words in both."""
        from dedup.kernels.differing import compare_titles  # noqa: PLC0415 - numba takes 0.3 s

        if not pairs:
            return
        stripped = [(self._strip(one, one, other), self._strip(other, one, other)) for one, other in pairs]
        places: dict[str, int] = {}
        sides = np.array(
            [places.setdefault(title, len(places)) for pair in stripped for title in pair], np.int64
        )
        column = code_column(TextColumn.of([title.encode() for title in places]))
        counts = np.empty((len(pairs), 3), np.int64)
        compare_titles(*column, sides[::2].copy(), sides[1::2].copy(), counts)
        total, _, shared = counts.T
        long = np.diff(column.indptr)[sides].reshape(-1, 2).max(axis=1, initial=0) > TITLE
        likely = long | (rounded(shared, total - shared) >= round(NEAR * SCALE))
        for place in np.flatnonzero(likely).tolist():
            yield place, *stripped[place]

    def _slugless_of(self, title: bytes) -> tuple[str, bool]:
        known = self._slugless.get(title)
        if known is None:
            found = without_slugs(title.decode())
            known = self._slugless[title] = found, may_have_outlet(found)
        return known

    def _words_of(self, headline: str) -> tuple[str, ...]:
        words = self._words.get(headline)
        if words is None:
            words = self._words[headline] = headline_words(headline)
        return words

    def _strip(self, row: int, *known: int) -> str:
        """Headline of a row without the outlets of the rows that are known."""
        found, has_outlet = self._slugless_of(self._titles[row])
        if not has_outlet:
            return found
        outlets = [names[place] for place in known or (row,) for names in self._outlets]
        return strip_affixes(found, outlets, self.affixes)


def _has_word(title: bytes) -> bool:
    return bool(_WORD.search(title) or headline_words(title.decode()))
