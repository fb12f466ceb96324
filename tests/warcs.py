"""Files of crawls, made in the tests: records, members, and damage to them."""

from __future__ import annotations

import gzip
from html import escape

HTML = "text/html; charset=utf-8"


def page(title: str, *paragraphs: str) -> bytes:
    """A page as a newspaper prints it."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head>"
        f"<body><article><h1>{escape(title)}</h1>{text}</article></body></html>"
    ).encode()


def story(number: int) -> bytes:
    """A page that is no copy of another."""
    sentences = (
        f"The council of town {number * 7 + place} met for the {number * 13 + place}th time and chose plan {number * 31 + place}."
        for place in range(8)
    )
    return page(f"Town {number} chooses a plan", *sentences)


def http(body: bytes, content_type: str | None = HTML, status: str = "200 OK", more: str = "") -> bytes:
    """What a server answers."""
    given = f"Content-Type: {content_type}\r\n" if content_type is not None else ""
    return f"HTTP/1.1 {status}\r\n{given}{more}\r\n".encode() + body


def record(
    block: bytes,
    url: str = "https://news.example/a",
    kind: str = "response",
    content_type: str = "application/http; msgtype=response",
    length: int | str | None = None,
    more: str = "",
) -> bytes:
    """A record of WARC; its length may be given as another one."""
    return (
        (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-09T07:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n{more}"
            f"Content-Type: {content_type}\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
        ).encode()
        + block
        + b"\r\n\r\n"
    )


INFO = record(b"software: dedup\r\n", kind="warcinfo", content_type="application/warc-fields")


def crawl(n_pages: int) -> list[bytes]:
    """Records of a crawl: what it says of itself, then an answer each, its page under a URL of its own."""
    return [INFO, *(record(http(story(n)), f"https://news.example/{n}") for n in range(n_pages))]


def packed(records: list[bytes]) -> list[bytes]:
    """A gzip member for each record."""
    return [gzip.compress(data, 6, mtime=0) for data in records]


def arc_record(block: bytes, url: str = "http://news.example/a", kind: str = "text/html") -> bytes:
    """A record of ARC."""
    return f"{url} 192.0.2.1 20260309070000 {kind} {len(block)}\n".encode() + block + b"\n"


ARC_INFO = arc_record(
    b"1 0 dedup\nURL IP-address Archive-date Content-type Archive-length\n", "filedesc://a.arc", "text/plain"
)
