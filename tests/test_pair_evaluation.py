from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from dedup.errors import ParameterError
from dedup.pair_evaluation import PairEvaluation, calibrate, evaluate_pairs

#: Few values, so that there are ties.
probabilities = st.integers(0, 20).map(lambda value: value / 20)
judged = st.lists(st.tuples(st.booleans(), probabilities), min_size=1, max_size=30)


def columns(pairs: list[tuple[bool, float]]) -> tuple[list[bool], list[float]]:
    return [label for label, _ in pairs], [score for _, score in pairs]


def test_figures_computed_by_hand() -> None:
    found = evaluate_pairs([True, True, False, False, True], [0.9, 0.4, 0.6, 0.1, 0.6], threshold=0.5)
    assert (found.pairs, found.positives, found.called) == (5, 3, 3)
    assert found.accuracy == pytest.approx(3 / 5)
    assert (found.precision, found.recall, found.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    # Of the six pairs of a positive and another, 0.9 wins two, 0.4 one, 0.6 one and a tie.
    assert found.auc == pytest.approx(4.5 / 6)
    # At 0.9: precision 1, recall 1/3. At 0.6: 2/3, 2/3. At 0.4: 3/4, 1.
    assert found.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert found.brier == pytest.approx((0.01 + 0.36 + 0.36 + 0.01 + 0.16) / 5)
    # Bins: 0.1 -> 0 positive; 0.4 -> 1; 0.6 twice -> half; 0.9 -> 1.
    assert found.calibration_error == pytest.approx((0.1 + 0.6 + 2 * 0.1 + 0.1) / 5)
    assert found.best_threshold == 0.4
    assert found.best_accuracy == pytest.approx(4 / 5)
    assert found.best_f1 == pytest.approx(6 / 7)


def test_the_threshold_itself_is_positive() -> None:
    assert evaluate_pairs([True, False], [0.5, 0.4999]).accuracy == 1.0
    assert evaluate_pairs([True, False], [0.3, 0.2], threshold=0.3).accuracy == 1.0


@given(judged, probabilities)
def test_decisions_are_those_of_scikit_learn(pairs: list[tuple[bool, float]], threshold: float) -> None:
    labels, scores = columns(pairs)
    called = [score >= threshold for score in scores]
    found = evaluate_pairs(labels, scores, threshold=threshold)
    assert found.accuracy == pytest.approx(accuracy_score(labels, called))
    assert found.precision == pytest.approx(precision_score(labels, called, zero_division=1.0))
    assert found.recall == pytest.approx(recall_score(labels, called, zero_division=1.0))
    assert found.f1 == pytest.approx(f1_score(labels, called, zero_division=1.0))


@given(judged)
def test_ranking_is_that_of_the_definition(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = columns(pairs)
    assume(0 < sum(labels) < len(labels))
    duels = [
        (one > other) + (one == other) / 2 for wins, one in pairs for loses, other in pairs if wins > loses
    ]
    found = evaluate_pairs(labels, scores)
    assert found.auc == pytest.approx(sum(duels) / len(duels))
    assert found.auc == pytest.approx(roc_auc_score(labels, scores))
    assert found.average_precision == pytest.approx(average_precision_score(labels, scores))


@given(judged)
def test_calibration_is_that_of_scikit_learn(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = columns(pairs)
    shown = [score if score * 10 % 1 else min(score + 0.01, 1.0) for score in scores]  # off the bounds
    bins = [one for one in calibrate(labels, shown).bins if one.pairs]
    shares, means = calibration_curve(labels, shown, n_bins=10)
    assert [one.positive_share for one in bins] == pytest.approx(shares.tolist())
    assert [one.mean_score for one in bins] == pytest.approx(means.tolist())
    expected = sum(
        one.pairs * abs(share - mean) for one, share, mean in zip(bins, shares, means, strict=True)
    )
    assert calibrate(labels, shown).error == pytest.approx(expected / len(pairs))
    assert evaluate_pairs(labels, scores).brier == pytest.approx(
        brier_score_loss(labels, scores, pos_label=1)
    )


@given(judged)
def test_the_best_threshold_is_the_best_of_all(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = columns(pairs)
    found = evaluate_pairs(labels, scores)
    all_of_them = {one: evaluate_pairs(labels, scores, threshold=one) for one in scores}
    assert found.best_accuracy == pytest.approx(max(one.accuracy or 0 for one in all_of_them.values()))
    assert found.best_f1 == pytest.approx(max(one.f1 or 0 for one in all_of_them.values()) * any(labels))
    best = [one for one, its in all_of_them.items() if its.accuracy == pytest.approx(found.best_accuracy)]
    assert found.best_threshold == max(best)


graded = st.lists(st.tuples(st.integers(0, 5), st.integers(-4, 4)), min_size=2, max_size=30)


@given(graded)
def test_correlations_are_those_of_the_definition(pairs: list[tuple[int, int]]) -> None:
    grades, scores = [[float(one) for one in column] for column in zip(*pairs, strict=True)]
    found = evaluate_pairs([None] * len(pairs), scores, grades)
    if len(set(grades)) == 1 or len(set(scores)) == 1:
        assert (found.pearson, found.spearman) == (None, None)
        return
    assert found.pearson == pytest.approx(pearson(grades, scores), abs=1e-9)
    assert found.spearman == pytest.approx(pearson(ranks(grades), ranks(scores)), abs=1e-9)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.booleans()),
            st.one_of(st.none(), st.floats(allow_infinity=False)),
            st.one_of(st.none(), st.floats(allow_infinity=False, allow_nan=False)),
        ),
        min_size=1,
    )
)
def test_figures_are_finite_or_none_whatever_is_given(pairs: list[tuple[Any, Any, Any]]) -> None:
    labels, scores, grades = zip(*pairs, strict=True)
    try:
        found = evaluate_pairs(labels, scores, grades)
    except ParameterError as error:
        assert "nothing to compare" in str(error)  # noqa: PT017 - one of two ways to end
        return
    figures = [value for value in found.as_dict().values() if isinstance(value, float)]
    assert all(map(math.isfinite, figures))
    assert all(abs(value) <= 1 for value in (found.pearson, found.spearman) if value is not None)


def test_what_all_but_does_not_vary_has_no_correlation() -> None:
    assert evaluate_pairs([None] * 3, [1.0, 2.0, 3.0], [0.1, 0.1, 0.1]).pearson is None
    assert evaluate_pairs([None] * 3, [1e308, -1e308, 0.0], [3.0, 1.0, 2.0]).pearson == pytest.approx(1.0)


def pearson(one: list[float], other: list[float]) -> float:
    x, y = (np.array(values) - np.mean(values) for values in (one, other))
    return float(x @ y / math.sqrt((x @ x) * (y @ y)))


def ranks(values: list[float]) -> list[float]:
    """One, and the smaller values, and half of the equal others."""
    return [
        1 + sum(other < one for other in values) + (sum(other == one for other in values) - 1) / 2
        for one in values
    ]


@given(judged, st.randoms(use_true_random=False))
def test_order_does_not_matter(pairs: list[tuple[bool, float]], rng: Any) -> None:
    shuffled = rng.sample(pairs, len(pairs))
    one, other = (evaluate_pairs(*columns(order)).as_dict() for order in (pairs, shuffled))
    for name in one.keys() - {"reliability"}:
        assert one[name] == pytest.approx(other[name])


def test_what_has_no_label_or_no_score_is_left_out_and_counted() -> None:
    found = evaluate_pairs([True, None, False, True, None, False], [0.8, 0.9, 0.3, None, math.nan, math.nan])
    assert (found.pairs, found.unlabelled, found.unscored) == (2, 2, 2)
    same = evaluate_pairs([True, False], [0.8, 0.3])
    assert found.as_dict() | {"unlabelled": 0, "unscored": 0} == same.as_dict()


def test_labels_and_grades_are_judged_apart() -> None:
    found = evaluate_pairs([True, None, False], [0.9, 0.5, 0.2], [5.0, 3.0, None])
    assert (found.pairs, found.graded, found.unlabelled) == (2, 2, 1)
    assert found.pearson == pytest.approx(1.0)


def test_grades_alone() -> None:
    found = evaluate_pairs([None] * 4, [0.1, 0.2, 0.4, 0.9], [0.0, 1.0, 2.0, None])
    assert (found.pairs, found.graded, found.unlabelled) == (0, 3, 1)
    assert found.spearman == pytest.approx(1.0)
    assert (found.accuracy, found.auc, found.brier) == (None, None, None)


@pytest.mark.parametrize("label", [True, False])
def test_where_all_labels_are_alike_there_is_nothing_to_rank(label: bool) -> None:
    found = evaluate_pairs([label] * 3, [0.1, 0.6, 0.9])
    assert (found.auc, found.average_precision) == (None, None)
    assert found.accuracy == pytest.approx((1 + label) / 3)
    assert found.calibration_error is not None


def test_decisions_are_not_ranked() -> None:
    found = evaluate_pairs([True, True, False], [True, False, False], [1.0, 2.0, 3.0])
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.threshold is None
    undefined = (found.auc, found.average_precision, found.brier, found.calibration_error, found.pearson)
    assert (*undefined, found.best_threshold, found.reliability) == (*[None] * 6, ())


@pytest.mark.parametrize("outside", [1.0001, -0.5, 7])
def test_scores_that_are_no_probabilities_are_ranked_only(outside: float) -> None:
    found = evaluate_pairs([True, False], [outside, 0.5])
    assert (found.brier, found.calibration_error, found.reliability) == (None, None, ())
    assert found.auc is not None


def test_bins_are_without_their_upper_bound_but_the_last() -> None:
    bins = calibrate([True, False, True, True], [0.0, 0.1, 0.3, 1.0]).bins
    assert [(one.low, one.high) for one in bins] == [(place / 10, (place + 1) / 10) for place in range(10)]
    assert [one.pairs for one in bins] == [1, 1, 0, 1, 0, 0, 0, 0, 0, 1]
    assert bins[2][3:] == (None, None)
    assert calibrate([True, False], [0.2, 0.9], bins=1).error == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("labels", "scores", "reason"),
    [
        ([], [], "0 labels and 0 probabilities"),
        ([True], [0.5, 0.5], "1 labels and 2 probabilities"),
        ([True, False], [0.5, 1.5], "probabilities from 0.5 to 1.5"),
        ([True], [math.nan], "they lie between 0 and 1"),
    ],
)
def test_what_can_not_be_calibrated_is_refused(labels: list[bool], scores: list[float], reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        calibrate(labels, scores)


def test_no_bins_are_refused() -> None:
    with pytest.raises(ParameterError, match="bins is 0; at least 1"):
        calibrate([True], [0.5], bins=0)


@pytest.mark.parametrize(
    ("labels", "scores", "grades", "reason"),
    [
        ([], [], None, "nothing to compare: of 0 pairs"),
        ([True], [], None, "1 labels, 0 scores and 1 grades"),
        ([True], [0.5], [], "1 labels, 1 scores and 0 grades"),
        ([None], [0.5], [None], "of 1 pairs 0 have a label or grade"),
        ([True], [None], None, "of 1 pairs 1 have a label or grade, and none of these a score"),
        ([True, False], [math.inf, 0.5], None, "an infinite score"),
        ([True, False], [0.5, 0.5], [-math.inf, 1], "an infinite score or grade"),
        ([True, False], ["high", 0.5], None, "labels, scores and grades are numbers or None"),
        ([2, 0], [0.5, 0.5], None, "a label is neither true"),
    ],
)
def test_what_can_not_be_compared_is_refused(labels: Any, scores: Any, grades: Any, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        evaluate_pairs(labels, scores, grades)


def test_a_threshold_that_is_none_is_refused() -> None:
    with pytest.raises(ParameterError, match="the threshold is NaN"):
        evaluate_pairs([True], [0.5], threshold=math.nan)


def test_figures_by_name() -> None:
    figures = evaluate_pairs([True, False], [0.9, 0.1]).as_dict()
    assert list(figures) == list(PairEvaluation.__dataclass_fields__)
    assert figures["reliability"][9] == {
        "low": 0.9,
        "high": 1.0,
        "pairs": 1,
        "mean_score": 0.9,
        "positive_share": 1.0,
    }
