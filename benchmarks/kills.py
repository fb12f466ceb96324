"""Runs that are killed and started again: `python -m benchmarks.kills --work DIR [-- dedup run ...]`.

The command runs to its end once. Then, as often as asked for, it is started anew, ended at a random moment, and started
again with the same words until it ends; its outputs must be those of the whole run, byte for byte. In the command `{out}`
and `{work}` stand for folders that are fresh in every trial and the same when it is started again. Linux.
"""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.dumping import SEED
from benchmarks.giant import DEDUP, digest, folder_of, is_made, make_dump, supported
from benchmarks.report import table
from benchmarks.watching import cpu_of, end_group, finish, start, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TRIES = 3  # moments that are drawn for each trial
PATIENCE_S = 60.0  # for a command that was asked to end
FULL = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the room that the whole run takes
COLUMNS = (
    "trial",
    "ended by",
    "at s",
    "status",
    "outputs then",
    "CPU s until then",
    "CPU s again",
    "sum / whole run",
    "identical",
    "left over",
)


@dataclass(frozen=True, slots=True)
class Whole:
    """The run that nobody ended: what it took, and the hashes of its outputs by name."""

    wall_s: float
    cpu_s: float
    disk: int
    largest: int
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """One run that was ended and started again.

    Attributes
    ----------
    ended_by : str
        Name of the signal, or what else ended it; "itself" where it was done before.
    at_s : float
        When, from its start.
    status : int
        With which status it ended; negative the signal.
    then : str
        What its outputs were when it had ended: absent, whole, or BROKEN.
    first_s, again_s : float
        CPU time until then; and of the run that was started again.
    identical : bool
        Whether the outputs are those of the whole run.
    left_over : int
        Files beside the outputs that the whole run does not leave.
    """

    ended_by: str
    at_s: float
    status: int
    then: str
    first_s: float
    again_s: float
    identical: bool
    left_over: int


@dataclass(frozen=True, slots=True)
class Bench:
    """The command, and the folders of its trials."""

    words: Sequence[str]
    work: Path

    @property
    def out(self) -> Path:
        """Gets the outputs."""
        return self.work / "out"

    @property
    def spill(self) -> Path:
        """Work directory of the command."""
        return self.work / "spill"

    @property
    def log(self) -> Path:
        """Gets what the command says."""
        return self.work / "log"

    @property
    def command(self) -> list[str]:
        """The command with its folders."""
        return [
            word.replace("{out}", str(self.out)).replace("{work}", str(self.spill)) for word in self.words
        ]

    def clear(self) -> None:
        """Make both folders anew."""
        for folder in (self.out, self.spill):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def outputs(self) -> dict[str, str]:
        """Hashes of the files that stand where outputs go."""
        files = sorted(path for path in self.out.rglob("*") if path.is_file())
        return {str(path.relative_to(self.out)): digest(path) for path in files}


def run_whole(bench: Bench) -> Whole:
    """Run the command to its end; once before, because the first run compiles."""
    for _ in range(2):
        bench.clear()
        cost = watch(bench.command, bench.log, [bench.spill, bench.out])
        if cost.status:
            raise click.ClickException(f"the command ended with {cost.status}: {cost.stderr[-500:]}")
    outputs = bench.outputs()
    if not outputs:
        raise click.ClickException("the command wrote nothing below {out}; name its outputs {out}/...")
    largest = max(path.stat().st_size for path in bench.out.rglob("*"))
    return Whole(cost.wall_s, cost.cpu_s, cost.disk, largest, outputs)


def end_at(bench: Bench, moment_s: float, ending: signal.Signals) -> tuple[str, float, int, float]:
    """Start the command and end it: by what, when, with which status, after how much CPU time."""
    began = time.perf_counter()
    process = start(bench.command, bench.log)
    while time.perf_counter() - began < moment_s and not done(process):
        time.sleep(0.005)
    ended, spent, at_s = done(process), cpu_of(process.pid), time.perf_counter() - began
    if not ended:
        end_group(process.pid, ending)
        overdue = time.perf_counter() + PATIENCE_S
        while not done(process):
            if time.perf_counter() > overdue:
                end_group(process.pid)
            time.sleep(0.005)
    status, user_s, system_s = finish(process)
    end_group(process.pid)  # what it started and did not end
    # What it had started and not waited for does not count for the kernel; it was read before the end.
    return "itself" if ended else ending.name, at_s, status, max(spent, user_s + system_s)


def done(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has ended; it is left to be reaped."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def start_again(bench: Bench, whole: Whole, ended: tuple[str, float, int, float]) -> Trial:
    """Start the same command again, to its end, and compare."""
    then = said_of(bench.outputs(), whole)
    cost = watch(bench.command, bench.log)
    found = bench.outputs()
    identical = cost.status == 0 and all(found.get(name) == one for name, one in whole.outputs.items())
    if cost.status:
        click.echo(f"  started again, it ended with {cost.status}: {cost.stderr[-500:]}", err=True)
    named, at_s, status, first_s = ended
    left = len(found.keys() - whole.outputs.keys())
    return Trial(named, at_s, status, then, first_s, cost.cpu_s, identical, left)


def said_of(found: Mapping[str, str], whole: Whole) -> str:
    """What outputs are when a run was ended: those that have their names must be whole."""
    there = [name for name in whole.outputs if name in found]
    if any(found[name] != whole.outputs[name] for name in there):
        return "BROKEN"
    return "absent" if not there else "whole" if len(there) == len(whole.outputs) else "some, whole"


def signal_trials(
    bench: Bench, whole: Whole, count: int, ending: signal.Signals, seed: int
) -> Iterator[Trial]:
    """End the command by a signal at moments that are spread evenly over the whole run.

    A run that was done before its moment, because this one went faster than the whole one, is tried at another moment.
    """
    moments = np.random.default_rng([seed, ending]).uniform(0, whole.wall_s, count * TRIES).tolist()
    made = 0
    for moment in moments:
        if made == count:
            return
        bench.clear()
        ended = end_at(bench, moment, ending)
        if ended[0] != "itself":
            made += 1
            yield start_again(bench, whole, ended)


def full_disk_trials(bench: Bench, whole: Whole) -> Iterator[Trial]:
    """Run the command where there is too little room, then make room and start it again.

    Where nothing can be mounted, files may not grow beyond a limit instead.
    """
    for share in FULL:
        bench.clear()
        room = max(int(whole.disk * share), 1 << 16)
        mounted = mount(bench.work, room)
        limit = None if mounted else partial(limit_files, int(whole.largest * share))
        named = f"{'disk of' if mounted else 'files up to'} {share:.0%}"
        try:
            for folder in (bench.out, bench.spill):
                folder.mkdir(exist_ok=True)
            yield start_again_with_room(bench, whole, named, limit, mounted=mounted)
        finally:
            if mounted:
                subprocess.run(["umount", str(bench.work)], check=True)


def start_again_with_room(
    bench: Bench, whole: Whole, named: str, limit: Callable[[], None] | None, *, mounted: bool
) -> Trial:
    """Let the command fail for lack of room, and start it again with enough."""
    log = bench.work.with_suffix(".log")  # not where the room is short
    began = time.perf_counter()
    status, user_s, system_s = finish(start(bench.command, log, before=limit))
    ended = named, time.perf_counter() - began, status, user_s + system_s
    lines = log.read_text(errors="replace").strip().splitlines()
    click.echo(f"  {named}: status {status}: {lines[-1] if lines else 'nothing said'}", err=True)
    if mounted:
        subprocess.run(["mount", "-o", f"remount,size={whole.disk * 4}", str(bench.work)], check=True)
    return start_again(bench, whole, ended)


def mount(folder: Path, size: int) -> bool:
    """Mount a small disk in memory over a folder, where that is allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond a size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def render(whole: Whole, trials: Sequence[Trial]) -> str:
    """Give the table and what it comes to."""
    rows = [
        [
            str(number),
            one.ended_by,
            f"{one.at_s:.2f}",
            str(one.status),
            one.then,
            f"{one.first_s:.2f}",
            f"{one.again_s:.2f}",
            f"{(one.first_s + one.again_s) / whole.cpu_s:.2f}",
            "yes" if one.identical else "NO",
            str(one.left_over),
        ]
        for number, one in enumerate(trials, 1)
    ]
    work = [(one.first_s + one.again_s) / whole.cpu_s for one in trials if one.ended_by != "itself"] or [0.0]
    took = f"{whole.wall_s:.2f} s, {whole.cpu_s:.2f} CPU s, {whole.disk / 1e6:.1f} MB of disk"
    broken = sum(one.then == "BROKEN" for one in trials)
    return (
        f"Whole run: {took}, {len(whole.outputs)} outputs.\n\n{table(COLUMNS, rows)}\n\n"
        f"Identical: {sum(one.identical for one in trials)} of {len(trials)}. Broken outputs: {broken}. "
        f"Work of both runs over that of a whole one: median {median(work):.2f}, most {max(work):.2f}."
    )


def default_command(work: Path, articles: int, memory: str) -> list[str]:
    """Deduplicate a made-up dump, out of core where `dedup run` can."""
    dump = folder_of(work, articles, SEED)
    if not is_made(dump):
        make_dump(dump, articles, SEED)
    words = ["dedup", "run", *sorted(map(str, dump.glob("*.jsonl"))), "-o", "{out}/kept.jsonl"]
    words += ["--clusters", "{out}/clusters.jsonl", "--duplicates", "{out}/duplicates.jsonl", "-q"]
    if supported("--work-dir"):
        words += ["--work-dir", "{work}", *(["--memory", memory] if supported("--memory") else [])]
    return words


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), required=True, help="Scratch folder."
)
@click.option("--kills", default=20, show_default=True, help="By SIGKILL.")
@click.option("--interrupts", default=5, show_default=True, help="By SIGINT.")
@click.option("--full-disk", is_flag=True, help="Also on disks that are too small.")
@click.option("--articles", default=20_000, show_default=True, help="Of the dump, where no command is given.")
@click.option("--memory", default="512M", show_default=True, help="Where no command is given.")
@click.option("--seed", default=SEED, show_default=True, help="Of the moments.")
@click.argument("command", nargs=-1)
def main(  # noqa: PLR0917 - the options
    work: Path,
    kills: int,
    interrupts: int,
    full_disk: bool,
    articles: int,
    memory: str,
    seed: int,
    command: tuple[str, ...],
) -> None:
    """End COMMAND at random moments, start it again, and compare."""
    # A shell that starts this beside its other work has it ignore interrupts, and so would the runs.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work = work.resolve()
    (work / "bench").mkdir(parents=True, exist_ok=True)
    words = [*command] or default_command(work, articles, memory)
    bench = Bench([*DEDUP, *words[1:]] if words[0] == "dedup" else words, work / "bench")
    whole = run_whole(bench)
    trials: list[Trial] = []
    for count, ending in ((kills, signal.SIGKILL), (interrupts, signal.SIGINT)):
        for trial in signal_trials(bench, whole, count, ending, seed):
            trials.append(trial)
            click.echo(f"  {trial.ended_by} at {trial.at_s:.2f} s: identical {trial.identical}", err=True)
    if full_disk:
        trials += full_disk_trials(bench, whole)
    click.echo(render(whole, trials))
    if not all(one.identical and one.then != "BROKEN" for one in trials):
        sys.exit(1)


if __name__ == "__main__":
    main()
