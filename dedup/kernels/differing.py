"""What differs between two texts, counted.

The twins are :mod:`dedup.match.differing` and :func:`dedup.match.lookalikes.differences`.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Codes, Count, Flag, Hash, Hashes, Offsets, Rows, Table, Table64

BASE = np.uint64(0x2127599BF4325C37)
FACTOR = np.uint64(0xD6E8FEB86659FD93)
EMPTY = np.uint64(0)
ONE = np.uint64(1)
U32 = np.uint64(32)
SIX, LAST_BIT, LAST_BYTE = np.uint64(6), np.uint64(63), np.uint64(255)
NUMBER = np.uint32(1)  #: set in the code of a word that has a digit
WIDTH = 5
CELLS = 4096
SLOT = 24
TITLE = 64
ABSENT, REPEATED = -1, -2

#: Columns of what is counted.
WORDS, NUMBERS, SPELT, REWORDED, LEAD = 0, 1, 2, 3, 4
TITLE_WORDS, SHORTER_TITLE, SHARED_TITLE, FOREIGN, OTHER_FOREIGN, APART, OTHER_APART = 5, 6, 7, 8, 9, 10, 11
N_COUNTS = 12


@inlined
def _gram(words: Codes, start: Count) -> Hash:
    """Hash of the ``WIDTH`` words from a place on; never 0."""
    value = EMPTY
    for k in range(WIDTH):
        value = value * BASE + np.uint64(words[start + k])
    value = (value ^ (value >> U32)) * FACTOR
    value ^= value >> U32
    return value + np.uint64(value == EMPTY)


@inlined
def _pair_grams(one: Codes, other: Codes, keys: Hashes, places: Rows, own: Rows, partners: Rows) -> None:
    """For each place of ``one`` the place of the same gram in ``other``, where it stands once in each, else -1.

    ``keys``, ``places`` and ``own`` are an open-addressing table of four times as many places as words of ``other``.
    """
    size = 16
    while size < 4 * len(other):
        size *= 2
    wrap = np.uint64(size - 1)
    keys[:size] = EMPTY
    for place in range(len(other) - WIDTH + 1):
        gram = _gram(other, place)
        slot = gram & wrap
        while keys[slot] != EMPTY and keys[slot] != gram:
            slot = (slot + ONE) & wrap
        places[slot] = place if keys[slot] == EMPTY else REPEATED
        own[slot] = ABSENT
        keys[slot] = gram
    for place in range(len(one) - WIDTH + 1):
        gram = _gram(one, place)
        slot = gram & wrap
        while keys[slot] != EMPTY and keys[slot] != gram:
            slot = (slot + ONE) & wrap
        partners[place] = ABSENT
        if keys[slot] == EMPTY or places[slot] == REPEATED:
            continue
        if own[slot] == ABSENT:
            own[slot] = place
            partners[place] = places[slot]
        elif own[slot] >= 0:
            partners[own[slot]] = ABSENT
            own[slot] = REPEATED


@inlined
def _next_number(words: Codes, k: Count) -> Count:
    """Place of the first number from a place on, or the end."""
    while k < len(words) and words[k] & NUMBER == 0:
        k += 1
    return k


@inlined
def _count_slot(one: Codes, other: Codes, inside: Flag, counts: Rows) -> None:
    """Say of two differing stretches whether numbers or other words stand against each other."""
    if len(one) == 0 or len(other) == 0 or max(len(one), len(other)) > SLOT:
        return
    i, j = _next_number(one, 0), _next_number(other, 0)
    spelt = i == len(one) or j == len(other)
    while i < len(one) and j < len(other) and one[i] == other[j]:
        i, j = _next_number(one, i + 1), _next_number(other, j + 1)
    if i == len(one) and j == len(other):
        counts[REWORDED] += 1
    elif inside:
        counts[SPELT if spelt else NUMBERS] += 1


@inlined
def _count_gap(one: Codes, other: Codes, inside: Flag, common: Rows, counts: Rows) -> None:
    """Align the stretches between two anchors by a longest common subsequence, and count what lies between."""
    first = 0
    while first < min(len(one), len(other)) and one[first] == other[first]:
        first += 1
    one, other = one[first:], other[first:]
    last = 0
    while last < min(len(one), len(other)) and one[len(one) - 1 - last] == other[len(other) - 1 - last]:
        last += 1
    n, m = len(one) - last, len(other) - last
    if n == 0 or m == 0 or n * m > CELLS:
        _count_slot(one[:n], other[:m], inside, counts)
        return
    step = m + 1
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            at = i * step + j
            if i == n or j == m:
                common[at] = 0
            elif one[i] == other[j]:
                common[at] = common[at + step + 1] + 1
            else:
                common[at] = max(common[at + step], common[at + 1])
    i = j = start = other_start = 0
    while i < n and j < m:
        if one[i] == other[j]:
            _count_slot(one[start:i], other[other_start:j], inside, counts)
            i, j = i + 1, j + 1
            start, other_start = i, j
        elif common[(i + 1) * step + j] >= common[i * step + j + 1]:
            i += 1
        else:
            j += 1
    _count_slot(one[start:n], other[other_start:m], inside, counts)


@inlined
def _lead(one: Codes, other: Codes, partners: Rows) -> Count:
    """Words before the first gram that stands in the other text too, in the text where they are fewer."""
    lead = min(len(one), len(other))
    for place in range(len(one) - WIDTH + 1):
        if partners[place] >= 0:
            lead = min(lead, place, partners[place])
    return lead


@inlined
def _count_slots(one: Codes, other: Codes, partners: Rows, common: Rows, counts: Rows) -> None:
    """Walk from anchor to anchor, and count what differs between them."""
    at = other_at = start = other_start = 0
    anchored = False
    while at <= len(one) - WIDTH:
        if partners[at] < other_at:
            at += 1
            continue
        _count_gap(one[start:at], other[other_start : partners[at]], anchored, common, counts)
        other_at = partners[at]
        while at < len(one) and other_at < len(other) and one[at] == other[other_at]:
            at += 1
            other_at += 1
        start, other_start, anchored = at, other_at, True
    _count_gap(one[start:], other[other_start:], False, common, counts)


@inlined
def _holds(words: Codes, word: np.uint32) -> Flag:
    found = False
    for k in range(len(words)):
        found |= words[k] == word
    return found


@inlined
def _distinct(words: Codes) -> Count:
    """How many of the words are there, repeats left out."""
    found = 0
    for k in range(len(words)):
        found += not _holds(words[:k], words[k])
    return found


@inlined
def _shared(title: Codes, other_title: Codes) -> Count:
    """How many words two titles share, repeats left out."""
    found = 0
    for k in range(len(title)):
        found += not _holds(title[:k], title[k]) and _holds(other_title, title[k])
    return found


@inlined
def _count_foreign(
    title: Codes, other_title: Codes, text: Codes, other: Codes, column: Count, counts: Rows
) -> None:
    """Count the words of a title that neither the other title nor its text has, and those that the own text has."""
    for k in range(len(title)):
        if _holds(title[:k], title[k]) or _holds(other_title, title[k]) or _holds(other, title[k]):
            continue
        counts[FOREIGN + column] += 1
        counts[APART + column] += np.int64(_holds(text, title[k]))


@inlined
def _begins(text: Codes, title: Codes) -> Flag:
    """Whether a text begins with its title: then the title says nothing of its own."""
    k = 0
    while k < min(len(title), len(text)) and text[k] == title[k]:
        k += 1
    return k == len(title)


@inlined
def _comes_first(one: Codes, other: Codes) -> Flag:
    """Whether the first is longer, or as long and greater."""
    if len(one) != len(other):
        return len(one) > len(other)
    k = 0
    while k < len(one) and one[k] == other[k]:
        k += 1
    return k == len(one) or one[k] > other[k]


@kernel("i8[] u4[] i8[] u4[] i8[] i8[] u8[] i8[,] i8[] i8[] i8[,]")
def count_differences(
    indptr: Offsets,
    words: Codes,
    title_indptr: Offsets,
    titles: Codes,
    lefts: Rows,
    rights: Rows,
    keys: Hashes,
    places: Table,
    partners: Rows,
    common: Rows,
    counts: Table,
) -> None:
    """Count what differs between the texts, and between the titles, of each pair of rows.

    ``keys`` and each row of ``places`` have room for eight times the words of any text, and 16 more; ``common`` for
    ``2 * CELLS + 2``. The longer text comes first, so that the order of a pair does not matter.
    """
    for k in range(len(lefts)):
        a, b = lefts[k], rights[k]
        if not _comes_first(words[indptr[a] : indptr[a + 1]], words[indptr[b] : indptr[b + 1]]):
            a, b = b, a
        one, other = words[indptr[a] : indptr[a + 1]], words[indptr[b] : indptr[b + 1]]
        row = counts[k]
        row[:] = 0
        row[WORDS] = len(other)
        _pair_grams(one, other, keys, places[0], places[1], partners)
        row[LEAD] = _lead(one, other, partners)
        _count_slots(one, other, partners, common, row)
        title = titles[title_indptr[a] : min(title_indptr[a + 1], title_indptr[a] + TITLE)]
        other_title = titles[title_indptr[b] : min(title_indptr[b + 1], title_indptr[b] + TITLE)]
        n, m = _distinct(title), _distinct(other_title)
        if n == 0 or m == 0:
            continue
        row[TITLE_WORDS], row[SHORTER_TITLE], row[SHARED_TITLE] = (
            n + m,
            min(n, m),
            _shared(title, other_title),
        )
        if not (_begins(one, title) or _begins(other, other_title)):
            _count_foreign(title, other_title, one, other, 0, row)
            _count_foreign(other_title, title, other, one, 1, row)


@kernel("i8[] u4[] i8[] i8[] i8[,]")
def compare_titles(indptr: Offsets, titles: Codes, lefts: Rows, rights: Rows, counts: Table) -> None:
    """Words of both titles, of the shorter one, in both: the columns of :func:`count_differences`."""
    for k in range(len(lefts)):
        a, b = indptr[lefts[k]], indptr[rights[k]]
        title = titles[a : min(indptr[lefts[k] + 1], a + TITLE)]
        other_title = titles[b : min(indptr[rights[k] + 1], b + TITLE)]
        n, m = _distinct(title), _distinct(other_title)
        known = n > 0 and m > 0
        counts[k, 0], counts[k, 1] = known * (n + m), known * min(n, m)
        counts[k, 2] = _shared(title, other_title)


@kernel("i8[] u4[] u8[,]")
def set_bits(indptr: Offsets, codes: Codes, figures: Table64) -> None:
    """Set the bit of each number of a text in its row, which is empty at first."""
    for row in range(len(indptr) - 1):
        for code in codes[indptr[row] : indptr[row + 1]]:
            if code & NUMBER:
                bit = np.uint64(code >> NUMBER) & LAST_BYTE
                figures[row, bit >> SIX] |= ONE << (bit & LAST_BIT)
