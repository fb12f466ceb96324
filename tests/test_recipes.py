"""The recipes of docs/scrapers.md run, with stand-ins for the packages that they import."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import dedup

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "scrapers.md").read_text("utf-8")
#: The first block of a section that is marked `py`: `tools/check_docs.py` does not run these.
RECIPES = {
    section.partition("\n")[0]: section.split("```py\n")[1].partition("```")[0]
    for section in PAGE.split("\n### ")
    if "```py\n" in section
}

MOMENT = datetime(2026, 3, 9, 8, 12, tzinfo=UTC)
MILL = (
    "The last paper mill on the Orla will close at midsummer, and its hundred and forty workers learned of it from a"
    " notice at the gate. The owners blame the price of steam. The town council wants to buy the turbine, which"
    " has lit the main street since 1911, and keep it running for the museum."
)
#: URL, title and text of what is crawled: a copy under another title, another report, and the first page again.
PAGES = [
    ("https://orla.example/mill", "Mill on the Orla to close", MILL),
    ("https://coast.example/mill", "End of paper", MILL.upper()),
    (
        "https://coast.example/gulls",
        "Gulls",
        "Gulls have learned to open the lids of the new bins on Pier Street.",
    ),
    ("https://orla.example/mill", "Mill on the Orla to close", MILL),
]
TITLES = ["Mill on the Orla to close", "Gulls"]


class FundusArticle:
    """Properties over what was extracted; what went wrong is left in place of a field."""

    def __init__(self, url: str, title: str, text: str) -> None:
        self.html = SimpleNamespace(requested_url=f"{url}?from=feed", responded_url=url)
        self.exception = None
        self.title = title
        self.body = SimpleNamespace(summary=[], sections=[text])
        self.authors: list[str] = []
        self.publishing_date = MOMENT
        self.topics = ValueError("no topics")

    @property
    def publisher(self) -> str:
        return "Orla Post"

    @property
    def plaintext(self) -> str:
        return "".join(self.body.sections)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class NewspaperArticle:
    def __init__(self, url: str, title: str, text: str) -> None:
        self.url, self.original_url, self.source_url = url, url, "https://orla.example"
        self.title, self.text, self.publish_date = title, text, MOMENT.replace(tzinfo=None)
        self.html, self.authors, self.summary, self.tags = "<p>", ["A. Writer"], "", set[str]()


class NewsArticle:
    """As news-please gives it: the fields of the class are None."""

    text = description = title_page = title_rss = date_modify = filename = None
    language = "en"

    def __init__(self, url: str, title: str | None, maintext: str | None) -> None:
        self.url, self.title, self.maintext = url, title, maintext
        self.date_publish, self.source_domain = MOMENT.replace(tzinfo=None), url.split("/")[2]


class Document:
    """As trafilatura gives it."""

    __slots__ = ("body", "comments", "date", "hostname", "id", "raw_text", "sitename", "text", "title", "url")

    def __init__(self, url: str, title: str, text: str) -> None:
        self.url, self.title, self.text, self.raw_text = url, title, text, text
        self.hostname, self.sitename, self.date = url.split("/")[2], "Orla Post", "2026-03-09"
        self.id = self.comments = None
        self.body = object()


def fundus() -> dict[str, Any]:
    class Crawler:
        def __init__(self, *_: object) -> None:
            pass

        def crawl(self, max_articles: int) -> list[FundusArticle]:
            return [FundusArticle(*page) for page in PAGES][:max_articles]

    return {"fundus": {"Crawler": Crawler, "PublisherCollection": SimpleNamespace(us=[])}}


def newspaper() -> dict[str, Any]:
    pages = iter(PAGES)  # the recipe asks for one URL twice, and gets the same page
    return {"newspaper": {"article": lambda _: NewspaperArticle(*next(pages))}}


def news_please() -> dict[str, Any]:
    class NewsPlease:
        @staticmethod
        def from_urls(urls: list[str]) -> dict[str, NewsArticle]:
            found = {
                f"{url}#{place}": NewsArticle(*page)
                for place, (url, page) in enumerate(zip(urls, PAGES, strict=True))
            }
            return {**found, "empty": NewsArticle("https://coast.example/empty", None, None)}

    return {"newsplease": {"NewsPlease": NewsPlease}}


def trafilatura() -> dict[str, Any]:
    pages = iter(PAGES)

    def bare_extraction(html: str, *, url: str, with_metadata: bool) -> Document | None:
        assert with_metadata
        return Document(*next(pages)) if html else None

    names = {"fetch_url": lambda url: "" if "empty" in url else "<p>", "bare_extraction": bare_extraction}
    return {"trafilatura": names}


STAND_INS: dict[str, Callable[[], dict[str, Any]]] = {
    "fundus": fundus,
    "newspaper4k": newspaper,
    "news-please": news_please,
    "trafilatura": trafilatura,
}


def test_every_recipe_is_run() -> None:
    assert set(RECIPES) == set(STAND_INS)
    assert PAGE.count("```py\n") == len(RECIPES)


@pytest.mark.parametrize("name", STAND_INS)
def test_a_recipe_prints_what_is_new(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for module, names in STAND_INS[name]().items():
        stand_in = ModuleType(module)
        vars(stand_in).update(names)
        monkeypatch.setitem(sys.modules, module, stand_in)
    urls = [url for url, _, _ in PAGES] + (["https://coast.example/empty"] if name == "trafilatura" else [])
    exec(compile(RECIPES[name], f"docs/scrapers.md {name}", "exec"), {"urls": urls})
    assert capsys.readouterr().out.splitlines() == TITLES
    with dedup.open_index("news.dedup") as index:
        stored = {article.id: article for article, _ in index.articles()}
    assert set(stored) == {url for url, _, _ in PAGES}
    first = stored["https://orla.example/mill"]
    assert (first.title, first.text) == PAGES[0][1:]
    assert first.published is not None
    assert first.published.date() == MOMENT.date()


def test_no_scraper_is_imported() -> None:
    """The objects are taken by their attributes; what extracts pages is no scraper there."""
    files = (path for path in (ROOT / "dedup").rglob("*.py") if path.name != "thorough.py")
    sources = "".join(path.read_text("utf-8") for path in files)
    assert not re.search(
        r"^\s*(?:from|import) (?:fundus|newspaper|newsplease|trafilatura)\b", sources, re.MULTILINE
    )
