"""Extraction: the article of a page, by both extractors."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.io.pages import Page
from dedup.io.serving import extractor_of

pytest.importorskip("resiliparse")

from dedup.io.extraction import decode, extract

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = Path(__file__).resolve().parents[1] / "fixtures" / "html"
FIELDS = {"url", "title", "text", "date", "source", "language", "fetched"}
#: Of each page: headline, day, first and last words.
FOUND = {
    "english.html": ("Lockport closes its old pool", "2026-03-09", "The council voted", "14 million crowns."),
    "german.html": (
        "Fähre fällt drei Tage aus",
        "2026-03-10",
        "Die Fähre zwischen",
        "wieder ein Schiff fuhr.",
    ),
    "russian.html": (
        "Мост через Каменку покрасят в зелёный цвет",
        "2026-03-11",
        "Старый мост",
        "трёх тысяч семисот.",
    ),
    "japanese.html": ("港町図書館、日曜も開館へ", "2026-03-12", "港町の市立図書館は", "と話している。"),
    "arabic.html": ("المياه تعود إلى حي النخيل", "2026-03-11", "عادت المياه", "نهاية الشهر."),
    "thai.xhtml": ("ตลาดริมน้ำบางไม้เปิดใหม่วันเสาร์", "2026-03-13", "ตลาดริมน้ำบางไม้จะเปิด", "จะวิ่งทุกสิบห้านาที"),
}
STORY = (
    "The council voted on Monday to close the old pool, which had leaked since the spring of the year before."
)


@pytest.fixture(params=["resiliparse", "trafilatura"])
def extractor(request: pytest.FixtureRequest) -> Callable[[Page], dict[str, Any]]:
    pytest.importorskip(request.param)
    return extractor_of(request.param)


@pytest.mark.parametrize("name", FOUND)
def test_pages_of_all_scripts_and_encodings(extractor: Callable[[Page], dict[str, Any]], name: str) -> None:
    title, day, begin, end = FOUND[name]
    found = extractor(Page((PAGES / name).read_bytes()))
    assert found.keys() == FIELDS
    assert (found["title"], found["date"][:10]) == (title, day)
    assert begin in found["text"][:60]
    assert end in found["text"]
    assert title not in found["text"].splitlines()


def test_what_stands_around_an_article_is_left_out() -> None:
    found = extract(Page((PAGES / "english.html").read_bytes()))
    for other in (
        "Weather",
        "cookies",
        "Ada Quill",
        "Photo",
        "Read also",
        "More from",
        "painted green",
        "©",
        "Subscribe",
    ):
        assert other not in found["text"]
    assert len(found["text"].splitlines()) == 6
    assert found["url"] == "https://www.lockport-mail.example/news/2026/pool"
    assert (found["source"], found["language"]) == ("Lockport Mail", "en")


def test_a_broken_page_gives_what_can_be_read(extractor: Callable[[Page], dict[str, Any]]) -> None:
    found = extractor(Page((PAGES / "broken.html").read_bytes()))
    assert found["title"] == "Mill burns down"
    assert "nobody was hurt" in found["text"]
    assert "Arson is not ruled out" in found["text"]


@pytest.mark.parametrize(
    "html",
    [
        b"",
        b"\0",
        b"<html></html>",
        b"<title>Only a title</title>",
        b"\xff\xfe",
        b"plain",
        b"<" * 1000,
        b"&#xD800;" * 10,
    ],
)
def test_a_page_without_an_article_has_no_text(
    extractor: Callable[[Page], dict[str, Any]], html: bytes
) -> None:
    found = extractor(Page(html))
    assert found.keys() == FIELDS
    assert isinstance(found["text"], str)


def test_a_page_that_is_nested_a_million_times_is_read() -> None:
    begin = f"<title>Pool closes</title><p>{STORY}</p>"
    found = extract(Page((begin + "<div><b>" * 500_000 + "end").encode()))
    assert found["title"] == "Pool closes"


def test_where_and_when_a_page_was_fetched_is_told(extractor: Callable[[Page], dict[str, Any]]) -> None:
    fetched = datetime(2026, 3, 12, 8, tzinfo=UTC)
    found = extractor(Page(f"<p>{STORY}</p>".encode(), "https://a.example/pool", None, fetched))
    assert (found["url"], found["fetched"]) == ("https://a.example/pool", "2026-03-12T08:00:00+00:00")


def test_a_text_for_machines_is_taken_where_the_visible_one_is_cut() -> None:
    linked = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{STORY} {STORY} {STORY}"}}</script>'
    found = extract(Page(f"<html><head>{linked}</head><body><p>{STORY}</p></body></html>".encode()))
    assert found["text"] == f"{STORY} {STORY} {STORY}"
    whole = extract(
        Page(f"<html><head>{linked}</head><body><p>{STORY}</p><p>{STORY}</p></body></html>".encode())
    )
    assert whole["text"] == f"{STORY}\n{STORY}"


def test_a_text_for_machines_is_made_of_lines_too() -> None:
    body = f"{STORY}\\n\\n  <b>{STORY}</b>\\r\\n{STORY}"
    linked = f'<script type="application/ld+json">{{"@type": "Article", "articleBody": "{body}"}}</script>'
    assert extract(Page(f"{linked}<p>Rain.</p>".encode()))["text"] == "\n".join([STORY] * 3)


def test_halves_of_characters_are_replaced() -> None:
    linked = (
        '<script type="application/ld+json">{"@type": "Article", "headline": "Rain \\ud83d falls"}</script>'
    )
    found = extract(Page(f"{linked}<p>{STORY}</p>".encode()))
    assert found["title"] == "Rain \ufffd falls"


RUSSIAN = "Старый мост через реку Каменку к лету покрасят в зелёный цвет, сообщила городская управа. " * 3


@pytest.mark.parametrize(
    ("html", "charset", "text"),
    [
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("“Grüße”".encode("cp1252"), "latin-1", "“Grüße”"),
        ("Grüße".encode("utf-8-sig"), "cp1252", "Grüße"),
        ("Grüße".encode("utf-16"), None, "Grüße"),
        ("Grüße".encode("utf-16-le"), "utf-16le", "Grüße"),
        ("日本".encode("iso-2022-jp"), "ISO-2022-JP", "日本"),
        ("日本語".encode("shift_jis"), "Shift_JIS", "日本語"),
        (b"\xcc\xee\xf1\xf2", "windows-1251", "Мост"),
        (b"\xcc\xee\xf1\xf2", "no-such-thing", None),
        (RUSSIAN.encode("cp1251"), None, RUSSIAN),
        (RUSSIAN.encode("koi8-r"), None, RUSSIAN),
        ("Grüße".encode() + b"\xff", "utf-8", "Grüße\ufffd"),
    ],
)
def test_encodings(html: bytes, charset: str | None, text: str | None) -> None:
    assert text is None or decode(Page(html, charset=charset)) == text
    assert isinstance(decode(Page(html, charset=charset)), str)


@pytest.mark.parametrize(
    "charset",
    [
        "base64",
        "zlib",
        "rot13",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "utf-7",
        "mbcs",
        "\0",
        " ",
    ],
)
def test_what_is_no_encoding_of_the_web_is_not_heeded(charset: str) -> None:
    assert decode(Page(RUSSIAN.encode("cp1251"), charset=charset)) == RUSSIAN


@pytest.mark.parametrize(
    "said",
    [
        '<meta charset="windows-1251">',
        "<meta charset=cp1251 />",
        "<?xml version='1.0' encoding='windows-1251'?>",
        '<META http-equiv="Content-Type" content="text/html; charset=windows-1251">',
    ],
)
def test_a_page_says_its_encoding(said: str) -> None:
    html = f"{said}<p>Мост".encode("cp1251")
    assert decode(Page(html)).endswith("Мост")
    assert decode(Page(html, charset="koi8-r")) != decode(Page(html))  # the server outranks the page


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div class=related>",
                "</div>",
                "<h1>",
                "<a href='x'>",
                "<table>",
                "<!--",
                "<script>",
                "\0",
            ]
        )
        | st.text(max_size=20)
    )
)
def test_no_page_is_too_odd(pieces: list[str]) -> None:
    found = extract(Page("".join(pieces).encode("utf-8", "surrogatepass")))
    assert found.keys() == FIELDS
    assert not re.search(r"\n\n|\r", found["text"])


def test_lists_among_paragraphs_are_of_the_article_and_others_are_not() -> None:
    text, menu = (
        "The last day is 30 September, the mayor said.",
        "<li><a href='/a'>Another article of this site is here</a></li>",
    )
    page = f"<article><p>{STORY}</p><ul><li>{text}</li><li><b>Half</b> of a ticket is paid back.</li></ul><p>{STORY}</p><ul>{menu * 3}</ul></article>"
    assert extract(Page(page.encode()))["text"] == f"{STORY}\n{text}\nHalf of a ticket is paid back.\n{STORY}"
    aside = f"<article><p>{STORY}</p><p>{STORY}</p></article><div><ul><li>{text}</li></ul></div>"
    assert extract(Page(aside.encode()))["text"] == f"{STORY}\n{STORY}"


def test_lists_in_lists_are_read() -> None:
    nested = "<ul><li>One of them is long.<ul><li>Two of them are long.</li></ul></li>Three.</ul>"
    found = extract(Page(f"<article><p>{STORY}</p>{nested}<p>{STORY}</p></article>".encode()))["text"]
    assert "One of them is long." in found
    assert "Three." in found
