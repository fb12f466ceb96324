"""The same articles in every format: the same records, the same clusters; and which format an input is taken for."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import ParameterError, ReadError
from dedup.io.formats import FORMATS, format_of
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Records = Sequence[dict[str, Any]]

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

FIELDS = ("id", "url", "title", "text", "date", "source")


def lines(records: Records) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def array(records: Records) -> bytes:
    return json.dumps(records, ensure_ascii=False).encode()


def spread(records: Records) -> bytes:
    return "\n".join(json.dumps(record, indent=2) for record in records).encode()


def table(delimiter: str, quoting: Any = csv.QUOTE_MINIMAL) -> Callable[[Records], bytes]:
    def write(records: Records) -> bytes:
        stream = io.StringIO(newline="")
        rows = csv.DictWriter(stream, FIELDS, delimiter=delimiter, quoting=quoting)
        rows.writeheader()
        rows.writerows(records)
        return stream.getvalue().encode()

    return write


def columns(records: Records) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(records)), stream, row_group_size=7)
    return stream.getvalue()


WAYS: dict[str, Callable[[Records], bytes]] = {
    "x.jsonl": lines,
    "x.json": array,
    "spread.json": spread,
    "x.csv": table(","),
    "quoted.csv": table(";", csv.QUOTE_ALL),
    "x.tsv": table("\t"),
    "x.parquet": columns,
    "x.json.gz": lambda records: gzip.compress(array(records)),
    "x.csv.gz": lambda records: gzip.compress(table(",")(records)),
}


@pytest.fixture(scope="module")
def news(request: pytest.FixtureRequest) -> Records:
    folder = request.config.rootpath / "fixtures" / "news"
    return [
        {name: record.get(name) for name in FIELDS}
        for name in ("monday", "tuesday", "wires")
        for record in map(json.loads, (folder / f"{name}.jsonl").read_bytes().splitlines())
    ]


def clusters_of(path: Path, folder: Path) -> list[dict[str, Any]]:
    """What a run says of each article, wherever it stands."""
    dedup.deduplicate_files([path], folder / "kept.jsonl", clusters=folder / "clusters.jsonl")
    told = map(json.loads, (folder / "clusters.jsonl").read_bytes().splitlines())
    return [
        {name: value for name, value in record.items() if name not in ("input", "record")} for record in told
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_every_format_of_the_same_articles_gives_the_same_clusters(
    news: Records, tmp_path: Path, name: str
) -> None:
    (tmp_path / "x.jsonl").write_bytes(lines(news))
    expected = clusters_of(tmp_path / "x.jsonl", tmp_path)
    assert sum(not record["kept"] for record in expected) > 20
    (tmp_path / name).write_bytes(WAYS[name](news))
    assert clusters_of(tmp_path / name, tmp_path) == expected


@pytest.mark.slow
def test_a_directory_of_files_gives_the_same_clusters(news: Records, tmp_path: Path) -> None:
    home = tmp_path / "news"
    home.mkdir()
    ordered = sorted(news, key=lambda record: str(record["id"]))
    (tmp_path / "x.jsonl").write_bytes(lines(ordered))
    for record in ordered:
        (home / f"{record['id']}.json").write_text(json.dumps(record, indent=1))
    assert clusters_of(home, tmp_path) == clusters_of(tmp_path / "x.jsonl", tmp_path)


@pytest.mark.slow
def test_a_directory_of_texts_gives_the_clusters_of_the_texts(news: Records, tmp_path: Path) -> None:
    home = tmp_path / "news"
    home.mkdir()
    texts = [
        {"id": str(home / f"{number:02}.txt"), "text": record["text"] or record["title"]}
        for number, record in enumerate(news)
    ]
    for record in texts:
        (tmp_path / record["id"]).write_text(record["text"])
    (tmp_path / "x.jsonl").write_bytes(lines(texts))
    assert clusters_of(home, tmp_path) == clusters_of(tmp_path / "x.jsonl", tmp_path)


WRITTEN = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=20
).filter(lambda text: not text.isspace())
NASTY = st.sampled_from(
    ['"', '""', ",", ";", "\t", "|", "\n", "a\nb", '"a"\n', "'", "\\", "{", "[1]", "é中", " a "]
)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 10**6).map(str),
            "url": st.just("https://a.example/1"),
            "title": st.just("Rain"),
            "text": st.lists(NASTY | WRITTEN, min_size=1, max_size=4).map(
                lambda words: "x ".join(("", *words))
            ),
            "date": st.just("2026-11-26T10:00:00+00:00"),
            "source": NASTY.filter(lambda text: bool(text.strip())),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(RECORDS, st.sampled_from(sorted(WAYS)))
def test_whatever_stands_in_them_records_come_out_as_they_went_in(
    tmp_path: Path, records: list[dict[str, Any]], name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(WAYS[name](records))
    with Inputs([str(path)], None, "raise", MAX_RECORD) as inputs:
        batches = list(inputs.batches())
        rows = [row for batch in batches for row in zip(*batch[:5], strict=True)]
        places = inputs.places
        again = list(inputs.texts(places.numbers * 0 + range(len(rows))))
    assert [row[0] for row in rows] == [record["id"] for record in records]
    assert [row[1] for row in rows] == [record["source"] for record in records]
    assert [row[3].decode() for row in rows] == [record["text"] for record in records]
    assert again == [row[3] for row in rows]
    assert inputs.damaged == []


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("-x", b'{"text": "a"}\n{"text": "b"}\n', "jsonl"),
        ("x.dat", b'\n  {"text": "a"}', "jsonl"),
        ("x.json", b'{"text": "a"}\n', "jsonl"),
        ("x.json", b'{\n "text": "a"\n}\n', "json"),
        ("x.jsonl", b'{\n "text": "a"\n}\n', "json"),
        ("x.jsonl", b'{"text": "a"\n{"text": "b"}\n', "jsonl"),
        ("x.jsonl", b'[{"text": "a"}]', "json"),
        ("x.json", b"\xef\xbb\xbf [\n", "json"),
        ("x.json", b"nonsense", "jsonl"),
        ("x", b'no json\n{"text": "b"}\n', "jsonl"),
        ("x.csv", b'{"text": "a"}\n', "jsonl"),
        ("x.csv", b"[a];text\n", "csv"),
        ("x.csv", b'[ {"text": "a"}]', "json"),
        ("x.csv", b"text\nrain\n", "csv"),
        ("x.CSV.gz", b"id,text\n", "csv"),
        ("x.tsv", b"id\ttext\n", "tsv"),
        ("x.dat", b"id;Title;when\n1;Rain;now\n", "csv"),
        ("x.dat", b"id\tcontent\n", "tsv"),
        ("x.jsonl", b"PAR1....", "parquet"),
        ("x.txt", b'{"text": "a"}\n', "text"),
        ("x.parquet", b"", "parquet"),
        ("x.json", b"", "json"),
        ("x", b"", "jsonl"),
    ],
)
def test_what_stands_in_an_input_tells_its_format(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert format_of(Source(str(path))) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Dear reader,\nit rains.\n", "say it with --input-format: jsonl, json, csv, tsv, parquet, text"),
        ("id,text\n".encode("utf-16"), "it is UTF-16; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it"),
    ],
)
def test_what_can_not_be_told_is_asked_for(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ReadError, match=reason):
        format_of(Source(str(tmp_path / "x")))


def test_the_format_that_is_given_holds(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_text("Rain in the north.")
    summary = dedup.deduplicate_files([tmp_path / "x.dat"], tmp_path / "kept.jsonl", input_format="text")
    assert summary.counts.read == 1
    assert summary.fields == {str(tmp_path / "x.dat"): {"format": "text"}}
    with pytest.raises(ParameterError, match=f"it is one of {', '.join(FORMATS)}"):
        dedup.deduplicate_files([tmp_path / "x.dat"], tmp_path / "kept.jsonl", input_format="xml")  # type: ignore[arg-type]
