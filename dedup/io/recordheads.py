"""Heads of the records of crawls, as WARC and ARC write them: where they begin, and how long what follows is."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Longest head of a record in bytes; bytes that show whether a record begins.
MOST_HEAD, TOLD_BY = 1 << 16, 16
NO_RECORD = "no record begins here"
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$")
_WARC, _NEXT_WARC = (re.compile(before + rb"WARC/\d\.\d+[ \t]*\r?\n") for before in (b"", rb"(?<=\n)"))
_ARC_URL = re.compile(rb"[a-z][a-z0-9+.-]{1,19}:")
_ARC, _NEXT_ARC = (
    re.compile(before + rb"[a-z][a-z0-9+.-]{1,19}:[^\n]{1,16384}\n") for before in (b"", rb"(?<=\n)")
)
#: Behind the URL of ARC: address, time, type, and more; any of it may be wrong.
_ARC_REST = re.compile(rb" [0-9a-fA-F.:]{2,45} \d{8,20} \S+( \S+)+\r?\n")


class Head(NamedTuple):
    """Head of a record: where it ends, and where its block does; what is wrong with it."""

    end: int
    stop: int
    wrong: str | None = None


class WarcGrammar:
    """How the heads of WARC are written."""

    end = b"\r\n\r\n"

    def is_begin(self, data: bytes) -> bool:
        """Whether a record begins so."""
        return _WARC.match(data) is not None

    def head(self, held: bytearray, place: int) -> Head | None:
        """Head that begins here; None where its end is not there yet."""
        if _WARC.match(held, place) is None:
            early = len(held) - place < TOLD_BY and held.find(b"\n", place) < 0
            return None if early else Head(place, place, NO_RECORD)
        end = END_OF_HEAD.search(held, place, place + MOST_HEAD)
        if end is None:
            is_long = len(held) - place >= MOST_HEAD
            return Head(place, place, f"its head is longer than {MOST_HEAD:,} bytes") if is_long else None
        length = LENGTH.search(held, place, end.start() + 1)
        if length is None:
            return Head(end.end(), end.end(), "it has no Content-Length, or one that is no length")
        return Head(end.end(), end.end() + int(length[1]))

    def find(self, held: bytearray, place: int) -> int:
        """Where the next line stands that begins a record; -1 where there is none."""
        found = _NEXT_WARC.search(held, place)
        return -1 if found is None else found.start()


class ArcGrammar:
    """How the heads of ARC are written, which are one line each."""

    end = b""  # a line feed, which may stand anywhere in a record too

    def is_begin(self, data: bytes) -> bool:
        """Whether a record begins so; its line may be cut."""
        line, end, _ = data.partition(b"\n")
        begins = _ARC_URL.match(line) is not None
        return begins and (not end or _ARC_REST.search(line + end) is not None)

    def head(self, held: bytearray, place: int) -> Head | None:
        """Head that begins here; None where its end is not there yet."""
        line = _ARC.match(held, place)
        if line is None:
            early = len(held) - place < MOST_HEAD and held.find(b"\n", place) < 0
            return None if early else Head(place, place, NO_RECORD)
        found = bytes(line[0])
        fields = arc_fields(found)
        if fields is None:
            wrong = "the line before it can't be read" if _ARC_REST.search(found) else NO_RECORD
            return Head(line.end(), line.end(), wrong)
        return Head(line.end(), line.end() + fields.length)

    def find(self, held: bytearray, place: int) -> int:
        """Where the next line stands that begins a record; -1 where there is none."""
        lines = _NEXT_ARC.finditer(held, place)
        return next((line.start() for line in lines if _ARC_REST.search(bytes(line[0]))), -1)


Grammar = WarcGrammar | ArcGrammar


class ArcFields(NamedTuple):
    """What the line before a record of ARC says."""

    url: bytes
    date: bytes
    kind: bytes
    length: int


def arc_fields(line: bytes) -> ArcFields | None:
    """Fields of a line that stands before a record of ARC, of either version; None where it is no such line.

    Examples
    --------
    >>> arc_fields(b"http://a.example/a b 192.0.2.1 20260309070000 text/html 120").url
    b'http://a.example/a b'
    """
    fields = line.rstrip(b"\r\n").split(b" ")
    for n_behind in (8, 3):  # type and length are the last, or have five others between them
        if (
            len(fields) > n_behind + 1
            and _ARC_DATE.fullmatch(fields[-n_behind])
            and _ARC_LENGTH.fullmatch(fields[-1])
        ):
            url = b" ".join(fields[: -n_behind - 1])
            return ArcFields(url, fields[-n_behind], fields[1 - n_behind], int(fields[-1]))
    return None


_ARC_DATE, _ARC_LENGTH = re.compile(rb"\d{8,14}"), re.compile(rb"\d{1,18}")
