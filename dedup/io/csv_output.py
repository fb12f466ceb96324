"""Records out as tables of text: as they stand where inputs have one header, else under all columns."""

from __future__ import annotations

import codecs
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
    tables = [cast("TextTable", part.reader) for part in parts if part.format == form]
    heads = {(*table.header, table.delimiter): table for table in reversed(tables) if table.header}
    marked = parts[0].marker is not None
    if len(tables) < len(parts) or len(heads) > 1 or (marked and any(map(_is_marked, tables))):
        _write_anew(parts, output, delimiter)
        return
    for table in heads.values():
        output.write(_byte_order_mark(parts[tables.index(table)]))
        output.write(_with_cells(table.head(), MARK_FIELDS, table.delimiter) if marked else table.head())
    for part, table in zip(parts, tables, strict=True):
        if marked:
            output.writelines(
                _with_cells(piece, mark or (), table.delimiter)
                for piece, mark in zip(part.pieces(), part.marks(), strict=True)
            )
        else:
            part.copy(output)


def _is_marked(table: TextTable) -> bool:
    return not set(table.header).isdisjoint(MARK_FIELDS)


def _byte_order_mark(part: Part) -> bytes:
    """Byte order mark that an input begins with, which some programs need; else nothing."""
    (begin,) = part.reader.pieces_again([(0, len(codecs.BOM_UTF8))])
    return begin if begin == codecs.BOM_UTF8 else b""


def _with_cells(piece: bytes, cells: Iterable[Any], delimiter: str) -> bytes:
    """Record with cells behind its own, and the line end that it has, or one."""
    body = piece.rstrip(b"\r\n")
    return body + delimiter.encode() + table_rows([cells], delimiter)[:-1] + (piece[len(body) :] or b"\n")


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
