"""JSON that is spread over lines: an array of objects, or objects one behind the other."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from dedup.io.batches import BATCH_BYTES
from dedup.io.jsonobjects import JsonReader, Pieces, object_of
from dedup.io.jsonspans import find_values
from dedup.io.streams import damage_errors, describe_damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.io.jsonspans import Value


class JsonValuesReader(JsonReader):
    """Reads the elements of arrays, and objects outside of any; a number is the position among them."""

    format = "json"
    needed = "objects are needed"

    def _pieces(self) -> Iterator[Pieces]:
        """All values; damage to the compression is noted at the value that it cuts off."""
        held: list[Value] = []
        number = size = 0
        with self._source.open() as stream:
            try:
                for number, value in enumerate(find_values(stream, self._max_record), 1):
                    if value.damage is not None:
                        yield from _pieces_of(held, number - 1)
                        self._note(number, value.damage)
                    else:
                        held.append(value)
                        size += len(value.data or b"")
                        if size < BATCH_BYTES:
                            continue
                        yield from _pieces_of(held, number)
                    held, size = [], 0
            except damage_errors() as error:
                yield from _pieces_of(held, number)
                held = []
                self._note(number + 1, describe_damage(error))
        yield from _pieces_of(held, number)

    def _field_names(self) -> Iterator[Iterable[str]]:
        with self._source.open() as stream, contextlib.suppress(*damage_errors()):  # told when it is read
            for value in find_values(stream, self._max_record):
                yield object_of(value.data)


def _pieces_of(values: Sequence[Value], last: int) -> Iterator[Pieces]:
    """Values, if there are any, as pieces; `last` is the number of the last of them."""
    if values:
        starts, stops = np.array([value[:2] for value in values], np.int64).T
        numbers = last - len(values) + 1 + np.arange(len(values))
        yield Pieces(numbers, starts, stops, [value.data for value in values])
