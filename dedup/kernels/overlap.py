"""How many shingles two texts share, counted exactly. The twin is a set intersection."""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Count, Elements, Flag, Hash, Hashes, Offsets, Rows

EMPTY = np.uint64(0)
ONE, SIX, LAST_BIT = np.uint64(1), np.uint64(6), np.uint64(63)
U20 = np.uint64(20)  # the bits above these are as good as any, and not those that a shingle was sampled by
HOST_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@inlined
def _table(slots: Hashes, shingles: Hashes) -> Hash:
    """Fill as much of ``slots`` as the shingles fill to an eighth; the mask that wraps a place into it.

    Two and a half times as fast to look into as one half full (2026-11).
    """
    size = 16
    while size < 8 * len(shingles):
        size *= 2
    slots[:size] = EMPTY
    wrap = np.uint64(size - 1)
    for shingle in shingles:
        slot = shingle & wrap
        while slots[slot] != EMPTY:
            slot = (slot + ONE) & wrap
        slots[slot] = shingle
    return wrap


@inlined
def _holds(slots: Hashes, wrap: Hash, shingle: Hash) -> Flag:
    slot = shingle & wrap
    while slots[slot] != EMPTY and slots[slot] != shingle:
        slot = (slot + ONE) & wrap
    return slots[slot] == shingle


@kernel("i8[] u8[] i8[] i8[] u8[] i8[]")
def count_shared(
    indptr: Offsets, hashes: Hashes, lefts: Rows, rights: Rows, slots: Hashes, counts: Rows
) -> None:
    """Shingles in both rows of each pair; pairs with one left row stand together.

    The left row's shingles go into an open-addressing table once, the right rows are looked up in it: linear, where
    merging sorted rows would first have to sort them (docs/decisions/0003-shingles-in-text-order.md). ``slots`` has
    room for sixteen times the shingles of any left row.
    """
    wrap, filled = EMPTY, -1
    for k in range(len(lefts)):
        if lefts[k] != filled:
            filled = lefts[k]
            wrap = _table(slots, hashes[indptr[filled] : indptr[filled + 1]])
        shared = 0
        for shingle in hashes[indptr[rights[k]] : indptr[rights[k] + 1]]:
            shared += _holds(slots, wrap, shingle)
        counts[k] = shared


@kernel("i8[] u8[] i8[] i8[] i8 u8[] i8[]")
def cover_runs(
    indptr: Offsets, hashes: Hashes, longer: Rows, shorter: Rows, gap: int, slots: Hashes, covered: Rows
) -> None:
    """Shingles of the shorter row that lie in runs of shared ones, gaps of at most ``gap`` included."""
    wrap, filled = EMPTY, -1
    for k in range(len(longer)):
        if longer[k] != filled:
            filled = longer[k]
            wrap = _table(slots, hashes[indptr[filled] : indptr[filled + 1]])
        total, last, place = 0, -1, 0
        for shingle in hashes[indptr[shorter[k]] : indptr[shorter[k] + 1]]:
            if _holds(slots, wrap, shingle):
                total += place - last if last >= 0 and place - last <= gap + 1 else 1
                last = place
            place += 1
        covered[k] = total


@inlined
def _mark(marks: Hashes, shingles: Hashes) -> Hash:
    """Set a bit for each value of some low bits of a shingle; the mask of these bits."""
    low = np.uint64(64 * len(marks) - 1)
    marks[:] = EMPTY
    for shingle in shingles:
        marks[(shingle & low) >> SIX] |= ONE << (shingle & LAST_BIT)
    return low


@inlined
def _marked(marks: Hashes, low: Hash, shingle: Hash) -> Flag:
    return marks[(shingle & low) >> SIX] >> (shingle & LAST_BIT) & ONE


@kernel("i8[] u8[] u8[] u8[] u8[] i8[] i8[]")
def drop_shingles(
    indptr: Offsets,
    hashes: Hashes,
    dropped: Hashes,
    marks: Hashes,
    slots: Hashes,
    out_indptr: Offsets,
    stretches: Rows,
) -> int:
    """Close up the rows of a table over the dropped shingles, in place; how many are left.

    ``stretches`` gets the number of stretches that each row loses.
    ``slots`` has room for sixteen times the dropped ones. ``marks`` is a bit for each value of some low bits of a
    shingle: few shingles have that of a dropped one, and only those are looked up.
    """
    wrap, low = _table(slots, dropped), _mark(marks, dropped)
    kept, begin = 0, indptr[0]
    for row in range(len(indptr) - 1):
        end = indptr[row + 1]
        out_indptr[row] = kept
        lost, last = 0, -2
        for place in range(begin, end):
            shingle = hashes[place]
            hashes[kept] = shingle
            kept += 1
            if _marked(marks, low, shingle) and _holds(slots, wrap, shingle):
                kept -= 1
                lost += last != place - 1
                last = place
        stretches[row] = lost
        begin = end
    out_indptr[len(indptr) - 1] = kept
    return kept


@kernel("i8[] u8[] i8[] u8[] u8[] u8[] i8[]")
def span_others(
    indptr: Offsets, hashes: Hashes, rows: Rows, known: Hashes, marks: Hashes, slots: Hashes, longest: Rows
) -> None:
    """Longest stretch of each row without any of the known shingles; ``marks`` and ``slots`` as above."""
    wrap, low = _table(slots, known), _mark(marks, known)
    for k in range(len(rows)):
        best = length = 0
        for shingle in hashes[indptr[rows[k]] : indptr[rows[k] + 1]]:
            length += 1
            if _marked(marks, low, shingle) and _holds(slots, wrap, shingle):
                length = 0
            best = max(best, length)
        longest[k] = best


@kernel("i8[] u8[] i8[] i8 u8[] i8[]")
def sample_rows(
    indptr: Offsets, hashes: Hashes, rows: Rows, mask: Count, sampled: Hashes, places: Rows
) -> Count:
    """Shingles of the rows that have no bit of the mask, and the place of the row of each; how many there are."""
    bits = np.uint64(mask)
    found = 0
    for k in range(len(rows)):
        for shingle in hashes[indptr[rows[k]] : indptr[rows[k] + 1]]:
            if shingle & bits == EMPTY:
                sampled[found], places[found] = shingle, k
                found += 1
    return found


@kernel("i8[] u8[] i8[] i8[] i8 u8[] i8[]")
def fill_runs(
    indptr: Offsets, hashes: Hashes, longer: Rows, shorter: Rows, gap: int, slots: Hashes, most: Rows
) -> None:
    """Most shared shingles in one run of the shorter row; runs end where more than ``gap`` in a row are not shared."""
    wrap, filled = EMPTY, -1
    for k in range(len(longer)):
        if longer[k] != filled:
            filled = longer[k]
            wrap = _table(slots, hashes[indptr[filled] : indptr[filled + 1]])
        best, count, last, place = 0, 0, -1, 0
        for shingle in hashes[indptr[shorter[k]] : indptr[shorter[k] + 1]]:
            if _holds(slots, wrap, shingle):
                count = count + 1 if last >= 0 and place - last <= gap + 1 else 1
                last = place
                best = max(best, count)
            place += 1
        most[k] = best


@kernel("i8[] u8[] i8[] i8[] u8[] i8[] i8[]")
def span_shared(
    indptr: Offsets, hashes: Hashes, longer: Rows, shorter: Rows, slots: Hashes, shared: Rows, spans: Rows
) -> None:
    """Shared shingles of the shorter row, and its shingles from the first to the last of them."""
    wrap, filled = EMPTY, -1
    for k in range(len(longer)):
        if longer[k] != filled:
            filled = longer[k]
            wrap = _table(slots, hashes[indptr[filled] : indptr[filled + 1]])
        found, first, last, place = 0, 0, -1, 0
        for shingle in hashes[indptr[shorter[k]] : indptr[shorter[k] + 1]]:
            if _holds(slots, wrap, shingle):
                if found == 0:
                    first = place
                found += 1
                last = place
            place += 1
        shared[k], spans[k] = found, last - first + 1


@kernel("u8[] i8[] i8[] i8 u4[] i8[]")
def find_often(
    shingles: Hashes, texts: Rows, hosts: Rows, least: Count, bins: Elements, often: Rows
) -> Count:
    """Places of the shingles that so many texts of their host may have, told by a count of some bits; how many.

    A text whose host is -1 is left out. ``bins`` is a power of two.
    """
    wrap = np.uint64(len(bins) - 1)
    bins[:] = 0
    for place in range(len(shingles)):
        host = hosts[texts[place]]
        if host >= 0:
            bins[((shingles[place] >> U20) ^ np.uint64(host) * HOST_FACTOR) & wrap] += np.uint32(1)
    found = 0
    for place in range(len(shingles)):
        host = hosts[texts[place]]
        if host >= 0 and bins[((shingles[place] >> U20) ^ np.uint64(host) * HOST_FACTOR) & wrap] >= least:
            often[found] = place
            found += 1
    return found
