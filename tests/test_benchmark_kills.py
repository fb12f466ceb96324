"""The benchmark of kills: it tells a command that goes on from one that leaves half a file behind."""

from __future__ import annotations

import sys
from signal import SIGINT, SIGKILL
from typing import TYPE_CHECKING

import pytest

from benchmarks import kills

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

if TYPE_CHECKING:
    from pathlib import Path

WRITE = """
import os, sys, time
out = sys.argv[1]
with open(out + {temporary!r}, "w") as stream:
    for number in range(40):
        stream.write(f"{{number}}\\n")
        stream.flush()
        time.sleep(0.01)
os.replace(out + {temporary!r}, out)
"""


def bench_of(folder: Path, temporary: str) -> kills.Bench:
    return kills.Bench([sys.executable, "-c", WRITE.format(temporary=temporary), "{out}/numbers"], folder)


def test_a_command_that_writes_whole_files_passes(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, ".part")
    whole = kills.run_whole(bench)
    trials = [
        *kills.signal_trials(bench, whole, 3, SIGKILL, 1),
        *kills.signal_trials(bench, whole, 1, SIGINT, 1),
    ]
    assert all(one.identical and one.then in ("absent", "whole") for one in trials)
    assert {one.ended_by for one in trials} <= {"SIGKILL", "SIGINT"}
    assert "Broken outputs: 0." in kills.render(whole, trials)


def test_half_a_file_under_its_name_is_found(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "")
    whole = kills.run_whole(bench)
    bench.clear()
    (bench.out / "numbers").write_text("0\n")
    trial = kills.start_again(bench, whole, ("SIGKILL", 0.1, -9, 0.0))
    assert trial.then == "BROKEN"
    assert trial.identical


def test_too_little_room_is_told_and_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "mount", lambda _folder, _size: False)
    bench = bench_of(tmp_path, ".part")
    whole = kills.run_whole(bench)
    trials = [*kills.full_disk_trials(bench, whole)]
    assert trials[0].status != 0
    assert all(one.identical for one in trials)
