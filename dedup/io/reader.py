"""What every reader of a format does: articles out of an input, each with its place, and its record once more."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, get_args

import numpy as np

from dedup.article import Article, Damaged, Place, article_of
from dedup.errors import ParameterError, ReadError
from dedup.fields import candidate_names, resolve_names, told_names
from dedup.io.batches import Batch
from dedup.io.streams import MAX_RECORD, copy_spans, read_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from dedup.io.streams import Source
    from dedup.kernels.types import Offsets, Rows

OnError = Literal["raise", "skip", "strict"]
_NOTED = "names", "replaced", "unread_dates", "unread_date"
_SHOWN = 40  # characters of a date that could not be read


class Record(NamedTuple):
    """An article and the part of its input, from `start` to `stop`, that it came from."""

    article: Article
    number: int
    start: int
    stop: int


class Spans(NamedTuple):
    """Numbers of many records, from 1, and the parts of the input they came from; int64 arrays.

    A part is a range of bytes of the decompressed stream, or of whatever else the reader finds a record again by;
    the parts ascend, and numbers and parts mean something to the reader alone that gave them.
    """

    numbers: Rows
    starts: Offsets
    stops: Offsets


class Reader(ABC):
    """Reads the articles of one input; a format is a class of its own.

    Parameters
    ----------
    source : Source
        Where from; opened anew each time that something is read.
    fields : mapping of str to str, optional
        Field of an article to its name in the records.
    on_error : {"raise", "skip", "strict"}, default="raise"
        Whether a record that can't be read ends the reading or is put on `damaged`. Crawls are never whole: what is
        damaged in a WARC file, or holds no page, is put there too, unless it is "strict".
    max_record : int, default=64 MiB
        Longest record in bytes.

    Attributes
    ----------
    format : str
        One of :data:`dedup.io.formats.FORMATS`.
    damaged : list of Damaged
        What was skipped.
    not_html : list of Damaged
        Of crawls: answers that are no pages.
    names : dict of str to str
        Field of an article to its name in the first record that has it.
    unread_dates : int
        Articles with a date that could not be read.
    unread_date : str or None
        The first of these.
    replaced : int
        Records with invalid UTF-8 or lone surrogates, read with replacement characters.
    """

    format: ClassVar[str]

    def __init__(
        self,
        source: Source,
        fields: Mapping[str, str] | None = None,
        on_error: OnError = "raise",
        max_record: int = MAX_RECORD,
    ) -> None:
        if on_error not in get_args(OnError):
            raise ParameterError(f"on_error is {on_error!r}; it is one of {', '.join(get_args(OnError))}")
        if max_record < 1:
            raise ParameterError(f"max_record is {max_record}; at least 1 byte is needed")
        self._candidates = candidate_names(fields or {})
        self._source = source
        self._fields = dict(fields or {})
        self._on_error = on_error
        self._max_record = max_record
        self.damaged: list[Damaged] = []
        self.not_html: list[Damaged] = []
        self.names: dict[str, str] = {}
        self.replaced = 0
        self.unread_dates = 0
        self.unread_date: str | None = None

    @property
    def name(self) -> str:
        """Name of the input."""
        return self._source.name

    @property
    def compression(self) -> str | None:
        """Compression of the input: "gzip", "zstd" or None."""
        return self._source.compression

    @abstractmethod
    def __iter__(self) -> Iterator[Record]:
        """Articles one by one; what is no article is noted as damaged."""

    @abstractmethod
    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns of what a run needs of them."""

    @abstractmethod
    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of the articles of such parts, ascending, in UTF-8."""

    @abstractmethod
    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """All fields of the records of such parts, ascending, as the format has them."""

    def begin(self) -> int:
        """Begin to read, where that goes on beside other work; returns how many bytes it holds for that. Here: nothing."""
        return 0

    def pieces_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Bytes of such parts, ascending, where parts are ranges of bytes."""
        with self._source.open() as stream:
            yield from read_spans(stream, spans)

    def copy(self, spans: Iterable[tuple[int, int]], output: BinaryIO) -> None:
        """Copy such parts, ascending, byte for byte, where they are ranges of bytes; a last line without an end gets one."""
        copy_spans(self._source, spans, output)

    def state(self) -> dict[str, Any] | None:
        """How far reading of batches has come, as JSON can hold it; None where it begins anew each time, as here."""
        return None

    def go_on(self, state: Mapping[str, Any]) -> None:
        """Read on from such a state when batches are asked for next; of those who have one."""
        raise NotImplementedError(state)

    def position(self, stop: int) -> int:
        """How many bytes of the decompressed stream have been read where a part stops."""
        return stop

    @abstractmethod
    def _field_names(self) -> Iterator[Iterable[str]]:
        """Names of the fields of each record, or once those that all records have; up to where the input is damaged."""

    def check_names(self) -> None:
        """Look for the names that the user gave; where there are none, nothing is read.

        Raises
        ------
        ParameterError
            If there are records and one of the names stands in none.
        """
        wanted, keys = dict(self._fields), dict[str, None]()
        if not wanted:
            return
        for names in self._field_names():
            present = dict.fromkeys(names)
            keys.update(present)
            wanted = {name: given for name, given in wanted.items() if given not in present}
            if not wanted:
                return
        if keys:
            name, given = next(iter(wanted.items()))
            raise ParameterError(
                f"no record of {self._source.name} has {given!r}, {told_names(name, given, keys)}"
            )

    def _noted(self) -> dict[str, Any]:
        """What was noted of the records so far."""
        return {"damaged": [row_of(item) for item in self.damaged]} | {
            name: getattr(self, name) for name in _NOTED
        }

    def _note_again(self, state: Mapping[str, Any]) -> None:
        """Take over what was noted."""
        self.damaged = [damaged_of(row) for row in state["damaged"]]
        for name in _NOTED:
            setattr(self, name, state[name])

    def _changed(self, error: ReadError) -> ReadError:
        return ReadError(self._source.name, f"has changed since it was read: {error.reason}")

    def _note(self, number: int, reason: str) -> None:
        """Note a record that can't be read, or end the reading."""
        if self._on_error != "skip":
            raise ReadError(self._source.name, reason, number)
        self.damaged.append(Damaged(Place(self._source.name, number), reason))

    def _made(self, record: Mapping[str, Any], names: Mapping[str, str]) -> Article:
        """Article of a record whose names are known; a date that can't be read is counted."""
        article = article_of(record, names)
        if article.published is None and "published" in names:
            self._note_date(record[names["published"]])
        return article

    def _compared(self, records: Iterable[Mapping[str, Any]]) -> Sequence[bytes]:
        """What is compared of records that are read again, in UTF-8; what was noted of them the first time stands."""
        try:
            return Batch.of(
                article_of(record, resolve_names(record, self._fields)) for record in records
            ).texts
        except ReadError as error:
            raise self._changed(error) from error

    def _note_date(self, given: object) -> None:
        """Count a date that could not be read; where none is given, nothing."""
        if given is None or (isinstance(given, str) and not given.strip()):
            return
        self.unread_dates += 1
        if self.unread_date is None:
            self.unread_date = repr(given)[:_SHOWN]

    def _note_dates(self, given: Iterable[object], seconds: Sequence[float]) -> None:
        """Count the dates of a batch that could not be read."""
        if not any(map(math.isnan, seconds)):
            return
        for value, moment in zip(given, seconds, strict=True):
            if math.isnan(moment):
                self._note_date(value)

    def _names_of(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Names of the fields in a record."""
        names = resolve_names(record, self._fields)
        self.names = {**names, **self.names}
        return names


def as_columns(records: Iterable[Record]) -> tuple[Batch, Spans]:
    """Records that were read one by one, as a batch."""
    read = list(records)
    columns = np.array([record[1:] for record in read], np.int64).reshape(-1, 3).T
    return Batch.of(record.article for record in read), Spans(*columns)


def row_of(item: Damaged) -> list[Any]:
    """What was left out, as JSON has it."""
    return [item.place.input, item.place.record, item.reason, item.offset, item.kind]


def damaged_of(row: Sequence[Any]) -> Damaged:
    """The same again."""
    name, record, *rest = row
    return Damaged(Place(name, record), *rest)
