from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from dedup.errors import ReadError
from dedup.io.pages import Page
from dedup.io.responses import NotHtml, Text, content_of, warc_head
from dedup.io.warcrecords import RawRecord
from tests.warcs import ARC_INFO, INFO, arc_record, http, record, story

MAX = 1 << 20
PAGE = story(3)
WHEN = datetime(2026, 3, 9, 7, tzinfo=UTC)


def raw(data: bytes) -> RawRecord:
    """A record as it is cut out."""
    mark = b"\r\n\r\n" if data.startswith(b"WARC/") else b"\n"
    head, _, block = data.partition(mark)
    return RawRecord(1, 0, len(data), head + mark, block.removesuffix(mark), None)


def content(data: bytes, *, is_cut: bool = False) -> Page | Text | NotHtml | None:
    return content_of(raw(data), MAX, is_cut=is_cut)


def test_a_page_comes_with_all_that_is_known_of_it() -> None:
    assert content(record(http(PAGE))) == Page(PAGE, "https://news.example/a", "utf-8", WHEN)
    assert content(record(http(PAGE, "TEXT/HTML"))) == Page(PAGE, "https://news.example/a", None, WHEN)
    assert content(record(http(PAGE, "application/xhtml+xml; Charset = 'koi8-r'"))) == Page(
        PAGE, "https://news.example/a", "koi8-r", WHEN
    )


def test_brackets_around_a_url_are_no_part_of_it_and_others_may_be_anything() -> None:
    for given, url in (
        ("<https://a.example/>", "https://a.example/"),
        ("https://a.example/ß ü", "https://a.example/ß ü"),
    ):
        found = content(record(http(PAGE), given))
        assert isinstance(found, Page)
        assert found.url == url


def test_coding_is_undone() -> None:
    stored = gzip.compress(PAGE)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(stored), stored)
    found = content(record(http(chunks, more="Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")))
    assert isinstance(found, Page)
    assert found.html == PAGE
    with pytest.raises(ReadError, match="gzip is broken"):
        content(record(http(stored[:-20], more="Content-Encoding: gzip\r\n")))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record(http(b"\x89PNG", "image/png")), "image/png"),
        (record(http(b"{}", "application/json; charset=utf-8")), "application/json"),
        (record(http(PAGE, status="404 Not Found")), "status 404"),
        (record(http(PAGE, status="301 Moved")), "status 301"),
        (record(http(PAGE, status="503 Busy")), "status 503"),
        (record(http(b"")), "no body"),
        (record(http(b" \r\n")), "no body"),
        (record(http(b"rain", None)), "of no type"),
        (
            record(b"a.example. 60 IN A 192.0.2.1", "dns:a.example", content_type="text/dns"),
            "no answer of a web server",
        ),
        (record(b"\x89PNG", kind="resource", content_type="image/png"), "image/png"),
        (
            record(b"{}", kind="conversion", content_type="application/json"),
            "a conversion to application/json",
        ),
    ],
)
def test_what_is_no_page_is_called_by_what_it_is(data: bytes, reason: str) -> None:
    assert content(data) == NotHtml(reason)


@pytest.mark.parametrize("status", ["200 OK", "203", "299 Anything", "abc", ""])
def test_answers_that_went_well_are_pages(status: str) -> None:
    assert isinstance(content(record(http(PAGE, status=status))), Page)


def test_where_no_type_is_given_the_page_tells() -> None:
    assert isinstance(content(record(http(PAGE, None))), Page)
    data = record(PAGE, kind="resource").replace(b"Content-Type: application/http; msgtype=response\r\n", b"")
    assert isinstance(content(data), Page)


def test_resources_of_html_are_pages() -> None:
    assert content(record(PAGE, kind="resource", content_type="text/html; charset=big5")) == Page(
        PAGE, "https://news.example/a", "big5", WHEN
    )


@pytest.mark.parametrize("kind", ["request", "revisit", "warcinfo", "continuation", "unheard-of"])
def test_what_is_about_pages_is_passed_over(kind: str) -> None:
    assert content(record(http(PAGE), kind=kind)) is None
    assert content(INFO) is None
    assert content(record(b"fetchTimeMs: 3", kind="metadata", content_type="application/warc-fields")) is None


def test_texts() -> None:
    data = record(
        b"Dam breaks\nIt rains.",
        kind="conversion",
        content_type="text/plain",
        more="WARC-Identified-Content-Language: eng,deu\r\n",
    )
    assert content(data) == Text("Dam breaks\nIt rains.", "https://news.example/a", WHEN, "eng")


def test_metadata_of_wat_hold_no_text() -> None:
    found = content(record(b"{}", kind="metadata", content_type="application/json"))
    assert isinstance(found, NotHtml)
    assert "WET" in found.reason


def test_a_record_that_is_not_whole_is_read_by_the_length_that_http_gives() -> None:
    length = f"Content-Length: {len(PAGE)}\r\n"
    for behind in (b"", b"and more"):
        found = content(record(http(PAGE, more=length) + behind), is_cut=True)
        assert isinstance(found, Page)
        assert found.html == PAGE
    for data in (
        record(http(PAGE[:-1], more=length)),
        record(http(PAGE)),
        record(http(PAGE, more="Content-Length: -1\r\n")),
        record(PAGE, kind="resource", content_type="text/html"),
    ):
        with pytest.raises(ReadError, match="not whole"):
            content(data, is_cut=True)


def test_line_feeds_alone_are_line_ends() -> None:
    data = record(http(PAGE, more="Server: a\r\n")).replace(b"\r\n", b"\n")
    head, _, block = data.partition(b"\n\n")
    found = content_of(RawRecord(1, 0, 0, head + b"\n\n", block.rstrip(b"\n"), None), MAX)
    assert found == Page(PAGE, "https://news.example/a", "utf-8", WHEN)


@pytest.mark.parametrize("block", [b"", b"rain", b"\0" * 500, b"<html>" * 10, b"HTP/1.1 200\r\n\r\n" + PAGE])
def test_what_is_no_answer_in_http_is_damaged(block: bytes) -> None:
    with pytest.raises(ReadError):
        content(record(block))


def test_arc() -> None:
    assert content(arc_record(http(PAGE), "http://news.example/a b")) == Page(
        PAGE, "http://news.example/a b", "utf-8", WHEN
    )
    assert content(ARC_INFO) is None
    assert content(arc_record(b"a.example", "dns:a.example", "text/dns")) == NotHtml(
        "no answer of a web server"
    )
    assert content(arc_record(http(PAGE)).replace(b"20260309070000", b"20269999999999")) == Page(
        PAGE, "http://news.example/a", "utf-8", None
    )


def test_a_record_of_arc_has_a_head_for_warc() -> None:
    data = arc_record(http(PAGE), "http://news.example/a b")
    again = raw(warc_head(raw(data)) + raw(data).block + b"\r\n\r\n")
    assert content_of(again, MAX) == content(data)
    assert again.head == warc_head(again)
    assert b"WARC-Record-ID: <urn:uuid:" in again.head
