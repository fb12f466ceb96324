"""Repeating headlines: which articles of a dump have the same headline, or nearly.

Equal headlines collapse first. The wordings are walked like the texts of a run, the commonest first: each joins the
leader that it resembles most and does not contradict, or leads. So nothing is chained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.answers import refuse_none
from dedup.clustering import RATIOS, Agreement, assign
from dedup.index.words import group_by_rare_words
from dedup.match.exact import group_equal
from dedup.match.similarity import SCALE
from dedup.match.titles import LEAST_WORDS, LIMITS, NEAR, WIDTH
from dedup.match.verification import Verifier
from dedup.text.columns import ShingleTable, shingle_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows
    from dedup.match.headings import Headings
    from dedup.text.columns import ShingledBatch
    from dedup.workers import Workers

#: Resemblance that is rounded to :data:`dedup.match.titles.NEAR`, just.
_LEAST = NEAR - 0.5 / SCALE


class Repeats(NamedTuple):
    """To which headline each article belongs.

    Attributes
    ----------
    groups : ndarray of int64 of shape (n_articles,)
        First row with the same headline.
    leaders : ndarray of int64 of shape (n_articles,)
        The same of the headline that it was verified against; its own, where it leads, or has no word.
    scores : ndarray of float64 of shape (n_articles,)
        Resemblance to the leader, rounded to 4 decimals.
    n_words : ndarray of int64 of shape (n_articles,)
        Words of each headline.
    hashes : ndarray of uint64 of shape (n_articles,)
        Of the words of each headline.
    walks_cut : int
        Headlines that met more leaders than were walked.
    """

    groups: Rows
    leaders: Rows
    scores: NDArray[np.float64]
    n_words: Rows
    hashes: NDArray[np.uint64]
    walks_cut: int


def find_repeats(
    headings: Headings, published: NDArray[np.float64], workers: Workers, *, near: bool, walk: int
) -> Repeats:
    """Group the headlines of a dump.

    Parameters
    ----------
    headings : Headings
        Of all articles.
    published : ndarray of float64 of shape (n_articles,)
        Epoch seconds, NaN for undated.
    workers : Workers
        Threads.
    near : bool
        Whether headlines in nearly the same words belong together, or only those in the same.
    walk : int
        Most leaders that one headline is compared with, those that share its rarest words first.

    Notes
    -----
    Linear for a given `walk`. About 20 microseconds and 300 bytes for a headline.
    """
    table = _shingle(headings, workers)
    groups = group_equal(table, headings.read)
    leaders, cut = groups.copy(), 0
    scores = np.ones(len(groups))
    if near:
        order = order_headlines(groups, table, published)
        verifier = Verifier(table, LIMITS, workers)
        found = assign(
            group_by_rare_words(table, order, _LEAST, LEAST_WORDS),
            np.zeros((len(order), 1), np.uint8),
            table.sizes[order],
            _BY_SIZE,
            lambda lefts, rights: headings.rank(verifier, order[lefts], order[rights]),
            refuse_none,
            walk,
        )
        leader_of = np.arange(len(groups))
        leader_of[order] = order[found.leaders]
        leaders, cut = leader_of[groups], int(found.cut.sum())
        joined = np.flatnonzero(leaders != groups)
        scores[joined] = verifier.verdicts(leaders[joined], groups[joined]).resemblance
    return Repeats(groups, leaders, scores, table.n_words, table.text_hashes, cut)


def order_headlines(groups: Rows, table: ShingleTable, published: NDArray[np.float64]) -> Rows:
    """Distinct headlines in the order in which they may lead: that of most articles first, then the earliest.

    Then the longest, then by content: the order does not depend on that of the input.

    Returns
    -------
    ndarray of int64 of shape (n_headlines,)
        Rows of those that have a word.
    """
    counts = np.bincount(groups, minlength=len(groups))
    earliest = np.full(len(groups), np.inf)
    np.minimum.at(earliest, groups, np.where(np.isnan(published), np.inf, published))
    rows = np.flatnonzero((groups == np.arange(len(groups))) & (table.n_words > 0))
    keys = table.text_hashes[rows], -table.n_words[rows], earliest[rows], -counts[rows]
    return rows[np.lexsort(keys)]


def _shingle(headings: Headings, workers: Workers) -> ShingleTable:
    """Words of all headlines."""
    parts: Sequence[ShingledBatch] = list(
        workers.map_in_order(lambda column: shingle_column(column, WIDTH), headings.columns())
    )
    hashes, counts, n_words, text_hashes = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("hashes", "counts", "n_words", "text_hashes")
    )
    return ShingleTable(np.concatenate([[0], np.cumsum(counts)]), hashes, n_words, text_hashes)


def _by_size() -> Agreement:
    """No signatures: a pair is worth verifying where its sizes let it resemble enough."""
    ratios = (np.arange(RATIOS + 1) + 1) / RATIOS
    return Agreement(np.where(ratios < _LEAST, 2, 0), 2)


_BY_SIZE = _by_size()
