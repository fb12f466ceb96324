"""Headlines of a run: those of many articles, stripped, compared, and refused where they contradict each other.

Equal titles are told without a look, and a kernel counts the words of the others; what it proposes is decided as for
one pair (:func:`dedup.match.titles.match_words`).
"""

from __future__ import annotations

import string
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.match.affixes import OUTLET_BYTES
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
from dedup.text.categories import Categories, distinct, number_together
from dedup.text.columns import TextColumn, code_column
from dedup.text.strings import ByteStrings, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows
    from dedup.match.suffixes import Affixes
    from dedup.match.verification import Verifier

#: Bytes of which a title that has one certainly has a word; others are looked at closer.
_WORD = (string.digits + string.ascii_letters).encode()
#: Titles of which it is remembered what was found: about 400 bytes each; and headlines whose words are: 1 kB.
_TITLES, _HEADLINES = 1 << 17, 1 << 15


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
        for span in spans_of(len(rows)):
            mine = rows[span]
            for row, title in zip(mine.tolist(), self._titles.take(mine), strict=True):
                yield self._strip(title, row).encode()

    def columns(self) -> Iterator[TextColumn]:
        """All of them, a few at a time; at least one column."""
        yield from (
            TextColumn.of(list(self.read(np.arange(span.start, span.stop))))
            for span in spans_of(len(self)) or [slice(0, 0)]
        )

    def contradict(self, lefts: Rows, rights: Rows) -> NDArray[np.bool_]:
        """Which pairs of rows that resemble are of different headlines all the same."""
        if len(self._figures) >= _TITLES:
            self._figures.clear()
            self._numbers.clear()
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
                    words[row] = headline_words(self._strip(self._titles[row], row))
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
            figures = figures_of(headline_words(self._strip(self._titles[row], row)))
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
        titles, firsts = self._titles, self._titles.first_rows()
        is_titled = titles.lengths > 0
        titled = np.flatnonzero((kept != np.arange(len(kept))) & is_titled & is_titled[kept])
        are_equal = firsts[titled] == firsts[kept[titled]]
        equal, rows = titled[are_equal], titled[~are_equal]
        equal = equal[self._have_word(firsts[equal])]
        scores[equal], same[equal] = 1.0, True
        alike = self._group(rows, kept[rows], firsts)
        _, first = np.unique(alike, return_index=True)
        found = np.full(len(first), np.nan), np.zeros(len(first), np.bool_)
        for span in spans_of(len(first)):
            asked = rows[first[span]]
            for place, *headlines in self._likely(asked, kept[asked]):
                match = match_words(*map(self._words_of, headlines))
                if match is not None:
                    at = span.start + place
                    found[0][at], found[1][at] = match.score, match.kind == "same"
        scores[rows], same[rows] = found[0][alike], found[1][alike]
        return TitleMatches(scores, same)

    def _have_word(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether the titles of these rows, of which many are the same, have a word."""
        have = self._titles.have_any(_WORD)
        doubtful = distinct(rows[~have[rows]])
        for span in spans_of(len(doubtful)):
            mine = doubtful[span]
            have[mine] = [bool(headline_words(title.decode())) for title in self._titles.take(mine)]
        return have[rows]

    def _group(self, rows: Rows, others: Rows, firsts: Rows) -> Rows:
        """Number of each pair of rows, one for pairs that are told alike: on their outlets only if one may stand there."""
        mine, theirs = firsts[rows], firsts[others]
        has_outlet = self._have_outlet(distinct(np.concatenate([mine, theirs])))
        asked = np.flatnonzero(has_outlet[mine] | has_outlet[theirs])
        sources, hosts = self._outlets
        voices = (sources.codes + np.int64(1)) * (len(hosts.names) + 1) + hosts.codes + 1
        told = [mine, theirs]
        for side in (rows[asked], others[asked]):
            told.append(np.full(len(rows), -1))
            told[-1][asked] = voices[side]
        return number_together(*told)

    def _have_outlet(self, rows: Rows) -> NDArray[np.bool_]:
        """In whose title an outlet may stand: of all rows, but true of these alone."""
        has_outlet = np.zeros(len(self), np.bool_)
        marked = rows[self._titles.have_any(OUTLET_BYTES)[rows]]
        for span in spans_of(len(marked)):
            titles = self._titles.take(marked[span])
            has_outlet[marked[span]] = [self._slugless_of(title)[1] for title in titles]
        return has_outlet

    def _likely(self, lefts: Rows, rights: Rows) -> Iterator[tuple[int, str, str]]:
        """Places and headlines of pairs that may match, by the number of words in both."""
        from dedup.kernels.differing import compare_titles  # noqa: PLC0415 - numba takes 0.3 s

        titles = zip(self._titles.take(lefts), self._titles.take(rights), strict=True)
        pairs = zip(lefts.tolist(), rights.tolist(), strict=True)
        stripped = [
            (self._strip(title, *pair), self._strip(other, *pair))
            for (title, other), pair in zip(titles, pairs, strict=True)
        ]
        places: dict[str, int] = {}
        sides = np.array(
            [places.setdefault(title, len(places)) for pair in stripped for title in pair], np.int64
        )
        column = code_column(TextColumn.of([title.encode() for title in places]))
        counts = np.empty((len(stripped), 3), np.int64)
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
            known = found, may_have_outlet(found)
            _remember(self._slugless, title, known, _TITLES)
        return known

    def _words_of(self, headline: str) -> tuple[str, ...]:
        words = self._words.get(headline)
        if words is None:
            words = headline_words(headline)
            _remember(self._words, headline, words, _HEADLINES)
        return words

    def _strip(self, title: bytes, *rows: int) -> str:
        """Headline without the outlets of these rows."""
        found, has_outlet = self._slugless_of(title)
        if not has_outlet:
            return found
        return strip_affixes(found, [names[row] for row in rows for names in self._outlets], self.affixes)


def _remember(known: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Remember what may be asked again soon; of a dump of millions not all is held."""
    if len(known) >= most:
        known.clear()
    known[key] = value
