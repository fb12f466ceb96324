"""Dumps made to provoke quadratic work: does the time grow with the number of articles, or faster?

`python -m benchmarks.provoking`. Every generator is seeded, and a smaller dump is the beginning of a larger one.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.measuring import CommandError, run
from benchmarks.report import table
from benchmarks.rivals import contestants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray

    from benchmarks.rivals import Contestant

SEED = 20261122
SIZES = (5_000, 10_000, 20_000)
RUNS = 3
VOCABULARY = 50_000
STORY_WORDS = 500
BLOCK_WORDS, OWN_WORDS = 300, 350  # resemblance of two articles: 296 of 996 shingles, 0.30
CHANGED = 0.02
SENTENCE = 20
CONTESTANT = "dedup-1t"
COLUMNS = ("n", "CPU s", "CPU us an article", "CPU / half the size", "clusters found")


@dataclass(frozen=True, slots=True)
class Growth:
    """One dump at one size: CPU seconds of each round, and the clusters of the last answer."""

    size: int
    cpu_s: tuple[float, ...]
    clusters: int


def identical(rng: Generator) -> Iterator[NDArray[np.int64]]:
    """Give one article, again and again."""
    story = rng.integers(VOCABULARY, size=STORY_WORDS)
    while True:
        yield story


def boilerplate(rng: Generator) -> Iterator[NDArray[np.int64]]:
    """Give articles that share nothing but a block of text under each."""
    block = rng.integers(VOCABULARY, size=BLOCK_WORDS)
    while True:
        yield np.concatenate([rng.integers(VOCABULARY, size=OWN_WORDS), block])


def wire_story(rng: Generator) -> Iterator[NDArray[np.int64]]:
    """Give copies of one story, each with other words changed."""
    story = rng.integers(VOCABULARY, size=STORY_WORDS)
    while True:
        copy = story.copy()
        places = rng.choice(STORY_WORDS, size=int(STORY_WORDS * CHANGED), replace=False)
        copy[places] = rng.integers(VOCABULARY, size=len(places))
        yield copy


DUMPS: Mapping[str, Callable[[Generator], Iterator[NDArray[np.int64]]]] = {
    "identical articles": identical,
    "unrelated articles over one block of boilerplate": boilerplate,
    "copies of one wire story with 2 % of the words changed": wire_story,
}


def vocabulary(rng: Generator) -> list[str]:
    """Make words of 3 to 10 random letters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return ["".join(rng.choice(letters, size=size)) for size in rng.integers(3, 11, size=VOCABULARY)]


def write_dump(path: Path, name: str, size: int, words: list[str]) -> None:
    """Write the first articles of a dump."""
    articles = DUMPS[name](np.random.default_rng(SEED))
    with path.open("w", encoding="utf-8") as stream:
        for number, article in zip(range(size), articles, strict=False):
            chosen = [words[word] for word in article]
            sentences = [" ".join(chosen[at : at + SENTENCE]) for at in range(0, len(chosen), SENTENCE)]
            record = {
                "id": f"G{number:06}",
                "url": f"https://www.outlet{number % 80}.example/news/{number}.html",
                "title": " ".join(chosen[:8]),
                "text": "".join(f"{sentence.capitalize()}.\n" for sentence in sentences),
                "date": f"2026-11-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
            }
            stream.write(json.dumps(record) + "\n")


def measure(name: str, contestant: Contestant, runs: int, work: Path, cache: Path) -> list[Growth]:
    """Measure one dump at all sizes, in rounds."""
    words = vocabulary(np.random.default_rng(SEED))
    dumps = {size: work / f"growth.{size}.jsonl" for size in SIZES}
    for size, path in dumps.items():
        write_dump(path, name, size, words)
    # Not timed: the first start compiles.
    run(contestant.command(dumps[SIZES[0]], work), cache)
    seconds: dict[int, list[float]] = {size: [] for size in SIZES}
    clusters = dict.fromkeys(SIZES, 0)
    for _ in range(runs):
        for size, path in dumps.items():
            seconds[size].append(run(contestant.command(path, work), cache).cpu_s)
            clusters[size] = count_clusters(contestant.clusters(work))
    for path in dumps.values():
        path.unlink()
    return [Growth(size, tuple(seconds[size]), clusters[size]) for size in SIZES]


def count_clusters(path: Path) -> int:
    """Count the clusters of an answer."""
    with path.open("rb") as stream:
        return len({json.loads(line)["cluster"] for line in stream})


def rows(measured: list[Growth]) -> list[list[str]]:
    """Give a row for each size; the ratio is paired by round."""
    found = []
    half: Growth | None = None
    for one in measured:
        cpu_s = median(one.cpu_s)
        ratio = ""
        if half is not None:
            ratio = f"{median(more / less for more, less in zip(one.cpu_s, half.cpu_s, strict=True)):.2f}"
        found.append(
            [f"{one.size:,}", f"{cpu_s:.2f}", f"{cpu_s / one.size * 1e6:.0f}", ratio, f"{one.clusters:,}"]
        )
        half = one
    return found


def section(contestant: Contestant, runs: int, work: Path, cache: Path) -> str:
    """Measure all dumps and give the section of the report."""
    parts = [f"## Growth of {contestant.name} on dumps made to provoke quadratic work"]
    if absence := contestant.absence():
        return f"{parts[0]}\n\nNot measured: {absence}\n"
    for name in DUMPS:
        click.echo(f"growth: {name}", err=True)
        try:
            answer = table(COLUMNS, rows(measure(name, contestant, runs, work, cache)))
        except CommandError as error:
            answer = f"Failed: {error}"
        parts += [f"{name.capitalize()}:", answer]
    return "\n\n".join(parts) + "\n"


@click.command()
@click.option("--contestant", default=CONTESTANT, show_default=True, help="Who is measured.")
@click.option("--runs", default=RUNS, show_default=True, help="Rounds.")
def main(contestant: str, runs: int) -> None:
    """Measure how the time grows with the number of articles."""
    try:
        chosen = contestants((1, 2), (contestant,))[0]
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="dedup-growth-") as folder:
        click.echo(section(chosen, runs, Path(folder), Path(folder) / "numba"))


if __name__ == "__main__":
    main()
