from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup.kernels.compiling import PLAIN, Kernel, kernel

if TYPE_CHECKING:
    from dedup.kernels.types import Count, Hashes, Rows


@kernel("u8[] i8[,] i8")
def add_up(values: Hashes, table: Rows, factor: Count) -> Count:
    total = 0
    for k in range(len(values)):
        total += np.int64(values[k]) * factor
    table[0, 1] = total
    return total


def test_a_kernel_computes_and_writes_into_its_arrays() -> None:
    values, table = np.array([1, 2, 3], np.uint64), np.zeros((2, 3), np.int64)
    assert add_up(values, table, -2) == -12
    assert table.tolist() == [[0, -12, 0], [0, 0, 0]]


@pytest.mark.skipif(PLAIN, reason="plain Python checks no types")
@pytest.mark.parametrize(
    ("values", "table"),
    [
        (np.zeros(3, np.int64), np.zeros((2, 3), np.int64)),
        (np.zeros((3, 1), np.uint64), np.zeros((2, 3), np.int64)),
        (np.zeros(6, np.uint64)[::2], np.zeros((2, 3), np.int64)),
        (np.zeros(3, np.uint64), np.zeros((3, 2), np.int64).T),
    ],
)
def test_an_array_of_another_kind_is_refused(values: Any, table: Any) -> None:
    with pytest.raises(TypeError, match="C order needed"):
        add_up(values, table, 1)


@pytest.mark.skipif(PLAIN, reason="plain Python counts its arguments itself")
def test_too_few_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        add_up(np.zeros(3, np.uint64))  # type: ignore[call-arg]


def test_a_kernel_keeps_its_name() -> None:
    assert isinstance(add_up, Kernel)
    assert add_up.__dict__["__name__"] == "add_up"
