"""The code-point table: what each character becomes, and what it is to the tokeniser.

The data (``codepoints.bin``) are made by ``tools/make_codepoints.py`` from one pinned Unicode version. A code point
is looked up in two steps: ``stage2[stage1[point >> 7] << 7 | point & 127]`` is its code. A code below 8 is the kind of
a character that stays as it is; 8 marks a Hangul syllable, decomposed by arithmetic; ``code - 9`` numbers a special
mapping, ``elements[starts[code - 9]:starts[code - 8]]``. An element packs a normalised code point (21 bits), its
kind (3 bits) and its canonical combining class (8 bits).
"""

from __future__ import annotations

import zlib
from array import array
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

SEPARATOR = 0  #: ends a token
IGNORED = 1  #: invisible: dropped, ends nothing
DASH = 2  #: a separator that is a minus when it stands before a number
WORD = 3  #: token character whose marks belong to it
BARE = 4  #: token character of a script where marks are dropped
DIGIT = 5  #: as BARE, and may carry a sign
SINGLE = 6  #: token of its own, with its marks
MARK = 7  #: combining mark
HANGUL = 8  #: precomposed syllable (a code, never the kind of an element)
FIRST_SPECIAL = 9

_HANGUL_FIRST, _LEAD, _VOWEL, _TRAIL = 0xAC00, 0x1100, 0x1161, 0x11A7


class CodePoints(NamedTuple):
    """The four arrays of the table, see the module's docstring."""

    stage1: array[int]
    stage2: array[int]
    starts: array[int]
    elements: array[int]


@cache
def load_codepoints() -> CodePoints:
    """Read the table that ships with the package."""
    raw = zlib.decompress(Path(__file__).with_name("codepoints.bin").read_bytes())
    _version, lengths, data = raw.split(b"\n", 2)
    arrays, position = [], 0
    for typecode, length in zip("HHHI", map(int, lengths.split()), strict=True):
        values = array(typecode)
        size = length * values.itemsize
        values.frombytes(data[position : position + size])
        arrays.append(values)
        position += size
    return CodePoints(*arrays)


def pack(point: int, kind: int, combining: int = 0) -> int:
    """Element of a normalised code point."""
    return point | kind << 21 | combining << 24


def map_character(character: str) -> tuple[int, ...]:
    """Elements that one character becomes: NFKD and case folding, marks not yet in canonical order.

    Examples
    --------
    >>> [chr(element & 0x1FFFFF) for element in map_character("ß")]
    ['s', 's']
    """
    table = load_codepoints()
    point = ord(character)
    code = table.stage2[table.stage1[point >> 7] << 7 | point & 127]
    if code < HANGUL:
        return (pack(point, code),)
    if code == HANGUL:
        return tuple(pack(jamo, WORD) for jamo in _decompose_hangul(point))
    return tuple(table.elements[table.starts[code - FIRST_SPECIAL] : table.starts[code - FIRST_SPECIAL + 1]])


@lru_cache(maxsize=4096)
def is_digit(character: str) -> bool:
    """Whether a normalised character is a decimal digit; a digit that is a word of its own (Thai) is none.

    Examples
    --------
    >>> [is_digit(character) for character in "7٣a๓"]
    [True, True, False, False]
    """
    table = load_codepoints()
    point = ord(character)
    return table.stage2[table.stage1[point >> 7] << 7 | point & 127] == DIGIT


def _decompose_hangul(point: int) -> list[int]:
    """Jamo of a precomposed syllable (The Unicode Standard, section 3.12)."""
    syllable = point - _HANGUL_FIRST
    jamo = [_LEAD + syllable // 588, _VOWEL + syllable % 588 // 28]
    return jamo if syllable % 28 == 0 else [*jamo, _TRAIL + syllable % 28]
