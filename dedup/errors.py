"""Everything that can go wrong, in one tree.

::

    DedupError
    ├── ParameterError      (ValueError)   a parameter that can't be met; says what can
    ├── ReadError           (ValueError)   a record or file that can't be read; says where
    ├── WriteError          (OSError)      an output that can't be written
    ├── StorageError        (OSError)      an index that can't be read or written; it can be tried again
    └── MissingExtraError   (ImportError)  an optional dependency is absent; says what to install
"""

from __future__ import annotations


class DedupError(Exception):
    """Root of the errors that this package raises on purpose."""


class ParameterError(DedupError, ValueError):
    """A parameter is out of its range, or a combination can't be met."""


class ReadError(DedupError, ValueError):
    """An input can't be read.

    Parameters
    ----------
    path : str
        The input, as the user named it.
    reason : str
        What is wrong, and what to do about it.
    record : int, optional
        1-based line (or record) number; None when the file as a whole is meant.
    """

    def __init__(self, path: str, reason: str, record: int | None = None) -> None:
        self.path = path
        self.reason = reason
        self.record = record
        super().__init__(path, reason, record)

    def __str__(self) -> str:
        place = self.path if self.record is None else f"{self.path}:{self.record}"
        return f"{place}: {self.reason}"


class WriteError(DedupError, OSError):
    """An output can't be written; nothing was put in its place."""


class StorageError(DedupError, OSError):
    """An index can't be opened, read or written; it may be tried again.

    Parameters
    ----------
    uri : str
        The index, as the user named it.
    reason : str
        What is wrong, and what to do about it.
    """

    def __init__(self, uri: str, reason: str) -> None:
        self.uri = uri
        self.reason = reason
        super().__init__(uri, reason)

    def __str__(self) -> str:
        return f"{self.uri}: {self.reason}"


class MissingExtraError(DedupError, ImportError):
    """An optional dependency is needed and absent.

    Parameters
    ----------
    purpose : str
        What it is needed for.
    extra : str
        The extra that brings it.
    """

    def __init__(self, purpose: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs an optional package: pip install 'news-dedup[{extra}]'")
