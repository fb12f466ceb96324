"""Terms of an article: what it may share with another report of the same event.

A term is the beginning of a word, a number, or two neighbouring characters of a script without spaces; inflected forms
mostly are one term. Of each the article keeps how often it stands in the whole, in the head (the title and the first
words of the body) and in the title, and whether it looks like a name there.
"""

from __future__ import annotations

from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.text.codepoints import SINGLE, is_digit, map_character
from dedup.text.columns import codepoint_arrays
from dedup.text.shingling import code_word
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Codes, Flags, Offsets, Rows
    from dedup.text.columns import TextColumn
    from dedup.text.tokens import Token

#: Characters of a term: of a word, of a number, of each of two neighbours in a script without spaces.
STEM, FIGURE, NEIGHBOUR = 6, 12, 4
#: Words of the body that are its head, and words of the body that are looked at.
HEAD, LONGEST = 60, 1500
#: Kinds of characters: letters, what stands before a word that begins a sentence, what is looked through.
_SMALL, _CAPITAL, _ENDS, _BLANK = 1, 2, 4, 8
#: Greek extended ends here; later blocks gain letters with every version of Unicode.
_LAST_CASED = 0x1C80


class Term(NamedTuple):
    """A term of an article.

    Attributes
    ----------
    code : int
        :func:`dedup.text.shingling.code_word` of it; the lowest bit says that it is a number.
    total, head, title : int
        How often it stands in the article, in its head, in its title.
    name : bool
        Whether it has a capital inside sentences of the body more often than not.
    """

    code: int
    total: int
    head: int
    title: int
    name: bool


class TermTable(NamedTuple):
    """Terms of many articles.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_articles + 1,)
        Where each article's terms begin.
    codes : ndarray of uint32 of shape (nnz,)
        Distinct in an article, in the order in which they first stand there.
    marks : ndarray of uint32 of shape (nnz,)
        Count (lowest 8 bits), count in the head (8 bits), in the title (8 bits), and whether it is a name (1 bit).
    n_words : ndarray of int64 of shape (n_articles,)
        Words of each article that were looked at: the sum of its counts.
    """

    indptr: Offsets
    codes: Codes
    marks: Codes
    n_words: Rows


def terms_of(title: str, text: str) -> dict[str, Term]:
    """Terms of one article, by how they are written.

    Parameters
    ----------
    title, text : str
        Either may be empty.

    Returns
    -------
    dict of str to Term

    Examples
    --------
    >>> found = terms_of("Storm hits Lisbon", "At least 14 people died in Lisbon. Storms are rare.")
    >>> found["lisbon"]
    Term(code=..., total=2, head=2, title=1, name=True)
    >>> found["storm"].total, found["storms"].total
    (1, 1)
    """
    counts: dict[str, list[int]] = {}
    for place, (part, limit) in enumerate(((title, LONGEST), (text, LONGEST))):
        tokens = tokenise(part)[:limit]
        for number, term in enumerate(_terms(tokens)):
            if not term:
                continue
            entry = counts.setdefault(term, [0, 0, 0, 0])
            entry[0] += 1
            entry[1] += place == 0 or number < HEAD
            entry[2] += place == 0
            if place:
                entry[3] += _case(part, tokens[number])
    return {
        term: Term(code_word(term), min(total, 255), min(head, 255), min(in_title, 255), name=case > 0)
        for term, (total, head, in_title, case) in counts.items()
    }


def read_terms(titles: TextColumn, texts: TextColumn) -> TermTable:
    """Terms of a batch of articles; equal to :func:`terms_of` of each.

    Parameters
    ----------
    titles, texts : TextColumn
        As long as each other, empty texts for what is missing.

    Returns
    -------
    TermTable
    """
    from dedup.kernels.terms import count_terms  # noqa: PLC0415 - not needed for one pair

    n_articles = len(titles.offsets) - 1
    lengths = np.diff(titles.offsets) + np.diff(texts.offsets)
    room = int(np.minimum(2 * lengths + 2, 2 * LONGEST).sum())
    most = int(min(2 * lengths.max(initial=0) + 2, 2 * LONGEST))
    codes, marks = np.empty(room, np.uint32), np.empty(room, np.uint32)
    counts, n_words = np.empty(n_articles, np.int64), np.empty(n_articles, np.int64)
    workspace: tuple[Any, ...] = (
        np.empty(256, np.uint32),
        np.empty(512, np.uint8),
        np.zeros(16, np.int64),
        np.zeros(1 << (2 * most).bit_length(), np.int64),
        np.empty(most, np.int64),
        np.empty((most, 5), np.int64),
    )
    columns: tuple[Any, ...] = (titles.data, titles.offsets, texts.data, texts.offsets)
    tables: tuple[Any, ...] = (*codepoint_arrays(), _case_array(), *workspace)
    arguments: tuple[Any, ...] = (*columns, HEAD, LONGEST, *tables, codes, marks, counts, n_words)
    total = count_terms(*arguments)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return TermTable(indptr, codes[:total].copy(), marks[:total].copy(), n_words)


def _terms(tokens: Sequence[Token]) -> Iterator[str]:
    """Term that begins with each token, empty for the last character of a run without spaces."""
    for token, following in zip_longest(tokens, tokens[1:]):
        if not _is_single(token.text[0]):
            is_number = token.text[0] == "-" or is_digit(token.text[0])
            yield token.text[: FIGURE if is_number else STEM]
        elif following and token.end == following.start and _is_single(following.text[0]):
            yield token.text[:NEIGHBOUR] + following.text[:NEIGHBOUR]
        else:
            yield ""


def _is_single(character: str) -> bool:
    return map_character(character)[0] >> 21 & 7 == SINGLE


def _case(text: str, token: Token) -> int:
    """1 for a capital inside a sentence, -1 for a small letter, 0 for what has no case or begins a sentence."""
    case = _kind(text[token.start])
    if case & _SMALL:
        return -1
    before = text[: token.start].rstrip(" (")[-1:]
    return int(bool(case & _CAPITAL and before and not _kind(before) & _ENDS))


def _kind(character: str) -> int:
    """What a character says about capitals, as bits; nothing above the scripts that have them."""
    if character in '.!?:…。\n"“«„‘':
        return _ENDS
    if character in " (":
        return _BLANK
    if ord(character) >= _LAST_CASED:
        return 0
    return _SMALL * character.islower() | _CAPITAL * character.isupper()


@cache
def _case_array() -> Flags:
    return np.array([_kind(chr(point)) for point in range(0x3100)], np.uint8)
