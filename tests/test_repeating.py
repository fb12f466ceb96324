"""Repeated headlines, as arrays: leaders, scores and the order in which they may lead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.headings import Headings
from dedup.match.suffixes import Affixes
from dedup.match.titles import headline_words, match_words
from dedup.repeating import Repeats, find_repeats
from dedup.workers import Workers
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    import random

WORDS = ["storm", "hits", "the", "far", "north", "coast", "not", "4", "5", "霧", "ヶ", "瀬", "町", "…"]
titles = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join) | st.sampled_from([*SAMPLES.values()]),
    max_size=25,
)


def find(rows: list[str], *, near: bool = True, dates: list[float] | None = None, walk: int = 128) -> Repeats:
    headings = Headings([row.encode() for row in rows], [None] * len(rows), [None] * len(rows), Affixes())
    published = np.array(dates if dates is not None else [np.nan] * len(rows))
    with Workers(1) as workers:
        return find_repeats(headings, published, workers, near=near, walk=walk)


@given(titles)
def test_each_is_verified_against_its_leader(rows: list[str]) -> None:
    found = find(rows)
    words = [headline_words(row) for row in rows]
    counts = Counter(words)
    for row, leader in enumerate(found.leaders.tolist()):
        assert found.leaders[leader] == leader
        assert (found.groups[row] == found.groups[leader]) == (words[row] == words[leader]) or not words[row]
        if words[row] != words[leader]:
            match = match_words(words[row], words[leader])
            assert match is not None
            assert match.score == found.scores[row]
            assert counts[words[leader]] >= counts[words[row]]
        else:
            assert found.scores[row] == 1.0


@given(titles)
def test_what_leads_is_near_no_other_leader(rows: list[str]) -> None:
    found = find(rows)
    words = [headline_words(row) for row in rows]
    leaders = sorted(set(found.leaders.tolist()))
    for one in leaders:
        for other in leaders:
            assert one == other or match_words(words[one], words[other]) is None


@given(titles, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(rows: list[str], chance: random.Random) -> None:
    order = list(range(len(rows)))
    chance.shuffle(order)
    words = [headline_words(row) for row in rows]

    def partition(given_rows: list[int]) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
        found = find([rows[row] for row in given_rows])
        return Counter(
            (words[row], words[given_rows[found.leaders[at]]]) for at, row in enumerate(given_rows)
        )

    assert partition(order) == partition(list(range(len(rows))))


@given(titles)
def test_same_headlines_are_always_together(rows: list[str]) -> None:
    words = [headline_words(row) for row in rows]
    for near in (True, False):
        found = find(rows, near=near)
        for row, leader in enumerate(found.leaders.tolist()):
            if words[row]:
                assert leader == found.leaders[words.index(words[row])]
                assert near or words[leader] == words[row]
            else:
                assert (leader, found.n_words[row]) == (row, 0)


def test_it_does_not_chain() -> None:
    rows = ["a b c d e f g h", "b c d e f g h i", "c d e f g h i j", "d e f g h i j k"]
    found = find(rows, dates=[1.0, 2.0, 3.0, 4.0])
    assert found.leaders.tolist() == [0, 0, 2, 2]


def test_what_most_articles_have_leads() -> None:
    rows = ["Storm hits the far north coast", "Storm hits the north coast", "STORM HITS THE NORTH COAST!"]
    assert find(rows).leaders.tolist() == [1, 1, 1]
    assert find(rows[:2], dates=[2.0, 1.0]).leaders.tolist() == [1, 1]
    assert find(rows[:2]).leaders.tolist() == [0, 0]


def test_the_titles_of_a_series_stay_apart_and_what_is_cut_is_counted() -> None:
    rows = [f"Police blotter for all of the week {number}" for number in range(40)]
    assert find(rows).leaders.tolist() == list(range(40))
    assert find(rows).walks_cut == 0
    assert find(rows, walk=3).walks_cut > 30


def test_nothing_and_no_words() -> None:
    assert find([]).leaders.tolist() == []
    assert find(["", "…", "…"]).leaders.tolist() == [0, 1, 2]
