"""What one page repeats within itself: quotes, findings, and the report that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "repeated headline",
    "same headline in other words",
    "repeated paragraph",
    "recycled paragraph",
    "rewritten lead",
    "restated paragraph",
    "boilerplate",
]
#: Every kind of finding.
KINDS: tuple[Kind, ...] = get_args(Kind)
Part = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Something the page says, and where.

    Attributes
    ----------
    part : {"title", "text"}
        Field of the article that it stands in.
    line : int
        Line of the text, from 1, as an editor counts them; 0 for the title.
    start, end : int
        Place in characters of that field: ``field[start:end] == text``.
    text : str
        What stands there.
    """

    part: Part
    line: int
    start: int
    end: int
    text: str

    @property
    def place(self) -> tuple[bool, int]:
        """Order of quotes: the title, then the text from its beginning."""
        return self.part == "text", self.start


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a page says more than once, or a publisher under everything.

    Attributes
    ----------
    kind : str
        One of ``KINDS``. "Repeated" is in the same words, "recycled" for the most part in the same words, "restated"
        in other words; a "rewritten lead" is a paragraph that restates the first.
    quotes : tuple of Quote
        What is found, in the order of the page: the first is what the others repeat.
    score : float
        Probability, from 0 to 1, rounded to 4 decimals.
    why : str
        The evidence, in words.
    """

    kind: Kind
    quotes: tuple[Quote, ...]
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class PageReport:
    """What one page repeats within itself.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of their first quotes.
    lines : int
        Lines that say something, the title among them.
    passed_over : int
        Pairs of paragraphs with evidence in common that were not looked at, because a paragraph had too many of them.
    """

    findings: tuple[Finding, ...]
    lines: int
    passed_over: int = 0
