"""JSON lines: an object on each line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from dedup.io.jsonobjects import JsonReader, Pieces, object_of
from dedup.io.lines import read_blocks, read_lines
from dedup.io.streams import damage_errors, describe_damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class JsonLinesReader(JsonReader):
    """Reads an object from each line that is not blank; a number is that of a line."""

    format = "jsonl"
    needed = "JSON lines are needed, one object on each line"

    def _pieces(self) -> Iterator[Pieces]:
        """All lines; damage to the compression is noted at the line that it cuts off."""
        number = 1
        with self._source.open() as stream:
            try:
                for block in read_blocks(stream, self._max_record):
                    numbers = block.number + np.arange(len(block.lines))
                    yield Pieces(numbers, block.bounds[:-1], block.bounds[1:], block.lines)
                    number = block.number + len(block.lines)
            except damage_errors() as error:
                self._note(number, describe_damage(error))

    def _field_names(self) -> Iterator[Iterable[str]]:
        with self._source.open() as stream, contextlib.suppress(*damage_errors()):  # told when it is read
            for line in read_lines(stream, self._max_record):
                yield object_of(line.data)

    def _why_broken(self, text: str, error: ValueError) -> str:
        """What to say of a line that is no JSON: most likely its file is of another kind."""
        begin = text.strip()
        if begin.startswith("[") or begin == "{":
            return f"broken JSON: {error}; {self.needed}; what is spread over lines is read with --input-format json"
        return super()._why_broken(text, error)
