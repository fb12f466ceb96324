"""Readers of pages: what all of them do, from the page to the article, which is extracted once and read again from a spool."""

from __future__ import annotations

import json
import weakref
from abc import abstractmethod
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.article import Damaged, Place
from dedup.errors import ReadError
from dedup.fields import resolve_names
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions
from dedup.io.extracting import Extraction, Extractor
from dedup.io.reader import Reader, Record, Spans
from dedup.io.spool import Spool
from dedup.io.streams import MAX_RECORD
from dedup.io.workerprocess import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dedup.io.extracting import Result
    from dedup.io.pages import Page, PageRecord
    from dedup.io.reader import OnError
    from dedup.io.streams import Source

#: Fields of an extracted article.
FIELDS = ("id", "url", "title", "text", "date", "source", "language", "fetched")


class Extracts:
    """What the readers of a run share: the processes that extract, and the spool of what they found.

    Parameters
    ----------
    extractor : Extractor or str, optional
        What extracts.
    """

    def __init__(self, extractor: Extractor | str | None = None) -> None:
        self.extraction = Extraction(Extractor.of(extractor))
        self.spool = Spool()

    def close(self) -> None:
        """End the processes, forget what they found."""
        self.extraction.close()
        self.spool.close()


class _Extract(NamedTuple):
    """An extracted article, its number, and the part of the input that it came from."""

    article: dict[str, Any]
    length: int
    number: int
    start: int
    stop: int


class PageReader(Reader):
    """Reads articles from the pages of an input; a format says which pages there are, see :meth:`pages`.

    Parameters
    ----------
    source, fields, on_error, max_record
        As :class:`dedup.io.reader.Reader` takes them.
    extracts : Extracts, optional
        Shared with other readers, and closed by whoever made it. Default: one of its own.

    Notes
    -----
    A page without an article is noted as damaged and never ends the reading: a crawl is full of them. What is no page
    at all is up to `on_error`. In memory are 32 bytes for each article; the articles are in the spool.
    """

    def __init__(
        self,
        source: Source,
        fields: Mapping[str, str] | None = None,
        on_error: OnError = "raise",
        max_record: int = MAX_RECORD,
        extracts: Extracts | None = None,
    ) -> None:
        super().__init__(source, fields, on_error, max_record)
        if extracts is None:
            extracts = Extracts()
            weakref.finalize(self, extracts.close)
        self._extracts = extracts
        self._is_whole = False
        self._begin_anew()

    @abstractmethod
    def pages(self) -> Iterator[PageRecord]:
        """All pages; the parts they came from ascend. What can't be read is noted with `_note`."""

    def id_of(self, record: PageRecord) -> str | None:  # noqa: ARG002 - a format may know one
        """Id of the article of a page that says no URL."""
        return None

    def __iter__(self) -> Iterator[Record]:
        for article, _, *place in self._read():
            yield Record(self._made(article, resolve_names(article, self._fields)), *place)

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns."""
        for portion in in_portions(self._read(), BATCH_BYTES, lambda extract: extract.length):
            records = [extract.article for extract in portion]
            found = batch_records(records, self._candidates)
            if found is None:
                batch = Batch.of(
                    self._made(record, resolve_names(record, self._fields)) for record in records
                )
            else:
                batch, names = found
                if "published" in names:
                    self._note_dates((record.get(names["published"]) for record in records), batch.published)
            columns = np.array([extract[2:] for extract in portion], np.int64).T
            yield batch, Spans(*columns)

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of the articles, from the spool."""
        for portion in in_portions(self._spooled(spans), BATCH_BYTES, len):
            records = list(map(json.loads, portion))
            texts = batch_texts(records, self._candidates)
            yield from self._compared(records) if texts is None else texts

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """All fields of the extracted articles, from the spool."""
        return map(json.loads, self._spooled(spans))

    def _field_names(self) -> Iterator[Iterable[str]]:
        yield FIELDS

    def _results(self) -> Iterator[tuple[PageRecord, Result]]:
        """Pages, and what was extracted from each."""
        return self._extracts.extraction.in_order(self.pages(), _page_of)

    def _read(self) -> Iterator[_Extract]:
        """Articles of all pages: extracted when they are first read to the end, then from the spool."""
        if self._is_whole:
            yield from self._read_again()
            return
        self._begin_anew()
        for record, result in self._results():
            if isinstance(result, Failure):
                self._note_page(record.number, result.reason)
                continue
            article = result if result.get("url") else {"id": self.id_of(record), **result}
            data = json.dumps(article, ensure_ascii=False).encode(errors="replace") + b"\n"
            self._offsets.append(self._extracts.spool.append(data)[0])
            self._lengths.append(len(data))
            self._numbers.append(record.number)
            self._starts.append(record.start)
            self._stops.append(record.stop)
            yield _Extract(article, len(data), record.number, record.start, record.stop)
        self.damaged.sort(key=_number_of)  # pages are read ahead of what is said of them
        self._is_whole = True

    def _read_again(self) -> Iterator[_Extract]:
        columns = zip(self._offsets, self._lengths, self._numbers, self._starts, self._stops, strict=True)
        for offset, length, number, start, stop in columns:
            data = self._extracts.spool.read(offset, offset + length)
            yield _Extract(json.loads(data), length, number, start, stop)

    def _spooled(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Extracted articles as they stand in the spool."""
        for start, _ in spans:
            place = bisect_left(self._starts, start)
            if place == len(self._starts) and not self._is_whole:
                for _ in self._read():  # of a run that goes on, whose spool is gone
                    pass
                place = bisect_left(self._starts, start)
            if place == len(self._starts) or self._starts[place] != start:
                raise self._changed(ReadError(self.name, f"no article was extracted at {start:,}"))
            offset = self._offsets[place]
            yield self._extracts.spool.read(offset, offset + self._lengths[place])

    def _begin_anew(self) -> None:
        # Where each article stands in the input and in the spool: int64 each, no objects, for there may be millions.
        self._numbers, self._starts, self._stops = array("q"), array("q"), array("q")
        self._offsets, self._lengths = array("q"), array("q")

    def _note_page(self, number: int, reason: str) -> None:
        """Note a page without an article."""
        self.damaged.append(Damaged(Place(self.name, number), reason))


def _page_of(record: PageRecord) -> Page:
    return record.page


def _number_of(damaged: Damaged) -> int:
    return damaged.place.record
