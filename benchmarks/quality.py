"""Labels against the truth: pair counts, ARI, and what the articles of each kind met with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

ORIGINALS = frozenset({"orig", "single", "single+boiler", "roundup"})


@dataclass(frozen=True, slots=True)
class Truth:
    """The recorded truth of a corpus, a row for each article in input order."""

    ids: list[str]
    labels: NDArray[np.int64]
    kinds: NDArray[np.str_]

    def first(self, limit: int | None) -> Truth:
        """Keep the first articles only."""
        return Truth(self.ids[:limit], self.labels[:limit], self.kinds[:limit])


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a contestant answered, a row for each article of the truth."""

    labels: NDArray[np.int64]
    kept: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Quality:
    """How an answer compares with the truth."""

    precision: float
    recall: float
    f1: float
    ari: float
    redundant_found: float
    roundups: int
    roundups_dropped: int
    recall_by_kind: Mapping[str, float]
    largest_cluster: int
    clusters: int


def read_truth(path: Path) -> Truth:
    """Read a truth file."""
    with path.open("rb") as stream:
        records = [json.loads(line) for line in stream]
    return Truth(
        [record["id"] for record in records],
        np.array([record["cluster"] for record in records], np.int64),
        np.array([record["kind"] for record in records]),
    )


def read_prediction(path: Path, truth: Truth) -> Prediction:
    """Read a clusters file: JSON lines with `id`, `cluster` and, where the tool says it, `kept`.

    A tool that does not say which article it keeps is taken to keep the first of each cluster.
    """
    lines: dict[str, tuple[Any, bool | None]] = {}
    with path.open("rb") as stream:
        for record in map(json.loads, stream):
            lines[record["id"]] = record["cluster"], record.get("kept")
    if missing := [doc_id for doc_id in truth.ids if doc_id not in lines]:
        raise ValueError(f"{len(missing)} articles are not in the output, the first is {missing[0]}")
    names = [doc_id if lines[doc_id][0] is None else str(lines[doc_id][0]) for doc_id in truth.ids]
    _, first, labels = np.unique(names, return_index=True, return_inverse=True)
    kept = np.zeros(len(names), np.bool_)
    kept[first] = True
    if lines[truth.ids[0]][1] is not None:
        kept = np.array([lines[doc_id][1] for doc_id in truth.ids], np.bool_)
    return Prediction(labels.astype(np.int64), kept)


def evaluate(truth: Truth, prediction: Prediction) -> Quality:
    """Compare an answer with the truth."""
    cell, cell_sizes = contingency(truth.labels, prediction.labels)
    both = pairs(cell_sizes)
    precision = share(both, pairs(np.bincount(prediction.labels)))
    recall = share(both, pairs(np.bincount(truth.labels)))
    roundup = truth.kinds == "roundup"
    return Quality(
        precision=precision,
        recall=recall,
        f1=share(2 * precision * recall, precision + recall),
        ari=float(adjusted_rand_score(truth.labels, prediction.labels)),
        redundant_found=redundant_found(truth.labels, prediction.kept),
        roundups=int(roundup.sum()),
        roundups_dropped=int((roundup & ~prediction.kept).sum()),
        recall_by_kind=recall_by_kind(truth, cell_sizes[cell] > 1),
        largest_cluster=int(np.bincount(prediction.labels).max()),
        clusters=len(np.unique(prediction.labels)),
    )


def contingency(
    truth: NDArray[np.int64], predicted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the cell of each article in the table truth x predicted, and the size of each cell that is not empty."""
    _, cell, sizes = np.unique(
        truth * (predicted.max() + 1) + predicted, return_inverse=True, return_counts=True
    )
    return cell, sizes


def pairs(sizes: NDArray[np.int64]) -> float:
    """Count the pairs within groups of these sizes."""
    return float((sizes * (sizes - 1) // 2).sum())


def share(part: float, whole: float) -> float:
    """Divide; nothing out of nothing is all of it."""
    return part / whole if whole else 1.0


def redundant_found(labels: NDArray[np.int64], kept: NDArray[np.bool_]) -> float:
    """Share of the articles beyond one for each true cluster that are not kept.

    Where a cluster loses all its articles, the one that should have stayed does not count as found.
    """
    redundant = np.maximum(np.bincount(labels) - 1, 0)
    dropped = np.bincount(labels, weights=~kept)
    return share(float(np.minimum(dropped, redundant).sum()), float(redundant.sum()))


def recall_by_kind(truth: Truth, joined: NDArray[np.bool_]) -> dict[str, float]:
    """Share of the copies of each kind that share a predicted cluster with another of their true cluster."""
    copies = np.bincount(truth.labels)[truth.labels] > 1  # in a sample, some copies stand alone
    return {
        str(kind): float(joined[copies & (truth.kinds == kind)].mean())
        for kind in np.unique(truth.kinds[copies])
        if kind not in ORIGINALS
    }
