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

import pytest

from dedup.index.disk import DiskIndex
from tests.index_writers import problems

if TYPE_CHECKING:
    from pathlib import Path

#: How often to kill: DEDUP_KILLS=100 for what is promised.
KILLS = int(os.environ.get("DEDUP_KILLS", "10"))


def start(path: Path, seed: int, count: int) -> tuple[subprocess.Popen[bytes], Path]:
    """A writer, and what it prints into: a file, which can be looked at."""
    output = path.with_name(f"output {seed}")
    command = [sys.executable, "-m", "tests.index_writers", str(path), str(seed), str(count)]
    with output.open("wb") as file:
        return subprocess.Popen(command, stdout=file), output


def told(output: Path) -> list[int]:
    """Numbers that a writer has printed; a line that was cut is none."""
    lines = output.read_text().splitlines(keepends=True)
    return [int(word) for line in lines if line.endswith("\n") for word in line.split()]


@pytest.mark.slow
def test_what_is_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    acknowledged, dropped = set[int](), set[int]()
    for kill in range(KILLS):
        writers = [start(tmp_path / "index", 2 * kill + k, 0) for k in range(2)]
        if kill % 5:  # else perhaps before it is open
            deadline = time.monotonic() + 60
            while not writers[0][1].stat().st_size and time.monotonic() < deadline:
                time.sleep(0.01)
        time.sleep(random.Random(kill).random() * 0.7)
        for writer, _ in writers:
            writer.send_signal(signal.SIGKILL)
        for writer, output in writers:
            writer.wait()
            numbers = told(output)
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
    assert [writer.wait() for writer, _ in writers] == [0] * 4
    told_by = [told(output) for _, output in writers]
    numbers = [n for told_numbers in told_by for n in told_numbers if n > 0]
    dropped = {-n for told_numbers in told_by for n in told_numbers if n < 0}
    assert len(set(numbers)) == len(numbers)
    with closing(DiskIndex(tmp_path / "index")) as index:
        assert problems(index, set(numbers), dropped) == []
        there = {n for part in index.outline() for n in part.numbers.tolist()}
        assert there == set(numbers) - dropped
        assert index.counts() == {"added": len(numbers)}
