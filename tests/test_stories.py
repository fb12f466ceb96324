"""Stories, arrays in and arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.errors import ParameterError
from dedup.stories import GRANULARITIES, StoryTerms, group, threshold_of
from dedup.text.columns import TextColumn

if TYPE_CHECKING:
    from dedup.kernels.types import Rows

DAY = 86_400.0
STORM = [
    (
        "Storm hits Lisbon, 14 dead",
        "A storm killed 14 people in Lisbon on Monday, mayor Carlos Moedas said. Trees fell on cars in Alfama.",
    ),
    (
        "Fourteen die as storm strikes Portugal's capital",
        "Mayor Carlos Moedas said 14 people had died in the storm over Lisbon; cars lay under trees in Alfama.",
    ),
    (
        "Lisbon counts its dead after the storm",
        "The 14 victims of the storm in Lisbon were named by mayor Carlos Moedas. In Alfama trees had fallen on cars.",
    ),
]
STRIKE = [
    (
        "Pilots of Nordavia walk out",
        "Pilots of Nordavia began a strike in Oslo on Monday over pensions, union leader Kari Holm said.",
    ),
    (
        "Nordavia grounds 60 flights",
        "Nordavia cancelled 60 flights from Oslo as its pilots went on strike over pensions. Kari Holm leads their union.",
    ),
    (
        "Strike over pensions halts Nordavia",
        "Union leader Kari Holm said pilots of Nordavia in Oslo would strike until their pensions were safe; 60 flights fell out.",
    ),
]
ARTICLES = [*STORM, *STRIKE]
TRUTH = [0, 0, 0, 1, 1, 1]


def labels(
    articles: list[tuple[str, str]],
    dates: list[float | None] | None = None,
    rows: Rows | None = None,
    granularity: str = "event",
) -> list[int]:
    terms = StoryTerms()
    columns = [TextColumn.of([article[part].encode() for article in articles]) for part in (0, 1)]
    terms.add(terms.read(*columns))
    published = np.array([np.nan if date is None else date for date in dates or [None] * len(articles)])
    found = group(terms.finish(), published, rows, granularity=granularity)
    return [int(label) for label in found.labels]


def test_two_events_are_two_stories() -> None:
    assert labels(ARTICLES) == TRUTH
    assert labels(ARTICLES, [0.0, DAY, 2 * DAY] * 2) == TRUTH


def test_the_order_of_articles_says_nothing() -> None:
    for order in ([5, 3, 1, 0, 2, 4], [2, 5, 0, 4, 1, 3]):
        found = labels([ARTICLES[place] for place in order])
        assert {(TRUTH[place], label) for place, label in zip(order, found, strict=True)} == {
            (TRUTH[order[0]], 0),
            (1 - TRUTH[order[0]], 1),
        }


def test_two_storms_years_apart_are_two() -> None:
    apart = labels(STORM, [0.0, DAY, 3000 * DAY])
    assert apart[0] == apart[1] != apart[2]


def test_other_scripts() -> None:
    russian = [
        (
            "Ураган в Лиссабоне унёс 14 жизней",
            "Мэр Лиссабона Карлуш Моэдаш сообщил, что при урагане погибли 14 человек.",
        ),
        (
            "14 погибших: ураган накрыл Лиссабон",
            "При урагане в Лиссабоне погибли 14 человек, заявил мэр Карлуш Моэдаш.",
        ),
        (
            "Пилоты «Нордавии» бастуют",
            "Пилоты авиакомпании «Нордавиа» в Осло начали забастовку из-за пенсий.",
        ),
    ]
    assert labels(russian) == [0, 0, 1]


def test_only_the_rows_that_are_asked_for_are_grouped() -> None:
    assert labels(ARTICLES, rows=np.array([0, 1, 5])) == [0, 0, -1, -1, -1, 1]


def test_representatives_stand_in_their_stories() -> None:
    terms = StoryTerms()
    columns = [TextColumn.of([article[part].encode() for article in ARTICLES]) for part in (0, 1)]
    terms.add(terms.read(*columns))
    found = group(terms.finish(), np.full(len(ARTICLES), np.nan))
    assert found.labels[found.representatives].tolist() == [0, 1]
    assert found.sizes.tolist() == [3, 3]


@pytest.mark.parametrize("articles", [[], [STORM[0]], [("", ""), ("", "")]])
def test_little_or_nothing(articles: list[tuple[str, str]]) -> None:
    assert labels(articles) == list(range(len(articles)))


def test_an_unknown_granularity_is_refused() -> None:
    with pytest.raises(ParameterError, match="granularity is 'day'; it may be one of incident, event, topic"):
        labels(ARTICLES, granularity="day")


def test_more_is_asked_of_finer_stories_and_of_dated_ones() -> None:
    undated, half, dated = np.full(4, np.nan), np.array([0.0, 0.0, np.nan, np.nan]), np.zeros(4)
    asked = [threshold_of(name, undated) for name in GRANULARITIES]
    assert asked == sorted(asked, reverse=True)
    for name in GRANULARITIES:
        assert threshold_of(name, undated) < threshold_of(name, half) < threshold_of(name, dated)


HEADLINES = [
    "Storm kills 14 in Lisbon",
    "Lisbon storm: 14 dead",
    "14 people die as storm hits Lisbon",
    "Lisbon mourns 14 storm dead",
    "Pilots of Nordavia strike in Oslo",
    "Nordavia pilots walk out in Oslo",
    "Strike of Nordavia pilots grounds Oslo flights",
    "Oslo flights grounded by Nordavia strike",
    "",
]


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_few_headlines_are_grouped_as_texts_are(granularity: str) -> None:
    found = labels([(title, "") for title in HEADLINES], granularity=granularity)
    storms, strikes = set(found[:4]), set(found[4:8])
    assert not storms & strikes
    assert found[8] not in storms | strikes


def test_many_headlines_are_grouped_by_what_their_neighbours_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.stories.FEWEST", len(HEADLINES))
    found = labels([(title, "") for title in HEADLINES], granularity="incident")
    assert [found.index(label) for label in found] == [0, 0, 0, 0, 4, 4, 4, 4, 8]
    apart = [0.0, 0.0, 0.0, 3000 * DAY, *[None] * 5]
    assert len(set(labels([(title, "") for title in HEADLINES], apart, granularity="incident")[:4])) == 2
    merged = labels([(title, "") for title in HEADLINES], granularity="topic")
    assert len(set(merged)) <= len(set(found))
    assert merged[8] not in merged[:8]


def test_the_order_of_headlines_says_nothing() -> None:
    order = [6, 2, 8, 0, 5, 7, 1, 4, 3]
    plain = labels([(title, "") for title in HEADLINES])
    moved = labels([(HEADLINES[place], "") for place in order])
    assert len({*zip([plain[place] for place in order], moved, strict=True)}) == len(set(plain))
