"""A command and all that it starts, watched: memory by its kind, CPU time, and the room that it takes on the disk. Linux."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_S = 0.1
DISK_EVERY = 10  # samples
FIELDS = {"VmRSS": "rss", "RssAnon": "anon", "RssFile": "file", "RssShmem": "shared"}


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a process tree at one moment, in bytes; pages that processes share count for each."""

    rss: int = 0
    anon: int = 0
    file: int = 0
    shared: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(
            self.rss + other.rss,
            self.anon + other.anon,
            self.file + other.file,
            self.shared + other.shared,
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """What a command cost, with all the processes that it started and waited for.

    Attributes
    ----------
    status : int
        Exit status; negative the signal that ended it.
    user_s, system_s, wall_s : float
        CPU time as the kernel counts it when the process is reaped; wall time.
    peak : Memory
        At the moment of the most resident memory.
    peak_anon : int
        Most memory that no file backs: the system can't take it back.
    disk : int
        Most room that the watched folders took, in bytes; files that are open but have no name any more are not seen.
    stderr : str
        The end of what it said.
    """

    status: int
    user_s: float
    system_s: float
    wall_s: float
    peak: Memory
    peak_anon: int
    disk: int
    stderr: str

    @property
    def cpu_s(self) -> float:
        """User and system time."""
        return self.user_s + self.system_s


class _Watch(threading.Thread):
    """Samples until told that the process has ended."""

    def __init__(self, pid: int, folders: Sequence[Path]) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.folders = folders
        self.peak = Memory()
        self.peak_anon = 0
        self.disk = 0
        self.finished = threading.Event()

    def run(self) -> None:
        samples = 0
        while not self.finished.wait(SAMPLE_S):
            now = memory_of(self.pid)
            self.peak = max(self.peak, now, key=lambda one: one.rss)
            self.peak_anon = max(self.peak_anon, now.anon)
            if samples % DISK_EVERY == 0:
                self.disk = max(self.disk, disk_use(self.folders))
            samples += 1
        self.disk = max(self.disk, disk_use(self.folders))


def memory_of(pid: int) -> Memory:
    """Resident memory of a process and of all that it has started."""
    total = Memory()
    for one in tree_of(pid):
        try:
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
        except OSError:  # ended between the listing and the look
            continue
        found = {
            FIELDS[name]: value
            for name, _, value in (line.partition(":") for line in lines)
            if name in FIELDS
        }
        total += Memory(**{name: int(value.split()[0]) << 10 for name, value in found.items()})
    return total


def tree_of(pid: int) -> list[int]:
    """A process and all that it has started, in any depth."""
    tree = [pid]
    for one in tree:
        try:
            for thread in Path(f"/proc/{one}/task").iterdir():
                tree += map(int, (thread / "children").read_text().split())
        except OSError:
            continue
    return tree


def cpu_of(pid: int) -> float:
    """CPU seconds of a process tree up to now, with those of what has ended and was waited for."""
    ticks = 0
    for one in tree_of(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def disk_use(folders: Sequence[Path]) -> int:
    """Room that the files below some folders take, in bytes; a file may stand for a folder."""
    total = 0
    for folder in folders:
        names = [folder] if folder.is_file() else folder.rglob("*")
        for name in names:
            try:
                total += name.lstat().st_blocks * 512
            except OSError:  # gone
                continue
    return total


def end_group(pid: int, with_signal: int = signal.SIGKILL) -> None:
    """End a command and what it started: it leads a session of its own."""
    try:
        os.killpg(pid, with_signal)
    except ProcessLookupError:
        return


def start(
    command: Sequence[str], log: Path, *, before: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own; what it says goes to a file. `before` is called in the new process."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509 - before any thread is started
        )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, float, float]:
    """Wait for a command: exit status, user and system seconds of it and of all that it waited for."""
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        end_group(process.pid)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen cannot know
    return process.returncode, usage.ru_utime, usage.ru_stime


def watch(command: Sequence[str], log: Path, folders: Sequence[Path] = ()) -> Watched:
    """Run a command to its end and say what it cost."""
    began = time.perf_counter()
    process = start(command, log)
    watcher = _Watch(process.pid, folders)
    watcher.start()
    try:
        status, user_s, system_s = finish(process)
    finally:
        watcher.finished.set()
        watcher.join()
    wall_s = time.perf_counter() - began
    said = log.read_text(errors="replace")[-2_000:]
    return Watched(status, user_s, system_s, wall_s, watcher.peak, watcher.peak_anon, watcher.disk, said)
