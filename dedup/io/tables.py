"""Tables: what an output asks of the readers of formats that have columns, beside what it asks of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.kernels.types import Rows


class TextTable(Protocol):
    """A reader of records that are ranges of bytes under a header: CSV, TSV; each has a cell for each column."""

    @property
    def header(self) -> list[str]:
        """Names of the columns; none where nothing stands in the input."""

    @property
    def delimiter(self) -> str:
        """What stands between cells."""

    def head(self) -> bytes:
        """The header as it stands, with a line end and without a byte order mark."""


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
