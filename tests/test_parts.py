from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import dedup
from dedup.errors import ReadError
from dedup.io.inputs import Inputs
from dedup.io.marks import MARK_FIELDS, Mark, given_marks
from dedup.io.parts import _joined
from dedup.io.streams import MAX_RECORD
from tests.shell import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    names = [
        write(tmp_path / "a.jsonl", {"text": "a"}, {"text": "b", "dedup_kept": 1}),
        write(tmp_path / "b.jsonl"),
        write(tmp_path / "c.jsonl", {"text": "c"}),
    ]
    taken = Inputs([str(name) for name in names], None, "raise", MAX_RECORD)
    list(taken.batches())
    return taken


def test_each_input_has_a_part(inputs: Inputs) -> None:
    parts = inputs.parts(np.array([1, 2]))
    assert [part.rows.tolist() for part in parts] == [[1], [], [2]]
    assert [list(part.records()) for part in parts] == [[{"text": "b", "dedup_kept": 1}], [], [{"text": "c"}]]
    assert [list(part.pieces()) for part in parts] == [
        [b'{"text": "b", "dedup_kept": 1}\n'],
        [],
        [b'{"text": "c"}\n'],
    ]
    assert [list(part.marks()) for part in parts] == [[None], [], [None]]
    assert {part.format for part in parts} == {"jsonl"}
    output = io.BytesIO()
    for part in parts:
        part.copy(output)
    assert output.getvalue() == b'{"text": "b", "dedup_kept": 1}\n{"text": "c"}\n'


def test_what_is_marked_comes_without_earlier_marks(inputs: Inputs) -> None:
    marks = [Mark(name, True) for name in "abc"]
    parts = inputs.parts(np.arange(3), given_marks(marks))
    assert [mark for part in parts for mark in part.marks()] == marks
    assert not any(set(record) & set(MARK_FIELDS) for part in parts for record in part.records())


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("depth", [100, 600])
def test_what_is_nested_deeply_comes_through_whole(tmp_path: Path, depth: int, suffix: str) -> None:
    (tmp_path / "x.jsonl").write_text(f'{{"text":"a","deep":{"[" * depth}{"]" * depth}}}')
    dedup.deduplicate_files([tmp_path / "x.jsonl"], tmp_path / f"kept.{suffix}")
    if suffix == "parquet":
        (record,) = parquet.read_table(tmp_path / "kept.parquet").to_pylist()
        assert (repr(record).count("["), repr(record).count("]")) == (depth, depth)
    else:
        written = (tmp_path / f"kept.{suffix}").read_bytes()
        assert (written.count(b"["), written.count(b"]")) == (depth, depth)


def test_a_record_that_cant_be_read_again_is_no_empty_one(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, *_ = inputs.parts(np.arange(3))
    monkeypatch.setattr(part.reader, "records_again", lambda _: iter([{}]))
    with pytest.raises(
        ReadError, match=r"a.jsonl: a record is nested too deeply to convert; write JSON lines"
    ):
        list(part.records())


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1))
def test_joined_ranges_hold_the_same_bytes(gaps: list[tuple[int, int]]) -> None:
    starts, stops, place = [], [], 0
    for gap, length in gaps:
        starts.append(place + gap)
        place += gap + length
        stops.append(place)
    joined = _joined(np.array(starts), np.array(stops))
    assert [byte for start, stop in joined for byte in range(start, stop)] == [
        byte for start, stop in zip(starts, stops, strict=True) for byte in range(start, stop)
    ]
    assert all(one[1] < other[0] for one, other in pairwise(joined))
