"""Extraction: the article of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.io.pages import Page


def extractor_of(name: str) -> Callable[[Page], dict[str, Any]]:  # noqa: ARG001 - one so far
    """What extracts under this name."""
    return extract


def extract(page: Page) -> dict[str, Any]:
    """Article of a page."""
    tree = HTMLTree.parse(page.html.decode(errors="replace"))
    return {
        "url": page.url,
        "title": tree.title or None,
        "text": extract_plain_text(tree, main_content=True),
        "date": None,
        "source": None,
        "language": None,
        "fetched": page.fetched.isoformat() if page.fetched else None,
    }
