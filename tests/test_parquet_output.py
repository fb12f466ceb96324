from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import dedup
from dedup.errors import MissingExtraError, ParameterError
from dedup.io.kinds import common, kind_of
from dedup.io.marks import MARK_FIELDS
from dedup.io.parquet_output import _fit, _type
from dedup.io.values import as_text
from tests.shell import NEWS, ROOT, write
from tests.test_csv_output import read_table

if TYPE_CHECKING:
    from pathlib import Path

names = st.text(min_size=1, max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


# Records of other formats


def lossless(found: Any, value: Any) -> bool:
    """Whether what stands in a column says all of a value."""
    if found == value and type(found) is type(value):
        return True
    if isinstance(found, str):
        return found == as_text(value)
    if isinstance(found, list) and isinstance(value, list) and len(found) == len(value):
        return all(map(lossless, found, value))
    if isinstance(found, dict) and isinstance(value, dict):
        return (
            all(lossless(inner, value.get(name)) for name, inner in found.items())
            and value.keys() <= found.keys()
        )
    return isinstance(found, float) and found == value


@given(st.lists(values, max_size=6))
def test_a_column_says_all_that_its_values_say(column: list[Any]) -> None:
    kind = common(map(kind_of, column))
    found = pa.array([_fit(value, kind) for value in column], _type(kind)).to_pylist()
    assert all(map(lossless, found, column))


RECORDS: list[dict[str, Any]] = [
    {"id": "a", "text": "one two", "n": 1, "mixed": 1, "tags": ["x"], "at": {"lat": 1}},
    {"id": "b", "text": "three", "n": 2**62, "mixed": "1", "tags": [], "at": {"lat": 1.5, "by": "z"}},
    {"id": "c", "text": "four\ud83d", "n": None, "mixed": {"a": [True]}, "nothing": None},
]


def test_types_are_those_that_fit_all_records(tmp_path: Path) -> None:
    source, kept = write(tmp_path / "x.jsonl", *RECORDS), tmp_path / "kept.parquet"
    dedup.deduplicate_files([source], kept)
    table = parquet.read_table(kept)
    assert dict(zip(table.column_names, map(str, table.schema.types), strict=True)) == {
        "id": "string",
        "text": "string",
        "n": "int64",
        "mixed": "string",
        "tags": "list<element: string>",
        "at": "struct<lat: double, by: string>",
        "nothing": "string",
    }
    assert table.to_pylist() == [
        RECORDS[0] | {"mixed": "1", "at": {"lat": 1.0, "by": None}, "nothing": None},
        RECORDS[1] | {"nothing": None},
        {"tags": None, "at": None} | RECORDS[2] | {"text": "four\ufffd", "mixed": '{"a":[true]}'},
    ]


@pytest.mark.parametrize("group_bytes", [1, 1000])
def test_types_do_not_depend_on_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group_bytes: int
) -> None:
    source, whole, cut = write(tmp_path / "x.jsonl", *RECORDS), tmp_path / "whole.pq", tmp_path / "cut.pq"
    dedup.deduplicate_files([source], whole)
    monkeypatch.setattr("dedup.io.parquet_output._GROUP_BYTES", group_bytes)
    dedup.deduplicate_files([source], cut)
    assert parquet.read_table(whole).equals(parquet.read_table(cut))
    assert parquet.ParquetFile(cut).num_row_groups == (3 if group_bytes == 1 else 1)


def test_marks_have_types_though_all_are_kept(tmp_path: Path) -> None:
    source, marked = write(tmp_path / "x.jsonl", *RECORDS), tmp_path / "marked.parquet"
    dedup.deduplicate_files([source], marked, mark=True)
    schema = parquet.read_schema(marked)
    assert schema.names[-len(MARK_FIELDS) :] == list(MARK_FIELDS)
    types = ["string", "bool", "string", "string", "double", "double", "double", "bool"]
    assert list(map(str, schema.types))[-len(MARK_FIELDS) :] == types


def test_records_without_end_of_keys_are_refused(tmp_path: Path) -> None:
    record = {"text": "a", **{f"k{number}": number for number in range(10_001)}}
    for suffix in ("parquet", "csv"):
        with pytest.raises(ParameterError, match="too many for columns; write to JSON lines"):
            dedup.deduplicate_files([write(tmp_path / "x.jsonl", record)], tmp_path / f"kept.{suffix}")
        assert not (tmp_path / f"kept.{suffix}").exists()


def test_a_missing_extra_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dedup.io.parquet_output", None)
    (tmp_path / "broken.jsonl").write_text("{")
    with pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[parquet\]'"):
        dedup.deduplicate_files([tmp_path / "broken.jsonl"], tmp_path / "kept.parquet")


@pytest.mark.slow
def test_every_format_holds_the_same_articles(tmp_path: Path) -> None:
    inputs = [ROOT / name for name in NEWS]
    for name in ("kept.jsonl", "kept.parquet", "kept.csv"):
        dedup.deduplicate_files(inputs, tmp_path / name)
    lines = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_bytes().splitlines()]
    fields = dict.fromkeys(name for line in lines for name in line)
    assert parquet.read_table(tmp_path / "kept.parquet").to_pylist() == [
        {name: line.get(name) for name in fields} for line in lines
    ]
    assert read_table(tmp_path / "kept.csv") == [
        {name: line.get(name, "") for name in fields} for line in lines
    ]
