"""How many shingles two texts share, counted exactly. The twin is a set intersection."""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Hash, Hashes, Offsets, Rows

EMPTY = np.uint64(0)
ONE = np.uint64(1)


@inlined
def _fill(slots: Hashes, wrap: Hash, shingles: Hashes) -> None:
    """Put distinct shingles into an empty open-addressing table; 0 is no shingle."""
    for shingle in shingles:
        slot = shingle & wrap
        while slots[slot] != EMPTY:
            slot = (slot + ONE) & wrap
        slots[slot] = shingle


@inlined
def _holds(slots: Hashes, wrap: Hash, shingle: Hash) -> bool:
    slot = shingle & wrap
    while slots[slot] != EMPTY and slots[slot] != shingle:
        slot = (slot + ONE) & wrap
    return slots[slot] == shingle


@kernel
def count_shared(indptr: Offsets, hashes: Hashes, lefts: Rows, rights: Rows, counts: Rows) -> None:
    """Shingles in both rows of each pair; pairs with one left row stand together.

    The left row's shingles go into an open-addressing table once, the right rows are looked up in it: linear, where
    merging sorted rows would first have to sort them (docs/decisions/0003-shingles-in-text-order.md).
    """
    longest = 0
    for row in lefts:
        longest = max(longest, indptr[row + 1] - indptr[row])
    capacity = 16  # an eighth full at most: two and a half times as fast as half full (2026-11)
    while capacity < 8 * longest:
        capacity *= 2
    slots = np.empty(capacity, np.uint64)
    wrap, filled = EMPTY, -1
    for k in range(len(lefts)):
        if lefts[k] != filled:
            filled = lefts[k]
            shingles = hashes[indptr[filled] : indptr[filled + 1]]
            size = 16
            while size < 8 * len(shingles):
                size *= 2
            slots[:size] = EMPTY
            wrap = np.uint64(size - 1)
            _fill(slots, wrap, shingles)
        shared = 0
        for shingle in hashes[indptr[rights[k]] : indptr[rights[k] + 1]]:
            shared += _holds(slots, wrap, shingle)
        counts[k] = shared


@kernel
def cover_runs(indptr: Offsets, hashes: Hashes, longer: Rows, shorter: Rows, gap: int, covered: Rows) -> None:
    """Shingles of the shorter row that lie in runs of shared ones, gaps of at most ``gap`` included."""
    for k in range(len(longer)):
        known = hashes[indptr[longer[k]] : indptr[longer[k] + 1]]
        size = 16
        while size < 8 * len(known):
            size *= 2
        slots = np.zeros(size, np.uint64)
        wrap = np.uint64(size - 1)
        _fill(slots, wrap, known)
        total, last, place = 0, -1, 0
        for shingle in hashes[indptr[shorter[k]] : indptr[shorter[k] + 1]]:
            if _holds(slots, wrap, shingle):
                total += place - last if last >= 0 and place - last <= gap + 1 else 1
                last = place
            place += 1
        covered[k] = total
