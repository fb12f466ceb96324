"""Tables: what an output asks of the readers of formats that have columns, beside what it asks of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class TextTable(Protocol):
    """A reader of records that are ranges of bytes under a header: CSV, TSV.

    Attributes
    ----------
    header : bytes
        As it stands, from the begin of the decompressed stream, with byte order mark and line end.
    columns : list of str
        What stands in it.
    delimiter : str
        Between cells.
    encoding : str
        Of the bytes, without the byte order mark.
    """

    header: bytes
    columns: list[str]
    delimiter: str
    encoding: str

    def cells_of(self, piece: bytes) -> list[str]:
        """Cells of a record as it stands."""


class ArrowTable(Protocol):
    """A reader of records that are rows of Parquet; a span is the range from a row's number to the next.

    Attributes
    ----------
    name : str
        Of the input.
    codec : str
        Compression of its columns.
    schema : pyarrow.Schema
        With types and metadata of all columns.
    """

    name: str
    codec: str
    schema: Any

    def tables_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[Any]:
        """All columns of such rows, ascending: a table for each row group that has some."""
