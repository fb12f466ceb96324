from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.io.csv_output import table_rows
from dedup.io.marks import MARK_FIELDS
from tests.shell import write

if TYPE_CHECKING:
    from pathlib import Path

cells = st.text(st.sampled_from("a\",;\t\r\n \\'é\x00") | st.characters(codec="utf-8"), max_size=8)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=5), st.sampled_from(",\t"))
def test_rows_are_read_as_they_were_written(rows: list[list[str]], delimiter: str) -> None:
    data = table_rows(rows, delimiter).decode()
    assert list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter, strict=True)) == rows


def read_table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline=""), delimiter=delimiter))


RECORDS: list[dict[str, Any]] = [
    {"id": "a", "text": "one, two", "n": 1},
    {"text": 'say "three"\r\nfour', "id": "b", "tags": ["x", None], "at": {"lat": 1.5}},
    {"id": "c", "text": "five\ud83d", "n": None, "true": True},
]


@pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_columns_are_those_of_all_records(tmp_path: Path, suffix: str, delimiter: str) -> None:
    source, kept = write(tmp_path / "x.jsonl", *RECORDS), tmp_path / f"kept.{suffix}"
    dedup.deduplicate_files([source], kept)
    nothing = dict.fromkeys(("n", "tags", "at", "true"), "")
    assert read_table(kept, delimiter) == [
        {"id": "a", "text": "one, two", **nothing, "n": "1"},
        {
            "id": "b",
            "text": 'say "three"\r\nfour',
            **nothing,
            "tags": '["x",null]',
            "at": '{"lat":1.5}',
        },
        {"id": "c", "text": "five\ufffd", **nothing, "true": "true"},
    ]


def test_marks_are_columns_behind_the_others(tmp_path: Path) -> None:
    source, marked = write(tmp_path / "x.jsonl", *RECORDS, {"id": "d", "text": "ONE TWO"}), tmp_path / "m.csv"
    dedup.deduplicate_files([source], marked, mark=True)
    rows = read_table(marked)
    assert list(rows[0])[-len(MARK_FIELDS) :] == list(MARK_FIELDS)
    assert [row["dedup_kept"] for row in rows] == ["true", "true", "true", "false"]
    assert [row["dedup_duplicate_of"] for row in rows] == ["", "", "", "a"]
    assert rows[3]["dedup_resemblance"] == "1.0"


def test_a_mark_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    old = dict.fromkeys(MARK_FIELDS, "old")
    source = write(tmp_path / "x.jsonl", *(old | record for record in RECORDS))
    dedup.deduplicate_files([source], tmp_path / "m.csv", mark=True)
    assert "old" not in (tmp_path / "m.csv").read_text("utf-8")
    dedup.deduplicate_files([source], tmp_path / "k.csv")
    assert list(read_table(tmp_path / "k.csv")[0])[: len(MARK_FIELDS)] == list(MARK_FIELDS)
    assert json.loads(source.read_text().splitlines()[0])["dedup_kept"] == "old"
