"""Well-formed inputs of every format, and ways to break bytes. All choices are those of a `Random` that is given."""

from __future__ import annotations

import csv
import gzip
import io
import json
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from dedup.io.streams import zstandard
from tests import warcs
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Article = dict[str, Any]

#: What makes readers stumble, whatever the format.
TOKENS: tuple[bytes, ...] = (
    b"\0", b"\0\0\0\0", b"\n", b"\r", b"\r\n", b"\x0b", b"\x0c", b"\x1a", b"\x1b[31m", b"\x1b]0;t\x07", b"\x9b1m",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
    b"\\", b'"', b'""', b'\\"', b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\\ud83d\\ude00", b"\\u00e9",
    b"{", b"}", b"[", b"]", b"[{", b"}]", b"},{", b"}\n{", b"{}", b"[]", b",", b":", b";", b"\t", b"|", b"sep=;\n",
    b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-0", b"1E-400", b"9" * 400, b"1" * 4400, b"18446744073709551616",
    b"[" * 1200, b'{"a":' * 1200, b'"text":', b'"text":null,', b'"text":7,', b'"title":["x"],', b'"date":1e300,',
    b'"date":"9999-12-31T23:59:59-14:00",', b'"date":"0001-01-01T00:00:00+14:00",', b'"id":{"name":7},', b'"url":"http://[",',
    "\u2028\u2029\u0085".encode(), "\u202e\u2066\u200f".encode(), "\ufdfa".encode() * 9, b"e\xcc\x81\xcc\x96" * 40,
    "\U0001d165\U000e0100\U0010ffff\u0378".encode(), "か\u3099".encode(), b"- -3\xe2\x88\x924",
    b"<", b">", b"</p>", b"<p>", b"<!--", b"-->", b"<script>", b"</html>", b"<div>" * 300, b"<b " * 60, b"&#0;", b"&#xD800;", b"&#x110000;", b"&amp", b"<![CDATA[",
    b'<meta charset="utf-16">', b'<time datetime="9999-99-99">', b'<link rel="canonical" href="http://[">', b'<script type="application/ld+json">[{"@graph":[[',
    b"WARC/1.0\r\n", b"Content-Length: 99999999999999999999\r\n", b"Content-Length: -1\r\n", b"Content-Length: 0\r\n", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: br, deflate\r\n", b"ffffffffffffffff\r\n", b"WARC-Date: \xff\r\n", b" continued\r\n",
    b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PAR1", b" " * 200, b"news " * 40,
)  # fmt: skip


def articles() -> list[Article]:
    """A few articles, one for each way of writing."""
    return [
        {"id": name, "title": text[:30], "text": text, "date": f"2026-11-{number:02}", "url": f"https://{name}.example/{number}"}
        for number, (name, text) in enumerate(SAMPLES.items(), 1)
    ]  # fmt: skip


def as_jsonl(rows: Sequence[Article]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=len(row["id"]) % 2 == 0).encode() + b"\n" for row in rows)


def as_array(rows: Sequence[Article]) -> bytes:
    return json.dumps(list(rows), indent=1, ensure_ascii=False).encode()


def as_objects(rows: Sequence[Article]) -> bytes:
    return b"\n\n".join(json.dumps(row, indent=2).encode() for row in rows)


def as_table(rows: Sequence[Article], delimiter: str = ",") -> bytes:
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode()


def as_parquet(rows: Sequence[Article], codec: str = "snappy", **options: Any) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    written = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows)), written, compression=codec, **options)
    return written.getvalue()


def as_text(rows: Sequence[Article]) -> bytes:
    return "\n".join(row["text"] for row in rows).encode()


def as_page(row: Article) -> bytes:
    """As a page that says of itself all that is looked for."""
    told = {
        "@type": "NewsArticle",
        "headline": row["title"],
        "datePublished": row["date"],
        "author": [{"name": "A"}],
    }
    head = (
        f'<meta property="og:title" content="{escape(row["title"])}"><link rel="canonical" href="{row["url"]}">'
        f'<script type="application/ld+json">{json.dumps(told)}</script><title>{escape(row["title"])}</title>'
    )
    body = (
        f'<h1>{escape(row["title"])}</h1><time datetime="{row["date"]}"></time><p>{escape(row["text"])}</p>'
    )
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def as_records(rows: Sequence[Article]) -> list[bytes]:
    """As records of a crawl: answers of all kinds of coding, and texts."""
    found = [warcs.INFO]
    for number, row in enumerate(rows):
        body = as_page(row)
        answers = (
            warcs.http(body),
            warcs.http(gzip.compress(body, mtime=0), more="Content-Encoding: gzip\r\n"),
            warcs.http(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), more="Transfer-Encoding: chunked\r\n"),
        )
        found.append(warcs.record(answers[number % 3], row["url"]))
        found.append(warcs.record(row["text"].encode(), row["url"], "conversion", "text/plain"))
    return found


def as_arc(rows: Sequence[Article]) -> bytes:
    return warcs.ARC_INFO + b"".join(warcs.arc_record(warcs.http(as_page(row)), row["url"]) for row in rows)


def zipped(data: bytes) -> bytes:
    """As two members of gzip."""
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def zstandarded(data: bytes) -> bytes:
    """As two frames of Zstandard."""
    half = len(data) // 2
    return frame(data[:half]) + frame(data[half:])


def frame(data: bytes) -> bytes:
    """As a frame of Zstandard, with a checksum: without, nobody sees that data are not what they were."""
    module = zstandard()
    return bytes(module.compress(data, options={module.CompressionParameter.checksum_flag: 1}))


#: Ways to write articles, by the target that reads them.
WRITERS: dict[str, tuple[Callable[[Sequence[Article]], bytes], ...]] = {
    "jsonl": (as_jsonl, lambda rows: zipped(as_jsonl(rows)), lambda rows: zstandarded(as_jsonl(rows))),
    "json": (as_array, as_objects, as_jsonl, lambda rows: zipped(as_array(rows))),
    "csv": (as_table, lambda rows: as_table(rows, ";"), lambda rows: zipped(as_table(rows))),
    "tsv": (lambda rows: as_table(rows, "\t"),),
    "text": (as_text, lambda rows: zstandarded(as_text(rows))),
    "parquet": (as_parquet, lambda rows: as_parquet(rows, "none", row_group_size=2, use_dictionary=False)),
    "html": (lambda rows: b"\0" + as_page(rows[0]), lambda rows: b"\1" + as_page(rows[0]).decode().encode("utf-16"), lambda rows: b"\2" + as_page(rows[0])),
    "warc": (
        lambda rows: b"".join(as_records(rows)), lambda rows: b"".join(warcs.packed(as_records(rows))), lambda rows: b"".join(map(frame, as_records(rows))),
        as_arc, lambda rows: zipped(as_arc(rows)),
    ),
    "words": (as_text, lambda rows: b"\1" + as_text(rows).decode().encode("utf-16-le"), lambda rows: b"\2" + as_text(rows)),
    "fields": (lambda rows: json.dumps(rows[0]).encode(), lambda rows: str(rows[0]["url"]).encode(), lambda rows: str(rows[0]["date"]).encode()),
    "labels": (
        lambda rows: b"".join(b'{"id": "%d", "cluster": "c", "label": 1, "resemblance": 0.5}\n' % n for n, _ in enumerate(rows)),
        lambda rows: b'{"text": "All rights reserved.", "host": null, "articles": 7}\n' * len(rows),
    ),
}  # fmt: skip
WRITERS["guessed"] = tuple(
    write for name in ("jsonl", "json", "csv", "tsv", "parquet", "warc") for write in WRITERS[name]
)


@lru_cache(maxsize=256)
def well_formed(target: str, way: int, first: int, count: int) -> bytes:
    """Some articles as an input of a target."""
    rows = articles()
    chosen = [rows[(first + place) % len(rows)] for place in range(count)]
    return WRITERS[target][way](chosen)


def _flip(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _overwrite(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] = random.choice(b'\0\n\r"\\{}[],;\t|:\xff\x80 0')


def _cut(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def _behead(data: bytearray, random: Random) -> None:
    del data[: random.randrange(len(data))]


def _leave_out(data: bytearray, random: Random) -> None:
    place = random.randrange(len(data))
    del data[place : place + random.randrange(1, 40)]


def _insert(data: bytearray, random: Random) -> None:
    place = random.randrange(len(data) + 1)
    data[place:place] = random.choice(TOKENS)


def _begin(data: bytearray, random: Random) -> None:
    data[:0] = random.choice(TOKENS)


def _repeat(data: bytearray, random: Random) -> None:
    place, other = random.randrange(len(data)), random.randrange(len(data) + 1)
    data[other:other] = data[place : place + random.randrange(1, 300)]


def _end_lines_otherwise(data: bytearray, random: Random) -> None:
    data[:] = data.replace(b"\n", random.choice([b"\r\n", b"\r", b"\n\n", b"\n\r", b""]))


BREAKAGES = (
    _flip,
    _overwrite,
    _overwrite,
    _cut,
    _behead,
    _leave_out,
    _insert,
    _insert,
    _begin,
    _repeat,
    _end_lines_otherwise,
)


def broken(data: bytes, random: Random, times: int) -> bytes:
    """Bytes, broken so many times."""
    found = bytearray(data)
    for _ in range(times):
        if found:
            random.choice(BREAKAGES)(found, random)
    return bytes(found)


def broken_input(target: str, random: Random) -> bytes:
    """An input of a target, broken a few times or not at all."""
    way = random.randrange(len(WRITERS[target]))
    data = well_formed(target, way, random.randrange(len(SAMPLES)), random.randrange(1, 5))
    return broken(data, random, random.randrange(6))
