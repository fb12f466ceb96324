"""Verification of many pairs: exact scores, and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.match.relation import Limits, decide_many, is_near, may_abridge, resembles
from dedup.match.similarity import SCALE, Overlaps, continuities, count_pairs, ratios
from dedup.result import Verdicts

if TYPE_CHECKING:
    from dedup.kernels.types import Rows
    from dedup.text.columns import ShingleTable

UNKNOWN = -1


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


def rank_leaders(table: ShingleTable, limits: Limits, leaders: Rows, members: Rows, not_a_copy: int) -> Rows:
    """One number for each pair, higher for the better leader: by resemblance, then containment.

    Pairs whose sizes alone rule a copy out are not counted.
    """
    one, other = table.sizes[leaders], table.sizes[members]
    best = Overlaps(*ratios(np.minimum(one, other), one, other), np.full(len(leaders), SCALE))
    possible = np.flatnonzero(is_near(best, limits))
    scores = score_pairs(table, limits, leaders[possible], members[possible])
    ranks = np.full(len(leaders), not_a_copy, np.int64)
    merits = scores.resemblance * (SCALE + 1) + scores.containment
    ranks[possible] = np.where(is_near(scores, limits), merits, not_a_copy)
    return ranks


def verdicts_on(table: ShingleTable, limits: Limits, lefts: Rows, rights: Rows) -> Verdicts:
    """Verdicts on pairs of rows; the same row twice stands for equal texts."""
    scores = score_pairs(table, limits, lefts, rights)
    relations = decide_many(scores, limits, lefts == rights)
    continuity = np.where(scores.continuity == UNKNOWN, np.nan, scores.continuity / SCALE)
    resemblance, containment, coverage = (values / SCALE for values in scores[:3])
    return Verdicts(relations, resemblance, containment, coverage, continuity)
