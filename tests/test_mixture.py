"""The mixture of term bags: the kernels say what plain counting says."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels.mixture import fill_mixture, judge_strengths, settle_mixture

Texts = list[list[int]]
MOST, SLOTS, N_TERMS = 2, 1 << 8, 6

texts = st.lists(st.lists(st.integers(0, N_TERMS - 1), unique=True, max_size=4), min_size=1, max_size=7)
SHARES = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])


def arrays(
    given_texts: Texts,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int32]]]:
    indptr = np.concatenate([[0], np.cumsum([len(found) for found in given_texts])]).astype(np.int64)
    return indptr, np.array([term for found in given_texts for term in found], np.int32)


def explain(text: list[int], bag: Counter[int], size: int, strength: float) -> float:
    """Log-probability of a text in a story that it is not counted in."""
    total = math.log(size + 1.0)
    for place, term in enumerate(text):
        total += math.log(bag[term] + strength * SHARES[term])
        total -= math.log(bag.total() + strength + place)
    return total


def settled(
    given_texts: Texts, stories: list[int], neighbours: list[list[int]], strength: float
) -> list[int]:
    """Each text in order put where it is explained best; plain counting."""
    stories = list(stories)
    for row, text in enumerate(given_texts):
        if not text:
            continue
        bags: defaultdict[int, Counter[int]] = defaultdict(Counter)
        sizes: Counter[int] = Counter()
        for other, found in enumerate(given_texts):
            if other != row:
                bags[stories[other]].update(found)
                sizes[stories[other]] += 1
        old = best = stories[row]
        score = explain(text, bags[old], sizes[old], strength)
        if sizes[row] == 0 and row != old:
            alone = explain(text, bags[row], 0, strength)
            if alone > score:
                best, score = row, alone
        for neighbour in neighbours[row]:
            story = stories[neighbour]
            if story not in {best, old}:
                other_score = explain(text, bags[story], sizes[story], strength)
                if other_score > score or (other_score == score and story < best):
                    best, score = story, other_score
        stories[row] = best
    return stories


@given(texts, st.data(), st.sampled_from([0.7, 3.1, 20.3]))
def test_texts_settle_where_plain_counting_puts_them(
    found: Texts, data: st.DataObject, strength: float
) -> None:
    rows = st.integers(0, len(found) - 1)
    stories = data.draw(st.lists(rows, min_size=len(found), max_size=len(found)))
    neighbours = [data.draw(st.lists(rows, unique=True, max_size=MOST)) for _ in found]
    indptr, terms = arrays(found)
    held = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.int32)
    lengths, sizes = np.zeros(len(found), np.int64), np.zeros(len(found), np.int64)
    numbers = np.array(stories, np.int64)
    fill_mixture(indptr, terms, numbers, *held, lengths, sizes)
    assert sizes.tolist() == [stories.count(row) for row in range(len(found))]
    assert lengths.sum() == len(terms)
    padded = np.full((len(found), MOST), -1, np.int32)
    for row, near in enumerate(neighbours):
        padded[row, : len(near)] = near
    moved = settle_mixture(
        indptr, terms, padded.reshape(-1), MOST, numbers, *held, lengths, sizes, SHARES, np.array([strength])
    )
    expected = settled(found, stories, neighbours, strength)
    assert numbers.tolist() == expected
    assert moved == sum(one != other for one, other in zip(stories, expected, strict=True))


def test_a_table_that_fills_up_stops() -> None:
    indptr, terms = arrays([[0, 1, 2, 3]])
    held = np.zeros(4, np.uint64), np.zeros(4, np.int32)
    numbers, neighbours = np.zeros(1, np.int64), np.full(MOST, -1, np.int32)
    zeros = np.zeros(1, np.int64), np.zeros(1, np.int64)
    assert settle_mixture(indptr, terms, neighbours, MOST, numbers, *held, *zeros, SHARES, np.ones(1)) == -1


def test_the_strength_is_judged_by_the_rest_of_each_story() -> None:
    found = [[0, 1], [0, 2], [0, 1]]
    indptr, terms = arrays(found)
    held = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.int32)
    lengths, sizes, numbers = np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64)
    fill_mixture(indptr, terms, numbers, *held, lengths, sizes)
    strengths, likelihoods = np.array([1.0, 5.0]), np.empty(2)
    judge_strengths(indptr, terms, numbers, *held, lengths, SHARES, strengths, 1, likelihoods)
    for strength, likelihood in zip(strengths.tolist(), likelihoods.tolist(), strict=True):
        expected = 0.0
        for row, text in enumerate(found):
            bag = Counter(term for other, rest in enumerate(found) if other != row for term in rest)
            expected += explain(text, bag, 0, strength)
        assert likelihood == pytest.approx(expected)
