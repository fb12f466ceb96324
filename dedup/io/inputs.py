"""Inputs: all files of a run, read once for their articles and once more for the lines to keep."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from dedup.io.ahead import begun
from dedup.io.formats import reader_of
from dedup.io.pagereader import Extracts
from dedup.io.parts import Part, pairs_of
from dedup.io.reader import Spans, damaged_of, row_of
from dedup.io.streams import Source
from dedup.progress import Teller
from dedup.storage import MEMORY
from dedup.text.strings import spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from dedup.article import Damaged
    from dedup.io.batches import Batch
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.marks import Marker
    from dedup.io.reader import OnError, Reader
    from dedup.kernels.types import Offsets, Rows, Rows32
    from dedup.progress import Progress
    from dedup.storage import Storage


#: What is noted of inputs, beside what is damaged.
_LEFT_OUT = ("damaged", "not_html")
_NOTED = ("fields", "replaced", "unread_dates", "unread_date")


class Places(NamedTuple):
    """Where each article stands: input (int32), line, and bytes of the input (int64 arrays)."""

    files: Rows32
    numbers: Rows
    starts: Offsets
    stops: Offsets


class Inputs:
    """The inputs of a run, and where in them each article stands.

    Parameters
    ----------
    names : sequence of str
        As :func:`dedup.io.streams.expand_inputs` gives them.
    fields, on_error, max_record
        As :class:`dedup.io.reader.Reader` takes them.
    progress : callable, optional
        Gets a :class:`dedup.Progress` now and then.
    input_format : str, optional
        One of :data:`dedup.io.formats.FORMATS`, for all inputs; each is guessed without.
    extractor : Extractor or str, optional
        What extracts the articles of pages.
    storage : Storage, optional
        Where it lies where each article stands. Default: in memory.

    Attributes
    ----------
    damaged : list of Damaged
        Records that were skipped.
    not_html : list of Damaged
        Answers of crawls that are no pages.
    fields : dict of str to dict of str to str
        Names of the fields found in each input, and its format where that is not JSON lines.
    replaced : int
        Records with invalid UTF-8.
    unread_dates : int
        Articles with a date that could not be read.
    unread_date : str or None
        The first of these.
    size : int
        Bytes of the files together, as they lie there.
    tell : Teller
        Tells how far the work has come that the inputs are read for.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - as the run has them
        self,
        names: Sequence[str],
        fields: Mapping[str, str] | None,
        on_error: OnError,
        max_record: int,
        progress: Callable[[Progress], object] | None = None,
        input_format: Format | None = None,
        extractor: Extractor | str | None = None,
        storage: Storage = MEMORY,
    ) -> None:
        self.names = names
        self._files = storage.appender(np.int32)
        self._places = [storage.appender(np.int64) for _ in Spans._fields]
        self._come = 0, 0  # input, and batches of it
        self._goes_on = False  # whether its reader begins behind these
        self.damaged: list[Damaged] = []
        self.not_html: list[Damaged] = []
        self.fields: dict[str, dict[str, str]] = {}
        self.replaced = 0
        self.unread_dates = 0
        self.unread_date: str | None = None
        self.tell = Teller(progress)
        self._sources = [Source(name) for name in names]
        self._extracts = Extracts(extractor, storage.log("pages"))
        self._reading = input_format, fields, on_error, max_record, self._extracts
        self._open = ExitStack()
        self.size = sum(source.size for source in self._sources)
        if all(Path(name).is_file() for name in names):
            _ = self.readers  # what is wrong with a file is told at once

    @cached_property
    def readers(self) -> list[Reader]:
        """Reads each input. What can be read once only is read to its end when they are asked for: after outputs are made."""
        return [reader_of(source, *self._reading) for source in self._sources]

    @property
    def formats(self) -> list[str]:
        """Format of each input."""
        return [reader.format for reader in self.readers]

    def __enter__(self) -> Self:
        self._open.callback(self._extracts.close)
        for source in self._sources:
            self._open.callback(source.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def batches(self) -> Iterator[Batch]:
        """All articles, input by input."""
        return (batch for batch, *_ in self.placed())

    def placed(self, *, remember: bool = True) -> Iterator[tuple[Batch, str, Rows]]:
        """All articles, input by input, with the name of the input and the line of each.

        Where they stand is remembered, for what is read again by rows, or not.
        """
        for reader in self.readers:
            reader.check_names()
        first, done = self._come
        for file, (source, reader) in enumerate(zip(self._sources, begun(self.readers, first), strict=True)):
            if file < first:
                continue
            read = done if file == first and self._goes_on else 0  # batches that it does not read again
            for number, (batch, spans) in enumerate(self._told(file, "reading"), read + 1):
                if file == first and number <= done:
                    continue
                if remember:
                    self._remember(file, spans)
                self._come = file, number
                yield batch, source.name, spans.numbers
            self.damaged += reader.damaged
            self.not_html += reader.not_html
            told = {} if reader.format == "jsonl" else {"format": reader.format}
            self.fields[source.name] = told | reader.names
            self.replaced += reader.replaced
            self.unread_dates += reader.unread_dates
            self.unread_date = self.unread_date or reader.unread_date
            self._come = file + 1, 0

    def state(self) -> dict[str, Any]:
        """How far reading has come, and what was noted of the inputs that are read to their end."""
        file, done = self._come
        return {
            "come": self._come,
            "reader": self.readers[file].state() if done else None,
            **{name: [row_of(item) for item in getattr(self, name)] for name in _LEFT_OUT},
            **{name: getattr(self, name) for name in _NOTED},
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._come = tuple(state["come"])
        self._goes_on = state["reader"] is not None
        if self._goes_on:
            self.readers[self._come[0]].go_on(state["reader"])
        for name in _LEFT_OUT:
            setattr(self, name, [damaged_of(row) for row in state[name]])
        for name in _NOTED:
            setattr(self, name, state[name])

    @property
    def left_out(self) -> list[Damaged]:
        """What was skipped, and answers of crawls that are no pages; in the order of the inputs."""
        order = {name: place for place, name in enumerate(self.names)}
        both = [*self.damaged, *self.not_html]
        return sorted(both, key=lambda item: (order[item.place.input], item.place.record))

    @property
    def crawled(self) -> dict[str, int]:
        """Counts of what was left out of crawls."""
        kinds = Counter(item.kind for item in self.damaged)
        return {
            "records_damaged": kinds["damaged"],
            "records_truncated": kinds["truncated"],
            "records_not_html": len(self.not_html),
        }

    def again(self, stage: str = "reading") -> Iterator[tuple[Batch, str, Rows]]:
        """The same once more, for a stage of the work; what was noted of them the first time stands."""
        for file, source in enumerate(self._sources):
            for batch, spans in self._told(file, stage):
                yield batch, source.name, spans.numbers

    def _told(self, file: int, stage: str) -> Iterator[tuple[Batch, Spans]]:
        """Batches of an input; how far reading has come is told, in bytes of the files as they lie there."""
        reader, source = self.readers[file], self._sources[file]
        compressed = source.compression is not None
        before, after, total = self._bytes_until[file], self._bytes_until[file + 1], self._bytes_until[-1]
        self.tell(stage, before, total)
        for batch, spans in reader.batches():
            if compressed:
                self.tell(stage, before + source.position, total)
            elif len(spans.stops):
                self.tell(stage, before + reader.position(int(spans.stops[-1])), total)
            yield batch, spans
        self.tell(stage, after, total)

    @cached_property
    def _bytes_until(self) -> list[int]:
        """Bytes of the files before each, and of all; of a pipe they are known as soon as it was looked into."""
        return list(accumulate((source.size for source in self._sources), initial=0))

    @cached_property
    def places(self) -> Places:
        """Where each article stands; asked for when all are read."""
        return Places(self._files.finish(), *(column.finish() for column in self._places))

    def _remember(self, file: int, spans: Spans) -> None:
        self._files.append(np.full(len(spans.numbers), file, np.int32))
        for column, found in zip(self._places, spans, strict=True):
            column.append(found)

    def texts(self, rows: Rows) -> Iterator[bytes]:
        """Texts of ascending rows, read again."""
        for reader, mine in zip(self.readers, self._by_file(rows), strict=True):
            if len(mine):
                yield from reader.texts_again(self._bounds(mine))

    def place_of(self, row: int) -> str:
        """Where an article stands, as ``input:record``."""
        return f"{self.names[self.places.files[row]]}:{self.places.numbers[row]}"

    def parts(self, rows: Rows, marker: Marker | None = None) -> list[Part]:
        """Ascending rows, input by input; one part for each input, with none or some of them."""
        places = self.places
        return [
            Part(reader, mine, places.starts[mine], places.stops[mine], marker)
            for reader, mine in zip(self.readers, self._by_file(rows), strict=True)
        ]

    def _by_file(self, rows: Rows) -> list[Rows]:
        """Ascending rows, input by input."""
        cuts = np.searchsorted(self.places.files[rows], np.arange(len(self.readers) + 1, dtype=np.int32))
        return [rows[start:stop] for start, stop in pairwise(cuts.tolist())]

    def _bounds(self, rows: Rows) -> Iterator[tuple[int, int]]:
        """Byte ranges of rows."""
        for span in spans_of(len(rows)):
            yield from pairs_of(self.places.starts[rows[span]], self.places.stops[rows[span]])
