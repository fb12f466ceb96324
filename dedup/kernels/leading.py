"""Buckets of equal band keys, and the pass that gives each text its leader.

Rows are ranks: row 0 is the longest text. The plain twin is in ``tests/naive.py``.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Hashes, Offsets, Rows, Signatures

ALONE = -1
KEY_MIX = np.uint64(32)
ONE = np.uint64(1)


@kernel
def group_keys(keys: Hashes, buckets: Rows) -> tuple[Offsets, int]:
    """Number the keys that two rows or more share in a band; rows alone with their key get ``ALONE``.

    Returns the sizes of the buckets (in an array that is longer than their number) and their number.
    """
    n, bands = keys.shape
    size = 16
    while size < 2 * n:
        size *= 2
    wrap = np.uint64(size - 1)
    heads = np.empty(size, np.int64)
    sizes = np.zeros(n * bands // 2 + 1, np.int64)
    found = 0
    for band in range(bands):
        heads[:] = ALONE
        for row in range(n):
            key = keys[row, band]
            slot = (key ^ (key >> KEY_MIX)) & wrap
            while heads[slot] != ALONE and keys[heads[slot], band] != key:
                slot = (slot + ONE) & wrap
            head = heads[slot]
            if head == ALONE:
                heads[slot] = row
                buckets[row, band] = ALONE
                continue
            if buckets[head, band] == ALONE:
                buckets[head, band] = found
                sizes[found] = 1
                found += 1
            buckets[row, band] = buckets[head, band]
            sizes[buckets[row, band]] += 1
    return sizes, found


@inlined
def _by_length(mine: Rows, filled: Rows, order: Rows) -> int:
    """The row's buckets with the fewest leaders first (ties: lower band), into ``order``; their number."""
    n = 0
    for bucket in mine:
        if bucket == ALONE:
            continue
        k = n
        while k > 0 and filled[order[k - 1]] > filled[bucket]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = bucket
        n += 1
    return n


@inlined
def _remember(buckets: Rows, starts: Offsets, filled: Rows, listed: Rows, leader: int, walk: int) -> None:
    """List a leader in each of the buckets, once as far as the walk sees."""
    for bucket in buckets:
        if bucket == ALONE:
            continue
        last = starts[bucket] + filled[bucket]
        known = False
        for place in range(last - 1, max(starts[bucket], last - walk) - 1, -1):
            if listed[place] == leader:
                known = True
                break
        if not known:
            listed[last] = leader
            filled[bucket] += 1


@inlined
def _agreement(one: Signatures, other: Signatures) -> int:
    """Number of equal values of two signatures."""
    equal = np.int32(0)
    for p in range(len(one)):
        equal += np.int32(one[p] == other[p])
    return equal


@kernel
def assign_leaders(
    buckets: Rows,
    starts: Offsets,
    signatures: Signatures,
    walk: int,
    hopeful: int,
    likely: int,
    known_starts: Offsets,
    known_leaders: Rows,
    known_scores: Rows,
    presume: bool,  # noqa: FBT001
    leaders: Rows,
) -> tuple[Rows, int]:
    """One pass over the texts, longest first, with what is known of the pairs so far.

    Each text considers the leaders listed in its buckets (at most ``walk`` of them, the buckets with the fewest
    first, in a bucket the latest first), joins the best that it is known to be a copy of, or leads. Where a pair is
    not known yet it is wanted; ``presume`` takes it for a copy, else for none.

    Returns the wanted pairs (leader, text), texts ascending, and how many texts had more leaders than ``walk``.
    """
    n, bands = buckets.shape
    filled = np.zeros(len(starts) - 1, np.int64)
    listed = np.empty(starts[-1], np.int64)
    order = np.empty(bands, np.int64)
    considered = np.full(n, -1, np.int64)
    known_by = np.full(n, -1, np.int64)
    score_of = np.empty(n, np.int64)
    candidates = np.empty(walk, np.int64)
    wanted = np.empty((n + 16, 2), np.int64)
    n_wanted = cut = 0
    for row in range(n):
        for k in range(known_starts[row], known_starts[row + 1]):
            known_by[known_leaders[k]] = row
            score_of[known_leaders[k]] = known_scores[k]
        seen = 0
        for k in range(_by_length(buckets[row], filled, order)):
            first = starts[order[k]]
            for place in range(first + filled[order[k]] - 1, first - 1, -1):
                leader = listed[place]
                if considered[leader] != row and seen < walk:
                    considered[leader] = row
                    candidates[seen] = leader
                    seen += 1
        best, best_score = row, -1
        for k in range(seen):
            leader = candidates[k]
            if known_by[leader] == row:
                score = score_of[leader]
            else:
                agreement = _agreement(signatures[leader], signatures[row])
                if agreement < hopeful:
                    continue
                score = agreement if presume and agreement >= likely else -1
                if n_wanted == len(wanted):
                    more = np.empty((2 * n_wanted, 2), np.int64)
                    more[:n_wanted] = wanted
                    wanted = more
                wanted[n_wanted, 0] = leader
                wanted[n_wanted, 1] = row
                n_wanted += 1
            if score > best_score or (score == best_score and score >= 0 and leader < best):
                best, best_score = leader, score
        cut += seen == walk
        leaders[row] = best
        _remember(buckets[row], starts, filled, listed, best, walk)
    return wanted[:n_wanted], cut
