"""Pages: HTML on its way to an article; what readers of crawls give to whoever extracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Page(NamedTuple):
    """A page as it was fetched.

    Attributes
    ----------
    html : bytes
        What the server sent, without transfer and content coding.
    url : str or None
        Where it was fetched.
    charset : str or None
        What the server called its encoding.
    fetched : datetime or None
        When.
    """

    html: bytes
    url: str | None = None
    charset: str | None = None
    fetched: datetime | None = None


class PageRecord(NamedTuple):
    """A page and the part of its input, from `start` to `stop`, that it came from; as :class:`dedup.io.reader.Record`."""

    page: Page
    number: int
    start: int
    stop: int
