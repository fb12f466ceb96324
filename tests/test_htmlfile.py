"""Files of HTML: a page each, read by all commands that read files."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dedup
from dedup.errors import ParameterError, ReadError
from dedup.io import formats
from dedup.io.extracting import NO_ARTICLE
from dedup.io.files import expand_inputs, missing_extras, other_files
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from tests.shell import Shell

pytest.importorskip("resiliparse")

PAGES = Path(__file__).resolve().parents[1] / "fixtures" / "html"
STORY = (
    "The council voted on Monday to close the old pool, which had leaked since the spring of the year before."
)


def write(folder: Path, **pages: str) -> Path:
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html)
    return folder


def html(number: int, text: str = STORY) -> str:
    return f"<html><title>Pool {number}</title><body><p>{text}</p><p>It is the pool number {number} of this town.</p></body></html>"


@pytest.mark.parametrize(
    ("name", "begin", "form"),
    [
        ("page", b"<!DOCTYPE html><p>rain", "html"),
        ("page", b"\xef\xbb\xbf \n<!doctype HTML >", "html"),
        ("page", b"<html lang=en>", "html"),
        ("page", b"<?xml version='1.0'?>\n<!-- saved -->\n<html>", "html"),
        ("page.html", b"rain", "html"),
        ("page.HTM", b"rain", "html"),
        ("page.xhtml.gz", b"rain", "html"),
        ("page.txt", b"<html>", "text"),
        ("page.html", b'{"text": "rain"}\n', "jsonl"),
        ("page.jsonl", b"<html>", "html"),
    ],
)
def test_pages_are_told_by_contents_and_names(tmp_path: Path, name: str, begin: bytes, form: str) -> None:
    (tmp_path / name).write_bytes(begin)
    assert formats.format_of(Source(str(tmp_path / name))) == form


def test_a_feed_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(b"<?xml version='1.0'?><rss><channel>")
    with pytest.raises(ReadError, match="what it is can't be told"):
        formats.format_of(Source(str(tmp_path / "feed")))


def test_a_folder_of_pages_is_deduplicated(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    (pages / "deep").mkdir(parents=True)
    write(
        pages,
        a=html(1),
        b=html(2, "Rain fell in the north all day, and the ferry to the island was late by an hour or more."),
    )
    write(pages / "deep", c=html(1))
    (pages / "d.html.gz").write_bytes(gzip.compress(b"<html><p>"))
    summary = dedup.deduplicate_files([pages], tmp_path / "kept.jsonl", damaged=tmp_path / "damaged.jsonl")
    assert (summary.counts.read, summary.counts.kept, summary.counts.exact, summary.counts.damaged) == (
        3,
        2,
        1,
        1,
    )
    kept = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert [(record["id"], record["title"]) for record in kept] == [
        (str(pages / "a.html"), "Pool 1"),
        (str(pages / "b.html"), "Pool 2"),
    ]
    assert kept[0]["text"].startswith(STORY)
    (damaged,) = map(json.loads, (tmp_path / "damaged.jsonl").read_text().splitlines())
    assert (damaged["input"], damaged["reason"]) == (str(pages / "d.html.gz"), NO_ARTICLE)


def test_a_mirror_has_the_pages_byte_for_byte(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for path in PAGES.iterdir():
        (pages / path.name).write_bytes(path.read_bytes())
    (pages / "z.html").write_bytes((PAGES / "english.html").read_bytes())
    (pages / "packed.html.gz").write_bytes(
        gzip.compress((PAGES / "german.html").read_bytes() + b"<!-- packed -->")
    )
    dedup.deduplicate_files([pages], f"{tmp_path}/out/", keep="first")
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {path.name for path in PAGES.iterdir()} - {
        "packed.html.gz",
        "z.html",
    }
    for path in out.iterdir():
        assert path.read_bytes() == (pages / path.name).read_bytes()
    with pytest.raises(ParameterError, match="is a page, which has no fields for --mark"):
        dedup.deduplicate_files([pages], f"{tmp_path}/out/", mark=True)


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "html"])
def test_articles_of_pages_are_written_in_other_formats(tmp_path: Path, suffix: str) -> None:
    kept = tmp_path / f"kept.{suffix}"
    dedup.deduplicate_files([PAGES], kept, mark=True)
    if suffix == "html":  # no page can be made of articles
        assert json.loads(kept.read_text().splitlines()[0])["dedup_kept"] is True
    else:
        assert dedup.deduplicate_files([kept], tmp_path / "again.jsonl").counts.read == 7


def test_pages_and_articles_stand_side_by_side(tmp_path: Path) -> None:
    found = dedup.deduplicate_files([PAGES, "fixtures/news/monday.jsonl"], tmp_path / "kept")
    assert found.counts.read == 7 + 26
    assert found.fields[str(PAGES / "arabic.html")] == {"format": "html"}
    assert all(map(json.loads, (tmp_path / "kept").read_text().splitlines()))


def test_the_order_is_that_of_the_files_however_many_extract(tmp_path: Path) -> None:
    write(tmp_path, **{f"{number:03}": html(number, f"{STORY} {number}") for number in range(150)})
    names = expand_inputs([tmp_path])
    with Inputs(names, None, "raise", MAX_RECORD) as taken:
        titles = [title for batch in taken.batches() for title in batch.titles]
        rows = taken.places.files
    assert titles == [f"Pool {number}".encode() for number in range(150)]
    assert rows.tolist() == list(range(150))


def test_pages_wait_for_their_turn_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.io.ahead._AHEAD_BYTES", 1000)
    write(tmp_path, **{str(number): html(number) + " " * 300 for number in range(9)})
    with Inputs(expand_inputs([tmp_path]), None, "raise", MAX_RECORD) as taken:
        for _ in taken.batches():
            assert sum(reader._begun is not None for reader in taken.readers) <= 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n", "no page: the file is empty"),
        (gzip.compress(b"<html>" * 99, mtime=0)[:-9], "the compressed data end too early"),
    ],
)
def test_a_file_that_is_no_page_ends_the_run_or_is_skipped(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.html").write_bytes(data)
    write(tmp_path, b=html(1))
    with pytest.raises(ReadError, match=reason):
        dedup.deduplicate_files([tmp_path], tmp_path / "kept.jsonl")
    summary = dedup.deduplicate_files([tmp_path], tmp_path / "kept.jsonl", on_error="skip")
    assert [reason in damaged.reason for damaged in summary.damaged] == [True]
    assert summary.counts.read == 1


def test_pages_longer_than_a_record_are_no_pages(tmp_path: Path) -> None:
    write(tmp_path, a=html(1))
    with pytest.raises(ReadError, match="longer than 100 bytes; allow more with --max-record"):
        dedup.deduplicate_files([tmp_path / "a.html"], tmp_path / "kept.jsonl", max_record=100)


def test_without_the_extra_pages_of_a_folder_are_named(
    tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, a=html(1), b=html(2))
    monkeypatch.setattr(formats, "_is_installed", lambda _: False)
    assert (missing_extras([tmp_path]), other_files([tmp_path])) == (["html"], {".html": 2})
    with pytest.raises(
        ReadError, match=r"2 files of other kinds \(.html\).*pip install 'news-dedup\[html\]'"
    ):
        expand_inputs([tmp_path])
    (tmp_path / "c.jsonl").write_text('{"text": "rain"}\n')
    answer = shell("run", tmp_path, "-o", "-")
    assert answer.status == 0
    assert "not read, being of other kinds: 2 .html; pages need pip install 'news-dedup[html]'" in answer.err
    assert find_spec("resiliparse")


def test_a_page_is_inspected_and_compared(shell: Shell, tmp_path: Path) -> None:
    page = PAGES / "english.html"
    repeated = write(tmp_path, a=html(1, f"{STORY}</p><p>It has no roof.</p><p>{STORY}")) / "a.html"
    answer = shell("inspect", repeated)
    assert answer.status == 0
    assert "repeated paragraph" in answer.out
    assert answer.err == f"{repeated}: the article of the page was extracted: Pool 1\n"
    (tmp_path / "copy").write_bytes(page.read_bytes())
    assert shell("compare", page, tmp_path / "copy").status == 1
    (tmp_path / "text.txt").write_text(STORY)
    mixed = shell("compare", page, tmp_path / "text.txt", "--json")
    assert (mixed.status, json.loads(mixed.out)["relation"]) == (0, "same_story")
    assert shell("compare", "-", page, stdin=page.read_bytes()).status == 1
    assert shell("compare", "-", page, stdin=b"rain <html>").status == 0


def test_a_page_without_an_article_is_told(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, a="<html></html>") / "a.html"
    answer = shell("inspect", page)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == f"dedup: {page}: {NO_ARTICLE}\n"


def test_terminal_escapes_of_titles_are_not_printed(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, a=f"<title>Pool \x1b[31mcloses</title><p>{STORY}</p>") / "a.html"
    assert "\x1b" not in shell("inspect", page).err


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
def test_the_extractor_is_an_option(shell: Shell, tmp_path: Path, extractor: str) -> None:
    pytest.importorskip(extractor)
    answer = shell(
        "run", PAGES, "-o", tmp_path / "kept.jsonl", "--extractor", extractor, "--page-seconds", 30
    )
    assert answer.status == 0, answer.err
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 7
    assert shell("run", PAGES, "-o", tmp_path / "kept.jsonl", "--page-seconds", 0).status == 2


def test_an_index_takes_pages(shell: Shell, tmp_path: Path) -> None:
    index = tmp_path / "news.dedup"
    assert shell("index", "add", index, PAGES).status == 0
    assert "as was said when it was added" in shell("index", "check", index, PAGES / "english.html").out
    assert (
        shell(
            "run", PAGES, "-o", tmp_path / "kept.jsonl", "--index", index, "--extractor", "resiliparse"
        ).status
        == 0
    )
