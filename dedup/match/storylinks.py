"""Pairs of articles that may tell the same story: their terms that count, candidates, and log-odds of the model.

What :mod:`dedup.match.samestory` says of one pair, of many; in a dump, what a term weighs is its rarity there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.kernels import stories as kernels
from dedup.match.nearest import Postings, nearest
from dedup.match.samestory import (
    BINS,
    DAY,
    FEATURES,
    FULL_EVIDENCE,
    NO_EVIDENCE,
    PRIOR_TEXTS,
    SCALE,
    TERMS,
    UNKNOWN,
    load_model,
    shipped_prior,
)
from dedup.match.storyterms import TermTable

if TYPE_CHECKING:
    from dedup.kernels.types import Codes, Dates, Offsets, Rows, Singles, Table64F

#: Candidates of an article; the least cosine that they share.
NEIGHBOURS, LEAST_COSINE = 40, 0.07
_BLOCK = 1 << 16  # pairs measured at once


class Articles(NamedTuple):
    """The terms that count of the articles to group, sorted by code in each; ``sums`` is for the pairs."""

    indptr: Offsets
    codes: Codes
    marks: Codes
    rarities: Singles
    sums: Table64F


class Candidates(NamedTuple):
    """Pairs that share much, and what was left out.

    Attributes
    ----------
    lefts, rights : ndarray of int64
        Rows of each pair, the lower first; sorted and unique.
    frequent : int
        Terms that too many articles have, which propose nothing.
    beyond : int
        Articles met beyond the ``NEIGHBOURS`` best of one.
    """

    lefts: Rows
    rights: Rows
    frequent: int
    beyond: int


def order_by_content(table: TermTable, published: Dates, rows: Rows) -> Rows:
    """Order of rows by date, then by a hash of their terms: no tie is decided by where an article stood."""
    hashes = np.empty(len(rows), np.uint64)
    kernels.hash_articles(table.indptr, table.codes, table.marks, rows, hashes)
    return np.lexsort((hashes, np.nan_to_num(published[rows], nan=np.inf)))


def rarities_of(codes: Codes, n_articles: int) -> Singles:
    """Rarity of each bin of terms in a dump, mixed with the shipped prior."""
    bins = np.zeros(BINS, np.uint32)
    kernels.count_articles(codes, bins)
    prior = np.full(BINS, UNKNOWN)
    shipped = shipped_prior()
    prior[np.fromiter(shipped, np.int64, len(shipped))] = np.fromiter(shipped.values(), float, len(shipped))
    found = np.flatnonzero(bins)  # a dump fills few of the bins, and logarithms take time
    prior = prior[found]
    shares = (np.minimum(bins[found], n_articles) + PRIOR_TEXTS * prior) / (n_articles + PRIOR_TEXTS)
    evidence = np.clip((-np.log(prior) - NO_EVIDENCE) / (FULL_EVIDENCE - NO_EVIDENCE), 0, 1)
    rarities = np.zeros(BINS, np.float32)
    rarities[found] = np.maximum(-np.log(shares), 0) * evidence / SCALE
    return rarities


def choose_terms(table: TermTable, rows: Rows) -> Articles:
    """The heaviest terms of the articles, by their rarity in these very articles and in the prior."""
    members = gather(table, rows)
    terms = heaviest(members, rarities_of(members.codes, len(rows)))
    articles = Articles(*terms, np.empty((len(rows), 7)))
    kernels.sum_terms(*articles)
    return articles


def heaviest(table: TermTable, rarities: Singles) -> tuple[Offsets, Codes, Codes, Singles]:
    """Where each article's ``TERMS`` heaviest terms begin, their codes in order, marks and rarities."""
    n_articles = len(table.n_words)
    room = int(np.minimum(np.diff(table.indptr), TERMS).sum())
    indptr, codes = np.empty(n_articles + 1, np.int64), np.empty(room, np.uint32)
    marks, weights = np.empty(room, np.uint32), np.empty(room, np.float32)
    chosen = np.empty(TERMS), np.empty(TERMS, np.int64)
    kernels.choose_terms(*table[:3], rarities, TERMS, indptr, codes, marks, weights, *chosen)
    end = indptr[-1]
    return indptr, codes[:end].copy(), marks[:end].copy(), weights[:end].copy()


def gather(table: TermTable, rows: Rows) -> TermTable:
    """Terms of some articles only."""
    if len(rows) == len(table.n_words) and (rows == np.arange(len(rows))).all():
        return table
    counts = np.diff(table.indptr)[rows]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    places = np.arange(indptr[-1]) + np.repeat(table.indptr[rows] - indptr[:-1], counts)
    return TermTable(indptr, table.codes[places], table.marks[places], table.n_words[rows])


def find_candidates(articles: Articles) -> Candidates:
    """Pairs of articles that share much of the weight of their heaviest terms."""
    weights = articles.rarities * np.sqrt(articles.marks & np.uint32(255)).astype(np.float32)
    found = nearest(Postings.of(articles.indptr, articles.codes, weights), NEIGHBOURS)
    return Candidates(*found.pairs(LEAST_COSINE), found.frequent, found.beyond)


def pair_features(articles: Articles, published: Dates, lefts: Rows, rights: Rows) -> Table64F:
    """Features of pairs of rows in the order of :data:`dedup.match.samestory.FEATURES`."""
    features = np.zeros((len(lefts), len(FEATURES)))
    kernels.compare_terms(*articles, lefts, rights, features)
    days = np.abs(published[lefts] - published[rights]) / DAY
    dated = ~np.isnan(days)
    features[dated, -4] = 1
    features[dated, -3] = np.log1p(days[dated])
    features[dated, -2] = np.exp(-days[dated] / 7)
    features[dated, -1] = np.exp(-days[dated] / 30)
    return features


def score_pairs(articles: Articles, published: Dates, lefts: Rows, rights: Rows) -> Dates:
    """Log-odds of the model for each pair, rounded to 4 decimals."""
    weights, intercept = load_model()
    scores = np.empty(len(lefts))
    for begin in range(0, len(lefts), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        scores[block] = pair_features(articles, published, lefts[block], rights[block]) @ np.array(weights)
    return np.round(scores + intercept, 4)
