from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import MissingExtraError, ReadError
from dedup.io.formats import format_of, reader_of, suffix_format
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source, zstandard
from dedup.io.warc import WarcReader
from dedup.io.warcrecords import RawRecord
from tests.warcs import ARC_INFO, INFO, arc_record, crawl, http, packed, page, record, story

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.article import Damaged
    from tests.shell import Shell


def reader(path: Path, data: bytes, **options: object) -> WarcReader:
    path.write_bytes(data)
    return WarcReader(Source(str(path)), **options)  # type: ignore[arg-type]


def urls(read: WarcReader) -> list[str | None]:
    return [found.page.url for found in read.pages()]


def noted(items: list[Damaged]) -> list[tuple[int, int | None, str | None]]:
    return [(item.place.record, item.offset, item.kind) for item in items]


CRAWL = crawl(4)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.warc", "warc"),
        ("a.WARC.gz", "warc"),
        ("a.warc.wet.gz", "warc"),
        ("a.warc.wat.gz", "warc"),
        ("a.warc.zst", "warc"),
        ("a.arc.gz", "warc"),
    ],
)
def test_names_tell(name: str, form: str) -> None:
    assert suffix_format(name) == form


def test_contents_tell(tmp_path: Path) -> None:
    for data in (CRAWL[1], gzip.compress(CRAWL[1]), ARC_INFO, zstandard().compress(INFO)):
        (tmp_path / "crawl").write_bytes(data)
        assert format_of(Source(str(tmp_path / "crawl"))) == "warc"


def test_without_fastwarc_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc").write_bytes(CRAWL[0])
    for name in ("fastwarc", "fastwarc.warc"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("dedup.io.warc", "dedup.io.responses"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(MissingExtraError, match=r"news-dedup\[warc\]"):
        reader_of(Source(str(tmp_path / "a.warc")), None, None, "raise", MAX_RECORD)


def test_pages_come_with_their_places(tmp_path: Path) -> None:
    data = b"".join(CRAWL)
    for name, stored in (
        ("a.warc", data),
        ("a.warc.gz", b"".join(packed(CRAWL))),
        ("b.warc.gz", gzip.compress(data)),
    ):
        found = list(reader(tmp_path / name, stored).pages())
        assert [item.page.url for item in found] == [f"https://news.example/{n}" for n in range(4)]
        assert [item.page.html for item in found] == [story(n) for n in range(4)]
        assert [item.number for item in found] == [2, 3, 4, 5]
        assert [data[item.start : item.stop] for item in found] == [part[:-4] for part in CRAWL[1:]]


def test_what_is_left_out_is_noted_with_its_offset(tmp_path: Path) -> None:
    members = packed([*CRAWL[:2], record(http(b"GIF", "image/gif")), CRAWL[2], CRAWL[3]])
    broken = bytearray(members[3])
    broken[60] ^= 0xFF
    places = [sum(map(len, members[:n])) for n in range(5)]
    read = reader(tmp_path / "a.warc.gz", b"".join([*members[:3], bytes(broken), members[4][:-300]]))
    assert urls(read) == ["https://news.example/0"]
    assert noted(read.not_html) == [(3, places[2], "not_html")]
    assert noted(read.damaged) == [(4, places[3], "damaged"), (5, places[4], "truncated")]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"".join(CRAWL)[:-300], "ends within it"),
        (record(http(b"GIF", "image/gif")), "no page: image/gif"),
        (CRAWL[0] + b"junk" * 9, "no record begins here"),
        (
            record(http(gzip.compress(story(1), mtime=0)[:-9], more="Content-Encoding: gzip\r\n")),
            "gzip is broken",
        ),
    ],
)
def test_strictly_each_is_an_error(tmp_path: Path, data: bytes, told: str) -> None:
    for lenient in ("raise", "skip"):
        list(reader(tmp_path / "a.warc", data, on_error=lenient).pages())
    with pytest.raises(ReadError, match=rf"a\.warc:\d: .*{told}.*at byte") as error:
        list(reader(tmp_path / "a.warc", data, on_error="strict").pages())
    assert error.value.record is not None


def test_a_page_whose_record_has_a_wrong_length_is_read_by_that_of_http(tmp_path: Path) -> None:
    block = http(story(9), more=f"Content-Length: {len(story(9))}\r\n")
    for length in (len(block) - 9, len(block) + 200, len(block) + 10**6):
        read = reader(tmp_path / "a.warc", b"".join([CRAWL[0], record(block, length=length), CRAWL[1]]))
        assert [item.page.html for item in read.pages()] == [story(9), story(0)]
        assert noted(read.damaged) == [(2, len(CRAWL[0]), "damaged")]


def test_the_begin_of_a_compressed_file_may_be_damaged(tmp_path: Path) -> None:
    members = packed(CRAWL)
    read = reader(tmp_path / "a.warc.gz", b"".join([b"\0\xff" + members[0][2:], *members[1:]]))
    assert len(urls(read)) == 4
    assert [item.kind for item in read.damaged] == ["damaged"]


def test_texts_of_wet_are_articles(tmp_path: Path) -> None:
    text = "Dam breaks\r\nIt rained for a week.\nThe dam broke on Monday.\n"
    wet = record(
        text.encode(),
        "https://news.example/dam",
        "conversion",
        "text/plain",
        more="WARC-Identified-Content-Language: eng\r\n",
    )
    alone = record(("x" * 400 + "\nrain").encode(), "https://news.example/long", "conversion", "text/plain")
    read = reader(tmp_path / "a.warc.wet.gz", b"".join(packed([INFO, wet, alone])))
    first, second = (found.article for found in read)
    assert (first.url, first.title, first.language) == ("https://news.example/dam", "Dam breaks", "eng")
    assert first.text == text.strip()
    assert second.title is None
    (fields, _) = read.records_again([(found.start, found.stop) for found in read])
    assert fields["fetched"] == "2026-03-09T07:00:00+00:00"
    assert read.damaged == []


def test_a_file_of_pages_and_texts_gives_both_in_order(tmp_path: Path) -> None:
    def text(n: int) -> bytes:
        return record(b"A text.\nIt rains.", f"https://news.example/text{n}", "conversion", "text/plain")

    read = reader(tmp_path / "a.warc", b"".join([CRAWL[1], text(0), text(1), CRAWL[2], text(2)]))
    assert [found.article.url for found in read] == [
        f"https://news.example/{name}" for name in ("0", "text0", "text1", "1", "text2")
    ]


def test_a_wat_file_says_that_it_holds_no_text(tmp_path: Path) -> None:
    wat = record(b"{}", kind="metadata", content_type="application/json")
    read = reader(tmp_path / "a.warc.wat.gz", b"".join(packed([INFO, wat, wat])))
    assert list(read) == []
    assert [item.kind for item in read.not_html] == ["not_html"] * 2
    (only,) = read.damaged
    assert only.reason.startswith("holds metadata of a crawl, and no text")


def test_arc(tmp_path: Path) -> None:
    records = [ARC_INFO, *(arc_record(http(story(n)), f"http://news.example/{n}") for n in range(3))]
    for name, data in (
        ("a.arc", b"".join(records)),
        ("a.arc.gz", b"".join(packed(records))),
        ("crawl", b"".join(records)),
    ):
        assert urls(reader(tmp_path / name, data)) == [f"http://news.example/{n}" for n in range(3)]
    read = reader(tmp_path / "b.arc", b"".join(records[1:]))
    assert len(urls(read)) == 3


def test_articles_are_extracted_and_read_again(tmp_path: Path) -> None:
    read = reader(tmp_path / "a.warc.gz", b"".join(packed(CRAWL)))
    found = list(read)
    assert [item.article.title for item in found] == [f"Town {n} chooses a plan" for n in range(4)]
    spans = [(item.start, item.stop) for item in found]
    assert list(read.texts_again(spans[1:3])) == [item.article.text.encode() for item in found[1:3]]
    (batch, places), *_ = read.batches()
    assert batch.titles == [(item.article.title or "").encode() for item in found]
    assert places.numbers.tolist() == [2, 3, 4, 5]


def test_standard_input_is_read(shell: Shell, tmp_path: Path) -> None:
    answer = shell("run", "-", "-o", tmp_path / "kept.jsonl", "--quiet", stdin=b"".join(packed(CRAWL)))
    assert answer.status == 0, answer.err
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 4


def damaged_crawl(path: Path) -> Path:
    """Two copies of one story, another, an image; a damaged member, and one that is cut."""
    copy = record(http(story(0)), "https://other.example/0")
    members = packed([*CRAWL[:3], copy, record(http(b"GIF", "image/gif")), CRAWL[3], CRAWL[4]])
    broken = bytearray(members[5])
    broken[60] ^= 0xFF
    path.write_bytes(b"".join([*members[:5], bytes(broken), members[6][:-99]]))
    return path


def test_a_run_counts_and_lists_what_is_left_out(shell: Shell, tmp_path: Path) -> None:
    name = damaged_crawl(tmp_path / "a.warc.gz")
    answer = shell("run", name, "-o", tmp_path / "kept.jsonl", "--damaged", tmp_path / "damaged", "--json")
    counts = json.loads(answer.err)["counts"]
    assert answer.status == 0
    assert (counts["read"], counts["kept"], counts["exact"], counts["damaged"]) == (3, 2, 1, 2)
    kinds = ("damaged", "truncated", "not_html")
    assert [counts[f"records_{kind}"] for kind in kinds] == [1, 1, 1]
    lines = [json.loads(line) for line in (tmp_path / "damaged").read_text().splitlines()]
    assert [(line["record"], line["kind"]) for line in lines] == [
        (5, "not_html"),
        (6, "damaged"),
        (7, "truncated"),
    ]
    assert all(
        gzip.GzipFile(fileobj=io.BytesIO(name.read_bytes()[line["offset"] :])).read(5) == b"WARC/"
        for line in lines[:1]
    )
    told = shell("run", name, "-o", tmp_path / "kept.jsonl").err
    assert "note: 1 records of crawls are truncated (records_truncated)" in told
    assert "at byte" in told


def test_counts_of_crawls_are_not_told_where_there_are_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(CRAWL))
    assert "records_" not in shell("run", tmp_path / "a.warc", "-o", tmp_path / "kept.jsonl").err


@pytest.mark.parametrize(
    "command", [("run", "-o", "kept.jsonl"), ("stories", "-o", "stories.jsonl"), ("headlines",)]
)
def test_strictly_a_command_ends_with_the_place(
    shell: Shell, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name = damaged_crawl(tmp_path / "a.warc.gz")
    options = [tmp_path / part if part.endswith("jsonl") else part for part in command[1:]]
    assert shell(command[0], name, *options).status == 0
    answer = shell(command[0], name, *options, "--strict")
    assert answer.status == 2
    assert "a.warc.gz:5: no page: image/gif (at byte" in answer.err


def test_what_is_strict_skips_nothing(shell: Shell, tmp_path: Path) -> None:
    name = damaged_crawl(tmp_path / "a.warc.gz")
    answer = shell("run", name, "-o", tmp_path / "kept.jsonl", "--strict", "--on-error", "skip")
    assert answer.status == 2
    assert "leave one of them out" in answer.err
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"text": "It rains."}\n{"text": 5}\n')
    assert shell("run", lines, "-o", tmp_path / "kept.jsonl", "--strict").status == 2


@given(st.binary(max_size=2000), st.sampled_from([".warc", ".warc.gz", ".arc", ".warc.zst"]))
def test_any_bytes_are_read_or_noted(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    list(reader(path, data).pages())
    list(reader(path, b"WARC/1.0\r\n" + data).pages())


def test_the_fixtures_are_read(fixtures_dir: Path) -> None:
    evening = WarcReader(Source(str(fixtures_dir / "crawls" / "evening.warc.gz")))
    assert [found.number for found in evening] == [3, 4, 5, 6, 7, 13]
    assert [item.reason for item in evening.not_html[:3]] == ["image/gif", "status 301", "status 404"]
    damaged = WarcReader(Source(str(fixtures_dir / "crawls" / "damaged.warc.gz")))
    assert len(list(damaged)) == 4
    assert [item.kind for item in damaged.damaged] == ["damaged", "truncated", "truncated"]


def test_what_was_left_out_is_known_to_a_run_that_goes_on(tmp_path: Path) -> None:
    name = str(damaged_crawl(tmp_path / "a.warc.gz"))
    with Inputs([name], None, "raise", MAX_RECORD) as inputs:
        list(inputs.placed())
        state, left_out = json.loads(json.dumps(inputs.state())), inputs.left_out
    with Inputs([name], None, "raise", MAX_RECORD) as inputs:
        inputs.resume(state)
        assert list(inputs.placed()) == []
        assert inputs.left_out == left_out
        assert inputs.crawled == {"records_damaged": 1, "records_truncated": 1, "records_not_html": 1}


@pytest.mark.parametrize("command", ["run", "index add", "stories", "headlines"])
def test_every_command_tells_what_it_left_out_of_a_crawl(shell: Shell, tmp_path: Path, command: str) -> None:
    name = damaged_crawl(tmp_path / "a.warc.gz")
    index = [tmp_path / "news.dedup"] if command == "index add" else []
    options = [*command.split(), *index, name, "-o", tmp_path / "out.jsonl"]
    told = shell(*options).err
    for note in ("damaged (records_damaged)", "truncated (records_truncated)", "(records_not_html)"):
        assert note in told
    shutil.rmtree(tmp_path / "news.dedup", ignore_errors=True)
    counts = json.loads(shell(*options, "--json").err)["counts"]
    assert [counts[f"records_{kind}"] for kind in ("damaged", "truncated", "not_html")] == [1, 1, 1]


def test_an_index_takes_crawls(shell: Shell, tmp_path: Path) -> None:
    name = damaged_crawl(tmp_path / "a.warc.gz")
    options = [
        "index",
        "add",
        tmp_path / "news.dedup",
        name,
        "--damaged",
        tmp_path / "damaged",
        "-o",
        tmp_path / "kept.warc.gz",
    ]
    answer = shell(*options)
    assert answer.status == 0, answer.err
    assert len((tmp_path / "damaged").read_text().splitlines()) == 3
    assert urls(WarcReader(Source(str(tmp_path / "kept.warc.gz")))) == [
        "https://news.example/0",
        "https://news.example/1",
    ]
    assert shell(*options, "--strict").status == 2


# Counts of the reference reader, warcio 1.8.1: all records, and those that are answers.
COUNTS = {
    "whirlwind.warc": (4, 1),
    "whirlwind.warc.gz": (4, 1),
    "whirlwind.warc.wat": (2, 0),
    "whirlwind.warc.wat.gz": (2, 0),
    "whirlwind.warc.wet": (2, 0),
    "whirlwind.warc.wet.gz": (2, 0),
    "warcio/test/data/example-digest.warc": (4, 0),
    "warcio/test/data/example-resource.warc.gz": (3, 0),
    "warcio/test/data/example-space-in-target-uri.warc.gz": (2, 0),
    "warcio/test/data/example-wget-bad-target-uri.warc.gz": (6, 1),
    "warcio/test/data/example.arc": (2, 1),
    "warcio/test/data/example.arc.gz": (2, 1),
    "warcio/test/data/example.warc": (6, 1),
    "warcio/test/data/example.warc.gz": (6, 1),
    "warcio/test/data/post-test.warc.gz": (6, 3),
}
#: Whole records, pages, and kinds of damage.
MALFORMED = {
    "bad.arc": (1, 0, ["damaged"] * 3),
    "example-bad-non-chunked.warc.gz": (6, 1, []),
    "example-bad.warc.gz.bad": (6, 1, []),
    "example-space-in-url.arc": (1, 1, ["truncated"]),
    "example-trunc.warc": (3, 1, ["damaged"]),
    "example-wrong-chunks.warc.gz": (2, 1, []),
}


def is_answer(item: RawRecord) -> bool:
    if item.head.startswith(b"WARC/"):
        return b"\nwarc-type: response\r" in item.head.lower()
    return not item.head.startswith(b"filedesc:")


@pytest.mark.parametrize("name", COUNTS)
def test_well_formed_files_have_the_records_of_the_reference(shared_dir: Path, name: str) -> None:
    items = list(WarcReader(Source(str(shared_dir / "data" / "warc" / name))).records())
    records = [item for item in items if isinstance(item, RawRecord)]
    assert (len(records), sum(map(is_answer, records))) == COUNTS[name]
    assert len(records) == len(items)


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files_give_what_can_be_read(shared_dir: Path, name: str) -> None:
    read = WarcReader(Source(str(shared_dir / "data" / "warc" / "warcio" / "test" / "data" / name)))
    n_records = sum(isinstance(item, RawRecord) for item in read.records())
    n_pages = len(urls(read))
    assert (n_records, n_pages, [item.kind for item in read.damaged]) == MALFORMED[name]


def test_a_page_of_any_charset_is_handed_on_as_it_is(tmp_path: Path) -> None:
    html = page("Дамба", "Дамба рухнула.").decode().encode("koi8-r")
    read = reader(tmp_path / "a.warc", record(http(html, "text/html; charset=koi8-r")))
    (found,) = read.pages()
    assert (found.page.html, found.page.charset) == (html, "koi8-r")
