from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.kernels.postings import (
    count_slots,
    gather,
    is_ascending,
    look_up,
    merge_postings,
    sift,
    sort_postings,
)
from tests import naive_postings as naive
from tests.conftest import WITHOUT_JIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.kernels.types import Hashes, Rows32U

LARGEST = (1 << 64) - 1
#: Spread evenly, all alike in the upper bits, and few: often equal.
KEYS = st.one_of(
    st.integers(0, LARGEST), st.integers(0, 300), st.sampled_from([0, 1, 1 << 63, LARGEST - 1, LARGEST])
)
POSTINGS = st.lists(st.tuples(KEYS, st.integers(0, (1 << 32) - 1)), max_size=200)


def arrays(postings: Sequence[naive.Posting]) -> tuple[Hashes, Rows32U]:
    return (
        np.array([key for key, _ in postings], np.uint64),
        np.array([number for _, number in postings], np.uint32),
    )


def pairs(keys: Hashes, numbers: Rows32U) -> list[naive.Posting]:
    return list(zip(keys.tolist(), numbers.tolist(), strict=True))


def in_place(keys: Hashes, numbers: Rows32U, digits: int) -> None:
    sort_postings(keys, numbers, np.empty_like(keys), np.empty_like(numbers), np.empty(256, np.int64), digits)


@given(POSTINGS, st.sampled_from([2, 4, 8]))
def test_sorting_is_stable(postings: list[naive.Posting], digits: int) -> None:
    keys, numbers = arrays(postings)
    in_place(keys, numbers, digits)
    assert pairs(keys, numbers) == naive.sort_postings(postings)
    assert is_ascending(keys)


@pytest.mark.parametrize("kind", ["even", "low bits", "falling", "equal"])
def test_sorting_many_keys_of_any_kind(kind: str) -> None:
    count = 1_000 if WITHOUT_JIT else 200_000  # moved one by one, the falling ones would take minutes
    keys = np.random.default_rng(7).integers(0, 1 << 64, count, np.uint64)
    if kind == "low bits":
        keys >>= np.uint64(40)
    elif kind == "falling":
        keys = np.arange(count, dtype=np.uint64)[::-1].copy()
    elif kind == "equal":
        keys[:] = 5
    numbers = np.arange(count, dtype=np.uint32)
    order = np.argsort(keys, kind="stable")
    expected = keys[order]
    in_place(keys, numbers, 2)
    np.testing.assert_array_equal(keys, expected)
    np.testing.assert_array_equal(numbers, order)


def test_what_falls_is_not_ascending() -> None:
    assert not is_ascending(np.array([1, 3, 2], np.uint64))
    assert is_ascending(np.empty(0, np.uint64))


@given(POSTINGS, st.lists(KEYS, max_size=50), st.integers(1, 9))
def test_looking_up(postings: list[naive.Posting], asked: list[int], bits: int) -> None:
    ascending = naive.sort_postings(postings)
    keys, _ = arrays(ascending)
    counts = np.zeros((1 << bits) + 1, np.int64)
    count_slots(keys, bits, counts)
    directory = np.cumsum(counts)
    listed = [key for key, _ in ascending]
    assert directory.tolist() == naive.directory(listed, bits)
    asked = asked + listed[::3]
    hits = np.empty((len(asked), 3), np.int64)
    found = look_up(
        keys, directory, bits, np.array(asked, np.uint64), np.arange(len(asked), dtype=np.uint32), hits
    )
    assert list(map(tuple, hits[:found].tolist())) == naive.look_up(listed, asked)


@given(
    st.lists(KEYS, max_size=50),
    st.lists(KEYS, max_size=20),
    st.lists(st.integers(-(1 << 62), 1 << 62), min_size=9, max_size=9),
)
def test_looking_up_stays_within_what_is_damaged(
    keys: list[int], asked: list[int], directory: list[int]
) -> None:
    hits = np.empty((len(asked), 3), np.int64)
    of_asked = np.array(asked, np.uint64), np.arange(len(asked), dtype=np.uint32)
    found = look_up(np.array(keys, np.uint64), np.array(directory, np.int64), 3, *of_asked, hits)
    for query, begin, end in hits[:found].tolist():
        assert keys[begin] == asked[query]
        assert begin < end <= len(keys)


@given(st.lists(POSTINGS, min_size=1, max_size=3), st.lists(KEYS, max_size=20), st.integers(1, 5))
def test_gathering_the_last_numbers(runs: list[list[naive.Posting]], asked: list[int], most: int) -> None:
    asked = asked + [key for run in runs for key, _ in run[::3]]
    expected = [naive.last_numbers([posting for run in runs for posting in run], key, most) for key in asked]
    indptr = np.cumsum([0, *(len(numbers) for numbers, _ in expected)])
    room, gathered = indptr[1:].copy(), np.empty(indptr[-1], np.int64)
    for run in reversed(runs):
        ascending = naive.sort_postings(run)
        hits = naive.look_up([key for key, _ in ascending], asked)
        gather(arrays(ascending)[1], np.array(hits, np.int64).reshape(-1, 3), indptr, room, gathered)
    assert gathered.tolist() == [number for numbers, _ in expected for number in numbers]
    assert room.tolist() == indptr[:-1].tolist()


@given(POSTINGS, POSTINGS)
def test_merging_puts_the_older_first(older: list[naive.Posting], later: list[naive.Posting]) -> None:
    count = len(older) + len(later)
    keys, numbers = np.empty(count, np.uint64), np.empty(count, np.uint32)
    merge_postings(*arrays(naive.sort_postings(older)), *arrays(naive.sort_postings(later)), keys, numbers)
    assert pairs(keys, numbers) == naive.sort_postings(older + later)


@given(
    st.lists(st.tuples(KEYS, st.integers(0, 40)), max_size=60),
    st.integers(0, 20),
    st.lists(st.integers(0, 1), max_size=20),
)
def test_leaving_out_what_is_gone(postings: list[naive.Posting], first: int, flags: list[int]) -> None:
    keys, numbers = arrays(postings)
    kept_keys, kept_numbers = np.empty_like(keys), np.empty_like(numbers)
    kept = sift(keys, numbers, first, np.array(flags, np.uint8), kept_keys, kept_numbers)
    assert pairs(kept_keys[:kept], kept_numbers[:kept]) == naive.sift(postings, first, flags)
