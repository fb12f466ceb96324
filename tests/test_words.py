"""Rare words as buckets: no pair is missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.index.words import group_by_rare_words
from dedup.text.columns import ShingleTable


def table(rows: list[list[int]]) -> ShingleTable:
    indptr = np.cumsum([0, *map(len, rows)])
    hashes = np.array([word for row in rows for word in row], np.uint64)
    sizes = np.diff(indptr)
    return ShingleTable(indptr, hashes, sizes, np.arange(len(rows), dtype=np.uint64))


def buckets_of(rows: list[list[int]], order: list[int], threshold: float, least: int = 1) -> list[set[int]]:
    found = group_by_rare_words(table(rows), np.array(order, np.int64), threshold, least)
    assert len(found.row_starts) == len(order) + 1
    sizes = np.bincount(found.row_buckets, minlength=len(found.starts) - 1)
    assert np.array_equal(np.diff(found.starts), sizes)
    assert (sizes > 1).all()
    bounds = zip(found.row_starts[:-1].tolist(), found.row_starts[1:].tolist(), strict=True)
    return [set(found.row_buckets[start:stop].tolist()) for start, stop in bounds]


words = st.lists(st.integers(0, 14), max_size=9, unique=True)


@given(st.lists(words, max_size=14), st.sampled_from([0.3, 0.5, 0.75, 0.8, 1.0]), st.data())
def test_each_pair_from_the_threshold_on_shares_a_bucket(
    rows: list[list[int]], threshold: float, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    found = buckets_of(rows, order, threshold)
    for one, mine in enumerate(order):
        for other, theirs in enumerate(order[:one]):
            left, right = set(rows[mine]), set(rows[theirs])
            if left and len(left & right) >= threshold * len(left | right):
                assert found[one] & found[other]


def test_common_words_are_no_buckets_where_there_are_rarer_ones() -> None:
    rows = [[1, 2, 3, 10 + row, 40 + row] for row in range(20)]
    assert buckets_of(rows, list(range(20)), 0.75) == [set()] * 20


@pytest.mark.parametrize(("threshold", "shares"), [(0.8, True), (0.81, False)])
def test_it_is_exact_at_the_threshold(threshold: float, shares: bool) -> None:
    rows = [[1, 2, 3, 4, 5], [2, 3, 4, 5], [2, 9], [3, 9], [4, 8], [5, 8], [2, 8], [3, 8], [4, 9], [5, 9]]
    found = buckets_of(rows, list(range(len(rows))), threshold)
    assert bool(found[0] & found[1]) == shares


def test_short_ones_share_none_where_that_is_asked() -> None:
    assert buckets_of([[1, 2], [1, 2], [1, 2, 3], [1, 2, 3]], [0, 1, 2, 3], 0.75, least=3)[:2] == [
        set(),
        set(),
    ]
    assert buckets_of([], [], 0.75) == []
    assert buckets_of([[]], [0], 0.75) == [set()]
