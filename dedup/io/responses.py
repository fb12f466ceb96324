"""Responses: what the records of a crawl hold, read with fastwarc."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from fastwarc.warc import ArchiveIterator

from dedup.errors import ReadError
from dedup.io.formats import is_page
from dedup.io.httpcoding import undo_coding
from dedup.io.pages import Page
from dedup.io.recordheads import END_OF_HEAD, LENGTH, arc_fields

if TYPE_CHECKING:
    from dedup.io.warcrecords import RawRecord

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_TYPE = re.compile(rb"(?im)^warc-type[ \t]*:[ \t]*([\w-]{1,40})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: A record of WARC with the same head as one of ARC.
_AS_WARC = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <%s>\r\nWARC-Target-URI: %s\r\nWARC-Date: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
_HTTP = b"application/http; msgtype=response"
#: Why a record of WAT is no page.
WAT = "metadata of a crawl, and no text; read the WARC or WET that it describes"


class Text(NamedTuple):
    """A page of which the crawl has the text only (WET)."""

    text: str
    url: str | None
    fetched: datetime | None
    language: str | None


class NotHtml(NamedTuple):
    """Why a record holds no page."""

    reason: str


def content_of(record: RawRecord, most: int, *, is_cut: bool = False) -> Page | Text | NotHtml | None:
    """What a record holds; None for what is about pages and none itself: requests, revisits, what a crawl says of itself.

    Parameters
    ----------
    record : RawRecord
        Of WARC or ARC.
    most : int
        Longest page in bytes, without its coding.
    is_cut : bool, default=False
        Whether the record has not the length it should have: its page is read if HTTP says how long it is, and so
        much is there.

    Raises
    ------
    ReadError
        If it can't be read.
    """
    kind = _kind_of(record.head)
    if kind == "response":
        return _response(record, most, is_cut=is_cut)
    if kind not in {"resource", "conversion", "metadata"}:
        return None
    if is_cut:
        raise ReadError("record", "it is not whole")
    headers = _parsed(record.head, b"").headers
    given = headers.get("Content-Type") or ""
    media = _media_type(given)
    if kind == "metadata":
        return NotHtml(WAT) if media == "application/json" else None
    url, fetched = _url(headers.get("WARC-Target-URI")), _date(headers.get("WARC-Date"))
    if kind == "conversion":
        language = (headers.get("WARC-Identified-Content-Language") or "").partition(",")[0].strip()
        text = Text(record.block.decode(errors="replace"), url, fetched, language or None)
        return text if media in {"text/plain", ""} else NotHtml(f"a conversion to {media[:60]}")
    is_html = media in HTML_TYPES or (not media and is_page(record.block[:_SNIFFED]))
    return (
        Page(record.block, url, _charset(given), fetched) if is_html else NotHtml(media[:60] or "of no type")
    )


def _kind_of(head: bytes) -> str:
    """Type of a record; those of ARC are all answers."""
    if not head.startswith(b"WARC/"):
        return "response"
    found = _TYPE.search(head)
    return found[1].lower().decode() if found else ""


_SNIFFED = 4096


def _response(record: RawRecord, most: int, *, is_cut: bool) -> Page | NotHtml | None:
    """Page that a server sent."""
    end = END_OF_HEAD.search(record.block)
    cut = len(record.block) if end is None else end.end()
    http, body = record.block[:cut], record.block[cut:]
    parsed = _parsed(warc_head(record), http)
    if not parsed.is_http:
        fields = None if record.head.startswith(b"WARC/") else arc_fields(record.head)
        about = fields is not None and fields.url.startswith(b"filedesc:")
        return None if about else NotHtml("no answer of a web server")
    answer = parsed.http_headers
    if answer is None or not http.startswith(b"HTTP/"):
        raise ReadError("record", "no answer in HTTP")
    status = answer.status_code
    if status is not None and not 200 <= status < 300:
        return NotHtml(f"status {status}")
    given = answer.get("Content-Type") or ""
    media = _media_type(given)
    if media and media not in HTML_TYPES:
        return NotHtml(media[:60])
    if is_cut:
        length = answer.get("Content-Length") or ""
        if not (length.isdecimal() and len(length) < 19 and len(body) >= int(length)):
            raise ReadError("record", "it is not whole")
        body = body[: int(length)]
    html = undo_coding(
        body, answer.get("Transfer-Encoding") or "", answer.get("Content-Encoding") or "", most
    )
    if not html.strip():
        return NotHtml("no body")
    if not media and not is_page(html[:_SNIFFED]):
        return NotHtml("of no type")
    url, fetched = _url(parsed.headers.get("WARC-Target-URI")), _date(parsed.headers.get("WARC-Date"))
    return Page(html, url, _charset(given), fetched)


def warc_head(record: RawRecord) -> bytes:
    """Head of a record as WARC has it, which is all that it needs to be read there."""
    fields = None if record.head.startswith(b"WARC/") else arc_fields(record.head)
    if fields is None:
        return record.head
    day, clock = fields.date[:8].decode(), fields.date[8:].decode().ljust(6, "0")
    moment = f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}Z".encode()
    name = uuid5(NAMESPACE_URL, f"{fields.url!r} {moment!r}").urn.encode()
    kind = _HTTP if record.block.startswith(b"HTTP/") else fields.kind
    return _AS_WARC % (name, fields.url, moment, kind, len(record.block))


def _parsed(head: bytes, block: bytes) -> Any:  # noqa: ANN401 - of fastwarc
    """Record with this head, and so much of its block; line feeds alone are no line ends to fastwarc."""
    if b"\r\n\r\n" not in head or (block and b"\r\n\r\n" not in block):
        head, block = (_LINE_END.sub(b"\r\n", part) for part in (head, block))
        head = LENGTH.sub(b"Content-Length: %d\r" % len(block), head, 1)
    try:
        for record in ArchiveIterator(io.BytesIO(head + block), parse_http=True):
            return record
    except BaseException as error:
        # Versions before 2 give up on some heads with an error of the language that they are written in.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ReadError("record", f"its head can't be read ({error})") from error
    raise ReadError("record", "its head can't be read")


_LINE_END = re.compile(rb"\r?\n")


def _media_type(given: str) -> str:
    return given.partition(";")[0].strip().lower()


def _charset(given: str) -> str | None:
    found = _CHARSET.search(given)
    return found[1] if found else None


def _url(given: str | None) -> str | None:
    """URL without the brackets that some crawlers put around it."""
    return (given or "").strip().removeprefix("<").removesuffix(">") or None


def _date(given: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((given or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
