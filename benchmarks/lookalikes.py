"""Copy or template, on labelled pairs: ``python -m benchmarks.lookalikes PAIRS``.

The limits are few and were set by hand; what they are worth on pairs they were not set on is estimated by choosing
them again, from a grid around the defaults, on four fifths of the pairs and judging the last fifth. Pairs that share
an article, or a portal's block or footer, stand in one fifth together.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dedup.article import Article
from dedup.dates import parse_date
from dedup.match.lookalikes import Cues, Differences, differences, grounds
from dedup.match.similarity import intactness, overlap
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
#: The defaults come first and win ties.
GRID: dict[str, tuple[int, ...]] = {
    "another_day": (20, 12, 48),
    "words_per_number": (120, 60, 90, 180),
    "foreign_share": (3, 2, 4),
    "shared_share": (4, 3, 6),
    "contained": (8500, 8000, 9000),
    "lead_share": (5, 3, 8),
}


def read_pairs(path: Path) -> list[dict[str, Any]]:
    """Pairs that have a label."""
    with gzip.open(path, "rt") as lines:
        pairs = map(json.loads, lines)
        return [pair for pair in pairs if pair["label"] is not None]


def differences_of(pair: dict[str, Any]) -> Differences:
    one, other = (
        Article(pair[side], title=pair[f"{side}_title"], published=parse_date(pair[f"{side}_date"]))
        for side in "ab"
    )
    first, second = (shingle_text(article.compared).shingles for article in (one, other))
    return differences(one, other, overlap(first, second).containment, intactness(first, second))


def group(pairs: list[dict[str, Any]]) -> NDArray[np.int64]:
    """Number of the group of each pair: those that share an article or a family."""
    names: dict[str, int] = {}
    links = [
        (row, names.setdefault(name, len(pairs) + len(names)))
        for row, pair in enumerate(pairs)
        for name in (pair["a_id"], pair["b_id"], pair["family"] or f"pair {row}")
        if name != "article"
    ]
    rows, columns = np.array(links).T
    size = len(pairs) + len(names)
    found: NDArray[np.int64] = connected_components(
        coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)), directed=False
    )[1][: len(pairs)]
    return found


def folds_of(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fold of each pair: the largest group goes to the emptiest fold."""
    labels, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    filled, fold = np.zeros(FOLDS), np.zeros(len(labels), np.int64)
    for label in np.argsort(-sizes, kind="stable"):
        fold[label] = filled.argmin()
        filled[fold[label]] += sizes[label]
    return fold[inverse]


def balanced(template: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return float((said[template].mean() + (~said[~template]).mean()) / 2)


def judge(found: Differences, cues: Cues) -> NDArray[np.bool_]:
    said: NDArray[np.bool_] = np.logical_or.reduce(list(grounds(found, cues).values()))
    return said


def cross_validated(
    found: Differences, template: NDArray[np.bool_], folds: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Verdict on each pair by limits that were chosen without its fold."""
    grid = [replace(Cues(), **dict(zip(GRID, values, strict=True))) for values in product(*GRID.values())]
    verdicts = np.array([judge(found, cues) for cues in grid])
    said = np.zeros(len(template), np.bool_)
    for fold in range(FOLDS):
        rest = folds != fold
        best = max(range(len(grid)), key=lambda row: (balanced(template[rest], verdicts[row, rest]), -row))
        click.echo(f"fold {fold}: {(~rest).sum()} pairs, {grid[best]}")
        said[~rest] = verdicts[best, ~rest]
    return said


def verdicts(records: list[dict[str, Any]]) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Which pairs are templates, and which are said to be."""
    found = Differences(*np.array([differences_of(pair) for pair in records], np.int64).T)
    template = np.array([pair["label"] == 0 for pair in records])
    undated = found._replace(hours=np.full(len(records), -1))
    untitled = found._replace(
        **dict.fromkeys(Differences._fields[5:12], np.zeros(len(records), np.int64)),
        corrected=0 * found.words,
    )
    return template, {
        "cross-validated": cross_validated(found, template, folds_of(group(records))),
        "defaults": judge(found, Cues()),
        "defaults, no dates": judge(undated, Cues()),
        "defaults, no titles": judge(untitled, Cues()),
    }


@click.command()
@click.argument("pairs", type=click.Path(exists=True, path_type=Path))
def main(pairs: Path) -> None:
    """Judge labelled PAIRS (gzip, JSON lines)."""
    records = read_pairs(pairs)
    template, said_by = verdicts(records)
    alike = np.array([pair["resemblance"] >= 0.5 for pair in records]) & template
    for name, said in said_by.items():
        click.echo(
            f"{name:22}balanced accuracy {balanced(template, said):.3f}  "
            f"templates called copies {(~said & template).sum()}/{template.sum()}, "
            f"at resemblance >= 0.5 {(~said & alike).sum()}/{alike.sum()}  "
            f"copies called templates {(said & ~template).sum()}/{(~template).sum()}"
        )


if __name__ == "__main__":
    main()
