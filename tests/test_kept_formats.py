"""Laws of what is kept, for every format in and out."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import dedup
from dedup.errors import ParameterError
from dedup.io.marks import MARK_FIELDS
from dedup.io.streams import Source
from tests.shell import NEWS, ROOT
from tests.test_csv_output import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMATS = ("jsonl", "json", "csv", "tsv", "parquet")
RECORDS = [json.loads(line) for name in NEWS for line in (ROOT / name).read_bytes().splitlines()][::2]


def write_as(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    """Write records in the format of a suffix."""
    kind = path.suffix[1:]
    if kind == "parquet":
        parquet.write_table(pa.Table.from_pylist(list(records)), path, row_group_size=7)
    elif kind in ("csv", "tsv"):
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(records[0]), delimiter="," if kind == "csv" else "\t")
            writer.writeheader()
            writer.writerows(records)
    elif kind == "json":
        path.write_text(json.dumps(records, indent=1), "utf-8")
    else:
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def read_as(path: Path) -> list[dict[str, Any]]:
    """Records of a file in the format of its suffix."""
    kind = path.suffix[1:]
    if kind == "parquet":
        return list(parquet.read_table(path).to_pylist())
    if kind in ("csv", "tsv"):
        return read_table(path, "," if kind == "csv" else "\t")
    if kind == "json" and path.read_bytes()[:1] == b"[":
        return list(json.loads(path.read_bytes()))
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def ids(path: Path) -> list[str]:
    return [record["id"] for record in read_as(path)]


@pytest.fixture(scope="module")
def kept_ids(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is kept of the records as JSON lines."""
    home = tmp_path_factory.mktemp("kept")
    dedup.deduplicate_files([write_as(home / "x.jsonl", RECORDS)], home / "kept.jsonl")
    kept = ids(home / "kept.jsonl")
    assert 0 < len(kept) < len(RECORDS)
    return kept


@pytest.mark.slow
@pytest.mark.parametrize("given_as", FORMATS)
@pytest.mark.parametrize("written_as", FORMATS)
def test_every_format_keeps_the_same(
    tmp_path: Path, kept_ids: list[str], given_as: str, written_as: str
) -> None:
    source = write_as(tmp_path / f"x.{given_as}", RECORDS)
    kept, again, marked = (tmp_path / f"{name}.{written_as}" for name in ("kept", "again", "marked"))
    clusters = tmp_path / "clusters.jsonl"
    dedup.deduplicate_files([source], kept)
    assert ids(kept) == kept_ids
    assert all(record in RECORDS for record in read_as(kept))
    summary = dedup.deduplicate_files([kept], again)
    assert summary.counts.read == summary.counts.kept == len(kept_ids)
    assert read_as(again) == read_as(kept)
    if written_as != "parquet":
        assert again.read_bytes() == kept.read_bytes()
    dedup.deduplicate_files([source], marked, mark=True, clusters=clusters)
    said = [json.loads(line) for line in clusters.read_bytes().splitlines()]
    records = read_as(marked)
    assert [{name: record[name] for name in RECORDS[0]} for record in records] == RECORDS
    assert [record["id"] for record in records if record["dedup_kept"] in (True, "true")] == kept_ids
    for record, line in zip(records, said, strict=True):
        for name in MARK_FIELDS:
            expected = line[name.removeprefix("dedup_")]
            if written_as in ("csv", "tsv"):
                expected = (
                    ""
                    if expected is None
                    else str(expected).replace("True", "true").replace("False", "false")
                )
            assert record[name] == expected


@pytest.mark.parametrize("form", FORMATS)
def test_marking_what_is_marked_gives_the_same(tmp_path: Path, form: str) -> None:
    source = write_as(tmp_path / f"x.{form}", RECORDS)
    once, twice = tmp_path / f"once.{form}", tmp_path / f"twice.{form}"
    dedup.deduplicate_files([source], once, mark=True)
    dedup.deduplicate_files([once], twice, mark=True)
    assert read_as(twice) == read_as(once)
    if form == "parquet":
        assert parquet.read_schema(twice).equals(parquet.read_schema(once), check_metadata=True)


@pytest.mark.parametrize("target", ["kept", "-"])
@pytest.mark.parametrize("form", FORMATS)
def test_without_a_suffix_the_format_is_that_of_the_inputs(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], form: str, target: str
) -> None:
    sources = [
        write_as(tmp_path / f"{name}.{form}", part) for name, part in (("a", RECORDS[:9]), ("b", RECORDS[9:]))
    ]
    named = tmp_path / f"named.{form}"
    dedup.deduplicate_files(sources, named)
    dedup.deduplicate_files(sources, target if target == "-" else tmp_path / target)
    written = capsysbinary.readouterr().out if target == "-" else (tmp_path / target).read_bytes()
    assert written == named.read_bytes()


@pytest.mark.slow
def test_inputs_of_several_formats_become_lines(tmp_path: Path, kept_ids: list[str]) -> None:
    thirds = [RECORDS[start : start + 8] for start in range(0, len(RECORDS), 8)]
    sources = [
        write_as(tmp_path / f"{place}.{FORMATS[place % 5]}", third) for place, third in enumerate(thirds)
    ]
    for suffix in ("", ".csv", ".parquet", ".json"):
        dedup.deduplicate_files(sources, tmp_path / f"kept{suffix}")
        assert ids(tmp_path / f"kept{suffix}") == kept_ids


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "parquet"])
def test_compression_stands_behind_the_format(tmp_path: Path, form: str, suffix: str) -> None:
    source = write_as(tmp_path / f"x.{form}", RECORDS)
    dedup.deduplicate_files([source], tmp_path / f"plain.{form}")
    dedup.deduplicate_files([source], tmp_path / f"packed.{form}{suffix}")
    with Source(str(tmp_path / f"packed.{form}{suffix}")).open() as stream:
        assert stream.read() == (tmp_path / f"plain.{form}").read_bytes()


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["kept.parquet", "kept"])
def test_a_compressed_parquet_file_is_refused_for_nobody_reads_it(
    tmp_path: Path, name: str, suffix: str
) -> None:
    source = write_as(tmp_path / "x.parquet", RECORDS)
    with pytest.raises(ParameterError, match=r"would be a compressed Parquet file, .*ends with \.parquet"):
        dedup.deduplicate_files([source], tmp_path / f"{name}{suffix}")
    assert list(tmp_path.iterdir()) == [source]


# Tables of text


def test_rows_of_one_header_are_copied_byte_for_byte(tmp_path: Path) -> None:
    rows = [
        b'\xef\xbb\xbfid,"text",x\r\n',
        b'a,"one ""two""\nthree, four",\r\n',
        b'"b","ONE two three FOUR", \r\n',
        b'c, five six ,"7"\n',
        b"d,eight nine,",
    ]
    more = [b"id,text,x\n", b'e,"ten, eleven",1\n', b"f,five SIX,2\n"]
    (tmp_path / "x.csv").write_bytes(b"".join(rows))
    (tmp_path / "y.csv").write_bytes(b"".join(more))
    kept, marked = tmp_path / "kept.csv", tmp_path / "marked.csv"
    sources = [tmp_path / "x.csv", tmp_path / "y.csv"]
    dedup.deduplicate_files(sources, kept)
    assert kept.read_bytes() == b"".join([rows[0], rows[1], rows[3], rows[4], b"\n", more[1]])
    dedup.deduplicate_files(sources, marked, mark=True)
    assert marked.read_bytes().startswith(rows[0][:-2] + b",dedup_cluster,dedup_kept,dedup_duplicate_of")
    assert (
        rows[1][:-2] + b",a,true,,,,,,\r\n" + rows[2][:-2] + b",a,false,a,exact,1.0,1.0,1.0,false\r\n"
        in marked.read_bytes()
    )
    assert marked.read_bytes().endswith(
        rows[4]
        + b",d,true,,,,,,\n"
        + more[1][:-1]
        + b",e,true,,,,,,\n"
        + more[2][:-1]
        + b",c,false,c,exact,1.0,1.0,1.0,false\n"
    )


cells = st.text(
    st.sampled_from('a"\r\n;, é') | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["one", "two", "three", "ONE"]), cells, cells), min_size=1, max_size=6
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_kept_rows_are_the_bytes_of_the_table(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    end: str,
    quoting: Any,
    bom: bool,
) -> None:
    home = tmp_path_factory.mktemp("csv")
    pieces = []
    for row in [("text", "x", "y"), *rows]:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n", quoting=quoting).writerow(row)
        pieces.append(line.getvalue()[:-2] + end)
    begin = "\ufeff" if bom else ""
    (home / "x.csv").write_bytes((begin + "".join(pieces)).encode())
    dedup.deduplicate_files([home / "x.csv"], home / "kept.csv", keep="first")
    first = {text.lower(): place for place, (text, *_) in reversed(list(enumerate(rows, 1)))}
    expected = begin + pieces[0] + "".join(pieces[place] for place in sorted(first.values()))
    assert (home / "kept.csv").read_bytes() == expected.encode()
    dedup.deduplicate_files([home / "x.csv"], home / "marked.csv", keep="first", mark=True)
    marked = read_table(home / "marked.csv")
    assert [row["dedup_kept"] for row in marked] == [
        "true" if place in first.values() else "false" for place in range(1, len(rows) + 1)
    ]
    assert [(row["x"], row["y"]) for row in marked] == [tuple(row[1:]) for row in rows]


def test_rows_of_several_headers_stand_under_all_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,text,x\na,one two,1\n")
    (tmp_path / "y.csv").write_text("text,id,y\nthree four,b,2\n")
    dedup.deduplicate_files([tmp_path / "x.csv", tmp_path / "y.csv"], tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == "id,text,x,y\na,one two,1,\nb,three four,,2\n"


def test_a_table_without_rows_or_without_anything_stays_one(tmp_path: Path) -> None:
    (tmp_path / "head.csv").write_text("id;text\n")
    (tmp_path / "nothing.csv").write_text("")
    sources = [tmp_path / "nothing.csv", tmp_path / "head.csv"]
    dedup.deduplicate_files(sources, f"{tmp_path}/out/")
    assert (tmp_path / "out" / "head.csv").read_text() == "id;text\n"
    assert (tmp_path / "out" / "nothing.csv").read_text() == ""
    dedup.deduplicate_files(sources, tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == "id;text\n"
    write_as(tmp_path / "rows.csv", RECORDS[:2])
    dedup.deduplicate_files([*sources, tmp_path / "rows.csv"], tmp_path / "all.csv")
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "rows.csv").read_bytes()


def test_rows_of_another_delimiter_are_written_anew(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("id\ttext\na\tone, two\n")
    dedup.deduplicate_files([tmp_path / "x.tsv"], tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == 'id,text\na,"one, two"\n'


# Parquet


SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), metadata={"unit": "none"}),
        pa.field("text", pa.large_string(), nullable=False),
        ("at", pa.timestamp("us", "Europe/Berlin")),
        ("precise", pa.timestamp("ns")),
        ("day", pa.date32()),
        ("length", pa.duration("ms")),
        ("tags", pa.list_(pa.string())),
        ("place", pa.struct([("lat", pa.float32()), ("names", pa.list_(pa.int16()))])),
        ("section", pa.dictionary(pa.int8(), pa.string())),
        ("price", pa.decimal128(20, 4)),
        ("scores", pa.map_(pa.string(), pa.int64())),
        ("raw", pa.binary()),
        ("hash", pa.binary(4)),
        ("words", pa.uint64()),
        ("nothing", pa.null()),
    ],
    metadata={"pandas": '{"index_columns": []}', "made by": "a crawler"},
)


WORDS = "nought one two three four five six seven eight nine".split()  # noqa: SIM905


def rich(number: int, text: str) -> dict[str, Any]:
    """Record with a value of every type, or with none."""
    if number % 3 == 2:
        return {"id": str(number), "text": text}
    return {
        "id": str(number),
        "text": text,
        "at": datetime(2026, 11, 26, 1, number, tzinfo=UTC),
        "precise": datetime(2026, 11, 26, 1, 2, 3, number),  # noqa: DTZ001 - the type has no zone
        "day": date(2026, 11, 26),
        "length": timedelta(milliseconds=number),
        "tags": ["a", None] * number,
        "place": {"lat": 1.5, "names": [number]},
        "section": "sport" if number % 2 else "world",
        "price": Decimal("12345678901.1000"),
        "scores": [("a", number)],
        "raw": b"\x00\xff",
        "hash": b"abcd",
        "words": 2**64 - 1,
    }


def write_rich(path: Path, numbers: Sequence[int], schema: pa.Schema = SCHEMA) -> pa.Table:
    records = [rich(number, WORDS[number % 10]) for number in numbers]
    table = pa.Table.from_pylist(records, schema=schema)
    parquet.write_table(table, path, row_group_size=4, compression="zstd")
    return parquet.read_table(path)


def test_parquet_keeps_types_metadata_and_all_columns(tmp_path: Path) -> None:
    source, kept = tmp_path / "x.parquet", tmp_path / "kept.parquet"
    table = write_rich(source, range(14))  # the last four are copies
    dedup.deduplicate_files([source], kept, keep="first")
    assert parquet.read_schema(kept).equals(parquet.read_schema(source), check_metadata=True)
    assert parquet.read_table(kept).equals(table.slice(0, 10))
    assert parquet.ParquetFile(kept).metadata.row_group(0).column(0).compression == "ZSTD"


def test_row_groups_are_written_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, kept = tmp_path / "x.parquet", tmp_path / "kept.parquet"
    table = write_rich(source, range(10))
    monkeypatch.setattr("dedup.io.parquet_output._GROUP_BYTES", 1)
    dedup.deduplicate_files([source], kept)
    assert parquet.read_table(kept).equals(table)
    assert parquet.ParquetFile(kept).num_row_groups == 3


def test_marks_are_typed_columns(tmp_path: Path) -> None:
    source, marked = tmp_path / "x.parquet", tmp_path / "marked.parquet"
    table = write_rich(source, range(14))
    dedup.deduplicate_files([source], marked, mark=True, keep="first")
    found = parquet.read_table(marked)
    assert found.select(table.column_names).equals(table)
    assert found.schema.metadata == table.schema.metadata
    assert found["dedup_kept"].to_pylist() == [True] * 10 + [False] * 4
    assert found["dedup_duplicate_of"].to_pylist() == [None] * 10 + ["0", "1", "2", "3"]
    assert found["dedup_resemblance"].to_pylist() == [None] * 10 + [1.0] * 4


def test_schemas_that_differ_are_unified_or_refused(tmp_path: Path) -> None:
    one, other, wrong = (tmp_path / f"{name}.parquet" for name in ("one", "other", "wrong"))
    write_rich(one, range(5))
    write_rich(
        other, range(5, 10), pa.schema([("text", pa.large_string()), ("new", pa.int8()), ("id", pa.string())])
    )
    dedup.deduplicate_files([one, other], tmp_path / "kept.parquet")
    found = parquet.read_table(tmp_path / "kept.parquet")
    assert found["id"].to_pylist() == list("0123456789")
    assert found.schema.names == [*SCHEMA.names, "new"]
    assert found.schema.field("at").type == SCHEMA.field("at").type
    wrong_schema = pa.schema([("text", pa.large_string()), ("id", pa.string()), ("section", pa.binary())])
    parquet.write_table(
        pa.Table.from_pylist([{"id": "x", "text": "x", "section": b"x"}], wrong_schema), wrong
    )
    with pytest.raises(
        ParameterError, match=r"wrong.parquet has a column of another type than .*one.parquet"
    ):
        dedup.deduplicate_files([one, wrong], tmp_path / "refused.parquet")
    dedup.deduplicate_files([one, wrong], tmp_path / "kept.jsonl")
    dedup.deduplicate_files([one, wrong], f"{tmp_path}/out/")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"one.parquet", "wrong.parquet"}


def test_types_that_others_have_not_are_said_in_their_words(tmp_path: Path) -> None:
    source = tmp_path / "x.parquet"
    write_rich(source, [1])
    dedup.deduplicate_files([source], tmp_path / "kept.jsonl")
    assert read_as(tmp_path / "kept.jsonl") == [
        {
            "id": "1",
            "text": "one",
            "at": "2026-11-26T02:01:00+01:00",
            "precise": "2026-11-26T01:02:03.000001000",
            "day": "2026-11-26",
            "length": "PT0.001000S",
            "tags": ["a", None],
            "place": {"lat": 1.5, "names": [1]},
            "section": "sport",
            "price": "12345678901.1000",
            "scores": [["a", 1]],
            "raw": "AP8=",
            "hash": "YWJjZA==",
            "words": 2**64 - 1,
            "nothing": None,
        }
    ]


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (1, pa.timestamp("ns"), "1970-01-01T00:00:00.000000001"),
        (1, pa.timestamp("ns", "Europe/Berlin"), "1970-01-01T01:00:00.000000001+0100"),
        (1, pa.time64("ns"), "00:00:00.000000001"),
        (1500, pa.duration("ns"), "1500"),
        (2**60, pa.timestamp("us", "UTC"), "-27032-08-17T21:30:06.846976Z"),
        (2**60, pa.duration("s"), str(2**60)),
        (-(2**63), pa.int64(), -(2**63)),
    ],
)
def test_moments_that_python_has_not_are_said_too(
    tmp_path: Path, value: int, kind: pa.DataType, said: Any
) -> None:
    table = pa.table({"text": ["a"], "odd": pa.array([value], pa.int64()).cast(pa.int64()).view(kind)})
    parquet.write_table(table, tmp_path / "x.parquet")
    dedup.deduplicate_files([tmp_path / "x.parquet"], tmp_path / "kept.jsonl")
    assert read_as(tmp_path / "kept.jsonl") == [{"text": "a", "odd": said}]
    dedup.deduplicate_files([tmp_path / "x.parquet"], tmp_path / "kept.parquet")
    assert parquet.read_table(tmp_path / "kept.parquet").equals(parquet.read_table(tmp_path / "x.parquet"))


# Directories


def test_a_directory_of_all_formats_is_mirrored(tmp_path: Path, kept_ids: list[str]) -> None:
    some = [record for record in RECORDS if record["id"] in kept_ids][:4]
    crawl, out = tmp_path / "crawl", tmp_path / "out"
    crawl.mkdir()
    sources = [write_as(crawl / f"x{place}.{form}", some) for place, form in enumerate(FORMATS)]
    dedup.deduplicate_files(sources, f"{out}/", keep="first")
    assert [len(read_as(out / source.name)) for source in sources] == [4, 0, 0, 0, 0]
    assert (out / "x1.json").read_bytes() == b"[]\n"
    assert (out / "x2.csv").read_bytes() == sources[2].read_bytes().splitlines(keepends=True)[0]
    assert parquet.read_schema(out / "x4.parquet").equals(parquet.read_schema(sources[4]))
    summary = dedup.deduplicate_files([out / source.name for source in sources], tmp_path / "again.jsonl")
    assert summary.counts.read == summary.counts.kept == 4
    dedup.deduplicate_files(sources, f"{tmp_path}/marked/", mark=True)
    assert [len(read_as(tmp_path / "marked" / source.name)) for source in sources] == [4] * 5


def test_texts_are_copied_or_absent(tmp_path: Path) -> None:
    for name, text in (("a.txt", "one two three\r\n"), ("b.txt", "ONE two three"), ("c.txt", "four")):
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "d.txt.gz").write_bytes(gzip.compress(b"five"))
    sources = sorted(tmp_path.iterdir())
    dedup.deduplicate_files(sources, f"{tmp_path}/out/", keep="first")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.txt", "c.txt", "d.txt.gz"}
    assert (tmp_path / "out" / "a.txt").read_bytes() == b"one two three\r\n"
    assert gzip.decompress((tmp_path / "out" / "d.txt.gz").read_bytes()) == b"five"
    dedup.deduplicate_files(sources, tmp_path / "kept", keep="first")
    assert [
        record["text"].strip() for record in map(json.loads, (tmp_path / "kept").read_bytes().splitlines())
    ] == ["one two three", "four", "five"]
    with pytest.raises(ParameterError, match=r"a.txt is a text, which has no fields for --mark"):
        dedup.deduplicate_files(sources, f"{tmp_path}/marked/", mark=True)
    dedup.deduplicate_files(sources, tmp_path / "marked.jsonl", mark=True)
    assert len(read_as(tmp_path / "marked.jsonl")) == 4


def test_objects_without_an_array_are_copied_or_absent(tmp_path: Path) -> None:
    for name, record in (("a", RECORDS[0]), ("b", RECORDS[0]), ("c", RECORDS[5])):
        (tmp_path / f"{name}.json").write_text(json.dumps(record, indent=4))
    sources = sorted(tmp_path.iterdir())
    dedup.deduplicate_files(sources, f"{tmp_path}/out/", keep="first")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.json", "c.json"}
    assert (tmp_path / "out" / "c.json").read_text() == sources[2].read_text() + "\n"
    dedup.deduplicate_files(sources, f"{tmp_path}/marked/", mark=True, keep="first")
    marked = [json.loads(path.read_text()) for path in sorted((tmp_path / "marked").iterdir())]
    assert [record["dedup_kept"] for record in marked] == [True, False, True]
    dedup.deduplicate_files(sources, tmp_path / "kept.json", keep="first")
    assert read_as(tmp_path / "kept.json") == [RECORDS[0], RECORDS[5]]


# JSON between lines and arrays

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(
    st.lists(st.dictionaries(st.text("abx", min_size=1), anything), min_size=1, max_size=4),
    st.sampled_from([None, 1]),
)
def test_records_of_json_come_through_unchanged(
    tmp_path_factory: pytest.TempPathFactory, extras: list[dict[str, Any]], indent: int | None
) -> None:
    home = tmp_path_factory.mktemp("json")
    records = [extra | {"id": str(place), "text": f"w{place}"} for place, extra in enumerate(extras)]
    (home / "x.json").write_text(json.dumps(records, indent=indent))
    dedup.deduplicate_files([home / "x.json"], home / "kept.jsonl")
    assert read_as(home / "kept.jsonl") == records
    dedup.deduplicate_files([home / "x.json"], home / "kept.json")
    assert read_as(home / "kept.json") == records
    dedup.deduplicate_files([home / "kept.json"], home / "again.json")
    assert (home / "again.json").read_bytes() == (home / "kept.json").read_bytes()


@pytest.mark.parametrize("depth", [99, 300, 900, 1010])
@pytest.mark.parametrize("form", FORMATS)
def test_a_record_that_is_nested_deeply_ends_no_run(tmp_path: Path, form: str, depth: int) -> None:
    pytest.importorskip("orjson")  # the standard library does not read the deepest
    deep = "[" * depth + "7" + "]" * depth
    (tmp_path / "x.jsonl").write_text(
        f'{{"id":"1","text":"rain","deep":{deep}}}\n{{"id":"2","text":"snow"}}\n'
    )
    kept = tmp_path / f"kept.{form}"
    for mark in (False, True):
        dedup.deduplicate_files([tmp_path / "x.jsonl"], kept, mark=mark)
        if form in ("jsonl", "json"):
            assert deep.encode() in kept.read_bytes()
            continue
        one, other = read_as(kept)
        assert (one["id"], one["text"], other["id"]) == ("1", "rain", "2")
        inside = one["deep"]
        if form == "parquet":
            while not isinstance(inside, str):
                (inside,) = inside
        assert inside.count("[") + 16 >= depth
        assert inside.count("7") == 1
