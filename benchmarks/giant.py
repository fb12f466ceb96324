"""Dumps larger than memory: `python -m benchmarks.giant --articles 4000000 --work DIR --memory 2G --baseline 50000`.

A dump of each size is made (`dumping`), deduplicated by the command line, judged by its truth, and deleted. What follows
`--` is handed on to `dedup run`. The baseline is a dump of that size with the same shares of copies, deduplicated without
`--memory` and `--work-dir`. Of every dump the outputs are hashed: equal hashes at one size are equal outputs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.dumping import KINDS, SEED, write_dump
from benchmarks.quality import Prediction, Quality, Truth, evaluate
from benchmarks.report import table
from benchmarks.watching import ROOT, Watched, watch

if TYPE_CHECKING:
    from collections.abc import Sequence

# Bytes of disk an article: the dump, and by far enough for what a run writes beside.
DUMP, OUTPUTS, WORK = 3_300, 2_600, 6_000
SPARE = 2 << 30
AT_ONCE = 100_000  # lines
TOTALS = (
    "n",
    "mode",
    "CPU s",
    "user",
    "system",
    "wall s",
    "CPU us an article",
    "wall us an article",
    "peak RSS MB",
    "anonymous",
    "file-backed",
    "shared",
    "peak anonymous",
    "work dir MB",
    "outputs MB",
)
JUDGED = ("n", "mode", "pair P", "pair R", "F1", "redundant found", "bulletins joined", "largest", "outputs")


@dataclass(frozen=True, slots=True)
class Run:
    """One run on a dump, and how good its answer was."""

    size: int
    mode: str
    cost: Watched
    outputs: int
    quality: Quality
    bulletins_joined: float
    digest: str


def supported(option: str) -> bool:
    """Whether `dedup run` knows an option."""
    shown = subprocess.run(
        [*DEDUP, "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return option in shown.stdout.split()


DEDUP = (sys.executable, "-m", "dedup")


def check_room(work: Path, size: int, seed: int, *, spilled: bool) -> None:
    """Refuse what the disk has no room for."""
    work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(work).free
    dump = 0 if is_made(folder_of(work, size, seed)) else DUMP
    needed = size * (dump + OUTPUTS + (WORK if spilled else 0)) + SPARE
    if free < needed:
        raise click.ClickException(
            f"{size:,} articles need up to {needed / 1e9:.1f} GB below {work}, of which {SPARE / 1e9:.1f} GB are spare, and "
            f"{free / 1e9:.1f} GB are free: delete something, name another --work, or ask for fewer --articles"
        )


def run_once(folder: Path, size: int, work: Path, mode: str, options: Sequence[str]) -> Run:
    """Deduplicate a dump once, judge the answer, and delete it."""
    kept, clusters, spill = work / "kept.jsonl", work / "clusters.jsonl", work / "spill"
    shutil.rmtree(spill, ignore_errors=True)
    inputs = sorted(map(str, folder.glob("part-*.jsonl")))
    command = [*DEDUP, "run", *inputs, "-o", str(kept), "--clusters", str(clusters), "--json"]
    handed = [option.replace("{spill}", str(spill)) for option in options]
    cost = watch([*command, *handed], work / "log", [spill])
    if cost.status:
        raise click.ClickException(
            f"dedup ended with {cost.status} at {size:,} articles: {cost.stderr[-500:]}"
        )
    truth = read_truth(folder)
    prediction = read_clusters(clusters, size)
    alone = np.bincount(prediction.labels)[prediction.labels] == 1
    bulletins = truth.kinds == "bulletin"
    run = Run(
        size,
        mode,
        cost,
        kept.stat().st_size + clusters.stat().st_size,
        evaluate(truth, prediction),
        float(1 - alone[bulletins].mean()) if bulletins.any() else 0.0,
        digest(kept, clusters),
    )
    for name in (kept, clusters):
        name.unlink()
    shutil.rmtree(spill, ignore_errors=True)
    return run


def read_truth(folder: Path) -> Truth:
    """Clusters and kinds of all articles: some 50 bytes each."""
    truth = np.load(folder / "truth.npy")
    _, labels = np.unique(truth["cluster"], return_inverse=True)
    return Truth([], labels.astype(np.int64), np.array(KINDS)[truth["kind"]])


def read_clusters(path: Path, size: int) -> Prediction:
    """The same of the answer; the lines stand in the order of the dump, and an id is the number of its row."""
    import orjson  # noqa: PLC0415 - of the extra

    names = np.full(size, -1, np.int64)
    kept = np.zeros(size, np.bool_)
    with path.open("rb") as stream:
        while lines := [*islice(stream, AT_ONCE)]:
            found = [orjson.loads(line) for line in lines]
            rows = np.array([int(one["id"][1:]) for one in found])
            names[rows] = [int(one["cluster"][1:]) for one in found]
            kept[rows] = [one["kept"] for one in found]
    if (names < 0).any():
        raise click.ClickException(f"{int((names < 0).sum()):,} articles are not in {path}")
    _, labels = np.unique(names, return_inverse=True)
    return Prediction(labels.astype(np.int64), kept)


def digest(*paths: Path) -> str:
    """Begin of the hash of some files."""
    hashes = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            hashes.update(hashlib.file_digest(stream, "sha256").digest())
    return hashes.hexdigest()[:12]


def render(runs: Sequence[Run]) -> str:
    """Give the tables: what each run cost, and how good the answer was."""
    costs, answers = [], []
    for run in runs:
        cost, name = run.cost, f"{run.size:,}"
        memory = [cost.peak.rss, cost.peak.anon, cost.peak.file, cost.peak.shared, cost.peak_anon]
        costs.append(
            [
                name,
                run.mode,
                *(f"{value:.1f}" for value in (cost.cpu_s, cost.user_s, cost.system_s, cost.wall_s)),
                *(f"{value / run.size * 1e6:.0f}" for value in (cost.cpu_s, cost.wall_s)),
                *(f"{value / 1e6:,.0f}" for value in [*memory, cost.disk, run.outputs]),
            ]
        )
        found = run.quality
        scores = [found.precision, found.recall, found.f1, found.redundant_found, run.bulletins_joined]
        answers.append(
            [name, run.mode, *(f"{one:.4f}" for one in scores), f"{found.largest_cluster:,}", run.digest]
        )
    return "\n\n".join([table(TOTALS, costs), table(JUDGED, answers), *compare(runs)])


def compare(runs: Sequence[Run]) -> list[str]:
    """Time per article against that of the baseline, which is the first run."""
    first, *others = runs
    lines = []
    for run in others:
        cpu, wall = (
            (getattr(run.cost, name) / run.size) / (getattr(first.cost, name) / first.size)
            for name in ("cpu_s", "wall_s")
        )
        same = ""
        if run.size == first.size:
            same = f"; outputs {'identical' if run.digest == first.digest else 'DIFFERENT'}"
        lines.append(
            f"- {run.size:,} ({run.mode}) to {first.size:,} ({first.mode}), time an article: "
            f"{cpu:.2f} x CPU, {wall:.2f} x wall{same}"
        )
    return ["\n".join(lines)] if lines else []


def folder_of(work: Path, size: int, seed: int) -> Path:
    """Where a dump lies: elsewhere as soon as the code that makes it has changed."""
    code = b"".join(Path(ROOT, "benchmarks", name).read_bytes() for name in ("dumping.py", "inventing.py"))
    return work / f"dump-{size}-{seed}-{hashlib.sha256(code).hexdigest()[:8]}"


def is_made(folder: Path) -> bool:
    """Whether it is there; its truth is written last."""
    return (folder / "truth.npy").exists()


def make_dump(folder: Path, size: int, seed: int) -> None:
    """Write a dump, and say how fast that was; a folder that is there is whole."""
    began = time.process_time()
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    paths = write_dump(unfinished, size, seed)
    seconds, total = time.process_time() - began, sum(path.stat().st_size for path in paths)
    unfinished.rename(folder)
    click.echo(f"made {size:,}: {total / 1e6:,.0f} MB, {total / 1e6 / seconds:.1f} MB a CPU s", err=True)


def warm_up(work: Path) -> None:
    """Compile the kernels, which is not timed."""
    folder = work / "warm"
    write_dump(folder, 2_000, SEED, 1)
    watch([*DEDUP, "run", str(folder / "part-00.jsonl"), "-o", os.devnull], work / "log")
    shutil.rmtree(folder)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--articles", type=click.IntRange(1), multiple=True, default=[4_000_000], show_default=True)
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), required=True, help="Scratch folder."
)
@click.option("--memory", help="Handed on, with a work directory, where `dedup run` knows them.")
@click.option("--baseline", type=click.IntRange(1), help="Articles that are deduplicated in memory first.")
@click.option("--keep-dump", is_flag=True, help="Leave the dumps; those that are there are taken anyway.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--json", "figures", type=click.Path(path_type=Path), help="Gets the figures.")
@click.argument("options", nargs=-1)
def main(  # noqa: PLR0917 - the options
    articles: tuple[int, ...],
    work: Path,
    memory: str | None,
    baseline: int | None,
    keep_dump: bool,
    seed: int,
    figures: Path | None,
    options: tuple[str, ...],
) -> None:
    """Measure dumps of each size; OPTIONS after -- go to `dedup run`."""
    spilling: list[str] = []
    for option, value in (("--memory", memory), ("--work-dir", "{spill}" if memory else None)):
        if value and supported(option):
            spilling += [option, value]
        elif value:
            click.echo(f"dedup run knows no {option}: run without", err=True)
    mode = f"--memory {memory}" if "--memory" in spilling else "in memory"
    asked: list[tuple[int, str, list[str]]] = [(baseline, "in memory", [])] if baseline else []
    asked += [(size, mode, spilling) for size in articles]
    for size, _, extra in asked:
        check_room(work, size, seed, spilled=bool(extra))
    warm_up(work)
    runs = []
    for place, (size, named, extra) in enumerate(asked):
        folder = folder_of(work, size, seed)
        if not is_made(folder):
            make_dump(folder, size, seed)
        run = run_once(folder, size, work, named, [*extra, *options])
        runs.append(run)
        click.echo(
            f"{size:,} ({named}): {run.cost.cpu_s:.1f} CPU s, {run.cost.peak.rss / 1e6:,.0f} MB", err=True
        )
        if figures:
            figures.write_text(json.dumps([asdict(one) for one in runs], indent=1))
        if not keep_dump and size not in [later for later, *_ in asked[place + 1 :]]:
            shutil.rmtree(folder)
    click.echo(render(runs))


if __name__ == "__main__":
    main()
