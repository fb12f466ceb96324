"""Promised and measured recall: ``python -m benchmarks.recall``.

By the true resemblance of pairs, how many share a band, and how many a run puts into one cluster. And for bands made for each
threshold, all pairs whose resemblance lies within 0.02 of it, and how many of them share a band, before any leader step.
The pairs are found exhaustively, by a sparse product; their resemblance is that of the whole texts, boilerplate included.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import click
import numpy as np
from scipy import sparse

from benchmarks.corpora import prepare
from benchmarks.report import table
from dedup.match.relation import Limits
from dedup.sketch.banding import chance
from dedup.sketch.recipe import Recipe
from dedup.text.columns import ShingleTable, TextColumn, shingle_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MARGIN = 0.02
BLOCK = 250
RECALL = 0.95
BINS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
ARTICLES, QUICK_ARTICLES = 20_000, 5_000


@dataclass(frozen=True, slots=True)
class Bin:
    """Recall of the pairs whose resemblance lies in a bin."""

    low: float
    high: float
    pairs: int
    promised: float
    banded: float
    joined: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Recall at one threshold."""

    threshold: float
    bands: int
    rows: int
    pairs: int
    promised: float
    expected: float
    measured: float


def shingle(texts: Sequence[str]) -> ShingleTable:
    """Shingle texts."""
    found = shingle_column(TextColumn.of([text.encode() for text in texts]), Recipe().width)
    return ShingleTable(
        np.concatenate([[0], np.cumsum(found.counts)]), found.hashes, found.n_words, found.text_hashes
    )


def near_pairs(
    shingles: ShingleTable, least: float, sizes: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All pairs (i < j) of at least this resemblance, and their resemblance.

    `sizes` are those of the whole texts, where shingles that stand in one text alone are left out.
    """
    _, columns = np.unique(shingles.hashes, return_inverse=True)
    ones = np.ones(len(columns), np.int32)
    matrix = sparse.csr_matrix((ones, columns, shingles.indptr), dtype=np.int32)
    transposed = matrix.T.tocsr()
    sizes = shingles.sizes if sizes is None else sizes
    pairs, resemblances = [], []
    for begin in range(0, matrix.shape[0], BLOCK):
        product = (matrix[begin : begin + BLOCK] @ transposed).tocoo()
        one, other, shared = product.row + begin, product.col, product.data
        resemblance = shared / (sizes[one] + sizes[other] - shared)
        chosen = (one < other) & (resemblance >= least)
        pairs.append(np.stack([one[chosen], other[chosen]], axis=1))
        resemblances.append(resemblance[chosen])
    return np.concatenate(pairs), np.concatenate(resemblances)


def measure(shingles: ShingleTable) -> list[Measured]:
    """Recall at every threshold that some pair is close to."""
    pairs, resemblances = near_pairs(shingles, min(THRESHOLDS) - MARGIN)
    found = []
    for threshold in THRESHOLDS:
        recipe = Recipe.for_target(threshold, RECALL)
        keys = recipe.key(recipe.sign(shingles, np.arange(len(shingles.n_words))))
        close = np.abs(resemblances - threshold) <= MARGIN
        if not close.any():
            continue
        one, other = pairs[close].T
        shared = (keys[one] == keys[other]).any(axis=1)
        expected = [chance(value, recipe.bands, recipe.rows) for value in resemblances[close].tolist()]
        promised = chance(threshold, recipe.bands, recipe.rows)
        found.append(
            Measured(
                threshold,
                recipe.bands,
                recipe.rows,
                int(close.sum()),
                promised,
                float(np.mean(expected)),
                float(shared.mean()),
            )
        )
    return found


def read_texts(path: Path, limit: int | None = None) -> list[str]:
    """Bodies of a corpus."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
        return [json.loads(line).get("text") or "" for line in islice(stream, limit)]


def by_resemblance(texts: Sequence[str], shingles: ShingleTable) -> list[Bin]:
    """Recall of a run with default settings, by the resemblance that the pairs truly have."""
    from dedup import deduplicate  # noqa: PLC0415 - the bands alone do not need it

    pairs, resemblances = near_pairs(shingles, BINS[0])
    recipe = Recipe.for_target(Limits().resemblance, RECALL)
    keys = recipe.key(recipe.sign(shingles, np.arange(len(shingles.n_words))))
    leaders = deduplicate(list(texts)).partition.leaders
    one, other = pairs.T
    banded = (keys[one] == keys[other]).any(axis=1)
    joined = leaders[one] == leaders[other]
    promised = np.array([chance(value, recipe.bands, recipe.rows) for value in resemblances.tolist()])
    found = []
    for low, high in pairwise(BINS):
        inside = (resemblances >= low) & (resemblances < high)
        if inside.any():
            means = (float(column[inside].mean()) for column in (promised, banded, joined))
            found.append(Bin(low, min(high, 1.0), int(inside.sum()), *means))
    return found


def render_bins(bins: Sequence[Bin]) -> str:
    """Markdown table."""
    columns = (
        "true resemblance",
        "pairs",
        "promised by the bands",
        "measured: share a band",
        "measured: one cluster",
    )
    rows = [
        (
            f"{one.low:.1f}-{one.high:.1f}",
            f"{one.pairs:,}",
            f"{one.promised:.3f}",
            f"{one.banded:.3f}",
            f"{one.joined:.3f}",
        )
        for one in bins
    ]
    return table(columns, rows)


def section(shared: Path, work: Path, *, quick: bool = False) -> str:
    """Promised and measured recall on both corpora."""
    limit = QUICK_ARTICLES if quick else ARTICLES
    parts = [
        f"## Recall by true resemblance\n\nThe first {limit:,} articles; all their pairs, found exhaustively."
    ]
    for name, path in sources(shared, work).items():
        texts = read_texts(path, limit)
        shingles = shingle(texts)
        parts += [
            f"### {name}",
            "Bands of the default threshold, and a run with default settings:",
            render_bins(by_resemblance(texts, shingles)),
            f"Bands made for each threshold, at a recall of {RECALL:g}:",
            report(measure(shingles)),
        ]
    return "\n\n".join(parts)


def sources(shared: Path, work: Path) -> dict[str, Path]:
    """Give the corpora that recall is measured on."""
    return {
        "gold/reuters21578": shared / "data/gold/reuters21578.jsonl.gz",
        "bench/long": prepare("long", shared, work).articles,
    }


def report(measured: Sequence[Measured]) -> str:
    """Markdown table."""
    columns = (
        "threshold",
        "bands x rows",
        "pairs within 0.02",
        "promised at it",
        "expected of these",
        "measured",
    )
    rows = [
        (
            f"{one.threshold:g}",
            f"{one.bands} x {one.rows}",
            f"{one.pairs:,}",
            f"{one.promised:.3f}",
            f"{one.expected:.3f}",
            f"{one.measured:.3f}",
        )
        for one in measured
    ]
    return table(columns, rows)


@click.command()
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-bench",
    help="Decompressed corpora.",
)
def main(shared: Path, work: Path) -> None:
    """Print promised and measured recall on bench/long and gold/reuters21578."""
    work.mkdir(parents=True, exist_ok=True)
    click.echo(section(shared, work))


if __name__ == "__main__":
    main()
