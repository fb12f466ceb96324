"""Tokens: the words of a text, with the place where each stands in the original."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.text.codepoints import BARE, DASH, DIGIT, MARK, SEPARATOR, SINGLE, WORD, map_character
from dedup.text.normalising import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

_POINT = 0x1FFFFF


class Token(NamedTuple):
    """A normalised word and its place, in characters of the original text."""

    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    r"""Split a text into its normalised words.

    Letters, digits and marks make words, everything else separates them. Each Chinese, Japanese, Thai, Lao, Khmer
    and Burmese base character is a word of its own. A dash is a minus, and part of the number, when it stands before
    a digit and behind neither a word nor another dash (docs/decisions/0002-signed-numbers.md).

    Parameters
    ----------
    text : str
        Any text, in any script.

    Returns
    -------
    list of Token
        In the order of the text.

    Examples
    --------
    >>> [token.text for token in tokenise("Straße, -3 % (2019–20)")]
    ['strasse', '-3', '2019', '20']
    >>> tokenise("a\u00adb …")
    [Token(text='ab', start=0, end=3)]
    """
    return [Token(*token) for token in zip(*split_words(text), strict=True)]


def split_words(text: str) -> tuple[Sequence[str], Sequence[int], Sequence[int]]:
    """Tokens in columns: the words, where each starts and where it ends; see :func:`tokenise`."""
    kinds = text.translate(_KINDS)
    if len(kinds) == len(text):
        forms = text.translate(_FORMS)
        spans = [match.span() for match in _TOKEN.finditer(kinds)]
        starts, ends = zip(*spans, strict=True) if spans else ((), ())
        return [forms[start:end] for start, end in spans], starts, ends
    tokens = _walk_tokens(text)
    return (
        [token.text for token in tokens],
        [token.start for token in tokens],
        [token.end for token in tokens],
    )


class _Plain(dict[int, str | None]):
    """What each code point becomes, filled as it is asked for; "" where that is not one code point."""

    def __init__(self, *, kinds: bool) -> None:
        super().__init__()
        self._kinds = kinds

    def __missing__(self, point: int) -> str:
        elements = map_character(chr(point))
        first = elements[0] if elements else 0
        kind = first >> 21 & 7
        plain = (
            bool(elements)
            and kind in _LETTER_OF
            and all(kind in _DROPS_MARKS and mark >> 21 & 7 == MARK for mark in elements[1:])
        )
        form = "-" if kind == DASH else chr(first & _POINT)
        found = (_LETTER_OF[kind] if self._kinds else form) if plain else ""
        self[point] = found
        return found


_LETTER_OF = {SEPARATOR: " ", DASH: "-", WORD: "w", BARE: "w", DIGIT: "d", SINGLE: "s"}
_DROPS_MARKS = (BARE, DIGIT)
_FORMS, _KINDS = _Plain(kinds=False), _Plain(kinds=True)
_TOKEN = re.compile("(?:(?<![wds-])-(?=d))?[wd]+|s")


def _walk_tokens(text: str) -> list[Token]:
    """Tokens of any text, character by character; four times as slow as where each character becomes one (2026-11)."""
    tokens: list[Token] = []
    letters: list[str] = []
    start = end = 0
    sign = -1  # where the dash stands that a digit would make a minus
    single = after_dash = False

    def finish() -> None:
        if letters:
            tokens.append(Token("".join(letters), start, end))
            letters.clear()

    for offset, element in normalise(text):
        kind = element >> 21 & 7
        if kind <= DASH:
            sign = offset if kind == DASH and not letters and not after_dash else -1
            after_dash = kind == DASH
            finish()
            continue
        if kind != MARK:
            if single or kind == SINGLE:
                finish()
            if not letters:
                start = offset
                if kind == DIGIT and sign >= 0:
                    letters.append("-")
                    start = sign
            sign, after_dash, single = -1, False, kind == SINGLE
        letters.append(chr(element & _POINT))
        end = max(end, offset + 1)  # marks may come out of their order in the text
    finish()
    return tokens
