from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest

from dedup.io.recordheads import ArcGrammar, WarcGrammar
from dedup.io.streams import Source, zstandard
from dedup.io.warc import WarcReader
from dedup.io.warcrecords import RawRecord, Records
from tests.warcs import ARC_INFO, INFO, arc_record, crawl, http, packed, record, story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shell import Shell

# The third page is a copy of the first one.
CRAWL = [
    *crawl(2),
    record(http(story(0)), "https://other.example/0"),
    record(http(story(5)), "https://other.example/5"),
]
KEPT = [CRAWL[0], CRAWL[1], CRAWL[2], CRAWL[4]]


def kept(shell: Shell, names: list[Path], target: Path) -> bytes:
    """What a run keeps."""
    answer = shell("run", *names, "-o", target, "--keep", "first", "--quiet")
    assert answer.status == 0, answer.err
    return target.read_bytes()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_records_are_copied_byte_for_byte(shell: Shell, tmp_path: Path) -> None:
    plain = written(tmp_path / "a.warc", b"".join(CRAWL))
    members = written(tmp_path / "a.warc.gz", b"".join(packed(CRAWL)))
    one = written(tmp_path / "b.warc.gz", gzip.compress(b"".join(CRAWL)))
    frames = written(tmp_path / "a.warc.zst", b"".join(map(zstandard().compress, CRAWL)))
    for name in (plain, members, one, frames):
        assert kept(shell, [name], tmp_path / "kept.warc") == b"".join(KEPT), name
        assert kept(shell, [name], tmp_path / "kept.warc.gz") == b"".join(packed(KEPT)), name
        assert kept(shell, [name], tmp_path / "kept.warc.zst") == b"".join(map(zstandard().compress, KEPT)), (
            name
        )


def test_members_are_copied_as_they_were_compressed(shell: Shell, tmp_path: Path) -> None:
    members = [gzip.compress(data, 1, mtime=7) for data in CRAWL]
    name = written(tmp_path / "a.warc.gz", b"".join(members))
    assert kept(shell, [name], tmp_path / "kept.warc.gz") == b"".join([*members[:3], members[4]])


def test_of_each_input_what_it_says_of_itself_comes_first(shell: Shell, tmp_path: Path) -> None:
    first = written(tmp_path / "a.warc", b"".join(CRAWL[:2]))
    second = written(tmp_path / "b.warc", b"".join([INFO, CRAWL[4]]))
    third = written(tmp_path / "c.warc", b"".join([INFO, CRAWL[3]]))  # of which nothing is kept
    assert kept(shell, [first, second, third], tmp_path / "kept.warc") == b"".join(
        [INFO, CRAWL[1], INFO, CRAWL[4]]
    )


def test_a_directory_gets_files_of_crawls(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    arcs = [ARC_INFO, *(arc_record(http(story(n)), f"http://news.example/{n}") for n in (7, 8))]
    written(tmp_path / "in" / "a.warc.gz", b"".join(packed(CRAWL)))
    written(tmp_path / "in" / "b.arc.gz", b"".join(packed(arcs)))
    written(tmp_path / "in" / "c.arc", b"".join([ARC_INFO, arc_record(http(story(9)))]))
    answer = shell("run", tmp_path / "in", "-o", f"{tmp_path / 'out'}/", "--keep", "first", "--quiet")
    assert answer.status == 0, answer.err
    assert (tmp_path / "out" / "a.warc.gz").read_bytes() == b"".join(packed(KEPT))
    for name in ("b.arc.gz", "c.arc"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "in" / name).read_bytes()


def test_records_of_arc_become_records_of_warc(shell: Shell, tmp_path: Path) -> None:
    arcs = [ARC_INFO, *(arc_record(http(story(n)), f"http://news.example/{n} {n}") for n in (7, 8))]
    name = written(tmp_path / "a.arc.gz", b"".join(packed(arcs)))
    data = kept(shell, [name], tmp_path / "kept.warc.gz")
    pages = list(WarcReader(Source(str(name))).pages())
    again = list(WarcReader(Source(str(tmp_path / "kept.warc.gz"))).pages())
    assert [item.page for item in again] == [item.page for item in pages]
    items = list(Records(io.BytesIO(data), "gzip", WarcGrammar(), 1 << 20))
    assert all(isinstance(item, RawRecord) and item.member for item in items)


def test_a_record_of_a_wrong_length_is_written_with_the_one_it_has(shell: Shell, tmp_path: Path) -> None:
    block = http(story(9), more=f"Content-Length: {len(story(9))}\r\n")
    name = written(tmp_path / "a.warc", b"".join([CRAWL[0], record(block, length=len(block) + 99), CRAWL[1]]))
    kept(shell, [name], tmp_path / "kept.warc")
    read = WarcReader(Source(str(tmp_path / "kept.warc")), on_error="strict")
    assert [item.page.html for item in read.pages()] == [story(9), story(0)]


def test_other_formats_get_the_extracted_articles(shell: Shell, tmp_path: Path) -> None:
    name = written(tmp_path / "a.warc.gz", b"".join(packed(CRAWL)))
    for target in ("kept.jsonl", "kept.csv", "kept.json", "kept"):
        data = kept(shell, [name], tmp_path / target).decode()
        assert "Town 5 chooses a plan" in data
        assert "https://news.example/1" in data
        assert "2026-03-09T07:00:00" in data
        assert "other.example/0" not in data


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "kept.warc", "--mark"], "no fields for --mark"),
        (["-o", "kept.arc.gz"], "ARC is read and not written"),
        (["a.jsonl", "-o", "kept.warc"], "a.jsonl has none"),
        (["-o", "out/", "--mark"], "no fields for --mark"),
    ],
)
def test_what_cant_be_written_is_refused_before_reading(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    written(tmp_path / "a.warc", b"".join(CRAWL))
    written(tmp_path / "a.jsonl", b'{"text": "It rains."}\n')
    monkeypatch.chdir(tmp_path)
    answer = shell("run", "a.warc", *options)
    assert answer.status == 2
    assert told in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.warc"]


def test_from_standard_input_records_are_compressed_anew(shell: Shell, tmp_path: Path) -> None:
    data = b"".join(gzip.compress(part, 1, mtime=7) for part in CRAWL)
    target = tmp_path / "kept.warc.gz"
    assert shell("run", "-", "-o", target, "--keep", "first", "--quiet", stdin=data).status == 0
    assert target.read_bytes() == b"".join(packed(KEPT))


def test_a_mirror_of_arc_stays_arc(shell: Shell, tmp_path: Path) -> None:
    arcs = [
        ARC_INFO,
        arc_record(http(story(7))),
        arc_record(http(story(7)), "http://b.example/"),
        arc_record(http(story(8)), "http://c.example/"),
    ]
    (tmp_path / "in").mkdir()
    written(tmp_path / "in" / "a.arc.gz", gzip.compress(b"".join(arcs)))
    assert (
        shell("run", tmp_path / "in", "-o", f"{tmp_path / 'out'}/", "--keep", "first", "--quiet").status == 0
    )
    data = (tmp_path / "out" / "a.arc.gz").read_bytes()
    items = list(Records(io.BytesIO(data), "gzip", ArcGrammar(), 1 << 20))
    assert [item.head + item.block + b"\n" for item in items if isinstance(item, RawRecord)] == [
        arcs[0],
        arcs[1],
        arcs[3],
    ]
