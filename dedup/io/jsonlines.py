"""JSON lines: an object on each line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.io.jsonobjects import JsonReader, Pieces, object_of
from dedup.io.lines import read_blocks, read_lines
from dedup.io.streams import damage_errors, describe_damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FIRST = 1, 0


class JsonLinesReader(JsonReader):
    """Reads an object from each line that is not blank; a number is that of a line."""

    format = "jsonl"
    needed = "JSON lines are needed, one object on each line"

    _begin = _next = _FIRST  # lines to begin with and to go on with, and where they begin

    def _pieces(self) -> Iterator[Pieces]:
        """All lines; damage to the compression is noted at the line that it cuts off."""
        self._next, self._begin = self._begin, _FIRST
        with self._source.open() as stream:
            try:
                for block in read_blocks(stream, self._max_record, *self._next):
                    numbers = block.number + np.arange(len(block.lines))
                    self._next = block.number + len(block.lines), int(block.bounds[-1])
                    yield Pieces(numbers, block.bounds[:-1], block.bounds[1:], block.lines)
            except damage_errors() as error:
                self._note(self._next[0], describe_damage(error))

    def state(self) -> dict[str, Any]:
        """How far reading has come, and what was noted."""
        return {"next": self._next, **self._noted()}

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Read on from there when batches are asked for next."""
        self._begin = tuple(state["next"])
        self._note_again(state)

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
