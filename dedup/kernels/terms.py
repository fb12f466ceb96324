"""From UTF-8 bytes to the terms of articles. The plain twin is :func:`dedup.match.storyterms.terms_of`."""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.normalising import (
    DASH,
    DIGIT,
    HYPHEN,
    IGNORED,
    MARK,
    MAX_MARKS,
    SEPARATOR,
    SINGLE,
    WORD,
    decode,
    encode,
    map_point,
    sort_marks,
)
from dedup.kernels.shingling import FINAL_FACTOR, WORD_FACTOR, WORD_SEED, mix
from dedup.kernels.types import Bytes, Codes, Count, Elements, Flags, Hash, Offsets, Rows, Table, Table16

U8 = np.uint64(8)
#: Characters of a term: of a word, of a number, of each of two neighbours in a script without spaces.
STEM, FIGURE, NEIGHBOUR = 6, 12, 4
ROOM = 64  # characters of a word that are kept
SMALL, CAPITAL, ENDS, BLANK = 1, 2, 4, 8  # kinds of code points in the table of cases
# What is known while an article is read.
LENGTH, BEGIN, STOP, KIND, CASE, NUMBER, HELD, HELD_STOP, MARKS, FOUND = range(10)


@inlined
def _hash_points(points: Elements, n: Count, out: Bytes) -> Hash:
    """Hash of code points as :func:`dedup.text.shingling.hash_word` has it of their UTF-8."""
    length = 0
    for k in range(n):
        length = encode(np.int64(points[k]), out, length)
    value = WORD_SEED
    for first in range(0, length, 8):
        block = np.uint64(0)
        for k in range(min(8, length - first)):
            block |= np.uint64(out[first + k]) << (U8 * np.uint64(k))
        value = mix((value ^ block) * WORD_FACTOR)
    return mix(value * FINAL_FACTOR)


@inlined
def _settle(marks: Elements, word: Elements, state: Rows) -> None:
    """Put the marks that wait behind the word in canonical order."""
    n = state[MARKS]
    sort_marks(marks, n)
    for k in range(n):
        if state[LENGTH] < ROOM:
            word[state[LENGTH]] = marks[k] & 0x1FFFFF
            state[LENGTH] += 1
    state[MARKS] = 0


@inlined
def _count(
    code: Count, head: Count, title: Count, case: Count, state: Rows, slots: Rows, used: Rows, entries: Table
) -> None:
    """Count a term of the article; ``entries`` has its code, count, counts in head and title, and capitals."""
    wrap = len(slots) - 1
    slot = (code >> 1) * 2654435761 & wrap
    while slots[slot] and entries[slots[slot] - 1, 0] != code:
        slot = (slot + 1) & wrap
    if slots[slot] == 0:
        entry = state[FOUND]
        state[FOUND] += 1
        slots[slot] = entry + 1
        used[entry] = slot
        entries[entry, 0] = code
        for k in range(1, 5):
            entries[entry, k] = 0
    entry = slots[slot] - 1
    entries[entry, 1] += 1
    entries[entry, 2] += head
    entries[entry, 3] += title
    entries[entry, 4] += case


@inlined
def _finish(
    word: Elements,
    held: Elements,
    out: Bytes,
    title: Count,
    n_head: Count,
    longest: Count,
    state: Rows,
    slots: Rows,
    used: Rows,
    entries: Table,
) -> None:
    """End a word, if there is one: count its term, or that of the neighbour before it and itself."""
    n = state[LENGTH]
    if n == 0:
        return
    number = state[NUMBER]
    if number < longest:
        if state[KIND] != SINGLE:
            figure = state[KIND] == DIGIT
            value = _hash_points(word, min(n, FIGURE if figure else STEM), out)
            code = np.int64(value & np.uint64(0xFFFFFFFE)) | np.int64(figure)
            head = np.int64(title == 1 or number < n_head)
            _count(code, head, title, 0 if title else state[CASE], state, slots, used, entries)
            state[HELD] = 0
        else:
            if state[HELD] and state[HELD_STOP] == state[BEGIN]:
                begin = state[HELD]
                for k in range(min(n, NEIGHBOUR)):
                    held[begin + k] = word[k]
                value = _hash_points(held, begin + min(n, NEIGHBOUR), out)
                code = np.int64(value & np.uint64(0xFFFFFFFE))
                head = np.int64(title == 1 or number - 1 < n_head)
                _count(code, head, title, 0, state, slots, used, entries)
            state[HELD] = min(n, NEIGHBOUR)
            state[HELD_STOP] = state[STOP]
            for k in range(min(n, NEIGHBOUR)):
                held[k] = word[k]
        state[NUMBER] += 1
    state[LENGTH] = 0


@inlined
def _read(
    data: Bytes,
    begin: Count,
    end: Count,
    title: Count,
    n_head: Count,
    longest: Count,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    cases: Flags,
    room: Elements,
    out: Bytes,
    state: Rows,
    slots: Rows,
    used: Rows,
    entries: Table,
) -> None:
    """Count the terms of one text."""
    mapped, marks, word, held = room[:64], room[64:128], room[128:192], room[192:256]
    state[:FOUND] = 0
    sign, after_dash, keeps_marks = -1, False, False
    before = np.int64(ENDS)  # kind of the last character that is no blank, as far as it matters to capitals
    i = begin
    while i < end and state[NUMBER] < longest:
        here = i
        point, i = decode(data, i)
        case = np.int64(cases[point]) if point < len(cases) else np.int64(0)
        for k in range(map_point(point, stage1, stage2, starts, elements, mapped)):
            element = np.int64(mapped[k])
            kind = element >> 21 & 7
            if kind == IGNORED:
                continue
            if kind == MARK:
                if keeps_marks:
                    marks[state[MARKS]] = element
                    state[MARKS] += 1
                    state[STOP] = i
                    if state[MARKS] == MAX_MARKS:
                        _settle(marks, word, state)
                continue
            _settle(marks, word, state)
            if kind == SEPARATOR or kind == DASH:
                sign = here if kind == DASH and state[LENGTH] == 0 and not after_dash else -1
                after_dash = kind == DASH
                _finish(word, held, out, title, n_head, longest, state, slots, used, entries)
                keeps_marks = False
                continue
            if state[LENGTH] and (kind == SINGLE or state[KIND] == SINGLE):
                _finish(word, held, out, title, n_head, longest, state, slots, used, entries)
            if state[LENGTH] == 0:
                state[BEGIN], state[KIND], state[CASE] = here, kind, 0
                if kind == DIGIT and sign >= 0:
                    word[0] = HYPHEN
                    state[LENGTH] = 1
                elif case & SMALL:
                    state[CASE] = -1
                elif case & CAPITAL and before & ENDS == 0:
                    state[CASE] = 1
            if state[LENGTH] < ROOM:
                word[state[LENGTH]] = element & 0x1FFFFF
                state[LENGTH] += 1
            state[STOP] = i
            keeps_marks = kind == WORD or kind == SINGLE
            sign, after_dash = -1, False
        if case & BLANK == 0:
            before = case
    _settle(marks, word, state)
    _finish(word, held, out, title, n_head, longest, state, slots, used, entries)


@kernel(
    "u1[] i8[] u1[] i8[] i8 i8 u2[] u2[] u2[] u4[] u1[] u4[] u1[] i8[] i8[] i8[] i8[,] u4[] u4[] i8[] i8[]"
)
def count_terms(
    titles: Bytes,
    title_offsets: Offsets,
    texts: Bytes,
    text_offsets: Offsets,
    n_head: Count,
    longest: Count,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    cases: Flags,
    room: Elements,
    out: Bytes,
    state: Rows,
    slots: Rows,
    used: Rows,
    entries: Table,
    codes: Codes,
    marks: Codes,
    counts: Rows,
    n_words: Rows,
) -> Count:
    """Terms of each article in the order in which they first stand; how many there are in all.

    ``entries`` has a row for each term of an article, ``slots``, all zero, is a power of two more than twice as long.
    """
    total = 0
    for row in range(len(counts)):
        state[FOUND] = 0
        n_words[row] = 0
        arguments = stage1, stage2, starts, elements, cases, room, out, state, slots, used, entries
        _read(titles, title_offsets[row], title_offsets[row + 1], 1, n_head, longest, *arguments)
        _read(texts, text_offsets[row], text_offsets[row + 1], 0, n_head, longest, *arguments)
        found = state[FOUND]
        for entry in range(found):
            codes[total + entry] = np.uint32(entries[entry, 0])
            marks[total + entry] = np.uint32(
                min(entries[entry, 1], 255)
                | min(entries[entry, 2], 255) << 8
                | min(entries[entry, 3], 255) << 16
                | np.int64(entries[entry, 4] > 0) << 24
            )
            n_words[row] += min(entries[entry, 1], 255)
            slots[used[entry]] = 0
        counts[row] = found
        total += found
    return total
