"""How well predicted clusters agree with true ones: arrays in, figures out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Agreement of two partitions of the same articles.

    Attributes
    ----------
    articles, true_clusters, predicted_clusters : int
        How many.
    pair_precision, pair_recall, pair_f1 : float
        Of the pairs put together; precision is 1 where none is, recall where none should be.
    ari : float
        Adjusted Rand index (L. Hubert, P. Arabie, Comparing partitions, 1985).
    bcubed_precision, bcubed_recall, bcubed_f1 : float
        Averages over articles (A. Bagga, B. Baldwin, 1998).
    v_measure : float
        Harmonic mean of homogeneity and completeness (A. Rosenberg, J. Hirschberg, 2007).
    """

    articles: int
    true_clusters: int
    predicted_clusters: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    ari: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    v_measure: float

    def as_dict(self) -> dict[str, float]:
        """Figures by name."""
        return asdict(self)


def evaluate(truth: Sequence[object], predicted: Sequence[object]) -> Evaluation:
    """Compare two labellings.

    Parameters
    ----------
    truth, predicted : sequence of hashable
        Cluster of each article, in the same order.

    Returns
    -------
    Evaluation

    Raises
    ------
    ParameterError
        If they differ in length, or are empty.

    Notes
    -----
    Linear in the number of articles: pairs are counted from the contingency table.

    Examples
    --------
    >>> evaluate(["a", "a", "b"], [1, 1, 1]).pair_precision
    0.3333333333333333
    """
    if len(truth) != len(predicted) or not len(truth):
        raise ParameterError(
            f"{len(truth)} true and {len(predicted)} predicted labels; as many, and one at least"
        )
    from sklearn.metrics import adjusted_rand_score, v_measure_score  # noqa: PLC0415 - takes 1 s

    true_labels, predicted_labels = _numbered(truth), _numbered(predicted)
    true_sizes, predicted_sizes = np.bincount(true_labels), np.bincount(predicted_labels)
    cells, counts = np.unique(true_labels * len(predicted_sizes) + predicted_labels, return_counts=True)
    together = _pairs(counts)
    precision = together / _pairs(predicted_sizes) if _pairs(predicted_sizes) else 1.0
    recall = together / _pairs(true_sizes) if _pairs(true_sizes) else 1.0
    weights = counts * counts / len(true_labels)
    bcubed_precision = float((weights / predicted_sizes[cells % len(predicted_sizes)]).sum())
    bcubed_recall = float((weights / true_sizes[cells // len(predicted_sizes)]).sum())
    return Evaluation(
        len(true_labels),
        len(true_sizes),
        len(predicted_sizes),
        precision,
        recall,
        _harmonic(precision, recall),
        float(adjusted_rand_score(true_labels, predicted_labels)),
        bcubed_precision,
        bcubed_recall,
        _harmonic(bcubed_precision, bcubed_recall),
        float(v_measure_score(true_labels, predicted_labels)),
    )


def _numbered(labels: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Labels as numbers from 0, by first appearance."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], np.int64)


def _pairs(sizes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
