"""Average link over a sparse graph: groups that hold together as a whole, never by a chain of neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.kernels.types import Dates, Rows

#: Best neighbours of an article that tell how crowded it is there, and how much that counts.
CROWD, CROWDING = 10, 0.9


def uncrowd(lefts: Rows, rights: Rows, scores: Dates, n_articles: int, least: float) -> Dates:
    """Scores less what both articles' best neighbours have on average.

    Where many articles are near, being near says less: two incidents of a series are as near as two reports of a lone event
    (Conneau et al., Word translation without parallel data, 2018, call it cross-domain similarity local scaling).
    """
    ends, values = np.concatenate([lefts, rights]), np.concatenate([scores, scores])
    order = np.lexsort((-values, ends))
    ends, values = ends[order], values[order]
    rank = np.arange(len(ends)) - np.searchsorted(ends, ends)
    best = rank < CROWD
    totals = np.bincount(ends[best], np.maximum(values[best], least), n_articles).astype(np.float64)
    totals += least * (CROWD - np.bincount(ends[best], minlength=n_articles))
    crowds = np.maximum(totals / CROWD, 0)
    return scores - CROWDING * (crowds[lefts] + crowds[rights]) / 2


def agglomerate(
    lefts: Rows, rights: Rows, weights: Dates, n_articles: int, threshold: float, degree: int
) -> Rows:
    """Average link: groups whose pairs weigh as much as the threshold on average are joined, the heaviest first.

    Parameters
    ----------
    lefts, rights : ndarray of int64
        Pairs, the lower row first.
    weights : ndarray of float64
        Of each pair, 0 or more; a pair that is not there weighs 0.
    n_articles : int
        Number of rows.
    threshold : float
        Average that joins, above 0.
    degree : int
        Pairs that an article has at most, or about.

    Returns
    -------
    ndarray of int64 of shape (n_articles,)
        Lowest row of each row's group.

    Notes
    -----
    Each round joins all groups that are each other's best neighbours, which gives the same tree as one at a time
    (average link is reducible; Müllner, Modern hierarchical, agglomerative clustering algorithms, 2011). Ties go to the lower row. An article has links
    to ``degree`` others: between large groups more pairs than those can't weigh anything, and don't count.
    """
    labels, sizes = np.arange(n_articles), np.ones(n_articles)
    while len(lefts):
        small, large = np.minimum(sizes[lefts], sizes[rights]), np.maximum(sizes[lefts], sizes[rights])
        averages = np.round(weights / (small * np.minimum(large, degree)), 9)
        heavy = averages >= threshold
        target = join_mutual(lefts, rights, averages, n_articles, heavy)
        moved = np.flatnonzero(target != np.arange(n_articles))
        if not len(moved):
            break
        labels = target[labels]
        sizes[target[moved]] += sizes[moved]
        lefts, rights, weights = _merge(target[lefts], target[rights], weights, n_articles)
    return labels


def join_mutual(
    lefts: Rows, rights: Rows, weights: Dates, n_rows: int, joins: NDArray[np.bool_] | None = None
) -> Rows:
    """For each row itself, or the lower row of the pair if each is the other's best; ties go to the lower row.

    Of pairs where `joins` is false only the weights count.
    """
    target = np.arange(n_rows)
    if not len(lefts):
        return target
    ends, others = np.concatenate([lefts, rights]), np.concatenate([rights, lefts])
    values = np.concatenate([weights, weights])
    order = np.lexsort((others, -values, ends))
    order = order[np.concatenate([[True], ends[order][1:] != ends[order][:-1]])]
    best = np.full(n_rows, -1)
    best[ends[order]] = others[order]
    allowed = np.ones(len(lefts), np.bool_) if joins is None else joins
    mutual = allowed & (best[lefts] == rights) & (best[rights] == lefts)
    target[rights[mutual]] = lefts[mutual]
    return target


def _merge(lefts: Rows, rights: Rows, weights: Dates, n_articles: int) -> tuple[Rows, Rows, Dates]:
    """Sum the weights of the same two groups; within a group there is nothing to say any more."""
    apart = lefts != rights
    lefts, rights = np.minimum(lefts, rights)[apart], np.maximum(lefts, rights)[apart]
    keys, places = np.unique(lefts * n_articles + rights, return_inverse=True)
    sums = np.bincount(places, weights[apart], len(keys)).astype(np.float64)
    return (keys // n_articles).astype(np.int64), (keys % n_articles).astype(np.int64), sums


def most_central(labels: Rows, lefts: Rows, rights: Rows, weights: Dates) -> Rows:
    """For each row the one of its group with the highest sum of weights; ties to the lower."""
    inside = labels[lefts] == labels[rights]
    values = weights[inside]
    totals = np.bincount(lefts[inside], values, len(labels)) + np.bincount(
        rights[inside], values, len(labels)
    )
    order = np.lexsort((np.arange(len(labels)), -np.round(totals, 6), labels))
    first = np.concatenate([[True], labels[order][1:] != labels[order][:-1]])[: len(order)]
    central = np.empty(len(labels), np.int64)
    central[labels[order[first]]] = order[first]
    return central[labels]
