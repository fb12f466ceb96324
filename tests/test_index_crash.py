"""Processes that write to one index at once, and processes that are killed in the midst of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from dedup.index.disk import DiskIndex
from tests.index_writers import problems

if TYPE_CHECKING:
    from pathlib import Path

#: How often to kill: DEDUP_KILLS=100 for what is promised.
KILLS = int(os.environ.get("DEDUP_KILLS", "10"))


def start(path: Path, seed: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.index_writers", str(path), str(seed), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def told(output: str) -> list[int]:
    """Numbers that a writer has printed; a line that was cut is none."""
    return [
        int(word) for line in output.splitlines(keepends=True) if line.endswith("\n") for word in line.split()
    ]


def test_what_is_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    acknowledged, dropped = set[int](), set[int]()
    for kill in range(KILLS):
        writers = [start(tmp_path / "index", 2 * kill + k, 0) for k in range(2)]
        time.sleep(0.3 + random.Random(kill).random())  # from before it is open
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            numbers = told(writer.communicate()[0])
            new = {n for n in numbers if n > 0}
            assert not new & acknowledged
            acknowledged |= new
            dropped |= {-n for n in numbers if n < 0}
        with closing(DiskIndex(tmp_path / "index")) as index:
            index.setup({}, b"")
            assert problems(index, acknowledged, dropped) == []
            listed = set(index._directory.catalogue.runs())
            assert {file.name for file in (tmp_path / "index" / "runs").iterdir()} == listed
    sys.stdout.write(f"{KILLS} kills, {len(acknowledged)} acknowledged, {len(dropped)} dropped\n")


def test_many_processes_lose_nothing(tmp_path: Path) -> None:
    writers = [start(tmp_path / "index", seed, 400) for seed in range(4)]
    told_by = [told(writer.communicate()[0]) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    numbers = [n for told_numbers in told_by for n in told_numbers if n > 0]
    dropped = {-n for told_numbers in told_by for n in told_numbers if n < 0}
    assert len(set(numbers)) == len(numbers)
    with closing(DiskIndex(tmp_path / "index")) as index:
        assert problems(index, set(numbers), dropped) == []
        there = {n for part in index.outline() for n in part.numbers.tolist()}
        assert there == set(numbers) - dropped
        assert index.counts() == {"added": len(numbers)}
