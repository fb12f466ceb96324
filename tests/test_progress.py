"""What is told of progress, and how a command shows it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dedup
from dedup.cli.progress import Lines, Pace, progress_of
from dedup.progress import Progress, Teller

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.match.titles import By

NEWS = ["fixtures/news/monday.jsonl", "fixtures/news/tuesday.jsonl"]
STAGES = ["reading", "signing", "learning", "grouping", "verifying"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def stages_of(told: list[Progress]) -> list[str]:
    return [*dict.fromkeys(one.stage for one in told)]


def test_a_share_is_never_more_than_all() -> None:
    assert Progress("reading", 12, 10).share == 1.0
    assert Progress("reading", 12, 0).share is None


def test_nobody_need_be_told() -> None:
    Teller()("reading", 1, 2)


# The library


@pytest.mark.parametrize("by", ["text", "title"])
def test_a_run_tells_its_stages(tmp_path: Path, by: By) -> None:
    told: list[Progress] = []
    passages = None if by == "title" else tmp_path / "p"
    dedup.deduplicate_files(
        NEWS, tmp_path / "kept", by=by, stories=tmp_path / "s", passages=passages, progress=told.append
    )
    asked = [] if by == "title" else ["passages"]
    assert stages_of(told) == [*STAGES, "stories", *asked, "writing"]
    assert all(one.total is None or 0 <= one.done <= one.total for one in told)
    if by == "text":
        assert max(one.done for one in told if one.stage == "verifying") > 0


def test_stories_headlines_and_an_index_tell_theirs(tmp_path: Path) -> None:
    told: list[Progress] = []
    dedup.list_stories(NEWS, tmp_path / "stories", progress=told.append)
    assert stages_of(told) == [*STAGES, "stories", "writing"]
    told.clear()
    dedup.list_headlines(NEWS, tmp_path / "headlines", progress=told.append)
    assert stages_of(told) == ["reading", "grouping", "writing"]
    told.clear()
    dedup.list_headlines(NEWS, tmp_path / "headlines", clusters=True, progress=told.append)
    assert stages_of(told) == [*STAGES, "writing"]
    with dedup.open_index("memory://") as index:
        told.clear()
        dedup.add_files(index, NEWS, progress=told.append)
        assert stages_of(told) == ["reading", "writing"]
    with dedup.open_index("memory://") as index:
        told.clear()
        found = dedup.deduplicate_into(index, NEWS, tmp_path / "kept", progress=told.append)
        assert stages_of(told) == ["reading", "adding", "writing"]
        assert Progress("adding", found.counts.read, found.counts.read) in told


def test_what_progress_raises_ends_the_run_and_leaves_no_output(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.stage == "writing":
            raise StopError

    with pytest.raises(StopError):
        dedup.deduplicate_files(NEWS, tmp_path / "kept", progress=stop)
    assert list(tmp_path.iterdir()) == []


# Lines and bars


def test_a_line_is_told_at_each_stage_and_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = Lines(clock)
    size = 12_000_000_000
    for now, done in ((0, 0), (4, 1), (10, size // 10), (11, size // 9), (19, size // 8), (20, size // 5)):
        clock.now = now
        lines(Progress("reading", done, size))
    clock.now = 3_700
    lines(Progress("grouping"))
    lines(Progress("verifying"))
    clock.now += 10
    lines(Progress("verifying", 5_000))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "0:00 reading: 0 B of 12.0 GB, 0%",
        "0:10 reading: 1.2 GB of 12.0 GB, 10%, 120.0 MB/s, 1:30 left",
        "0:20 reading: 2.4 GB of 12.0 GB, 20%, 120.0 MB/s, 1:20 left",
        "1:01:40 grouping",
        "1:01:40 verifying",
        "1:01:50 verifying: 5,000",
    ]


def test_the_pace_is_that_of_the_stage() -> None:
    """What was done before, by a run that was interrupted, makes it no faster."""
    clock = Clock()
    pace = Pace(clock)
    clock.now = 100.0
    assert pace.enter(Progress("signing", 50, 100))
    clock.now = 110.0
    assert not pace.enter(Progress("signing", 60, 100))
    assert pace.describe(Progress("signing", 60, 100)) == "60 of 100, 60%, 0:40 left"


@pytest.mark.parametrize("mode", ["auto", "off"])
def test_nothing_is_shown_where_nobody_looks(mode: str) -> None:
    with progress_of(mode) as progress:
        assert progress is None


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "dedup", *words]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, check=True)


def test_plain_lines_name_the_stages_and_no_file(tmp_path: Path) -> None:
    name = tmp_path / "a\x1b[31mb.jsonl.gz"
    lines = "".join(json.dumps({"text": f"text number {number}"}) + "\n" for number in range(9))
    name.write_bytes(gzip.compress(lines.encode()))
    said = run("run", str(name), "-o", str(tmp_path / "kept"), "--progress", "plain").stderr
    assert b"\x1b" not in said
    told = [line.split(maxsplit=1)[1].partition(":")[0] for line in said.decode().splitlines()[:6]]
    assert told == [*STAGES, "writing"]
    assert f"0 B of {name.stat().st_size} B, 0%" in said.decode()


@pytest.mark.parametrize("words", [["-q", "--progress", "plain"], ["--progress", "off", "-q"]])
def test_quiet_is_quiet(tmp_path: Path, words: list[str]) -> None:
    assert run("run", *NEWS, "-o", str(tmp_path / "kept"), *words).stderr == b""


def test_plain_lines_may_be_set_in_the_configuration(tmp_path: Path) -> None:
    settings = tmp_path / "dedup.toml"
    settings.write_text('progress = "plain"\n')
    said = run("--config", str(settings), "stories", *NEWS, "-o", str(tmp_path / "stories")).stderr.decode()
    assert "reading: 0 B of " in said
    assert "writing\n" in said


def test_a_bar_without_colour_draws_none(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "dedup", "run", *NEWS, "-o", str(tmp_path / "kept")]
    subprocess.run(command, env=os.environ | {"TERM": "xterm", "NO_COLOR": "1"}, stderr=follower, check=True)
    os.close(follower)
    drawn = b""
    while True:
        try:
            chunk = os.read(leader, 1 << 16)
        except OSError:
            break
        if not chunk:
            break
        drawn += chunk
    os.close(leader)
    assert b"reading" in drawn
    assert b"\x1b[3" not in drawn
