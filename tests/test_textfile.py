"""Text: a file that is one article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dedup.errors import ReadError
from dedup.io.streams import Source
from dedup.io.textfile import TextReader

if TYPE_CHECKING:
    from pathlib import Path


def reader_of(path: Path, data: bytes, **options: object) -> TextReader:
    path.write_bytes(data)
    return TextReader(Source(str(path)), **options)  # type: ignore[arg-type]


def test_a_file_is_one_article_that_is_called_as_it_is(tmp_path: Path) -> None:
    reader = reader_of(tmp_path / "rain.txt", b"\xef\xbb\xbfRain in the north.\nIt rains.\n")
    ((batch, spans),) = reader.batches()
    assert (batch.ids, batch.texts) == ([str(tmp_path / "rain.txt")], [b"Rain in the north.\nIt rains.\n"])
    assert [column.tolist() for column in spans] == [[1], [0], [32]]
    assert list(reader.texts_again([(0, 32)])) == batch.texts
    assert list(reader.records_again([(0, 32)])) == [{"id": batch.ids[0], "text": batch.texts[0].decode()}]


def test_what_is_no_utf_8_is_replaced_and_counted(tmp_path: Path) -> None:
    reader = reader_of(tmp_path / "x.txt", "Grüße\ufffd".encode() + b"\xff")
    assert [record.article.text for record in reader] == ["Grüße\ufffd\ufffd"]
    assert reader.replaced == 1
    whole = reader_of(tmp_path / "x.txt", "Grüße\ufffd".encode())
    assert [record.article.text for record in whole] == ["Grüße\ufffd"]
    assert whole.replaced == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no text: the file is empty"),
        (b" \n\t", "no text: the file is empty"),
        (b"Rain\0", "it has a NUL byte"),
        ("Rain".encode("utf-16"), "it is UTF-16; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it"),
        (b"Rain" * 30, "longer than 100 bytes; allow more with --max-record"),
        (b"\x1f\x8b\x08\x00broken", "the compressed data"),
    ],
)
def test_what_is_no_text_is_damaged(tmp_path: Path, data: bytes, reason: str) -> None:
    reader = reader_of(tmp_path / "x.txt", data, on_error="skip", max_record=100)
    assert list(reader.batches()) == []
    assert [(item.place.record, reason in item.reason) for item in reader.damaged] == [(1, True)]
    with pytest.raises(ReadError, match=r"x\.txt:1: "):
        list(reader_of(tmp_path / "x.txt", data, max_record=100))
