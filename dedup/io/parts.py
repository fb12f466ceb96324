"""Parts: records of one input on their way to an output."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.errors import ReadError
from dedup.io.marks import without_marks
from dedup.text.strings import spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from dedup.io.marks import Mark, Marker
    from dedup.io.reader import Reader
    from dedup.kernels.types import Offsets, Rows


class Part(NamedTuple):
    """Records of one input that go to one output.

    Attributes
    ----------
    reader : Reader
        Reads them again.
    rows : ndarray of int64
        Their rows, ascending.
    starts, stops : ndarray of int64
        Where the reader finds them.
    marker : callable, optional
        What is said of rows, where records are marked.
    """

    reader: Reader
    rows: Rows
    starts: Offsets
    stops: Offsets
    marker: Marker | None = None

    @property
    def format(self) -> str:
        """Format of the input."""
        return self.reader.format

    @property
    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each stands."""
        return pairs_of(self.starts, self.stops)

    def marks(self) -> Iterator[Mark | None]:
        """What is said of each."""
        return repeat(None, len(self.rows)) if self.marker is None else self.marker(self.rows)

    def records(self) -> Iterator[dict[str, Any]]:
        """All fields of each, as its format has them; where they are to be marked, without the marks they have.

        Raises
        ------
        ReadError
            If one can't be read again, which may be where a fast parser goes deeper than a thorough one.
        """
        for record in self.reader.records_again(self.spans):
            if not record:
                raise ReadError(
                    self.reader.name, "a record is nested too deeply to convert; write JSON lines"
                )
            yield record if self.marker is None else without_marks(record)

    def pieces(self) -> Iterator[bytes]:
        """Bytes of each as they stand; of formats whose records are ranges of bytes."""
        return self.reader.pieces_again(self.spans)

    def copy(self, output: BinaryIO) -> None:
        """Copy them as they stand."""
        if len(self.rows):
            self.reader.copy(_joined(self.starts, self.stops), output)


def pairs_of(starts: Offsets, stops: Offsets) -> Iterator[tuple[int, int]]:
    """Ranges, of which a few are objects at once."""
    for span in spans_of(len(starts)):
        yield from zip(starts[span].tolist(), stops[span].tolist(), strict=True)


def _joined(starts: Offsets, stops: Offsets) -> Iterator[tuple[int, int]]:
    """Ranges, ascending; those that touch as one."""
    parted = starts[1:] != stops[:-1]
    return pairs_of(starts[np.append(True, parted)], stops[np.append(parted, True)])
