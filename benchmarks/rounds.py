"""The rounds of a comparison: floor and contestants one after another, again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from benchmarks import floor as floors
from benchmarks.corpora import count_lines
from benchmarks.measuring import ROOT, CommandError, Cost, run
from benchmarks.quality import Quality, Truth, evaluate, read_prediction, read_truth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.corpora import Corpus
    from benchmarks.rivals import Contestant


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contestant did: a cost for each round, or the reason why it is out."""

    contestant: Contestant
    starts: tuple[Cost, ...] = ()
    costs: tuple[Cost, ...] = ()
    quality: Quality | None = None
    out: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All contestants on one corpus; the floor of each round, in the order of the costs."""

    corpus: str
    articles: int
    floors: tuple[floors.Floor, ...]
    standings: tuple[Standing, ...]


@dataclass(slots=True)
class Entry:
    """A contestant while the rounds go on."""

    contestant: Contestant
    starts: list[Cost] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    out: str | None = None

    def attempt(self, articles: Path, work: Path, cache: Path) -> Cost | None:
        """Run once; whoever fails is out."""
        command = self.contestant.command(articles, work)
        # An answer of an earlier run must not be taken for this one's.
        self.contestant.clusters(work).unlink(missing_ok=True)
        try:
            cost = run(command, cache)
        except CommandError as error:
            self.out = (
                str(error).replace(str(work), "WORK").replace(str(ROOT), ".")
            )  # for a report that travels
            return None
        click.echo(f"  {self.contestant.name}: {cost.cpu_s:.2f} CPU s, {cost.wall_s:.2f} s", err=True)
        return cost


def compare(
    corpus: Corpus,
    contestants: Sequence[Contestant],
    program: Path | None,
    *,
    runs: int,
    work: Path,
    cache: Path,
) -> Comparison:
    """Run all contestants over a corpus, in rounds, and judge their last answers."""
    entries = [Entry(one, out=one.absence()) for one in contestants]
    for entry in entries:
        start(entry, corpus.sample, work, cache)
    text = floors.write_text(corpus, work) if program else None
    measured = []
    for number in range(runs):
        click.echo(f"{corpus.name}, round {number + 1} of {runs}", err=True)
        if program and text:
            measured.append(floors.measure(program, text, corpus))
        # Another one begins each round, so that a quiet minute does not always favour the same.
        turn = number % len(entries)
        for entry in entries[turn:] + entries[:turn]:
            if entry.out is None and (cost := entry.attempt(corpus.articles, work, cache)):
                entry.costs.append(cost)
    truth = read_truth(corpus.truth)
    standings = tuple(judge(entry, truth, work) for entry in entries)
    return Comparison(corpus.name, count_lines(corpus.articles), tuple(measured), standings)


def start(entry: Entry, sample: Path, work: Path, cache: Path) -> None:
    """Run twice on a sample: the first start compiles and fills the caches, the second shows the bare start."""
    for _ in range(2):
        if entry.out is None and (cost := entry.attempt(sample, work, cache)):
            entry.starts.append(cost)


def judge(entry: Entry, truth: Truth, work: Path) -> Standing:
    """Compare the answer of the last round with the truth."""
    quality, out = None, entry.out
    if out is None:
        known = truth.first(entry.contestant.limit)
        try:
            quality = evaluate(known, read_prediction(entry.contestant.clusters(work), known))
        except (OSError, ValueError, KeyError) as error:
            out = f"its answer cannot be read: {error!r}"
    return Standing(entry.contestant, tuple(entry.starts), tuple(entry.costs), quality, out)
