"""How common a word is: a table of the words that many news texts of a language have, shipped with the package.

The data (``commonness.bin``) are made by ``tools/make_commonness.py``: sorted word codes (:func:`dedup.text.shingling.code_word`)
and, for each, a level: 32 times the negative natural logarithm of the share of texts that have the word, in the
language that has it most. A word that is not there is rare. No word can be read off the table, and no language need be known.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from dedup.text.shingling import code_word

#: Levels of one unit of weight.
LEVELS = 32
#: Weight of a word that is not in the table: fewer than one text in 2,981 has it.
RAREST = 8.0


class Commonness(NamedTuple):
    """Word codes, ascending, and the level of each."""

    codes: array[int]
    levels: bytes


@cache
def load_commonness() -> Commonness:
    """Read the table that ships with the package."""
    raw = zlib.decompress(Path(__file__).with_name("commonness.bin").read_bytes())
    n_words = len(raw) // 5
    codes = array("I")
    codes.frombytes(raw[: 4 * n_words])
    return Commonness(codes, raw[4 * n_words :])


@lru_cache(maxsize=65536)
def word_weight(word: str) -> float:
    """Weight of a normalised word: its inverse document frequency, from 0 for what every text has to 8.

    Parameters
    ----------
    word : str
        As :func:`dedup.text.tokens.tokenise` gives it.

    Returns
    -------
    float

    Notes
    -----
    Sparck Jones, A statistical interpretation of term specificity, 1972. A binary search; the first call reads the
    table, about 2 milliseconds.

    Examples
    --------
    >>> word_weight("the") < word_weight("minister") < word_weight("mudslide")
    True
    """
    table = load_commonness()
    code = code_word(word)
    place = bisect_left(table.codes, code)
    known = place < len(table.codes) and table.codes[place] == code
    return table.levels[place] / LEVELS if known else RAREST
