"""A spool: what was made of the inputs of a run, in one temporary file."""

from __future__ import annotations

import os
import tempfile
from threading import Lock
from typing import IO

#: Bytes that are kept in memory before there is a file.
IN_MEMORY = 64 << 20


class Spool:
    """Bytes that are appended, and read again by where they stand; safe to use from several threads.

    Examples
    --------
    >>> spool = Spool()
    >>> spool.append(b"rain"), spool.append(b"sun")
    ((0, 4), (4, 7))
    >>> spool.read(4, 7)
    b'sun'
    >>> spool.close()
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = Lock()
        self._end = 0

    def append(self, data: bytes) -> tuple[int, int]:
        """Put something at the end; returns where it stands."""
        with self._lock:
            if self._file is None:
                self._file = _open()
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            start, self._end = self._end, self._end + len(data)
            return start, self._end

    def read(self, start: int, stop: int) -> bytes:
        """What stands there."""
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(start)
            return self._file.read(stop - start)

    def close(self) -> None:
        """Forget all of it."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _open() -> IO[bytes]:
    """Where a spool lies."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY)
