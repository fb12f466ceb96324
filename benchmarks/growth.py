"""How time and memory grow with the number of articles: `python -m benchmarks --parts growth,items`.

The dumps are made by `growing`, measured at all sizes one after another, judged by their truth and deleted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log2
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from benchmarks.growing import learn, write_dump
from benchmarks.quality import evaluate, read_prediction, read_truth
from benchmarks.report import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.corpora import Corpus
    from benchmarks.rivals import Contestant

COLUMNS = (
    "n",
    "contestant",
    "CPU s",
    "CPU us an article",
    "CPU, x linear a doubling",
    "wall s",
    "peak RSS MB",
    "RSS, x linear a doubling",
    "redundant",
    "pair P",
    "pair R",
    "F1",
)


@dataclass(frozen=True, slots=True)
class Size:
    """One contestant at one size: medians over the rounds, and how good the answer was."""

    size: int
    contestant: str
    cpu_s: float
    wall_s: float
    peak_rss_mb: float
    redundant: float
    precision: float
    recall: float
    f1: float


def measure(
    corpus: Corpus,
    sizes: Sequence[int],
    contestants: Sequence[Contestant],
    *,
    runs: int,
    work: Path,
    cache: Path,
    keep: bool = False,
) -> list[Size]:
    """Make a dump of each size and measure everyone on it."""
    from benchmarks.measuring import run  # noqa: PLC0415 - needs psutil, which tests of the rest do without

    model = learn(corpus.articles, corpus.truth, titled=corpus.name == "short")
    measured: list[Size] = []
    for size in sizes:
        articles = work / f"{corpus.name}.{size}.jsonl"
        answers = articles.with_suffix(".truth.jsonl")
        if not (keep and articles.exists()):
            write_dump(articles, answers, corpus.name, model, size)
        if not measured:  # not timed: the first start compiles, and a real sample does not need every kernel
            for one in contestants:
                run(one.command(articles, work), cache)
        truth = read_truth(answers)
        redundant = 1 - len(set(truth.labels.tolist())) / size
        for one in contestants:
            costs = [run(one.command(articles, work), cache) for _ in range(runs)]
            quality = evaluate(truth, read_prediction(one.clusters(work), truth))
            cpu_s, wall_s, rss = (
                median(getattr(cost, name) for cost in costs) for name in ("cpu_s", "wall_s", "peak_rss_mb")
            )
            click.echo(f"  {corpus.name} {size:,}, {one.name}: {cpu_s:.2f} CPU s, {rss:.0f} MB", err=True)
            found = quality.precision, quality.recall, quality.f1
            measured.append(Size(size, one.name, cpu_s, wall_s, rss, redundant, *found))
            one.clusters(work).unlink()
            (work / f"{one.name}.kept.jsonl").unlink(missing_ok=True)
        if not keep:
            articles.unlink()
            answers.unlink()
    return measured


def beyond_linear(more: float, less: float, size: int, smaller: int) -> float:
    """How many times linear growth this is for each doubling of the size: 1 is linear."""
    doublings = log2(size / smaller)
    return float((more / less) ** (1 / doublings) / 2)


def render(measured: Sequence[Size]) -> str:
    """Give the table: each contestant against itself at the next smaller size, and over all sizes."""
    rows, first, before = [], dict[str, Size](), dict[str, Size]()
    for one in measured:
        less = before.get(one.contestant)
        rows.append(
            [
                f"{one.size:,}",
                one.contestant,
                f"{one.cpu_s:.2f}",
                f"{one.cpu_s / one.size * 1e6:.1f}",
                f"{beyond_linear(one.cpu_s, less.cpu_s, one.size, less.size):.2f}" if less else "",
                f"{one.wall_s:.2f}",
                f"{one.peak_rss_mb:.0f}",
                f"{beyond_linear(one.peak_rss_mb, less.peak_rss_mb, one.size, less.size):.2f}"
                if less
                else "",
                f"{one.redundant:.1%}",
                f"{one.precision:.4f}",
                f"{one.recall:.3f}",
                f"{one.f1:.3f}",
            ]
        )
        first.setdefault(one.contestant, one)
        before[one.contestant] = one
    overall = [
        f"- {name}, {small.size:,} to {large.size:,}: CPU {beyond_linear(large.cpu_s, small.cpu_s, large.size, small.size):.2f}"
        f" x linear a doubling, memory {beyond_linear(large.peak_rss_mb, small.peak_rss_mb, large.size, small.size):.2f} x"
        for name, small in first.items()
        if (large := before[name]).size > small.size
    ]
    return "\n\n".join([table(COLUMNS, rows), "\n".join(overall)])


def as_figures(measured: Sequence[Size]) -> list[dict[str, Any]]:
    """Give the figures for the plot."""
    return [asdict(one) for one in measured]
