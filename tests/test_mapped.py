"""Arrays in files: they are what arrays in memory are, and outlive what forgets them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.mapped import (
    FileAppender,
    FileShelf,
    create,
    discard,
    give_back,
    map_of,
    open_array,
    take_ranges,
    take_rows,
    when_gone,
)
from dedup.storage import Shelf

if TYPE_CHECKING:
    from pathlib import Path

KINDS = [np.uint8, np.int32, np.uint64, np.float64]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [0, 1, 5000, (0, 3), (700, 3)])
def test_what_is_written_is_there_when_the_memory_was_given_back(
    tmp_path: Path, kind: type[Any], shape: int | tuple[int, ...]
) -> None:
    array = create(tmp_path / "a", shape, kind)
    expected = np.arange(array.size).astype(kind).reshape(shape)
    array[...] = expected
    give_back()
    assert np.array_equal(array, expected)
    assert np.array_equal(open_array(tmp_path / "a", shape, kind), expected)


def test_a_disk_that_is_full_is_told_when_the_array_is_made(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"File too large|No space left"):
        create(tmp_path / "a", 1 << 60, np.uint8)


@given(st.lists(st.lists(st.integers(0, 255), max_size=40), max_size=12))
def test_an_appender_gives_what_was_appended(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    path = tmp_path_factory.mktemp("appender") / "a"
    appender = FileAppender(path, np.uint8)
    expected: list[int] = []
    for part in parts:
        appender.append(np.array(part, np.uint8))
        expected += part
        assert appender.so_far().tolist() == expected
    assert len(appender) == sum(map(len, parts))
    assert appender.finish().tolist() == [value for part in parts for value in part]


def test_an_appender_goes_on_from_what_counts(tmp_path: Path) -> None:
    one = FileAppender(tmp_path / "a", np.int64)
    one.append(np.arange(10))
    one.close()
    other = FileAppender(tmp_path / "a", np.int64, 4)
    other.append(np.array([77]))
    assert other.finish().tolist() == [0, 1, 2, 3, 77]


def test_views_know_their_file(tmp_path: Path) -> None:
    array = create(tmp_path / "a", (8, 4), np.int64)
    assert map_of(array[2:].reshape(-1).view(np.uint8)[::2]) is map_of(array) is not None
    assert map_of(array.copy()) is None
    assert map_of(np.arange(3)) is None


def test_a_file_is_gone_with_the_last_view(tmp_path: Path) -> None:
    gone: list[str] = []
    array = create(tmp_path / "a", 100, np.int64)
    when_gone(array, lambda: gone.append("a"))
    view = array[50:]
    del array
    gc.collect()
    assert gone == []
    del view
    gc.collect()
    assert gone == ["a"]


@given(
    ranges=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=20), ascending=st.booleans()
)
def test_ranges_are_those_of_an_array_in_memory(
    tmp_path_factory: pytest.TempPathFactory, *, ranges: list[tuple[int, int]], ascending: bool
) -> None:
    values = np.arange(100, 170, dtype=np.uint64)
    array = create(tmp_path_factory.mktemp("ranges") / "a", 70, np.uint64)
    array[:] = values
    chosen = sorted(ranges) if ascending else ranges
    starts = np.array([start for start, _ in chosen], np.int64)
    stops = starts + np.array([length for _, length in chosen], np.int64)
    expected = [value for start, stop in zip(starts, stops, strict=True) for value in values[start:stop]]
    assert take_ranges(values, starts, stops).tolist() == expected
    assert take_ranges(array, starts, stops).tolist() == expected
    assert take_ranges(array[10:60], starts % 41, starts % 41 + 9).tolist() == (
        take_ranges(values[10:60], starts % 41, starts % 41 + 9).tolist()
    )


def test_rows_are_those_of_an_array_in_memory(tmp_path: Path) -> None:
    array = create(tmp_path / "a", (50, 3), np.uint32)
    array[:] = np.arange(150).reshape(50, 3)
    rows = np.array([4, 3, 3, 49, 0])
    assert take_rows(array, rows).tolist() == array[rows].tolist() == take_rows(array.copy(), rows).tolist()


def test_what_is_discarded_takes_no_room(tmp_path: Path) -> None:
    array = create(tmp_path / "a", 1 << 20, np.uint8)
    array[:] = 7
    before = (tmp_path / "a").stat().st_blocks
    discard(array, 100, 1 << 19)
    assert (tmp_path / "a").stat().st_blocks < before
    assert array[:100].tolist() == [7] * 100
    assert (array[1 << 19 :] == 7).all()


@pytest.mark.parametrize("of_file", [False, True])
def test_a_shelf_gives_what_was_put(tmp_path: Path, *, of_file: bool) -> None:
    with FileShelf(tmp_path) if of_file else Shelf() as shelf:
        shelf.put(3, b"three")
        assert shelf.get(3) == b"three"
        shelf.put(9, b"")
        shelf.put(1, b"one" * 1000)
        assert [shelf.get(number) for number in (9, 1, 3)] == [b"", b"one" * 1000, b"three"]
        shelf.drop(9)
        with pytest.raises(KeyError):
            shelf.get(9)
