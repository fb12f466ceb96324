"""Objects of JSON: read by the fastest parser where that can be trusted, each with the bytes it came from."""

from __future__ import annotations

import json
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from dedup.errors import ReadError
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions, to_utf8
from dedup.io.encoding import UTF16, is_utf8, is_utf16
from dedup.io.reader import Reader, Record, Spans, as_columns


def plain_loads(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse strictly: what the standard decoder would put up with is looked at by the slow way."""
    return json.loads(data.decode())


fast_loads: Callable[[bytes], Any]
try:
    from orjson import loads as fast_loads
except ImportError:
    fast_loads = plain_loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dedup.article import Article
    from dedup.kernels.types import Offsets, Rows

_NAMES = ("id", "url", "source", "language")  # fields that are strings, or whole numbers for such
_WHOLE = {str, int, bool, type(None)}


class Pieces(NamedTuple):
    """Objects of a stream that stand one behind the other; int64 arrays.

    Attributes
    ----------
    numbers, starts, stops : ndarray of int64
        Number of each, and the bytes of the stream that it stands in.
    data : list of bytes or None
        None where it is longer than is read into memory.
    """

    numbers: Rows
    starts: Offsets
    stops: Offsets
    data: list[bytes | None]


class JsonReader(Reader):
    """Reads objects of JSON, wherever in the stream each stands."""

    #: What to say of a value that is no object.
    needed: ClassVar[str]

    @abstractmethod
    def _pieces(self) -> Iterator[Pieces]:
        """All that may be an object, many at a time."""

    def __iter__(self) -> Iterator[Record]:
        for pieces in self._pieces():
            yield from self._records(pieces)

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same articles, as columns of what a run needs of them."""
        for pieces in self._pieces():
            batch = self._batch(pieces.data)
            yield as_columns(self._records(pieces)) if batch is None else (batch, Spans(*pieces[:3]))

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """What is compared of the articles of such ranges, in UTF-8."""
        for parts in in_portions(self.pieces_again(spans), BATCH_BYTES, len):
            texts = self._texts(parts)
            yield from self._compared(map(object_of, parts)) if texts is None else texts

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """All fields of the records of such ranges; what is no UTF-8 is replaced."""
        return map(object_of, self.pieces_again(spans))

    def _records(self, pieces: Pieces) -> Iterator[Record]:
        places = zip(pieces.numbers.tolist(), pieces.starts.tolist(), pieces.stops.tolist(), strict=True)
        for (number, start, stop), data in zip(places, pieces.data, strict=True):
            if data is not None and not data.strip():
                continue
            try:
                article = self._article(data)
            except ReadError as error:
                self._note(number, error.reason)
                continue
            yield Record(article, number, start, stop)

    def _batch(self, data: Sequence[bytes | None]) -> Batch | None:
        """Batch of objects that are all of them articles with the usual fields."""
        try:
            records = [fast_loads(piece or b"") for piece in data]
        except (ValueError, RecursionError):
            return None
        found = batch_records(records, self._candidates)
        if found is None:
            return None
        batch, names = found
        self.names = {**names, **self.names}
        if "published" in names:
            self._note_dates((record.get(names["published"]) for record in records), batch.published)
        return batch

    def _texts(self, data: Sequence[bytes]) -> list[bytes] | None:
        """What is compared of objects that are all of them articles with the usual fields."""
        try:
            return batch_texts([fast_loads(piece) for piece in data], self._candidates)
        except (ValueError, RecursionError):
            return None

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
            if {type(record.get(names.get(field, ""))) for field in _NAMES} <= _WHOLE:
                return self._made(record, names)
        return self._read_slowly(data)

    def _read_slowly(self, data: bytes) -> Article:
        """Read with the standard library, which tells what is wrong, and with replacement for invalid UTF-8."""
        text = data.decode(errors="replace")
        try:
            record = json.loads(text)
        except RecursionError:
            raise ReadError("record", "JSON nested too deeply") from None
        except ValueError as error:
            reason = UTF16 if is_utf16(data) else self._why_broken(text, error)
            raise ReadError("record", reason) from error
        if not isinstance(record, dict):
            raise ReadError("record", f"a JSON {_KINDS.get(type(record), 'value')}; {self.needed}")
        article = self._made(record, self._names_of(record))
        # Lone surrogates are counted where the text is encoded.
        self.replaced += not is_utf8(data) and not to_utf8(article.compared)[1]
        return article

    def _why_broken(self, text: str, error: ValueError) -> str:
        """What to say of what can't be parsed."""
        return f"broken JSON: {error}" if text.lstrip().startswith("{") else f"no JSON; {self.needed}"


def object_of(data: bytes | None) -> dict[str, Any]:
    """Object that stands in some bytes; of what is none, one without fields."""
    text = (data or b"").decode(errors="replace")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        try:
            record = fast_loads(text.encode())  # goes deeper, and has read it if it is an article
        except (ValueError, RecursionError):
            return {}
    return record if isinstance(record, dict) else {}


_KINDS = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
