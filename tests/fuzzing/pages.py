"""Readers of pages on some bytes, without the processes that extract: a digest of a page stands for its article."""

from __future__ import annotations

import zlib
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

from dedup.io.formats import reader_of
from dedup.io.pagereader import Extracts
from dedup.io.streams import MAX_RECORD
from tests.fuzzing.reading import check_again, check_batches, check_places, read, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dedup.io.extracting import Extraction
    from dedup.io.formats import Format
    from dedup.io.pages import Page
    from dedup.io.reader import Reader
    from tests.fuzzing.reading import Reading


class _Digesting:
    """Makes digests in place of articles."""

    def in_order(
        self, items: Iterable[Any], page_of: Callable[[Any], Page]
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        return ((item, _digest(page_of(item))) for item in items)

    def submit(self, page: Page) -> Future[dict[str, Any]]:
        done: Future[dict[str, Any]] = Future()
        done.set_result(_digest(page))
        return done

    def close(self) -> None:
        """There is no process to end."""


def digests() -> Extracts:
    """What readers of pages share, with digests in place of articles."""
    made = Extracts()
    made.extraction = cast("Extraction", _Digesting())
    return made


def _digest(page: Page) -> dict[str, Any]:
    told = {
        "url": page.url,
        "title": None,
        "text": f"{len(page.html)} {zlib.crc32(page.html)}",
        "source": page.charset,
    }
    return told | {
        "date": page.fetched.isoformat() if page.fetched else None,
        "language": None,
        "fetched": None,
    }


def check_pages(form: Format, data: bytes, max_record: int = MAX_RECORD) -> Reading:
    """Read pages in all ways, which have to agree; damage to a crawl is noted, and ends the reading for nobody."""
    shared = digests()

    def reader(step: int = 1 << 20) -> Reader:
        source = source_of(data, step, first=4096)
        return reader_of(source, form, None, "skip", max_record, shared)

    try:
        one = reader()
        once = read(one)
        check_places(once, None, form == "warc")
        assert read(one) == once, "it is not the same from the spool"
        assert read(reader(7)) == once, "it hangs on how it is read"
        check_batches(reader(), once)
        check_again(one, once)
    finally:
        shared.close()
    return once
