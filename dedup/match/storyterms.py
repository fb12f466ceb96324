"""Terms of an article: what it may share with another report of the same event.

A term is the beginning of a word, a number, or two neighbouring characters of a script without spaces; inflected forms
mostly are one term. Of each the article keeps how often it stands in the whole, in the head (the title and the first
words of the body) and in the title, and whether it looks like a name there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.text.codepoints import SINGLE, map_character
from dedup.text.shingling import code_word
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Codes, Offsets, Rows
    from dedup.text.columns import TextColumn
    from dedup.text.tokens import Token

#: Characters of a word that make its term.
STEM = 6
#: Words of the body that are its head, and words of the body that are looked at.
HEAD, LONGEST = 60, 1500
#: What stands before a word that begins a sentence, whose capital says nothing.
_ENDS = frozenset('.!?:…。\n"“«„‘')


class Term(NamedTuple):
    """A term of an article.

    Attributes
    ----------
    code : int
        :func:`dedup.text.shingling.code_word` of it; the lowest bit says that it is a number.
    count, head, title : int
        How often it stands in the article, in its head, in its title.
    name : bool
        Whether it has a capital inside sentences of the body more often than not.
    """

    code: int
    count: int
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
        Ascending and distinct in an article.
    marks : ndarray of uint32 of shape (nnz,)
        Count (lowest 8 bits), count in the head (8 bits), in the title (8 bits), and whether it is a name (1 bit).
    n_words : ndarray of int64 of shape (n_articles,)
        Words of each article that were looked at.
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
    Term(code=..., count=2, head=2, title=1, name=True)
    >>> found["storm"].count, found["storms"].count
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
        term: Term(code_word(term), *(min(value, 255) for value in entry[:3]), entry[3] > 0)
        for term, entry in counts.items()
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
    indptr, codes, marks, n_words = [0], [], [], []
    for title, text in zip(_strings(titles), _strings(texts), strict=True):
        found = sorted(terms_of(title, text).values())
        codes += [term.code for term in found]
        marks += [term.count | term.head << 8 | term.title << 16 | int(term.name) << 24 for term in found]
        indptr.append(len(codes))
        n_words.append(sum(term.count for term in found))
    return TermTable(
        np.array(indptr, np.int64),
        np.array(codes, np.uint32),
        np.array(marks, np.uint32),
        np.array(n_words, np.int64),
    )


def _strings(column: TextColumn) -> Iterator[str]:
    data = column.data.tobytes()
    for begin, end in zip(column.offsets[:-1].tolist(), column.offsets[1:].tolist(), strict=True):
        yield data[begin:end].decode()


def _terms(tokens: Sequence[Token]) -> Iterator[str]:
    """Term that begins with each token, empty for the last character of a run without spaces."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if not _is_single(token.text[0]):
            yield token.text if token.text[0] == "-" or token.text[0].isdigit() else token.text[:STEM]
        elif following and token.end == following.start and _is_single(following.text[0]):
            yield token.text + following.text
        else:
            yield ""


def _is_single(character: str) -> bool:
    return map_character(character)[0] >> 21 & 7 == SINGLE


def _case(text: str, token: Token) -> int:
    """1 for a capital inside a sentence, -1 for a small letter, 0 for what has no case or begins a sentence."""
    first = text[token.start]
    if first.islower():
        return -1
    before = text[: token.start].rstrip(" (")[-1:]
    return int(first.isupper() and before != "" and before not in _ENDS)
