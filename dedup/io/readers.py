"""Readers: articles out of JSON lines, each with the place and the bytes it came from."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from dedup.article import Article, Damaged, Place, article_of, candidate_names, resolve_names
from dedup.errors import ParameterError, ReadError
from dedup.io.intake import to_utf8
from dedup.io.streams import damage_errors, describe_damage


def plain_loads(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse strictly: what the standard decoder would put up with is looked at by the slow way."""
    return json.loads(data.decode())


fast_loads: Callable[[bytes], Any]
try:
    from orjson import loads as fast_loads
except ImportError:
    fast_loads = plain_loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import BinaryIO

    from dedup.io.streams import Source

OnError = Literal["raise", "skip"]
#: Longest record that is read into memory, in bytes.
MAX_RECORD = 64 << 20
_BLOCK = 1 << 20
_MOST_LAYOUTS = 1000
_BOM = codecs.BOM_UTF8


class Line(NamedTuple):
    """A line of a stream: its number from 1, where it begins and ends (its line end included), and its bytes.

    The bytes are None where the line is longer than is read into memory.
    """

    number: int
    start: int
    stop: int
    data: bytes | None


class Record(NamedTuple):
    """An article and the bytes of its input, from `start` to `stop`, that it came from."""

    article: Article
    number: int
    start: int
    stop: int


def read_lines(stream: BinaryIO, max_record: int) -> Iterator[Line]:
    """Lines of a stream, in bounded memory whatever their length; a byte order mark belongs to none."""
    position = number = 0
    limit = max_record + 1 + len(_BOM)  # with the line end and what may stand before the first line
    while data := stream.readline(limit):
        if number == 0 and data.startswith(_BOM):
            data = data[len(_BOM) :]
            position = len(_BOM)
            if not data:
                return
        number += 1
        stop = position + len(data)
        if len(data) > max_record + data.endswith(b"\n"):
            while data and not data.endswith(b"\n"):
                data = stream.readline(_BLOCK)
                stop += len(data)
            yield Line(number, position, stop, None)
        else:
            yield Line(number, position, stop, data)
        position = stop


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
        Field of an article to its name in the first record.
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
        candidate_names(fields or {})
        self._source = source
        self._fields = dict(fields or {})
        self._on_error = on_error
        self._max_record = max_record
        self.damaged: list[Damaged] = []
        self.names: dict[str, str] = {}
        self._layouts: dict[tuple[str, ...], dict[str, str]] = {}
        self.replaced = 0

    def __iter__(self) -> Iterator[Record]:
        number = 0
        with self._source.open() as stream:
            try:
                for line in read_lines(stream, self._max_record):
                    number = line.number
                    if line.data is not None and line.data.isspace():
                        continue
                    try:
                        article = self._article(line.data)
                    except ReadError as error:
                        self._note(number, error.reason)
                        continue
                    yield Record(article, number, line.start, line.stop)
            except damage_errors() as error:
                self._note(number + 1, describe_damage(error))

    def read_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[Article]:
        """Articles of byte ranges that records were read from, ascending."""
        with self._source.open() as stream:
            for start, stop in spans:
                stream.seek(start)
                try:
                    yield self._article(stream.read(stop - start))
                except ReadError as error:
                    raise ReadError(
                        self._source.name, f"has changed since it was read: {error.reason}"
                    ) from error

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
            # A number for an id may have lost digits: the fast parser makes floats of the largest.
            if type(record.get(names.get("id", ""))) is not float:
                return article_of(record, names)
        return self._read_slowly(data)

    def _names_of(self, record: dict[str, Any]) -> dict[str, str]:
        """Names of the fields; looked for once for all records with the same keys and no null."""
        if None in record.values():
            names = resolve_names(record, self._fields)
        else:
            layout = tuple(record)
            names = self._layouts.get(layout) or resolve_names(record, self._fields)
            if len(self._layouts) < _MOST_LAYOUTS:
                self._layouts[layout] = names
        self.names = self.names or names
        return names

    def _read_slowly(self, data: bytes) -> Article:
        """Read with the standard library, which tells what is wrong, and with replacement for invalid UTF-8."""
        text = data.decode(errors="replace")
        try:
            record = json.loads(text)
        except RecursionError:
            raise ReadError("record", "JSON nested too deeply") from None
        except ValueError as error:
            raise ReadError("record", f"broken JSON: {error}") from error
        if not isinstance(record, dict):
            raise ReadError("record", f"a JSON {_KINDS.get(type(record), 'value')}, an object is needed")
        article = article_of(record, self._names_of(record))
        # Lone surrogates are counted where the text is encoded.
        self.replaced += not _is_utf8(data) and not to_utf8(article.compared)[1]
        return article


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


_KINDS = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
