"""Records out as tables of text: as they stand where inputs have one header, else under all columns."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from dedup.io.batches import in_counts, to_utf8
from dedup.io.kinds import check_columns
from dedup.io.marks import MARK_FIELDS
from dedup.io.values import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from dedup.io.parts import Part

_AT_ONCE = 1000  # rows


def write_csv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with commas."""
    _write_anew(parts, output, ",")


def write_tsv(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table with tabs."""
    _write_anew(parts, output, "\t")


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
