"""Verification of many pairs: exact scores, and what they decide."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from dedup.mapped import map_of
from dedup.match.leaving_out import take_texts
from dedup.match.relation import Limits, decide_many, is_near, may_abridge, resembles
from dedup.match.similarity import SCALE, Overlaps, continuities, count_pairs, intactnesses, ratios
from dedup.result import Verdicts
from dedup.text.columns import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.kernels.types import Rows
    from dedup.text.columns import ShingleTable
    from dedup.workers import Workers

UNKNOWN = -1
#: Pairs that are worth a thread of their own.
_PAIRS_PER_THREAD = 1024
#: Shingles of the pairs whose rows are in memory at once, where the others are not.
_SHINGLES_AT_ONCE = 1 << 21


class Measure(Protocol):
    """Measures pairs of rows of a table."""

    def __call__(self, table: ShingleTable, *, lefts: Rows, rights: Rows) -> Iterable[Rows]:
        """Several values of each pair."""


def score_pairs(table: ShingleTable, limits: Limits, lefts: Rows, rights: Rows) -> Overlaps:
    """Scores of pairs of rows; continuity only where it decides, else ``UNKNOWN``.

    Parameters
    ----------
    table : ShingleTable
        Shingles of the texts.
    limits : Limits
        They say which pairs continuity decides.
    lefts, rights : ndarray of int64 of shape (n_pairs,)
        Rows of each pair; pairs with one left row stand together.

    Returns
    -------
    Overlaps
        Arrays of shape (n_pairs,), in ten-thousandths.

    Notes
    -----
    About a microsecond for a pair of news articles.
    """
    one, other = table.sizes[lefts], table.sizes[rights]
    scores = Overlaps(*ratios(count_pairs(table, lefts, rights), one, other), np.full(len(lefts), UNKNOWN))
    undecided = np.flatnonzero(may_abridge(scores, limits) & ~resembles(scores, limits))
    scores.continuity[undecided] = continuities(table, lefts[undecided], rights[undecided])
    return scores


class Verifier:
    """Scores pairs of texts exactly and says what they decide; copies are remembered, and not scored again.

    Parameters
    ----------
    table : ShingleTable
        Shingles of the texts.
    limits : Limits
        From where on a pair is a copy.
    workers : Workers
        Threads that share the work.
    """

    def __init__(self, table: ShingleTable, limits: Limits, workers: Workers) -> None:
        self._table = table
        self._limits = limits
        self._workers = workers
        # Keys of copies, ascending or not, and their scores; the first is the key of no pair.
        self._known: list[tuple[Rows, ...]] = [(np.full(1, -1),) * 5]

    def rank(self, leaders: Rows, members: Rows) -> Rows:
        """One number for each pair, higher for the better leader: by containment, then resemblance.

        Parameters
        ----------
        leaders, members : ndarray of int64 of shape (n_pairs,)
            Rows of each pair; pairs with one leader stand together.

        Returns
        -------
        ndarray of int64 of shape (n_pairs,)
            Below 0 for a pair that is no copy.
        """
        # Where the sizes alone rule a copy out nothing is counted.
        one, other = self._table.sizes[leaders], self._table.sizes[members]
        best = Overlaps(*ratios(np.minimum(one, other), one, other), np.full(len(leaders), SCALE))
        possible = np.flatnonzero(is_near(best, self._limits))
        scores = self._score(leaders[possible], members[possible])
        near = is_near(scores, self._limits)
        copies = possible[near]
        scores = Overlaps(*(values[near] for values in scores))
        self._known.append((self._keys(leaders[copies], members[copies]), *scores))
        ranks = np.full(len(leaders), -1, np.int64)
        ranks[copies] = scores.containment * (SCALE + 1) + scores.resemblance
        return ranks

    def verdicts(self, lefts: Rows, rights: Rows, *, passage: bool = False) -> Verdicts:
        """Verdicts on pairs of rows; the same row twice stands for equal texts; `passage`: all pairs share one."""
        keys, places = np.unique(self._keys(lefts, rights), return_inverse=True)
        scores = self._recall(keys)
        one, other = np.divmod(keys, len(self._table.n_words))
        relations = decide_many(scores, self._limits, one == other, passage=passage)
        continuity = np.where(scores.continuity == UNKNOWN, np.nan, scores.continuity / SCALE)
        resemblance, containment, coverage = (values / SCALE for values in scores[:3])
        return Verdicts(
            relations[places],
            resemblance[places],
            containment[places],
            coverage[places],
            continuity[places],
        )

    def _recall(self, keys: Rows) -> Overlaps:
        """Scores of ascending keys, remembered or counted now."""
        known_keys, *known = (np.concatenate(columns) for columns in zip(*self._known, strict=True))
        order = np.argsort(known_keys)
        places = order[np.searchsorted(known_keys, keys, sorter=order).clip(max=len(order) - 1)]
        absent = np.flatnonzero(known_keys[places] != keys)
        counted = self._score(*np.divmod(keys[absent], len(self._table.n_words)))
        scores = Overlaps(*(column[places] for column in known))
        for column, values in zip(scores, counted, strict=True):
            column[absent] = values
        return scores

    def _score(self, lefts: Rows, rights: Rows) -> Overlaps:
        """Scores of pairs, on all threads."""
        return Overlaps(*self._measure(partial(score_pairs, limits=self._limits), lefts, rights))

    def intactness(self, lefts: Rows, rights: Rows) -> tuple[Rows, Rows]:
        """Containment and intactness of pairs: :func:`dedup.match.similarity.intactnesses`."""
        contained, intact = self._measure(intactnesses, lefts, rights)
        return contained, intact

    def _measure(self, measure: Measure, lefts: Rows, rights: Rows) -> list[Rows]:
        """What is measured of pairs, on all threads; where the table is a file, the rows of some pairs at a time are in memory."""
        in_file = map_of(self._table.hashes) is not None

        def work(span: slice) -> Iterable[Rows]:
            if not in_file:
                return measure(self._table, lefts=lefts[span], rights=rights[span])
            rows, places = np.unique(np.concatenate([lefts[span], rights[span]]), return_inverse=True)
            one, other = np.split(places, 2)
            return measure(take_texts(self._table, rows), lefts=one, rights=other)

        spans = self._workers.spans(len(lefts), _PAIRS_PER_THREAD)
        if in_file:
            spans = list(spans_of(self._table.sizes[lefts] + self._table.sizes[rights], _SHINGLES_AT_ONCE))
        parts = [*self._workers.map_in_order(work, spans or [slice(0)])]
        return [np.concatenate(columns) for columns in zip(*parts, strict=True)]

    def _keys(self, lefts: Rows, rights: Rows) -> Rows:
        return lefts * len(self._table.n_words) + rights
