"""Readers of pages: what all of them do, from the page to the article, which is extracted once and read again from a spool."""

from __future__ import annotations

import json
import weakref
from abc import abstractmethod
from array import array
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.article import Damaged, Place
from dedup.errors import ReadError
from dedup.fields import resolve_names
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions
from dedup.io.extracting import Extraction, Extractor
from dedup.io.reader import Reader, Record, Spans
from dedup.io.spool import Entry, Spool
from dedup.io.streams import MAX_RECORD
from dedup.io.workerprocess import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dedup.io.extracting import Result
    from dedup.io.pages import Page, PageRecord
    from dedup.io.reader import OnError
    from dedup.io.streams import Source

#: Fields of an extracted article.
FIELDS = ("id", "url", "title", "text", "date", "source", "language", "fetched")


class Extracted:
    """What was extracted from the pages of an input, in their order: 41 bytes for each page, no objects, for there may be millions."""

    def __init__(self) -> None:
        self.starts = array("q")
        self._others = tuple(array("q") for _ in range(4))
        self._is_read = array("b")

    def __len__(self) -> int:
        return len(self.starts)

    def append(self, entry: Entry, place: int) -> None:
        """Add a page, and where in the spool it stands."""
        self.starts.append(entry.start)
        self._is_read.append(entry.is_read)
        for column, value in zip(self._others, (entry.number, entry.stop, entry.length, place), strict=True):
            column.append(value)

    def __getitem__(self, row: int) -> tuple[Entry, int]:
        number, stop, length, place = (column[row] for column in self._others)
        return Entry(0, bool(self._is_read[row]), number, self.starts[row], stop, length), place


class Extracts:
    """What the readers of a run share: the processes that extract, and the spool of what they found.

    Parameters
    ----------
    extractor : Extractor or str, optional
        What extracts.
    log : Path, optional
        A file that outlives an interruption, for the spool: what an interrupted run extracted is not extracted again.
        Its readers must be made in the same order. Default: a temporary file.
    """

    def __init__(self, extractor: Extractor | str | None = None, log: Path | None = None) -> None:
        self.extraction = Extraction(Extractor.of(extractor))
        self.spool = Spool(log)
        self._extracted: dict[int, Extracted] = {}
        self._n_readers = 0
        for entry, place in self.spool.entries():
            self._of(entry.reader).append(entry, place)

    def enrol(self) -> tuple[int, Extracted]:
        """Number of the next reader, and what was extracted for it already."""
        number, self._n_readers = self._n_readers, self._n_readers + 1
        return number, self._of(number)

    def _of(self, reader: int) -> Extracted:
        return self._extracted.setdefault(reader, Extracted())

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
    at all is up to `on_error`. The articles are in the spool, and each page is extracted once.
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
        self._number, self._extracted = extracts.enrol()
        self._is_whole = False

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

    def _results(self, known: int) -> Iterator[tuple[PageRecord, Result]]:
        """Pages, and what was extracted from each; without so many that are known."""
        return self._extracts.extraction.in_order(islice(self.pages(), known, None), _page_of)

    def _read(self) -> Iterator[_Extract]:
        """Articles of all pages: those that are in the spool, then the others, which are put there."""
        if not self._is_whole:
            self._begin_anew()
        yield from self._read_again()
        if self._is_whole:
            return
        for record, result in self._results(len(self._extracted)):
            place = record.number, record.start, record.stop
            if isinstance(result, Failure):
                self._put(False, *place, result.reason.encode(errors="replace"))
                self._note_page(record.number, result.reason)
                continue
            article = result if result.get("url") else {"id": self.id_of(record), **result}
            data = json.dumps(article, ensure_ascii=False).encode(errors="replace") + b"\n"
            self._put(True, *place, data)
            yield _Extract(json.loads(data), len(data), *place)  # as it will be read again
        self.damaged.sort(key=_rank_of)  # pages are read ahead of what is said of them
        self._is_whole = True

    def _put(self, is_read: bool, number: int, start: int, stop: int, data: bytes) -> None:
        entry = Entry(self._number, is_read, number, start, stop, len(data))
        self._extracted.append(entry, self._extracts.spool.append(entry, data))

    def _read_again(self) -> Iterator[_Extract]:
        """Articles that are in the spool; what else stands there is noted, if it was not."""
        for row in range(len(self._extracted)):
            entry, place = self._extracted[row]
            data = self._extracts.spool.read(place, entry.length)
            if entry.is_read:
                yield _Extract(json.loads(data), entry.length, entry.number, entry.start, entry.stop)
            elif not self._is_whole:
                self._note_page(entry.number, data.decode())

    def _spooled(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Extracted articles as they stand in the spool."""
        for start, _ in spans:
            row = bisect_left(self._extracted.starts, start)
            if row == len(self._extracted) and not self._is_whole:
                for _ in self._read():  # of a run that goes on, whose spool is gone
                    pass
                row = bisect_left(self._extracted.starts, start)
            if row == len(self._extracted) or self._extracted.starts[row] != start:
                raise self._changed(ReadError(self.name, f"no article was extracted at {start:,}"))
            entry, place = self._extracted[row]
            yield self._extracts.spool.read(place, entry.length)

    def _begin_anew(self) -> None:
        """What a format does before records are read that were read before; nothing, where nothing was noted of them."""

    def _note_page(self, number: int, reason: str) -> None:
        """Note a page without an article."""
        self.damaged.append(Damaged(Place(self.name, number), reason))


def _page_of(record: PageRecord) -> Page:
    return record.page


def _rank_of(damaged: Damaged) -> tuple[int, bool]:
    """By number; of one record, what is wrong with it before what is wrong with its page."""
    return damaged.place.record, damaged.kind is None
