"""Pairs of articles that may tell the same story: their terms that count, candidates, and log-odds of the model.

What :mod:`dedup.match.samestory` says of one pair, of many; in a dump, what a term weighs is its rarity there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.kernels import stories as kernels
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

#: Articles that a term may have and still propose them; candidates of an article; the least cosine that they share.
POSTINGS, NEIGHBOURS, LEAST_COSINE = 1000, 40, 0.07
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
        Terms that more than ``POSTINGS`` articles have, which propose nothing.
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
    shares = (np.minimum(bins, n_articles) + PRIOR_TEXTS * prior) / (n_articles + PRIOR_TEXTS)
    evidence = np.clip((-np.log(prior) - NO_EVIDENCE) / (FULL_EVIDENCE - NO_EVIDENCE), 0, 1)
    rarities: Singles = (np.maximum(-np.log(shares), 0) * evidence / SCALE).astype(np.float32)
    return rarities


def choose_terms(table: TermTable, rows: Rows) -> Articles:
    """The heaviest terms of the articles, by their rarity in these very articles."""
    members = _gather(table, rows)
    rarities = rarities_of(members.codes, len(rows))
    room = int(np.minimum(np.diff(members.indptr), TERMS).sum())
    indptr, codes = np.empty(len(rows) + 1, np.int64), np.empty(room, np.uint32)
    marks, weights = np.empty(room, np.uint32), np.empty(room, np.float32)
    kernels.choose_terms(
        members.indptr,
        members.codes,
        members.marks,
        np.arange(len(rows)),
        rarities,
        TERMS,
        indptr,
        codes,
        marks,
        weights,
        np.empty(TERMS),
        np.empty(TERMS, np.int64),
    )
    end = indptr[-1]
    sums = np.empty((len(rows), 7))
    articles = Articles(indptr, codes[:end].copy(), marks[:end].copy(), weights[:end].copy(), sums)
    kernels.sum_terms(*articles)
    return articles


def _gather(table: TermTable, rows: Rows) -> TermTable:
    """Terms of some articles only."""
    if len(rows) == len(table.n_words) and (rows == np.arange(len(rows))).all():
        return table
    counts = np.diff(table.indptr)[rows]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    places = np.arange(indptr[-1]) + np.repeat(table.indptr[rows] - indptr[:-1], counts)
    return TermTable(indptr, table.codes[places], table.marks[places], table.n_words[rows])


def find_candidates(articles: Articles) -> Candidates:
    """Pairs of articles that share much of the weight of their heaviest terms, lower row first, sorted."""
    n_articles = len(articles.indptr) - 1
    owners = np.repeat(np.arange(n_articles, dtype=np.int32), np.diff(articles.indptr))
    counts = (articles.marks & np.uint32(255)).astype(np.float32)
    norms = np.sqrt(articles.sums[:, 0] + 1e-9).astype(np.float32)
    weights = articles.rarities * np.sqrt(counts) / norms[owners]
    order = np.argsort(articles.codes, kind="stable")
    ordered = articles.codes[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    terms = np.cumsum(begins) - 1
    sizes = np.bincount(terms)
    useful = (sizes > 1) & (sizes <= POSTINGS)
    kept = useful[terms]
    posts, post_weights = owners[order][kept], weights[order][kept]
    post_indptr = np.concatenate([[0], np.cumsum(np.where(useful, sizes, 0))]).astype(np.int64)
    numbers = np.empty(len(order), np.int32)
    numbers[order] = terms
    asked = useful[numbers]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners[asked], minlength=n_articles))]).astype(
        np.int64
    )
    found, scores = (
        np.empty((n_articles, NEIGHBOURS), np.int32),
        np.empty((n_articles, NEIGHBOURS), np.float32),
    )
    beyond = kernels.find_neighbours(
        indptr,
        numbers[asked],
        weights[asked],
        post_indptr,
        posts,
        post_weights,
        NEIGHBOURS,
        np.zeros(n_articles, np.float32),
        np.empty(n_articles, np.int32),
        found.reshape(-1),
        scores.reshape(-1),
    )
    ones, others = np.nonzero((found >= 0) & (scores >= LEAST_COSINE))
    others = found[ones, others].astype(np.int64)
    keys = np.unique(np.minimum(ones, others) * n_articles + np.maximum(ones, others))
    n_articles = max(n_articles, 1)
    return Candidates(keys // n_articles, keys % n_articles, int((sizes > POSTINGS).sum()), beyond)


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
