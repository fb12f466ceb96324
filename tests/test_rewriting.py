"""The pair model: laws of its features and of what it says, and examples in several scripts."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from dedup.match.likeness import likeness, missing_names
from dedup.match.rewriting import KINDS, PairModel, kinds_of, load_model, rewriting
from dedup.match.wording import Wording
from tests.strategies import text as texts

if TYPE_CHECKING:
    from pathlib import Path

LEAD = (
    "Kyiv and Moscow exchanged 390 prisoners on Friday after talks in Istanbul, both defence ministries said."
)
AGAIN = (
    "After talks in Istanbul, both defence ministries said, Moscow and Kyiv swapped 390 prisoners on Friday."
)
OTHER = "The central bank left its main rate unchanged on Thursday, as most economists had expected."


@given(texts, texts)
def test_it_is_all_the_same_which_text_comes_first(one: str, other: str) -> None:
    sides = Wording(one), Wording(other)
    found, turned = likeness(*sides), likeness(*sides[::-1])
    assert list(found) == list(turned)
    assert found == pytest.approx(turned)
    assert rewriting(one, other) == rewriting(other, one)


@given(texts, texts)
def test_what_it_says_is_a_probability_and_a_share(one: str, other: str) -> None:
    said = rewriting(one, other)
    assert 0.0 <= said.probability <= 1.0
    assert 0.0 <= said.similarity <= 1.0


@given(texts, texts)
def test_features_are_finite_and_kinds_share_a_pair(one: str, other: str) -> None:
    sides = Wording(one), Wording(other)
    found = likeness(*sides)
    assert all(math.isfinite(value) for value in found.values())
    kinds = kinds_of(*sides, found)
    assert tuple(kinds) == KINDS
    assert sum(kinds.values()) == pytest.approx(1.0)
    assert min(kinds.values()) >= -1e-12


@given(texts)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    wording = Wording(text)
    found = likeness(wording, wording)
    if wording.words:
        assert found["words 1"] == found["covered"] == found["order"] == 1.0
    assert found["missing high"] == found["names missing high"] == found["numbers missing high"] == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LEAD, AGAIN),
        ("Two dead in shooting at shopping mall", "Shooting at shopping mall leaves two dead"),
        ("Полиция задержала двух подозреваемых в Москве", "В Москве полиция задержала двоих подозреваемых"),
        (
            "Ministar spoljnih poslova Slovačke izjavio je u petak da njegova zemlja ne priznaje Kosovo.",
            "Slovačka ne priznaje Kosovo, izjavio je u petak ministar spoljnih poslova te zemlje.",
        ),
        ("زيارة وزير الخارجية المصري إلى بغداد", "وزير الخارجية المصري في زيارة إلى بغداد"),
        ("東京で震度5の地震、けが人なし", "震度5の地震が東京で発生、けが人なし"),
    ],
)
def test_rewrites_are_told_from_other_news_in_every_script(one: str, other: str) -> None:
    said = rewriting(one, other)
    assert said.probability > 0.5
    assert said.probability > rewriting(one, OTHER).probability
    assert said.similarity > rewriting(one, OTHER).similarity


def test_other_news_is_no_rewrite() -> None:
    assert rewriting(LEAD, OTHER).probability < 0.05


@pytest.mark.parametrize("other", ["", "… — !", LEAD])
def test_a_text_without_words_tells_nothing_again(other: str) -> None:
    assert rewriting("?!", other) == (0.0, 0.0)


def test_a_name_is_no_report() -> None:
    assert rewriting("Kyiv", LEAD).probability < 0.5


def test_facts_that_differ_make_it_less_probable() -> None:
    assert rewriting(LEAD, AGAIN.replace("390", "1,200")).probability < rewriting(LEAD, AGAIN).probability
    other_names = AGAIN.replace("Istanbul", "Geneva").replace("Kyiv", "Tbilisi")
    assert rewriting(LEAD, other_names).probability < rewriting(LEAD, AGAIN).probability


def test_names_agree_in_their_forms() -> None:
    one, other = Wording("Они уехали из Москвы"), Wording("Сегодня Москва ждёт Петрова")
    assert {"петрова"} <= missing_names(other, one) <= {"петрова", "сегодня"}
    assert "москвы" not in missing_names(one, other)


def test_features_of_a_small_pair_by_hand() -> None:
    found = likeness(Wording("rain in riga"), Wording("in riga snow and rain"))
    assert found["words 1"] == 3 / 5
    assert (found["words 1 low"], found["words 1 high"]) == (3 / 5, 1.0)
    assert found["words 2"] == 1 / 5
    assert found["order"] == 2 * 2 / 8
    assert found["length share"] == 3 / 5
    assert (found["numbers share"], found["numbers"]) == (0.5, 0)
    assert found["inversions"] == 2 / 4


def test_long_texts_cost_no_more_than_their_beginning() -> None:
    long = " ".join(f"word{number}" for number in range(1000))
    assert rewriting(long, LEAD) == rewriting(f"{long} and more of it", LEAD)


def test_weights_are_those_of_the_features() -> None:
    model = load_model()
    assert set(model.columns.features) == set(likeness(Wording(LEAD), Wording(AGAIN)))
    found = likeness(Wording(LEAD), Wording(AGAIN))
    columns = model.columns.expand(found, kinds_of(Wording(LEAD), Wording(AGAIN), found))
    assert len(columns) + 1 == len(model.probability) == len(model.similarity)


def test_weights_come_from_a_file(tmp_path: Path) -> None:
    model = load_model()
    names = {name: {"mean": 0.0, "scale": 1.0, "knots": [0.0]} for name in model.columns.features}
    n_columns = len(names) * (1 + len(KINDS) + 2) + len(KINDS)
    flat = [0.0] * n_columns
    path = tmp_path / "weights.json"
    path.write_text(
        json.dumps({"features": names, "probability": [*flat, 2.0], "similarity": [*flat, 0.25], "words": {}})
    )
    said = PairModel.load(path).judge(Wording(LEAD), Wording(AGAIN))
    assert said == (round(1 / (1 + math.exp(-2.0)), 4), 0.25)
