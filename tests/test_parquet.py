"""Parquet in: columns of any type that holds a text, rows found again, damage told."""

from __future__ import annotations

import gzip
import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup.article import Place
from dedup.deduplicator import deduplicate_files
from dedup.errors import MissingExtraError, ParameterError, ReadError
from dedup.io.batches import Batch
from dedup.io.formats import reader_of
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source
from dedup.progress import Progress

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from dedup.io.parquet import ParquetReader  # noqa: E402 - needs the extra

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime(2026, 11, 26, 10, tzinfo=UTC)


def written(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    parquet.write_table(pa.table(columns), path, **options)
    return path


def reading(path: Path, **options: Any) -> ParquetReader:
    given_ = {"fields": None, "on_error": "raise", "max_record": MAX_RECORD} | options
    return reader_of(Source(str(path)), None, *given_.values())  # type: ignore[return-value]


def batch_of(reader: ParquetReader) -> Batch:
    return Batch.join([batch for batch, _ in reader.batches()])


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_a_text_is_read_from_every_type_of_strings(tmp_path: Path, kind: Any) -> None:
    texts = ["Rain", None, "Snow in the south", "é中"]
    path = written(
        tmp_path / "x.parquet", {"text": pa.array(texts, kind), "title": ["t"] * 4}, row_group_size=3
    )
    reader = reading(path)
    assert batch_of(reader).texts == [b"Rain", b"t", b"Snow in the south", "é中".encode()]
    assert list(reader.texts_again([(1, 2), (3, 4)])) == [b"t", "é中".encode()]


@pytest.mark.parametrize(
    "dates",
    [
        pa.array([MOMENT], pa.timestamp("us", "UTC")),
        pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ms")),
        pa.array([MOMENT], pa.timestamp("s", "Asia/Tokyo")),
        pa.array([int(MOMENT.timestamp())]),
        pa.array([MOMENT.timestamp()]),
        pa.array([MOMENT.isoformat()]),
    ],
)
def test_dates_are_read_from_every_type_that_has_them(tmp_path: Path, dates: Any) -> None:
    reader = reading(written(tmp_path / "x.parquet", {"text": ["a"], "date": dates}))
    assert batch_of(reader).published == [MOMENT.timestamp()]
    assert [record.article.published for record in reader] == [MOMENT]
    assert reader.unread_dates == 0


def test_days_are_dates_and_what_is_none_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["a"], "date": [date(2026, 11, 26)]})
    assert batch_of(reading(path)).published == [datetime(2026, 11, 26, tzinfo=UTC).timestamp()]
    reader = reading(written(tmp_path / "y.parquet", {"text": ["a", "b"], "date": ["soon", None]}))
    assert np.isnan(batch_of(reader).published).all()
    assert (reader.unread_dates, reader.unread_date) == (1, "'soon'")


def test_ids_may_be_numbers_and_a_source_an_object(tmp_path: Path) -> None:
    columns = {"id": [7, 8], "text": ["a", "b"], "source": [{"name": "Valley"}, None]}
    reader = reading(written(tmp_path / "x.parquet", columns))
    batch = batch_of(reader)
    assert (batch.ids, batch.sources) == (["7", "8"], ["Valley", None])
    assert reader.names == {"id": "id", "text": "text", "source": "source"}


def test_one_by_one_is_as_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.io.parquet._AT_ONCE", 64)
    texts = [None if number % 5 == 3 else f"text {number} " * number for number in range(1, 60)]
    path = written(tmp_path / "x.parquet", {"id": list(range(1, 60)), "text": texts}, row_group_size=20)
    one, other = (reading(path, on_error="skip") for _ in range(2))
    singly = [(record.article.id, *record[1:]) for record in one]
    batches = [
        (name, *place)
        for batch, spans in other.batches()
        for name, *place in zip(batch.ids, *(column.tolist() for column in spans), strict=True)
    ]
    assert batches == singly
    assert len(singly) == 59 - len(one.damaged)
    assert other.damaged == one.damaged
    assert [item.place.record for item in one.damaged] == [3 + 5 * k for k in range(12)]
    assert [number - 1 for _, number, *_ in singly] == [start for *_, start, _ in singly]


def test_rows_are_found_again_with_all_their_columns(tmp_path: Path) -> None:
    columns = {
        "text": [f"text {number}" for number in range(50)],
        "price": pa.array([Decimal(number) for number in range(50)], pa.decimal128(9, 2)),
        "tags": [[str(number)] for number in range(50)],
    }
    reader = reading(written(tmp_path / "x.parquet", columns, row_group_size=8, compression="gzip"))
    wanted = [0, 7, 8, 9, 31, 49]
    rows = pa.concat_tables(reader.tables_again(np.array(wanted)))
    assert rows.equals(pa.table(columns).take(wanted))
    assert [record["tags"] for record in reader.records_again((row, row + 1) for row in wanted)] == [
        [str(row)] for row in wanted
    ]
    assert (reader.schema.names, reader.codec) == (list(columns), "GZIP")
    assert list(reader.texts_again([(31, 33)])) == [b"text 31", b"text 32"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (
            {"text": [1, 2]},
            r"the column 'text' is of type int64, a string is needed; name another with --field",
        ),
        ({"text": [["a"]]}, "the column 'text' is of type list"),
        ({"text": [b"a"]}, "the column 'text' is of type binary"),
        ({"id": [1], "lead": ["a"]}, "no text and no title; the columns are id, lead; name that of the text"),
    ],
)
def test_columns_of_a_wrong_type_are_told(tmp_path: Path, columns: dict[str, Any], reason: str) -> None:
    reader = reading(written(tmp_path / "x.parquet", columns))
    with pytest.raises(ReadError, match=reason):
        list(reader.batches())
    reader = reading(tmp_path / "x.parquet", on_error="skip")
    assert list(reader.batches()) == []
    assert re.match(reason, reader.damaged[0].reason)


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    parquet.write_table(pa.Table.from_arrays([pa.array(["a"])] * 2, ["text", "text"]), tmp_path / "x.parquet")
    with pytest.raises(ReadError, match="two columns are called 'text'"):
        list(reading(tmp_path / "x.parquet"))


@pytest.mark.parametrize("cut", [4, 100, -1])
def test_a_file_that_is_cut_is_told(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["Rain in the north"] * 40})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ReadError, match="no Parquet file, or a damaged one"):
        list(reading(path).batches())


def test_rows_that_are_damaged_are_counted_and_those_before_them_read(tmp_path: Path) -> None:
    texts = [f"Rain in the north, day {number}" for number in range(400)]
    path = written(tmp_path / "x.parquet", {"text": texts}, row_group_size=100, compression="none")
    place = parquet.ParquetFile(path).metadata.row_group(2).column(0)
    start = place.dictionary_page_offset or place.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 60] = b"\xff" * 60
    path.write_bytes(data)
    reader = reading(path, on_error="skip")
    assert batch_of(reader).texts == [text.encode() for text in texts[:200]]
    assert [(item.place.record, item.reason[:35]) for item in reader.damaged] == [
        (201, "the rows from here on are damaged: ")
    ]
    with pytest.raises(ReadError, match=r"x\.parquet:201: the rows from here on"):
        list(reading(path).batches())


def test_a_row_that_is_too_long_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"id": [1, 2], "text": ["a" * 300, "b"]})
    reader = reading(path, on_error="skip", max_record=200)
    assert batch_of(reader).ids == ["2"]
    assert "longer than 200 bytes" in reader.damaged[0].reason


def test_a_compressed_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["a"]})
    (tmp_path / "x.parquet.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(ReadError, match="it compresses its columns itself"):
        list(reading(tmp_path / "x.parquet.gz").batches())


def test_names_that_the_user_gave_are_looked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"lead": ["a"], "text": ["b"]})
    assert batch_of(reading(path, fields={"text": "lead"})).texts == [b"a"]
    with pytest.raises(ParameterError, match=r"no record of .* has 'body'"):
        reading(path, fields={"text": "body"}).check_names()


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["a"]})
    monkeypatch.delitem(sys.modules, "dedup.io.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[parquet\]'"):
        reading(path)


def damaged_strings() -> Any:
    """Two strings, the first no UTF-8."""
    offsets = np.array([0, 2, 4], np.int32)
    return pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(offsets), pa.py_buffer(b"a\xffbc")])


def test_what_is_no_utf_8_is_replaced_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": damaged_strings(), "id": ["1", "2"]})
    reader = reading(path)
    batch = batch_of(reader)
    assert (batch.texts, batch.replaced) == (["a\ufffd".encode(), b"bc"], 1)
    assert list(reader.texts_again([(0, 2)])) == batch.texts
    assert [record["text"] for record in reader.records_again([(0, 2)])] == ["a\ufffd", "bc"]


def test_a_moment_in_a_zone_that_nobody_knows_is_read(tmp_path: Path) -> None:
    moments = pa.array([1_000_000_000], pa.timestamp("s", "Mars/Phobos"))
    assert batch_of(reading(written(tmp_path / "x.parquet", {"text": ["a"], "date": moments}))).published == [
        1_000_000_000
    ]


def test_values_that_python_has_none_for_are_named(tmp_path: Path) -> None:
    moments = pa.array([[1_000_000_000_000_000_001]], pa.list_(pa.timestamp("ns")))
    path = written(tmp_path / "x.parquet", {"text": ["a"], "at": moments})
    reader = reading(path)
    assert batch_of(reader).texts == [b"a"]
    with pytest.raises(ReadError, match="the column 'at' of type list"):
        list(reader.records_again([(0, 1)]))


def test_how_far_it_has_come_is_told_in_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["a", "b", "c", "d"]}, row_group_size=1)
    steps: list[Progress] = []
    with Inputs([str(path)], None, "raise", MAX_RECORD, steps.append) as inputs:
        list(inputs.batches())
        told = [step.done for step in steps]
        assert told == sorted(told)
        assert len(set(told)) == 5
        assert steps[-1] == Progress("reading", path.stat().st_size, inputs.size)


@pytest.mark.parametrize("data", [b"", b"\0" * 9, b"PAR1 and no more"])
def test_a_file_that_is_none_is_skipped_among_others(tmp_path: Path, data: bytes) -> None:
    whole = written(tmp_path / "whole.parquet", {"text": ["a", "b"], "n": [1, 2]})
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(data)
    (tmp_path / "out").mkdir()
    for target in ("kept.parquet", "out"):
        result = deduplicate_files([broken, whole], tmp_path / target, on_error="skip")
        assert [item.place for item in result.damaged] == [Place(str(broken), 1)]
    assert parquet.read_table(tmp_path / "kept.parquet").equals(parquet.read_table(whole))
    assert parquet.read_table(tmp_path / "out" / "whole.parquet").equals(parquet.read_table(whole))
    assert parquet.read_table(tmp_path / "out" / "broken.parquet").num_rows == 0
    with pytest.raises(ReadError, match=r"broken\.parquet: no Parquet file, or a damaged one"):
        deduplicate_files([broken, whole], tmp_path / "kept.parquet")


def test_equal_texts_which_are_stored_once_are_not_unpacked_all_together(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": ["rain " * 2000] * 3000, "n": list(range(3000))})
    assert path.stat().st_size < 100_000
    reader = reading(path)
    sizes = [sum(map(len, batch.texts)) for batch, _ in reader.batches()]
    again = [rows.nbytes for rows in reader.tables_again(np.arange(3000))]
    assert sum(sizes) == 3000 * 10_000
    assert max(sizes + again) < 4 << 20


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
def test_a_row_that_is_too_long_never_becomes_an_object(
    tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = pa.array(["rain", "word " * 1000, "snow"]).cast(kind)
    parquet.write_table(pa.table({"id": ["a", "b", "c"], "text": texts}), tmp_path / "x.parquet")
    longest: list[int] = []
    rows_of = ParquetReader._rows_of

    def spied(self: ParquetReader, rows: Any) -> Any:
        found = rows_of(self, rows)
        longest.extend(len(row["text"]) for row in found)
        return found

    monkeypatch.setattr(ParquetReader, "_rows_of", spied)
    reader = ParquetReader(Source(str(tmp_path / "x.parquet")), None, "skip", 1000)
    assert [record.article.id for record in reader] == ["a", "c"]
    assert [(item.place.record, item.reason) for item in reader.damaged] == [
        (2, "longer than 1,000 bytes; allow more with --max-record")
    ]
    assert max(longest) == 4


def test_a_name_of_a_column_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"text": ["rain"], "other": [1]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"other", b"\xff\xffher"))
    with pytest.raises(ReadError, match="no Parquet file, or a damaged one: 'utf-8' codec can't decode"):
        list(ParquetReader(Source(str(path)), None, "raise"))


def test_a_row_group_that_gives_fewer_rows_than_it_says_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Arrow does without an error where pages of its columns do not fit."""
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"text": ["rain", "snow", "hail"]}), path, row_group_size=2)
    whole = parquet.ParquetFile.iter_batches

    def short(self: Any, size: int, row_groups: list[int], columns: Any) -> Any:
        return iter(()) if row_groups == [1] else whole(self, size, row_groups=row_groups, columns=columns)

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", short)
    reader = ParquetReader(Source(str(path)), None, "skip")
    assert [record.article.text for record in reader] == ["rain", "snow"]
    assert [(item.place.record, item.reason) for item in reader.damaged] == [
        (3, "the rows from here on are damaged: a row group says that it has 1 rows, and has 0")
    ]
