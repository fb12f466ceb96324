"""Lines of a stream, many at a time, in bounded memory whatever their length."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.io.batches import BATCH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase

    from dedup.kernels.types import Offsets

_BOM = codecs.BOM_UTF8


class Block(NamedTuple):
    """Lines of a stream that stand together.

    Attributes
    ----------
    number : int
        Of the first line, from 1.
    bounds : ndarray of int64 of shape (n_lines + 1,)
        Where in the stream each line begins; its line end belongs to it.
    lines : list of bytes or None
        Without their line feeds; None where a line is longer than is read into memory.
    """

    number: int
    bounds: Offsets
    lines: list[bytes | None]


class Line(NamedTuple):
    """A line of a stream, see :class:`Block`."""

    number: int
    start: int
    stop: int
    data: bytes | None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.data is not None and not self.data.strip()


def read_blocks(
    stream: BufferedIOBase, max_record: int, number: int = 1, position: int = 0
) -> Iterator[Block]:
    """Lines of a stream, many at a time, in bounded memory whatever their length; a byte order mark is in none.

    The first is the line `number`, which begins at `position`.
    """
    if position:
        stream.seek(position)
    chunk = stream.read(len(_BOM))
    if chunk == _BOM and not position:
        position, chunk = len(_BOM), stream.read1(BATCH_BYTES)
    rest: list[bytes] = []  # of a line whose end has not been read
    held = passed = 0  # its bytes in `rest`, and those let go
    while chunk:
        lines: list[bytes | None] = [*chunk.split(b"\n")]
        tail = lines.pop() or b""
        if lines:
            lines[0] = b"".join([*rest, lines[0] or b""])
            block = _block(number, position, lines, passed, max_record)
            yield block
            number, position = number + len(lines), int(block.bounds[-1])
            rest, held, passed = [], 0, 0
        rest.append(tail)
        held += len(tail)
        if held > max_record:
            rest, held, passed = [], 0, passed + held
        chunk = stream.read1(BATCH_BYTES)
    if held or passed:
        block = _block(number, position, [b"".join(rest)], passed, max_record)
        yield block._replace(bounds=block.bounds - np.arange(2))  # there is no line end


def _block(number: int, position: int, lines: list[bytes | None], passed: int, max_record: int) -> Block:
    """Block of lines with a line feed each; of the first, so many bytes are not in memory."""
    lengths = [len(line or b"") for line in lines]
    lengths[0] += passed
    if max(lengths) > max_record:
        lines = [line if length <= max_record else None for line, length in zip(lines, lengths, strict=True)]
    return Block(number, position + np.cumsum([0, *lengths]) + np.arange(len(lines) + 1), lines)


def read_lines(stream: BufferedIOBase, max_record: int) -> Iterator[Line]:
    """Lines of a stream one by one; see :func:`read_blocks`."""
    for block in read_blocks(stream, max_record):
        yield from lines_of(block)


def lines_of(block: Block) -> Iterator[Line]:
    """Lines of a block one by one."""
    bounds = block.bounds.tolist()
    for place, line in enumerate(block.lines):
        yield Line(block.number + place, bounds[place], bounds[place + 1], line)
