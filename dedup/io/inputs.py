"""Inputs: all files of a run, read once for their articles and once more for the lines to keep."""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from dedup.io.intake import to_utf8
from dedup.io.readers import JsonLinesReader
from dedup.io.streams import Source, copy_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import BinaryIO

    from dedup.article import Article, Damaged
    from dedup.io.readers import OnError
    from dedup.kernels.types import Rows

_PROGRESS_STEP = 1 << 20


class Inputs:
    """The inputs of a run, and where in them each article stands.

    Parameters
    ----------
    names : sequence of str
        As :func:`dedup.io.streams.expand_inputs` gives them.
    fields, on_error, max_record
        As :class:`dedup.io.readers.JsonLinesReader` takes them.
    progress : callable, optional
        Called now and then with the number of bytes read since the last call.

    Attributes
    ----------
    files, numbers : array of int
        File and record number of each article.
    damaged : list of Damaged
        Records that were skipped.
    fields : dict of str to dict of str to str
        Names of the fields found in each input.
    replaced : int
        Records with invalid UTF-8.
    size : int
        Bytes of the plain files together.
    """

    def __init__(
        self,
        names: Sequence[str],
        fields: Mapping[str, str] | None,
        on_error: OnError,
        max_record: int,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.names = names
        self.files, self.numbers = array("q"), array("q")
        self._starts, self._stops = array("q"), array("q")
        self.damaged: list[Damaged] = []
        self.fields: dict[str, dict[str, str]] = {}
        self.replaced = 0
        self._progress = progress
        self._sources = [Source(name) for name in names]
        self._readers = [JsonLinesReader(source, fields, on_error, max_record) for source in self._sources]
        self._open = ExitStack()
        self.size = sum(source.size for source in self._sources)

    def __enter__(self) -> Self:
        for source in self._sources:
            self._open.callback(source.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def articles(self) -> Iterator[Article]:
        """All articles, input by input."""
        for file, (source, reader) in enumerate(zip(self._sources, self._readers, strict=True)):
            reported = 0
            for article, number, start, stop in reader:
                self.files.append(file)
                self.numbers.append(number)
                self._starts.append(start)
                self._stops.append(stop)
                if self._progress is not None and stop - reported >= _PROGRESS_STEP:
                    self._progress(stop - reported)
                    reported = stop
                yield article
            self.damaged += reader.damaged
            self.fields[source.name] = reader.names
            self.replaced += reader.replaced

    def texts(self, rows: Rows) -> Iterator[bytes]:
        """Texts of ascending rows, read again."""
        wanted = rows.tolist()
        for file, reader in enumerate(self._readers):
            mine = [row for row in wanted if self.files[row] == file]
            if mine:
                spans = [(self._starts[row], self._stops[row]) for row in mine]
                for article in reader.read_again(spans):
                    yield to_utf8(article.compared)[0]

    def place_of(self, row: int) -> str:
        """Where an article stands, as ``input:record``."""
        return f"{self.names[self.files[row]]}:{self.numbers[row]}"

    def copy(self, kept: Rows, output: BinaryIO) -> None:
        """Copy the lines of the articles that are their own canonical."""
        spans: list[list[tuple[int, int]]] = [[] for _ in self._sources]
        for row, file, start, stop, keeper in zip(
            range(len(kept)), self.files, self._starts, self._stops, kept.tolist(), strict=True
        ):
            if keeper == row:
                spans[file].append((start, stop))
        for source, mine in zip(self._sources, spans, strict=True):
            if mine:
                copy_spans(source, mine, output)
