"""Tables of text: a header, then a record of as many cells, each with the bytes it came from."""

from __future__ import annotations

import csv
import io
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from dedup.errors import ReadError
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions
from dedup.io.cells import RowReader, TooLongError, Window, parsed
from dedup.io.encoding import is_utf8
from dedup.io.heads import Head, find_head, is_blank
from dedup.io.longrows import find_end
from dedup.io.reader import Reader, Record, Spans, as_columns
from dedup.io.streams import damage_errors, read_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from io import BufferedIOBase

    from dedup.article import Article


#: How many records that are too long are looked through for their ends, and how many times as long as is held.
_PATIENCE = 16


class DelimitedReader(Reader):
    """Reads a record of cells by its header; a number is that of the line on which the record begins.

    An empty cell is none at all.
    """

    _delimiter: ClassVar[str | None] = None  # guessed
    _patience = _PATIENCE

    @property
    def header(self) -> list[str]:
        """Names of the columns; none where nothing stands in the input."""
        return list(self._head.names)

    @property
    def delimiter(self) -> str:
        """What stands between cells."""
        return self._head.delimiter

    def head(self) -> bytes:
        """The header as it stands, with a line end."""
        return self._head.data

    def __iter__(self) -> Iterator[Record]:
        for rows, window in self._windows():
            yield from self._records(rows, window)

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns of what a run needs of them."""
        for rows, window in self._windows():
            found = self._batch(rows, window)
            yield as_columns(self._records(rows, window)) if found is None else found

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of the articles of such ranges, in UTF-8."""
        with self._source.open() as stream:
            for pieces in in_portions(read_spans(stream, spans), BATCH_BYTES, len):
                texts = self._texts(pieces)
                if texts is not None:
                    yield from texts
                else:
                    yield from self._compared(self._record(self._cells(data)) for data in pieces)

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """Cells of the records of such ranges by the names of their columns; an empty one is None."""
        with self._source.open() as stream:
            for data in read_spans(stream, spans):
                try:
                    yield self._record(self._cells(data))
                except ReadError as error:
                    raise self._changed(error) from error

    def _field_names(self) -> Iterator[Iterable[str]]:
        if self._head.names:
            yield self._head.names

    @cached_property
    def _head(self) -> Head:
        with self._source.open() as stream:
            return find_head(
                Window(stream, self._max_record), self._delimiter, self._candidates, self._max_record
            )

    def _windows(self) -> Iterator[tuple[RowReader, Window]]:
        """Lines behind the header, many at a time; whoever takes them drops those that are read."""
        head = self._head
        if head.damage is not None:
            self._note(head.number, head.damage)
            return
        rows = RowReader(head.delimiter, self._max_record)
        with self._source.open() as stream:
            window = Window(stream, self._max_record)
            while window.grow():
                following = max(head.stop, rows.following)
                window.drop(min(max(following - window.block.number, 0), len(window.block.lines)))
                yield rows, window
            if window.cut is not None:
                self._note(window.block.number, window.cut)

    def _records(self, rows: RowReader, window: Window) -> Iterator[Record]:
        """Articles one by one."""
        block, at = window.block, 0
        while at < len(block.lines):
            if is_blank(block.lines[at], self.delimiter):
                at += 1
                continue
            number, stop = block.number + at, at + 1
            try:
                found = rows.row_at(block, at, is_last=window.is_last)
                if found is None:
                    break
                cells, stop = found
                article = self._article(cells)
            except TooLongError as error:
                rows.following = self._line_behind(number, int(block.bounds[at]))
                self._note(number, rows.too_long if rows.following else error.reason)
                stop = min(max(rows.following - block.number, stop), len(block.lines))
            except ReadError as error:
                self._note(number, error.reason)
            else:
                self.replaced += not is_utf8(b"\n".join(cast("Sequence[bytes]", block.lines[at:stop])))
                yield Record(article, number, int(block.bounds[at]), int(block.bounds[stop]))
            at = stop
        window.drop(at)

    def _line_behind(self, number: int, start: int) -> int:
        """The line behind a record that is too long; 0 where it is no whole one, or too much was looked through for such."""
        if not self._patience:
            return 0
        self._patience -= 1
        limit = _PATIENCE * self._max_record
        with self._source.open() as stream:
            try:
                stream.seek(start)
                end = find_end(_chunks(stream, limit), self.delimiter, len(self.header))
            except damage_errors():
                return 0
        return 0 if end is None or end.size >= limit else number + end.lines

    def _batch(self, rows: RowReader, window: Window) -> tuple[Batch, Spans] | None:
        """Batch of records that are all of them articles with the usual fields."""
        block = window.block
        found = rows.all_rows(block, is_last=window.is_last)
        if found is not None and not found.cells:  # blank lines, and the begin of a long record
            window.drop(found.stop)
            return Batch.of([]), Spans(*np.empty((3, 0), np.int64))
        if found is None or not self._are_usual(found.cells):
            return None
        records = self._dicts(found.cells)
        made = batch_records(records, self._candidates)
        if made is None:
            return None
        batch, names = made
        self.names = {**names, **self.names}
        if "published" in names:
            self._note_dates((record[names["published"]] for record in records), batch.published)
        window.drop(found.stop)
        return batch, Spans(
            block.number + found.firsts, block.bounds[found.firsts], block.bounds[found.stops]
        )

    def _texts(self, pieces: Sequence[bytes]) -> list[bytes] | None:
        """What is compared of records that are all of them articles with the usual fields."""
        try:
            lines = [line + b"\n" for data in pieces for line in data.removesuffix(b"\n").split(b"\n")]
            rows = list(parsed(map(bytes.decode, lines), self.delimiter))
        except (UnicodeDecodeError, csv.Error):
            return None
        if len(rows) != len(pieces) or not self._are_usual(rows):
            return None
        return batch_texts(self._dicts(rows), self._candidates)

    def _are_usual(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether all records have a cell for each column, and none may be a blank line."""
        width = len(self._head.names)
        return set(map(len, rows)) == {width} and not (width == 1 and any(cell.isspace() for (cell,) in rows))

    def _dicts(self, rows: Sequence[Sequence[str]]) -> list[dict[str, str | None]]:
        """What an article needs of each record."""
        columns = self._needed
        cells = [[row[place] or None for row in rows] for place in columns.values()]
        return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]

    @cached_property
    def _needed(self) -> dict[str, int]:
        """Place of each column that has a field of an article."""
        wanted = {name for names in self._candidates.values() for name in names}
        return {name: place for place, name in enumerate(self._head.names) if name in wanted}

    def _article(self, cells: Sequence[str]) -> Article:
        record = self._record(cells)
        names = self._names_of(record)
        if "text" not in names and "title" not in names:
            empty = [
                name for field in ("text", "title") for name in self._candidates[field] if name in record
            ]
            raise ReadError("record", f"no text and no title; nothing stands in {' and '.join(empty)}")
        return self._made(record, names)

    def _record(self, cells: Sequence[str]) -> dict[str, str | None]:
        names = self._head.names
        if len(cells) != len(names):
            raise ReadError(
                "record", f"{_told(len(cells), len(names))}; {self._advice(len(cells) > len(names))}"
            )
        return {name: cell or None for name, cell in zip(names, cells, strict=True)}

    def _advice(self, is_long: bool) -> str:
        if is_long:
            return f"a cell with {self.delimiter!r} in it is written in quotes"
        return "the record is cut off, or a line end in a cell stands without quotes"

    def _cells(self, data: bytes) -> list[str]:
        """Cells of one record."""
        try:
            cells, *others = parsed(io.StringIO(data.decode(errors="replace")), self.delimiter)
        except (csv.Error, ValueError) as error:
            raise ReadError("record", f"no record of a table: {error}") from error
        if others:
            raise ReadError("record", "more than one record")
        return cells


class CsvReader(DelimitedReader):
    """Reads a table whose header tells what stands between cells: a comma, a semicolon, a tab or a bar."""

    format = "csv"


class TsvReader(DelimitedReader):
    """Reads a table with tabs between cells."""

    format = "tsv"
    _delimiter = "\t"


def _chunks(stream: BufferedIOBase, limit: int) -> Iterator[bytes]:
    """So many bytes of a stream, or all."""
    while limit and (chunk := stream.read1(min(BATCH_BYTES, limit))):
        limit -= len(chunk)
        yield chunk


def _told(n_cells: int, n_columns: int) -> str:
    """What to say of a record and a header that do not fit."""
    cells, columns = (
        f"{count} {name}{'s' * (count != 1)}" for count, name in ((n_cells, "cell"), (n_columns, "column"))
    )
    return f"{cells}, but the header has {columns}"
