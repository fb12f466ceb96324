"""Text: a file that is one article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.article import Article
from dedup.errors import ReadError
from dedup.io.batches import Batch
from dedup.io.reader import Reader, Record, Spans
from dedup.io.streams import damage_errors, describe_damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class TextReader(Reader):
    """Reads one article: its id is the name of the input, its text what stands there."""

    format = "text"

    def __iter__(self) -> Iterator[Record]:
        try:
            data = self._read()
            text = self._text_of(data)
        except ReadError as error:
            self._note(1, error.reason)
            return
        self.replaced += "\ufffd" in text and not _is_utf8(data)
        yield Record(Article(text, id=self.name), 1, 0, len(data))

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same article, as columns."""
        for article, number, start, stop in self:
            columns = ([number], [start], [stop])
            yield Batch.of([article]), Spans(*(np.array(column, np.int64) for column in columns))

    def texts_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """The text in UTF-8."""
        for record in self.records_again(spans):
            yield record["text"].encode()

    def records_again(self, spans: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """Id and text."""
        for _ in spans:
            try:
                yield {"id": self.name, "text": self._text_of(self._read())}
            except ReadError as error:
                raise self._changed(error) from error

    def _field_names(self) -> Iterator[Iterable[str]]:
        yield "id", "text"

    def _read(self) -> bytes:
        """What stands in the file."""
        with self._source.open() as stream:
            try:
                data = stream.read(self._max_record + 1)
            except damage_errors() as error:
                raise ReadError("record", describe_damage(error)) from error
        if len(data) > self._max_record:
            raise ReadError("record", f"longer than {self._max_record:,} bytes; allow more with --max-record")
        return data

    @staticmethod
    def _text_of(data: bytes) -> str:
        if data.startswith(_WIDE):
            raise ReadError("record", "it is UTF-16; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it")
        if b"\0" in data:
            raise ReadError("record", "is no text: it has a NUL byte")
        text = data.removeprefix(_BOM).decode(errors="replace")
        if not text or text.isspace():
            raise ReadError("record", "no text: the file is empty")
        return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
