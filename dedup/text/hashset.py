"""Hashes: a set of 64-bit hashes that takes a tenth of the memory of one of Python's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes

_LEAST_SLOTS = 1 << 12


class HashSet:
    """A set of 64-bit hashes, 16 to 32 bytes for each.

    Examples
    --------
    >>> seen = HashSet()
    >>> seen.add(np.array([7, 0, 7], np.uint64)).tolist(), seen.add(np.array([0, 9], np.uint64)).tolist()
    ([True, True, False], [False, True])
    >>> len(seen)
    3
    """

    def __init__(self) -> None:
        self._slots: Hashes = _slots(_LEAST_SLOTS)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Add hashes, one after the other; which of them were not there."""
        from dedup.kernels.strings import add_hashes  # noqa: PLC0415 - not needed for one pair

        size = len(self._slots) - 1
        while 2 * (self._length + len(hashes)) > size:
            size *= 2
        if size >= len(self._slots):
            self._grow(size)
        is_new = np.empty(len(hashes), np.uint8)
        self._length += add_hashes(np.ascontiguousarray(hashes), self._slots, is_new)
        return is_new.view(np.bool_)

    def _grow(self, size: int) -> None:
        from dedup.kernels.strings import add_hashes  # noqa: PLC0415

        there, zero = self._slots[:-1], self._slots[-1]
        self._slots = _slots(size)
        self._slots[-1] = zero
        there = there[there != 0]
        add_hashes(there, self._slots, np.empty(len(there), np.uint8))


def _slots(size: int) -> Hashes:
    return np.zeros(size + 1, np.uint64)
