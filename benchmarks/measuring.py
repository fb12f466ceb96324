"""Run a command in a process of its own and say what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_S = 0.02
LIMIT_S = 1_800.0


class CommandError(RuntimeError):
    """A command failed; the message is the last line that it printed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command cost, with all the processes that it started and waited for."""

    cpu_s: float
    wall_s: float
    peak_rss_mb: float


class TreeWatch(threading.Thread):
    """Watches the memory of a process tree, and ends the tree at a time limit."""

    def __init__(self, pid: int, limit_s: float) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.deadline = time.monotonic() + limit_s
        self.peak = 0
        self.overdue = False
        self.finished = threading.Event()

    def run(self) -> None:
        """Sample until told that the process has ended."""
        while not self.finished.wait(SAMPLE_S):
            self.peak = max(self.peak, tree_rss(self.pid))
            if time.monotonic() > self.deadline and not self.overdue:
                self.overdue = True
                end_group(self.pid)


def tree_rss(pid: int) -> int:
    """Sum the resident memory of a process and its descendants, in bytes."""
    try:
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for member in tree:
        try:
            total += member.memory_info().rss
        except psutil.Error:  # ended between the listing and the look
            continue
    return total


def end_group(pid: int) -> None:
    """Kill a command and what it started: it leads a session of its own."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def environment(cache: Path) -> dict[str, str]:
    """Give the environment of a contestant: compiled code is kept, nothing is sent."""
    variables = dict(os.environ)
    # An editable install without bytecode would compile itself again in every run.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    # A cache that is empty at first, so that the first start shows what compiling costs.
    variables["DEDUP_CACHE_DIR"] = str(cache)
    variables["DO_NOT_TRACK"] = "1"
    return variables


def run(command: Sequence[str], cache: Path, limit_s: float = LIMIT_S) -> Cost:
    """Run a command to its end.

    CPU time is what the kernel says of the process when it is reaped (user + system). A sampler would miss the end
    of a run; `ru_maxrss` would count the memory of this process, out of which the command is forked.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(cache),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = TreeWatch(process.pid, limit_s)
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            end_group(process.pid)
            raise
        finally:
            watch.finished.set()
            watch.join()
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen cannot know
        if process.returncode:
            raise CommandError(
                f"time limit {limit_s:.0f} s" if watch.overdue else last_line(output, process.returncode)
            )
    return Cost(usage.ru_utime + usage.ru_stime, wall_s, watch.peak / 1e6)


def last_line(output: IO[bytes], code: int) -> str:
    """Say in one line why a command failed."""
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()
    return f"exit {code}: {lines[-1].strip() if lines else 'nothing printed'}"
