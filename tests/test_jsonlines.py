from __future__ import annotations

import codecs
import gzip
import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError, ReadError
from dedup.io.batches import Batch
from dedup.io.formats import reader_of
from dedup.io.jsonlines import JsonLinesReader
from dedup.io.jsonobjects import plain_loads
from dedup.io.lines import read_lines
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dedup.article import Article

#: Broken fixtures: lines that can't be read and why, ids that can.
BROKEN: dict[str, tuple[dict[int, str], list[str]]] = {
    "broken-json.jsonl": ({3: "broken JSON"}, ["bj1", "bj2", "bj4", "bj5"]),
    "no-text.jsonl": ({3: "no text and no title"}, ["nt1", "nt2", "nt4", "nt5"]),
    "wrong-type.jsonl": (
        {
            2: "text is of type int, a string is needed",
            4: "a JSON array; JSON lines are needed, one object on each line",
        },
        ["wt1", "wt3", "wt5"],
    ),
    "truncated.jsonl.gz": ({5: "truncated"}, ["tg1", "tg2", "tg3", "tg4"]),
    "truncated.jsonl.zst": ({5: "truncated"}, ["tz1", "tz2", "tz3", "tz4"]),
}
WHOLE = ["bom-crlf.jsonl", "blank-lines.jsonl", "repeated-id.jsonl", "field-names.jsonl"]


@pytest.fixture(params=["orjson", "json"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test that asks for it runs with orjson and without."""
    if request.param == "json":
        monkeypatch.setattr("dedup.io.jsonobjects.fast_loads", plain_loads)
    return str(request.param)


def read(path: Path, **options: Any) -> tuple[list[Article], JsonLinesReader]:
    reader = JsonLinesReader(Source(str(path)), **options)
    return [record.article for record in reader], reader


def write(path: Path, lines: Iterable[object]) -> Path:
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return path


# Broken fixtures


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_is_named_with_its_place(fixtures_dir: Path, name: str) -> None:
    path = fixtures_dir / "broken" / name
    reasons, _ = BROKEN[name]
    line, reason = next(iter(reasons.items()))
    with pytest.raises(ReadError) as caught:
        read(path)
    assert (caught.value.path, caught.value.record) == (str(path), line)
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"{path}:{line}: ")


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_is_skipped_and_listed_and_no_other_is_lost(fixtures_dir: Path, name: str) -> None:
    path = fixtures_dir / "broken" / name
    reasons, ids = BROKEN[name]
    articles, reader = read(path, on_error="skip")
    assert [article.id for article in articles] == ids
    assert [(item.place.input, item.place.record) for item in reader.damaged] == [
        (str(path), line) for line in reasons
    ]
    assert all(reason in item.reason for reason, item in zip(reasons.values(), reader.damaged, strict=True))


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("name", WHOLE)
def test_what_only_looks_odd_is_read(fixtures_dir: Path, name: str) -> None:
    articles, reader = read(fixtures_dir / "broken" / name)
    assert len(articles) == (5 if name.startswith("field") else 4)
    assert all(
        article.text and article.title and article.published and article.source for article in articles
    )
    assert (reader.damaged, reader.replaced) == ([], 0)


def test_every_broken_fixture_is_tested(fixtures_dir: Path) -> None:
    replaced = ["invalid-utf8.jsonl", "lone-surrogate.jsonl"]
    assert {path.name for path in (fixtures_dir / "broken").iterdir()} == {*BROKEN, *WHOLE, *replaced}


@pytest.mark.usefixtures("parser")
def test_invalid_utf8_is_replaced_and_counted(fixtures_dir: Path) -> None:
    articles, reader = read(fixtures_dir / "broken" / "invalid-utf8.jsonl")
    assert ["\ufffd\ufffd" in article.text for article in articles] == [False, True, False, False]
    assert (reader.damaged, reader.replaced) == ([], 1)


@pytest.mark.usefixtures("parser")
def test_a_lone_surrogate_is_read(fixtures_dir: Path) -> None:
    articles, reader = read(fixtures_dir / "broken" / "lone-surrogate.jsonl")
    assert ["\ud83d" in article.text for article in articles] == [False, False, True, False]
    assert reader.damaged == []


@pytest.mark.usefixtures("parser")
def test_a_damaged_record_is_not_counted_as_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"text": "\xff"\n{"text": 7, "title": "\xff"}\n{"text": "\xff"}\n')
    articles, reader = read(path, on_error="skip")
    assert len(articles) == 1
    assert len(reader.damaged) == 2
    assert reader.replaced == 1


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"a":' * 100_000, '{"text": ' + "[" * 5000 + "]" * 5000 + "}"]
)
def test_json_nested_too_deeply_is_damage(tmp_path: Path, line: str) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text('{"text": "one"}\n' + line + '\n{"text": "three"}\n')
    articles, reader = read(path, on_error="skip")
    assert [article.text for article in articles] == ["one", "three"]
    assert [item.place.record for item in reader.damaged] == [2]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "a JSON array"),
        ('"text"', "a JSON string"),
        ("7", "a JSON number"),
        ("-1.5", "a JSON number"),
        ("true", "a JSON boolean"),
        ("null", "a JSON null"),
        ("{}", "no text and no title"),
        ('{"text": null}', "no text and no title"),
        ('{"text": ["a"]}', "text is of type list"),
        ('{"text": "a"', "broken JSON"),
        ('{"text": "a"} {"text": "b"}', "broken JSON"),
        ("{'text': 'a'}", "broken JSON"),
        ("\x00", "no JSON; JSON lines are needed, one object on each line"),
        ("id,text,date", "no JSON; JSON lines are needed, one object on each line"),
        ("[", "what is spread over lines is read with --input-format json"),
        ("{", "what is spread over lines is read with --input-format json"),
        ("7", "a JSON number; JSON lines are needed, one object on each line"),
        ("\ufeff{}", "no JSON"),
    ],
)
def test_what_is_no_article_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "one"}\n' + line + "\n", "utf-8")
    with pytest.raises(ReadError, match=re.escape(reason)) as caught:
        read(path)
    assert caught.value.record == 2


# Lines


def test_bom_and_line_ends_are_no_part_of_a_record(fixtures_dir: Path) -> None:
    path = fixtures_dir / "broken" / "bom-crlf.jsonl"
    data = path.read_bytes()
    assert data.startswith(codecs.BOM_UTF8)
    records = list(JsonLinesReader(Source(str(path))))
    assert [json.loads(data[record.start : record.stop])["id"] for record in records] == [
        record.article.id for record in records
    ]
    assert records[0].start == len(codecs.BOM_UTF8)
    assert records[-1].stop == len(data)


def test_blank_lines_are_counted_but_not_read(fixtures_dir: Path) -> None:
    path = fixtures_dir / "broken" / "blank-lines.jsonl"
    lines = path.read_bytes().split(b"\n")
    records = list(JsonLinesReader(Source(str(path))))
    assert [json.loads(lines[record.number - 1])["id"] for record in records] == [
        record.article.id for record in records
    ]
    assert records[-1].number > len(records)


@pytest.mark.parametrize("data", [b"", codecs.BOM_UTF8, b"\n", b"\r\n \n\t", codecs.BOM_UTF8 + b"\n"])
def test_a_file_without_a_record_has_no_article(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(data)
    articles, reader = read(path)
    assert (articles, reader.damaged, reader.names) == ([], [], {})


class Dripping(BytesIO):
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read1(self, _size: int | None = -1) -> bytes:
        return self.read(self._step)


@given(st.lists(st.binary(max_size=12)), st.integers(1, 14), st.booleans(), st.integers(1, 20))
def test_lines_are_told_from_each_other_in_bounded_memory(
    lines: list[bytes], longest: int, bom: bool, step: int
) -> None:
    data = b"\n".join(lines)
    head = codecs.BOM_UTF8 if bom else b""
    if not bom and data.startswith(codecs.BOM_UTF8):
        return
    found = list(read_lines(Dripping(head + data, step), longest))
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    position = len(head)
    for line, expected in zip(found, _split(data), strict=True):
        assert (line.start, line.stop) == (position, position + len(expected))
        within = expected.removesuffix(b"\n")
        assert line.data == (within if len(within) <= longest else None)
        position = line.stop
    assert position == len(head) + len(data)


def _split(data: bytes) -> list[bytes]:
    """Lines with their ends; only a line feed ends a line."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + [
        line for line in data.split(b"\n")[-1:] if line
    ]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("last", [False, True])
def test_an_overlong_line_is_damage_and_its_neighbours_survive(tmp_path: Path, last: bool) -> None:
    path = tmp_path / "x.jsonl"
    lines = [{"text": "one"}, {"text": "x" * 3_000_000}, {"text": "three"}]
    write(path, lines[:2] if last else lines)
    if last:
        path.write_bytes(path.read_bytes().rstrip(b"\n"))
    articles, reader = read(path, on_error="skip", max_record=1000)
    assert [article.text for article in articles] == (["one"] if last else ["one", "three"])
    assert [item.place.record for item in reader.damaged] == [2]
    assert reader.damaged[0].reason == "longer than 1,000 bytes; allow more with --max-record"
    with pytest.raises(ReadError, match=":2: longer than"):
        read(path, max_record=1000)


def test_a_line_of_just_the_allowed_length_is_read(tmp_path: Path) -> None:
    line = json.dumps({"text": "rain"})
    path = tmp_path / "x.jsonl"
    path.write_text(f"{line}\n{line}")
    assert len(read(path, max_record=len(line))[0]) == 2
    assert len(read(path, max_record=len(line) - 1, on_error="skip")[0]) == 0
    assert MAX_RECORD == 64 * 1024 * 1024


# Fields


@pytest.mark.usefixtures("parser")
def test_field_names_are_guessed(fixtures_dir: Path) -> None:
    articles, reader = read(fixtures_dir / "broken" / "field-names.jsonl")
    assert reader.names == {
        "id": "id",
        "title": "headline",
        "text": "body",
        "url": "link",
        "published": "published",
        "source": "publisher",
    }
    assert [article.published.isoformat() for article in articles if article.published] == [
        "2026-03-09T08:12:00+01:00",
        "2026-03-09T10:19:00+00:00",
        "2026-03-10T12:26:00+00:00",
        "2026-03-10T14:33:00+00:00",
        "2026-03-10T16:40:00+01:00",
    ]


def test_fields_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", [{"text": "no", "lead": "yes", "n": 5}, {"lead": "also", "n": 6}])
    articles, reader = read(path, fields={"text": "lead", "id": "n"})
    assert [(article.text, article.id) for article in articles] == [("yes", "5"), ("also", "6")]
    assert reader.names == {"text": "lead", "id": "n"}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("odd", [{"text": "a"}, [7], {"text": 7}])
def test_dates_that_cannot_be_read_are_counted(tmp_path: Path, odd: object) -> None:
    dates = ["2026-11-25", "11/25/2026", None, "", " ", "Nov 25, 2026", "soon", True, "x" * 99]
    path = write(tmp_path / "x.jsonl", [odd, *({"text": "a", "date": date} for date in dates)])
    one, other = (JsonLinesReader(Source(str(path)), on_error="skip") for _ in range(2))
    _ = list(one), list(other.batches())
    assert (one.unread_dates, one.unread_date) == (4, "'11/25/2026'")
    assert (other.unread_dates, other.unread_date) == (4, "'11/25/2026'")


def test_names_that_stand_in_no_record_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", [{"title": "a"}, {"title": "b", "lead": None}])
    told = f"no record of {path} has 'nosuch', which id=nosuch names; the fields are title, lead"
    for data in (path.read_bytes(), b"[1]\n\n{\n" + path.read_bytes(), gzip.compress(path.read_bytes())[:-4]):
        path.write_bytes(data)
        reader = JsonLinesReader(Source(str(path)), {"text": "lead", "id": "nosuch"})
        with pytest.raises(ParameterError, match=re.escape(told)):
            reader.check_names()
        JsonLinesReader(Source(str(path)), {"text": "lead"}).check_names()
    path.write_bytes(b"")
    reader.check_names()


def test_an_unknown_field_is_refused_even_when_records_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", [{"text": "a"}])
    with pytest.raises(ParameterError, match="no field 'body'"):
        read(path, fields={"body": "text"}, on_error="skip")


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"title": "t"}, {"title": "t", "text": "x"}, {"text": "x", "title": "t"}),
        ({"text": "x"}, {"text": "y", "date": 0}, {"text": "y", "published": True}),
        ({"text": "x"}, {"text": "y", "source": "s"}, {"source": "s"}),
        ({"text": "x"}, {"text": "", "title": "t"}, {"compared": "t"}),
        ({"text": "x"}, {"text": None, "body": "y"}, {"text": "y"}),
        ({"text": "x", "date": 0}, {"text": "y", "date": None, "published": 0}, {"published": True}),
        ({"maintext": "x"}, {"maintext": "y", "text": "z"}, {"text": "z"}),
        ({"text": "x", "id": "a"}, {"text": "y", "url": "u"}, {"url": "u", "id": None}),
        ({"text": "x", "title": "t"}, {"body": "y", "headline": "h"}, {"text": "y", "title": "h"}),
    ],
)
def test_what_the_first_record_lacks_is_found_in_the_second(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], expected: dict[str, Any]
) -> None:
    articles, _ = read(write(tmp_path / "x.jsonl", [first, second]))
    found = {name: getattr(articles[1], name) for name in expected}
    assert found | ({"published": found["published"] is not None} if "published" in found else {}) == expected


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("value", [7, -1, 2**63, 2**64 - 1, 2**64, 10**30, -(10**30)])
def test_whole_numbers_as_ids_lose_no_digit(tmp_path: Path, value: int) -> None:
    articles, _ = read(write(tmp_path / "x.jsonl", [{"text": "a", "id": value}]))
    assert articles[0].id == str(value)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "lines",
    [
        [{"text": "a", "id": 1}, {"text": "b", "id": "x"}, {"text": "c", "id": None, "url": "u"}],
        [
            {"text": "a", "date": "2026-11-22"},
            {"text": "b", "date": "2026-11-22T10:00:00+01:00"},
            {"text": "c"},
        ],
        [
            {"text": "a", "date": "22 Nov 2026 10:00"},
            {"text": "b", "date": 7},
            {"text": "c", "date": "2026-01-01"},
        ],
        [{"text": " ", "title": "t"}, {"text": None, "title": "u"}, {"title": "v"}, {"text": ""}],
        [{"text": "a", "title": 7}],
        [{"text": "a"}, {"text": None}],
        [{"text": "a", "body": "b"}, {"text": "c", "body": "d"}],
        [{"text": "a", "body": "b"}, {"text": None, "body": "d"}],
        [{"text": "a", "source": ["x"]}],
        [{"text": "a", "id": True}, {"text": "b", "id": 1.5}],
        [{"text": "a\ud83d"}, {"text": "b"}],
        [{"text": "a"}, [], {"text": "b"}],
        [{"text": "a", "url": ""}, {"text": "b", "id": "", "url": "u"}],
    ],
)
def test_batches_are_made_of_the_same_articles(tmp_path: Path, lines: list[object]) -> None:
    assert_same_batches(write(tmp_path / "x.jsonl", lines))


def assert_same_batches(path: Path) -> None:
    one, other = (JsonLinesReader(Source(str(path)), on_error="skip") for _ in range(2))
    records = list(one)
    batches = list(other.batches())
    expected = Batch.of(record.article for record in records)
    found = Batch.join([batch for batch, _ in batches])
    published = [None if value != value else value for value in found.published]  # noqa: PLR0124 - NaN
    assert found._replace(published=[]) == expected._replace(published=[])
    assert found.hosts == expected.hosts
    assert published == [None if value != value else value for value in expected.published]  # noqa: PLR0124
    places = [
        place for _, spans in batches for place in zip(*(column.tolist() for column in spans), strict=True)
    ]
    assert places == [record[1:] for record in records]
    assert (other.damaged, other.names, other.replaced) == (one.damaged, one.names, one.replaced)


odd_text = st.text(st.sampled_from("ab é\ud83d\udc00\ufeff\x00\u2028"), max_size=3)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(odd_text, inner, max_size=2),
    max_leaves=5,
)
records = st.fixed_dictionaries(
    {"text": odd_text},
    optional={
        "id": st.text(max_size=2) | st.integers() | st.floats(),
        "title": odd_text,
        "body": odd_text,
        "date": st.integers() | st.floats() | odd_text,
        "source": json_values,
        "tags": json_values,
    },
)


@given(st.lists(records | json_values, max_size=4), st.booleans())
def test_with_and_without_orjson_the_same_is_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[object], ascii_only: bool
) -> None:
    path = tmp_path_factory.mktemp("same") / "x.jsonl"
    text = "".join(json.dumps(line, ensure_ascii=ascii_only) + "\n" for line in lines)
    path.write_bytes(text.encode(errors="surrogatepass"))
    found = []
    for loads in (None, plain_loads):
        with pytest.MonkeyPatch.context() as patch:
            if loads is not None:
                patch.setattr("dedup.io.jsonobjects.fast_loads", loads)
            articles, reader = read(path, on_error="skip")
            places = [item.place.record for item in reader.damaged]
            found.append((articles, places, reader.names))
            assert_same_batches(path)
    assert found[0] == found[1]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_lines_in_another_encoding_are_told(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes('{"text": "rain"}\r\n{"text": "snow"}\r\n'.encode(encoding))
    with pytest.raises(ReadError, match=rf"{name}:1: it is UTF-16; `iconv"):
        list(reader_of(Source(str(path)), None, None, "raise", MAX_RECORD))
