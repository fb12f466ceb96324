"""Records out as JSON: lines, or one array."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from dedup.errors import ReadError
from dedup.io.objects import one_line, with_mark
from dedup.io.values import as_json
from dedup.io.writers import dump_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from dedup.io.parts import Part

_JSON = ("jsonl", "json")
_SPACE = b" \t\r\n"
_HEAD = 4096  # bytes; who puts more space than that before an array gets an array


def write_lines(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write JSON lines: lines as they stand, with their marks; elements of arrays on a line each; others converted."""
    for part in parts:
        if part.format == "jsonl" and part.marker is None:
            part.copy(output)
        elif part.format == "jsonl":
            write_objects([part], output)
        else:
            output.writelines(one_line(data) + b"\n" for data in _objects(part))


def write_array(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write one array: elements and lines as they stand, with their marks; others converted."""
    joint = b"["
    for part in parts:
        for data in _objects(part):
            output.write(joint + b"\n" + data.strip(_SPACE))
            joint = b","
    output.write(b"\n]\n" if joint == b"," else b"[]\n")


def write_objects(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write objects as they stand, with their marks, one behind the other."""
    for part in parts:
        output.writelines(map(_ended, _objects(part)))


def is_array(part: Part) -> bool:
    """Whether the objects of an input stand in an array."""
    try:
        (head,) = part.reader.pieces_again([(0, _HEAD)])
    except ReadError:  # damage that was skipped
        return True
    return head.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE).startswith(b"[")


def _objects(part: Part) -> Iterator[bytes]:
    """Each record as an object of JSON: its own bytes where it has some."""
    if part.format not in _JSON:
        for record, mark in zip(part.records(), part.marks(), strict=True):
            yield dump_line(as_json(record) | (mark.fields() if mark else {}))
        return
    for data, mark in zip(part.pieces(), part.marks(), strict=True):
        yield data if mark is None else with_mark(data, mark)


def _ended(line: bytes) -> bytes:
    """Line with a line end."""
    return line if line.endswith(b"\n") else line + b"\n"
