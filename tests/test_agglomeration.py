"""Average link over a sparse graph: equal to the naive one, and never a chain."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.agglomeration import CROWD, CROWDING, agglomerate, most_central, uncrowd

if TYPE_CHECKING:
    from random import Random

    from hypothesis.strategies import SearchStrategy

    from dedup.kernels.types import Dates, Rows

MANY = 100  # pairs that an article may have: more than there are


class Graph(NamedTuple):
    """Pairs of articles, the lower row first, and what they weigh."""

    lefts: Rows
    rights: Rows
    weights: Dates
    n_articles: int

    def join(self, threshold: float) -> list[int]:
        return [int(label) for label in agglomerate(*self, threshold, MANY)]

    def renumber(self, order: Rows) -> Graph:
        """The same graph, with row k called ``order[k]``."""
        ones, others = order[self.lefts], order[self.rights]
        return Graph(np.minimum(ones, others), np.maximum(ones, others), self.weights, self.n_articles)


def graph_of(n_articles: int, *links: tuple[int, int, float]) -> Graph:
    lefts, rights, weights = zip(*links, strict=True) if links else ((), (), ())
    return Graph(np.array(lefts, np.int64), np.array(rights, np.int64), np.array(weights, float), n_articles)


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> Graph:
    """Graphs whose weights are distinct, and so are their averages."""
    n_articles = draw(st.integers(0, most))
    pairs = list(combinations(range(n_articles), 2))
    kept = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    weights = np.random.default_rng(draw(st.integers(0, 1 << 32))).uniform(0, 9, len(kept))
    return graph_of(n_articles, *((*pair, weight) for pair, weight in zip(kept, weights, strict=True)))


def tied_graphs() -> SearchStrategy[Graph]:
    """Graphs with few different weights."""
    return graphs().map(lambda graph: graph._replace(weights=np.ceil(graph.weights / 3)))


thresholds = st.sampled_from([0.5, 1.0, 2.5, 4.0, 7.0])


def groups_of(labels: list[int]) -> set[frozenset[int]]:
    """Labels as a partition: rows that belong together."""
    return {frozenset(row for row, label in enumerate(labels) if label == one) for one in set(labels)}


def average(graph: Graph, one: frozenset[int], other: frozenset[int]) -> float:
    """Average weight of all pairs between two groups, those that are not there too."""
    total = sum(
        weight
        for left, right, weight in zip(graph.lefts, graph.rights, graph.weights, strict=True)
        if (left in one and right in other) or (left in other and right in one)
    )
    return round(float(total) / (len(one) * len(other)), 9)


def join_one_at_a_time(graph: Graph, threshold: float) -> set[frozenset[int]]:
    """Plain twin: always the two groups that weigh most, from all their pairs."""
    groups = {frozenset([row]) for row in range(graph.n_articles)}
    while len(groups) > 1:
        one, other = max(combinations(groups, 2), key=lambda pair: average(graph, *pair))
        if average(graph, one, other) < threshold:
            break
        groups = groups - {one, other} | {one | other}
    return groups


@given(graphs(), thresholds)
def test_rounds_join_what_one_at_a_time_joins(graph: Graph, threshold: float) -> None:
    assert groups_of(graph.join(threshold)) == join_one_at_a_time(graph, threshold)


@given(st.one_of(graphs(), tied_graphs()), thresholds)
def test_groups_are_called_by_their_lowest_row(graph: Graph, threshold: float) -> None:
    labels = graph.join(threshold)
    assert all(labels[row] == min(group) for group in groups_of(labels) for row in group)


@given(tied_graphs(), thresholds)
def test_no_two_groups_are_left_that_weigh_enough(graph: Graph, threshold: float) -> None:
    groups = groups_of(graph.join(threshold))
    assert all(average(graph, *pair) < threshold for pair in combinations(groups, 2))


@given(graphs(), thresholds, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_articles(
    graph: Graph, threshold: float, random: Random
) -> None:
    order = np.array(random.sample(range(graph.n_articles), graph.n_articles), np.int64)
    renumbered = groups_of(graph.renumber(order).join(threshold))
    assert renumbered == {
        frozenset(int(order[row]) for row in group) for group in groups_of(graph.join(threshold))
    }


@given(st.one_of(graphs(), tied_graphs()), thresholds, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_pairs(graph: Graph, threshold: float, random: Random) -> None:
    order = np.array(random.sample(range(len(graph.lefts)), len(graph.lefts)), np.int64)
    shuffled = graph._replace(
        lefts=graph.lefts[order], rights=graph.rights[order], weights=graph.weights[order]
    )
    assert shuffled.join(threshold) == graph.join(threshold)


@given(graphs(), thresholds, thresholds)
def test_a_lower_threshold_splits_no_group(graph: Graph, one: float, other: float) -> None:
    coarse, fine = groups_of(graph.join(min(one, other))), groups_of(graph.join(max(one, other)))
    assert all(any(group <= larger for larger in coarse) for group in fine)


def test_a_chain_of_neighbours_is_no_group() -> None:
    chain = graph_of(6, *((row, row + 1, 5.0 - row / 10) for row in range(5)))
    assert chain.join(4.0) == [0, 0, 2, 2, 4, 4]


def test_what_holds_together_as_a_whole_is_one_group() -> None:
    whole = graph_of(4, *((one, other, 4.5) for one, other in combinations(range(4), 2)))
    assert whole.join(4.0) == [0, 0, 0, 0]


def test_the_threshold_itself_joins() -> None:
    assert graph_of(2, (0, 1, 4.0)).join(4.0) == [0, 0]
    assert graph_of(2, (0, 1, 3.9999)).join(4.0) == [0, 1]


def test_ties_go_to_the_lower_row() -> None:
    assert graph_of(3, (0, 1, 5.0), (1, 2, 5.0)).join(4.0) == [0, 0, 2]
    assert graph_of(3, (0, 2, 5.0), (1, 2, 5.0)).join(4.0) == [0, 1, 0]


def test_pairs_that_an_article_can_not_have_do_not_count() -> None:
    ring = [(row, (row + step) % 12) for row in range(12) for step in (1, 2)]
    circle = graph_of(12, *((min(pair), max(pair), 5.0) for pair in ring))
    assert set(circle.join(2.0)) != {0}
    assert set(agglomerate(*circle, 2.0, 2).tolist()) == {0}


@pytest.mark.parametrize("n_articles", [0, 1, 3])
def test_without_pairs_each_article_stands_alone(n_articles: int) -> None:
    lone = graph_of(n_articles)
    labels = np.array(lone.join(1.0), np.int64)
    assert labels.tolist() == list(range(n_articles))
    assert most_central(labels, lone.lefts, lone.rights, lone.weights).tolist() == list(range(n_articles))
    assert len(uncrowd(lone.lefts, lone.rights, lone.weights, n_articles, -4.0)) == 0


@given(st.one_of(graphs(), tied_graphs()), thresholds)
def test_the_most_central_has_the_heaviest_links_in_its_group(graph: Graph, threshold: float) -> None:
    labels = agglomerate(*graph, threshold, MANY)
    central = most_central(labels, graph.lefts, graph.rights, graph.weights).tolist()
    for group in groups_of(labels.tolist()):
        best = central[min(group)]
        assert {central[row] for row in group} == {best}
        assert best in group
        sums = {
            row: sum(average(graph, frozenset([row]), frozenset([other])) for other in group) for row in group
        }
        assert sums[best] >= max(sums.values()) - 1e-5


def test_ties_of_the_most_central_go_to_the_lower_row() -> None:
    triangle = graph_of(3, (0, 1, 5.0), (0, 2, 5.0), (1, 2, 5.0))
    assert most_central(np.zeros(3, np.int64), *triangle[:3]).tolist() == [0, 0, 0]


def crowd(graph: Graph, row: int, least: float) -> float:
    """Plain twin: what the best neighbours of an article have on average, those that it lacks as the least."""
    links = zip(graph.lefts, graph.rights, graph.weights, strict=True)
    best = sorted((max(weight, least) for left, right, weight in links if row in (left, right)), reverse=True)
    return max(float(sum([*best, *[least] * CROWD][:CROWD])) / CROWD, 0.0)


@given(graphs(most=14), st.sampled_from([-4.0, -0.5, 0.0, 1.0]))
def test_scores_count_less_where_articles_are_crowded(graph: Graph, least: float) -> None:
    scored = graph._replace(weights=graph.weights - 3)
    expected = [
        score - CROWDING * (crowd(scored, left, least) + crowd(scored, right, least)) / 2
        for left, right, score in zip(scored.lefts, scored.rights, scored.weights, strict=True)
    ]
    assert uncrowd(*scored, least).tolist() == pytest.approx(expected)


def test_a_lone_pair_is_not_crowded() -> None:
    pair = graph_of(2, (0, 1, 3.0))
    assert uncrowd(*pair, -4.0).tolist() == [3.0]


def test_only_the_best_neighbours_crowd() -> None:
    star = graph_of(CROWD + 3, *((0, row, 1.0 + row) for row in range(1, CROWD + 3)))
    best = sum(range(4, CROWD + 4)) / CROWD
    assert crowd(star, 0, 0.0) == best
    expected = [score - CROWDING * (best + score / CROWD) / 2 for score in star.weights.tolist()]
    assert uncrowd(*star, 0.0).tolist() == pytest.approx(expected)
