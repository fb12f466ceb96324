from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError, ReadError
from dedup.io.batches import Batch
from dedup.io.csv_output import write_csv, write_tsv
from dedup.io.delimited import CsvReader, DelimitedReader, TsvReader
from dedup.io.marks import MARK_FIELDS, Mark
from dedup.io.parts import Part
from dedup.io.streams import Source, zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dedup.kernels.types import Rows

NAMES = ["id", "text", "title", "note"]
HEAD = b"id,text,title,date\n"


class Made:
    """Bytes as an input, read in steps of a size."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def source(self) -> Source:
        source = Source("made.csv")
        source._open_raw = lambda: io.BytesIO(self.data)  # type: ignore[method-assign]
        return source

    def reader(self, kind: type[DelimitedReader] = CsvReader, **options: Any) -> DelimitedReader:
        return kind(self.source(), **options)


def reader_of(data: bytes, kind: type[DelimitedReader] = CsvReader, **options: Any) -> DelimitedReader:
    return Made(data).reader(kind, **options)


def skipping(data: bytes, kind: type[DelimitedReader] = CsvReader, **options: Any) -> DelimitedReader:
    return reader_of(data, kind, on_error="skip", **options)


def ids(reader: DelimitedReader) -> list[str | None]:
    return [record.article.id for record in reader]


def told(reader: DelimitedReader) -> dict[int, str]:
    return {item.place.record: item.reason for item in reader.damaged}


def rows_of(reader: DelimitedReader) -> tuple[Batch, list[tuple[int, int, int]]]:
    """All batches as one, and the places."""
    found = list(reader.batches())
    places = [
        place
        for _, spans in found
        for place in zip(spans.numbers.tolist(), spans.starts.tolist(), spans.stops.tolist(), strict=True)
    ]
    return Batch.join([Batch.of([]), *(batch for batch, _ in found)]), places


# Tables


def written(rows: Sequence[Sequence[str]], delimiter: str, end: str, quoting: Any) -> bytes:
    """Table as the standard library writes it; a bare carriage return is quoted with every line end."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerows(rows)
    if end == "\r\n":
        return out.getvalue().encode()
    parts = []
    for row in rows:
        one = io.StringIO()
        csv.writer(one, delimiter=delimiter, quoting=quoting).writerow(row)
        parts.append(one.getvalue()[:-2] + end)
    return "".join(parts).encode()


cells = st.text(
    st.sampled_from("a\",;|\t\r\n 'é新") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)
tables = st.lists(st.lists(cells, min_size=len(NAMES), max_size=len(NAMES)), max_size=8)
delimiters = st.sampled_from(
    [(CsvReader, ","), (CsvReader, ";"), (CsvReader, "|"), (CsvReader, "\t"), (TsvReader, "\t")]
)
quotings = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


@given(
    tables,
    delimiters,
    st.sampled_from(["\n", "\r\n"]),
    quotings,
    st.integers(1, 40),
    st.sampled_from([(b"", True), (b"\xef\xbb\xbf", True), (b"", False)]),
)
def test_a_table_is_read_as_it_was_written(
    table: list[list[str]],
    kind: tuple[type[DelimitedReader], str],
    end: str,
    quoting: int,
    step: int,
    begin: tuple[bytes, bool],
) -> None:
    table = [row for row in table if row[1] or row[2]]
    bom, is_ended = begin
    data = bom + written([NAMES, *table], kind[1], end, quoting)
    if not is_ended:
        data = data[: -len(end)]
    with patch("dedup.io.lines.BATCH_BYTES", step):
        reader = reader_of(data, kind[0])
        one_by_one = list(reader)
        batch, places = rows_of(reader)
        whole_batch, whole_places = rows_of(reader_of(data, kind[0]))
        spans = [place[1:] for place in places]
        again = list(reader.records_again(spans))
        assert [[record[name] or "" for name in NAMES] for record in again] == table
        assert list(reader.texts_again(spans)) == batch.texts
        copied = io.BytesIO()
        reader.copy(spans, copied)
    assert [record.article.text for record in one_by_one] == [row[1] for row in table]
    assert [record.article.title or "" for record in one_by_one] == [row[2] for row in table]
    assert batch == whole_batch == Batch.join([Batch.of(record.article for record in one_by_one)])
    assert places == whole_places == [(record.number, record.start, record.stop) for record in one_by_one]
    assert reader.header == NAMES
    assert reader.delimiter == kind[1]
    copy = reader.head() + copied.getvalue()
    assert copy.rstrip(b"\r\n") == data.removeprefix(bom).rstrip(b"\r\n")
    assert copy.endswith(b"\n")


@given(
    st.lists(
        st.sampled_from(
            [b"1,a", b'2,"b', b'c"', b'"', b'""', b'a","', b'3,"x"y', b"", b" ", b"\0", b"\xff,\xff", b"4", b"5,6,7",
             b"a\rb,c", b",", b'8,"t"\r', b"9,long long long long"]
        ),
        max_size=14,
    ),
    st.integers(1, 30),
    st.sampled_from([15, 40, 1000]),
)  # fmt: skip
def test_damage_does_not_hang_on_how_much_is_read_at_once(
    lines: list[bytes], step: int, max_record: int
) -> None:
    data = b"\n".join([b"id,text", *lines])
    with patch("dedup.io.lines.BATCH_BYTES", step):
        reader = skipping(data, max_record=max_record)
        one_by_one = list(reader)
        damage = reader.damaged
        batches = skipping(data, max_record=max_record)
        batch, places = rows_of(batches)
    whole = skipping(data, max_record=max_record)
    whole_batch, whole_places = rows_of(whole)
    assert places == whole_places == [(record.number, record.start, record.stop) for record in one_by_one]
    assert batch == whole_batch == Batch.join([Batch.of(record.article for record in one_by_one)])
    assert damage == batches.damaged == whole.damaged
    assert reader.replaced == batches.replaced == whole.replaced


def test_a_number_is_that_of_the_line_on_which_a_record_begins() -> None:
    reader = reader_of(b'\nid,"te\nxt",text\n1,,a\n\r\n2,"\n\n",b\n   \n3,,c')
    assert [(record.number, record.article.id) for record in reader] == [(4, "1"), (6, "2"), (10, "3")]
    assert reader.header == ["id", "te\nxt", "text"]
    assert reader.head() == b'id,"te\nxt",text\n'
    assert rows_of(reader)[1] == [(record.number, record.start, record.stop) for record in reader]


def test_an_empty_cell_is_none() -> None:
    data = b"id,url,title,text,date,source,language\n,,,a,,,\n,,b,,,,\n"
    first, second = (record.article for record in reader_of(data))
    assert (first.id, first.url, first.title, first.source, first.language) == (None,) * 5
    assert (second.text, second.title, second.compared) == ("", "b", "b")
    reader = reader_of(data)
    assert rows_of(reader)[0] == Batch.of([first, second])
    assert reader.unread_dates == 0


def test_dates_that_cannot_be_read_are_counted() -> None:
    data = HEAD + b"1,a,,2026-11-26\n2,b,,yesterday\n3,c,,\n4,d,,25 Nov 2026\n"
    one_by_one, batches = reader_of(data), reader_of(data)
    assert [record.article.published is None for record in one_by_one] == [False, True, True, False]
    batch, _ = rows_of(batches)
    assert np.isnan(batch.published).tolist() == [False, True, True, False]
    for reader in (one_by_one, batches):
        assert (reader.unread_dates, reader.unread_date) == (1, "'yesterday'")


def test_names_that_were_found_are_told() -> None:
    for read in (list, rows_of):
        reader = reader_of(b"ID;Headline;maintext\n1;a;b\n")
        read(reader)
        assert reader.names == {"id": "ID", "title": "Headline", "text": "maintext"}


def test_the_user_names_the_text() -> None:
    reader = reader_of(b"id,lead\n1,a\n", fields={"text": "lead"})
    reader.check_names()
    assert [record.article.text for record in reader] == ["a"]
    with pytest.raises(ParameterError, match=r"no record of made\.csv has 'body'.*the fields are id, lead"):
        reader_of(b"id,lead\n1,a\n", fields={"text": "body"}).check_names()
    reader_of(b"", fields={"text": "body"}).check_names()


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"id,text\n", b"id,text"])
def test_where_there_is_no_record_there_is_no_article(data: bytes) -> None:
    reader = reader_of(data)
    assert (list(reader), rows_of(reader)[1]) == ([], [])
    assert reader.header == (["id", "text"] if b"id" in data else [])


def test_one_column_may_have_no_name() -> None:
    reader = reader_of(b",text\n7,a\n")
    ((_, spans),) = reader.batches()
    (record,) = reader.records_again([(int(spans.starts[0]), int(spans.stops[0]))])
    assert record == {"": "7", "text": "a"}


def test_a_column_of_texts_is_a_table() -> None:
    reader = reader_of(b'text\na\n" "\n\n"b\n"\n')
    batch, places = rows_of(reader)
    assert batch.texts == [record.article.compared.encode() for record in reader]
    assert [place[0] for place in places] == [2, 3, 5]


@pytest.mark.parametrize("header", [b'id;text;"a,b,c,d"', b"a,b,c;text", b"id|text", b"text;x,y,z"])
def test_the_delimiter_is_one_that_makes_a_text_be_found(header: bytes) -> None:
    reader = reader_of(header + b"\n")
    assert "text" in reader.header
    assert reader.damaged == []


def test_spaces_around_names_are_none_of_theirs() -> None:
    """And the header is copied as it stands."""
    reader = reader_of(b"id, text ,\tdate\n1,a,2026-11-26\n")
    assert reader.header == ["id", "text", "date"]
    assert reader.head() == b"id, text ,\tdate\n"
    batch, ((_, start, stop),) = rows_of(reader)
    assert (batch.ids, batch.texts) == (["1"], [b"a"])
    assert list(reader.records_again([(start, stop)])) == [{"id": "1", "text": "a", "date": "2026-11-26"}]
    with pytest.raises(ReadError, match="2 columns are called 'text'"):
        list(reader_of(b"text, text\na,b\n"))


@pytest.mark.parametrize("said", [b"sep=;", b'"sep=;"', b"SEP=;\r", b"sep=;\n\n"])
def test_a_first_line_says_what_stands_between_cells(said: bytes) -> None:
    data = b"\xef\xbb\xbf" + said + b"\nid;text;a,b,c,d\n1;rain;x\n"
    reader = reader_of(data)
    batch, places = rows_of(reader)
    assert (reader.header, reader.delimiter) == (["id", "text", "a,b,c,d"], ";")
    assert (batch.ids, batch.texts) == (["1"], [b"rain"])
    assert [number for number, *_ in places] == [3 + said.count(b"\n")]
    assert reader.head() == said.rstrip(b"\n") + b"\nid;text;a,b,c,d\n"
    assert [record.article.id for record in reader_of(data)] == ["1"]


@pytest.mark.parametrize("data", [b"sep=;", b"sep=;\n", b"sep=;\n \n"])
def test_where_nothing_stands_behind_it_there_is_no_header(data: bytes) -> None:
    reader = reader_of(data)
    assert (reader.header, reader.head(), list(reader)) == ([], b"", [])


def test_zeros_alone_are_not_called_another_encoding() -> None:
    reader = skipping(b"\0" * 100)
    assert list(reader) == []
    assert "UTF-16" not in reader.damaged[0].reason
    assert "NUL" in reader.damaged[0].reason


def test_compressed_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(HEAD + b'1,"a\nb",,\n2,c,,\n'))
    reader = CsvReader(Source(str(path)))
    batch, places = rows_of(reader)
    assert batch.texts == [b"a\nb", b"c"]
    assert list(reader.pieces_again(place[1:] for place in places)) == [b'1,"a\nb",,\n', b"2,c,,\n"]


def test_a_table_that_has_changed_is_told() -> None:
    made = Made(b"id,text\n1,abc\n2,def\n")
    reader = made.reader()
    spans = [place[1:] for place in rows_of(reader)[1]]
    made.data = b"id,text\n1,abc,2,de\n"
    for again in (reader.texts_again, reader.records_again):
        with pytest.raises(ReadError, match="has changed since it was read"):
            list(again(spans))


# Damage

GOOD = b'7,"good, and\nwhole",t,2026-11-26\n8,good,t,\n'
DAMAGE = {
    "quote never closed": (b'1,"open,t,\n', "a quote is not closed, or one within quotes is not doubled"),
    "text behind a quote": (b'1,"a" b,t,\n', "text behind a closing quote"),
    "too many cells": (b"1,a,b,t,,\n", "6 cells, but the header has 4 columns; a cell with ',' in it"),
    "too few cells": (b"1,a\n", "2 cells, but the header has 4 columns; the record is cut off"),
    "one cell": (b"1;a;b;c\n", "1 cell, but the header has 4 columns"),
    "no text": (b"1,,,2026-11-26\n", "no text and no title; nothing stands in text and title"),
    "NUL": (b"1,a\0b,t,\n", "a NUL byte"),
    "too long": (b"1," + b"a" * 90 + b",t,\n", "longer than 80 bytes; allow more with --max-record"),
    "too long by its lines": (
        b'1,"' + b"a,b,c\n" * 45,
        "a quote is not closed; longer than 80 bytes",
    ),
    "carriage return": (b"1,a\rb,t,\n", "a bare carriage return in a cell without quotes"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_named_with_its_place(name: str) -> None:
    record, reason = DAMAGE[name]
    for read in (list, rows_of):
        with pytest.raises(ReadError) as caught:
            read(reader_of(HEAD + b"0,good,t,\n" + record + GOOD, max_record=80))
        assert (caught.value.path, caught.value.record) == ("made.csv", 3)
        assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("name", [name for name in DAMAGE if "lines" not in name])
def test_a_damaged_record_costs_itself_alone(name: str) -> None:
    record, reason = DAMAGE[name]
    reader = skipping(HEAD + GOOD + record + GOOD, max_record=80)
    batches = skipping(HEAD + GOOD + record + GOOD, max_record=80)
    assert ids(reader) == rows_of(batches)[0].ids == ["7", "8", "7", "8"]
    for damage in (told(reader), told(batches)):
        assert list(damage) == [5]
        assert damage[5].startswith(reason)


def test_a_quote_may_stay_open_up_to_the_end() -> None:
    reader = skipping(HEAD + b'1,"open,t,\n2,good,t,\n3,good,t,\n')
    assert ids(reader) == ["2", "3"]
    assert told(reader) == {2: "a quote is not closed up to the end of the file"}


def test_every_damage_has_words_of_its_own() -> None:
    assert len({reason for _, reason in DAMAGE.values()}) == len(DAMAGE)


def test_a_quote_that_stays_open_costs_each_line_once() -> None:
    """Lines that open a quote whether one is open or not are not tried against all lines behind them."""
    lines = 2000
    data = b"id,text\n" + b'a","\n' * lines + b"1,good\n"
    reader = skipping(data)
    counts: list[int] = []
    with patch("dedup.io.cells.parsed", side_effect=_counted(counts)):
        assert ids(reader) == ["1"]
    assert len(told(reader)) == lines
    assert sum(counts) < 6 * lines


def _counted(counts: list[int]) -> Any:
    from dedup.io.cells import parsed  # noqa: PLC0415 - before it is replaced

    def parse(lines: Any, delimiter: str) -> Any:
        def each() -> Iterator[str]:
            for line in lines:
                counts.append(1)
                yield line

        return parsed(each(), delimiter)

    return parse


HEADERS = {
    "repeated": (b"id,text,id\n1,a,2\n", "2 columns are called 'id'"),
    "no names": (b"text,,\n1,a,2\n", "2 columns without a name"),
    "no text": (b"id,lead\n1,a\n", "no text and no title; the fields are id, lead; name that of the text"),
    "one column": (b"id^text\n1^a\n", "no text and no title; the fields are id^text"),
    "UTF-16": ("id,text\n1,a\n".encode("utf-16"), "it is UTF-16; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it"),
    "UTF-16, big": ("id,text\n1,a\n".encode("utf-16-be"), "it is UTF-16"),
    "UTF-16, little": ("id,text\n1,a\n".encode("utf-16-le"), "it is UTF-16"),
    "carriage returns": (b"id,text\r1,a\r2,b\r", "the header can't be read: a bare carriage return"),
    "open quote": (b'id,"text\n1,a\n', "the header can't be read: a quote is not closed"),
    "too long": (b"id,text," + b"x" * 100 + b"\n1,a,b\n", "the header can't be read: longer than 80 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_of_no_use_is_told(name: str) -> None:
    data, reason = HEADERS[name]
    for read in (list, rows_of):
        with pytest.raises(ReadError) as caught:
            read(reader_of(data, max_record=80))
        assert caught.value.record == 1
        assert caught.value.reason.startswith(reason)
    reader = skipping(data, max_record=80)
    assert list(reader) == []
    assert list(told(reader)) == [1]


def test_a_table_with_commas_is_none_with_tabs() -> None:
    with pytest.raises(
        ReadError, match=r"one column, 'id,text': cells are parted by ','.*--input-format csv"
    ):
        list(reader_of(b"id,text\n1,a\n", TsvReader))


def test_invalid_utf8_is_replaced_and_counted() -> None:
    data = HEAD + b"1,a\xffb,t,\n2,\xc3\xa9,t,\n3,\xff\n4,c,\xff,\n"
    reader, batches = skipping(data), skipping(data)
    assert [record.article.text for record in reader] == ["a\ufffdb", "é", "c"]
    batch, places = rows_of(batches)
    assert batch.texts == list(reader.texts_again(place[1:] for place in places))
    assert reader.replaced == batches.replaced == 2
    assert list(told(reader)) == [4]


@pytest.mark.parametrize("compress", ["gzip", "zstd"])
def test_what_stands_before_a_cut_is_read(tmp_path: Path, compress: str) -> None:
    path = tmp_path / "x.csv"
    noise = np.random.default_rng(1).integers(97, 123, 600_000).astype(np.uint8).tobytes()
    rows = b"".join(b'%d,"%s\n",t,\n' % (row, noise[row * 600 : row * 600 + 600]) for row in range(1000))
    packed = gzip.compress(HEAD + rows) if compress == "gzip" else zstandard().compress(HEAD + rows)
    path.write_bytes(packed[: len(packed) // 2])
    reader = CsvReader(Source(str(path)), on_error="skip")
    found = list(reader)
    ((number, reason),) = told(reader).items()
    assert reason == "the compressed data end too early; the file is truncated"
    assert number == 2 + 2 * len(found)
    assert len(found) > 100
    path.write_bytes(packed[:12])
    reader = CsvReader(Source(str(path)), on_error="skip")
    assert list(reader) == []
    assert list(told(reader)) == [1]


# Kept records


def marker(rows: Rows) -> Iterator[Mark]:
    return (Mark(f"c{row}", True) for row in rows.tolist())


def part_of(reader: DelimitedReader, first: int = 0, *, marked: bool = False) -> Part:
    _, places = rows_of(reader)
    spans = np.array([place[1:] for place in places], np.int64).reshape(-1, 2)
    rows = np.arange(first, first + len(spans))
    return Part(reader, rows, spans[:, 0], spans[:, 1], marker if marked else None)


def output_of(write: Any, *parts: Part) -> bytes:
    output = io.BytesIO()
    write(parts, output)
    return output.getvalue()


def test_records_under_one_header_are_copied() -> None:
    one, two = b'id;text\r\n1;"a"\r\n\r\n2;b', b'\xef\xbb\xbf"id";text\n3;"c\n"\n'
    parts = [part_of(reader_of(one)), part_of(reader_of(b"")), part_of(reader_of(two), 2)]
    assert output_of(write_csv, *parts) == b'id;text\r\n1;"a"\r\n2;b\n3;"c\n"\n'


def test_records_under_several_headers_are_written_anew() -> None:
    parts = [part_of(reader_of(b'id,text\n1,"a"\n')), part_of(reader_of(b"id;title\n2;b\n"), 1)]
    assert output_of(write_csv, *parts) == b"id,text,title\n1,a,\n2,,b\n"
    assert output_of(write_tsv, *parts[:1]) == b"id\ttext\n1\ta\n"


def test_marks_stand_behind_the_cells() -> None:
    part = part_of(reader_of(b'id\ttext\r\n1\t"a"\r\n2\t"b\n"', TsvReader), marked=True)
    head, first, *second = output_of(write_tsv, part).split(b"\r\n")
    assert head.decode().split("\t") == ["id", "text", *MARK_FIELDS]
    assert first == b'1\t"a"\tc0\ttrue\t\t\t\t\t\t'
    assert second == [b'2\t"b\n"\tc1\ttrue\t\t\t\t\t\t\n']


def test_marks_of_an_earlier_run_are_replaced() -> None:
    part = part_of(reader_of(b"text;dedup_cluster\na;old\n"), marked=True)
    head, row = output_of(write_csv, part).decode().splitlines()
    assert head.split(";") == ["text", *MARK_FIELDS]
    assert row.split(";")[:2] == ["a", "c0"]


@pytest.mark.parametrize("data", [b"", b"id,text\n"])
def test_of_no_record_the_header_is_kept(data: bytes) -> None:
    assert output_of(write_csv, part_of(reader_of(data))) == data
