"""Text: a file that is one article."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from dedup.article import Article
from dedup.errors import ReadError
from dedup.io.encoding import UTF16, is_utf8, is_utf16
from dedup.io.reader import Reader, Record, as_columns
from dedup.io.streams import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.io.batches import Batch
    from dedup.io.reader import Spans


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
        self.replaced += "\ufffd" in text and not is_utf8(data)
        yield Record(Article(text, id=self.name), 1, 0, len(data))

    def batches(self) -> Iterator[tuple[Batch, Spans]]:
        """The same article, as columns."""
        for record in self:
            yield as_columns([record])

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
        return read_whole(self._source, self._max_record)

    @staticmethod
    def _text_of(data: bytes) -> str:
        if is_utf16(data):
            raise ReadError("record", UTF16)
        if b"\0" in data:
            raise ReadError("record", "is no text: it has a NUL byte")
        text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
        if not text or text.isspace():
            raise ReadError("record", "no text: the file is empty")
        return text
