"""Hashes of many byte strings in one array, which of them are equal, and which hashes are new to a set.

The twins are :func:`dedup.text.shingling.hash_word`, ``==`` and ``set``.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import kernel
from dedup.kernels.shingling import FINAL_FACTOR, WORD_SEED, hash_word, mix
from dedup.kernels.types import Bytes, Count, Flags, Hashes, Offsets, Rows

U0, U1, U32 = np.uint64(0), np.uint64(1), np.uint64(32)


@kernel("u8[] i8[] u8[]")
def hash_strings(blocks: Hashes, offsets: Offsets, hashes: Hashes) -> None:
    """Hash each string; ``blocks`` are the bytes as 8-byte blocks, with one of any kind behind the last."""
    for row in range(len(hashes)):
        start, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        # A shift by all 64 bits, as no byte at all would need it, is not defined.
        hashes[row] = hash_word(blocks, start, end - start) if end > start else mix(WORD_SEED * FINAL_FACTOR)


@kernel("u1[] i8[] i8[] i8[] u1[]")
def compare_strings(data: Bytes, offsets: Offsets, lefts: Rows, rights: Rows, equal: Flags) -> None:
    """Whether the strings of each pair of rows have the same bytes."""
    for pair in range(len(lefts)):
        start, other = offsets[lefts[pair]], offsets[rights[pair]]
        length = offsets[lefts[pair] + 1] - start
        same = offsets[rights[pair] + 1] - other == length
        place = 0
        while same and place < length:
            same = data[start + place] == data[other + place]
            place += 1
        equal[pair] = same


@kernel("u1[] i8[] u1[] u1[]")
def find_bytes(data: Bytes, offsets: Offsets, is_wanted: Flags, found: Flags) -> None:
    """Whether each string has a byte that is wanted, which is said of all 256."""
    for row in range(len(found)):
        place, end = offsets[row], offsets[row + 1]
        while place < end and is_wanted[data[place]] == 0:
            place += 1
        found[row] = place < end


@kernel("u8[] u8[] u1[]")
def add_hashes(hashes: Hashes, slots: Hashes, is_new: Flags) -> Count:
    """Add hashes to a set, and say of each whether it was not there; how many were not.

    ``slots`` are a power of two, more than there are hashes, 0 where nothing is, and a last one for the hash 0.
    """
    last = len(slots) - 1
    mask = np.uint64(last - 1)
    found = 0
    for row in range(len(hashes)):
        value = hashes[row]
        slot = np.uint64(last)
        if value == U0:
            value = U1
        else:
            slot = (value ^ (value >> U32)) & mask
            while slots[slot] != U0 and slots[slot] != value:
                slot = (slot + U1) & mask
        is_new[row] = slots[slot] != value
        if slots[slot] != value:
            slots[slot] = value
            found += 1
    return found
