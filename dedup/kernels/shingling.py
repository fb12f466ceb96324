"""From UTF-8 bytes to distinct shingle hashes: normalise, hash the words, roll the w-grams.

The plain twins are :mod:`dedup.text.normalising`, :mod:`dedup.text.tokens` and :mod:`dedup.text.shingling`; names
and constants follow theirs. A normalised text is a buffer of UTF-8 in which zero bytes stand between the words.
(One long file, because the steps that a kernel inlines must stand in the kernel's own file.)
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel, lowest_bit
from dedup.kernels.types import Bytes, Count, Elements, Flag, Hash, Hashes, Offsets, Rows, Table16, Table64

WORD_SEED = np.uint64(0x243F6A8885A308D3)
WORD_FACTOR = np.uint64(0x9E3779B97F4A7C15)
FINAL_FACTOR = np.uint64(0xD6E8FEB86659FD93)
BASE = np.uint64(0x2127599BF4325C37)
U0, U1, U2, U3, U4, U6, U7, U8 = (np.uint64(n) for n in (0, 1, 2, 3, 4, 6, 7, 8))
U32, U56, U58, U63, U64 = (np.uint64(n) for n in (32, 56, 58, 63, 64))
ALL_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
LOW_SEVEN = np.uint64(0x7F7F7F7F7F7F7F7F)
EIGHTH = np.uint64(0x8080808080808080)
HIGH_BITS, BLANKS = np.uint64(0xE0E0E0E0E0E0E0E0), np.uint64(0x2020202020202020)
PAIRS, FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
EIGHTS, ONES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
GATHER = np.uint64(0x0102040810204080)

SEPARATOR, IGNORED, DASH, WORD, BARE, DIGIT, SINGLE, MARK, HANGUL, FIRST_SPECIAL = range(10)
HYPHEN = np.uint8(0x2D)
MAX_MARKS = 32
STRIDE = 32  # bytes folded at once
SLACK = 128  # bytes that are cleared behind a normalised text


@inlined
def _mix(value: Hash) -> Hash:
    return value ^ (value >> U32)


@inlined
def _fold(byte: np.uint8) -> np.uint8:
    """Lower-case letter or digit of an ASCII byte, else 0; arithmetic only, so that LLVM makes vectors of it."""
    lower = byte | np.uint8(0x20)
    letter = np.uint8(lower - np.uint8(97)) < np.uint8(26)
    digit = np.uint8(byte - np.uint8(48)) < np.uint8(10)
    return np.uint8(lower * np.uint8(letter) | byte * np.uint8(digit))


@inlined
def _decode(data: Bytes, i: Count) -> tuple[Count, Count]:
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
def _encode(point: Count, out: Bytes, o: Count) -> Count:
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
def _map(
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
def _flush(marks: Elements, n_marks: Count, out: Bytes, o: Count) -> Count:
    """Write the marks in canonical order: a stable insertion sort that no mark of class 0 takes part in."""
    for k in range(1, n_marks):
        mark = marks[k]
        j = k
        while j > 0 and (mark >> 24) and (marks[j - 1] >> 24) > (mark >> 24):
            marks[j] = marks[j - 1]
            j -= 1
        marks[j] = mark
    for k in range(n_marks):
        o = _encode(np.int64(marks[k] & 0x1FFFFF), out, o)
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
        point, i = _decode(data, i)
        for k in range(_map(point, stage1, stage2, starts, elements, mapped)):
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
            o = _encode(element & 0x1FFFFF, out, o)
            inside, single = True, kind == SINGLE
            keeps_marks = kind == WORD or kind == SINGLE
            sign = after_dash = False
    return _flush(marks, n_marks, out, o)


@inlined
def word_mask(blocks: Hashes, first: Count) -> Hash:
    """One bit for each of 64 bytes: not zero."""
    mask = U0
    for k in range(8):
        block = blocks[first + np.uint64(k)]
        filled = (((block & LOW_SEVEN) + LOW_SEVEN) | block) & EIGHTH
        mask |= (((filled >> U7) * GATHER) >> U56) << np.uint64(8 * k)
    return mask


@inlined
def _load(blocks: Hashes, k: Hash, shift: Hash) -> Hash:
    """Eight bytes from ``shift`` bits behind the k-th block's begin."""
    return (blocks[k] >> shift) | ((blocks[k + U1] << U1) << (U63 - shift))


@inlined
def hash_word(blocks: Hashes, start: Hash, length: Hash) -> Hash:
    """Hash ``length`` bytes, eight at a time, wherever they begin."""
    value = WORD_SEED
    shift = (start & U7) * U8
    k = start >> U3
    while length > U8:
        value = _mix((value ^ _load(blocks, k, shift)) * WORD_FACTOR)
        k += U1
        length -= U8
    block = _load(blocks, k, shift) & (ALL_ONES >> (U64 - length * U8))
    return _mix(_mix((value ^ block) * WORD_FACTOR) * FINAL_FACTOR)


@inlined
def hash_words(blocks: Hashes, length: Count, words: Hashes) -> Count:
    """Hash the words of a normalised text, given as 8-byte blocks with zeros behind its end; their number.

    Words are found 64 bytes at a time in a bit mask: no branch depends on where a word ends, which is what makes
    a loop over bytes slow (measured 2026-11: 0.53 s for 124 MB byte by byte, 0.14 s so). Places are unsigned,
    because a signed one may be negative, and a check for that is a tenth of the time.
    """
    n = U0
    inside, start = U0, U0
    first = U0
    for _ in range(length // 64 + 1):
        mask = word_mask(blocks, first)
        base = first << U3
        before = (mask << U1) | inside
        begins, ends = mask & ~before, before & ~mask
        if inside and ends:
            words[n] = hash_word(blocks, start, base + lowest_bit(ends) - start)
            n += U1
            ends &= ends - U1
        while ends:
            start = base + lowest_bit(begins)
            begins &= begins - U1
            words[n] = hash_word(blocks, start, base + lowest_bit(ends) - start)
            n += U1
            ends &= ends - U1
        if begins:
            start = base + lowest_bit(begins)
        inside = mask >> U63
        first += U8
    return np.int64(n)


@inlined
def _digit_mask(blocks: Hashes, first: Hash) -> Hash:
    """One bit for each of 64 bytes of a normalised text: an ASCII digit or a sign, which are all below 0x40."""
    mask = U0
    for k in range(8):
        other = (blocks[first + np.uint64(k)] & HIGH_BITS) ^ BLANKS
        none = ((other & LOW_SEVEN) + LOW_SEVEN) | other
        mask |= (((~none & EIGHTH) >> U7) * GATHER >> U56) << np.uint64(8 * k)
    return mask


@inlined
def _count_bits(mask: Hash) -> Count:
    mask -= (mask >> U1) & PAIRS
    mask = (mask & FOURS) + ((mask >> U2) & FOURS)
    return np.int64((((mask + (mask >> U4)) & EIGHTS) * ONES) >> U56)


@inlined
def _may_have_other_digits(normal: Bytes) -> Flag:
    """Whether some byte leads a character of a script that may have digits of its own."""
    found = np.uint8(0)
    for byte in normal:
        found |= np.uint8(byte >= 0xD9) & (
            np.uint8(byte < 0xE2) | np.uint8(byte == 0xEA) | np.uint8(byte >= 0xF0)
        )
    return found != 0


@inlined
def _is_ascii(blocks: Hashes, length: Count) -> Flag:
    bits = U0
    for block in blocks[: (length >> 3) + 1]:
        bits |= block
    return bits & EIGHTH == U0


@inlined
def _find_other_numbers(
    normal: Bytes, length: Count, stage1: Table16, stage2: Table16, places: Hashes
) -> Count:
    """Words that begin with a digit of any script, or a sign, character by character."""
    i, word, n = 0, 0, 0
    inside = False
    while i < length:
        point, i = _decode(normal, i)
        if point != 0 and not inside:
            if point == HYPHEN or stage2[np.int64(stage1[point >> 7]) << 7 | point & 127] == DIGIT:
                places[n] = word
                n += 1
            word += 1
        inside = point != 0
    return n


@inlined
def find_numbers(
    normal: Bytes, blocks: Hashes, length: Count, stage1: Table16, stage2: Table16, places: Hashes
) -> Count:
    """Which words of a normalised text begin with a digit or a sign, ascending; how many they are."""
    if not _is_ascii(blocks, length) and _may_have_other_digits(normal[:length]):
        return _find_other_numbers(normal, length, stage1, stage2, places)
    word, n = 0, 0
    inside = U0
    first = U0
    for _ in range(length // 64 + 1):
        mask = word_mask(blocks, first)
        begins = mask & ~((mask << U1) | inside)
        numbers = begins & _digit_mask(blocks, first)
        while numbers:
            places[n] = word + _count_bits(begins & ((numbers & (U0 - numbers)) - U1))
            n += 1
            numbers &= numbers - U1
        word += _count_bits(begins)
        inside = mask >> U63
        first += U8
    return n


@inlined
def _has_digit(blocks: Hashes, first: Hash) -> Flag:
    """Whether one of 64 bytes of a normalised text is an ASCII digit or a sign."""
    found = U0
    for k in range(8):
        block = blocks[first + np.uint64(k)]
        found |= block & ~(block >> U1) & ~(block >> U2)
    return found & BLANKS != U0


@inlined
def _set_figure(figures: Hashes, word: Hash) -> None:
    bit = word >> U1
    figures[(bit >> U6) & U3] |= U1 << (bit & U63)


@inlined
def set_figures(
    normal: Bytes,
    blocks: Hashes,
    length: Count,
    stage1: Table16,
    stage2: Table16,
    words: Hashes,
    places: Hashes,
    figures: Hashes,
) -> None:
    """Set a bit for each number of a text; where there are only ASCII digits, just the numbers are looked at."""
    figures[:] = U0
    if not _is_ascii(blocks, length) and _may_have_other_digits(normal[:length]):
        for k in range(_find_other_numbers(normal, length, stage1, stage2, places)):
            _set_figure(figures, words[places[k]])
        return
    first = U0
    for _ in range(length // 64 + 1):
        if _has_digit(blocks, first):
            digits = _digit_mask(blocks, first)
            while digits:
                start = (first << U3) + lowest_bit(digits)
                digits &= digits - U1
                if start == U0 or normal[start - U1] == 0:
                    stop = start + U1
                    while normal[stop] != 0:
                        stop += U1
                    _set_figure(figures, hash_word(blocks, start, stop - start))
        first += U8


@inlined
def _finish(value: Hash) -> Hash:
    """Mix a polynomial's value into a shingle hash; 0 is kept for an empty slot."""
    value = _mix(_mix(value) * FINAL_FACTOR)
    return value + np.uint64(value == U0)


@inlined
def distinct_shingles(
    words: Hashes, n: Count, width: Count, slots: Hashes, out: Hashes
) -> tuple[Count, Hash]:
    """Distinct hashes of the w-grams of n words, in order of first appearance; their number, and the text's hash.

    ``slots`` is an open-addressing table of at least eight times as many places as words: what fills it to a quarter
    at most is found at the first look, where a wrong guess of the processor costs more than the clearing.
    """
    if n == 0:
        return 0, U0
    size = 16
    while size < 4 * (n - width + 1):
        size *= 2
    slots[:size] = U0
    wrap = np.uint64(size - 1)
    leaving = U1
    value = U0
    for k in range(min(width, n)):
        leaving *= BASE
        value = value * BASE + words[k]
    whole, found = value, U0
    coming = words[width:n]
    for k in range(max(n - width, 0) + 1):
        shingle = _finish(value)
        slot = shingle & wrap
        while slots[slot] != U0 and slots[slot] != shingle:
            slot = (slot + U1) & wrap
        out[found] = shingle
        found += np.uint64(slots[slot] != shingle)
        slots[slot] = shingle
        if k < len(coming):
            value = value * BASE + coming[k] - leaving * words[k]
            whole = whole * BASE + coming[k]
    return np.int64(found), _finish(whole)


@kernel("u1[] i8[] i8 u2[] u2[] u2[] u4[] u4[] u1[] u8[] u8[] u8[] u8[] i8[] i8[] u8[] u8[,]")
def shingle_texts(
    data: Bytes,
    offsets: Offsets,
    width: Count,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    pending: Elements,
    normal: Bytes,
    blocks: Hashes,
    words: Hashes,
    slots: Hashes,
    hashes: Hashes,
    counts: Rows,
    n_words: Rows,
    text_hashes: Hashes,
    figures: Table64,
) -> Count:
    """Shingle a column of texts: hashes row after row, their number, words, text hash and figures of each row.

    ``blocks`` is the memory of ``normal``, which has room for any text of the column; ``slots`` is eight times as
    long as ``words``. Returns the number of rows done: fewer than all where ``words`` or ``hashes`` are too short.
    """
    total = 0
    for row in range(len(offsets) - 1):
        length = normalise(
            data, offsets[row], offsets[row + 1], stage1, stage2, starts, elements, pending, normal
        )
        normal[length : length + SLACK] = 0
        if length // 2 + 1 > min(len(words), len(hashes) - total):
            return row
        found = hash_words(blocks, length, words)
        set_figures(normal, blocks, length, stage1, stage2, words, slots, figures[row])
        n_words[row] = found
        counts[row], text_hashes[row] = distinct_shingles(words, found, width, slots, hashes[total:])
        total += counts[row]
    return len(offsets) - 1


@inlined
def _squeeze(normal: Bytes, length: Count) -> Count:
    """Leave one zero between words and none before the first; the new length."""
    o = 0
    for i in range(length):
        if normal[i] != 0 or (o > 0 and normal[o - 1] != 0):
            normal[o] = normal[i]
            o += 1
    return o - 1 if o > 0 and normal[o - 1] == 0 else o


@inlined
def _same(one: Bytes, other: Bytes) -> Flag:
    if len(one) != len(other):
        return False
    differ = np.uint8(0)
    for k in range(len(one)):
        differ |= one[k] ^ other[k]
    return differ == 0


@kernel("u1[] i8[] i8[] i8[] u2[] u2[] u2[] u4[] u4[] u1[] u1[] u1[]")
def equal_texts(
    data: Bytes,
    offsets: Offsets,
    lefts: Rows,
    rights: Rows,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    pending: Elements,
    one: Bytes,
    other: Bytes,
    equal: Bytes,
) -> None:
    """Whether the normalised texts of each pair of rows are equal, word for word.

    ``one`` and ``other`` have room for the normalised form of any of them.
    """
    for k in range(len(lefts)):
        a, b, c, d = offsets[lefts[k]], offsets[lefts[k] + 1], offsets[rights[k]], offsets[rights[k] + 1]
        if _same(data[a:b], data[c:d]):
            equal[k] = 1
            continue
        n = _squeeze(one, normalise(data, a, b, stage1, stage2, starts, elements, pending, one))
        m = _squeeze(other, normalise(data, c, d, stage1, stage2, starts, elements, pending, other))
        equal[k] = _same(one[:n], other[:m])


@kernel("u1[] i8[] u2[] u2[] u2[] u4[] u4[] u1[] u8[] u8[] u8[] i8[]")
def code_texts(
    data: Bytes,
    offsets: Offsets,
    stage1: Table16,
    stage2: Table16,
    starts: Table16,
    elements: Elements,
    pending: Elements,
    normal: Bytes,
    blocks: Hashes,
    slots: Hashes,
    codes: Hashes,
    counts: Rows,
) -> Count:
    """Code the words of a column of texts, text after text; the room is that of :func:`shingle_texts`.

    Returns the number of rows done: fewer than all where ``codes`` is too short.
    """
    total = 0
    for row in range(len(offsets) - 1):
        length = normalise(
            data, offsets[row], offsets[row + 1], stage1, stage2, starts, elements, pending, normal
        )
        normal[length : length + SLACK] = 0
        if length // 2 + 1 > min(len(slots), len(codes) - total):
            return row
        counts[row] = hash_words(blocks, length, codes[total:])
        for k in range(counts[row]):
            codes[total + k] &= ~U1
        for k in range(find_numbers(normal, blocks, length, stage1, stage2, slots)):
            codes[total + np.int64(slots[k])] |= U1
        total += counts[row]
    return len(offsets) - 1
