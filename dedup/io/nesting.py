"""Nesting: pages that are nested so deeply that a parser would take minutes, or overflow its stack, made flatter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A page is looked at from so many tags on, and cut where it is nested deeper: browsers stop at 512. The parser took
#: 0.3 s for 5,000 elements inside each other, and 10 s for 20,000 (2026-11).
_MOST_TAGS, DEEPEST = 6_000, 512
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^>]*+>?")
#: Elements that hold nothing, or that the next of their kind ends.
_FLAT = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "option",
        "optgroup",
        "tbody",
        "thead",
        "tfoot",
        "colgroup",
        "rp",
        "rt",
    ]
)


def flattened(html: str) -> str:
    """Page without the tags that stand deeper than `DEEPEST`; what stands between them is left.

    Examples
    --------
    >>> page = "<div>" * 30_000 + "rain"
    >>> flattened(page) == "<div>" * 512 + "rain", flattened("<p>rain") == "<p>rain"
    (True, True)
    """
    return html if html.count("<") < _MOST_TAGS else "".join(_pieces(html))


def _pieces(html: str) -> Iterator[str]:
    depth = begin = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _FLAT:
            continue
        if not tag[1]:
            depth += 1
        if depth > DEEPEST:
            yield html[begin : tag.start()]
            begin = tag.end()
        if tag[1]:
            depth = max(depth - 1, 0)
    yield html[begin:]
