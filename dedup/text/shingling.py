"""Shingles: the distinct word w-grams of a text, each as a 64-bit hash.

A word's hash folds its normalised UTF-8 bytes eight at a time; a shingle's hash is the value of a polynomial over
its words' hashes, which can be rolled from one word to the next. All arithmetic is modulo 2**64. The kernels in
:mod:`dedup.kernels.shingling` compute the same; this plain form serves single texts and is their oracle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.text.codepoints import is_digit
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORD_SEED = 0x243F6A8885A308D3  # the fraction of pi: nothing up the sleeve
WORD_FACTOR = 0x9E3779B97F4A7C15
FINAL_FACTOR = 0xD6E8FEB86659FD93
BASE = 0x2127599BF4325C37  # odd, and 3 modulo 4: powers of it differ in their low bits
_MASK = 0xFFFFFFFFFFFFFFFF


class ShingledText(NamedTuple):
    """What the sketch and the verification need of one text.

    Attributes
    ----------
    shingles : list of int
        Distinct 64-bit shingle hashes, in the order of their first appearance.
    n_words : int
        Number of tokens.
    text_hash : int
        64-bit hash of the token sequence; equal for equal normalised texts, 0 without a token.
    """

    shingles: list[int]
    n_words: int
    text_hash: int


def hash_word(word: bytes) -> int:
    """64-bit hash of one word's normalised UTF-8 bytes."""
    value = WORD_SEED
    for position in range(0, len(word), 8):
        value ^= int.from_bytes(word[position : position + 8], "little")
        value = value * WORD_FACTOR & _MASK
        value ^= value >> 32
    value = value * FINAL_FACTOR & _MASK
    return value ^ value >> 32


def code_word(word: str) -> int:
    """32-bit hash of a word; its lowest bit says whether the word is a number: begins with a digit, or a sign.

    Examples
    --------
    >>> [code_word(word) & 1 for word in ("1987", "-3", "21st", "g7", "march")]
    [1, 1, 1, 0, 0]
    """
    return hash_word(word.encode()) & 0xFFFFFFFE | int(word[0] == "-" or is_digit(word[0]))


def set_figures(codes: Iterable[int]) -> int:
    """Set of the numbers among coded words, as 256 bits: a bit that two sets do not share is a number of one alone.

    Examples
    --------
    >>> one, other = (set_figures(map(code_word, text.split())) for text in ("up 3 to 21", "up 4 to 21"))
    >>> (one ^ other).bit_count()
    2
    """
    figures = 0
    for code in codes:
        if code & 1:
            figures |= 1 << (code >> 1 & 255)
    return figures


def hash_words(hashes: Iterable[int]) -> int:
    """64-bit hash of a sequence of words, a shingle or a text, given their hashes."""
    value = 0
    for word in hashes:
        value = (value * BASE + word) & _MASK
    return _finish(value)


def hash_shingle(shingle: bytes) -> int:
    """32-bit hash of a shingle as our signatures use it: a ``hashfunc`` for datasketch.

    Parameters
    ----------
    shingle : bytes
        Normalised words, joined by single spaces, in UTF-8.

    Returns
    -------
    int
        Low 32 bits of the 64-bit shingle hash.

    Examples
    --------
    >>> hash_shingle(b"fed adds reserves via customer") == hash_words(
    ...     hash_word(word) for word in b"fed adds reserves via customer".split()) & 0xFFFFFFFF
    True
    """
    return hash_words(map(hash_word, shingle.split(b" "))) & 0xFFFFFFFF


def shingle_words(words: Sequence[str], width: int = 5) -> list[str]:
    """The shingles themselves, in order, repeats included; a text shorter than the window is one shingle."""
    if not words:
        return []
    last = max(len(words) - width, 0)
    return [" ".join(words[first : first + width]) for first in range(last + 1)]


def shingle_text(text: str, width: int = 5) -> ShingledText:
    """Shingle one text in plain Python.

    Parameters
    ----------
    text : str
        Any text.
    width : int, default=5
        Words in a shingle.

    Returns
    -------
    ShingledText
        Without shingles if the text has no word.

    Notes
    -----
    About a millisecond for a news article.

    Examples
    --------
    >>> shingle_text("One two three four five six").n_words
    6
    >>> len(shingle_text("One two three four five six").shingles)
    2
    """
    hashes = [hash_word(token.text.encode()) for token in tokenise(text)]
    last = max(len(hashes) - width, 0)
    grams = (hash_words(hashes[first : first + width]) for first in range(last + 1 if hashes else 0))
    return ShingledText(list(dict.fromkeys(grams)), len(hashes), hash_words(hashes) if hashes else 0)


def _finish(value: int) -> int:
    """Mix the polynomial's value: its low bits depend on the low bits of the words alone. Never 0."""
    value ^= value >> 32
    value = value * FINAL_FACTOR & _MASK
    return (value ^ value >> 32) or 1
