"""Postings sorted by key: sorting, looking up, gathering, merging. The plain twins are in ``tests/naive_postings.py``.

Keys are hashes, spread evenly over 64 bits: that is what makes these fast. Where they are not (all keys equal, all
alike in their upper bits), none takes more than a logarithm longer.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Count, Flags, Hash, Hashes, Offsets, Rows, Rows32U, Table

U8, U32, U56 = np.uint64(8), np.uint64(32), np.uint64(56)
LOW_8 = np.uint64(0xFF)
QUERY, BEGIN, END = 0, 1, 2
#: Places that an element may be moved, on average, before keys are taken for not spread evenly.
MOVES = 16


@inlined
def _pass(
    keys: Hashes, numbers: Rows32U, to_keys: Hashes, to_numbers: Rows32U, counts: Rows, shift: Hash
) -> None:
    """Sort by the eight bits above ``shift``; what is equal stays in its order."""
    counts[:] = 0
    for k in range(len(keys)):
        counts[(keys[k] >> shift) & LOW_8] += 1
    total = 0
    for digit in range(256):
        count = counts[digit]
        counts[digit] = total
        total += count
    for k in range(len(keys)):
        digit = (keys[k] >> shift) & LOW_8
        place = counts[digit]
        counts[digit] = place + 1
        to_keys[place] = keys[k]
        to_numbers[place] = numbers[k]


@inlined
def _insert(keys: Hashes, numbers: Rows32U, moves: Count) -> Count:
    """Sort by insertion; True if that is done within so many moves."""
    for k in range(1, len(keys)):
        key, number, place = keys[k], numbers[k], k
        while place > 0 and keys[place - 1] > key:
            keys[place] = keys[place - 1]
            numbers[place] = numbers[place - 1]
            place -= 1
        keys[place] = key
        numbers[place] = number
        moves -= k - place
        if moves < 0:
            return False
    return True


@kernel("u8[] u4[] u8[] u4[] i8[] i8")
def sort_postings(
    keys: Hashes, numbers: Rows32U, spare_keys: Hashes, spare_numbers: Rows32U, counts: Rows, digits: Count
) -> None:
    """Sort postings by key, in place; what stands under one key stays in its order.

    The upper ``digits`` bytes, an even number of them, by counting, from the lower to the upper; then insertion puts
    right the little that is left. Should that be much, all eight bytes are counted. ``counts`` has room for 256.
    """
    for first in (8 - digits, 0):
        for digit in range(first, 8, 2):
            _pass(keys, numbers, spare_keys, spare_numbers, counts, np.uint64(8 * digit))
            _pass(spare_keys, spare_numbers, keys, numbers, counts, np.uint64(8 * digit + 8))
        if _insert(keys, numbers, MOVES * len(keys) + 64):
            break


@inlined
def _first(keys: Hashes, begin: Count, end: Count, place: Count, key: Hash) -> Count:
    """First place from ``begin`` to ``end`` with a key that is not lower, looked for from a guess in ever longer steps."""
    step = 1
    if place < end and keys[place] < key:
        low = place + 1
        high = low
        while high < end and keys[high] < key:
            low = high + 1
            high += step
            step *= 2
        high = min(high, end)
    else:
        high = place
        low = place - 1
        while low >= begin and keys[low] >= key:
            high = low
            low -= step
            step *= 2
        low = max(low + 1, begin)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _past(keys: Hashes, begin: Count, end: Count, key: Hash) -> Count:
    """First place from ``begin`` on with another key than that which stands there."""
    step, low, high = 1, begin, begin + 1
    while high < end and keys[high] == key:
        low = high
        high += step
        step *= 2
    low += 1
    high = min(high, end)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] == key:
            low = middle + 1
        else:
            high = middle
    return low


@kernel("u8[] i8[] i8 u8[] u4[] i8[,]")
def look_up(
    keys: Hashes, directory: Offsets, bits: Count, asked: Hashes, queries: Rows32U, hits: Table
) -> Count:
    """Where each asked key stands in ascending keys; returns how many stand there at all.

    ``directory`` says where the keys of each value of the upper ``bits`` bits begin. A row of ``hits`` is the number
    of the query, where its postings begin, and where they end. Within a value, keys are spread evenly: the place is
    guessed, and is a few away. Asked in ascending order, memory is read in order. Whatever the directory says, and in
    whatever order the keys are, nothing beyond them is read.
    """
    shift, above = np.uint64(64 - bits), np.uint64(bits)
    found = 0
    for k in range(len(asked)):
        key = asked[k]
        slot = key >> shift
        begin = min(max(directory[slot], 0), len(keys))
        end = min(max(directory[slot + np.uint64(1)], begin), len(keys))
        fraction = (key << above) >> U32
        place = begin + np.int64((fraction * np.uint64(end - begin)) >> U32)
        place = _first(keys, begin, end, place, key)
        if place < end and keys[place] == key:
            hits[found, QUERY] = queries[k]
            hits[found, BEGIN] = place
            hits[found, END] = _past(keys, place, end, key)
            found += 1
    return found


@kernel("u4[] i8[,] i8[] i8[] i8[]")
def gather(numbers: Rows32U, hits: Table, starts: Offsets, room: Offsets, gathered: Rows) -> None:
    """Copy the numbers of hits to the end of what is free for their query, the last ones if there is not room for all.

    Free is from ``starts`` to ``room``. So runs are gone through from the latest to the oldest.
    """
    for k in range(len(hits)):
        query = hits[k, QUERY]
        place = room[query]
        for k_number in range(hits[k, END] - 1, hits[k, BEGIN] - 1, -1):
            if place == starts[query]:
                break
            place -= 1
            gathered[place] = numbers[k_number]
        room[query] = place


@kernel("u8[] u4[] u8[] u4[] u8[] u4[]")
def merge_postings(
    older: Hashes,
    older_numbers: Rows32U,
    later: Hashes,
    later_numbers: Rows32U,
    keys: Hashes,
    numbers: Rows32U,
) -> None:
    """Merge two runs of ascending keys; under one key the older ones stand first."""
    i, j = 0, 0
    for k in range(len(keys)):
        if j == len(later) or (i < len(older) and older[i] <= later[j]):
            keys[k] = older[i]
            numbers[k] = older_numbers[i]
            i += 1
        else:
            keys[k] = later[j]
            numbers[k] = later_numbers[j]
            j += 1


@kernel("u8[] u4[] i8 u1[] u8[] u4[]")
def sift(
    keys: Hashes, numbers: Rows32U, first: Count, alive: Flags, kept_keys: Hashes, kept_numbers: Rows32U
) -> Count:
    """Leave out the postings of numbers below ``first``, and of those that the flags from there on say are gone."""
    kept = 0
    for k in range(len(keys)):
        place = np.int64(numbers[k]) - first
        if place >= 0 and (place >= len(alive) or alive[place] != 0):
            kept_keys[kept] = keys[k]
            kept_numbers[kept] = numbers[k]
            kept += 1
    return kept


@kernel("u8[] i8 i8[]")
def count_slots(keys: Hashes, bits: Count, counts: Offsets) -> None:
    """Add to each value of the upper ``bits`` bits, one place further on, how many keys have it."""
    shift = np.uint64(64 - bits)
    for k in range(len(keys)):
        counts[(keys[k] >> shift) + np.uint64(1)] += 1


@kernel("u8[]")
def is_ascending(keys: Hashes) -> Count:
    """Whether no key is lower than the one before it."""
    for k in range(1, len(keys)):
        if keys[k] < keys[k - 1]:
            return 0
    return 1
