"""HTML: a file that is one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.errors import ReadError
from dedup.io.pagereader import PageReader
from dedup.io.pages import Page, PageRecord
from dedup.io.streams import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from dedup.io.extracting import Result


class HtmlReader(PageReader):
    """Reads one page: its id is the URL that it says it has, else the name of the input."""

    format = "html"
    _has_begun = False
    _begun: tuple[PageRecord, Future[Result]] | None = None

    def begin(self) -> int:
        """Read the page and have it extracted, while others are."""
        if not self._has_begun and not self._is_whole and not len(self._extracted):
            self._has_begun = True
            for record in self.pages():
                self._begun = record, self._extracts.extraction.submit(record.page)
        return 0 if self._begun is None else self._begun[0].stop

    def pages(self) -> Iterator[PageRecord]:
        """The page, if it can be read."""
        try:
            data = self._read_page()
        except ReadError as error:
            self._note(1, error.reason)
            return
        yield PageRecord(Page(data), 1, 0, len(data))

    def id_of(self, record: PageRecord) -> str | None:  # noqa: ARG002 - there is one page
        """Name of the input."""
        return self.name

    def _results(self, known: int) -> Iterator[tuple[PageRecord, Result]]:
        if known:
            return
        self.begin()
        self._has_begun = False
        if self._begun is not None:
            (record, future), self._begun = self._begun, None
            yield record, future.result()

    def _read_page(self) -> bytes:
        data = read_whole(self._source, self._max_record)
        if not data.strip():
            raise ReadError("record", "no page: the file is empty")
        return data
