"""How well scores of pairs agree with labels and grades: arrays in, figures out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BINS = 10


class Bin(NamedTuple):
    """Pairs of about one probability: what was said of them on average, and how often it was so."""

    low: float
    high: float
    pairs: int
    mean_score: float | None
    positive_share: float | None


class Reliability(NamedTuple):
    """How far probabilities can be taken at their word, see :func:`calibrate`."""

    bins: tuple[Bin, ...]
    error: float


@dataclass(frozen=True, slots=True)
class PairEvaluation:
    """How well scores, or decisions, agree with labels and grades of pairs. What is not defined is None.

    Attributes
    ----------
    pairs : int
        Those with a label and a score; the figures down to `best_f1` are about them.
    unlabelled, unscored : int
        Those without a label (without a grade, where none has a label); those with either but without a score.
    positives, called : int
        Labelled positive; called positive, which is a score of `threshold` or more.
    threshold : float or None
        None for decisions.
    accuracy, precision, recall, f1 : float or None
        Of the pairs called; precision is 1 where none is, recall where none is positive. None without labels.
    auc : float or None
        Chance that a positive pair has the higher score than another, ties half; None where all labels are alike.
    average_precision : float or None
        Precision averaged over the recalls; None where all labels are alike.
    brier, calibration_error : float or None
        Mean squared error; expected calibration error of :func:`calibrate`. None where a score is no probability.
    best_threshold, best_accuracy, best_f1 : float or None
        The highest accuracy that any threshold gives, the highest threshold that gives it, and the highest F1 of any.
        Optimistic: they are chosen on the pairs that they are measured on.
    graded : int
        Those with a grade and a score; `pearson` and `spearman` are about them.
    pearson, spearman : float or None
        Correlation with the grades, and of the ranks, ties averaged; None where scores or grades are all alike.
    reliability : tuple of Bin
        The table behind `calibration_error`.
    """

    pairs: int
    unlabelled: int
    unscored: int
    positives: int
    called: int
    threshold: float | None
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None
    best_threshold: float | None
    best_accuracy: float | None
    best_f1: float | None
    graded: int
    pearson: float | None
    spearman: float | None
    reliability: tuple[Bin, ...]

    def as_dict(self) -> dict[str, Any]:
        """Figures by name; `reliability` is a list of objects."""
        return {**asdict(self), "reliability": [one._asdict() for one in self.reliability]}


def calibrate(labels: Sequence[bool], probabilities: Sequence[float], bins: int = BINS) -> Reliability:
    """Compare probabilities with how often what they are of was so.

    Parameters
    ----------
    labels : sequence of bool
    probabilities : sequence of float
        From 0 to 1, in the same order.
    bins : int, default=10
        Bins of equal width; each but the last is without its upper bound.

    Returns
    -------
    Reliability
        Error: the mean over the pairs of how far the share of positives of their bin is from its mean probability
        (M. Naeini and others, Obtaining well calibrated probabilities, 2015).

    Raises
    ------
    ParameterError
        If they differ in length or are empty, a probability lies outside 0 to 1, or there is no bin.

    Examples
    --------
    >>> round(calibrate([True, False, True, True], [0.95, 0.3, 0.35, 0.91]).error, 3)
    0.123
    """
    if bins < 1:
        raise ParameterError(f"bins is {bins}; at least 1 is needed")
    truth, said = np.asarray(labels, np.bool_), np.asarray(probabilities, np.float64)
    if len(truth) != len(said) or not len(truth):
        raise ParameterError(f"{len(truth)} labels and {len(said)} probabilities; as many, and one at least")
    if not _are_probabilities(said):
        raise ParameterError(f"probabilities from {said.min():g} to {said.max():g}; they lie between 0 and 1")
    bounds = np.arange(bins + 1) / bins
    place = np.searchsorted(bounds[1:-1], said, side="right")
    sizes = np.bincount(place, minlength=bins)
    scores, positives = (np.bincount(place, weights=one, minlength=bins) for one in (said, truth))
    table = tuple(
        Bin(low, high, int(size), score / size if size else None, positive / size if size else None)
        for low, high, size, score, positive in zip(
            bounds[:-1].tolist(),
            bounds[1:].tolist(),
            sizes.tolist(),
            scores.tolist(),
            positives.tolist(),
            strict=True,
        )
    )
    return Reliability(table, float(np.abs(scores - positives).sum()) / len(truth))


def evaluate_pairs(
    labels: Sequence[bool | None],
    scores: Sequence[float | None],
    grades: Sequence[float | None] | None = None,
    *,
    threshold: float = 0.5,
) -> PairEvaluation:
    """Compare scores of pairs with labels, or grades, or both.

    Parameters
    ----------
    labels : sequence of bool or None
        Whether each pair is positive; 0 and 1 do too. None: not known, left out and counted.
    scores : sequence of float or None
        The higher, the more likely positive. None or NaN: no score, left out and counted. If all that are there are
        bool, they are decisions: there is nothing to rank, to calibrate or to correlate.
    grades : sequence of float or None, optional
        Degree of each pair; any scale.
    threshold : float, default=0.5
        Score from which on a pair is called positive.

    Returns
    -------
    PairEvaluation

    Raises
    ------
    ParameterError
        If the sequences differ in length, there is nothing to compare, a label is not 0 or 1, a score or grade is
        infinite or no number, or the threshold is NaN.

    Notes
    -----
    Costs a sort of the pairs.

    Examples
    --------
    >>> found = evaluate_pairs([True, True, False, None], [0.9, 0.4, 0.2, 0.7])
    >>> found.pairs, found.unlabelled, found.recall, found.auc
    (3, 1, 0.5, 1.0)
    """
    degrees: Sequence[float | None] = [None] * len(labels) if grades is None else grades
    if not len(labels) == len(scores) == len(degrees):
        raise ParameterError(
            f"{len(labels)} labels, {len(scores)} scores and {len(degrees)} grades; as many of each are needed"
        )
    if np.isnan(threshold):
        raise ParameterError("the threshold is NaN; a number is needed")
    hard = all(isinstance(one, bool) for one in scores if one is not None)
    truth, said, degree = (_floats(one) for one in (labels, scores, degrees))
    if not np.isin(truth[~np.isnan(truth)], (0, 1)).all():
        raise ParameterError("a label is neither true (1) nor false (0), nor None")
    labelled, scored, graded = (~np.isnan(one) for one in (truth, said, degree))
    known = labelled | graded
    if not (known & scored).any():
        raise ParameterError(
            f"nothing to compare: of {len(truth)} pairs {known.sum()} have a label or grade, and none of these a score"
        )
    both, rated = labelled & scored, graded & scored & (not hard)
    return PairEvaluation(
        pairs=int(both.sum()),
        unlabelled=int((~labelled).sum() if labelled.any() else (~graded).sum()),
        unscored=int((known & ~scored).sum()),
        threshold=None if hard else float(threshold),
        **_called(truth[both] == 1, said[both] >= (1 if hard else threshold)),
        **_ranked(truth[both] == 1, said[both] if not hard else said[:0]),
        graded=int(rated.sum()),
        **_correlated(degree[rated], said[rated]),
    )


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Numbers, NaN where there is none."""
    try:
        found = np.array([np.nan if one is None else float(one) for one in values], np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"labels, scores and grades are numbers or None: {error}") from error
    if np.isinf(found).any():
        raise ParameterError("an infinite score or grade; finite numbers or None are needed")
    return found


def _called(truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> dict[str, Any]:
    """Figures of decisions."""
    right, positives, said = int((truth & called).sum()), int(truth.sum()), int(called.sum())
    figures = {"positives": positives, "called": said}
    if not len(truth):
        return figures | dict.fromkeys(("accuracy", "precision", "recall", "f1"))
    return figures | {
        "accuracy": float((truth == called).mean()),
        "precision": right / said if said else 1.0,
        "recall": right / positives if positives else 1.0,
        "f1": 2 * right / (said + positives) if said + positives else 1.0,
    }


def _ranked(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Figures of scores; where there are none, or all labels are alike, what rests on them is None."""
    names = "auc", "average_precision", "brier", "calibration_error"
    figures: dict[str, Any] = dict.fromkeys((*names, "best_threshold", "best_accuracy", "best_f1"))
    figures["reliability"] = ()
    if not len(scores):
        return figures
    if truth.any() and not truth.all():
        from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - takes 1 s

        figures["auc"] = float(roc_auc_score(truth, scores))
        figures["average_precision"] = float(average_precision_score(truth, scores))
    if _are_probabilities(scores):
        figures["brier"] = float(np.square(scores - truth).mean())
        table = calibrate(truth.tolist(), scores.tolist())
        figures |= {"reliability": table.bins, "calibration_error": table.error}
    return figures | _best(truth, scores)


def _best(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, float]:
    """Best accuracy and F1 of the thresholds that call something, each of which is one of the scores."""
    thresholds, place = np.unique(scores, return_inverse=True)
    called, right = (
        np.bincount(place, weights=one)[::-1].cumsum() for one in (np.ones(len(truth)), truth)
    )  # by threshold, the highest first
    positives = truth.sum()
    correct = 2 * right - called + len(truth) - positives
    best = int(correct.argmax())
    return {
        "best_threshold": float(thresholds[::-1][best]),
        "best_accuracy": float(correct[best]) / len(truth),
        "best_f1": float((2 * right / (called + positives)).max()),
    }


def _correlated(grades: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "pearson": _pearson(grades, scores),
        "spearman": _pearson(_ranks(grades), _ranks(scores)),
    }


def _pearson(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Correlation; None where either varies by nothing that a float can show."""
    if not len(one):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = [
            values / np.abs(values).max() for values in (one, other)
        ]  # squares of large numbers overflow
        centred = [values - values.mean() for values in scaled]
        unit = [values / np.sqrt(values @ values) for values in centred]
    found = float(unit[0] @ unit[1])
    return None if np.isnan(found) else min(max(found, -1.0), 1.0)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    means: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return means[place]


def _are_probabilities(scores: NDArray[np.float64]) -> bool:
    return bool((scores >= 0).all() and (scores <= 1).all())
