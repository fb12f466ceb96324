"""Tables: what an output asks of the readers of formats that have columns, beside what it asks of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.kernels.types import Rows


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
    """A reader of records that are rows of Parquet; parts are rows, from 0."""

    @property
    def name(self) -> str:
        """Name of the input."""

    @property
    def codec(self) -> str:
        """Compression of its columns."""

    @property
    def schema(self) -> Any:  # noqa: ANN401 - of pyarrow, which is an extra
        """All columns and their types, with what the file says of them."""

    def tables_again(self, rows: Rows) -> Iterator[Any]:
        """All columns of these rows, ascending, some rows at a time."""
