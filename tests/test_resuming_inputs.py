"""Interrupted runs read on: no line is parsed twice, and no page extracted twice."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dedup.deduplicator import deduplicate_files
from dedup.io.extracting import Extraction
from dedup.io.jsonlines import JsonLinesReader
from dedup.io.spool import Spool
from dedup.io.streams import Source
from dedup.workdir import WorkDirectory
from tests.interrupting import Interrupted, stop_after
from tests.warcs import INFO, http, page, record, story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import Any

    from dedup.io.batches import Batch
    from dedup.io.extracting import Result
    from dedup.io.pages import Page

OUTPUTS = "kept", "clusters", "damaged"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkDirectory, "leg", 3_000)
    monkeypatch.setattr("dedup.io.lines.BATCH_BYTES", 2_000)
    monkeypatch.setattr("dedup.io.pagereader.BATCH_BYTES", 2_000)


def run(inputs: list[str], place: Path, **options: Any) -> dict[str, bytes]:
    """All outputs of a run."""
    place.mkdir(exist_ok=True)
    names: dict[str, Any] = {name: place / f"{name}.jsonl" for name in OUTPUTS}
    deduplicate_files(inputs, **names, on_error="skip", threads=1, **options)
    return {name: path.read_bytes() for name, path in names.items()}


def interrupted(monkeypatch: pytest.MonkeyPatch, calls: int, inputs: list[str], place: Path) -> None:
    """A run that ends when the manifest was put down so often."""
    with monkeypatch.context() as patch:
        stop_after(patch, calls)
        with pytest.raises(Interrupted):
            run(inputs, place / "cut", work_dir=place / "w")


@pytest.fixture(params=["plain", "gzip"])
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Articles, some twice, lines that are none, and dates that can't be read."""
    made = []
    for number in range(120):
        text = " ".join(f"w{number % 90}x{place}" for place in range(30))
        made.append(
            json.dumps({"id": f"n{number}", "text": text, "date": "2026-03-01" if number % 7 else "soon"})
        )
        made += [["{broken"], [""], []][number % 3]
    data = "\n".join(made).encode()
    path = tmp_path / ("a.jsonl.gz" if request.param == "gzip" else "a.jsonl")
    path.write_bytes(gzip.compress(data) if request.param == "gzip" else data)
    return str(path)


@pytest.mark.parametrize("calls", [3, 5, 6])
def test_no_line_is_parsed_twice(
    lines: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    expected = run([lines], tmp_path / "memory")
    parsed = 0
    batch = JsonLinesReader._batch

    def count(self: JsonLinesReader, data: Sequence[bytes | None]) -> Batch | None:
        nonlocal parsed
        parsed += len(data)
        return batch(self, data)

    monkeypatch.setattr(JsonLinesReader, "_batch", count)
    run([lines], tmp_path / "memory")
    whole, parsed = parsed, 0
    interrupted(monkeypatch, calls, [lines], tmp_path)
    before, parsed = parsed, 0
    assert 0 < before < whole
    assert run([lines], tmp_path / "cut", work_dir=tmp_path / "w") == expected
    assert before + parsed <= whole + 50, "more than the leg that was not put down"


@pytest.fixture
def crawl(tmp_path: Path) -> list[str]:
    """Two crawls with damage, answers that are no pages, a page without an article, and copies; and a page."""
    records = [INFO, *(record(http(story(number)), f"https://news.example/{number}") for number in range(16))]
    records.insert(3, b"WARC/1.0\r\nno record\r\n\r\n")
    records.insert(5, record(http(b"%PDF", "application/pdf"), "https://news.example/pdf"))
    records.insert(7, record(http(page("", "")), "https://news.example/empty"))
    empty = page("", "")
    answer = http(empty, more=f"Content-Length: {len(empty)}\r\n")
    cut = record(answer, "https://news.example/cut", length=len(answer) + 90)
    (tmp_path / "a.warc").write_bytes(b"".join([*records[:13], cut]))
    (tmp_path / "b.warc.gz").write_bytes(b"".join(map(gzip.compress, records[9:])))
    (tmp_path / "c.html").write_bytes(story(30))
    return [str(tmp_path / name) for name in ("a.warc", "b.warc.gz", "c.html")]


def test_what_was_extracted_outlives_a_kill(crawl: list[str], tmp_path: Path) -> None:
    expected = run(crawl, tmp_path / "memory")
    program = f"""
import os
from dedup.deduplicator import deduplicate_files
from dedup.workdir import WorkDirectory
put_down, made = WorkDirectory._put_down, 0
def kill(self):
    global made
    put_down(self)
    made += 1
    if made == {{calls}}:
        os._exit(9)
WorkDirectory._put_down, WorkDirectory.leg = kill, 3_000
names = {{{{name: {str(tmp_path / "cut")!r} + f"/{{{{name}}}}.jsonl" for name in {OUTPUTS}}}}}
deduplicate_files({crawl!r}, **names, on_error="skip", threads=1, work_dir={str(tmp_path / "w")!r})
"""
    (tmp_path / "cut").mkdir()
    for calls in (3, 5):
        killed = subprocess.run([sys.executable, "-c", program.format(calls=calls)], check=False)
        assert killed.returncode == 9
    assert run(crawl, tmp_path / "cut", work_dir=tmp_path / "w") == expected


def test_no_page_is_extracted_twice(
    crawl: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(crawl, tmp_path / "memory")
    assert expected["damaged"].count(b"\n") == 5
    submit, submitted = Extraction.submit, 0

    def count(self: Extraction, page: Page) -> Future[Result]:
        nonlocal submitted
        submitted += 1
        return submit(self, page)

    monkeypatch.setattr(Extraction, "submit", count)
    run(crawl, tmp_path / "memory")
    whole = submitted
    spooled = set()
    for calls in range(2, 9):
        interrupted(monkeypatch, calls, crawl, tmp_path)
        spool = Spool(tmp_path / "w" / "log.pages")
        done = len(list(spool.entries()))
        spool.close()
        spooled.add(done)
        submitted = 0
        assert run(crawl, tmp_path / "cut", work_dir=tmp_path / "w") == expected
        assert submitted == whole - done
    assert len(spooled) > 3
    assert whole in spooled


def test_a_reader_that_was_left_midway_begins_at_the_begin(lines: str) -> None:
    reader = JsonLinesReader(Source(lines), on_error="skip")
    next(iter(reader.batches()))
    assert len(list(reader)) == 120
