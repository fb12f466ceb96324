"""Storage: where the large arrays of a run lie. Here in memory; :mod:`dedup.workdir` has them in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Appender:
    """Values that are appended bit by bit to one array.

    Parameters
    ----------
    dtype : dtype
        Of the values.
    expected : int, default=0
        How many there may be. The system gives memory when it is first written to, so too many cost nothing, and
        more are taken in; but a good guess saves a fifth of the time of the appending (2026-11).
    """

    def __init__(self, dtype: DTypeLike, expected: int = 0) -> None:
        self._values: NDArray[Any] = np.empty(max(expected, 1 << 12), dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, values: NDArray[Any]) -> None:
        """Append an array; it is copied."""
        end = self._length + len(values)
        if end > len(self._values):
            # By an eighth, because resizing writes zeros; without a check, because no view has left this object.
            self._values.resize(max(end, len(self._values) * 9 // 8), refcheck=False)
        self._values[self._length : end] = values
        self._length = end

    def finish(self) -> NDArray[Any]:
        """Give the array away; nothing may be appended any more."""
        self._values.resize(self._length, refcheck=False)
        return self._values


class Storage:
    """Large arrays in memory."""

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents."""
        return np.empty(shape, dtype)

    def appender(self, dtype: DTypeLike, expected: int = 0) -> Appender:
        """One-dimensional array that grows."""
        return Appender(dtype, expected)


#: The one that is used where no other is given.
MEMORY = Storage()
