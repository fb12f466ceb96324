"""Versions: articles of one page whose text changed; which of them is kept, and what is said of the others.

Clusters are of texts, and versions of one page may stand in several. A version that is not chosen is kept in no cluster:
each cluster keeps one of those that were chosen. So an article stands for what is kept of the cluster of the version that was
chosen of its page; that is its own cluster, or it is dropped for the page alone. See ``docs/decisions/0029-canonical-urls.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from dedup.canonical import Traits, rank_ids
from dedup.errors import ParameterError
from dedup.pair import RELATIONS
from dedup.result import Superseded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Table64
    from dedup.result import Partition, Verdicts

Versions = Literal["all", "latest", "first"]
VERSIONS: tuple[Versions, ...] = get_args(Versions)

_NEAR, _TEMPLATE = RELATIONS.index("near"), RELATIONS.index("template")


def check_versions(versions: str) -> None:
    """Refuse what is no rule."""
    if versions not in VERSIONS:
        raise ParameterError(f"versions is {versions!r}; it is one of {', '.join(VERSIONS)}")


def choose_versions(pages: Table64, traits: Traits, text_hashes: Hashes, versions: Versions) -> Rows | None:
    """Row of the version that is chosen of the page of each article.

    Parameters
    ----------
    pages : ndarray of uint64 of shape (n_articles, 2)
        Key of the page of each article; zeros for none.
    traits : Traits
        Of each article: when it was published, and its id.
    text_hashes : ndarray of uint64 of shape (n_articles,)
        Hash of each normalised text.
    versions : {"all", "latest", "first"}
        By the date of publication. Where there are dated ones, one of these; of undated ones the last, or the first, of the input.
        Ties: the smaller hash, then the smaller id.

    Returns
    -------
    ndarray of int64 of shape (n_articles,), or None
        None where all are kept.

    Examples
    --------
    >>> pages = np.array([[1, 1], [0, 0], [1, 1]], np.uint64)
    >>> traits = Traits(np.arange(3), np.array([5.0, 1.0, 9.0]), np.zeros(3, np.int64), ["a", "b", "c"])
    >>> choose_versions(pages, traits, np.arange(3), "latest").tolist()
    [2, 1, 2]
    """
    if versions == "all":
        return None
    chosen = np.arange(len(pages))
    rows = _with_others(pages)
    if not len(rows):
        return chosen
    _, page = np.unique(pages[rows], axis=0, return_inverse=True)
    published = traits.published[rows]
    undated = np.isnan(published)
    moment = np.where(undated, rows, published)
    ids = rank_ids([traits.ids[row] for row in rows.tolist()])
    order = np.lexsort(
        (ids, text_hashes[rows], moment if versions == "first" else -moment, undated, page.ravel())
    )
    ordered = page.ravel()[order]
    heads = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    chosen[rows[order]] = rows[order[heads]][np.cumsum(heads) - 1]
    return chosen


def _with_others(pages: Table64) -> Rows:
    """Rows of pages that may have several articles: half of each key is looked at."""
    _, inverse, counts = np.unique(pages[:, 0], return_inverse=True, return_counts=True)
    return np.flatnonzero((counts[inverse] > 1) & pages.any(axis=1))


def supersede(
    chosen: Rows | None,
    kept: Rows,
    judge: Callable[[Rows, Rows], Verdicts],
    refuse: Callable[[Rows, Rows], NDArray[np.bool_]],
) -> Superseded | None:
    """Say which articles are dropped for their page alone, and what they are to the article that is kept.

    Parameters
    ----------
    chosen : ndarray of int64 of shape (n_articles,), or None
        As :func:`choose_versions` gives it.
    kept : ndarray of int64 of shape (n_articles,)
        Row that is kept of the cluster of each.
    judge : callable
        Verdict on each of some rows against another.
    refuse : callable
        Which pairs of kept rows and rows that are near are of one template.
    """
    if chosen is None:
        return None
    rows = np.flatnonzero(kept[chosen] != kept)
    others = kept[chosen[rows]]
    verdicts = judge(rows, others)
    near = np.flatnonzero(verdicts.relations == _NEAR)
    verdicts.relations[near[refuse(others[near], rows[near])]] = _TEMPLATE
    return Superseded(chosen, rows, verdicts)


def settle_versions(partition: Partition, pages: Table64) -> Partition:
    """Partition in which what was superseded is dropped, and which says of the dropped whether they are versions.

    Parameters
    ----------
    partition : Partition
        In which each cluster of texts keeps one.
    pages : ndarray of uint64 of shape (n_articles, 2)
        Key of the page of each; without rows if nobody asked.
    """
    if not len(pages):
        return partition
    kept, found = partition.kept, partition.superseded
    stands = np.arange(len(kept)) if found is None else found.chosen
    if found is not None:
        partition = partition.without(found)
    pairs = (pages == pages[partition.kept]).all(axis=1) & pages.any(axis=1)
    changed = pairs & (partition.groups != partition.groups[partition.kept])
    changed |= partition.groups != partition.groups[stands]
    return partition._replace(versions=changed)
