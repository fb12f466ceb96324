"""Records of crawls out as WARC: as they stand, each compressed on its own so that any reader can seek."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from dedup.io.recordheads import LENGTH
from dedup.io.responses import warc_head
from dedup.io.streams import zstandard
from dedup.io.warc import WarcReader
from dedup.io.warcrecords import RawRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from dedup.io.parts import Part

_INFO = re.compile(rb"(?im)^warc-type[ \t]*:[ \t]*warcinfo\b|\Afiledesc:")
_END = b"\r\n\r\n"


def write_warc(
    parts: Sequence[Part], output: BinaryIO, compression: str | None, *, as_stored: bool = False
) -> None:
    """Write the records of crawls, of each input behind what it says of itself, if it does.

    Parameters
    ----------
    parts : sequence of Part
        All of them of files of crawls.
    output : file object
        Gets bytes that are compressed already.
    compression : {"gzip", "zstd"} or None
        Where records lie in gzip members of their own and shall do so, these are copied; else each is compressed anew.
    as_stored : bool, default=False
        Whether records of ARC stay such; else they are given heads of WARC.
    """
    for part in parts:
        reader = part.reader
        if isinstance(reader, WarcReader) and len(part.rows):
            for record in _wanted(reader, part.spans):
                _write(reader, record, output, compression, as_stored=as_stored)


def _wanted(reader: WarcReader, spans: Iterable[tuple[int, int]]) -> Iterator[RawRecord]:
    """Records of these parts, behind the first record if that is about the file."""
    starts = iter(spans)
    start = next(starts, None)
    for item in reader.records():
        record = item if isinstance(item, RawRecord) else item.rest
        if record is None:
            continue
        if item.number == 1 and _INFO.search(record.head):
            yield record
        while start is not None and start[0] < record.start:
            start = next(starts, None)
        if start is None:
            return
        if start[0] == record.start:
            yield record if record is item else _with_length(record)
            start = next(starts, None)


def _with_length(record: RawRecord) -> RawRecord:
    """Record with the length that it has, where it said another."""
    block = record.block.removesuffix(_END)
    head = LENGTH.sub(b"Content-Length: %d\r" % len(block), record.head, 1)
    return record._replace(head=head, block=block)


def _write(
    reader: WarcReader, record: RawRecord, output: BinaryIO, compression: str | None, *, as_stored: bool
) -> None:
    is_warc = record.head.startswith(b"WARC/")
    if record.member is not None and compression == reader.compression == "gzip" and (is_warc or as_stored):
        stored = reader.stored(record.member)
        if stored is not None:
            output.write(stored)
            return
    is_arc = as_stored and not is_warc
    head, end = (record.head, b"\n") if is_arc else (warc_head(record), _END)
    data = b"".join((head, record.block, end))
    if compression == "gzip":
        data = gzip.compress(data, 6, mtime=0)
    elif compression == "zstd":
        data = zstandard().compress(data)
    output.write(data)
