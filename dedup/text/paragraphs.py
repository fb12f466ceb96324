"""Paragraphs: the lines of a text that say something."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")


class Paragraph(NamedTuple):
    """A line without the white space around it, and its place in characters of the text."""

    text: str
    start: int
    end: int


def split_paragraphs(text: str) -> list[Paragraph]:
    r"""Split a text at its line ends; lines of white space alone are left out.

    Parameters
    ----------
    text : str
        Any text; every line end that Unicode knows separates.

    Returns
    -------
    list of Paragraph
        In the order of the text; ``text[p.start:p.end] == p.text``.

    Examples
    --------
    >>> split_paragraphs("One.\r\n\n  Two. ")
    [Paragraph(text='One.', start=0, end=4), Paragraph(text='Two.', start=9, end=13)]
    """
    found = []
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.strip()
        if stripped:
            start = match.start() + len(line) - len(line.lstrip())
            found.append(Paragraph(stripped, start, start + len(stripped)))
    return found
