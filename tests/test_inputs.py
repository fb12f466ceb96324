from __future__ import annotations

import gzip
import io
import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ReadError
from dedup.io.batches import Batch
from dedup.io.inputs import Inputs
from dedup.io.json_output import write_lines
from dedup.io.streams import MAX_RECORD
from dedup.io.streams import zstandard as zstandard_module
from dedup.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

BOM = b"\xef\xbb\xbf"


def take(names: Sequence[Path | str], on_error: str = "raise", **options: Any) -> Inputs:
    return Inputs(
        [str(name) for name in names],
        options.get("fields"),
        on_error,  # type: ignore[arg-type]
        options.get("max_record", MAX_RECORD),
        options.get("progress"),
    )


def copied(inputs: Inputs, wanted: Sequence[int], n_articles: int) -> bytes:
    """What is copied when the wanted rows are kept."""
    output = io.BytesIO()
    write_lines(inputs.parts(np.array(sorted({*wanted} & {*range(n_articles)}), np.int64)), output)
    return output.getvalue()


def read(inputs: Inputs) -> Batch:
    """All batches as one."""
    batches = list(inputs.batches())
    nothing = Batch([], [], [], [], [], [], [], 0)
    (*columns,) = (list(chain(*column)) for column in list(zip(nothing, *batches, strict=True))[:-1])
    return Batch(*columns, sum(batch.replaced for batch in batches))  # type: ignore[call-arg, arg-type]


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_articles_come_in_order_with_their_places(fixtures_dir: Path) -> None:
    names = [fixtures_dir / "news" / f"{name}.jsonl" for name in ("tuesday", "monday")]
    with take(names) as inputs:
        taken = read(inputs)
    expected = [json.loads(line) for name in names for line in name.read_text("utf-8").splitlines()]
    assert taken.ids == [record["id"] for record in expected]
    assert inputs.places.files.tolist() == [0] * 29 + [1] * 26
    assert inputs.places.numbers.tolist() == [*range(1, 30), *range(1, 27)]
    assert inputs.place_of(0) == f"{names[0]}:1"
    assert inputs.place_of(30) == f"{names[1]}:2"
    assert inputs.size == sum(name.stat().st_size for name in names)
    assert set(inputs.fields) == {str(name) for name in names}


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_the_size_of_a_block_changes_nothing(
    fixtures_dir: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    names = sorted((fixtures_dir / "news").glob("*.jsonl"))
    with take(names, "skip") as inputs:
        expected, places = read(inputs), inputs.places
    monkeypatch.setattr("dedup.io.lines.BATCH_BYTES", size)
    with take(names, "skip") as inputs:
        found = read(inputs)
        assert (found.ids, found.sources, found.texts) == (expected.ids, expected.sources, expected.texts)
        assert np.array_equal(found.published, expected.published, equal_nan=True)
        assert [column.tolist() for column in inputs.places] == [column.tolist() for column in places]
        assert list(inputs.texts(np.arange(len(found.ids)))) == expected.texts


def test_each_input_has_fields_of_its_own(tmp_path: Path) -> None:
    one = write(tmp_path / "a", {"text": "x"})
    other = write(tmp_path / "b", {"body": "y", "headline": "z"})
    empty = write(tmp_path / "c")
    with take([one, other, empty]) as inputs:
        assert read(inputs).texts == [b"x", b"y"]
    assert inputs.fields == {
        str(one): {"text": "text"},
        str(other): {"text": "body", "title": "headline"},
        str(empty): {},
    }


def test_damage_of_all_inputs_is_listed(fixtures_dir: Path) -> None:
    names = [
        fixtures_dir / "broken" / name
        for name in ("broken-json.jsonl", "invalid-utf8.jsonl", "wrong-type.jsonl")
    ]
    with take(names, "skip") as inputs:
        assert len(read(inputs).ids) == 4 + 4 + 3
    assert [(item.place.input, item.place.record) for item in inputs.damaged] == [
        (str(names[0]), 3),
        (str(names[2]), 2),
        (str(names[2]), 4),
    ]
    assert inputs.replaced == 1


@pytest.mark.parametrize("wanted", [[0], [3], [0, 1, 2, 3], [0, 2], [1, 3], []])
@pytest.mark.parametrize(
    "name", ["bom-crlf.jsonl", "blank-lines.jsonl", "repeated-id.jsonl", "invalid-utf8.jsonl"]
)
def test_lines_are_copied_byte_for_byte(fixtures_dir: Path, name: str, wanted: list[int]) -> None:
    path = fixtures_dir / "broken" / name
    with take([path]) as inputs:
        taken = read(inputs)
        found = copied(inputs, wanted, len(taken.ids))
    lines = [line for line in path.read_bytes().removeprefix(BOM).splitlines(keepends=True) if line.strip()]
    expected = b"".join(lines[row] for row in wanted)
    assert found == expected + (b"\n" if expected and not expected.endswith(b"\n") else b"")


@pytest.mark.parametrize("wanted", [[0, 3], [1, 2, 4], [4, 5], [0, 1, 2, 3, 4, 5], [3]])
def test_lines_of_several_inputs_stay_apart(tmp_path: Path, wanted: list[int]) -> None:
    parts = [
        BOM + b'{"text":"a"}\r\n{"text":"b"}',
        b'\n{"text": "c"}\n\n{"text":"d"}',
        b'{"text":"e"}\n {"text":"f"} \n',
    ]
    names = []
    for place, data in enumerate(parts):
        names.append(tmp_path / str(place))
        names[-1].write_bytes(gzip.compress(data) if place == 1 else data)
    with take(names) as inputs:
        assert b"".join(read(inputs).texts) == b"abcdef"
        found = copied(inputs, wanted, 6)
    lines = [
        b'{"text":"a"}\r\n',
        b'{"text":"b"}\n',
        b'{"text": "c"}\n',
        b'{"text":"d"}\n',
        b'{"text":"e"}\n',
        b' {"text":"f"} \n',
    ]
    assert found == b"".join(lines[row] for row in wanted)


@pytest.mark.parametrize("name", ["truncated.jsonl.gz", "truncated.jsonl.zst"])
def test_lines_before_a_truncation_are_copied(fixtures_dir: Path, name: str) -> None:
    with take([fixtures_dir / "broken" / name], "skip") as inputs:
        ids = read(inputs).ids
        found = copied(inputs, range(len(ids)), len(ids))
    assert [json.loads(line)["id"] for line in found.splitlines()] == ids
    assert len(ids) == 4
    assert len(inputs.damaged) == 1


def test_standard_input_is_read_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'{"text":"a"}\n{"text":"b"}\n'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    with take(["-"]) as inputs:
        assert read(inputs).texts == [b"a", b"b"]
        assert [inputs.place_of(row) for row in range(2)] == ["-:1", "-:2"]
        assert copied(inputs, [0, 1], 2) == data
        assert list(inputs.texts(np.array([0, 1]))) == [b"a", b"b"]


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "x", *({"text": "x" * 20_000} for _ in range(250)))
    steps: list[Progress] = []
    with take([path, path], progress=steps.append) as inputs:
        n_articles = len(read(inputs).ids)
    assert n_articles == 500
    assert inputs.size == 2 * path.stat().st_size
    check_told(steps, inputs.size)


def zstandard(data: bytes) -> bytes:
    packed: bytes = zstandard_module().compress(data)
    return packed


def check_told(steps: list[Progress], size: int) -> None:
    """From nothing to the size, and neither back nor in one leap."""
    told = [step.done for step in steps]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, size)
    assert len(set(told)) > 4
    assert {(step.stage, step.total) for step in steps} == {("reading", size)}


@pytest.mark.parametrize("compress", [gzip.compress, zstandard])
def test_progress_of_compressed_inputs_is_told_in_bytes_of_the_files(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    rng = np.random.default_rng(1)
    lines = [json.dumps({"text": rng.bytes(20_000).hex()}) for _ in range(250)]
    path = tmp_path / "x.packed"
    path.write_bytes(compress("\n".join(lines).encode()))
    steps: list[Progress] = []
    with take([path, path], progress=steps.append) as inputs:
        assert len(read(inputs).ids) == 500
    check_told(steps, 2 * path.stat().st_size)


def test_progress_of_standard_input_knows_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(b'{"text":"a"}\n{"text":"b"}\n')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    steps: list[Progress] = []
    with take(["-"], progress=steps.append) as inputs:
        read(inputs)
    assert (steps[0].done, steps[-1].done, steps[-1].total) == (0, len(data), len(data))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with take([tmp_path / "absent"]) as inputs, pytest.raises(ReadError, match="absent: can't be read"):
        read(inputs)


@pytest.mark.parametrize("name", ["monday.jsonl", "wires.jsonl"])
def test_texts_are_read_again(fixtures_dir: Path, name: str) -> None:
    path = fixtures_dir / "news" / name
    with take([path, path]) as inputs:
        taken = read(inputs)
        for rows in ([], [0], [3, 7, 8, len(taken.ids) - 1], list(range(len(taken.ids)))):
            found = list(inputs.texts(np.array(rows, np.int64)))
            assert found == [taken.texts[row] for row in rows]


def test_texts_read_again_are_those_of_damaged_inputs(fixtures_dir: Path) -> None:
    names = [
        fixtures_dir / "broken" / name
        for name in ("invalid-utf8.jsonl", "lone-surrogate.jsonl", "bom-crlf.jsonl")
    ]
    with take(names) as inputs:
        taken = read(inputs)
        found = list(inputs.texts(np.arange(len(taken.ids))))
    assert found == taken.texts
    assert (inputs.replaced, taken.replaced) == (1, 1)


def test_a_file_that_has_changed_since_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x", {"text": "a"}, {"text": "b"})
    with take([path]) as inputs:
        read(inputs)
        write(path, {"txet": "a"}, {"text": "b"})
        with pytest.raises(ReadError, match="has changed since it was read"):
            list(inputs.texts(np.array([0])))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.jsonl", b'{"text":"b\xff","date":"soon"}\n'),
        ("x.json", b'[{"text":"b\xff","date":"soon"}]\n'),
        ("x.csv", b"text,date\nb\xff,soon\n"),
    ],
)
def test_nothing_is_counted_twice_where_texts_are_read_again(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with take([path]) as inputs:
        read(inputs)
        (reader,) = inputs.readers
        noted = reader.replaced, reader.unread_dates, reader.unread_date
        assert noted == (1, 1, "'soon'")
        assert list(inputs.texts(np.array([0]))) == ["b\ufffd".encode()]
        assert (reader.replaced, reader.unread_dates, reader.unread_date) == noted


fields = st.sampled_from(["text", "body", "maintext", "title", "headline"])
values = st.none() | st.sampled_from(["", " ", "rain", "snow", "\ud83d"])


@given(st.lists(st.dictionaries(fields, values, max_size=4), max_size=5))
def test_texts_read_again_are_those_first_read(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str | None]]
) -> None:
    path = write(tmp_path_factory.mktemp("again") / "x", *records)
    with take([path], "skip") as inputs:
        taken = read(inputs)
        rows = np.arange(len(taken.ids))
        expected = taken.texts
        assert list(inputs.texts(rows)) == expected
        for row in range(len(taken.ids)):
            assert list(inputs.texts(rows[row : row + 1])) == expected[row : row + 1]


def test_temporary_copies_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text":"a"}\n')))
    closed: list[Callable[[], None]] = []
    with take(["-"]) as inputs:
        read(inputs)
        (source,) = inputs._sources
        closed.append(source.close)
    with pytest.raises(ValueError, match="closed"), source.open():
        pass


def test_all_is_read_once_more(tmp_path: Path) -> None:
    """And nothing is noted twice; where articles stand is remembered only if somebody asks for it."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b'{"text":"a","date":"soon"}\n[]\n{"text":"b\xff"}\n')
    write(other, {"text": "c"})
    steps: list[Progress] = []
    with take([one, other], "skip", progress=steps.append) as inputs:
        first = [(batch, name, numbers.tolist()) for batch, name, numbers in inputs.placed(remember=False)]
        noted = len(inputs.damaged), inputs.replaced, inputs.unread_dates, dict(inputs.fields)
        assert steps[-1] == Progress("reading", inputs.size, inputs.size)
        again = [(batch, name, numbers.tolist()) for batch, name, numbers in inputs.again("verifying")]
        assert str(again) == str(first)  # NaN is not equal to itself
        assert (len(inputs.damaged), inputs.replaced, inputs.unread_dates, dict(inputs.fields)) == noted
        assert noted[:3] == (1, 1, 1)
        assert len(inputs.places.numbers) == 0
    assert steps[-1] == Progress("verifying", inputs.size, inputs.size)
