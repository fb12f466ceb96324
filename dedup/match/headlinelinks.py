"""Stories of headlines and other short texts, which share few words or none with the next report of their event.

Each text is smoothed with its nearest neighbours, so that two that share no word may share a neighbour; average link
over the smoothed texts makes groups, and a mixture model puts each text into the group that explains it best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.agglomeration import join_mutual
from dedup.kernels import mixture
from dedup.kernels import stories as kernels
from dedup.match.nearest import Neighbours, Postings, nearest
from dedup.match.samestory import BINS
from dedup.match.storylinks import NEIGHBOURS, gather, heaviest

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from dedup.kernels.types import Codes, Dates, Hashes, Rows, Rows32, Singles
    from dedup.match.storyterms import TermTable

#: Neighbours that smooth a text, and the least cosine of one; terms of a smoothed text.
SMOOTHED_BY, LEAST_SMOOTHING, SMOOTHED = 10, 0.1, 40
#: Strength of the mixture's prior while texts move, as a multiple of that which explains the texts best; sweeps over the
#: texts, rounds of merging.
STRENGTH, SWEEPS, ROUNDS = 11.0, 20, 30
_STRENGTHS = np.geomspace(8, 2000, 25)
_BLOCK = 1 << 14  # pairs of stories compared at once
_JUDGED = 20_000  # texts that judge a strength, about
_HALF_LIFE = 30 * 86_400.0  # of a link between two dated texts


class Headlines(NamedTuple):
    """Short texts: their terms, their neighbours, and links between the smoothed texts.

    Attributes
    ----------
    postings : Postings
        Terms of each text, weighed by their rarity in the dump.
    neighbours : Neighbours
        Of each text as it stands.
    lefts, rights : ndarray of int64
        Pairs of smoothed texts, the lower row first.
    weights : ndarray of float64
        Cosine of each pair, less where dates are apart.
    """

    postings: Postings
    neighbours: Neighbours
    lefts: Rows
    rights: Rows
    weights: Dates


def link_headlines(table: TermTable, published: Dates, rows: Rows) -> Headlines:
    """Links of short texts, in the order of `rows`."""
    from scipy import sparse  # noqa: PLC0415 - takes 0.1 s, and full texts do without

    members, n_texts = gather(table, rows), len(rows)
    indptr, codes, marks, rarities = heaviest(members, _rarities(members.codes, n_texts))
    weights = rarities * np.sqrt(marks & np.uint32(255)).astype(np.float32)
    postings = Postings.of(indptr, codes, weights)
    found = nearest(postings, NEIGHBOURS)
    ones, places = np.nonzero(found.cosines[:, :SMOOTHED_BY] >= LEAST_SMOOTHING)
    others, cosines = found.rows[ones, places].astype(np.int64), found.cosines[ones, places]
    shape = (n_texts, n_texts)
    graph = sparse.csr_matrix((cosines * _decay(published[rows], ones, others), (ones, others)), shape)
    # Who is a text's neighbour has it for one: smoothing does not depend on whose list is full.
    graph = graph.maximum(graph.T) + sparse.identity(n_texts, format="csr")
    shape = (n_texts, int(postings.terms.max(initial=0)) + 1)
    smooth = graph @ sparse.csr_matrix((postings.weights, postings.terms, postings.indptr), shape)
    near = nearest(_keep_heaviest(smooth.indptr, smooth.indices, smooth.data), NEIGHBOURS)
    return Headlines(postings, near, *_weigh(near, published[rows]))


def _rarities(codes: Codes, n_texts: int) -> Singles:
    """Rarity of each bin of terms in the dump alone: the prior is of full texts."""
    bins = np.zeros(BINS, np.uint32)
    kernels.count_articles(codes, bins)
    return np.log((1 + n_texts) / np.maximum(bins, 1)).astype(np.float32)


def _keep_heaviest(indptr: Rows32, terms: Rows32, weights: Dates) -> Postings:
    """The heaviest terms of smoothed texts; ties by the lower number."""
    owners = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    weights = np.round(weights, 6)
    order = np.lexsort((terms, -weights, owners))
    order = order[np.arange(len(order)) - indptr[owners[order]] < SMOOTHED]
    order = order[np.lexsort((terms[order], owners[order]))]
    ends = np.cumsum(np.bincount(owners[order], minlength=len(indptr) - 1))
    return Postings.of(
        np.concatenate([[0], ends]).astype(np.int64), terms[order], weights[order].astype(np.float32)
    )


def _weigh(near: Neighbours, published: Dates) -> tuple[Rows, Rows, Dates]:
    """Pairs of smoothed texts, and the weight of each."""
    ones, places = np.nonzero(near.cosines >= LEAST_SMOOTHING)
    others, n_texts = near.rows[ones, places].astype(np.int64), max(len(near.rows), 1)
    keys, first = np.unique(np.minimum(ones, others) * n_texts + np.maximum(ones, others), return_index=True)
    lefts, rights = keys // n_texts, keys % n_texts
    cosines = near.cosines[ones, places][first].astype(np.float64)
    return lefts, rights, np.round(cosines * _decay(published, lefts, rights), 4)


def settle(headlines: Headlines, stories: Rows, merging: float) -> Rows:
    """Put each text into the story that explains it best, over and over, then merge stories that explain each other.

    Parameters
    ----------
    headlines : Headlines
        Of the texts.
    stories : ndarray of int64 of shape (n_texts,)
        A first grouping: the lowest row of each text's story.
    merging : float
        Strength of the prior when stories merge, as a multiple of that which explains the texts best.

    Returns
    -------
    ndarray of int64 of shape (n_texts,)
        Lowest row of each text's story.

    Notes
    -----
    A text moves to stories of its neighbours only, and such stories only merge, so all is linear in the number of texts.
    """
    if not len(headlines.postings.terms):
        return stories
    stories = stories.copy()
    for _ in range(SWEEPS):
        if _sweep(headlines, stories) == 0:
            break
    return _lowest(_merge_stories(headlines, stories, merging * _count_terms(headlines, stories)[1]))


class _Counts(NamedTuple):
    """What the kernels of the mixture hold of the stories."""

    keys: Hashes
    counts: Rows32
    lengths: Rows
    sizes: Rows


def _count_terms(headlines: Headlines, stories: Rows) -> tuple[_Counts, float]:
    """Counts of the stories' terms, and the strength of the prior with which they explain the texts best."""
    indptr, terms, _ = headlines.postings
    slots = 1 << (4 * len(terms) + 64).bit_length()
    zeros = np.zeros(len(stories), np.int64)
    held = _Counts(np.zeros(slots, np.uint64), np.zeros(slots, np.int32), zeros, zeros.copy())
    mixture.fill_mixture(indptr, terms, stories, *held)
    likelihoods = np.empty(len(_STRENGTHS))
    step = max(len(stories) // _JUDGED, 1)
    mixture.judge_strengths(indptr, terms, stories, *held[:3], _shares(terms), _STRENGTHS, step, likelihoods)
    return held, float(_STRENGTHS[np.argmax(np.round(likelihoods, 3))])


def _shares(terms: Rows32) -> Dates:
    return np.bincount(terms) / max(len(terms), 1)


def _sweep(headlines: Headlines, stories: Rows) -> int:
    """Move each text once, in place; how many moved."""
    indptr, terms, _ = headlines.postings
    held, strength = _count_terms(headlines, stories)
    neighbours = np.ascontiguousarray(headlines.neighbours.rows).reshape(-1)
    shares = _shares(terms)
    strengths = np.array([STRENGTH * strength])
    return int(
        mixture.settle_mixture(indptr, terms, neighbours, NEIGHBOURS, stories, *held, shares, strengths)
    )


def _merge_stories(headlines: Headlines, stories: Rows, strength: float) -> Rows:
    """Merge stories that are each other's best, as long as one bag of terms explains them better than two."""
    from scipy import sparse  # noqa: PLC0415 - takes 0.1 s, and full texts do without

    indptr, terms, _ = headlines.postings
    ones, places = np.nonzero(headlines.neighbours.rows >= 0)
    others = headlines.neighbours.rows[ones, places]
    texts = sparse.csr_matrix((np.ones(len(terms)), terms, indptr))
    prior = strength * _shares(terms)
    for _ in range(ROUNDS):
        names, numbers = np.unique(stories, return_inverse=True)
        n_stories = len(names)
        shape = (n_stories, len(stories))
        bags = sparse.csr_matrix((np.ones(len(stories)), (numbers, np.arange(len(stories)))), shape) @ texts
        left, right = numbers[ones], numbers[others]
        keys = np.unique((np.minimum(left, right) * n_stories + np.maximum(left, right))[left != right])
        left, right = keys // n_stories, keys % n_stories
        gains = _gains(bags, np.bincount(numbers), left, right, prior, strength)
        better = gains > 0
        joined = join_mutual(left[better], right[better], gains[better], n_stories)
        if (joined == np.arange(n_stories)).all():
            break
        stories = names[joined[numbers]]
    return stories


def _gains(bags: csr_matrix, sizes: Rows, left: Rows, right: Rows, prior: Dates, strength: float) -> Dates:
    """How much better one bag explains each pair of stories than two, in logarithms, rounded to 6 decimals."""
    from scipy.special import gammaln  # noqa: PLC0415 - as above

    gains = np.empty(len(left))
    for begin in range(0, len(left), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        one, other = bags[left[block]], bags[right[block]]
        mine, its = one.multiply(other > 0).tocsr(), other.multiply(one > 0).tocsr()
        mine.sort_indices()
        its.sort_indices()
        before, a, b = prior[mine.indices], mine.data, its.data
        terms = gammaln(a + b + before) - gammaln(a + before) - gammaln(b + before) + gammaln(before)
        owners = np.repeat(np.arange(mine.shape[0]), np.diff(mine.indptr))
        gains[block] = np.bincount(owners, terms, mine.shape[0])
    lengths = np.asarray(bags.sum(axis=1)).ravel()
    a, b = lengths[left], lengths[right]
    gains -= gammaln(a + b + strength) - gammaln(a + strength) - gammaln(b + strength) + gammaln(strength)
    a, b = sizes[left], sizes[right]
    rounded: Dates = np.round(gains + gammaln(a + b) - gammaln(a) - gammaln(b), 6)
    return rounded


def _lowest(stories: Rows) -> Rows:
    lowest = np.full(len(stories), len(stories))
    np.minimum.at(lowest, stories, np.arange(len(stories)))
    return lowest[stories]


def _decay(published: Dates, ones: Rows, others: Rows) -> Dates:
    """What is left of a link between two dates; all of it if one is not known."""
    apart = np.abs(published[ones] - published[others])
    return np.where(np.isnan(apart), 1.0, 0.5 ** (apart / _HALF_LIFE))
