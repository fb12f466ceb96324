"""The nearest articles of each by an inverted index over weighed terms: sparse, exact but for terms that are too frequent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.kernels import stories as kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.kernels.types import Offsets, Rows, Rows32, Singles

#: Articles that a term may have and still propose them.
POSTINGS = 1000


class Postings(NamedTuple):
    """Terms of articles, numbered from 0, with weights whose squares sum to 1 in each article.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_articles + 1,)
        Where each article's terms begin.
    terms : ndarray of int32 of shape (nnz,)
        Numbers of the terms.
    weights : ndarray of float32 of shape (nnz,)
        Of the terms.
    """

    indptr: Offsets
    terms: Rows32
    weights: Singles

    @classmethod
    def of(cls, indptr: Offsets, codes: NDArray[np.integer], weights: Singles) -> Postings:
        """Number the codes, and make the weights of an article one unit long."""
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
        terms = np.empty(len(codes), np.int32)
        terms[order] = np.cumsum(begins, dtype=np.int32) - np.int32(1)
        owners = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        lengths = np.sqrt(np.bincount(owners, weights.astype(np.float64) ** 2, len(indptr) - 1))
        return cls(indptr, terms, (weights / np.maximum(lengths, 1e-9)[owners]).astype(np.float32))


class Neighbours(NamedTuple):
    """The nearest articles of each, the best first.

    Attributes
    ----------
    rows : ndarray of int32 of shape (n_articles, most)
        Rows, -1 where there are fewer; ties to the lower row.
    cosines : ndarray of float32 of shape (n_articles, most)
        Of the terms that propose; 0 where there are fewer.
    frequent : int
        Terms that more than ``POSTINGS`` articles have, which propose nothing.
    beyond : int
        Articles that were met beyond the ``most`` best of one.
    """

    rows: Rows32
    cosines: Singles
    frequent: int
    beyond: int

    def pairs(self, least: float) -> tuple[Rows, Rows]:
        """Pairs with such a cosine at least, the lower row first, sorted and unique."""
        ones, places = np.nonzero((self.rows >= 0) & (self.cosines >= least))
        others, n_articles = self.rows[ones, places].astype(np.int64), max(len(self.rows), 1)
        keys = np.unique(np.minimum(ones, others) * n_articles + np.maximum(ones, others))
        return keys // n_articles, keys % n_articles


def nearest(postings: Postings, most: int) -> Neighbours:
    """Find the nearest articles of each.

    Parameters
    ----------
    postings : Postings
        Of the articles.
    most : int
        How many of each are kept.

    Returns
    -------
    Neighbours

    Notes
    -----
    Linear in the number of articles: each of an article's terms proposes ``POSTINGS`` of them at most.
    """
    indptr, terms, weights = postings
    n_articles = len(indptr) - 1
    owners = np.repeat(np.arange(n_articles, dtype=np.int32), np.diff(indptr))
    sizes = np.bincount(terms)
    useful = (sizes > 1) & (sizes <= POSTINGS)
    asked = useful[terms]
    owners, terms, weights = owners[asked], terms[asked], weights[asked]
    order = np.argsort(terms, kind="stable")
    rows, cosines = np.empty((n_articles, most), np.int32), np.empty((n_articles, most), np.float32)
    beyond = kernels.find_neighbours(
        _ends(np.bincount(owners, minlength=n_articles)),
        terms,
        weights,
        _ends(np.where(useful, sizes, 0)),
        owners[order],
        weights[order],
        most,
        np.zeros(n_articles, np.float32),
        np.empty(n_articles, np.int32),
        rows.reshape(-1),
        cosines.reshape(-1),
    )
    return Neighbours(rows, cosines, int((sizes > POSTINGS).sum()), beyond)


def _ends(counts: Rows) -> Offsets:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
