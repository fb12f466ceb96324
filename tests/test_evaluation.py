from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    adjusted_rand_score,
    completeness_score,
    homogeneity_score,
    v_measure_score,
)
from sklearn.metrics.cluster import pair_confusion_matrix

from dedup.errors import ParameterError
from dedup.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.evaluation import Evaluation

labellings = st.integers(1, 14).flatmap(
    lambda length: st.tuples(
        *(st.lists(st.integers(-1, 4), min_size=length, max_size=length) for _ in range(2)),
    )
)


def together(labels: Sequence[object]) -> set[tuple[int, int]]:
    return {(i, j) for i, j in combinations(range(len(labels)), 2) if labels[i] == labels[j]}


def share(part: int, whole: int) -> float:
    """Of none, all."""
    return part / whole if whole else 1.0


def harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def bcubed(truth: Sequence[object], predicted: Sequence[object]) -> tuple[float, float]:
    """Mean over the articles of the share of those put with it (that belong with it) that belong (are put) there."""
    articles = range(len(truth))
    precision, recall = [], []
    for article in articles:
        put = {other for other in articles if predicted[other] == predicted[article]}
        belong = {other for other in articles if truth[other] == truth[article]}
        precision.append(len(put & belong) / len(put))
        recall.append(len(put & belong) / len(belong))
    return sum(precision) / len(truth), sum(recall) / len(truth)


@given(labellings)
def test_pairs_are_counted_as_by_the_definition(labels: tuple[list[int], list[int]]) -> None:
    truth, predicted = labels
    found = evaluate(truth, predicted)
    right = together(truth) & together(predicted)
    assert found.pair_precision == pytest.approx(share(len(right), len(together(predicted))))
    assert found.pair_recall == pytest.approx(share(len(right), len(together(truth))))
    assert found.pair_f1 == pytest.approx(harmonic(found.pair_precision, found.pair_recall))


@given(labellings)
def test_bcubed_is_as_by_the_definition(labels: tuple[list[int], list[int]]) -> None:
    found = evaluate(*labels)
    precision, recall = bcubed(*labels)
    assert found.bcubed_precision == pytest.approx(precision)
    assert found.bcubed_recall == pytest.approx(recall)
    assert found.bcubed_f1 == pytest.approx(harmonic(precision, recall))


@given(labellings)
def test_figures_are_those_of_scikit_learn(labels: tuple[list[int], list[int]]) -> None:
    truth, predicted = labels
    found = evaluate(truth, predicted)
    (_, false_positive), (false_negative, true_positive) = pair_confusion_matrix(truth, predicted).tolist()
    assert found.pair_precision == pytest.approx(share(true_positive, true_positive + false_positive))
    assert found.pair_recall == pytest.approx(share(true_positive, true_positive + false_negative))
    assert found.ari == pytest.approx(adjusted_rand_score(truth, predicted))
    assert found.v_measure == pytest.approx(v_measure_score(truth, predicted))
    homogeneity, completeness = homogeneity_score(truth, predicted), completeness_score(truth, predicted)
    assert found.v_measure == pytest.approx(harmonic(homogeneity, completeness))


@given(labellings)
def test_counts(labels: tuple[list[int], list[int]]) -> None:
    found = evaluate(*labels)
    assert (found.articles, found.true_clusters, found.predicted_clusters) == (
        len(labels[0]),
        len(set(labels[0])),
        len(set(labels[1])),
    )


@given(labellings)
def test_truth_and_prediction_exchange_precision_and_recall(labels: tuple[list[int], list[int]]) -> None:
    one, other = evaluate(*labels), evaluate(*labels[::-1])
    assert one.pair_precision == other.pair_recall
    assert one.bcubed_precision == pytest.approx(other.bcubed_recall)
    assert one.ari == pytest.approx(other.ari)


@given(labellings)
def test_names_and_order_do_not_matter(labels: tuple[list[int], list[int]]) -> None:
    truth, predicted = labels
    renamed = evaluate([f"t{label}" for label in truth[::-1]], [(label, "x") for label in predicted[::-1]])
    for name, value in evaluate(truth, predicted).as_dict().items():
        assert renamed.as_dict()[name] == pytest.approx(value)


def rates(found: Evaluation) -> list[float]:
    return [
        found.pair_precision,
        found.pair_recall,
        found.pair_f1,
        found.ari,
        found.bcubed_precision,
        found.bcubed_recall,
        found.bcubed_f1,
        found.v_measure,
    ]


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 2], [0], [0, 0, 0], [0, 1, 2], list("abcab")])
def test_what_is_perfect_is_one(labels: list[object]) -> None:
    assert rates(evaluate(labels, labels)) == [pytest.approx(1.0)] * 8


def test_all_in_one_cluster() -> None:
    found = evaluate([0, 0, 1, 1], ["x"] * 4)
    assert (found.pair_precision, found.pair_recall) == pytest.approx((1 / 3, 1.0))
    assert (found.bcubed_precision, found.bcubed_recall) == pytest.approx((0.5, 1.0))
    assert found.ari == pytest.approx(0.0)


def test_each_in_a_cluster_of_its_own() -> None:
    found = evaluate([0, 0, 1, 1], [1, 2, 3, 4])
    assert (found.pair_precision, found.pair_recall, found.pair_f1) == (1.0, 0.0, 0.0)
    assert (found.bcubed_precision, found.bcubed_recall) == pytest.approx((1.0, 0.5))


def test_where_nothing_belongs_together_recall_is_one() -> None:
    found = evaluate([1, 2, 3], [7, 7, 7])
    assert (found.pair_precision, found.pair_recall, found.pair_f1) == (0.0, 1.0, 0.0)


def test_many_single_articles_and_large_clusters() -> None:
    truth = [*range(3000), *[-1] * 3000]
    predicted = [*range(3000), *[-1] * 1500, *[-2] * 1500]
    found = evaluate(truth, predicted)
    sizes = Counter(predicted)
    pairs = sum(math.comb(size, 2) for size in sizes.values())
    assert found.pair_precision == 1.0
    assert found.pair_recall == pytest.approx(pairs / math.comb(3000, 2))


@pytest.mark.parametrize(("truth", "predicted"), [([], []), ([1], []), ([1, 2], [1]), ([], [1])])
def test_labels_that_do_not_match_are_refused(truth: list[int], predicted: list[int]) -> None:
    with pytest.raises(ParameterError, match=f"{len(truth)} true and {len(predicted)} predicted labels"):
        evaluate(truth, predicted)


def test_figures_by_name() -> None:
    figures = evaluate(["a", "a", "b"], [1, 1, 1]).as_dict()
    assert list(figures) == [
        "articles",
        "true_clusters",
        "predicted_clusters",
        "pair_precision",
        "pair_recall",
        "pair_f1",
        "ari",
        "bcubed_precision",
        "bcubed_recall",
        "bcubed_f1",
        "v_measure",
    ]
    assert all(type(value) in (int, float) for value in figures.values())
