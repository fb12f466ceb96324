"""Thorough extraction: the article of a page, by trafilatura; the one file that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trafilatura import bare_extraction
from trafilatura.meta import reset_caches

from dedup.io.extraction import article_of_page, decode, parsed
from dedup.io.mainlines import without_title

if TYPE_CHECKING:
    from dedup.io.pages import Page

_RESET_AFTER = 500  # pages; what it remembers of them only grows


class ThoroughExtractor:
    """Extracts one page after the other; in one thread, for trafilatura is not safe in several."""

    def __init__(self) -> None:
        self._pages = 0

    def extract(self, page: Page) -> dict[str, Any]:
        """Article of a page, as :func:`dedup.io.extraction.extract` gives it."""
        self._pages += 1
        if self._pages % _RESET_AFTER == 0:
            reset_caches()
        html = decode(page)
        _, facts = parsed(page, html)
        known = facts.title and facts.date and facts.source  # looking for more takes as long as the text
        # Its own deduplication depends on what it has seen before.
        found: Any = bare_extraction(
            html, url=page.url, with_metadata=not known, deduplicate=False, include_comments=False
        )
        told = found.as_dict() if found is not None else {}
        article = article_of_page(page, facts, without_title(told.get("text") or "", facts.titles))
        said = {"title": told.get("title"), "date": told.get("date"), "source": told.get("sitename")}
        return article | {name: value for name, value in said.items() if value and not article[name]}
