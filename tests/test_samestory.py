"""The model of one event: laws of what it says, and that arrays say what the plain twin says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedup.kernels import stories as kernels
from dedup.match import storylinks
from dedup.match.samestory import (
    BINS,
    FEATURES,
    TERMS,
    choose,
    compare,
    date_features,
    load_model,
    prior_rarity,
    probability,
    rarity,
    same_story,
    shipped_prior,
)
from dedup.match.storyterms import read_terms, terms_of
from dedup.text.columns import TextColumn
from tests import naive_stories
from tests.strategies import SAMPLES, mixed_text

if TYPE_CHECKING:
    from collections.abc import Sequence

Article = tuple[str, str, float | None]

DAY = 86_400.0
STORM = (
    "Storm hits Lisbon",
    "A storm killed 14 people in Lisbon on Monday, mayor Carlos Moedas said. Flights were cancelled.",
)
AGAIN = (
    "14 dead in Portugal",
    "Mayor Moedas said the storm over Lisbon had killed 14. The airport was closed.",
)
RATES = ("Rates rise", "Norges Bank raised its rates by half a point, as economists had expected.")

dates = st.none() | st.floats(-1e10, 1e10)
stories = st.tuples(mixed_text, mixed_text, dates)


def tell(one: tuple[str, str], other: tuple[str, str], *when: float | None) -> float:
    first, second = when or (None, None)
    return same_story((*one, first), (*other, second)).probability


def measure(articles: Sequence[Article]) -> storylinks.Articles:
    """Terms that count of articles as arrays have them, weighed by the prior alone."""
    titles = TextColumn.of([title.encode() for title, _, _ in articles])
    texts = TextColumn.of([text.encode() for _, text, _ in articles])
    table = read_terms(titles, texts)
    without_dump = storylinks.rarities_of(table.codes, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storylinks, "rarities_of", lambda *_: without_dump)
        return storylinks.choose_terms(table, np.arange(len(articles)))


def measure_pair(one: Article, other: Article) -> tuple[list[float], float]:
    """Features of a pair and its probability, by the arrays."""
    articles, published = measure([one, other]), np.array([one[2], other[2]], float)
    pair = np.array([0]), np.array([1])
    score = storylinks.score_pairs(articles, published, *pair)[0]
    return storylinks.pair_features(articles, published, *pair)[0].tolist(), 1 / (1 + math.exp(-score))


def features_of(one: Article, other: Article) -> list[float]:
    """Plain twin of the features."""
    found = [choose(terms_of(title, text)) for title, text, _ in (one, other)]
    return [*compare(*found), *date_features(one[2], other[2])]


@given(stories, stories)
def test_both_orders_say_the_same(one: Article, other: Article) -> None:
    ahead, back = same_story(one, other), same_story(other, one)
    assert ahead == back


@given(stories, stories)
def test_a_probability_is_one(one: Article, other: Article) -> None:
    said = same_story(one, other).probability
    assert 0 <= said <= 1
    assert said == round(said, 4)


@given(st.lists(st.floats(-1e300, 1e300), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_no_features_leave_the_probabilities(features: list[float]) -> None:
    assume(math.isfinite(sum(abs(value) for value in features) * 10))
    assert 0 <= probability(features) <= 1


def test_nearer_dates_are_more_probable() -> None:
    days = [0, 0.25, 1, 2, 7, 30, 365, 3650]
    said = [tell(STORM, AGAIN, 1.7e9, 1.7e9 + n * DAY) for n in days]
    assert said == sorted(said, reverse=True)
    assert said[0] > said[4] > said[-1]


def test_only_the_distance_of_dates_counts() -> None:
    said = {
        tell(STORM, AGAIN, begin, begin + sign * DAY) for begin in (0.0, 1.7e9, -1.7e9) for sign in (1, -1)
    }
    assert len(said) == 1


@pytest.mark.parametrize("when", [(None, None), (1.7e9, None), (None, 0.0)])
def test_without_both_dates_dates_say_nothing(when: tuple[float | None, float | None]) -> None:
    assert date_features(*when) == (0, 0, 0, 0)
    assert tell(STORM, AGAIN, *when) == tell(STORM, AGAIN)
    assert tell(STORM, AGAIN, 0.0, 0.0) > tell(STORM, AGAIN) > tell(STORM, AGAIN, 0.0, 3650 * DAY)


def test_extreme_dates_are_dates() -> None:
    assert date_features(-1e300, 1e300) == (1.0, math.log1p(2e300 / DAY), 0.0, 0.0)
    assert 0 <= tell(STORM, AGAIN, -1e300, 1e300) < tell(STORM, AGAIN)


def test_evidence_is_told_by_its_kind() -> None:
    said = same_story((*STORM, None), (*AGAIN, None))
    assert "lisbon" in said.names
    assert "moedas" in said.names
    assert said.numbers == ("14",)
    assert "storm" in said.words
    assert said.says().startswith("both name ")
    assert set(said.names).isdisjoint(said.words)


def test_evidence_stands_in_both_and_is_short() -> None:
    body = "They met " + ", ".join(f"Qx{letter}rtz" for letter in "abcdefghij") + " at Zubrowka."
    said = same_story(("", body, None), ("", body + " Vrkljan", None))
    assert len(said.names) == 6
    assert "vrklja" not in said.names


@pytest.mark.parametrize("empty", [("", ""), ("…", "!?"), ("the", "and of the")])
def test_an_empty_side_is_no_story(empty: tuple[str, str]) -> None:
    assert tell(empty, STORM) < 0.2
    assert tell(empty, empty) < 0.2


def test_the_model_has_a_weight_for_each_feature() -> None:
    weights, intercept = load_model()
    assert len(weights) == len(FEATURES) == len(features_of((*STORM, None), (*AGAIN, None)))
    assert probability([0.0] * len(FEATURES)) == pytest.approx(1 / (1 + math.exp(-intercept)))


@given(st.floats(1e-6, 1), st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_rarer_terms_weigh_more(one: float, other: float, prior: float) -> None:
    rare, common = sorted((one, other))
    assert rarity(rare, prior) >= rarity(common, prior) >= 0
    assert rarity(prior, rare) >= rarity(prior, common)


def test_a_term_of_every_text_weighs_nothing() -> None:
    assert prior_rarity(next(iter(terms_of("the", "").values())).code) == 0
    assert prior_rarity(next(iter(terms_of("zubrowka", "").values())).code) > 0.5
    assert all(0 < share <= 1 for share in shipped_prior().values())


def test_the_heaviest_terms_are_chosen() -> None:
    terms = terms_of(
        "", "the zubrowka " + " ".join(f"{n}" for n in range(100_000, 100_000 + TERMS)) + " zubrowka"
    )
    chosen = choose(terms)
    assert len(chosen) == TERMS
    assert next(iter(chosen)) == "zubrow"
    assert "the" not in chosen
    left_out = [terms[name].code for name in terms if name not in chosen and name != "the"]
    ties = [weighed.term.code for name, weighed in chosen.items() if name != "zubrow"]
    assert ties == sorted(ties)
    assert min(left_out) > max(ties)


@given(st.lists(st.tuples(mixed_text, mixed_text, st.none()), min_size=1, max_size=4))
def test_arrays_choose_the_same_terms(articles: list[Article]) -> None:
    measured = measure(articles)
    for row, (title, text, _) in enumerate(articles):
        chosen = sorted(choose(terms_of(title, text)).values(), key=lambda weighed: weighed.term.code)
        place = slice(measured.indptr[row], measured.indptr[row + 1])
        assert measured.codes[place].tolist() == [term.code for term, _ in chosen]
        assert (measured.marks[place] & 255).tolist() == [term.total for term, _ in chosen]
        assert measured.rarities[place].tolist() == pytest.approx([weight for _, weight in chosen], rel=1e-6)


def test_arrays_choose_as_many_terms_and_decide_ties_alike() -> None:
    body = " ".join(f"{n}" for n in range(100_000, 100_000 + 3 * TERMS)) + " storm Lisbon Lisbon"
    measured = measure([("", body, None), ("Lisbon", body, None)])
    for row, title in enumerate(("", "Lisbon")):
        codes = measured.codes[measured.indptr[row] : measured.indptr[row + 1]].tolist()
        assert codes == sorted(weighed.term.code for weighed in choose(terms_of(title, body)).values())
        assert len(codes) == TERMS


@given(stories, stories, st.text("ABab 1東京.", max_size=20))
def test_arrays_say_what_the_pair_says(one: Article, other: Article, shared: str) -> None:
    left, right = ((f"{shared} {title}", f"{text} {shared}", date) for title, text, date in (one, other))
    features, said = measure_pair(left, right)
    assert features == pytest.approx(features_of(left, right), rel=1e-5, abs=1e-5)
    assert said == pytest.approx(same_story(left, right).probability, abs=1e-4)


@pytest.mark.parametrize("script", SAMPLES)
def test_arrays_say_what_the_pair_says_in_each_script(script: str) -> None:
    sample = SAMPLES[script]
    one, other = (sample[:30], sample * 2, 1.7e9), (sample[-30:], sample[20:], 1.7e9 + DAY)
    features, said = measure_pair(one, other)
    assert features == pytest.approx(features_of(one, other), rel=1e-5, abs=1e-5)
    assert said == pytest.approx(same_story(one, other).probability, abs=1e-4)


@pytest.mark.parametrize("one", [STORM, AGAIN, RATES, ("", "")])
@pytest.mark.parametrize("other", [STORM, AGAIN, RATES, ("", "")])
def test_arrays_say_what_the_pair_says_of_news(one: tuple[str, str], other: tuple[str, str]) -> None:
    for when in (None, 1.7e9):
        left, right = (*one, 1.7e9), (*other, when)
        features, said = measure_pair(left, right)
        assert features == pytest.approx(features_of(left, right), rel=1e-5, abs=1e-5)
        assert said == pytest.approx(same_story(left, right).probability, abs=1e-4)


def test_arrays_tell_names_of_both_sides_apart() -> None:
    one = ("", "They met Zubrowka and Vrkljan and Mxolisi, then Zubrowka, Zubrowka and Zubrowka.", None)
    other = ("", "We heard Zubrowka, Qaanaaq and Ngorongoro.", None)
    for pair in ((one, other), (other, one)):
        assert measure_pair(*pair)[0] == pytest.approx(features_of(*pair), rel=1e-5)
        assert features_of(*pair)[FEATURES.index("names_apart")] > 0


def test_without_a_dump_rarities_are_those_of_the_prior() -> None:
    codes = [weighed.term.code for weighed in choose(terms_of(*STORM)).values()]
    rarities = storylinks.rarities_of(np.array(codes, np.uint32), 0)
    assert [rarities[code >> 1 & BINS - 1] for code in codes] == pytest.approx(
        [prior_rarity(code) for code in codes]
    )


def test_in_a_dump_what_many_articles_have_weighs_less() -> None:
    codes = np.array([weighed.term.code for weighed in choose(terms_of(*STORM)).values()], np.uint32)
    bins = codes >> 1 & BINS - 1
    alone = storylinks.rarities_of(codes, 1000)[bins]
    common = storylinks.rarities_of(np.repeat(codes, 1000), 1000)[bins]
    assert (common < alone).all()
    assert (common >= 0).all()


@given(st.lists(st.lists(st.integers(0, (1 << 32) - 1), unique=True, max_size=8), max_size=5))
def test_articles_are_counted_by_the_bins_of_their_terms(articles: list[list[int]]) -> None:
    bins = np.zeros(16, np.uint32)
    kernels.count_articles(np.array([code for codes in articles for code in codes], np.uint32), bins)
    assert bins.tolist() == naive_stories.count_articles(articles, 16)


@given(
    st.lists(st.dictionaries(st.integers(0, 7), st.integers(1, 5), max_size=5), min_size=1, max_size=9),
    st.integers(1, 4),
)
def test_neighbours_are_the_best_of_all(articles: list[dict[int, float]], most: int) -> None:
    owners = [[row for row, terms in enumerate(articles) if term in terms] for term in range(8)]
    found = np.empty(len(articles) * most, np.int32)
    scores = np.empty(len(articles) * most, np.float32)
    beyond = kernels.find_neighbours(
        np.cumsum([0, *map(len, articles)], dtype=np.int64),
        np.array([term for terms in articles for term in terms], np.int32),
        np.array([weight for terms in articles for weight in terms.values()], np.float32),
        np.cumsum([0, *map(len, owners)], dtype=np.int64),
        np.array([row for rows in owners for row in rows], np.int32),
        np.array([articles[row][term] for term, rows in enumerate(owners) for row in rows], np.float32),
        most,
        np.zeros(len(articles), np.float32),
        np.empty(len(articles), np.int32),
        found,
        scores,
    )
    expected, expected_beyond = naive_stories.find_neighbours(articles, most)
    assert beyond == expected_beyond
    for row, neighbours in enumerate(expected):
        pad = most - len(neighbours)
        assert found[row * most : (row + 1) * most].tolist() == [*neighbours, *[-1] * pad]
        assert scores[row * most : (row + 1) * most].tolist() == [*neighbours.values(), *[0] * pad]


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
