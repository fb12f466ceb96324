from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.shell import NEWS, ROOT, Answer, Shell, golden, spawn, write

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = "fixtures/stories/events.jsonl"


def test_stories_gives_the_golden_outputs(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "stories.jsonl"
    answer = shell("stories", EVENTS, "-o", out)
    assert (answer.status, answer.out) == (0, "")
    assert re.sub(r"(?m)^seconds +[\d.]+$", "seconds", answer.err) == golden("stories.err")
    assert out.read_text("utf-8") == golden("stories.jsonl")


def test_run_with_stories_gives_the_golden_output(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "stories.jsonl"
    assert shell("run", EVENTS, "-o", tmp_path / "k", "--stories", out, "-q") == Answer(0, "", "")
    assert out.read_text("utf-8") == golden("run-stories.jsonl")


def test_standard_output_gets_the_lines_and_nothing_else(shell: Shell) -> None:
    answer = shell("stories", EVENTS, "-o", "-")
    assert answer.out == golden("stories.jsonl")
    data = (ROOT / EVENTS).read_bytes()
    piped = shell("stories", "-", "-o", "-", "-q", stdin=data)
    assert piped == Answer(0, answer.out.replace(EVENTS, "-"), "")


def test_compression_follows_the_suffix(shell: Shell, tmp_path: Path) -> None:
    import gzip  # noqa: PLC0415 - for this one

    shell("stories", EVENTS, "-o", tmp_path / "s.jsonl.gz")
    assert gzip.decompress((tmp_path / "s.jsonl.gz").read_bytes()).decode() == golden("stories.jsonl")


@pytest.mark.slow
def test_the_order_of_files_changes_no_story(shell: Shell) -> None:
    def stories(*names: str) -> dict[str, object]:
        lines = map(json.loads, shell("stories", *names, "-o", "-", "-q").out.splitlines())
        return {line.pop("id"): line for line in lines}

    assert stories(*NEWS) == stories(*reversed(NEWS))
    assert stories(*NEWS, "--threads", "1") == stories(*NEWS, "--threads", "3")


def test_json_tells_what_the_lines_tell(shell: Shell) -> None:
    told = json.loads(shell("stories", EVENTS, "-o", os.devnull, "--json").err)
    assert told["counts"]["read"] == 17
    assert set(told["largest"][0]) == {"id", "headline", "size", "clusters", "first", "last"}
    assert told["damaged"] == []
    run = json.loads(shell("run", EVENTS, "-o", os.devnull, "--stories", os.devnull, "--json").err)
    assert run["largest"] == told["largest"]
    assert run["stories"] == told["counts"]
    assert "stories" not in json.loads(shell("run", EVENTS, "-o", os.devnull, "--json").err)


def test_a_title_does_not_steer_the_terminal(shell: Shell, tmp_path: Path) -> None:
    title = "Storm \x1b[2J\x1b]0;owned\x07 hits \u202egnitsaoc\u202c \x9b31m coast"
    text = "The storm took roofs and fences along the coast and nobody was hurt, the mayor said."
    dump = write(tmp_path / "in.jsonl", *({"id": f"\x1b{n}", "title": title, "text": text} for n in "ab"))
    answer = shell("stories", dump, "-o", tmp_path / "out.jsonl")
    assert "hits" in answer.err
    assert all(char.isprintable() for char in answer.err.replace("\n", ""))
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert "\x1b" in lines[0]["headline"]  # as data it stands as it was
    assert "\x1b" not in (tmp_path / "out.jsonl").read_text("utf-8")
    untitled = write(tmp_path / "in.jsonl", *({"id": f"\x1b{n}", "text": text} for n in "ab"))
    answer = shell("stories", untitled, "-o", os.devnull)
    assert "[\\x1ba]" in answer.err
    told = shell("stories", untitled, "-o", os.devnull, "--json").err
    assert all(char.isprintable() for char in told.replace("\n", ""))


def test_bad_words_and_names_are_refused(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    answer = shell("stories", EVENTS, "-o", out, "--granularity", "week")
    assert answer.status == 2
    assert all(word in answer.err for word in ("incident", "event", "topic"))
    assert shell("stories", EVENTS).status == 2
    assert shell("stories", tmp_path / "absent.jsonl", "-o", out).status == 2
    assert shell("stories", EVENTS, "-o", out, "--field", "text=lead").status == 2
    assert shell("stories", EVENTS, "-o", out, "--walk", 0).status == 2
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes((ROOT / EVENTS).read_bytes())
    assert shell("stories", copy, "-o", copy).status == 2
    assert shell("run", copy, "-o", out, "--stories", out).status == 2
    refused = shell("run", copy, "-o", out, "--index", tmp_path / "index", "--stories", tmp_path / "s")
    assert refused.status == 2
    assert "--stories can't be used with --index" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["copy.jsonl"]


def test_empty_and_undated_inputs_are_inputs(shell: Shell, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert shell("stories", empty, "-o", "-", "-q") == Answer(0, "", "")
    assert "stories" in shell("stories", empty, "-o", "-").err
    assert shell("run", empty, "-o", "-", "--stories", os.devnull, "-q") == Answer(0, "", "")
    dump = write(tmp_path / "one.jsonl", {"id": "a", "head": "Rain"})
    answer = shell("stories", dump, "-o", "-", "-q", "--field", "title=head")
    line = json.loads(answer.out)
    assert (line["story"], line["headline"], line["first"], line["last"]) == ("a", "Rain", None, None)


def test_damage_is_listed_or_ends_the_command(shell: Shell, tmp_path: Path) -> None:
    broken = "fixtures/broken/broken-json.jsonl"
    assert shell("stories", broken, "-o", tmp_path / "out").status == 2
    assert list(tmp_path.iterdir()) == []
    answer = shell("stories", broken, "-o", tmp_path / "out", "--on-error", "skip")
    assert answer.status == 0
    assert "skipped fixtures/broken/broken-json.jsonl:3" in answer.err
    assert re.search(r"(?m)^damaged +1$", answer.err)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_what_is_interrupted_leaves_no_output(tmp_path: Path, number: int, status: int) -> None:
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "dedup", "stories", "-", "-o", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not list(tmp_path.iterdir()):  # until the temporary file is there
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait() == status
    assert not out.exists()
    assert bool(list(tmp_path.iterdir())) == (number == signal.SIGKILL)  # nobody is left to remove it


def test_a_reader_that_leaves_is_no_failure() -> None:
    read, wrote = os.pipe()
    os.close(read)
    done = spawn("stories", EVENTS, "-o", "-", "-q", stdout=wrote)
    os.close(wrote)
    assert (done.returncode, done.stderr) == (0, b"")


def test_hostile_ids_titles_and_dates_still_make_json(shell: Shell, tmp_path: Path) -> None:
    records = [
        {"id": 'q"\\\a', "title": 'T "x" \\ \x01', "text": "The ferry ran aground in fog."},
        {"id": "\ud83d", "title": "\ud83d lone", "text": "Other words stand here \ud83d and so on."},
        {"id": "blank", "title": "No body", "text": "  "},
        {"id": "late", "date": "9999-12-31T23:59:59-05:00", "text": "It is still far away."},
        {"id": "early", "date": "0001-01-01T00:00:00+05:00", "text": "It was long ago, nobody knows when."},
    ]
    dump = write(tmp_path / "in.jsonl", *records)
    alone = shell("stories", dump, "-o", "-", "-q").out.splitlines()
    beside = shell("run", dump, "-o", os.devnull, "--stories", "-", "-q").out.splitlines()
    for lines in (alone, beside):
        told = [json.loads(line) for line in lines]
        assert [line["id"] for line in told] == [record["id"] for record in records]
        assert told[3]["last"] == "9999-12-31T23:59:59+00:00"
        assert told[4]["first"] == "0001-01-01T00:00:00+00:00"
