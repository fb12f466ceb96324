from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60  # seconds after which a test that waits for another thread gives up
THREADS = [1, 2, 3, 8]


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("length", [0, 1, 2, 7, 100])
def test_results_come_in_the_order_of_the_arguments(threads: int, length: int) -> None:
    with Workers(threads) as workers:
        assert list(workers.map_in_order(square, range(length))) == [
            square(number) for number in range(length)
        ]


def test_results_come_in_order_though_they_are_ready_in_another() -> None:
    ready = threading.Event()
    finished: list[str] = []

    def work(name: str) -> str:
        if name == "late":
            assert ready.wait(PATIENCE)
        finished.append(name)
        if name == "early":
            ready.set()
        return name

    with Workers(2) as workers:
        assert list(workers.map_in_order(work, ["late", "early"])) == ["late", "early"]
    assert finished == ["early", "late"]


def test_one_thread_is_the_callers() -> None:
    with Workers(1) as workers:
        assert set(workers.map_in_order(lambda _: threading.get_ident(), range(5))) == {threading.get_ident()}


def test_several_threads_are_not_the_callers() -> None:
    with Workers(2) as workers:
        assert threading.get_ident() not in set(
            workers.map_in_order(lambda _: threading.get_ident(), range(5))
        )


def test_two_threads_work_at_once() -> None:
    """Each waits until the other has come, too."""
    meeting = threading.Barrier(2, timeout=PATIENCE)
    with Workers(2) as workers:
        assert sorted(workers.map_in_order(lambda _: meeting.wait(), range(2))) == [0, 1]


@pytest.mark.parametrize("threads", THREADS)
def test_an_error_comes_where_its_result_would(threads: int) -> None:
    def invert(number: int) -> float:
        return 1 / number

    with Workers(threads) as workers:
        results = workers.map_in_order(invert, [2, 4, 0, 5])
        assert [next(results), next(results)] == [0.5, 0.25]
        with pytest.raises(ZeroDivisionError):
            next(results)


@pytest.mark.parametrize("threads", THREADS)
def test_an_error_of_the_arguments_comes_too(threads: int) -> None:
    def arguments() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with Workers(threads) as workers, pytest.raises(OSError, match="the disk is gone"):
        list(workers.map_in_order(square, arguments()))


@pytest.mark.parametrize("threads", THREADS)
def test_an_error_outside_leaves_through_the_pool(threads: int) -> None:
    def interrupted() -> None:
        with Workers(threads) as workers:
            next(workers.map_in_order(square, range(100)))
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()


@pytest.mark.parametrize("threads", THREADS)
def test_few_arguments_are_drawn_ahead(threads: int) -> None:
    drawn: list[int] = []

    def arguments() -> Iterator[int]:
        for number in range(1000):
            drawn.append(number)
            yield number

    with Workers(threads) as workers:
        for taken, _ in enumerate(workers.map_in_order(square, arguments()), 1):
            assert len(drawn) <= taken + 2 * threads
    assert len(drawn) == 1000


@pytest.mark.parametrize("threads", [0, -1])
def test_at_least_one_thread(threads: int) -> None:
    with pytest.raises(ParameterError, match=f"threads is {threads}; at least 1 is needed"):
        Workers(threads)


def test_one_thread_for_each_core_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert Workers().threads == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert Workers().threads == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert Workers().threads == 1


@given(st.integers(1, 16), st.integers(0, 10_000), st.integers(1, 300))
def test_spans_cover_the_length(threads: int, length: int, least: int) -> None:
    spans = Workers(threads).spans(length, least)
    assert [place for span in spans for place in range(length)[span]] == list(range(length))
    assert 1 <= len(spans) <= threads
    sizes = [span.stop - span.start for span in spans]
    assert len(spans) == 1 or min(sizes) >= least
    assert max(sizes) - min(sizes) <= 1


def test_spans_by_example() -> None:
    assert Workers(2).spans(10, 3) == [slice(0, 5), slice(5, 10)]
    assert Workers(4).spans(10, 3) == [slice(0, 3), slice(3, 6), slice(6, 10)]
    assert Workers(4).spans(2, 3) == [slice(0, 2)]
    assert Workers(4).spans(0, 3) == [slice(0, 0)]
