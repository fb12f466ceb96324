"""Records out as tables of text: as they stand where inputs have one header, else under all columns."""

from __future__ import annotations

import codecs
import csv
from typing import TYPE_CHECKING, Any

from dedup.io.batches import in_counts, to_utf8
from dedup.io.delimited import DelimitedReader
from dedup.io.kinds import check_columns
from dedup.io.marks import MARK_FIELDS
from dedup.io.values import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from dedup.io.parts import Part

_AT_ONCE = 1000  # rows


def write_csv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with commas; records of tables with one header as they stand, whatever is between their cells."""
    _write(parts, output, ",", "csv")


def write_tsv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with tabs; records of such tables with one header as they stand."""
    _write(parts, output, "\t", "tsv")


def _write(parts: Sequence[Part], output: BinaryIO, delimiter: str, form: str) -> None:
    first = _of_one_header(parts, form)
    marked = any(part.marker is not None for part in parts)
    if first is None:
        _write_anew(parts, output, delimiter)
    elif not marked:
        output.write(_byte_order_mark(first) + first.head())
        for part in parts:
            part.copy(output)
    elif set(MARK_FIELDS).isdisjoint(first.header):
        _write_marked(parts, output, first)
    else:
        _write_anew(parts, output, first.delimiter)


def _of_one_header(parts: Sequence[Part], form: str) -> DelimitedReader | None:
    """First of the readers that has a header, if all are of this format and have one header."""
    readers = [part.reader for part in parts if len(part.rows)] or [part.reader for part in parts]
    tables = [reader for reader in readers if isinstance(reader, DelimitedReader) and reader.format == form]
    heads = {(reader.delimiter, *reader.header): reader for reader in reversed(tables) if reader.header}
    return next(iter(heads.values())) if len(tables) == len(readers) and len(heads) == 1 else None


def _byte_order_mark(table: DelimitedReader) -> bytes:
    """Byte order mark that an input begins with, which some programs need; else nothing."""
    (begin,) = table.pieces_again([(0, len(codecs.BOM_UTF8))])
    return begin if begin == codecs.BOM_UTF8 else b""


def _write_marked(parts: Sequence[Part], output: BinaryIO, first: DelimitedReader) -> None:
    """Write records of one header as they stand, with their marks behind them."""
    output.write(_byte_order_mark(first) + _with_cells(first.head(), MARK_FIELDS, first.delimiter))
    for part in parts:
        marked = zip(part.pieces(), part.marks(), strict=True)
        output.writelines(_with_cells(data, mark or (), first.delimiter) for data, mark in marked)


def _with_cells(data: bytes, cells: Iterable[Any], delimiter: str) -> bytes:
    """Record with cells behind its own, and with its own line end."""
    bare = data.rstrip(b"\r\n")
    end = data[len(bare) :] or b"\n"
    return bare + delimiter.encode() + table_rows([cells], delimiter)[:-1] + end


def _write_anew(parts: Sequence[Part], output: BinaryIO, delimiter: str) -> None:
    """Write records of any format, which are read twice: for their columns, and for themselves."""
    names = dict[str, None]()
    for part in parts:
        for record in part.records():
            names.update(dict.fromkeys(record))
            check_columns(len(names))
    marked = any(part.marker is not None for part in parts)
    if not names:
        return
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
