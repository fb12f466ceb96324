"""Terms that count, pairs that share them, and what such pairs have in common.

The plain twins are in :mod:`dedup.match.samestory` and ``tests/naive_stories.py``.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.shingling import FINAL_FACTOR, WORD_FACTOR
from dedup.kernels.types import Codes, Count, Dates, Hashes, Offsets, Rows, Rows32, Singles, Table64F

COUNT, HEAD, TITLE = 0, 8, 16
NAME = np.uint32(1 << 24)
LOW = np.uint32(255)
# Sums of an article, the columns of ``sums``.
BODY, IN_HEAD, NAMES, FIGURES, RARITY, IN_TITLE, NAMED = range(7)
TINY = 1e-9


@kernel("i8[] u4[] u4[] i8[] u8[]")
def hash_articles(indptr: Offsets, codes: Codes, marks: Codes, rows: Rows, hashes: Hashes) -> None:
    """Hash of each article's terms and counts, in whatever order they stand."""
    for k in range(len(rows)):
        total = np.uint64(0)
        for place in range(indptr[rows[k]], indptr[rows[k] + 1]):
            value = (np.uint64(codes[place]) << np.uint64(25) | np.uint64(marks[place])) * WORD_FACTOR
            total += (value ^ (value >> np.uint64(29))) * FINAL_FACTOR
        hashes[k] = total


@kernel("u4[] u4[]")
def count_articles(codes: Codes, bins: Codes) -> None:
    """Count in how many articles each bin of codes stands, or a little more where an article has two codes of one bin."""
    wrap = np.uint32(len(bins) - 1)
    for place in range(len(codes)):
        bins[(codes[place] >> np.uint32(1)) & wrap] += np.uint32(1)


@kernel("i8[] u4[] u4[] f4[] i8 i8[] u4[] u4[] f4[] f8[] i8[]")
def choose_terms(
    indptr: Offsets,
    codes: Codes,
    marks: Codes,
    rarities: Singles,
    most: Count,
    to_indptr: Offsets,
    to_codes: Codes,
    to_marks: Codes,
    to_rarities: Singles,
    weights: Dates,
    chosen: Rows,
) -> None:
    """The heaviest terms of each article, sorted by code: rarity times the root of the count; ties by the lower code.

    ``weights`` and ``chosen`` are room for ``most`` each.
    """
    wrap = np.uint32(len(rarities) - 1)
    total = 0
    to_indptr[0] = 0
    for k in range(len(indptr) - 1):
        n = 0
        for place in range(indptr[k], indptr[k + 1]):
            rarity = rarities[(codes[place] >> np.uint32(1)) & wrap]
            if rarity <= 0:
                continue
            weight = np.float64(rarity) * np.sqrt(np.float64(marks[place] & LOW))
            if n == most:
                last = chosen[n - 1]
                if weight < weights[n - 1] or (weight == weights[n - 1] and codes[place] > codes[last]):
                    continue
                n -= 1
            j = n
            while j > 0 and (
                weights[j - 1] < weight or (weights[j - 1] == weight and codes[chosen[j - 1]] > codes[place])
            ):
                weights[j] = weights[j - 1]
                chosen[j] = chosen[j - 1]
                j -= 1
            weights[j] = weight
            chosen[j] = place
            n += 1
        for m in range(1, n):  # by code
            place = chosen[m]
            j = m
            while j > 0 and codes[chosen[j - 1]] > codes[place]:
                chosen[j] = chosen[j - 1]
                j -= 1
            chosen[j] = place
        for m in range(n):
            place = chosen[m]
            to_codes[total + m] = codes[place]
            to_marks[total + m] = marks[place]
            to_rarities[total + m] = rarities[(codes[place] >> np.uint32(1)) & wrap]
        total += n
        to_indptr[k + 1] = total


@inlined
def _root(marks: np.uint32, shift: Count) -> np.float64:
    return np.sqrt(np.float64((marks >> np.uint32(shift)) & LOW))


@kernel("i8[] u4[] u4[] f4[] f8[,]")
def sum_terms(indptr: Offsets, codes: Codes, marks: Codes, rarities: Singles, sums: Table64F) -> None:
    """Sums over the terms of each article that its pairs are measured by."""
    for row in range(len(indptr) - 1):
        for k in range(7):
            sums[row, k] = 0.0
        for place in range(indptr[row], indptr[row + 1]):
            rarity, mark = np.float64(rarities[place]), marks[place]
            body, head, title = (
                rarity * _root(mark, COUNT),
                rarity * _root(mark, HEAD),
                rarity * _root(mark, TITLE),
            )
            sums[row, BODY] += body * body
            sums[row, IN_HEAD] += head * head
            sums[row, IN_TITLE] += title * title
            sums[row, RARITY] += rarity
            if mark & NAME:
                sums[row, NAMES] += body * body
                sums[row, NAMED] += head
            if codes[place] & np.uint32(1):
                sums[row, FIGURES] += body * body


@kernel("i8[] u4[] u4[] f4[] f8[,] i8[] i8[] f8[,]")
def compare_terms(
    indptr: Offsets,
    codes: Codes,
    marks: Codes,
    rarities: Singles,
    sums: Table64F,
    lefts: Rows,
    rights: Rows,
    features: Table64F,
) -> None:
    """What each pair of articles has in common, see ``FEATURES`` in :mod:`dedup.match.samestory`; dates aside."""
    for pair in range(len(lefts)):
        i, j = lefts[pair], rights[pair]
        a, b = indptr[i], indptr[j]
        body = head = head_body = body_head = names = figures = shared = 0.0
        title = title_body = body_title = named_i = named_j = 0.0
        while a < indptr[i + 1] and b < indptr[j + 1]:
            if codes[a] < codes[b]:
                a += 1
            elif codes[a] > codes[b]:
                b += 1
            else:
                rarity = np.float64(rarities[a])
                body_a, body_b = rarity * _root(marks[a], COUNT), rarity * _root(marks[b], COUNT)
                head_a, head_b = rarity * _root(marks[a], HEAD), rarity * _root(marks[b], HEAD)
                title_a, title_b = rarity * _root(marks[a], TITLE), rarity * _root(marks[b], TITLE)
                body += body_a * body_b
                head += head_a * head_b
                head_body += head_a * body_b
                body_head += body_a * head_b
                title += title_a * title_b
                title_body += title_a * body_b
                body_title += body_a * title_b
                shared += rarity
                if marks[a] & NAME:
                    named_i += head_a
                if marks[b] & NAME:
                    named_j += head_b
                if marks[a] & marks[b] & NAME:
                    names += body_a * body_b
                if codes[a] & np.uint32(1):
                    figures += body_a * body_b
                a += 1
                b += 1
        out = features[pair]
        out[0] = body / np.sqrt(sums[i, BODY] * sums[j, BODY] + TINY)
        out[1] = head / np.sqrt(sums[i, IN_HEAD] * sums[j, IN_HEAD] + TINY)
        one = head_body / np.sqrt(sums[i, IN_HEAD] * sums[j, BODY] + TINY)
        other = body_head / np.sqrt(sums[i, BODY] * sums[j, IN_HEAD] + TINY)
        out[2] = max(one, other)
        out[3] = min(one, other)
        out[4] = out[0]
        if sums[i, NAMES] > 0 and sums[j, NAMES] > 0:
            out[4] = names / np.sqrt(sums[i, NAMES] * sums[j, NAMES] + TINY)
        out[5] = figures / np.sqrt(sums[i, FIGURES] * sums[j, FIGURES] + TINY)
        out[6] = np.log(1.0 + shared)
        least = min(sums[i, RARITY], sums[j, RARITY])
        out[7] = shared / (least + TINY)
        out[8] = title / np.sqrt(sums[i, IN_TITLE] * sums[j, IN_TITLE] + TINY)
        missed_i = max(sums[i, NAMED] - named_i, 0.0) / (sums[i, NAMED] + 1.0)
        missed_j = max(sums[j, NAMED] - named_j, 0.0) / (sums[j, NAMED] + 1.0)
        out[9] = missed_i * missed_j
        out[10] = max(
            title_body / np.sqrt(sums[i, IN_TITLE] * sums[j, BODY] + TINY),
            body_title / np.sqrt(sums[i, BODY] * sums[j, IN_TITLE] + TINY),
        )


@kernel("i8[] i4[] f4[] i8[] i4[] f4[] i8 f4[] i4[] i4[] f4[]")
def find_neighbours(
    indptr: Offsets,
    terms: Rows32,
    weights: Singles,
    post_indptr: Offsets,
    posts: Rows32,
    post_weights: Singles,
    most: Count,
    scores: Singles,
    touched: Rows32,
    found: Rows32,
    found_scores: Singles,
) -> Count:
    """The articles that each shares the heaviest terms with, the best first; ties by the lower row; how many were beyond them.

    Postings of each term lie sorted by article. ``scores``, all zero, and ``touched`` have room for an article each;
    ``found`` for ``most`` an article, -1 where there are fewer.
    """
    beyond = 0
    for row in range(len(indptr) - 1):
        n = 0
        for place in range(indptr[row], indptr[row + 1]):
            weight = weights[place]
            for post in range(post_indptr[terms[place]], post_indptr[terms[place] + 1]):
                other = posts[post]
                if scores[other] == 0:
                    touched[n] = other
                    n += 1
                scores[other] += weight * post_weights[post]
        begin, kept = row * most, 0
        for k in range(n):
            other = touched[k]
            score = scores[other]
            scores[other] = 0
            if other == row:
                continue
            if kept == most:
                beyond += 1
                last = begin + kept - 1
                if score < found_scores[last] or (score == found_scores[last] and other > found[last]):
                    continue
                kept -= 1
            j = begin + kept
            while j > begin and (
                found_scores[j - 1] < score or (found_scores[j - 1] == score and found[j - 1] > other)
            ):
                found_scores[j] = found_scores[j - 1]
                found[j] = found[j - 1]
                j -= 1
            found_scores[j] = score
            found[j] = other
            kept += 1
        for j in range(begin + kept, begin + most):
            found[j] = -1
            found_scores[j] = 0
    return beyond
