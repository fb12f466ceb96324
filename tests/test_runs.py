from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.index import runs as module
from dedup.index.runs import FANOUT, Alive, RunSet, due, joined_run, merge, sorted_run
from tests import naive_postings as naive
from tests.conftest import WITHOUT_JIT

KEYS = st.one_of(st.integers(0, 20), st.integers(0, (1 << 64) - 1))
BATCHES = st.lists(st.lists(KEYS, max_size=40), max_size=12)
NO_KEYS = np.empty(0, np.uint64)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and parts of a few postings."""
    monkeypatch.setattr(module, "DIRECT", 12)
    monkeypatch.setattr(module, "FLUSH", 20)
    monkeypatch.setattr(module, "_PART", 16)
    monkeypatch.setattr(module, "_SORTED", 4)


def filled(batches: list[list[int]]) -> tuple[RunSet, list[naive.Posting]]:
    postings: list[naive.Posting] = []
    run_set = RunSet()
    for batch in batches:
        numbers = np.arange(len(postings), len(postings) + len(batch))
        run_set.add(np.array(batch, np.uint64), numbers)
        postings += zip(batch, numbers.tolist(), strict=True)
    return run_set, postings


def check(run_set: RunSet, postings: list[naive.Posting], most: int) -> None:
    asked = [*(key for key, _ in postings[::2]), *range(22)]
    found = run_set.look_up(np.array(asked, np.uint64), most)
    for k, key in enumerate(asked):
        numbers, length = naive.last_numbers(postings, key, most)
        assert found.numbers[found.indptr[k] : found.indptr[k + 1]].tolist() == numbers
        assert found.lengths[k] == length


@pytest.mark.usefixtures("small")
def test_small_runs_answer_like_a_list() -> None:
    @given(BATCHES, st.integers(1, 4))
    def answer(batches: list[list[int]], most: int) -> None:
        run_set, postings = filled(batches)
        assert len(run_set) == len(postings)
        check(run_set, postings, most)

    answer()


@pytest.mark.usefixtures("small")
def test_compacting_leaves_out_what_is_gone() -> None:
    @given(BATCHES, st.integers(0, 30), st.lists(st.integers(0, 1), max_size=60))
    def answer(batches: list[list[int]], first: int, flags: list[int]) -> None:
        run_set, postings = filled(batches)
        run_set.compact(Alive(first, np.array(flags, np.uint8)))
        left = naive.sift(postings, first, flags)
        assert len(run_set) == len(left)
        check(run_set, left, 3)
        run_set.add(np.array([3, 4], np.uint64), np.array([900, 901]))
        check(run_set, [*left, (3, 900), (4, 901)], 3)

    answer()


def test_nothing_is_found_in_nothing() -> None:
    found = RunSet().look_up(np.array([1, 2], np.uint64), 5)
    assert found.indptr.tolist() == [0, 0, 0]
    assert found.lengths.tolist() == [0, 0]
    assert RunSet().look_up(NO_KEYS, 5).indptr.tolist() == [0]
    empty = sorted_run(NO_KEYS, np.empty(0, np.int64))
    assert joined_run(0, merge([empty, empty])).keys.tolist() == []


@pytest.mark.usefixtures("small")
def test_runs_are_few_and_seldom_written_again() -> None:
    rng = np.random.default_rng(3)
    sizes: list[int] = []
    written = batches = 256
    for _ in range(batches):
        sizes.append(int(rng.integers(95, 105)))
        while count := due(sizes):
            sizes[-count:] = [sum(sizes[-count:])]
            written += sizes[-1] // 100
        assert len(sizes) <= 4 * (FANOUT - 1)
    assert written <= 6 * batches


def test_sizes_that_grow_or_shrink_leave_few_runs() -> None:
    for sizes in ([3**k for k in range(20)], [3**k for k in range(20, 0, -1)], [1] * 1000):
        kept: list[int] = []
        for size in sizes:
            kept.append(size)
            while count := due(kept):
                kept[-count:] = [sum(kept[-count:])]
        assert len(kept) <= 40
    assert due([]) == 0


@pytest.mark.parametrize("kind", ["even", "one key", "one slot", "lowest"])
def test_hostile_keys_take_little_longer(kind: str) -> None:
    """Neither a key with 100,000 numbers nor keys that differ in their last bits alone are walked one by one."""
    count = 3_000 if WITHOUT_JIT else 200_000
    keys = np.random.default_rng(5).integers(0, 1 << 64, count, np.uint64)
    if kind == "one key":
        keys[:] = 77
    elif kind == "one slot":
        keys = (keys >> np.uint64(44)) | np.uint64(7 << 60)
    elif kind == "lowest":
        keys >>= np.uint64(44)
    numbers = np.arange(count)
    run_set = RunSet()
    run_set.add(keys[:1000], numbers[:1000])
    begin = time.process_time()
    for part in range(1000, count, count // 4):
        run_set.add(keys[part : part + count // 4], numbers[part : part + count // 4])
    found = run_set.look_up(keys[:20_000], 8)
    assert time.process_time() - begin < 5
    order = np.argsort(keys, kind="stable")
    left, right = (np.searchsorted(keys[order], keys[:20_000], side) for side in ("left", "right"))
    np.testing.assert_array_equal(found.lengths, right - left)
    last = found.numbers[found.indptr[1:] - 1]
    np.testing.assert_array_equal(last, numbers[order][right - 1])


def test_bytes_of_a_posting() -> None:
    count = 48_000
    run_set = RunSet()
    run_set.add(np.random.default_rng(5).integers(0, 1 << 64, count, np.uint64), np.arange(count))
    assert len(run_set.runs) == 1
    assert run_set.nbytes <= 12.5 * count
