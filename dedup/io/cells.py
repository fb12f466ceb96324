"""Cells: records of a table of text, found in lines, each in bounded memory and in time that grows with its length."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.errors import ReadError
from dedup.io.lines import Block, read_blocks
from dedup.io.streams import damage_errors, describe_damage

if TYPE_CHECKING:
    from _csv import Reader as Reading
    from collections.abc import Iterable, Iterator, Sequence
    from io import BufferedIOBase

    from dedup.kernels.types import Offsets

#: The limit of a cell is one of the process, not of a reader, and the length of a record is limited here.
_NO_LIMIT = (1 << 31) - 1
_OPEN, _RETURN = (
    "unexpected end of data",
    "new-line character seen",
)  # begins of what the standard library says


class TooLongError(ReadError):
    """A record that is longer than is held; its end may be found without."""


class Window:
    """Lines of a stream, as many as hold a whole record.

    Parameters
    ----------
    stream : binary stream
        Is read from where it stands.
    max_record : int
        Longest line in bytes that is held.

    Attributes
    ----------
    block : Block
        The lines that nobody has dropped yet.
    is_last : bool
        Whether the stream ends with them.
    cut : str or None
        Damage to the compression, which ends the stream.
    """

    def __init__(self, stream: BufferedIOBase, max_record: int) -> None:
        self._blocks = read_blocks(stream, max_record)
        self.block = Block(1, np.zeros(1, np.int64), [])
        self.is_last = False
        self.cut: str | None = None

    def grow(self) -> bool:
        """Take lines in; what is left from the last time is doubled at least, so that the work is linear."""
        if self.is_last or self.cut is not None:
            return False
        enough = 2 * _size(self.block)
        try:
            for block in self._blocks:
                self.block = _joined(self.block, block) if self.block.lines else block
                if _size(self.block) >= enough:
                    return True
        except damage_errors() as error:
            self.cut = describe_damage(error)
            return True
        self.is_last = True
        return bool(self.block.lines)

    def drop(self, count: int) -> None:
        """Let the first lines go."""
        block = self.block
        self.block = Block(block.number + count, block.bounds[count:], block.lines[count:])


def _size(block: Block) -> int:
    return int(block.bounds[-1] - block.bounds[0])


def _joined(one: Block, other: Block) -> Block:
    return Block(one.number, np.concatenate([one.bounds[:-1], other.bounds]), one.lines + other.lines)


class Rows(NamedTuple):
    """Records of a block: their cells, the lines from `firsts` to `stops` that they stand on, and where to go on."""

    cells: list[list[str]]
    firsts: Offsets
    stops: Offsets
    stop: int


class RowReader:
    """Finds the records in lines.

    Parameters
    ----------
    delimiter : str
        Between cells.
    max_record : int
        Longest record in bytes.
    """

    def __init__(self, delimiter: str, max_record: int) -> None:
        self._delimiter = delimiter
        self._max_record = max_record
        self._doomed = (
            0  # a record that is open behind a line with a lower number ends like one that was tried
        )
        self._doom = ""
        #: The first line that is not passed over.
        self.following = 0

    def all_rows(self, block: Block, *, is_last: bool) -> Rows | None:
        """All records of a block; one that is open at its end is left out.

        None where one is damaged, or there is something to be counted: then they have to be read one at a time.
        """
        if block.number < self._doomed:
            return None
        rows = self._split(block.lines, is_last=is_last)
        if rows is None:
            return None
        lengths = block.bounds[rows.stops] - block.bounds[rows.firsts]
        rest = int(block.bounds[-1] - block.bounds[rows.stop])
        return rows if max(lengths.max(initial=0), rest) <= self._max_record else None

    def _split(self, lines: Sequence[bytes | None], *, is_last: bool) -> Rows | None:
        """Records of whole lines that have nothing odd in them."""
        whole = [line for line in lines if line is not None]
        if len(whole) < len(lines) or b"\0" in b"".join(whole):
            return None
        cells: list[list[str]] = []
        firsts: list[int] = []
        stops: list[int] = []
        stop = 0
        try:
            reader = parsed(map(bytes.decode, map(b"%b\n".__mod__, whole)), self._delimiter)
            for row in reader:
                first, stop = stop, reader.line_num
                if row:
                    cells.append(row)
                    firsts.append(first)
                    stops.append(stop)
        except UnicodeDecodeError:
            return None
        except csv.Error as error:
            if is_last or not str(error).startswith(_OPEN):
                return None
        return Rows(cells, np.array(firsts, np.int64), np.array(stops, np.int64), stop)

    def row_at(self, block: Block, at: int, *, is_last: bool) -> tuple[list[str], int] | None:
        """Cells of the record that begins with a line of a block, and the line behind it; what is no UTF-8 is replaced.

        None where it is open at the end of the block and the stream goes on.

        Raises
        ------
        TooLongError
            If there is no end to it in as many bytes as are held.
        ReadError
            If it is damaged.
        """
        number = block.number + at
        is_doomed = number < self._doomed
        reader = parsed(self._lines(block, at, at + 1 if is_doomed else len(block.lines)), self._delimiter)
        try:
            cells = next(reader, None)
        except csv.Error as error:
            stop = at + reader.line_num
            is_open = str(error).startswith(_OPEN)
            if is_open and is_doomed:
                raise ReadError("record", self._doom) from None
            if is_open and stop == len(block.lines) and not is_last:
                return None
            is_cut = stop < len(block.lines)
            self._doom = self._reason(error, block.number + stop - 1, is_first=stop == at + 1, is_cut=is_cut)
            self._doomed = max(self._doomed, block.number + stop - (not is_open))
            raise (TooLongError if is_open and is_cut else ReadError)("record", self._doom) from None
        if cells is None:
            raise TooLongError("record", self.too_long)
        stop = at + reader.line_num
        if any(b"\0" in (line or b"") for line in block.lines[at:stop]):
            raise ReadError("record", "a NUL byte, which no text has; leave such bytes out: tr -d '\\000'")
        return cells, stop

    def _lines(self, block: Block, at: int, stop: int) -> Iterator[str]:
        """Lines from one on, as far as they may belong to one record."""
        for place in range(at, stop):
            line = block.lines[place]
            if line is None or block.bounds[place + 1] - block.bounds[at] - 1 > self._max_record:
                return
            yield line.decode(errors="replace") + "\n"

    def _reason(self, error: csv.Error, number: int, *, is_first: bool, is_cut: bool) -> str:
        """What to say of a record that the standard library refuses on the line of a number."""
        told = str(error)
        if told.startswith(_OPEN):
            return f"a quote is not closed{f'; {self.too_long}' if is_cut else ' up to the end of the file'}"
        if told.startswith(_RETURN):
            return "a bare carriage return in a cell without quotes; line ends are line feeds: tr '\\r' '\\n'"
        if not is_first:
            return f"a quote is not closed, or one within quotes is not doubled: text stands behind it on line {number}"
        return 'text behind a closing quote; a quote within quotes is written twice, ""'

    @property
    def too_long(self) -> str:
        """What to say of a record that is too long."""
        return f"longer than {self._max_record:,} bytes; allow more with --max-record"


def parsed(lines: Iterable[str], delimiter: str) -> Reading:
    """Records of lines, by the standard library.

    Examples
    --------
    >>> list(parsed(['a;"b', 'c";d'], ";"))
    [['a', 'bc', 'd']]
    """
    if csv.field_size_limit() < _NO_LIMIT:
        csv.field_size_limit(_NO_LIMIT)
    return csv.reader(lines, delimiter=delimiter, strict=True)
