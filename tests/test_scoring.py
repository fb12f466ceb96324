from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Boilerplate
from dedup.comparison import compare
from dedup.errors import ParameterError
from dedup.match.context import Context
from dedup.match.scoring import WEIGHT, ask, pool, weigh_in
from dedup.pair import Retelling
from tests.dumps import texts
from tests.embeddings import Says

probabilities = st.integers(0, 10_000).map(lambda number: number / 10_000)
STORM = "A storm has cut the power of nine thousand homes along the northern coast."
AGAIN = "Nine thousand households on the coast sat in the dark after the gale."
LINE = "Subscribe now to our free newsletter and never miss what happens in your town."


def probabilities_of(one: object, other: object, **given: Any) -> tuple[float, float]:
    found = told(one, other, **given)
    return found.rewrite_probability, found.same_story_probability


def told(one: object, other: object, **given: Any) -> Retelling:
    found = compare(one, other, **given).retelling
    assert found is not None
    return found


# Two opinions as one


@given(probabilities, probabilities, st.floats(0, 1))
def test_a_pooled_probability_lies_between_the_two(own: float, other: float, weight: float) -> None:
    assert min(own, other) <= pool(own, other, weight) <= max(own, other)


@given(probabilities, probabilities)
def test_pooling_is_even_handed(own: float, other: float) -> None:
    assert pool(own, other, 0.5) == pool(other, own, 0.5)
    assert pool(own, other, 0.0) == own
    assert pool(own, other, 1.0) == other
    assert pool(own, own) == own


@given(probabilities)
def test_a_doubtful_scorer_draws_towards_a_half(own: float) -> None:
    pooled = pool(own, 0.5, 0.5)
    assert abs(pooled - 0.5) <= abs(own - 0.5)
    if not 0.49 < own < 0.51:
        assert abs(pooled - 0.5) < abs(own - 0.5)


@given(probabilities, probabilities, probabilities, st.floats(0, 1))
def test_who_is_surer_is_never_heard_as_less(own: float, low: float, high: float, weight: float) -> None:
    low, high = sorted((low, high))
    assert pool(own, low, weight) <= pool(own, high, weight)


def test_pooling_is_the_mean_of_log_odds() -> None:
    odds = math.sqrt((0.2 / 0.8) * (0.9 / 0.1))
    assert pool(0.2, 0.9, 0.5) == round(odds / (1 + odds), 4)


# What it changes


def test_a_scorer_is_pooled_with_the_pair_model() -> None:
    alone = told(STORM, AGAIN)
    sure, doubting = (told(STORM, AGAIN, scorer=Says(answer)) for answer in (0.99, 0.01))
    assert sure.rewrite_probability == pool(alone.rewrite_probability, 0.99, WEIGHT)
    assert doubting.rewrite_probability == pool(alone.rewrite_probability, 0.01, WEIGHT)
    assert doubting.rewrite_probability < alone.rewrite_probability < sure.rewrite_probability
    assert told(STORM, AGAIN, scorer=Says(0.75), scorer_weight=1.0).rewrite_probability == 0.75


def test_a_scorer_that_is_not_heard_changes_nothing() -> None:
    assert told(STORM, AGAIN, scorer=Says(1.0), scorer_weight=0.0) == told(STORM, AGAIN)


def test_a_scorer_may_decide() -> None:
    one, other = "The lender sank.", "A bank has failed."
    assert compare(one, other, scorer=Says(0.0), scorer_weight=0.9).relation == "unrelated"
    assert compare(one, other, scorer=Says(1.0), scorer_weight=0.9).relation == "rewrite"


def test_a_copy_is_a_copy_whatever_the_scorer_says() -> None:
    assert compare(STORM, STORM.upper(), scorer=Says(0.0), scorer_weight=1.0).relation == "exact"


def test_the_story_is_raised_and_never_lowered() -> None:
    before = Retelling(0.5, 0.6, 0.7, names=("Orrin",))
    assert weigh_in(before, Says(0.9), ("a", "b"), 1.0) == Retelling(0.9, 0.9, 0.7, names=("Orrin",))
    assert weigh_in(before, Says(0.55), ("a", "b"), 1.0) == Retelling(0.55, 0.6, 0.7, names=("Orrin",))
    assert weigh_in(before, Says(0.1), ("a", "b"), 1.0) == Retelling(0.1, 0.6, 0.7, names=("Orrin",))
    unlikely = Retelling(0.5, 0.3, None)
    assert weigh_in(unlikely, Says(0.5), ("a", "b"), 1.0) == unlikely


# What it is asked


@given(texts, texts, probabilities)
def test_it_does_not_matter_which_text_comes_first(one: str, other: str, answer: float) -> None:
    there, back = Says(answer), Says(answer)
    assert probabilities_of(one, other, scorer=there) == probabilities_of(other, one, scorer=back)
    assert there.asked == back.asked


def test_a_scorer_that_looks_at_the_order_does_no_harm() -> None:
    class First:
        def score(self, pairs: Any) -> list[float]:
            return [len(one) / (len(one) + len(other)) for one, other in pairs]

    assert probabilities_of(STORM, AGAIN, scorer=First()) == probabilities_of(AGAIN, STORM, scorer=First())


def test_it_is_asked_about_the_texts_without_the_boilerplate() -> None:
    scorer = Says(0.5)
    context = Context([Boilerplate(LINE, None, 9)])
    compare(f"{STORM}\n{LINE}", f"{AGAIN}\n{LINE}", context=context, scorer=scorer)
    ((one, other),) = scorer.asked
    assert "newsletter" not in one + other
    assert "storm" in one + other


@pytest.mark.parametrize("empty", ["", "…", " \n"])
def test_it_is_not_asked_about_nothing(empty: str) -> None:
    scorer = Says(1.0)
    assert told(empty, STORM, scorer=scorer).rewrite_probability == 0.0
    assert scorer.asked == []


# What it answers


@pytest.mark.parametrize("answers", [[0.25, 0.5], (0.25, 0.5), np.array([0.25, 0.5]), iter([0.25, 0.5])])
def test_answers_may_come_in_any_form(answers: Any) -> None:
    assert ask(SimpleNamespace(score=lambda _: answers), [("a", "b"), ("c", "d")]) == [0.25, 0.5]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((), "said 0 numbers for 1 pairs"),
        ((0.5, 0.5), "said 2 numbers for 1 pairs"),
        ((math.nan,), "said nan; a probability from 0 to 1"),
        ((1.0001,), r"said 1\.0001; a probability from 0 to 1"),
        ((-0.1,), r"said -0\.1"),
        ((math.inf,), "said inf"),
        ((None,), "one number for each pair"),
        (("much",), "one number for each pair"),
    ],
)
def test_what_is_no_answer(answers: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        compare(STORM, AGAIN, scorer=Says(*answers))


def test_a_single_number_is_no_answer() -> None:
    with pytest.raises(ParameterError, match=r"the scorer said 0\.5; it must say one number for each pair"):
        compare(STORM, AGAIN, scorer=SimpleNamespace(score=lambda _: 0.5))


def test_what_a_scorer_raises_is_not_hidden() -> None:
    with pytest.raises(KeyError, match="weights"):
        compare(STORM, AGAIN, scorer=SimpleNamespace(score=lambda _: dict[str, float]()["weights"]))


@pytest.mark.parametrize("scorer", ["model", object(), max])
def test_what_is_no_scorer(scorer: Any) -> None:
    for text in (STORM, "…"):
        with pytest.raises(ParameterError, match="an object with a method score"):
            compare(text, AGAIN, scorer=scorer)


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan])
def test_what_is_no_weight(weight: float) -> None:
    with pytest.raises(ParameterError, match=r"scorer_weight is .*; a share from 0 to 1 is needed"):
        compare(STORM, AGAIN, scorer=Says(0.5), scorer_weight=weight)
