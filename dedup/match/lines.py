"""Lines of one page, and what each is by its shape: a headline, a label, an item of a list, or a paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from dedup.page import Quote
from dedup.text.paragraphs import split_paragraphs
from dedup.text.tokens import Token, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Role = Literal["headline", "label", "item", "paragraph", "other"]

_LINE_END = re.compile(r"\r\n|[\r\n]")
_CREDIT = re.compile(r" [|/] |@|https?:|©")
_NEXT_LINE = re.compile(r"[^\S\r\n]*(?:\r\n|[\r\n])[^\S\r\n]*(\S)")
_ITEM = re.compile(r"(?:[-*+•‣◦▪●○■–—]|\(?[0-9]{1,3}[.)]|\([a-z]\))\s+\S")
_CLOSING = "\"'”’»」』*_ "
#: Full stops, in any script: what ends so is a sentence and no headline. Headlines may ask and exclaim.
STOPS = ".。।॥۔։…"
#: What ends a sentence.
SENTENCE_ENDS = f"{STOPS}!?！？؟"
_COLONS = (":", "：")
#: Characters of the longest headline and label, and of the shortest headline and paragraph; words of the latter two.
#: Where each character is a word, characters decide.
_LONGEST_HEADLINE, _LONGEST_LABEL = 150, 40
_HEADLINE, _PARAGRAPH = 12, 40
_HEADLINE_WORDS, _PARAGRAPH_WORDS = 4, 8


class Line(NamedTuple):
    """A line that says something.

    Attributes
    ----------
    quote : Quote
        What it says and where.
    tokens : list of Token
        Its words, with places in the quote's text.
    role : str
        What it is, by its shape.
    """

    quote: Quote
    tokens: list[Token]
    role: Role

    @property
    def words(self) -> tuple[str, ...]:
        """Normalised words."""
        return tuple(token.text for token in self.tokens)


def read_lines(text: str, title: str | None = None) -> list[Line]:
    r"""Lines of a page that have a word; the title first, if there is one.

    Parameters
    ----------
    text : str
        The body.
    title : str, optional
        The headline, where it is known apart from the body.

    Returns
    -------
    list of Line
        In the order of the page.

    Examples
    --------
    >>> [(line.quote.line, line.role) for line in read_lines("Rain in the north on Sunday\n\nIn short:\n1. Rain.")]
    [(1, 'headline'), (3, 'label'), (4, 'item')]
    """
    return [line for line in (*_title_lines(title or ""), *_text_lines(text)) if line.tokens]


def _title_lines(title: str) -> Iterator[Line]:
    stripped = title.strip()
    start = len(title) - len(title.lstrip())
    role: Role = "headline" if len(stripped) <= 2 * _LONGEST_HEADLINE else "other"
    yield Line(Quote("title", 0, start, start + len(stripped), stripped), tokenise(stripped), role)


def _text_lines(text: str) -> Iterator[Line]:
    ends = _LINE_END.finditer(text)
    number, next_end = 1, next(ends, None)
    for paragraph, start, end in split_paragraphs(text):
        while next_end is not None and next_end.start() < start:
            number, next_end = number + 1, next(ends, None)
        tokens = tokenise(paragraph)
        role = _role(paragraph, tokens)
        below = _NEXT_LINE.match(text, end)
        if role == "headline" and (paragraph[0].islower() or (below and below[1].islower())):
            role = "other"  # a piece of a paragraph that is broken into lines
        yield Line(Quote("text", number, start, end, paragraph), tokens, role)


def _role(text: str, tokens: Sequence[Token]) -> Role:
    bare = text.rstrip(_CLOSING)
    if _ITEM.match(text):
        return "item"
    if bare.endswith(_COLONS) and len(bare) <= _LONGEST_LABEL:
        return "label"
    if len(text) <= _LONGEST_HEADLINE and not bare.endswith((*STOPS, *_COLONS, ")", "]", "）")):
        if _CREDIT.search(text):
            return "other"
        return "headline" if len(text) >= _HEADLINE and len(tokens) >= _HEADLINE_WORDS else "other"
    return "paragraph" if len(text) >= _PARAGRAPH and len(tokens) >= _PARAGRAPH_WORDS else "other"
