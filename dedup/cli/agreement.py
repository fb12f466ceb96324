"""What ``dedup evaluate`` compares and shows."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dedup.cli.terminal import printable
from dedup.errors import ParameterError
from dedup.io.labels import CLUSTER, read_labels, read_pairs
from dedup.pair import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dedup.io.labels import LabelledPairs
    from dedup.io.streams import Source

    Figures = dict[str, Any]

_OF_GROUPS = (
    "pairs",
    "positives",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "auc",
    "calibration_error",
    "pearson",
)
_NARROWEST = 7  # characters of a column of figures
_OPTIMISTIC = ("best_threshold", "best_accuracy", "best_f1")


class Asked(NamedTuple):
    """Options that are for pairs only."""

    score: str | None
    threshold: float
    relation: str | None
    positive_from: float | None
    by: str | None


def judge_clusters(truth: Source, predicted: Source, field: str | None, asked: Asked) -> Figures:
    """Figures of agreement between two files of clusters."""
    from dedup.evaluation import evaluate  # noqa: PLC0415 - scikit-learn takes 1 s

    for_pairs = {name: value for name, value in asked._asdict().items() if name != "threshold"}
    given = [f"--{name.replace('_', '-')}" for name, value in for_pairs.items() if value is not None]
    if given:
        raise ParameterError(f"{', '.join(given)}: for pairs only, and {truth.name} has clusters")
    if predicted is truth:
        raise ParameterError(f"{truth.name} has clusters; name the file of the predicted ones too")
    return evaluate(*read_labels(truth, predicted, field or CLUSTER)).as_dict()


def judge_pairs(truth: Source, predicted: Source, asked: Asked) -> Figures:
    """Figures of agreement between labels or grades and scores of pairs; what is not defined is told."""
    relations = [] if asked.relation is None else [name.strip() for name in asked.relation.split(",")]
    unknown = [name for name in relations if name not in RELATIONS]
    if unknown:
        raise ParameterError(f"{unknown[0]!r} is no relation; they are {', '.join(RELATIONS)}")
    if relations and asked.score is not None:
        raise ParameterError("--score and --relation are given; one of them calls a pair positive")
    if asked.positive_from is not None and isnan(asked.positive_from):
        raise ParameterError("positive-from is NaN; a grade is needed")
    pairs = read_pairs(truth, predicted, score=asked.score, relations=relations, by=asked.by)
    rows = range(len(pairs.labels))
    figures = _judge(pairs, rows, asked)
    for note in _notes(figures):
        click.echo(note, err=True)
    figures = {"score": pairs.score, "unsaid": pairs.unsaid, "unknown": pairs.unknown, **figures}
    if asked.by is None:
        return figures
    if not any(pairs.groups):
        raise ParameterError(f"no pair has the field {asked.by!r}; --by names one of {truth.name}")
    groups: dict[str, list[int]] = {name: [] for name in sorted({*pairs.groups})}
    for row in rows:
        groups[pairs.groups[row]].append(row)
    return {**figures, "by": {name: _judge_group(pairs, own, asked) for name, own in groups.items()}}


def _judge_group(pairs: LabelledPairs, rows: Sequence[int], asked: Asked) -> Figures | None:
    """Figures of a group; None where it has nothing to compare, the one thing that can be amiss when all together have."""
    try:
        return _judge(pairs, rows, asked)
    except ParameterError:
        return None


def _judge(pairs: LabelledPairs, rows: Sequence[int], asked: Asked) -> Figures:
    """Figures of some of the pairs."""
    from dedup.pair_evaluation import evaluate_pairs  # noqa: PLC0415 - scikit-learn takes 1 s

    grades = [pairs.grades[row] for row in rows]
    labels: list[bool | None] = (
        [pairs.labels[row] for row in rows]
        if asked.positive_from is None
        else [None if grade is None else grade >= asked.positive_from for grade in grades]
    )
    return evaluate_pairs(
        labels, [pairs.scores[row] for row in rows], grades, threshold=asked.threshold
    ).as_dict()


def _notes(figures: Figures) -> Iterator[str]:
    """Why figures are not defined."""
    if figures["threshold"] is None:
        yield "relations are no scores: no AUC, no calibration, no correlation"
        return
    if figures["pairs"] and figures["positives"] in (0, figures["pairs"]):
        yield "all labels are alike: no AUC, no average precision"
    if figures["pairs"] and figures["brier"] is None:
        yield "scores below 0 or above 1 are no probabilities: no Brier score, no calibration error"
    if figures["graded"] and figures["pearson"] is None:
        yield "all grades or all scores are alike: no correlation"


def lines_of(figures: Mapping[str, Any]) -> Iterator[str]:
    """Figures for reading, one a line; then a table of those told by a field."""
    for name, value in figures.items():
        if name not in ("reliability", "by"):
            optimistic = name in _OPTIMISTIC and value is not None
            note = "  (optimistic: chosen on these pairs)" if optimistic else ""
            yield f"{name:20}{_shown(value):>12}{note}"
    groups = figures.get("by", {})
    if groups:
        width = max(len(printable(name)) for name in (*groups, "-"))
        yield ""
        widths = [max(len(name), _NARROWEST) + 2 for name in _OF_GROUPS]
        yield " " * width + "".join(f"{name:>{wide}}" for name, wide in zip(_OF_GROUPS, widths, strict=True))
        for group, own in groups.items():
            told = [_shown(own and own[name]) for name in _OF_GROUPS]
            cells = (f"{value:>{wide}}" for value, wide in zip(told, widths, strict=True))
            yield f"{printable(group) or '-':{width}}" + "".join(cells)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else "-" if value is None else printable(str(value))
