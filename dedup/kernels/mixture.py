"""A mixture of Dirichlet multinomials: each story a bag of terms, each article in the story that explains it best.

J. Yin, J. Wang, A Dirichlet multinomial mixture model-based approach for short text clustering, 2014; here the terms of
an article are a set, the prior of a term is its share of all terms, and the best story is taken, not a random one. The
counts of terms in stories lie in a hash table. The plain twin is in ``tests/test_mixture.py``.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Count, Dates, Hashes, Offsets, Rows, Rows32

FACTOR = np.uint64(0x9E3779B97F4A7C15)
U32 = np.uint64(32)


@inlined
def _slot(story: Count, term: Count, keys: Hashes) -> Count:
    """Where the count of a term in a story is, or would be; a key is never 0."""
    key = (np.uint64(story + 1) << U32) | np.uint64(term)
    wrap = np.uint64(len(keys) - 1)
    place = ((key * FACTOR) >> U32) & wrap
    while keys[place] != 0 and keys[place] != key:
        place = (place + np.uint64(1)) & wrap
    return np.int64(place)


@inlined
def _count(story: Count, term: Count, amount: Count, keys: Hashes, counts: Rows32) -> None:
    place = _slot(story, term, keys)
    keys[place] = (np.uint64(story + 1) << U32) | np.uint64(term)
    counts[place] += amount


@kernel("i8[] i4[] i8[] u8[] i4[] i8[] i8[]")
def fill_mixture(
    indptr: Offsets, terms: Rows32, stories: Rows, keys: Hashes, counts: Rows32, lengths: Rows, sizes: Rows
) -> None:
    """Count the terms of each story; all counts are zero before. ``keys`` is a power of two and never full."""
    for row in range(len(stories)):
        story = stories[row]
        sizes[story] += 1
        for place in range(indptr[row], indptr[row + 1]):
            _count(story, np.int64(terms[place]), 1, keys, counts)
            lengths[story] += 1


@kernel("i8[] i4[] i8[] u8[] i4[] i8[] f8[] f8[] i8 f8[]")
def judge_strengths(
    indptr: Offsets,
    terms: Rows32,
    stories: Rows,
    keys: Hashes,
    counts: Rows32,
    lengths: Rows,
    shares: Dates,
    strengths: Dates,
    step: Count,
    likelihoods: Dates,
) -> None:
    """Log-likelihood of every ``step``-th article given the rest of its story, for each strength of the prior."""
    likelihoods[:] = 0.0
    for row in range(0, len(stories), step):
        story = stories[row]
        n = indptr[row + 1] - indptr[row]
        for k in range(len(strengths)):
            total = 0.0
            for place in range(indptr[row], indptr[row + 1]):
                count = counts[_slot(story, np.int64(terms[place]), keys)] - 1
                total += np.log(count + strengths[k] * shares[terms[place]])
            for j in range(n):
                total -= np.log(lengths[story] - n + strengths[k] + j)
            likelihoods[k] += total


@inlined
def _explain(
    row: Count,
    story: Count,
    indptr: Offsets,
    terms: Rows32,
    keys: Hashes,
    counts: Rows32,
    lengths: Rows,
    sizes: Rows,
    shares: Dates,
    strength: np.float64,
) -> np.float64:
    """Log-probability of an article in a story that it is not counted in."""
    total = np.log(sizes[story] + 1.0)
    for place in range(indptr[row], indptr[row + 1]):
        count = counts[_slot(story, np.int64(terms[place]), keys)]
        total += np.log(count + strength * shares[terms[place]])
        total -= np.log(lengths[story] + strength + (place - indptr[row]))
    return total


@kernel("i8[] i4[] i4[] i8 i8[] u8[] i4[] i8[] i8[] f8[] f8[]")
def settle_mixture(
    indptr: Offsets,
    terms: Rows32,
    neighbours: Rows32,
    most: Count,
    stories: Rows,
    keys: Hashes,
    counts: Rows32,
    lengths: Rows,
    sizes: Rows,
    shares: Dates,
    strength: Dates,
) -> Count:
    """Put each article, in order, where it is explained best: its story, those of its neighbours, or one of its own.

    A story of one's own is the one whose number is the article's row, when that is empty. How many moved; stops early when
    the table is more than three quarters full of keys, then -1. ``strength`` has one value.
    """
    moved = 0
    used = 0
    for place in range(len(keys)):
        used += keys[place] != 0
    for row in range(len(stories)):
        n = indptr[row + 1] - indptr[row]
        if n == 0:
            continue
        if 4 * (used + n) > 3 * len(keys):
            return -1
        old = stories[row]
        sizes[old] -= 1
        lengths[old] -= n
        for place in range(indptr[row], indptr[row + 1]):
            _count(old, np.int64(terms[place]), -1, keys, counts)
        arguments = indptr, terms, keys, counts, lengths, sizes, shares, strength[0]
        best = old
        score = _explain(row, old, *arguments)
        if sizes[row] == 0 and row != old:
            alone = _explain(row, row, *arguments)
            if alone > score:
                best, score = row, alone
        for k in range(row * most, (row + 1) * most):
            if neighbours[k] < 0:
                break
            story = stories[neighbours[k]]
            if story == best or story == old:
                continue
            other = _explain(row, story, *arguments)
            if other > score or (other == score and story < best):
                best, score = story, other
        moved += best != old
        stories[row] = best
        sizes[best] += 1
        lengths[best] += n
        for place in range(indptr[row], indptr[row + 1]):
            _count(best, np.int64(terms[place]), 1, keys, counts)
        used += n * (best != old)
    return moved
