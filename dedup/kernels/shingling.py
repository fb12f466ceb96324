"""From UTF-8 bytes to distinct shingle hashes: normalise, hash the words, roll the w-grams.

The plain twins are :mod:`dedup.text.normalising`, :mod:`dedup.text.tokens` and :mod:`dedup.text.shingling`; names
and constants follow theirs. A normalised text is a buffer of UTF-8 in which zero bytes stand between the words.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel, lowest_bit
from dedup.kernels.normalising import DIGIT, HYPHEN, SLACK, decode, normalise
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


@inlined
def mix(value: Hash) -> Hash:
    """Let the high half of a hash reach the low half."""
    return value ^ (value >> U32)


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
        value = mix((value ^ _load(blocks, k, shift)) * WORD_FACTOR)
        k += U1
        length -= U8
    block = _load(blocks, k, shift) & (ALL_ONES >> (U64 - length * U8))
    return mix(mix((value ^ block) * WORD_FACTOR) * FINAL_FACTOR)


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
        point, i = decode(normal, i)
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
    value = mix(mix(value) * FINAL_FACTOR)
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
