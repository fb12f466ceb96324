"""Readers: articles out of JSON lines, each with the place and the bytes it came from."""

from __future__ import annotations

import codecs
import contextlib
import json
import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from dedup.article import Article, Damaged, Place, article_of, candidate_names, resolve_names, told_names
from dedup.errors import ParameterError, ReadError
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions, to_utf8
from dedup.io.streams import MAX_RECORD, damage_errors, describe_damage, read_spans


def plain_loads(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse strictly: what the standard decoder would put up with is looked at by the slow way."""
    return json.loads(data.decode())


fast_loads: Callable[[bytes], Any]
try:
    from orjson import loads as fast_loads
except ImportError:
    fast_loads = plain_loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from io import BufferedIOBase

    from dedup.io.streams import Source
    from dedup.kernels.types import Offsets, Rows

OnError = Literal["raise", "skip"]
_WHOLE = {str, int, bool, type(None)}
_NEEDED = "JSON lines are needed, one object on each line"
_OF_AN_ARRAY, _OF_AN_OBJECT = "; jq -c '.[]' makes them of an array", "; jq -c . makes them"
_SHOWN = 40  # characters of a date that could not be read
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


class Record(NamedTuple):
    """An article and the bytes of its input, from `start` to `stop`, that it came from."""

    article: Article
    number: int
    start: int
    stop: int


class Spans(NamedTuple):
    """Line numbers of many records, and the bytes they came from; int64 arrays."""

    numbers: Rows
    starts: Offsets
    stops: Offsets


def read_blocks(stream: BufferedIOBase, max_record: int) -> Iterator[Block]:
    """Lines of a stream, many at a time, in bounded memory whatever their length; a byte order mark is in none."""
    number = 1
    chunk = stream.read(len(_BOM))
    position = 0
    if chunk == _BOM:
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
        yield from _lines_of(block)


def _lines_of(block: Block) -> Iterator[Line]:
    bounds = block.bounds.tolist()
    for place, line in enumerate(block.lines):
        yield Line(block.number + place, bounds[place], bounds[place + 1], line)


class JsonLinesReader:
    """Reads the articles of one input.

    Parameters
    ----------
    source : Source
        Where from; read once by iterating.
    fields : mapping of str to str, optional
        Field of an article to its name in the records.
    on_error : {"raise", "skip"}, default="raise"
        Whether a record that can't be read ends the reading or is put on `damaged`.
    max_record : int, default=64 MiB
        Longest line in bytes.

    Attributes
    ----------
    damaged : list of Damaged
        What was skipped.
    names : dict of str to str
        Field of an article to its name in the first record that has it.
    unread_dates : int
        Articles with a date that could not be read.
    unread_date : str or None
        The first of these.
    replaced : int
        Records with invalid UTF-8 or lone surrogates, read with replacement characters.
    """

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
        self.names: dict[str, str] = {}
        self.replaced = 0
        self.unread_dates = 0
        self.unread_date: str | None = None

    def __iter__(self) -> Iterator[Record]:
        for block in self._blocks():
            yield from self._records(block)

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns of what a run needs of them."""
        for block in self._blocks():
            batch = self._batch(block.lines)
            if batch is not None:
                numbers = block.number + np.arange(len(block.lines))
                yield batch, Spans(numbers, block.bounds[:-1], block.bounds[1:])
                continue
            records = list(self._records(block))
            places = [(record.number, record.start, record.stop) for record in records]
            columns = np.array(places, np.int64).reshape(-1, 3).T
            yield Batch.of(record.article for record in records), Spans(*columns)

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
        with self._source.open() as stream, contextlib.suppress(*damage_errors()):  # told when it is read
            for line in read_lines(stream, self._max_record):
                record = _object_of(line.data)
                keys.update(dict.fromkeys(record))
                wanted = {name: given for name, given in wanted.items() if given not in record}
                if not wanted:
                    return
        if keys:
            name, given = next(iter(wanted.items()))
            raise ParameterError(
                f"no record of {self._source.name} has {given!r}, {told_names(name, given, keys)}"
            )

    def read_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[Article]:
        """Articles of byte ranges that records were read from, ascending."""
        with self._source.open() as stream:
            for data in read_spans(stream, spans):
                try:
                    yield self._article(data)
                except ReadError as error:
                    raise self._changed(error) from error

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of the articles of such ranges, in UTF-8."""
        with self._source.open() as stream:
            for lines in in_portions(read_spans(stream, spans), BATCH_BYTES, len):
                texts = self._texts(lines)
                if texts is None:
                    try:
                        texts = Batch.of(map(self._article, lines)).texts
                    except ReadError as error:
                        raise self._changed(error) from error
                yield from texts

    def _changed(self, error: ReadError) -> ReadError:
        return ReadError(self._source.name, f"has changed since it was read: {error.reason}")

    def _blocks(self) -> Iterator[Block]:
        """Blocks of lines; damage to the compression is noted at the line that it cuts off."""
        number = 1
        with self._source.open() as stream:
            try:
                for block in read_blocks(stream, self._max_record):
                    yield block
                    number = block.number + len(block.lines)
            except damage_errors() as error:
                self._note(number, describe_damage(error))

    def _records(self, block: Block) -> Iterator[Record]:
        for line in _lines_of(block):
            if line.is_blank:
                continue
            try:
                article = self._article(line.data)
            except ReadError as error:
                self._note(line.number, error.reason)
                continue
            yield Record(article, line.number, line.start, line.stop)

    def _batch(self, lines: Sequence[bytes | None]) -> Batch | None:
        """Batch of lines that are all of them articles with the usual fields."""
        try:
            records = [fast_loads(line or b"") for line in lines]
        except (ValueError, RecursionError):
            return None
        found = batch_records(records, self._candidates)
        if found is None:
            return None
        batch, names = found
        self.names = {**names, **self.names}
        if "published" in names and any(map(math.isnan, batch.published)):
            for record, seconds in zip(records, batch.published, strict=True):
                if math.isnan(seconds):
                    self._note_date(record.get(names["published"]))
        return batch

    def _texts(self, lines: Sequence[bytes]) -> list[bytes] | None:
        """What is compared of lines that are all of them articles with the usual fields."""
        try:
            return batch_texts([fast_loads(line) for line in lines], self._candidates)
        except (ValueError, RecursionError):
            return None

    def _note(self, number: int, reason: str) -> None:
        if self._on_error == "raise":
            raise ReadError(self._source.name, reason, number)
        self.damaged.append(Damaged(Place(self._source.name, number), reason))

    def _article(self, data: bytes | None) -> Article:
        if data is None:
            raise ReadError("record", f"longer than {self._max_record:,} bytes; allow more with --max-record")
        try:
            record = fast_loads(data)
        except (ValueError, RecursionError):
            return self._read_slowly(data)
        if type(record) is dict:
            names = self._names_of(record)
            # A number may have lost digits where a name is wanted: the fast parser makes floats of the largest.
            if {type(record.get(names.get(field, ""))) for field in ("id", "url", "source")} <= _WHOLE:
                return self._made(record, names)
        return self._read_slowly(data)

    def _made(self, record: dict[str, Any], names: Mapping[str, str]) -> Article:
        article = article_of(record, names)
        if article.published is None and "published" in names:
            self._note_date(record[names["published"]])
        return article

    def _note_date(self, given: object) -> None:
        """Count a date that could not be read; where none is given, nothing."""
        if given is None or (isinstance(given, str) and not given.strip()):
            return
        self.unread_dates += 1
        if self.unread_date is None:
            self.unread_date = repr(given)[:_SHOWN]

    def _names_of(self, record: dict[str, Any]) -> dict[str, str]:
        names = resolve_names(record, self._fields)
        self.names = {**names, **self.names}
        return names

    def _read_slowly(self, data: bytes) -> Article:
        """Read with the standard library, which tells what is wrong, and with replacement for invalid UTF-8."""
        text = data.decode(errors="replace")
        try:
            record = json.loads(text)
        except RecursionError:
            raise ReadError("record", "JSON nested too deeply") from None
        except ValueError as error:
            raise ReadError("record", _why_broken(text, error)) from error
        if not isinstance(record, dict):
            advice = _OF_AN_ARRAY if isinstance(record, list) else ""
            raise ReadError("record", f"a JSON {_KINDS.get(type(record), 'value')}; {_NEEDED}{advice}")
        article = self._made(record, self._names_of(record))
        # Lone surrogates are counted where the text is encoded.
        self.replaced += not _is_utf8(data) and not to_utf8(article.compared)[1]
        return article


def _why_broken(text: str, error: ValueError) -> str:
    """What to say of a line that is no JSON: most likely its file is of another kind."""
    begin = text.strip()
    if begin.startswith("[") or begin == "{":  # JSON that is spread over lines
        return f"broken JSON: {error}; {_NEEDED}{_OF_AN_ARRAY if begin.startswith('[') else _OF_AN_OBJECT}"
    return f"broken JSON: {error}" if begin.startswith("{") else f"no JSON; {_NEEDED}"


def _object_of(data: bytes | None) -> dict[str, Any]:
    """Object of a line; of what is none, one without fields."""
    try:
        record = json.loads((data or b"").decode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


_KINDS = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
