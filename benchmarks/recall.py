"""Promised and measured recall of the bands: ``python -m benchmarks.recall``.

For each threshold, all pairs whose resemblance lies within 0.02 of it, and how many of them share a band, before any
leader step. The shingles are those of the plain twin; the pairs are found exhaustively, by a sparse product.
"""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import click
import numpy as np
from scipy import sparse

from benchmarks.corpora import prepare
from benchmarks.report import table
from dedup.sketch.banding import chance
from dedup.sketch.recipe import Recipe
from dedup.text.columns import ShingleTable
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MARGIN = 0.02
BLOCK = 250
RECALL = 0.95


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
    """Shingle in plain Python, on all cores."""
    with ProcessPoolExecutor() as pool:
        shingled = list(pool.map(shingle_text, texts, chunksize=500))
    counts = [len(one.shingles) for one in shingled]
    return ShingleTable(
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([np.array(one.shingles, np.uint64) for one in shingled]),
        np.array([one.n_words for one in shingled]),
        np.array([one.text_hash for one in shingled], np.uint64),
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
    """Recall at every threshold."""
    pairs, resemblances = near_pairs(shingles, min(THRESHOLDS) - MARGIN)
    found = []
    for threshold in THRESHOLDS:
        recipe = Recipe.for_target(threshold, RECALL)
        keys = recipe.key(recipe.sign(shingles, np.arange(len(shingles.n_words))))
        close = np.abs(resemblances - threshold) <= MARGIN
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


def read_texts(path: Path) -> list[str]:
    """Bodies of a corpus."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
        return [json.loads(line).get("text") or "" for line in stream]


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
    for name, path in (
        ("gold/reuters21578", shared / "data/gold/reuters21578.jsonl.gz"),
        ("bench/long", prepare("long", shared, work).articles),
    ):
        click.echo(f"### {name}\n\n{report(measure(shingle(read_texts(path))))}\n")


if __name__ == "__main__":
    main()
