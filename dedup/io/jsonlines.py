"""JSON lines: an object on each line, each article with the bytes it came from."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import ReadError
from dedup.io.batches import BATCH_BYTES, Batch, batch_records, batch_texts, in_portions, to_utf8
from dedup.io.lines import lines_of, read_blocks, read_lines
from dedup.io.reader import Reader, Record, Spans
from dedup.io.streams import copy_spans, damage_errors, describe_damage, read_spans


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
    from typing import BinaryIO

    from dedup.article import Article
    from dedup.io.lines import Block

_NAMES = ("id", "url", "source", "language")  # fields that are strings, or whole numbers for such
_WHOLE = {str, int, bool, type(None)}
_NEEDED = "JSON lines are needed, one object on each line"
_OF_AN_ARRAY, _OF_AN_OBJECT = "; jq -c '.[]' makes them of an array", "; jq -c . makes them"


class JsonLinesReader(Reader):
    """Reads an object from each line that is not blank; a number is that of a line."""

    format = "jsonl"

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

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """All fields of the records of such ranges; what is no UTF-8 is replaced."""
        with self._source.open() as stream:
            for data in read_spans(stream, spans):
                yield _object_of(data)

    def copy(self, spans: Iterable[tuple[int, int]], output: BinaryIO) -> None:
        """Copy the lines, byte for byte; a last line without a line end gets one."""
        copy_spans(self._source, spans, output)

    def _field_names(self) -> Iterator[Iterable[str]]:
        with self._source.open() as stream, contextlib.suppress(*damage_errors()):  # told when it is read
            for line in read_lines(stream, self._max_record):
                yield _object_of(line.data)

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
        for line in lines_of(block):
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
        if "published" in names:
            self._note_dates((record.get(names["published"]) for record in records), batch.published)
        return batch

    def _texts(self, lines: Sequence[bytes]) -> list[bytes] | None:
        """What is compared of lines that are all of them articles with the usual fields."""
        try:
            return batch_texts([fast_loads(line) for line in lines], self._candidates)
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
