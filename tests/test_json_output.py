from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.io.inputs import Inputs
from dedup.io.json_output import is_array, write_array, write_lines, write_objects
from dedup.io.marks import Mark, given_marks
from dedup.io.streams import MAX_RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.io.kept import Write

LINES = b'{"text": "a", "n": 1.0}\r\n\n {"text":"b"} \n{"text":"c"}'
ARRAY = b'[\n {\n  "text": "a",\n  "n": 1.0\n },\n {"text": "b"}\n]\n'
OBJECTS = b'{\n "text": "a"\n}\n{"text": "b"\n}'
MARK = (
    b',"dedup_cluster":"x","dedup_kept":true,"dedup_duplicate_of":null,"dedup_relation":null,'
    b'"dedup_resemblance":null,"dedup_containment":null,"dedup_coverage":null,"dedup_version":null'
)


def written(path: Path, data: bytes, write: Write, *rows: int, mark: bool = False) -> bytes:
    path.write_bytes(data)
    marker = given_marks([Mark("x", True)] * 3) if mark else None
    output = io.BytesIO()
    with Inputs([str(path)], None, "raise", MAX_RECORD) as taken:
        list(taken.batches())
        write(taken.parts(np.array(rows, np.int64), marker), output)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "write", "rows", "expected"),
    [
        (LINES, write_lines, (0, 2), b'{"text": "a", "n": 1.0}\r\n{"text":"c"}\n'),
        (LINES, write_lines, (1,), b' {"text":"b"} \n'),
        (LINES, write_lines, (), b""),
        (LINES, write_array, (0, 1), b'[\n{"text": "a", "n": 1.0},\n{"text":"b"}\n]\n'),
        (LINES, write_array, (), b"[]\n"),
        (ARRAY, write_array, (0, 1), b'[\n{\n  "text": "a",\n  "n": 1.0\n },\n{"text": "b"}\n]\n'),
        (ARRAY, write_lines, (0, 1), b'{ "text": "a", "n": 1.0 }\n{"text": "b"}\n'),
        (OBJECTS, write_objects, (0, 1), b'{\n "text": "a"\n}\n{"text": "b"\n}\n'),
        (OBJECTS, write_lines, (0, 1), b'{ "text": "a" }\n{"text": "b" }\n'),
    ],
)
def test_records_stand_as_they_stood(
    tmp_path: Path, data: bytes, write: Write, rows: tuple[int, ...], expected: bytes
) -> None:
    assert written(tmp_path / "x", data, write, *rows) == expected


def test_marks_stand_before_the_closing_brace(tmp_path: Path) -> None:
    expected = b'{"text": "a", "n": 1.0' + MARK + b'}\r\n {"text":"b"' + MARK + b"} \n"
    assert written(tmp_path / "x", LINES, write_lines, 0, 1, mark=True) == expected
    expected = b'{"text":"c"' + MARK + b"}\n"
    assert written(tmp_path / "x", LINES, write_lines, 2, mark=True) == expected
    expected = b'[\n{\n  "text": "a",\n  "n": 1.0' + MARK + b"\n }\n]\n"
    assert written(tmp_path / "x", ARRAY, write_array, 0, mark=True) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ARRAY, True),
        (b"\xef\xbb\xbf \n" + ARRAY, True),
        (OBJECTS, False),
        (b"", False),
        (b"\xef\xbb\xbf{", False),
    ],
)
def test_arrays_are_told_from_objects(tmp_path: Path, data: bytes, expected: bool) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with Inputs([str(tmp_path / "x.json")], None, "skip", MAX_RECORD, input_format="json") as taken:
        list(taken.batches())
        (part,) = taken.parts(np.array([], np.int64))
        assert is_array(part) == expected


def test_what_is_cut_off_is_no_object_on_its_own(tmp_path: Path) -> None:
    (tmp_path / "x.json.gz").write_bytes(gzip.compress(ARRAY)[:-9])
    with Inputs([str(tmp_path / "x.json.gz")], None, "skip", MAX_RECORD) as taken:
        list(taken.batches())
        (part,) = taken.parts(np.array([], np.int64))
        assert is_array(part)
