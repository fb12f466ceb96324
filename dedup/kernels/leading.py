"""Buckets of equal band keys, and the pass that gives each text its leader.

Rows are ranks: row 0 is the longest text. The plain twin is in ``tests/naive.py``.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import (
    Bytes,
    Count,
    Dates,
    Flags,
    Hashes,
    Moments,
    Offsets,
    Rows,
    Rows32,
)

ALONE = -1
FIRST, LAST, CHANGED = (
    0,
    1,
    2,
)  # of a bucket: where its leaders are listed, and whether they are others than before
DOUBTFUL = 2  # times that a text was refused a leader, one behind the other, from when on it is asked before it joins
KEY_MIX = np.uint64(32)
ONE = np.uint64(1)


@kernel("u8[,] i8 i4[] i4[,] i8[]")
def group_keys(keys: Hashes, found: int, heads: Rows32, buckets: Rows32, sizes: Rows) -> int:
    """Number the keys that two rows or more share in a band; rows alone with their key get ``ALONE``.

    Keys and buckets stand band by band, so that a band's fit into the cache: a third of the time. ``heads`` is a
    table of a power of two places, at least twice as many as rows. ``found`` are the buckets of earlier bands; returns
    them and these.
    """
    wrap = np.uint64(len(heads) - 1)
    for band in range(keys.shape[0]):
        mine, of = keys[band], buckets[band]
        heads[:] = ALONE
        for row in range(len(mine)):
            key = mine[row]
            slot = (key ^ (key >> KEY_MIX)) & wrap
            while heads[slot] != ALONE and mine[heads[slot]] != key:
                slot = (slot + ONE) & wrap
            head = heads[slot]
            if head == ALONE:
                heads[slot] = row
                of[row] = ALONE
                continue
            if of[head] == ALONE:
                of[head] = found
                sizes[found] = 1
                found += 1
            of[row] = of[head]
            sizes[of[row]] += 1
    return found


@kernel("i4[,] i8[] i4[]")
def list_buckets(buckets: Rows32, ends: Offsets, row_buckets: Rows32) -> None:
    """Buckets of each row, band after band; ``ends`` says where each row's begin, and afterwards where they end."""
    for band in range(buckets.shape[0]):
        for row in range(buckets.shape[1]):
            if buckets[band, row] != ALONE:
                row_buckets[ends[row]] = buckets[band, row]
                ends[row] += 1


@inlined
def _length(bucket: Count, buckets: Rows32, walk: int) -> Count:
    """How many leaders a bucket lists, as far as a walk goes."""
    return min(buckets[bucket, LAST] - buckets[bucket, FIRST], walk)


@inlined
def _by_length(mine: Rows32, buckets: Rows32, walk: int, order: Rows) -> None:
    """A row's buckets, those with the fewest leaders first (ties: lower band), into ``order``."""
    for n in range(len(mine)):
        bucket = mine[n]
        length = _length(bucket, buckets, walk)
        k = n
        while k > 0 and _length(order[k - 1], buckets, walk) > length:
            order[k] = order[k - 1]
            k -= 1
        order[k] = bucket


@inlined
def _gather(
    order: Rows, buckets: Rows32, listed: Rows32, walk: int, row: int, considered: Rows32, candidates: Rows
) -> tuple[int, bool]:
    """Distinct leaders listed in the buckets, at most ``walk``; their number, and whether some were left out."""
    seen, cut = 0, False
    for bucket in order:
        last = buckets[bucket, LAST]
        first = max(buckets[bucket, FIRST], last - walk)
        cut |= first > buckets[bucket, FIRST]
        for place in range(last - 1, first - 1, -1):
            leader = listed[place]
            if considered[leader] != row:
                if seen == walk:
                    return seen, True
                considered[leader] = row
                candidates[seen] = leader
                seen += 1
    return seen, cut


@inlined
def _list(row: int, mine: Rows32, buckets: Rows32, listed: Rows32, leader: int, walk: int) -> None:
    """List a leader in each of a row's buckets, if it is not among the last ``walk`` there, as no new one is."""
    for bucket in mine:
        last = buckets[bucket, LAST]
        place = last - 1
        first = max(buckets[bucket, FIRST], last - walk)
        while leader != row and place >= first and listed[place] != leader:
            place -= 1
        if leader == row or place < first:
            listed[last] = leader
            buckets[bucket, LAST] = last + 1


@inlined
def _agreement(one: Bytes, other: Bytes) -> Count:
    """Number of equal marks of two texts."""
    equal = np.int32(0)
    for p in range(len(one)):
        equal += np.int32(one[p] == other[p])
    return equal


@inlined
def _any_changed(mine: Rows32, buckets: Rows32) -> bool:
    found = False
    for bucket in mine:
        found |= buckets[bucket, CHANGED] != 0
    return found


@inlined
def _within(row: int, leader: Count, dates: Dates, spans: Moments, window: int) -> bool:
    """Whether a row's date is no further than the window from those of a cluster; always without one, or undated."""
    return window < 0 or not (
        dates[row] < spans[leader, 0] - window or dates[row] > spans[leader, 1] + window
    )


@inlined
def _extend(row: int, leader: Count, dates: Dates, spans: Moments) -> None:
    """Let a cluster have the date of a row."""
    date = dates[row]
    if not date >= spans[leader, 0]:
        spans[leader, 0] = date
    if not date <= spans[leader, 1]:
        spans[leader, 1] = date


@inlined
def _equal_leader(row: int, equal: Rows, leaders: Rows, dates: Dates, spans: Moments, window: int) -> Count:
    """Latest leader of an earlier row with the same text whose cluster the row may join, or ``ALONE``."""
    found, twin = ALONE, equal[row]
    while twin != ALONE and (window >= 0 or found == ALONE):  # without a window all have one
        if _within(row, leaders[twin], dates, spans, window):
            found = max(found, leaders[twin])
        twin = equal[twin]
    return found


@kernel(
    "i8 i8[] i4[] i8[] i8[] i8[] f8[] f8[,] i8 i8"
    " u1[,] i8[] i8 i8[] i8 i8[] i4[] i4[] u1[] i4[] u1[] u1[] i8[] i4[] i4[] i4[,] i4[,] i8[] i8[] i4[,] f8[,]"
)
def assign_leaders(
    begin: int,
    row_starts: Offsets,
    row_buckets: Rows32,
    starts: Offsets,
    given: Rows,
    equal: Rows,
    dates: Dates,
    given_spans: Moments,
    window: int,
    extends: int,
    marks: Bytes,
    sizes: Rows,
    walk: int,
    hopeful: Rows,
    likely: int,
    known_starts: Offsets,
    known_leaders: Rows32,
    known_scores: Rows32,
    refused: Flags,
    confirmed: Rows32,
    stale: Flags,
    cut: Flags,
    leaders: Rows,
    doubted: Rows32,
    listed: Rows32,
    buckets: Rows32,
    of_row: Rows32,
    order: Rows,
    candidates: Rows,
    wanted: Rows32,
    spans: Moments,
) -> int:
    """One pass over the texts, in the order in which they may lead, with what is known of the pairs so far.

    Rows before ``begin`` have their leaders from before. A bucket lists ``given`` leaders from before, which stand in
    ``listed``. A text with ``equal`` ones before it joins the latest of their leaders. Another considers the leaders
    listed in its buckets (at most the last ``walk`` of a bucket and ``walk`` in all, the buckets with the fewest
    first), joins the best that it is known to be a copy of, or leads. Where a pair is not known yet it is wanted; if
    its ``marks`` (a byte of each value of the signature) agree in ``likely`` places it is taken for a copy, else for none; if they agree in fewer than
    ``hopeful`` places for the ratio of their sizes, it is not worth knowing.

    With a ``window`` (in seconds, below 0 for none) a text joins only a cluster that has a date no further away, of
    those ``given_spans`` or, where it ``extends`` them, of those that joined before it.

    A text that was ``refused`` leaders twice joins another only if that is the one ``confirmed`` for it; else it leads for
    now, so that those behind it meet it, and the other is ``doubted``, which is ``ALONE`` for all others.

    Only texts that are ``stale``, or whose buckets list other leaders than in the pass before, are looked at anew.
    Afterwards those are stale that wanted a pair or doubted a leader, and ``cut`` says which met more leaders than were walked.
    Returns the number of ``wanted`` pairs (leader, text), texts ascending; what finds no room there is wanted again
    in the next pass.

    The last seven arrays are room to work in: ``listed`` for one leader of each text of each bucket, three numbers for
    each bucket (afterwards it lists from the first to the second), three rows of a number for each text, ``order``
    for the buckets of one text, ``candidates`` for a walk, ``wanted``, and ``spans`` for two dates of each text.
    """
    considered, known_by, score_of = of_row[0], of_row[1], of_row[2]
    for bucket in range(len(buckets)):
        buckets[bucket, FIRST] = starts[bucket]
        buckets[bucket, LAST] = starts[bucket] + given[bucket]
        buckets[bucket, CHANGED] = 0
    considered[:] = -1
    known_by[:] = -1
    for row in range(len(spans)):
        spans[row, 0], spans[row, 1] = given_spans[row, 0], given_spans[row, 1]
    n_wanted = 0
    for row in range(begin, len(leaders)):
        doubted[row] = ALONE
        joined = _equal_leader(row, equal, leaders, dates, spans, window)
        if joined != ALONE:  # its buckets are those of its equal, which list the leader
            leaders[row] = joined
            stale[row] = cut[row] = 0
            if window >= 0 and extends:
                _extend(row, leaders[row], dates, spans)
            continue
        mine = row_buckets[row_starts[row] : row_starts[row + 1]]
        if window < 0 and not (stale[row] or _any_changed(mine, buckets)):
            _list(row, mine, buckets, listed, leaders[row], walk)
            continue
        for k in range(known_starts[row], known_starts[row + 1]):
            known_by[known_leaders[k]] = row
            score_of[known_leaders[k]] = known_scores[k]
        _by_length(mine, buckets, walk, order)
        seen, cut[row] = _gather(order[: len(mine)], buckets, listed, walk, row, considered, candidates)
        stale[row] = 0
        best, best_score = row, -1
        for k in range(seen):
            leader = candidates[k]
            if not _within(row, leader, dates, spans, window):
                continue
            score = -1
            if known_by[leader] == row:
                score = score_of[leader]
            else:
                shorter, longer = min(sizes[row], sizes[leader]), max(sizes[row], sizes[leader])
                needed = hopeful[shorter * (len(hopeful) - 1) // longer]
                if needed > marks.shape[1]:
                    continue
                agreement = _agreement(marks[leader], marks[row])
                if agreement < needed:
                    continue
                if agreement >= likely:
                    score = agreement
                if n_wanted < len(wanted):
                    wanted[n_wanted, 0], wanted[n_wanted, 1] = leader, row
                    n_wanted += 1
                stale[row] = 1
            if score > best_score or (score == best_score and score >= 0 and leader < best):
                best, best_score = leader, score
        if best != row and refused[row] >= DOUBTFUL and confirmed[row] != best:
            best, doubted[row] = row, best
            stale[row] = 1
        if best != leaders[row]:
            leaders[row] = best
            for bucket in mine:
                buckets[bucket, CHANGED] = 1
        if window >= 0 and (extends or best == row):
            _extend(row, best, dates, spans)
        _list(row, mine, buckets, listed, best, walk)
    return n_wanted
