"""Normalising: one form for what a reader takes for the same text.

Compatibility decomposition, case folding and canonical order; invisible characters are dropped, and so are the marks
on Latin, Greek, Cyrillic, Hebrew and Arabic letters and on digits. Elsewhere a mark is part of the word (が is not か).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from dedup.text.codepoints import IGNORED, MARK, SINGLE, WORD, map_character

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Longest run of marks that is put in canonical order at once; bounds memory for hostile text.
MAX_MARKS = 32

_elements_of = lru_cache(maxsize=65536)(map_character)


def normalise(text: str) -> Iterator[tuple[int, int]]:
    """Walk the normalised characters of a text.

    Parameters
    ----------
    text : str
        Any text.

    Yields
    ------
    tuple of (int, int)
        Offset of the original character, and element (see :mod:`dedup.text.codepoints`).
    """
    marks: list[tuple[int, int]] = []
    keeps_marks = False
    for offset, character in enumerate(text):
        for element in _elements_of(character):
            kind = element >> 21 & 7
            if kind == IGNORED:
                continue
            if kind == MARK:
                if keeps_marks:
                    marks.append((offset, element))
                    if len(marks) == MAX_MARKS:
                        yield from _in_canonical_order(marks)
                        marks = []
                continue
            if marks:
                yield from _in_canonical_order(marks)
                marks = []
            keeps_marks = kind in (WORD, SINGLE)
            yield offset, element
    yield from _in_canonical_order(marks)


def _in_canonical_order(marks: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sort by combining class, stably, between the marks of class 0."""
    for _, run in groupby(marks, key=lambda mark: mark[1] >> 24 == 0):
        yield from sorted(run, key=lambda mark: mark[1] >> 24)
