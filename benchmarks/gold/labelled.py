"""Pairs of sentences, headlines and articles that people labelled or graded."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING

from benchmarks.gold.lexical import METHODS, jaccard
from benchmarks.gold.predictions import CROSS_VALIDATED, NOT_TRAINED, REWRITE, SAME_STORY, TITLE
from benchmarks.gold.rows import LESS_IS_BETTER, Row
from benchmarks.gold.sets import Pair, join_ids, read_pairs
from dedup.pair_evaluation import calibrate, evaluate_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.gold.predictions import Predictions
    from dedup.pair_evaluation import PairEvaluation

MEASURES = {
    "accuracy": "accuracy",
    "F1": "f1",
    "recall": "recall",
    "AUC": "auc",
    LESS_IS_BETTER: "calibration_error",
}
BEST = {"accuracy": "best_accuracy", "F1": "best_f1", "AUC": "auc"}


def labelled(
    name: str, pairs: Sequence[Pair], said: Predictions, score: str, measures: Sequence[str]
) -> Iterator[Row]:
    """Figures on pairs with a label, at the threshold of 0.5."""
    pairs = [pair for pair in pairs if pair.label is not None]
    scores, source = said.score(pairs, score)
    ours = judge(pairs, scores)
    cheap = {method: judge(pairs, jaccard(texts_of(pairs), method)) for method in METHODS}
    for measure in measures:
        lexical = {
            method: getattr(found, BEST[measure])
            for method, found in cheap.items()
            if found is not None and measure in BEST
        }
        value = None if ours is None else getattr(ours, MEASURES[measure])
        yield Row(name, measure, len(pairs), value, source, lexical)


def graded(name: str, pairs: Sequence[Pair], said: Predictions, score: str, sign: int = 1) -> Row:
    """Correlation with the grades; a sign of -1 where the lowest grade is the same story."""
    pairs = [replace(pair, label=None, grade=sign * pair.grade) for pair in pairs if pair.grade is not None]
    scores, source = said.score(pairs, score)
    ours = judge(pairs, scores)
    lexical = {
        method: found.pearson
        for method in METHODS
        if (found := judge(pairs, jaccard(texts_of(pairs), method))) is not None and found.pearson is not None
    }
    return Row(name, f"Pearson: {score}", len(pairs), None if ours is None else ours.pearson, source, lexical)


def judge(pairs: Sequence[Pair], scores: Sequence[float | None]) -> PairEvaluation | None:
    """Figures of scores; None where there are none."""
    if all(score is None for score in scores):
        return None
    return evaluate_pairs([pair.label for pair in pairs], scores, [pair.grade for pair in pairs])


def texts_of(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.one.text, pair.other.text) for pair in pairs]


def paraphrases(name: str) -> Callable[[Path, Predictions], Iterator[Row]]:
    """Measure a set of labelled sentences."""
    measures = ("accuracy", "F1", "AUC", LESS_IS_BETTER)
    return lambda shared, said: labelled(name, read_pairs(shared, name), said, REWRITE, measures)


def ru_paraphraser(shared: Path, said: Predictions) -> Iterator[Row]:
    """Two classes: the same or near against another; and the same against another, near ones left out."""
    pairs = read_pairs(shared, "ru-paraphraser")
    near = [replace(pair, label=pair.grade is not None and pair.grade >= 0) for pair in pairs]
    measures = ("accuracy", "F1", "AUC")
    yield from labelled("ru-paraphraser two-class", near, said, REWRITE, measures)
    yield from labelled("ru-paraphraser, near left out", pairs, said, REWRITE, (*measures, LESS_IS_BETTER))


def sts_news(shared: Path, said: Predictions) -> Iterator[Row]:
    pairs = read_pairs(shared, "sts-news")
    parts = {
        "sts-news headlines 2013": [pair for pair in pairs if pair.split == "2013/headlines"],
        "sts-news headlines 2014": [pair for pair in pairs if pair.split == "2014/headlines"],
        "sts-news headlines": [pair for pair in pairs if pair.split.endswith("/headlines")],
        "sts-news": pairs,
    }
    for name, part in parts.items():
        yield graded(name, part, said, TITLE)
        yield graded(name, part, said, REWRITE)


def stsb_mt(shared: Path, said: Predictions) -> Iterator[Row]:
    """Each language, and the mean over them."""
    pairs = read_pairs(shared, "stsb-mt-headlines")
    for score in (TITLE, REWRITE):
        rows = [
            graded(f"stsb-mt-headlines {lang}", [pair for pair in pairs if pair.lang == lang], said, score)
            for lang in sorted({pair.lang for pair in pairs})
        ]
        yield from rows
        figures = [row.ours for row in rows if row.ours is not None]
        lexical = {method: mean(row.lexical[method] for row in rows) for method in METHODS}
        yield replace(
            rows[0],
            set="stsb-mt-headlines, mean",
            size=len(pairs),
            ours=mean(figures) if len(figures) == len(rows) else None,
            lexical=lexical,
        )


def assin(shared: Path, said: Predictions) -> Iterator[Row]:
    pairs = read_pairs(shared, "assin")
    yield graded("assin", pairs, said, TITLE)
    yield graded("assin", pairs, said, REWRITE)


def simplified(name: str) -> Callable[[Path, Predictions], Iterator[Row]]:
    """Measure a set of sentences and what was made of them, beside pairs that do not belong together."""
    measures = ("recall", "accuracy", "F1", "AUC")

    def measure(shared: Path, said: Predictions) -> Iterator[Row]:
        pairs = read_pairs(shared, name)
        return labelled(name, [*pairs, *shifted(pairs)], said, REWRITE, measures)

    return measure


def shifted(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Each sentence with what was made of the next one of its part: mostly of the same article, so no easy ones."""
    for pair, following in pairwise(pairs):
        texts = {pair.one.text, pair.other.text, following.one.text, following.other.text}
        if pair.split == following.split and len(texts) == 4:
            yield replace(pair, id=join_ids(pair.id, following.id), other=following.other, label=False)


def semeval22(shared: Path, said: Predictions) -> Iterator[Row]:
    """Grades go from 1, the same story, to 4."""
    pairs = read_pairs(shared, "semeval22-text")
    for lang in ("es", "fr"):
        yield graded(
            f"semeval22-text {lang}", [pair for pair in pairs if pair.lang == lang], said, SAME_STORY, -1
        )
    yield from labelled("semeval22-text", pairs, said, SAME_STORY, ("F1", "AUC", LESS_IS_BETTER))


def telegram(shared: Path, said: Predictions) -> Iterator[Row]:
    pairs = read_pairs(shared, "telegram-pairs")
    return labelled("telegram-pairs", pairs, said, SAME_STORY, ("F1", "accuracy", "AUC", LESS_IS_BETTER))


def folds(_shared: Path, said: Predictions) -> Iterator[Row]:
    """Calibration of both probabilities on all that was held out at some time, where the files tell the labels."""
    for name in (REWRITE, SAME_STORY):
        lines = said.out_of_fold(name)
        known = [line for line in lines.values() if line.get("label") is not None]
        labels, scores = [bool(line["label"]) for line in known], [line[name] for line in known]
        error = calibrate(labels, scores).error if known else None
        source = CROSS_VALIDATED if known else "no labels in the file" if lines else NOT_TRAINED
        yield Row("all folds", f"{LESS_IS_BETTER}: {name}", len(known), error, source)
