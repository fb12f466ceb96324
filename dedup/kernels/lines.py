"""Hashes of the lines of many texts. The twin splits at line feeds and calls :func:`dedup.text.shingling.hash_word`."""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel, lowest_bit
from dedup.kernels.shingling import hash_word
from dedup.kernels.types import Count, Hash, Hashes, Offsets, Rows

U1, U3, U6, U7, U8, U56, U64 = (np.uint64(n) for n in (1, 3, 6, 7, 8, 56, 64))
LINE_FEEDS = np.uint64(0x0A0A0A0A0A0A0A0A)
LOW_SEVEN = np.uint64(0x7F7F7F7F7F7F7F7F)
EIGHTH = np.uint64(0x8080808080808080)
GATHER = np.uint64(0x0102040810204080)


@inlined
def _line_feeds(blocks: Hashes, first: Hash) -> Hash:
    """One bit for each of 64 bytes that is a line feed."""
    mask = np.uint64(0)
    for k in range(8):
        block = blocks[first + np.uint64(k)] ^ LINE_FEEDS
        other = (((block & LOW_SEVEN) + LOW_SEVEN) | block) & EIGHTH
        mask |= ((((other ^ EIGHTH) >> U7) * GATHER) >> U56) << np.uint64(8 * k)
    return mask


@kernel("u8[] i8[] i8 u8[] i8[]")
def hash_lines(blocks: Hashes, offsets: Offsets, least: Count, hashes: Hashes, counts: Rows) -> Count:
    """Hash the lines of at least ``least`` bytes of each text, text by text; how many there are.

    ``blocks`` are the texts as 8-byte blocks, with 64 bytes of any kind behind the last.
    """
    wanted = np.uint64(least)
    found = 0
    for row in range(len(counts)):
        before = found
        start, end = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        base = start & ~(U64 - U1)
        mask = _line_feeds(blocks, base >> U3) & ~((U1 << (start - base)) - U1)
        while start < end:
            while mask == 0 and base + U64 < end:
                base += U64
                mask = _line_feeds(blocks, base >> U3)
            stop = min(base + lowest_bit(mask), end) if mask else end
            mask &= mask - U1
            if stop - start >= wanted:
                hashes[found] = hash_word(blocks, start, stop - start)
                found += 1
            start = stop + U1
        counts[row] = found - before
    return found
