"""What goes wrong below an index on a disk, in words that say what to do."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

from dedup.errors import StorageError

if TYPE_CHECKING:
    from types import TracebackType

_FULL = "the disk is full; make room and try again, nothing was stored"
_READ_ONLY = "can't be written to, which reading needs too; check the rights and that the disk is writable"
_DAMAGED = "is damaged: catalog.sqlite ({}); restore the directory from a copy, or move it away to begin anew"
#: By the number of a system call's error.
_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the quota of the disk is used up; make room and try again, nothing was stored",
    errno.EFBIG: "a file may not grow further (`ulimit -f`); raise the limit and try again, nothing was stored",
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.EMFILE: "too many files are open (`ulimit -n`); raise the limit or close some",
}
#: By the lower byte of SQLite's result code.
_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: "another program keeps the catalogue locked; end it, or try again later",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "the catalogue can't be opened; check that it is there, and the rights",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: "the disk failed ({}); it may be full, or a file may not grow (`ulimit -f`)",
}


def explain(error: OSError | sqlite3.Error) -> str:
    """What happened, and what to do about it.

    Examples
    --------
    >>> explain(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full; make room and try again, nothing was stored'
    """
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0, f"{error.strerror or error}")
    code = getattr(error, "sqlite_errorcode", 0)  # absent where the module itself complains
    return _SQLITE.get(code & 0xFF, "{}").format(error)


class Guard:
    """Lets errors of the driver and the disk leave as ours, with their cause.

    Parameters
    ----------
    uri : str
        The index, as the user named it.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError | sqlite3.Error) and not isinstance(error, StorageError):
            raise StorageError(self.uri, explain(error)) from error
