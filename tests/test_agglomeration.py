"""Average link over a sparse graph: equal to the naive one, and never a chain."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.agglomeration import agglomerate, most_central, uncrowd

if TYPE_CHECKING:
    from collections.abc import Mapping

Graph = dict[tuple[int, int], float]
MANY = 1000


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Graph]:
    n_articles = draw(st.integers(1, 8))
    pairs = list(combinations(range(n_articles), 2))
    weights = draw(st.lists(st.integers(0, 9000), min_size=len(pairs), max_size=len(pairs), unique=True))
    kept = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return n_articles, {p: w / 1000 for p, w, k in zip(pairs, weights, kept, strict=True) if k}


def join(n_articles: int, graph: Graph, threshold: float) -> list[int]:
    lefts, rights = (np.array([pair[side] for pair in graph], np.int64) for side in (0, 1))
    labels = agglomerate(lefts, rights, np.array([*graph.values()]), n_articles, threshold, MANY)
    return [int(label) for label in labels]


def naive(n_articles: int, graph: Mapping[tuple[int, int], float], threshold: float) -> set[frozenset[int]]:
    """Average link, one join at a time, the heaviest first."""
    groups = {frozenset([article]) for article in range(n_articles)}

    def average(one: frozenset[int], other: frozenset[int]) -> float:
        total = sum(graph.get((min(i, j), max(i, j)), 0.0) for i in one for j in other)
        return round(total / (len(one) * len(other)), 9)

    while len(groups) > 1:
        best, one, other = max(
            ((average(*pair), *pair) for pair in combinations(groups, 2)), key=lambda found: found[0]
        )
        if best < threshold:
            break
        groups = groups - {one, other} | {one | other}
    return groups


def partition(labels: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, other in enumerate(labels) if other == label) for label in labels}


@given(graphs(), st.sampled_from([0.5, 1.0, 2.5, 4.0]))
def test_it_is_the_naive_average_link(drawn: tuple[int, Graph], threshold: float) -> None:
    n_articles, graph = drawn
    assert partition(join(n_articles, graph, threshold)) == naive(n_articles, graph, threshold)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_articles_says_nothing(drawn: tuple[int, Graph], random: object) -> None:
    n_articles, graph = drawn
    places = list(range(n_articles))
    random.shuffle(places)  # type: ignore[attr-defined]
    moved = {
        (min(places[i], places[j]), max(places[i], places[j])): weight for (i, j), weight in graph.items()
    }
    found = partition(join(n_articles, moved, 1.0))
    assert found == {frozenset(places[i] for i in group) for group in partition(join(n_articles, graph, 1.0))}


def test_a_chain_is_no_group() -> None:
    chain = {(i, i + 1): 2.0 + i / 10 for i in range(7)}
    assert max(map(len, partition(join(8, chain, 1.0)))) <= 3


@pytest.mark.parametrize("n_articles", [0, 1, 3])
def test_without_pairs_each_stands_alone(n_articles: int) -> None:
    none, nothing = np.empty(0, np.int64), np.empty(0)
    assert agglomerate(none, none, nothing, n_articles, 1.0, MANY).tolist() == list(range(n_articles))
    assert uncrowd(none, none, nothing, n_articles, -4.0).tolist() == []


def test_being_near_says_less_where_all_are_near() -> None:
    crowd = list(combinations(range(12), 2))
    lefts, rights = (np.array([pair[side] for pair in [*crowd, (12, 13)]]) for side in (0, 1))
    scores = uncrowd(lefts, rights, np.full(len(lefts), 2.0), 14, -4.0)
    assert scores[-1] > scores[:-1].max()


def test_the_most_central_is_a_member_and_weighs_most() -> None:
    labels = np.array([0, 0, 0, 3])
    lefts, rights = np.array([0, 1, 0]), np.array([1, 2, 2])
    assert most_central(labels, lefts, rights, np.array([3.0, 2.0, 1.0])).tolist() == [1, 1, 1, 3]
