"""A spool: what was made of the records of the inputs of a run, in one file, where it is found again."""

from __future__ import annotations

import os
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, NamedTuple

from dedup.mapped import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes that are kept in memory before there is a file.
IN_MEMORY = 64 << 20
_BUFFER = 1 << 20
_HEAD = struct.Struct("<q?qqqq")


class Entry(NamedTuple):
    """What a spool knows of a record: its input, whether it was read, and its number, place and length.

    Attributes
    ----------
    reader : int
        Number of the input.
    is_read : bool
        Whether it became an article; else it stands there why not.
    number, start, stop : int
        Of the record, as its reader knows it.
    length : int
        Of what stands in the spool, in bytes.
    """

    reader: int
    is_read: bool
    number: int
    start: int
    stop: int
    length: int


class Spool:
    """Bytes that are appended, and read again by where they stand; safe to use from several threads.

    Parameters
    ----------
    path : Path, optional
        A file that outlives an interruption: what stands in it is gone on from, but for an entry that is cut.
        Default: a temporary file.

    Examples
    --------
    >>> spool = Spool()
    >>> place = spool.append(Entry(0, True, 1, 0, 9, 4), b"rain")
    >>> spool.read(place, 4)
    b'rain'
    >>> spool.close()
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._lock = Lock()
        self._end = 0

    def entries(self) -> Iterator[tuple[Entry, int]]:
        """What an interrupted run has left, and where each stands; it can be appended to when all were asked for."""
        if self._path is None or not self._path.exists():
            return
        self._file = self._path.open("r+b", buffering=_BUFFER)
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        while len(head := self._file.read(_HEAD.size)) == _HEAD.size:
            entry, place = Entry(*_HEAD.unpack(head)), self._end + _HEAD.size
            if place + entry.length > size:
                break
            self._end = place + entry.length
            self._file.seek(self._end)
            yield entry, place
        self._file.truncate(self._end)

    def append(self, entry: Entry, data: bytes) -> int:
        """Put something at the end; returns where it stands."""
        with self._lock, writing(self._path.parent if self._path else Path(tempfile.gettempdir())):
            if self._file is None:
                self._file = _open(self._path)
            self._file.seek(0, os.SEEK_END)
            self._file.write(_HEAD.pack(*entry) + data)
            if self._path is not None:
                self._file.flush()  # an entry that counts outlives this process
            place = self._end + _HEAD.size
            self._end = place + len(data)
            return place

    def read(self, place: int, length: int) -> bytes:
        """What stands there."""
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(place)
            return self._file.read(length)

    def close(self) -> None:
        """Forget all of it, but for a file that outlives it."""
        with self._lock:
            if self._file is not None:
                with suppress(OSError):  # a full disk was told of before
                    self._file.close()
                self._file = None


def _open(path: Path | None) -> IO[bytes]:
    """Where a spool lies."""
    if path is None:
        return tempfile.SpooledTemporaryFile(IN_MEMORY)
    return path.open("w+b", buffering=_BUFFER)
