"""A law: in whatever format articles are written, with whatever between them, what is read of them is the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.io.batches import Batch
from dedup.io.formats import reader_of
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Records = list[dict[str, Any]]
NAMES = ("id", "url", "title", "date", "source", "language", "text")


def json_lines(records: Records) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def json_array(records: Records) -> bytes:
    return json.dumps(records, ensure_ascii=False).encode()


def pretty_array(records: Records) -> bytes:
    return json.dumps(records, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode()


def json_objects(records: Records) -> bytes:
    return b"\n\n".join(json.dumps(record, indent=1).encode() for record in records)


def table(delimiter: str, line_end: str = "\n", quoting: Any = csv.QUOTE_MINIMAL, begin: str = "") -> Writer:
    def write(records: Records) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, NAMES, delimiter=delimiter, lineterminator="\r\n", quoting=quoting, extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(records)
        written = text.getvalue()
        if line_end != "\r\n":  # both are quoted in cells where the writer ends its lines with both
            rows = io.StringIO(newline="")
            plain = csv.writer(rows, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
            written = ""
            for row in csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter):
                plain.writerow(row)
                written += rows.getvalue().removesuffix("\r\n") + line_end
                rows.seek(0)
                rows.truncate()
        return (begin + written).encode()

    return write


def parquet_file(size: int) -> Writer:
    def write(records: Records) -> bytes:
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        columns = {
            name: pyarrow.array([record.get(name) for record in records], pyarrow.string()) for name in NAMES
        }
        output = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), output, row_group_size=size)
        return output.getvalue()

    return write


if TYPE_CHECKING:
    Writer = Callable[[Records], bytes]

#: Name of a file, and what is written into it.
WAYS: dict[str, Writer] = {
    "news.json": json_array,
    "pretty.json": pretty_array,
    "objects.json": json_objects,
    "array.jsonl": json_array,
    "news.csv": table(","),
    "semicolon.csv": table(";", "\r\n"),
    "bar.csv": table("|", begin="\ufeff"),
    "tab.csv": table("\t"),
    "quoted.csv": table(",", "\r\n", csv.QUOTE_ALL, "\ufeff"),
    "news.tsv": table("\t"),
    "news.parquet": parquet_file(1 << 20),
    "groups.pq": parquet_file(3),
}


def read(path: Path, **options: Any) -> tuple[Batch, Inputs]:
    """What is read of a file, and what it was read with."""
    with Inputs([str(path)], options.get("fields"), options.get("on_error", "raise"), MAX_RECORD) as inputs:
        batch = Batch.join([Batch([], [], [], [], [], [], [], 0), *inputs.batches()])
        again = list(inputs.texts(np.arange(len(batch.ids))))
    assert again == batch.texts
    return batch, inputs


def same(one: Batch, other: Batch) -> None:
    for name, first, second in zip(Batch._fields, one, other, strict=True):
        if name == "published":
            assert np.array_equal(np.array(first), np.array(second), equal_nan=True)
        else:
            assert first == second, name


def news(fixtures_dir: Path) -> Records:
    lines = [
        line
        for name in ("monday", "tuesday", "wires")
        for line in (fixtures_dir / "news" / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    return [{name: json.loads(line).get(name) for name in NAMES} for line in lines]


@pytest.mark.parametrize("name", WAYS)
def test_batches_are_those_of_json_lines(fixtures_dir: Path, tmp_path: Path, name: str) -> None:
    records = news(fixtures_dir)
    lines, path = tmp_path / "plain.jsonl", tmp_path / name
    lines.write_bytes(json_lines(records))
    path.write_bytes(WAYS[name](records))
    expected, _ = read(lines)
    found, _ = read(path)
    same(found, expected)
    assert len(found.ids) == len(records)


@pytest.mark.parametrize("name", [name for name in WAYS if not name.endswith((".parquet", ".pq"))])
def test_compression_changes_nothing(fixtures_dir: Path, tmp_path: Path, name: str) -> None:
    plain, packed = tmp_path / name, tmp_path / f"{name}.gz"
    plain.write_bytes(WAYS[name](news(fixtures_dir)))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    same(read(packed)[0], read(plain)[0])


_nasty = st.text(
    st.sampled_from("a b\"'\n\r,;\t|{}[]\\:é文\u2028\x1f\x85\ufeff😀")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=30,
)
_words = st.text(st.sampled_from('abc é,;\t|"{}[]\\'), min_size=1, max_size=9)
_dates = st.integers(0, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())
_articles = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.none() | _words,
            "url": st.none() | _words,
            "title": st.none() | _nasty,
            "date": st.none() | _dates,
            "source": st.none() | _words,
            "language": st.none() | st.sampled_from(["de", "en"]),
            "text": _nasty,
        }
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=_articles, size=st.sampled_from([1, 7, 40, 1 << 20]))
def test_nasty_texts_are_read_as_they_were_written(
    tmp_path: Path, name: str, records: Records, size: int
) -> None:
    lines, path = tmp_path / "plain.jsonl", tmp_path / name
    lines.write_bytes(json_lines(records))
    path.write_bytes(WAYS[name](records))
    expected, _ = read(lines)
    with pytest.MonkeyPatch.context() as patched:
        for module in ("lines", "jsonspans", "jsonvalues"):
            patched.setattr(f"dedup.io.{module}.BATCH_BYTES", size)
        found, inputs = read(path)
    same(found, expected)
    spans = zip(inputs.places.starts.tolist(), inputs.places.stops.tolist(), strict=True)
    again = reader_of(Source(str(path)), None, None, "raise", MAX_RECORD).records_again(spans)
    assert [{key: row[key] for key in NAMES} for row in again] == records
