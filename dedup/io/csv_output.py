"""Records out as tables of text: as they stand where inputs have one header, else under all columns."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, cast

from dedup.io.batches import in_counts, to_utf8
from dedup.io.kinds import check_columns
from dedup.io.marks import MARK_FIELDS
from dedup.io.values import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from dedup.io.parts import Part
    from dedup.io.tables import TextTable

_AT_ONCE = 1000  # rows


def write_csv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with commas, or as one that is called so has them."""
    _write(parts, output, "csv", ",")


def write_tsv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with tabs."""
    _write(parts, output, "tsv", "\t")


def _write(parts: Sequence[Part], output: BinaryIO, form: str, delimiter: str) -> None:
    if not all(part.format == form for part in parts):
        _write_anew(parts, output, delimiter)
        return
    readers = [cast("TextTable", part.reader) for part in parts]
    first = readers[0]
    marked = parts[0].marker is not None
    if not all(_is_like(first, reader) for reader in readers) or (
        marked and not set(first.columns).isdisjoint(MARK_FIELDS)
    ):
        _write_anew(parts, output, delimiter)
        return
    output.write(_with_cells(first.header, MARK_FIELDS, first) if marked else _ended(first.header))
    for part in parts:
        if marked:
            _copy_marked(part, first, output)
        else:
            part.copy(output)


def _is_like(one: TextTable, other: TextTable) -> bool:
    """Whether records of one table may stand under the header of the other."""
    return (one.columns, one.delimiter, one.encoding) == (other.columns, other.delimiter, other.encoding)


def _copy_marked(part: Part, table: TextTable, output: BinaryIO) -> None:
    """Copy records with the cells of their marks behind them, below the columns of these."""
    width = len(table.columns)
    for piece, mark in zip(part.pieces(), part.marks(), strict=True):
        absent = [None] * (width - len(table.cells_of(piece)))
        output.write(_with_cells(piece, (*absent, *(mark or ())), table))


def _with_cells(piece: bytes, cells: Iterable[Any], table: TextTable) -> bytes:
    """Record with cells behind its own, and the line end that it has."""
    body = piece.rstrip(b"\r\n")
    more = f"{table.delimiter}{table_rows([cells], table.delimiter).decode()[:-1]}"
    return body + more.encode(table.encoding) + (piece[len(body) :] or b"\n")


def _ended(line: bytes) -> bytes:
    return line if line.endswith((b"\n", b"\r")) else line + b"\n"


def _write_anew(parts: Sequence[Part], output: BinaryIO, delimiter: str) -> None:
    """Write records of any format, which are read twice: for their columns, and for themselves."""
    names = dict[str, None]()
    for part in parts:
        for record in part.records():
            names.update(dict.fromkeys(record))
            check_columns(len(names))
    marked = any(part.marker is not None for part in parts)
    columns = [*names, *(MARK_FIELDS if marked else ())]
    output.write(table_rows([columns], delimiter))
    for part in parts:
        for pairs in in_counts(zip(part.records(), part.marks(), strict=True), _AT_ONCE):
            rows = ([*map(record.get, names), *(mark or ())] for record, mark in pairs)
            output.write(table_rows(rows, delimiter))


def table_rows(rows: Iterable[Iterable[Any]], delimiter: str) -> bytes:
    r"""Rows as they stand in a table; what has a delimiter, a quote or a line break in it is quoted.

    Examples
    --------
    >>> table_rows([["a", 'say "b", then c', None], ["1\n2", 3, ["x"]]], ",")
    b'a,"say ""b"", then c",\n"1\n2",3,"[""x""]"\n'
    """
    lines = _Lines()
    csv.writer(lines, delimiter=delimiter).writerows(map(as_text, row) for row in rows)
    return to_utf8("".join(lines.written))[0]


class _Lines:
    """Gets rows that end with both line ends, so that both are quoted in cells, and ends them with one."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, row: str) -> None:
        self.written.append(f"{row[:-2]}\n")
