"""Facts of a page: headline, date, address and publisher, chosen from what its markup says of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from dedup.io.mainlines import title_key
from dedup.io.pagedates import day_in_url, first_date, said_in
from dedup.url import host_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dedup.io.pages import Page

_SEPARATED = re.compile(r"\s+[|–—\-:·•»]+\s+|：")
_ALIASES = re.compile(r"^(?:www\d?|m|mobile|amp)\.")
_ARTICLES = re.compile(r"(?:Article|BlogPosting|Report|Review)$")
#: What old browsers are hidden JSON behind.
_HIDDEN = (("//<![CDATA[", "//]]>"), ("<![CDATA[", "]]>"), ("<!--", "-->"))
_LONGEST_TITLE = 500
_DEEPEST, _MOST_OBJECTS = 6, 500
#: Share of a title that a heading has, if it is the headline in it.
_HEADLINE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Markup:
    """What the markup of a page says.

    Parameters
    ----------
    metas : mapping of str to str
        Contents of meta elements by their name, property or itemprop in small letters.
    title : str
        Of the document.
    headings : sequence of str
        Texts of the h1 elements.
    times : sequence of str
        What time elements say.
    linked_data : sequence of str
        JSON-LD scripts.
    canonical : str or None
        Link to the page itself.
    language : str or None
        Of the html element.
    """

    metas: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    headings: Sequence[str] = ()
    times: Sequence[str] = ()
    linked_data: Sequence[str] = ()
    canonical: str | None = None
    language: str | None = None


class Facts:
    """What is known of the article of a page.

    Examples
    --------
    >>> from dedup.io.pages import Page
    >>> markup = Markup({"og:title": "Pool closes - Lockport Mail", "og:site_name": "Lockport Mail"}, headings=["Pool closes"])
    >>> facts = Facts(markup, Page(b"", "https://lockport.example/2026/11/22/pool"))
    >>> facts.title, facts.date, facts.source
    ('Pool closes', '2026-11-22', 'Lockport Mail')
    """

    def __init__(self, markup: Markup, page: Page) -> None:
        self._markup, self._page = markup, page
        self._article = _linked_article(markup.linked_data)

    @cached_property
    def url(self) -> str | None:
        """The address that the page says it has, if it is on the host that it was fetched from, else that one."""
        fetched = self._page.url
        for said in (self._markup.canonical, self._markup.metas.get("og:url")):
            url = _joined(fetched or "", said.strip()) if said else ""
            near = fetched is None or _site_of(url) == _site_of(fetched)
            if near and url.startswith(("http://", "https://")) and _has_path(url):
                return url
        return fetched

    @cached_property
    def titles(self) -> list[str]:
        """What may be the headline, the surest first."""
        metas = self._markup.metas
        given = [
            self._text("headline"),
            metas.get("og:title"),
            metas.get("twitter:title"),
            self._markup.title,
        ]
        said, seen = _in_one_line(given), _in_one_line(self._markup.headings)
        sure = [heading for heading in seen if any(_is_headline_of(heading, title) for title in said)]
        host = host_of(self.url) or ""
        outlets = {title_key(self.source or ""), max(host.split("."), key=len)} - {""}
        bare = [_without_outlet(title, outlets) for title in said]
        return list(dict.fromkeys([*sorted(sure, key=len, reverse=True)[:1], *bare, *said] or seen[:1]))

    @property
    def title(self) -> str | None:
        """The headline."""
        return next(iter(self.titles), None)

    @cached_property
    def date(self) -> str | None:
        """When it was published, in ISO 8601, or the day: as the markup says, else the address."""
        metas = self._markup.metas
        said = [metas.get("article:published_time"), self._text("datePublished"), *said_in(metas)]
        said += [
            *self._markup.times[:1],
            self._text("dateCreated"),
            day_in_url(self.url),
            day_in_url(self._page.url),
        ]
        return first_date(said, self._page.fetched)

    @property
    def source(self) -> str | None:
        """Who published it."""
        said = self._markup.metas.get("og:site_name")
        publisher = self._article.get("publisher")
        if isinstance(publisher, list) and publisher:
            publisher = publisher[0]
        named = publisher.get("name") if isinstance(publisher, dict) else publisher
        return said or (named if isinstance(named, str) and named.strip() else None)

    @property
    def language(self) -> str | None:
        """Language tag."""
        metas = self._markup.metas
        said = self._markup.language or metas.get("og:locale") or metas.get("content-language")
        return said.strip().replace("_", "-") if said and said.strip() else None

    @property
    def body(self) -> str:
        """The text, where the page repeats it for machines."""
        return self._text("articleBody") or ""

    def _text(self, name: str) -> str | None:
        value = self._article.get(name)
        return value if isinstance(value, str) and value.strip() else None


def _in_one_line(titles: Iterable[str | None]) -> list[str]:
    """Titles that are there, and short enough not to be a page whose title has no end."""
    found = [" ".join(title.split()) for title in titles if title]
    return [title for title in found if 0 < len(title) <= _LONGEST_TITLE]


def _linked_article(scripts: Iterable[str]) -> dict[str, Any]:
    """First article among the objects of JSON-LD; empty where there is none."""
    for script in scripts:
        try:
            data = json.loads(_uncovered(script), strict=False)
        except (ValueError, RecursionError):
            continue
        for number, found in enumerate(_objects(data, _DEEPEST)):
            kinds = found.get("@type")
            if any(isinstance(kind, str) and _ARTICLES.search(kind) for kind in _many(kinds)):
                return found
            if number == _MOST_OBJECTS:
                break
    return {}


def _uncovered(script: str) -> str:
    """JSON of a script."""
    text = script.strip()
    for begin, end in _HIDDEN:
        if text.startswith(begin):
            return text.removeprefix(begin).removesuffix(end)
    return text


def _objects(data: object, depth: int) -> Iterator[dict[str, Any]]:
    """Objects, from the outside in."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list) and depth:
        for value in data:
            yield from _objects(value, depth - 1)


def _many(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_headline_of(heading: str, title: str) -> bool:
    """Whether a heading is a title without what an outlet prints around it."""
    short, whole = title_key(heading), title_key(title)
    return short in whole and len(short) >= _HEADLINE_SHARE * len(whole) > 0


def _without_outlet(title: str, outlets: Collection[str]) -> str:
    """Title without the name of its outlet at its end."""
    ends = list(_SEPARATED.finditer(title))
    if ends and title_key(title[ends[-1].end() :]) in outlets:
        return title[: ends[-1].start()]
    return title


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:  # an address that can't be
        return ""


def _site_of(url: str) -> str:
    return _ALIASES.sub("", host_of(url) or "")


def _has_path(url: str) -> bool:
    """Whether a URL is of more than a home page, which careless sites call the address of all their pages."""
    return len(url.split("/", 3)) > 3 and url.split("/", 3)[3] != ""
