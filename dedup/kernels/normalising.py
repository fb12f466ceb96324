"""From UTF-8 bytes to normalised words: the steps that kernels share, which LLVM inlines.

The plain twins are :mod:`dedup.text.normalising` and :mod:`dedup.text.tokens`; names and constants follow theirs. A
normalised text is a buffer of UTF-8 in which zero bytes stand between the words.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined
from dedup.kernels.types import Bytes, Count, Elements, Table16

SEPARATOR, IGNORED, DASH, WORD, BARE, DIGIT, SINGLE, MARK, HANGUL, FIRST_SPECIAL = range(10)
HYPHEN = np.uint8(0x2D)
MAX_MARKS = 32
STRIDE = 32  # bytes folded at once
SLACK = 128  # bytes that are cleared behind a normalised text


@inlined
def _fold(byte: np.uint8) -> np.uint8:
    """Lower-case letter or digit of an ASCII byte, else 0; arithmetic only, so that LLVM makes vectors of it."""
    lower = byte | np.uint8(0x20)
    letter = np.uint8(lower - np.uint8(97)) < np.uint8(26)
    digit = np.uint8(byte - np.uint8(48)) < np.uint8(10)
    return np.uint8(lower * np.uint8(letter) | byte * np.uint8(digit))


@inlined
def decode(data: Bytes, i: Count) -> tuple[Count, Count]:
    """Code point at a position of valid UTF-8, and the position behind it."""
    first = np.int64(data[i])
    if first < 0x80:
        return first, i + 1
    second = np.int64(data[i + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, i + 2
    third = np.int64(data[i + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, i + 3
    return (first & 0x07) << 18 | second << 12 | third << 6 | np.int64(data[i + 3]) & 0x3F, i + 4


@inlined
def encode(point: Count, out: Bytes, o: Count) -> Count:
    """Write a code point in UTF-8; the position behind it."""
    if point < 0x80:
        out[o] = point
        return o + 1
    if point < 0x800:
        out[o] = 0xC0 | point >> 6
        out[o + 1] = 0x80 | point & 0x3F
        return o + 2
    if point < 0x10000:
        out[o] = 0xE0 | point >> 12
        out[o + 1] = 0x80 | point >> 6 & 0x3F
        out[o + 2] = 0x80 | point & 0x3F
        return o + 3
    out[o] = 0xF0 | point >> 18
    out[o + 1] = 0x80 | point >> 12 & 0x3F
    out[o + 2] = 0x80 | point >> 6 & 0x3F
    out[o + 3] = 0x80 | point & 0x3F
    return o + 4


@inlined
def map_point(
    point: Count, stage1: Table16, stage2: Table16, starts: Table16, elements: Elements, mapped: Elements
) -> Count:
    """Elements that a code point becomes, into ``mapped``; their number."""
    code = np.int64(stage2[np.int64(stage1[point >> 7]) << 7 | point & 127])
    if code < HANGUL:
        mapped[0] = point | code << 21
        return 1
    if code == HANGUL:
        syllable = point - 0xAC00
        mapped[0] = 0x1100 + syllable // 588 | WORD << 21
        mapped[1] = 0x1161 + syllable % 588 // 28 | WORD << 21
        mapped[2] = 0x11A7 + syllable % 28 | WORD << 21
        return 2 + (syllable % 28 != 0)
    first = np.int64(starts[code - FIRST_SPECIAL])
    n = np.int64(starts[code - FIRST_SPECIAL + 1]) - first
    for k in range(n):
        mapped[k] = elements[first + k]
    return n


@inlined
def sort_marks(marks: Elements, n_marks: Count) -> None:
    """Put marks in canonical order: a stable insertion sort that no mark of class 0 takes part in."""
    for k in range(1, n_marks):
        mark = marks[k]
        j = k
        while j > 0 and (mark >> 24) and (marks[j - 1] >> 24) > (mark >> 24):
            marks[j] = marks[j - 1]
            j -= 1
        marks[j] = mark


@inlined
def _flush(marks: Elements, n_marks: Count, out: Bytes, o: Count) -> Count:
    """Write the marks in canonical order."""
    sort_marks(marks, n_marks)
    for k in range(n_marks):
        o = encode(np.int64(marks[k] & 0x1FFFFF), out, o)
    return o


@inlined
def _fold_run(data: Bytes, i: Count, end: Count, out: Bytes, o: Count) -> Count:
    """Fold ASCII up to the first dash, non-ASCII byte or ``STRIDE``; how many bytes were folded."""
    n = min(STRIDE, end - i)
    source, target = (
        data[i : i + n],
        out[o : o + n],
    )  # slices, because an index that may be negative makes no vectors
    if n == STRIDE:
        stop = np.uint8(0)
        for k in range(STRIDE):
            byte = source[k]
            target[k] = _fold(byte)
            stop |= (byte >> np.uint8(7)) | np.uint8(byte == HYPHEN)
        if stop == 0:
            return n
    for k in range(n):
        if source[k] >= 128 or source[k] == HYPHEN:
            return k
        target[k] = _fold(source[k])
    return n


@inlined
def normalise(
    data: Bytes,
    begin: Count,
    end: Count,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    pending: Elements,
    out: Bytes,
) -> Count:
    """Write the normalised words of ``data[begin:end]`` into ``out``, zeros between them; the length written.

    ``pending`` has room for the marks that wait and the elements of one character.
    """
    marks, mapped = pending[:MAX_MARKS], pending[MAX_MARKS:]
    n_marks = 0
    inside = single = keeps_marks = sign = after_dash = False
    i, o = begin, 0
    while i < end:
        # Marks that wait, a sign that may come and a single that ends are settled before a run of ASCII.
        if data[i] < 128 and data[i] != HYPHEN:
            o = _flush(marks, n_marks, out, o)
            n_marks = 0
            if single:
                out[o] = 0
                o += 1
            elif sign and np.uint8(data[i] - np.uint8(48)) < np.uint8(10):
                out[o] = HYPHEN
                o += 1
            n = _fold_run(data, i, end, out, o)
            i += n
            o += n
            inside = out[o - 1] != 0
            single = keeps_marks = sign = after_dash = False
            continue
        point, i = decode(data, i)
        for k in range(map_point(point, stage1, stage2, starts, elements, mapped)):
            element = np.int64(mapped[k])
            kind = element >> 21 & 7
            if kind == IGNORED:
                continue
            if kind == MARK:
                if keeps_marks:
                    marks[n_marks] = element
                    n_marks += 1
                    if n_marks == MAX_MARKS:
                        o = _flush(marks, n_marks, out, o)
                        n_marks = 0
                continue
            o = _flush(marks, n_marks, out, o)
            n_marks = 0
            if kind <= DASH:
                sign = kind == DASH and not inside and not after_dash
                after_dash = kind == DASH
                out[o] = 0
                o += 1
                inside = single = keeps_marks = False
                continue
            if inside and (single or kind == SINGLE):
                out[o] = 0
                o += 1
            elif sign and kind == DIGIT:
                out[o] = HYPHEN
                o += 1
            o = encode(element & 0x1FFFFF, out, o)
            inside, single = True, kind == SINGLE
            keeps_marks = kind == WORD or kind == SINGLE
            sign = after_dash = False
    return _flush(marks, n_marks, out, o)
