"""Directories stand for the files in them, and what is left out is counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dedup.deduplicator import deduplicate_files
from dedup.errors import ReadError
from dedup.io.files import expand_inputs, other_files

if TYPE_CHECKING:
    from pathlib import Path

READ = ["a.jsonl", "b.CSV", "deep/er/c.txt.gz", "deep/er/d.parquet", "deep/z.json.zst"]
OTHER = ["README", "deep/picture.jpg", "deep/er/picture.JPG", "x.csv.bak"]
HIDDEN = [".hidden.jsonl", ".git/e.jsonl", "deep/.cache/f.txt"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "news"
    for name in (*READ, *OTHER, *HIDDEN):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return home


def test_a_directory_stands_for_all_files_below_it_of_a_known_kind(folder: Path) -> None:
    assert expand_inputs([folder]) == [str(folder / name) for name in READ]


def test_what_is_not_read_is_counted_and_nothing_hidden_is(folder: Path) -> None:
    assert other_files([folder, folder / "a.jsonl"]) == {"no suffix": 1, ".jpg": 2, ".bak": 1}


def test_a_run_says_which_files_it_did_not_read(folder: Path, tmp_path: Path) -> None:
    for name in READ:
        if not name.endswith("a.jsonl"):
            (folder / name).unlink()
    (folder / "a.jsonl").write_text('{"text": "a b c"}\n')
    summary = deduplicate_files([folder, folder / "a.jsonl"], folder / "kept.other")
    assert summary.other_files == len(OTHER)
    assert summary.other_names == tuple(sorted(str(folder / name) for name in OTHER))
    told = summary.as_dict()
    assert (told["other_files"], told["other_names"]) == (len(OTHER), summary.other_names)


def test_of_many_files_that_are_not_read_some_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a b c"}\n')
    for number in range(120):
        (tmp_path / f"{number:03}.jpg").touch()
    summary = deduplicate_files([tmp_path], os.devnull)
    assert (summary.other_files, len(summary.other_names)) == (120, 100)
    assert summary.other_names[-1] == str(tmp_path / "099.jpg")


def test_links_that_lead_in_a_circle_are_harmless(folder: Path) -> None:
    (folder / "deep" / "again").symlink_to(folder)
    assert expand_inputs([folder]) == [str(folder / name) for name in READ]


def test_a_linked_directory_is_read_too(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder / "deep")
    assert expand_inputs([tmp_path / "link"]) == [
        str(tmp_path / "link" / name.removeprefix("deep/")) for name in READ if name.startswith("deep")
    ]


def test_a_directory_without_any_is_an_error_that_says_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"is a directory with no file; .* ends with \.jsonl, .*\.txt"):
        expand_inputs([tmp_path])
    (tmp_path / "picture.jpg").write_text("")
    with pytest.raises(ReadError, match=r"with 1 files of other kinds \(\.jpg\)"):
        expand_inputs([tmp_path])
