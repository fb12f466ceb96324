"""JSON that is spread over lines: every value is found where it stands, whatever is wrong with the one before it."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ReadError
from dedup.io.jsonspans import find_values
from dedup.io.jsonvalues import JsonValuesReader
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from pathlib import Path

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", "}{", "]["])
)
OBJECTS = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
SIZES = st.sampled_from([1, 2, 3, 7, 64, 1 << 20])


def found(
    data: bytes, size: int = 1 << 20, max_record: int = MAX_RECORD
) -> list[tuple[bytes | None, str | None]]:
    """Values of some bytes, which are read so many at a time; each stands where it is said to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.io.jsonspans.BATCH_BYTES", size)
        values = list(find_values(io.BytesIO(data), max_record))
    for value in values:
        if value.data is not None and value.data[:1] in (b"{", b"["):
            assert data[value.start : value.stop] == value.data
    return [(value.data, value.damage) for value in values]


def reader_of(path: Path, data: bytes, **options: Any) -> JsonValuesReader:
    path.write_bytes(data)
    return JsonValuesReader(Source(str(path)), **options)


def ids_of(reader: JsonValuesReader) -> list[str | None]:
    return [record.article.id for record in reader]


@given(st.lists(OBJECTS), st.sampled_from([None, 1]), st.booleans(), SIZES)
def test_elements_of_an_array_are_found(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, size: int
) -> None:
    data = json.dumps(records, indent=indent, ensure_ascii=ascii_only).encode(errors="replace")
    values = found(data, size)
    assert [json.loads(value or b"") for value, _ in values] == json.loads(data)


@given(st.lists(OBJECTS), st.sampled_from(["", " ", "\n", "\n\n\t", ","]), SIZES)
def test_objects_one_behind_the_other_are_found(
    records: list[dict[str, Any]], between: str, size: int
) -> None:
    pieces = [json.dumps(record, indent=2) for record in records]
    assert found(between.join(pieces).encode(), size) == [(piece.encode(), None) for piece in pieces]


@pytest.mark.parametrize("size", [1, 2, 5, 1 << 20])
@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", []),
        (b"[]", []),
        (b"\xef\xbb\xbf[{}]", [b"{}"]),
        (b'[1,"x,y",{"a":1},[2],null]', [b"1", b'"x,y"', b'{"a":1}', b"[2]", b"null"]),
        (b'[{"a":1} {"b":2},,{"c":3},]', [b'{"a":1}', b'{"b":2}', b'{"c":3}']),
        (b'[{"a":1}] and more', [b'{"a":1}', b"and more"]),
        (b'[{"a":1}][{"b":2}]{"c":3}', [b'{"a":1}', b'{"b":2}', b'{"c":3}']),
        (b'{"a":"]}\\\\"}{"b":"\\"{["}', [b'{"a":"]}\\\\"}', b'{"b":"\\"{["}']),
        (b"]}{}", [b"]}", b"{}"]),
    ],
)
def test_what_stands_between_is_a_value_too_or_nothing(data: bytes, values: list[bytes], size: int) -> None:
    assert found(data, size) == [(value, None) for value in values]


@pytest.mark.parametrize("size", [1, 16, 1 << 20])
def test_what_is_never_closed_costs_itself_alone(size: int) -> None:
    values = found(b'[{"a":"x},{"b":2},\n{"c":3},{"d":', size)
    assert [value for value, damage in values if damage is None] == [b'{"b":2}', b'{"c":3}']
    assert [damage for _, damage in values if damage] == ["broken JSON: it is never closed"] * 2


@pytest.mark.parametrize("size", [1, 16, 1 << 20])
def test_what_is_too_long_is_passed_over(size: int) -> None:
    long = b'{"text": "' + b"x\\\\" * 200 + b'"}'
    assert found(b"[" + long + b',{"a":1}]', size, 100) == [(None, None), (b'{"a":1}', None)]
    plain = found(b"[" + b"9" * 400 + b',{"a":1}]', size, 100)
    assert plain[-1] == (b'{"a":1}', None)
    assert {value for value, _ in plain[:-1]} <= {None, *(b"9" * count for count in range(401))}


def test_patience_ends() -> None:
    """A stream of values that are never closed is not looked through again for each of them."""
    data = b'[{"a":"x},' * 1000
    values = found(data, max_record=len(data) // 100)
    assert len(values) < 200


def test_articles_have_their_position_and_their_bytes(tmp_path: Path) -> None:
    data = b'[\n  {"id": 1, "text": "one"},\n  {"id": 2,\n   "text": "two"}\n]\n'
    reader = reader_of(tmp_path / "x.json", data)
    records = list(reader)
    assert [(record.article.id, record.number) for record in records] == [("1", 1), ("2", 2)]
    spans = [(record.start, record.stop) for record in records]
    assert [data[start:stop] for start, stop in spans] == list(reader.pieces_again(spans))
    assert list(reader.texts_again(spans)) == [b"one", b"two"]
    assert list(reader.records_again(spans)) == [{"id": 1, "text": "one"}, {"id": 2, "text": "two"}]


def test_batches_are_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.io.jsonvalues.BATCH_BYTES", 100)
    records = [{"id": number, "text": f"text {number} " * number} for number in range(30)]
    data = json.dumps([*records[:10], 7, *records[10:], {"id": "x"}]).encode()
    one, other = (reader_of(tmp_path / "x.json", data, on_error="skip") for _ in range(2))
    singly = [(record.article.id, record.number, record.start, record.stop) for record in one]
    batches = [
        (given_, *place)
        for batch, spans in other.batches()
        for given_, *place in zip(batch.ids, *(column.tolist() for column in spans), strict=True)
    ]
    assert batches == singly
    assert other.damaged == one.damaged
    assert [item.place.record for item in one.damaged] == [11, 32]


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (b"7", "a JSON number; objects are needed"),
        (b'["text"]', "a JSON array; objects are needed"),
        (b"null", "a JSON null; objects are needed"),
        (b"nonsense", "no JSON; objects are needed"),
        (b'{"text": "a",}', "broken JSON"),
        (b'{"text": "a"]', "broken JSON"),
        (b'{"text": NaN}', "text is of type float"),
        (b'{"id": 2}', "no text and no title; the fields are id"),
        (b'{"text": "' + b"a" * 300 + b'"}', "longer than 200 bytes; allow more with --max-record"),
        (b'{"text": "a}', "it is never closed"),
        (b'{"text": ' + b"[" * 90 + b"}", "it is never closed"),
    ],
)
def test_a_broken_element_costs_itself_alone(tmp_path: Path, element: bytes, reason: str) -> None:
    data = b'[{"id": "a", "text": "one"}, ' + element + b', {"id": "b", "text": "two"}]'
    reader = reader_of(tmp_path / "x.json", data, on_error="skip", max_record=200)
    assert ids_of(reader) == ["a", "b"]
    assert [item.place.record for item in reader.damaged] == [2]
    assert reason in reader.damaged[0].reason
    with pytest.raises(ReadError, match=r"x\.json:2: "):
        ids_of(reader_of(tmp_path / "x.json", data, max_record=200))


def test_a_truncated_archive_loses_what_is_cut_off(tmp_path: Path) -> None:
    records = [{"id": f"{number}", "text": f"text {number} {hash(number) * 7919}"} for number in range(2000)]
    packed = gzip.compress(json.dumps(records).encode())
    reader = reader_of(tmp_path / "x.json.gz", packed[: len(packed) // 2], on_error="skip")
    read = ids_of(reader)
    assert read == [record["id"] for record in records[: len(read)]]
    assert len(read) > 100
    assert [item.place.record for item in reader.damaged] == [len(read) + 1]
    assert "end too early" in reader.damaged[0].reason


def test_names_that_the_user_gave_are_looked_for(tmp_path: Path) -> None:
    reader = reader_of(tmp_path / "x.json", b'[{"lead": "one"}]', fields={"text": "lead"})
    reader.check_names()
    assert [record.article.text for record in reader] == ["one"]


@pytest.mark.parametrize("end", [b"", b",", b" ,\n"])
def test_an_array_that_is_never_closed_is_told(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'[{"text": "a"}, {"text": "b"}' + end)
    reader = JsonValuesReader(Source(str(path)), on_error="skip")
    assert [record.article.text for record in reader] == ["a", "b"]
    assert [(item.place.record, item.reason) for item in reader.damaged] == [
        (3, "broken JSON: the array is never closed; the file is truncated")
    ]


def test_an_end_that_is_lost_with_an_element_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'[{"text": "a"}, {"text": "b]')
    reader = JsonValuesReader(Source(str(path)), on_error="skip")
    assert [record.article.text for record in reader] == ["a"]
    assert [item.place.record for item in reader.damaged] == [2]


BESIDE = b'{"id": 1, "text": "rain"},\n  '


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("max_record", [60, MAX_RECORD], ids=["too long", "short"])
@pytest.mark.parametrize(
    "broken",
    [b'{"id": 2, "text": "rain', b'{"id": 2, "text": "rain}', b'{"id": 2, "text": {"a": "b"', b'{"id": 2, "text": "a", '],
)  # fmt: skip
def test_what_is_never_closed_costs_itself_where_elements_begin_lines(
    broken: bytes, max_record: int, size: int
) -> None:
    data = b"[\n  " + BESIDE + broken + b",\n  " + BESIDE + BESIDE + b'{"id": 1, "text": "snow"}\n]\n'
    values = found(data, size, max_record)
    assert [data for data, damage in values if damage is None] == [
        *[b'{"id": 1, "text": "rain"}'] * 3,
        b'{"id": 1, "text": "snow"}',
    ]
    ((_, damage),) = [value for value in values if value[1] is not None]
    assert damage is not None
    assert damage.startswith("broken JSON: it is never closed")


def test_a_value_that_is_too_long_and_whole_is_one(tmp_path: Path) -> None:
    """Though others stand in it on lines of their own, for those have another margin."""
    inner = b",\n    ".join([b'{"text": "inside"}'] * 20)
    data = b"[\n  " + BESIDE + b'{"id": 2, "of": [\n    ' + inner + b"\n  ]},\n  " + BESIDE[:-4] + b"\n]"
    reader = reader_of(tmp_path / "x.json", data, on_error="skip", max_record=100)
    assert ids_of(reader) == ["1", "1"]
    assert [(item.place.record, item.reason) for item in reader.damaged] == [
        (2, "longer than 100 bytes; allow more with --max-record")
    ]


def test_hostile_values_are_looked_through_again_a_few_times_only() -> None:
    """Each line begins one that is never closed: beyond a few, the rest is one value."""
    values = found(b'[\n {"text": "\n' + b' {"text": "\n' * 100_000, max_record=1000)
    assert len(values) < 40
