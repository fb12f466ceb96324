"""Parquet: a row is a record; row groups are streamed, and of most columns nothing is read."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from dedup.errors import ReadError
from dedup.fields import resolve_names
from dedup.io.batches import batch_records, batch_texts, to_utf8
from dedup.io.reader import Reader, Record, Spans, as_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.article import Article
    from dedup.io.batches import Batch
    from dedup.kernels.types import Rows

#: Bytes of a row group that are looked at together, and rows: what is equal is stored once, and its length not told.
_AT_ONCE, _MOST_ROWS = 8 << 20, 256
_COMPARED = ("text", "title")
#: Bytes that Arrow needs for a value besides its own, at most; and what stands for the values of too long a row.
_OVERHEAD, _TOO_LONG = 64, object()
#: What is raised where Python has no value for what a column has; the last by pytz, where it is installed.
_UNREAD = (ValueError, OverflowError, KeyError)


class ParquetReader(Reader):
    """Reads a record from each row; a number is that of a row, from 1, and parts are rows, from 0."""

    format = "parquet"

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types, with what the file says of them."""
        return pa.schema([]) if self._footer is None else self._footer.schema.to_arrow_schema()

    @property
    def codec(self) -> str:
        """Compression of the columns."""
        groups = self._footer
        if groups is None or not (groups.num_row_groups and groups.num_columns):
            return "SNAPPY"
        return str(groups.row_group(0).column(0).compression)

    def position(self, stop: int) -> int:
        """How many bytes have been read where a row stops, if all rows are of one length."""
        n_rows = 0 if self._footer is None else self._footer.num_rows
        return stop * self._source.size // max(n_rows, 1)

    def __iter__(self) -> Iterator[Record]:
        for first, rows in self._tables():
            yield from self._records(first, self._bounded(rows))

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns of what a run needs of them."""
        for first, rows in self._tables():
            records = _plain(self._bounded(rows))
            found = batch_records(records, self._candidates) if self._are_short(records) else None
            if found is not None:
                batch, names = found
                self.names = {**names, **self.names}
                if "published" in names:
                    dates = (record.get(names["published"]) for record in records)
                    self._note_dates(dates, batch.published)
                places = np.arange(first, first + len(records))
                yield batch, Spans(places + 1, places, places + 1)
                continue
            yield as_columns(self._records(first, records))

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of these rows, in UTF-8; no other column is read."""
        for rows in self._rows_again(_starts(spans), self._wanted(_COMPARED)):
            records = _plain(self._rows_of(rows))
            texts = batch_texts(records, self._candidates)
            yield from self._compared(records) if texts is None else texts

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """All columns of these rows."""
        for rows in self.tables_again(_starts(spans)):
            yield from _rows_of(rows)

    def tables_again(self, rows: Rows) -> Iterator[pa.Table]:
        """All columns of these rows, ascending, with their types."""
        return self._rows_again(rows, None)

    def _field_names(self) -> Iterator[Iterable[str]]:
        yield self.schema.names

    def _bounded(self, rows: pa.RecordBatch) -> list[dict[str, Any]]:
        """The same, where rows that are longer than a record may be never become objects of Python."""
        if rows.nbytes <= self._max_record:
            return self._rows_of(rows)
        limit = self._max_record + _OVERHEAD * (1 + rows.num_columns)
        singly = (rows.slice(row, 1) for row in range(len(rows)))
        return [
            dict.fromkeys(rows.schema.names, _TOO_LONG) if _size_of(row) > limit else self._rows_of(row)[0]
            for row in singly
        ]

    def _rows_of(self, rows: pa.Table | pa.RecordBatch) -> list[dict[str, Any]]:
        """Rows with lone surrogates for what is no UTF-8, which are counted where texts are encoded."""
        try:
            return _rows_of(rows, "surrogateescape")
        except ReadError as error:
            raise ReadError(self.name, error.reason) from error

    @cached_property
    def _footer(self) -> parquet.FileMetaData | None:
        """What the file says of itself; None where that can't be read and what is damaged is skipped."""
        try:
            with self._opened() as file:
                _ = file.schema_arrow.names  # which may be no UTF-8
                return file.metadata
        except ReadError:
            if self._on_error != "skip":
                raise
            return None

    def _wanted(self, fields: Iterable[str]) -> list[str]:
        """Columns in which these fields are looked for.

        Raises
        ------
        ReadError
            If there is no text and no title among the columns, or one is of a type that holds none.
        """
        with self._opened() as file:
            schema = file.schema_arrow
        names = schema.names
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ReadError(self.name, f"two columns are called {twice[0]!r}")
        found = {
            field: [name for name in self._candidates[field] if name in names] for field in self._candidates
        }
        compared = [name for field in _COMPARED for name in found[field]]
        if not compared:
            told = ", ".join(names) or "none"
            raise ReadError(
                self.name,
                f"no text and no title; the columns are {told}; name that of the text with --field text=NAME",
            )
        for name in compared:
            kind = schema.field(name).type
            if not _holds_text(kind):
                raise ReadError(
                    self.name,
                    f"the column {name!r} is of type {kind}, a string is needed; name another with --field text=NAME",
                )
        return [name for field in fields for name in found[field]]

    def _records(self, first: int, records: Sequence[dict[str, Any]]) -> Iterator[Record]:
        for place, record in enumerate(_plain(records), first):
            try:
                article = self._article(record)
            except ReadError as error:
                self._note(place + 1, error.reason)
                continue
            yield Record(article, place + 1, place, place + 1)

    def _article(self, record: dict[str, Any]) -> Article:
        if not self._are_short([record]):
            raise ReadError("record", f"longer than {self._max_record:,} bytes; allow more with --max-record")
        names = resolve_names(record, self._fields)
        self.names = {**names, **self.names}
        return self._made(record, names)

    def _are_short(self, records: Sequence[dict[str, Any]]) -> bool:
        """Whether no string is longer than a record may be."""
        return not any(
            value is _TOO_LONG or (type(value) is str and len(value) > self._max_record)
            for record in records
            for value in record.values()
        )

    def _tables(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The columns that an article needs of all rows, and the place of the first row of each part."""
        try:
            columns = self._wanted(self._candidates)
        except ReadError as error:
            if self._on_error != "skip":
                raise
            self._note(1, error.reason)
            return
        first = 0
        with self._opened() as file:
            try:
                for group in range(file.metadata.num_row_groups):
                    for rows in _batches(file, group, columns):
                        yield first, rows
                        first += len(rows)
            except (pa.ArrowException, OSError) as error:
                self._note(first + 1, f"the rows from here on are damaged: {_short(error)}")

    def _rows_again(self, wanted: Rows, columns: Sequence[str] | None) -> Iterator[pa.Table]:
        """Some columns, or all, of ascending rows; row groups without any are not read, and no file without any."""
        if not len(wanted):
            return
        first = 0
        with self._opened() as file:
            for group in range(file.metadata.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                mine = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + size)] - first
                first += size
                done = 0
                for rows in _batches(file, group, columns) if len(mine) else ():
                    chosen = (
                        mine[np.searchsorted(mine, done) : np.searchsorted(mine, done + len(rows))] - done
                    )
                    done += len(rows)
                    if len(chosen):
                        yield _take(pa.Table.from_batches([rows]), chosen)

    @contextmanager
    def _opened(self) -> Iterator[parquet.ParquetFile]:
        """The file, with damage told as ours."""
        with self._source.open() as stream:
            if self._source.compression is not None:
                raise ReadError(
                    self.name,
                    "a compressed Parquet file; decompress it, for it compresses its columns itself",
                )
            try:
                yield parquet.ParquetFile(stream)
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                raise ReadError(self.name, f"no Parquet file, or a damaged one: {_short(error)}") from error


def _batches(
    file: parquet.ParquetFile, group: int, columns: Sequence[str] | None
) -> Iterator[pa.RecordBatch]:
    """Rows of a row group, some at a time; where columns are damaged, there may be fewer than it says without an error."""
    told = file.metadata.row_group(group)
    size = max(1, told.total_byte_size // max(told.num_rows, 1))
    rows = min(max(1, _AT_ONCE // size), _MOST_ROWS)
    count = 0
    for batch in file.iter_batches(rows, row_groups=[group], columns=columns):
        count += len(batch)
        yield batch
    if count != told.num_rows:
        raise pa.ArrowInvalid(f"a row group says that it has {told.num_rows:,} rows, and has {count:,}")


def _size_of(row: pa.RecordBatch) -> int:
    """Bytes of a row; of a dictionary, those of its own value."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in row.columns
    ]
    return sum(column.nbytes for column in columns)


def _take(rows: pa.Table, chosen: Rows) -> pa.Table:
    """Some rows of a table, ascending."""
    try:
        return rows.take(pa.array(chosen))
    except pa.ArrowNotImplementedError:  # of views, among others
        return pa.concat_tables([rows.slice(row, 1) for row in chosen.tolist()])


def _holds_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    )


def _rows_of(rows: pa.Table | pa.RecordBatch, errors: str = "replace") -> list[dict[str, Any]]:
    """Rows as Python has them; moments finer than its microseconds or beyond its calendar are text.

    What is no UTF-8 is decoded with `errors`.
    """
    names = rows.schema.names
    columns = [_as_text(column) if _is_fine(column.type) else column for column in rows.columns]
    try:
        return pa.Table.from_arrays(columns, names=names).to_pylist()  # type: ignore[no-any-return]
    except _UNREAD:
        values = [_values_of(name, column, errors) for name, column in zip(names, columns, strict=True)]
        return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _values_of(name: str, column: pa.Array | pa.ChunkedArray, errors: str) -> list[Any]:
    """Values of a column, one of which Python may have no value for."""
    kind = column.type
    if _holds_text(kind):
        data = column.cast(pa.large_string()).cast(pa.large_binary()).to_pylist()
        texts = [value if value is None else value.decode(errors="surrogateescape") for value in data]
        if errors == "surrogateescape":
            return texts
        return [text if text is None else to_utf8(text)[0].decode() for text in texts]
    try:
        return (_as_text(column) if pa.types.is_temporal(kind) else column).to_pylist()  # type: ignore[no-any-return]
    except _UNREAD as error:
        if pa.types.is_timestamp(kind):  # of a time zone that nobody knows
            return _as_text(column.cast(pa.int64()).cast(pa.timestamp(kind.unit, "UTC"))).to_pylist()  # type: ignore[no-any-return]
        raise ReadError(
            "record", f"the column {name!r} of type {kind} can't be read: {_short(error)}"
        ) from error


def _is_fine(kind: pa.DataType) -> bool:
    return bool(pa.types.is_temporal(kind)) and getattr(kind, "unit", None) == "ns"


def _as_text(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Moments in ISO 8601; lengths of time as whole numbers of their unit."""
    return compute.replace_substring_regex(column.cast(pa.string()), r"^(-?\d+-\d\d-\d\d) ", r"\1T")


def _plain(records: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Records with days as moments, which is what dates are read from."""
    for record in records:
        for name, value in record.items():
            if type(value) is date:
                record[name] = datetime.combine(value, time(), UTC)
    return records


def _starts(spans: Iterable[tuple[int, int]]) -> Rows:
    return np.fromiter((row for start, stop in spans for row in range(start, stop)), np.int64)


def _short(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
