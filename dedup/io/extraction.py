"""Extraction: the article of a page, by resiliparse; the one file that imports it."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5
from resiliparse.parse.html import HTMLTree

from dedup.io.mainlines import main_text
from dedup.io.nesting import flattened
from dedup.io.pagedates import first_date, written_day
from dedup.io.pagefacts import Facts, Markup
from dedup.io.pagelists import unlist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.io.pages import Page

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAID = re.compile(
    rb"""<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_LOOKED_AT = 1 << 14
#: Blocks inside of the content that are not of the article.
_SKIPPED = ["header", "footer"]
#: Parts of the names of classes that say the same of small blocks, and how long such a block is at most: the class of
#: a whole article may have such a word in its name too.
_CLASSES = ("caption", "credit", "byline", "related", "newsletter", "recirc", "promo")
_SMALL_BLOCKS = ",".join(
    f'{tag}[class*="{name}"]'
    for name in _CLASSES
    for tag in ("p", "div", "span", "ul", "section", "li", "aside")
)
_SMALL = 400  # characters
_MOST_HEADINGS, _MOST_LISTS = 8, 200
#: Blocks that say when an article was published: on 125 pages the first of them was right on 106 (2026-11).
_STAMPED = (
    ",".join(
        f'[class*="{name}"]' for name in ("date", "Date", "publi", "time", "posted", "meta", "byline", "info")
    )
    + ",time"
)
_LONGEST_STAMP = 150
#: Share of the text for machines that the visible one has, if it is whole.
_WHOLE = 0.5


def extract(page: Page) -> dict[str, Any]:
    """Article of a page.

    Parameters
    ----------
    page : Page
        In any encoding.

    Returns
    -------
    dict
        ``url``, ``title``, ``text`` (a paragraph on each line), ``date`` (ISO 8601), ``source``, ``language`` and
        ``fetched``; None for what the page does not say, an empty text where there is none.

    Examples
    --------
    >>> from dedup.io.pages import Page
    >>> story = "The council voted on Monday to close the old pool, which had leaked since the spring."
    >>> page = Page(f"<html lang=en><h1>Pool closes</h1><p>{story}</p><p>© 2026 Lockport Mail</p>".encode())
    >>> found = extract(page)
    >>> found["title"], found["text"] == story, found["language"]
    ('Pool closes', True, 'en')
    """
    tree, facts = parsed(page, decode(page))
    stamps = list(_stamps(tree)) if facts.date is None else []
    for block in _select(tree, _SMALL_BLOCKS):
        if block.parent is not None and len(block.text) < _SMALL:
            block.decompose()
    unlist(tree, _select(tree, "ul")[:_MOST_LISTS])
    content = extract_plain_text(
        tree,
        main_content=True,
        preserve_formatting="minimal_html",
        links=True,
        comments=False,
        alt_texts=False,
        list_bullets=False,
        skip_elements=_SKIPPED,
    )
    text = main_text(content, facts.titles)
    if len(text) < _WHOLE * len(facts.body):
        text = main_text(facts.body, facts.titles)
    article = article_of_page(page, facts, text)
    if article["date"] is None:
        article["date"] = first_date(stamps, page.fetched)
    return article


def parsed(page: Page, html: str) -> tuple[HTMLTree, Facts]:
    """Tree of a page, and what its markup says."""
    tree = HTMLTree.parse(flattened(html))
    return tree, Facts(markup_of(tree), page)


def article_of_page(page: Page, facts: Facts, text: str) -> dict[str, Any]:
    """Article as a dict of what was found."""
    fetched = page.fetched.isoformat() if page.fetched else None
    found = {
        "url": facts.url,
        "title": facts.title,
        "text": text,
        "date": facts.date,
        "source": facts.source,
        "language": facts.language,
        "fetched": fetched,
    }
    return {name: value and _encodable(value) for name, value in found.items()}


def decode(page: Page) -> str:
    """Text of a page.

    In UTF-8 where it is that, whatever is said of it, for no other text is by chance; else in the encoding that a byte
    order mark, the server or the page tells, else in the one that it seems to have.

    Examples
    --------
    >>> from dedup.io.pages import Page
    >>> decode(Page("naïve".encode(), charset="latin-1")), decode(Page("naïve".encode("cp1252"), charset="latin-1"))
    ('naïve', 'naïve')
    """
    for mark, name in _BOMS:
        if page.html.startswith(mark):
            return page.html[len(mark) :].decode(name, "replace")
    in_page = _SAID.search(page.html, 0, _LOOKED_AT)
    said = [_known(page.charset), _known(in_page[1].decode("ascii", "replace") if in_page else None)]
    named = next(filter(None, said), None)
    if named is None or not named.startswith(
        ("iso-2022", "iso2022", "utf-16")
    ):  # such a text is ASCII, as bytes
        try:
            return page.html.decode()
        except UnicodeDecodeError:
            pass
    return page.html.decode(named or _known(detect_encoding(page.html)) or "utf-8", "replace")


def _known(charset: str | None) -> str | None:
    """Name of an encoding as the web means it; others that Python knows are no encodings of texts, or of none on the web."""
    if not charset:
        return None
    try:
        known = map_encoding_to_html5(charset, False) or map_encoding_to_html5(
            codecs.lookup(charset).name, False
        )
    except (LookupError, ValueError):
        return None
    return None if known is None else codecs.lookup(known).name


def markup_of(tree: HTMLTree) -> Markup:
    """What the markup of a page says of it."""
    metas: dict[str, str] = {}
    for meta in _select(tree, "meta[content]"):
        content = meta.getattr("content") or ""
        for kind in ("property", "name", "itemprop", "http-equiv"):
            name = meta.getattr(kind)
            if name and content.strip():
                metas.setdefault(name.strip().lower(), content)
    times = _select(tree, "time[datetime]")
    surest = [
        time for time in times if time.getattr("itemprop") == "datePublished" or time.hasattr("pubdate")
    ]
    canonical = _select(tree, 'link[rel="canonical"][href]')
    root = _select(tree, "html[lang]")
    return Markup(
        metas,
        tree.title or "",
        [heading.text for heading in _select(tree, "h1")[:_MOST_HEADINGS]],
        [time.getattr("datetime") for time in [*surest, *times]],
        [script.text for script in _select(tree, 'script[type="application/ld+json"]')],
        canonical[0].getattr("href") if canonical else None,
        root[0].getattr("lang") if root else None,
    )


def _stamps(tree: HTMLTree) -> Iterator[str]:
    """Days in small blocks that may say when the article was published, where the markup does not."""
    for block in _select(tree, _STAMPED):
        text = block.text
        if len(text) < _LONGEST_STAMP and (day := written_day(text)):
            yield day


def _select(tree: HTMLTree, selector: str) -> list[Any]:
    """Elements of a page, in its order."""
    document: Any = tree.document
    found: Any = () if document is None else document.query_selector_all(selector)
    return list(found[:]) if len(found) else []  # one by one, it would look them all up again for each


def _encodable(text: str) -> str:
    """Text without halves of characters, which JSON can write and UTF-8 can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
