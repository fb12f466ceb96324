"""Facts of a page: chosen from what its markup says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dedup.io.pagefacts import Facts, Markup
from dedup.io.pages import Page

URL = "https://www.lockport.example/2026/03/09/pool"


def facts(url: str | None = URL, fetched: datetime | None = None, **said: object) -> Facts:
    return Facts(Markup(**said), Page(b"", url, fetched=fetched))  # type: ignore[arg-type]


def linked(**article: object) -> list[str]:
    return [json.dumps({"@type": "NewsArticle", **article})]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"title": "Pool closes - Mail", "headings": ["Pool closes"]}, "Pool closes"),
        ({"title": "Pool closes | Mail", "headings": ["Mail", "Pool closes"]}, "Pool closes"),
        ({"title": "Pool closes", "headings": ["Most read today"]}, "Pool closes"),
        ({"title": "", "headings": [" Pool\n closes "]}, "Pool closes"),
        ({"title": "Pool closes - Mail", "metas": {"og:site_name": "MAIL"}}, "Pool closes"),
        ({"title": "Pool closes - Mail"}, "Pool closes - Mail"),
        ({"title": "Pool closes – Lockport"}, "Pool closes"),
        ({"title": "Mail", "metas": {"og:title": "Pool closes"}}, "Pool closes"),
        ({"title": "Mail", "linked_data": linked(headline="Pool closes")}, "Pool closes"),
        ({"title": "word " * 200, "headings": ["Pool closes"]}, "Pool closes"),
        ({}, None),
    ],
)
def test_the_headline_is_what_readers_see_of_the_title(said: dict[str, object], title: str | None) -> None:
    assert facts(**said).title == title  # type: ignore[arg-type]


def test_a_heading_that_is_no_title_is_none_of_the_titles() -> None:
    found = facts(title="Pool closes - Mail", headings=["Pool closes", "Library opens on Sundays"])
    assert "Library opens on Sundays" not in found.titles


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://lockport.example/pool", "https://lockport.example/pool"),
        ("https://m.lockport.example/pool", "https://m.lockport.example/pool"),
        ("/pool", "https://www.lockport.example/pool"),
        ("https://elsewhere.example/pool", URL),
        ("https://www.lockport.example/", URL),
        ("https://www.lockport.example", URL),
        ("javascript:void(0)", URL),
        ("https://[broken", URL),
        (None, URL),
    ],
)
def test_the_address_is_that_of_the_page_on_its_host(canonical: str | None, url: str) -> None:
    assert facts(canonical=canonical).url == url
    assert facts(metas={"og:url": canonical} if canonical else {}).url == url


def test_a_page_from_a_file_has_the_address_that_it_says() -> None:
    assert facts(None, canonical="https://lockport.example/pool").url == "https://lockport.example/pool"
    assert facts(None, canonical="/pool").url is None


def test_the_date_is_that_of_publication() -> None:
    metas = {"article:modified_time": "2026-03-11", "article:published_time": "2026-03-10T08:00:00Z"}
    assert (
        facts(metas=metas, linked_data=linked(datePublished="2026-03-08")).date == "2026-03-10T08:00:00+00:00"
    )
    assert (
        facts(metas={"date": "2026-03-11"}, linked_data=linked(datePublished="2026-03-08")).date
        == "2026-03-08"
    )
    assert facts(times=["2026-03-07", "2026-03-01"]).date == "2026-03-07"
    assert facts().date == "2026-03-09"
    assert facts(None).date is None


def test_a_date_behind_the_fetching_is_none() -> None:
    fetched = datetime(2026, 3, 10, tzinfo=UTC)
    assert facts(None, fetched, times=["2026-04-01"]).date is None
    assert facts(None, fetched, times=["2026-03-11"]).date == "2026-03-11"


@pytest.mark.parametrize(
    ("publisher", "source"),
    [
        ({"name": "Mail"}, "Mail"),
        ([{"name": "Mail"}], "Mail"),
        ("Mail", "Mail"),
        ({}, None),
        ([], None),
        (7, None),
    ],
)
def test_the_source_is_the_publisher(publisher: object, source: str | None) -> None:
    assert facts(linked_data=linked(publisher=publisher)).source == source
    assert facts(linked_data=linked(publisher=publisher), metas={"og:site_name": "Post"}).source == "Post"


def test_languages_are_tags() -> None:
    assert facts(metas={"og:locale": "pt_BR"}).language == "pt-BR"
    assert facts(language=" de ", metas={"og:locale": "pt_BR"}).language == "de"
    assert facts(language=" ").language is None


@pytest.mark.parametrize(
    "script",
    [
        '{"@graph": [{"@type": "WebPage", "headline": "No"}, {"@type": ["Thing", "ReportageNewsArticle"], "headline": "Rain"}]}',
        '[{"@type": "Organization"}, {"@type": "BlogPosting", "headline": "Rain"}]',
        '//<![CDATA[\n{"@type": "Article", "headline": "Rain"}\n//]]>',
        '<!-- {"@type": "Article", "headline": "Rain"} -->',
        '{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "Rain"}}',
        '{"@type": "Article", "headline": "Rain", "note": "a\ttab"}',
    ],
)
def test_the_article_is_found_wherever_it_stands(script: str) -> None:
    assert facts(linked_data=["no JSON", script]).title == "Rain"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "[" * 100_000,
        "null",
        "7",
        '{"@type": 7}',
        '{"@type": "Article", "headline": 7}',
        '{"@type": [["Article"]]}',
    ],
)
def test_what_is_no_article_is_passed_over(script: str) -> None:
    found = facts(title="Rain", linked_data=[script])
    assert (found.title, found.body) == ("Rain", "")
