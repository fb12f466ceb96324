"""Stories, arrays in and arrays out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.match.nearest import POSTINGS
from dedup.match.storylinks import NEIGHBOURS
from dedup.match.storyterms import read_terms
from dedup.stories import GRANULARITIES, REACH, Stories, StoryTerms, group, threshold_of
from dedup.text.columns import TextColumn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from dedup.match.storyterms import TermTable

Article = tuple[str, str]

DAY = 86_400.0
#: For each language three reports of one event, then three of another.
EVENTS: dict[str, list[Article]] = {
    "english": [
        (
            "Storm Brunhild kills 14 in Lisbon",
            (
                "A storm named Brunhild killed 14 people in Lisbon on Monday, mayor Carlos Moedas said. The river Tagus "
                "flooded Alfama, and Humberto Delgado airport closed for nine hours."
            ),
        ),
        (
            "Lisbon mourns after storm Brunhild",
            (
                "Mayor Carlos Moedas declared mourning for the 14 dead of storm Brunhild. In Alfama the water of the Tagus "
                "stood in the streets; flights from Humberto Delgado resumed."
            ),
        ),
        (
            "Portugal: 14 dead as Brunhild floods Alfama",
            (
                "Residents of Alfama in Lisbon cleared mud that the Tagus left behind. Brunhild was the deadliest storm "
                "since 1967, said Moedas, with 14 dead."
            ),
        ),
        (
            "Norges Bank raises rate to 4.75 percent",
            (
                "Norges Bank lifted its policy rate to 4.75 percent, governor Ida Wolden Bache told reporters in Oslo. "
                "Inflation and a weak krone left no choice, the committee wrote."
            ),
        ),
        (
            "Norwegian krone gains after Bache surprises",
            (
                "The krone rose after governor Ida Wolden Bache surprised economists in Oslo with a policy rate of 4.75 "
                "percent. Norges Bank named inflation as its reason."
            ),
        ),
        (
            "Oslo: rate now 4.75 percent",
            (
                "Mortgages will cost more after Norges Bank set its policy rate at 4.75 percent. Governor Ida Wolden Bache "
                "pointed to inflation and to the krone."
            ),
        ),
    ],
    "russian": [
        (
            "В Йошкар-Оле сгорел склад завода «Контакт»",
            (
                "Склад завода «Контакт» сгорел в Йошкар-Оле, погибли 7 человек. Пожарные тушили огонь на улице Крылова "
                "всю ночь, сообщил глава региона Юрий Зайцев."
            ),
        ),
        (
            "Зайцев: при пожаре на «Контакте» погибли 7 человек",
            (
                "Юрий Зайцев посетил Йошкар-Олу, где на складе завода «Контакт» погибли 7 человек. Пожарные разбирают "
                "завалы на улице Крылова."
            ),
        ),
        (
            "Семь тел нашли на улице Крылова",
            (
                "Пожарные нашли под завалами склада в Йошкар-Оле тела 7 рабочих завода «Контакт». Глава региона Зайцев "
                "объявил траур."
            ),
        ),
        (
            "«Динамо» обыграло «Енисей» и взяло Кубок Гагарина",
            (
                "Хоккеисты «Динамо» победили «Енисей» со счётом 5:2 и завоевали Кубок Гагарина. Три шайбы забросил "
                "нападающий Никита Гусев, признанный лучшим игроком финала."
            ),
        ),
        (
            "Хет-трик Гусева принёс «Динамо» Кубок Гагарина",
            "Никита Гусев забросил три шайбы «Енисею» в финале Кубка Гагарина. Хоккеисты «Динамо» выиграли 5:2.",
        ),
        (
            "Кубок Гагарина едет в Москву",
            (
                "Нападающий Гусев принёс «Динамо» победу над «Енисеем» в финале: хоккеисты выиграли 5:2 и подняли "
                "Кубок Гагарина."
            ),
        ),
    ],
    "arabic": [
        (
            "زلزال يضرب أغادير ويقتل 23 شخصا",
            (
                "ضرب زلزال مدينة أغادير المغربية فجرا وقتل 23 شخصا، وقال الوالي سعيد أمزازي إن المستشفى الجامعي استقبل "
                "الجرحى من قرية تافراوت."
            ),
        ),
        (
            "ارتفاع قتلى زلزال أغادير إلى 23",
            (
                "أعلن الوالي سعيد أمزازي أن زلزال أغادير قتل 23 شخصا، وأن قرية تافراوت تضررت بشدة ونقل الجرحى إلى "
                "المستشفى الجامعي."
            ),
        ),
        (
            "تافراوت تدفن ضحايا زلزال أغادير",
            "دفن سكان تافراوت ضحايا زلزال أغادير المغربية، وعددهم 23، بحضور الوالي أمزازي.",
        ),
        (
            "الأهلي يتوج بكأس السوبر بعد فوزه على الزمالك",
            "توج الأهلي بكأس السوبر بعد فوزه على الزمالك بهدفين سجلهما المهاجم وسام أبو علي في ملعب محمد بن زايد.",
        ),
        (
            "وسام أبو علي يقود الأهلي إلى كأس السوبر",
            "سجل المهاجم وسام أبو علي هدفين في مرمى الزمالك ومنح الأهلي كأس السوبر على ملعب محمد بن زايد.",
        ),
        (
            "الزمالك يخسر كأس السوبر",
            "خسر الزمالك كأس السوبر أمام الأهلي بهدفين للمهاجم وسام أبو علي في ملعب محمد بن زايد.",
        ),
    ],
    "chinese": [
        (
            "四川泸定发生6.8级地震致46人遇难",
            "四川泸定县磨西镇发生6.8级地震,已造成46人遇难。甘孜州消防救援支队赶赴海螺沟搜救被困游客。",
        ),
        (
            "泸定地震遇难人数升至46人",
            "甘孜州通报,泸定6.8级地震遇难人数升至46人,磨西镇房屋倒塌,海螺沟被困游客正在转移。",
        ),
        (
            "海螺沟被困游客获救",
            "泸定6.8级地震后,消防救援支队在海螺沟救出被困游客。磨西镇已有46人遇难。",
        ),
        (
            "郑钦文夺得巴黎奥运网球女单金牌",
            "郑钦文在罗兰加洛斯球场击败维基奇,夺得巴黎奥运会网球女单金牌,这是中国网球首枚单打金牌。",
        ),
        (
            "中国网球首枚单打金牌:郑钦文击败维基奇",
            "巴黎奥运会网球女单决赛,郑钦文以两盘击败克罗地亚选手维基奇,在罗兰加洛斯摘得金牌。",
        ),
        (
            "郑钦文创造历史",
            "郑钦文在罗兰加洛斯战胜维基奇,获得奥运网球女单冠军,中国网球首次夺得单打金牌。",
        ),
    ],
}
ALL = [article for articles in EVENTS.values() for article in articles]
#: Two days for each event, half a year between the two of a language.
WHEN = [1.7e9 + 180 * DAY * (row // 3) + row % 3 * DAY / 2 for row in range(len(ALL))]


def table_of(articles: Sequence[Article]) -> TermTable:
    titles, texts = (TextColumn.of([article[part].encode() for article in articles]) for part in (0, 1))
    return read_terms(titles, texts)


def tell(
    articles: Sequence[Article], when: Sequence[float] | None = None, *, granularity: str = "event"
) -> Stories:
    published = np.full(len(articles), np.nan) if when is None else np.array(when, float)
    return group(table_of(articles), published, granularity=granularity)


def partition(labels: Sequence[int], names: Sequence[int] | None = None) -> set[frozenset[int]]:
    """Which articles are one story, by their rows or by other names of theirs; those not grouped aside."""
    names = range(len(labels)) if names is None else names
    return {
        frozenset(name for name, label in zip(names, labels, strict=True) if label == one)
        for one in set(labels)
        if one >= 0
    }


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("language", EVENTS)
def test_reports_of_an_event_are_one_story(language: str, *, dated: bool) -> None:
    told = tell(EVENTS[language], WHEN[:6] if dated else None)
    assert told.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert told.sizes.tolist() == [3, 3]


def test_languages_do_not_mix() -> None:
    told = tell(ALL, WHEN)
    assert told.labels.tolist() == [row // 3 for row in range(len(ALL))]


def test_dated_and_undated_articles_are_one_story() -> None:
    when = [np.nan if row % 3 == 1 else date for row, date in enumerate(WHEN)]
    assert tell(ALL, when).labels.tolist() == [row // 3 for row in range(len(ALL))]


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from(GRANULARITIES))
def test_stories_do_not_depend_on_the_order_of_articles(
    random: Random, dated: bool, granularity: str
) -> None:
    order = random.sample(range(len(ALL)), len(ALL))
    told = tell(ALL, WHEN if dated else None, granularity=granularity)
    again = tell(
        [ALL[row] for row in order], [WHEN[row] for row in order] if dated else None, granularity=granularity
    )
    assert partition(again.labels.tolist(), order) == partition(told.labels.tolist())
    assert {order[row] for row in again.representatives} == set(told.representatives.tolist())


def test_stories_are_counted_by_their_first_articles() -> None:
    order = [3, 0, 4, 1]
    told = tell([EVENTS["english"][row] for row in order])
    assert told.labels.tolist() == [0, 1, 0, 1]


@given(st.sets(st.integers(0, len(ALL) - 1)))
@settings(max_examples=30)
def test_only_the_rows_that_are_asked_for_are_grouped(asked: set[int]) -> None:
    rows = np.array(sorted(asked), np.int64)
    told = group(table_of(ALL), np.array(WHEN), rows)
    alone = tell([ALL[row] for row in rows], [WHEN[row] for row in rows])
    assert set(np.flatnonzero(told.labels >= 0).tolist()) == asked
    assert told.labels[rows].tolist() == alone.labels.tolist()
    assert told.representatives.tolist() == rows[alone.representatives].tolist()
    assert told.sizes.tolist() == alone.sizes.tolist()
    assert told.cuts == alone.cuts


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_the_representative_belongs_to_its_story(granularity: str) -> None:
    told = tell(ALL, WHEN, granularity=granularity)
    assert told.labels[told.representatives].tolist() == list(range(len(told.sizes)))
    assert np.bincount(told.labels).tolist() == told.sizes.tolist()


def test_a_coarser_granularity_splits_no_story() -> None:
    near = [
        *EVENTS["english"],
        ("Storm in Porto", "A storm killed 3 people in Porto, the mayor of the city said."),
    ]
    told = [partition(tell(near, granularity=granularity).labels.tolist()) for granularity in GRANULARITIES]
    assert len(told[0]) >= len(told[1]) >= len(told[2])
    for fine, coarse in pairwise(told):
        assert all(any(story <= larger for larger in coarse) for story in fine)


def test_another_granularity_is_an_error() -> None:
    with pytest.raises(ParameterError, match=r"granularity is 'day'.*incident, event, topic"):
        tell(ALL, granularity="day")


@pytest.mark.parametrize("articles", [[], [("", "")], [("Storm hits Lisbon", "")], [("", ""), ("", "…")]])
def test_few_and_empty_articles_are_stories_of_their_own(articles: list[Article]) -> None:
    told = tell(articles)
    assert told.labels.tolist() == told.representatives.tolist() == list(range(len(articles)))
    assert told.sizes.tolist() == [1] * len(articles)
    assert told.cuts == (0, 0, sum(not any(map(str.isalpha, title)) for title, _ in articles))


def test_no_rows_are_no_stories() -> None:
    told = group(table_of(ALL), np.array(WHEN), np.empty(0, np.int64))
    assert set(told.labels.tolist()) == {-1}
    assert len(told.representatives) == len(told.sizes) == 0


@pytest.mark.parametrize(("n_articles", "frequent"), [(POSTINGS, 0), (POSTINGS + 1, 1)])
def test_terms_of_too_many_articles_propose_nothing_and_are_counted(n_articles: int, frequent: int) -> None:
    told = tell([("", f"zubrowka {100_000 + row}") for row in range(n_articles)])
    assert told.cuts.frequent == frequent
    assert (told.cuts.neighbours == 0) == bool(frequent)
    assert not frequent or len(told.sizes) == n_articles


def test_neighbours_beyond_the_best_are_counted() -> None:
    n_articles = NEIGHBOURS + 10
    told = tell([("", f"zubrowka {100_000 + row}") for row in range(n_articles)])
    assert told.cuts.neighbours == n_articles * (n_articles - 1 - NEIGHBOURS)
    assert tell(ALL).cuts.neighbours == 0


def test_equal_articles_are_one_story() -> None:
    told = tell([EVENTS["english"][0]] * 3 + [EVENTS["english"][3]])
    assert told.labels.tolist() == [0, 0, 0, 1]


def test_batches_are_gathered_in_their_order() -> None:
    terms = StoryTerms()
    for begin, end in ((0, 5), (5, 5), (5, 20), (20, len(ALL))):
        batch = ALL[begin:end]
        titles, texts = (TextColumn.of([article[part].encode() for article in batch]) for part in (0, 1))
        terms.add(terms.read(titles, texts))
    assert len(terms) == len(ALL)
    gathered, at_once = terms.finish(), table_of(ALL)
    assert [column.tolist() for column in gathered] == [column.tolist() for column in at_once]


def test_reports_far_apart_in_time_are_of_two_events() -> None:
    reports = EVENTS["english"][:3]
    apart = (REACH["event"] + 1) * DAY
    labels = tell(reports, [0.0, DAY, DAY + apart]).labels.tolist()
    assert labels == [0, 0, 1]


def test_more_is_asked_of_finer_stories_and_of_dated_ones() -> None:
    undated, half, dated = np.full(4, np.nan), np.array([0.0, 0.0, np.nan, np.nan]), np.zeros(4)
    asked = [threshold_of(name, undated) for name in GRANULARITIES]
    assert asked == sorted(asked, reverse=True)
    for name in GRANULARITIES:
        assert threshold_of(name, undated) < threshold_of(name, half) < threshold_of(name, dated)
