from __future__ import annotations

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.match.relation import (
    Limits,
    decide,
    decide_many,
    holding_thresholds,
    is_near,
    may_abridge,
    resembles,
    turning_threshold,
)
from dedup.match.similarity import SCALE, Overlap, Overlaps, ratios
from dedup.pair import RELATIONS

#: Scores exactly at the limits of an abridged copy, and below the threshold.
ABRIDGED = Overlap(resemblance=3000, containment=4500, coverage=2500, continuity=7500)
EXCERPT = Overlap(resemblance=1000, containment=7000, coverage=1100, continuity=10000)

score = st.integers(0, SCALE)
limit = st.integers(1, SCALE).map(lambda value: value / SCALE)
limits = st.builds(
    Limits, resemblance=limit, containment=limit, coverage=limit, continuity=limit, excerpt=limit
) | st.just(Limits())


def near_limits(name: str) -> st.SearchStrategy[int]:
    """Any score, or one about the default limits."""
    about = [round(getattr(Limits(), name) * SCALE) + step for step in (-1, 0, 1)]
    return score | st.sampled_from([*about, 6999, 7000])


overlaps = st.builds(
    Overlap,
    near_limits("resemblance"),
    near_limits("containment"),
    near_limits("coverage"),
    st.just(-1) | near_limits("continuity"),
)


@pytest.mark.parametrize(
    ("scores", "relation"),
    [
        (Overlap(4000, 0, 0, 0), "near"),
        (Overlap(3999, 0, 0, 0), "unrelated"),
        (ABRIDGED, "near"),
        (ABRIDGED._replace(containment=4499), "unrelated"),
        (ABRIDGED._replace(coverage=2499), "unrelated"),
        (ABRIDGED._replace(continuity=7499), "unrelated"),
        (ABRIDGED._replace(continuity=-1), "unrelated"),
        (ABRIDGED._replace(containment=7000, continuity=7499), "excerpt"),
        (EXCERPT, "excerpt"),
        (EXCERPT._replace(containment=6999), "unrelated"),
        (EXCERPT._replace(coverage=2500), "near"),
        (Overlap(0, 0, 0, 0), "unrelated"),
        (Overlap(10000, 10000, 10000, 10000), "near"),
    ],
)
def test_decisions_at_the_limits(scores: Overlap, relation: str) -> None:
    assert decide(scores, Limits()) == relation


@given(overlaps, limits)
def test_equal_texts_are_exact_whatever_their_scores(scores: Overlap, given_: Limits) -> None:
    assert decide(scores, given_, equal=True) == "exact"


@given(overlaps, limits)
def test_the_first_relation_that_holds_is_taken(scores: Overlap, given_: Limits) -> None:
    by_resemblance = scores.resemblance >= round(given_.resemblance * SCALE)
    abridged = (
        scores.containment >= round(given_.containment * SCALE)
        and scores.coverage >= round(given_.coverage * SCALE)
        and scores.continuity >= round(given_.continuity * SCALE)
    )
    contained = scores.containment >= round(given_.excerpt * SCALE)
    expected = "near" if by_resemblance or abridged else "excerpt" if contained else "unrelated"
    assert decide(scores, given_) == expected
    assert is_near(scores, given_) == (expected == "near")
    assert resembles(scores, given_) == by_resemblance


@given(st.lists(st.tuples(overlaps, st.booleans()), max_size=8), limits, st.booleans())
def test_many_pairs_are_decided_as_one_by_one(
    pairs: list[tuple[Overlap, bool]], given_: Limits, passage: bool
) -> None:
    scores = [overlap for overlap, _ in pairs]
    columns = Overlaps(*(np.array([row[column] for row in scores], np.int64) for column in range(4)))
    equal = np.array([same for _, same in pairs], np.bool_)
    codes = decide_many(columns, given_, equal, passage=passage)
    assert [RELATIONS[code] for code in codes.tolist()] == [
        decide(overlap, given_, equal=same, passage=passage) for overlap, same in pairs
    ]
    for function in (is_near, resembles, may_abridge):
        assert function(columns, given_).tolist() == [bool(function(overlap, given_)) for overlap in scores]


@given(st.integers(1, 60), st.integers(1, 60), score, limits)
def test_more_shared_shingles_never_make_less_of_a_copy(
    size: int, other: int, continuity: int, given_: Limits
) -> None:
    places = [
        RELATIONS.index(decide(Overlap(*ratios(shared, size, other), continuity), given_))
        for shared in range(min(size, other) + 1)
    ]
    assert places == sorted(places, reverse=True)


def test_relations_are_asked_for_in_this_order() -> None:
    assert (
        *("exact", "near", "template", "excerpt"),
        *("overlap", "rewrite", "same_story", "unrelated"),
    ) == RELATIONS


# Limits


@pytest.mark.parametrize("name", ["resemblance", "containment", "coverage", "continuity", "excerpt"])
@pytest.mark.parametrize("value", [0.0, -0.1, 1.0001, 40, float("nan"), float("inf")])
def test_limits_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"{name} is .*above 0 and at most 1"):
        Limits(**{name: value})


@pytest.mark.parametrize("name", ["resemblance", "containment", "coverage", "continuity", "excerpt"])
def test_limits_may_be_one(name: str) -> None:
    assert getattr(Limits(**{name: 1.0}), name) == 1.0


def test_limits_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Limits().resemblance = 0.5  # type: ignore[misc]


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.integers(1, 6), st.integers(1, 6))
def test_the_least_resemblance_is_that_of_some_copy_and_of_none_less(
    alike: int, contained: int, covered: int, size: int, other: int
) -> None:
    given_ = Limits(resemblance=alike / 20, containment=contained / 20, coverage=covered / 20)
    shorter, longer = (
        20 * min(size, other),
        20 * max(size, other),
    )  # so that each limit is a whole number of shingles
    by_resemblance, abridged = [], []
    for shared in range(shorter + 1):
        resemblance = Fraction(shared, shorter + longer - shared)
        if resemblance >= Fraction(alike, 20):
            by_resemblance.append(resemblance)
        if Fraction(shared, shorter) >= Fraction(contained, 20) and Fraction(shared, longer) >= Fraction(
            covered, 20
        ):
            abridged.append(resemblance)
    found = given_.least_resemblance(shorter / longer, shorter / longer)
    if not by_resemblance and not abridged:
        assert found > 1
    elif abridged and abridged[0] <= Fraction(alike, 20):
        assert found == pytest.approx(float(abridged[0]))
    else:  # the threshold need not be met by a whole number of shingles
        assert found == pytest.approx(given_.resemblance)
        assert found <= float(min(by_resemblance + abridged)) + 1e-12


def test_the_least_resemblance_by_default() -> None:
    assert Limits().least_resemblance(1.0, 1.0) == pytest.approx(0.45 / 1.55)
    assert Limits().least_resemblance(0.25, 0.25) == pytest.approx(0.25)
    assert Limits().least_resemblance(0.24, 0.24) > 1
    assert Limits(resemblance=0.1).least_resemblance(0.1, 0.1) == pytest.approx(0.1)
    assert Limits(resemblance=0.1).least_resemblance(0.09, 0.09) > 1


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.integers(0, 40), st.integers(0, 40))
def test_the_least_resemblance_in_a_range_is_that_of_one_of_its_ratios(
    alike: int, contained: int, covered: int, one: int, other: int
) -> None:
    limits = Limits(resemblance=alike / 20, containment=contained / 20, coverage=covered / 20)
    low, high = sorted((one / 40, other / 40))
    ratios = [low + (high - low) * part / 500 for part in range(501)]
    turns = [min(max(turn, low), high) for turn in (covered / 20, covered / contained)]
    least = min(limits.least_resemblance(ratio, ratio) for ratio in [*ratios, *turns])
    found = limits.least_resemblance(low, high)
    assert found == least or found == pytest.approx(least)


@given(overlaps, limits)
def test_a_passage_matters_only_where_nothing_else_holds(scores: Overlap, given_: Limits) -> None:
    without, with_passage = decide(scores, given_), decide(scores, given_, passage=True)
    assert with_passage == ("overlap" if without == "unrelated" else without)


@settings(max_examples=10)
@given(overlaps, score.filter(bool))
def test_the_verdict_turns_at_its_threshold(scores: Overlap, threshold: int) -> None:
    relation = decide(scores, Limits.for_threshold(threshold / SCALE))
    turning = turning_threshold(scores, relation)
    near = [is_near(scores, Limits.for_threshold(step / SCALE)) for step in range(1, SCALE + 1)]
    thresholds = [step for step, is_it in enumerate(near, 1) if is_it != (relation == "near")]
    if not thresholds:
        assert turning is None
    else:
        assert turning == (min if relation == "near" else max)(thresholds) / SCALE


@pytest.mark.slow
@settings(max_examples=30)
@given(many=st.lists(overlaps, min_size=1, max_size=5))
def test_pairs_are_near_up_to_the_threshold_that_they_hold_to(many: list[Overlap]) -> None:
    found = holding_thresholds(Overlaps(*np.array(many).T))
    for scores, holds in zip(many, found.tolist(), strict=True):
        near = [is_near(scores, Limits.for_threshold(step / SCALE)) for step in range(1, SCALE + 1)]
        assert near == [step <= holds for step in range(1, SCALE + 1)]


def test_equal_texts_are_so_at_any_threshold() -> None:
    assert turning_threshold(Overlap(SCALE, SCALE, SCALE, SCALE), "exact") is None
