from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.relation import Limits, decide, is_near
from dedup.match.similarity import SCALE, Overlap, overlap
from dedup.match.verification import UNKNOWN, Verifier, score_pairs
from dedup.pair import RELATIONS
from dedup.text.columns import ShingleTable
from dedup.workers import Workers

NONE = -1
LIMITS = [Limits(), Limits(resemblance=0.8), Limits(resemblance=0.1), Limits(containment=0.2, coverage=0.2)]

#: Texts as their shingles, in order; few different ones, so that most pairs share some.
texts = st.lists(
    st.lists(st.integers(1, 12), min_size=1, max_size=10, unique=True) | st.permutations(list(range(1, 31))),
    min_size=2,
    max_size=6,
)


def table_of(rows: list[list[int]]) -> ShingleTable:
    return ShingleTable(
        np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        np.array([shingle for row in rows for shingle in row], np.uint64),
        np.array([len(row) + 4 for row in rows], np.int64),
        np.arange(len(rows), dtype=np.uint64),
    )


def verifier_of(rows: list[list[int]], limits: Limits | None = None) -> Verifier:
    return Verifier(table_of(rows), limits or Limits(), Workers(1))


def all_pairs(rows: list[list[int]]) -> tuple[list[int], list[int]]:
    """Every ordered pair, those with one left row together."""
    pairs = [(left, right) for left in range(len(rows)) for right in range(len(rows)) if left != right]
    return [left for left, _ in pairs], [right for _, right in pairs]


@pytest.mark.parametrize("limits", LIMITS)
@given(rows=texts)
def test_scores_are_those_of_the_twin_and_continuity_is_known_where_it_decides(
    limits: Limits, rows: list[list[int]]
) -> None:
    lefts, rights = all_pairs(rows)
    found = score_pairs(table_of(rows), limits, np.array(lefts), np.array(rights))
    for left, right, *scores in zip(lefts, rights, *(column.tolist() for column in found), strict=True):
        expected = overlap(rows[left], rows[right])
        assert scores[:3] == list(expected[:3])
        assert scores[3] in (UNKNOWN, expected.continuity)
        assert is_near(Overlap(*scores), limits) == is_near(expected, limits)


@pytest.mark.parametrize("limits", LIMITS)
@given(rows=texts)
def test_a_better_leader_ranks_higher(limits: Limits, rows: list[list[int]]) -> None:
    lefts, rights = all_pairs(rows)
    ranks = verifier_of(rows, limits).rank(np.array(lefts), np.array(rights)).tolist()
    scores = [overlap(rows[left], rows[right]) for left, right in zip(lefts, rights, strict=True)]
    assert [rank == NONE for rank in ranks] == [not is_near(score, limits) for score in scores]
    merits = [(score.containment, score.resemblance) for score in scores]
    copies = [pair for pair in zip(ranks, merits, strict=True) if pair[0] != NONE]
    for rank, merit in copies:
        for other_rank, other_merit in copies:
            assert (rank < other_rank) == (merit < other_merit)


def test_the_text_that_holds_more_of_a_copy_leads_it_though_another_resembles_it_more() -> None:
    story = list(range(1, 21))
    stub = story[:8]
    roundup = [*story[:7], *range(101, 108)]  # a shorter text, and all but one of the stub's shingles
    rows = [story, roundup, stub]
    assert overlap(story, stub)[:2] == (4000, 10000)
    assert overlap(roundup, stub)[:2] == (4667, 8750)
    one, other = verifier_of(rows).rank(np.array([0, 1]), np.array([2, 2])).tolist()
    assert one > other > NONE


def test_of_equal_containment_the_higher_resemblance_ranks_higher() -> None:
    part = list(range(1, 7))
    rows = [list(range(1, 13)), list(range(1, 10)), part]
    assert overlap(rows[0], part)[:2] == (5000, 10000)
    assert overlap(rows[1], part)[:2] == (6667, 10000)
    one, other = verifier_of(rows).rank(np.array([0, 1]), np.array([2, 2])).tolist()
    assert other > one > NONE


@pytest.mark.parametrize("limits", LIMITS)
@given(rows=texts, ranked=st.lists(st.integers(0, 99), max_size=3))
def test_verdicts_are_those_of_the_twin_whatever_was_ranked_before(
    limits: Limits, rows: list[list[int]], ranked: list[int]
) -> None:
    lefts, rights = all_pairs(rows)
    verifier = verifier_of(rows, limits)
    for count in ranked:
        verifier.rank(np.array(lefts[:count], np.int64), np.array(rights[:count], np.int64))
    found = verifier.verdicts(np.array([0, *lefts]), np.array([0, *rights]))
    assert RELATIONS[found.relations[0]] == "exact"
    for place, (left, right) in enumerate(zip(lefts, rights, strict=True), 1):
        expected = overlap(rows[left], rows[right])
        verdict = found.of(place)
        assert verdict.relation == decide(expected, limits)
        scores = verdict.scores
        assert (scores.resemblance, scores.containment, scores.coverage) == tuple(
            score / SCALE for score in expected[:3]
        )
        assert scores.continuity in (None, expected.continuity / SCALE)


def test_no_pair_gives_no_verdict() -> None:
    none = np.empty(0, np.int64)
    verifier = verifier_of([[1, 2], [3]])
    assert verifier.rank(none, none).tolist() == []
    assert len(verifier.verdicts(none, none).relations) == 0
