"""The model of one event: laws of what it says, and that arrays say what the plain twin says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from dedup.match import storylinks
from dedup.match.samestory import FEATURES, date_features, probability, rarity, same_story
from dedup.match.storyterms import read_terms
from dedup.text.columns import TextColumn
from tests.strategies import text

DAY = 86_400.0
STORM = ("Storm hits Lisbon", "A storm killed 14 people in Lisbon on Monday, mayor Carlos Moedas said.")
AGAIN = ("14 dead in Portugal", "Mayor Moedas said the storm over Lisbon had killed 14 people.")
RATES = ("Rates rise", "The bank raised its rates by half a point, more than most had expected.")


@given(text, text, text, text)
def test_it_is_all_the_same_which_comes_first(one: str, body: str, other: str, other_body: str) -> None:
    sides = (one, body, None), (other, other_body, None)
    said = same_story(*sides)
    assert said.probability == same_story(*sides[::-1]).probability
    assert 0.0 <= said.probability <= 1.0


def test_reports_of_one_event_are_told_from_others_with_their_evidence() -> None:
    said = same_story((*STORM, None), (*AGAIN, None))
    assert said.probability > 0.5 > same_story((*STORM, None), (*RATES, None)).probability
    assert {"lisbon"[:6], "moedas"[:6]} <= set(said.names)
    assert said.numbers == ("14",)
    assert said.says().startswith("both name ")
    assert same_story((*STORM, None), (*RATES, None)).names == ()


@pytest.mark.parametrize(
    ("one", "other", "stranger"),
    [
        (
            "Ураган обрушился на Лиссабон, погибли 14 человек",
            "14 человек погибли: ураган в Лиссабоне",
            "Центробанк сохранил ставку",
        ),
        (
            "عاصفة تضرب لشبونة وتقتل ١٤ شخصا",
            "مقتل ١٤ شخصا في عاصفة لشبونة",
            "البنك المركزي يثبت أسعار الفائدة",
        ),
        ("里斯本遭暴風雨襲擊14人死亡", "暴風雨襲擊里斯本 已致14人死亡", "央行維持利率不變"),
    ],
)
def test_every_script_is_told(one: str, other: str, stranger: str) -> None:
    near = same_story((one, "", None), (other, "", None)).probability
    assert near > same_story((one, "", None), (stranger, "", None)).probability


def test_days_apart_speak_against_it() -> None:
    def at(days: float) -> float:
        return same_story((*STORM, 0.0), (*AGAIN, days * DAY)).probability

    assert at(0) > at(3) > at(30) > at(3000)
    assert at(3) == same_story((*STORM, 3 * DAY), (*AGAIN, 0.0)).probability
    assert date_features(None, 5.0) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("empty", [("", "", None), ("…", " — ", 0.0)])
def test_nothing_is_no_story(empty: tuple[str, str, float | None]) -> None:
    said = same_story(empty, (*STORM, None))
    assert said.probability < 0.2
    assert (said.names, said.numbers, said.words) == ((), (), ())


def test_what_is_common_everywhere_weighs_nothing() -> None:
    assert rarity(0.5, 0.5) == 0.0
    assert 0.0 < rarity(0.01, 0.01) < rarity(0.001, 0.001)


def test_arrays_score_as_the_model_does() -> None:
    articles = [
        STORM,
        AGAIN,
        RATES,
        ("Storm over Lisbon kills 14", "Moedas said on Tuesday that 14 had died."),
    ]
    columns = [TextColumn.of([article[part].encode() for article in articles]) for part in (0, 1)]
    rows = np.arange(len(articles))
    published = np.array([0.0, DAY, np.nan, 40 * DAY])
    chosen = storylinks.choose_terms(read_terms(*columns), rows)
    lefts, rights = (
        np.array(side) for side in zip(*((i, j) for i in rows for j in rows if i < j), strict=True)
    )
    features = storylinks.pair_features(chosen, published, lefts, rights)
    scores = storylinks.score_pairs(chosen, published, lefts, rights)
    assert features.shape == (len(lefts), len(FEATURES))
    for row, score in zip(features.tolist(), scores.tolist(), strict=True):
        assert probability(row) == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-4)
    for row, (left, right) in enumerate(zip(lefts.tolist(), rights.tolist(), strict=True)):
        dates = (None if np.isnan(published[side]) else float(published[side]) for side in (left, right))
        assert features[row, -4:] == pytest.approx(date_features(*dates))
