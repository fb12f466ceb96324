"""Misses that ``dedup tune`` expects, and those that are: ``python -m benchmarks.tuning --shared S --work W``.

For each threshold the pairs of different texts within 0.02 of it, and all pairs at the threshold and above. All such
pairs are found exhaustively, by a sparse product, on what a run compares: without boilerplate. ``tune`` sees only
those that share a band at its lowest threshold. What one run misses depends on its permutations: on few pairs, or on
pairs that share texts, one seed says little. So many are measured, and their mean is what has to agree.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import click
import numpy as np

from benchmarks.corpora import prepare as decompress
from benchmarks.recall import MARGIN, RECALL, THRESHOLDS, near_pairs
from benchmarks.report import table
from dedup import tune_files
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD
from dedup.sketch.recipe import Recipe
from dedup.stages import Method, prepare, take_in
from dedup.text.columns import ShingleTable
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.tuned import Cut, Tuning

NEAR, ABOVE = "within 0.02", "and above"
LIMIT = 0.02  # how far expected and measured misses may lie apart


@dataclass(frozen=True, slots=True)
class Misses:
    """Expected and measured share of the pairs of one threshold that are missed.

    Attributes
    ----------
    cut : Cut
        Threshold and bands.
    kind : str
        Which pairs.
    pairs : int
        How many there are.
    expected : float
        As ``tune`` says.
    measured : list of float
        By seed.
    """

    cut: Cut
    kind: str
    pairs: int
    expected: float
    measured: list[float]

    @property
    def mean(self) -> float:
        """Measured, over all seeds."""
        return float(np.mean(self.measured))

    @property
    def spread(self) -> float:
        """Standard deviation of what one seed misses."""
        return float(np.std(self.measured, ddof=1)) if len(self.measured) > 1 else float("nan")

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.spread / float(np.sqrt(len(self.measured)))


def compared(path: Path) -> ShingleTable:
    """Shingles of the different texts of a dump, as a run with the lowest threshold compares them."""
    recipe = Recipe.for_target(min(THRESHOLDS), RECALL)
    method = replace(Method.usual(Workers()), recipe=recipe)
    with Inputs([str(path)], None, "raise", MAX_RECORD) as taken, method.workers as workers:
        corpus, _ = take_in(taken.batches(), taken.size, method, workers)
        texts = prepare(corpus, taken.texts, method, workers)
    rows, whole = texts.order, texts.table
    parts = [whole.hashes[whole.indptr[row] : whole.indptr[row + 1]] for row in rows.tolist()]
    indptr = np.concatenate([[0], np.cumsum(whole.sizes[rows])])
    return ShingleTable(indptr, np.concatenate(parts), whole.n_words[rows], whole.text_hashes[rows])


def only_shared(table: ShingleTable) -> ShingleTable:
    """Table without the shingles that stand in one text alone: no pair shares them, and they are most."""
    _, places, counts = np.unique(table.hashes, return_inverse=True, return_counts=True)
    shared = counts[places] > 1
    rows = np.repeat(np.arange(len(table.n_words)), table.sizes)
    sizes = np.bincount(rows[shared], minlength=len(table.n_words))
    return table._replace(indptr=np.concatenate([[0], np.cumsum(sizes)]), hashes=table.hashes[shared])


def measure(path: Path, seeds: Sequence[int]) -> tuple[Tuning, list[Misses]]:
    """Set what ``tune`` says of a dump beside what is."""
    tuning = tune_files([path], thresholds=THRESHOLDS, recalls=[RECALL])
    whole = compared(path)
    pairs, resemblances = near_pairs(only_shared(whole), min(THRESHOLDS) - MARGIN, whole.sizes)
    resemblances = np.round(resemblances, 4)
    click.echo(
        f"{len(whole.n_words):,} different texts, {len(pairs):,} pairs of {min(THRESHOLDS) - MARGIN:g} and above"
    )
    assert tuning.survey is not None
    found = []
    for effect in tuning.survey.effects:
        cut = effect.cut
        near = np.abs(resemblances - cut.threshold) <= MARGIN
        above = resemblances >= cut.threshold
        missed = [~shared for shared in sharing(whole, cut, pairs, seeds)]
        expected = float(np.mean([1.0 - cut.chance(value) for value in resemblances[near].tolist()]))
        found += [
            Misses(cut, NEAR, int(near.sum()), expected, [float(m[near].mean()) for m in missed]),
            Misses(
                cut,
                ABOVE,
                int(above.sum()),
                effect.missed_share,
                [float(m[above].mean()) for m in missed],
            ),
        ]
    return tuning, found


def sharing(
    whole: ShingleTable, cut: Cut, pairs: NDArray[np.int64], seeds: Sequence[int]
) -> Iterator[NDArray[np.bool_]]:
    """Which pairs share a band, by seed."""
    rows, places = np.unique(pairs, return_inverse=True)
    one, other = places.reshape(pairs.shape).T
    for seed in seeds:
        recipe = Recipe(num_perm=cut.num_perm, bands=cut.bands, rows=cut.rows, seed=seed)
        keys = recipe.key(recipe.sign(whole, rows.astype(np.int64)))
        yield np.logical_or.reduce([band[one] == band[other] for band in keys.T])


def report(misses: Sequence[Misses]) -> str:
    """Markdown table."""
    columns = (
        "threshold",
        "bands x rows",
        "pairs",
        "how many",
        "expected",
        "seed 1",
        "mean of seeds",
        "standard error",
        "one seed varies by",
        "difference of the mean",
    )
    rows = [
        (
            f"{one.cut.threshold:g}",
            f"{one.cut.bands} x {one.cut.rows}",
            one.kind,
            f"{one.pairs:,}",
            f"{one.expected:.2%}",
            f"{one.measured[0]:.2%}",
            f"{one.mean:.2%}",
            f"{one.error:.2%}",
            f"{one.spread:.2%}",
            f"{100 * (one.mean - one.expected):+.2f} points",
        )
        for one in misses
    ]
    return table(columns, rows)


def conclude(tuning: Tuning, misses: Sequence[Misses]) -> Iterator[str]:
    """Pairs estimated beside those that there are, and whether the misses agree."""
    there = {one.cut: one.pairs for one in misses if one.kind == ABOVE}
    assert tuning.survey is not None
    for effect in tuning.survey.effects:
        yield f"{effect.cut.threshold:g}: {effect.pairs:,.0f} pairs estimated, {there[effect.cut]:,} there are"
    worst = max(abs(one.mean - one.expected) for one in misses)
    yield f"largest difference of the mean: {100 * worst:.2f} points, {'within' if worst <= LIMIT else 'ABOVE'} 2"
    for one in misses:
        apart = one.measured[0] - one.expected
        if abs(apart) > LIMIT:
            yield (
                f"seed 1 alone is {100 * apart:+.2f} points away at {one.cut.threshold:g}, {one.kind}:"
                f" {one.pairs:,} pairs, {abs(apart) / one.spread:.1f} standard deviations of a seed"
            )


@click.command()
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-bench",
    help="Decompressed corpora.",
)
@click.option("--seeds", type=click.IntRange(2), default=50, show_default=True, help="How many are measured.")
def main(shared: Path, work: Path, seeds: int) -> None:
    """Print expected and measured misses on gold/reuters21578 and bench/long."""
    work.mkdir(parents=True, exist_ok=True)
    for name, path in (
        ("gold/reuters21578", shared / "data/gold/reuters21578.jsonl.gz"),
        ("bench/long", decompress("long", shared, work).articles),
    ):
        begin = time.process_time()
        click.echo(f"### {name}\n")
        tuning, misses = measure(path, range(1, seeds + 1))
        click.echo(f"\n{report(misses)}\n")
        click.echo("\n".join(conclude(tuning, misses)))
        click.echo(f"{time.process_time() - begin:.0f} CPU s\n")


if __name__ == "__main__":
    main()
