"""Suffixes learnt from the titles of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Affix, Article
from dedup.match.headings import Headings
from dedup.match.suffixes import Affixes, learn_affixes, name_of
from dedup.match.titles import strip_affixes, strip_title, title_match
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    import random

TOWNS = (
    "Lockport",
    "Ashby",
    "Penny Lock",
    "Stow",
    "Harrow Weir",
    "Old Ferry",
    "Dunmere",
    "Orrin",
    "Port Ansel",
    "Kelder",
    "Marl",
    "Vane",
)
NEWS = [f"Bridge in {town} is closed for repairs" for town in TOWNS]
HOST = "www.valley.example"


def learnt(titles: list[str], host: str | None = HOST) -> dict[str, tuple[str, int]]:
    found = learn_affixes([title.encode() for title in titles], [host] * len(titles))
    return {item.text: (item.at, item.articles) for item in found.items}


def strip(title: str, affixes: Affixes, host: str | None = HOST) -> str:
    return strip_affixes(title, (host,), affixes)


# What is learnt


@pytest.mark.parametrize("mark", [" - ", " | ", "|", " – ", " — ", " · ", " :: ", "_", " -- "])
def test_what_stands_behind_every_headline(mark: str) -> None:
    titles = [f"{title}{mark}Hill and dale this week" for title in NEWS]
    assert learnt(titles) == {"Hill and dale this week": ("end", 12)}
    affixes = learn_affixes([title.encode() for title in titles], [HOST] * 12)
    assert [strip(title, affixes) for title in titles] == NEWS


@pytest.mark.parametrize(
    ("headlines", "mark", "name"),
    [
        (["大桥维修关闭", "渡轮今日停航", "市长谈春季预算", "学校下周开放", "山谷迎来大雪", "港口恢复运行"], "_", "山谷在线周报"),
        (["大桥维修关闭", "渡轮今日停航", "市长谈春季预算", "学校下周开放", "山谷迎来大雪", "港口恢复运行"], "-", "山谷在线周报"),
        (["Мост закрыт на ремонт", "Паром не ходит", "Мэр о новом бюджете", "Школы открыты снова", "Снег в долине", "Порт снова работает"], " — ", "Долина за неделю"),
        (["أغلق الجسر للصيانة", "توقفت العبارة اليوم", "العمدة عن الميزانية", "المدارس تفتح غدا", "ثلج في الوادي", "الميناء يعمل مجددا"], " | ", "أسبوع الوادي"),
        (["สะพานปิดซ่อม", "เรือข้ามฟากหยุด", "นายกเทศมนตรีพูด", "โรงเรียนเปิดแล้ว", "หิมะในหุบเขา", "ท่าเรือเปิด"], " | ", "ข่าวหุบเขา"),
    ],
)  # fmt: skip
def test_every_script(headlines: list[str], mark: str, name: str) -> None:
    titles = [f"{headline}{mark}{name}" for headline in headlines]
    affixes = learn_affixes([title.encode() for title in titles], [HOST] * 6)
    assert [(item.text, item.articles) for item in affixes.items] == [(name, 6)]
    assert [strip(title, affixes) for title in titles] == headlines


def test_nested_suffixes_are_taken_off_whole() -> None:
    titles = [f"{title} - {('Town', 'Field')[n % 2]} desk | Hill and dale" for n, title in enumerate(NEWS)]
    affixes = learn_affixes([title.encode() for title in titles], [HOST] * 12)
    assert {item.text for item in affixes.items} == {
        "Hill and dale",
        "Town desk | Hill and dale",
        "Field desk | Hill and dale",
    }
    assert [strip(title, affixes) for title in titles] == NEWS
    assert strip("Snow in Marl - Old road | Hill and dale", affixes) == "Snow in Marl - Old road"


def test_a_piece_of_one_suffix_only_is_none() -> None:
    titles = [f"{title} - Valley 7 - Lockport, East" for title in NEWS]
    assert learnt(titles) == {"Valley 7 - Lockport, East": ("end", 12)}


@pytest.mark.parametrize("mark", [" | ", ": ", " - "])
def test_what_stands_before_every_headline(mark: str) -> None:
    titles = [f"From the ridge{mark}{title}" for title in NEWS]
    assert learnt(titles) == {"From the ridge": ("start", 12)}
    affixes = learn_affixes([title.encode() for title in titles], [HOST] * 12)
    assert [strip(title, affixes) for title in titles] == NEWS
    assert strip(f"From the ridge{mark}Two words", affixes) == f"From the ridge{mark}Two words"


def test_few_headlines_are_enough_for_what_names_its_host() -> None:
    titles = [f"{title} - Valley 7, hills and dales" for title in NEWS[:2]]
    assert learnt(titles) == {"Valley 7, hills and dales": ("end", 2)}
    assert learnt(titles, "hills-and-more.example") == {}
    titles = [f"Valley 7 - {title}" for title in NEWS[:3]]
    assert learnt(titles) == {"Valley 7": ("start", 3)}
    assert learnt([*titles, "The valley 7 wins"]) == {}  # a topic too
    assert learnt(titles[:2]) == {}


def test_a_port_and_www_are_no_other_host() -> None:
    titles = [f"{title} - Hill and dale".encode() for title in NEWS[:6]]
    hosts = ["valley.example", "www.valley.example", "valley.example:80"] * 2
    assert [item.host for item in learn_affixes(titles, hosts).items] == ["valley.example"]
    assert name_of(" The Valley: a paper ") == "the valley: a paper"


# What is not


@pytest.mark.parametrize(
    "titles",
    [
        [f"{what} - {day}" for what in ("Weather map", "Traffic now", "Tides today", "Price list", "Films tonight", "On air") for day in ("Monday", "Tuesday", "Wednesday", "Thursday")],
        [f"Weather forecast - {day} {number} May" for day in ("Monday", "Friday") for number in range(12)],
        [f"Result {number} of the draw - the numbers" for number in range(40)],
        [*(f"{title} - Ashby" for title in NEWS[2:8]), *(f"Ashby {word}" for word in ("rains", "wins", "votes", "sleeps"))],
        [*(f"Flood: {title}" for title in NEWS), "Flood in Ashby", "The flood is over", "A flood again"],
        [f"{title} - Hill and dale" for title in NEWS[:4]],
        [f"{NEWS[0]} - Hill and dale"] * 20,
        [f"{title} - 24" for title in NEWS],
        [*(f"{title} - Hill and dale" for title in NEWS[:5]), *(f"Rain number {word}" for word in SAMPLES), *(f"Snow {word} falls" for word in SAMPLES)],
    ],
    ids=["series", "forecast", "numbers", "place", "topic", "few", "one headline", "digits", "small share"],
)  # fmt: skip
def test_little_evidence_teaches_nothing(titles: list[str]) -> None:
    assert learnt(titles) == {}


def test_where_no_host_is_known_much_more_is_asked() -> None:
    titles = [f"Bridge {letter}{other} is closed | Hill and dale" for letter in "abcde" for other in "fghij"]
    assert learnt(titles[:19], None) == {}
    assert learnt(titles, None) == {"Hill and dale": ("end", 25)}
    affixes = learn_affixes([title.encode() for title in titles], [None] * 25)
    assert strip("Snow in Marl | Hill and dale", affixes, None) == "Snow in Marl"
    assert strip("Snow in Marl | Hill and dale", affixes) == "Snow in Marl | Hill and dale"


def test_hostile_titles_are_passed_by() -> None:
    titles = [f"{title} {'- x ' * 5000}" for title in NEWS]
    assert learnt(titles) == {}
    assert learnt([]) == {}
    assert learnt(["", " - ", "|", "- - -"]) == {}
    wordless = Affixes([Affix("…", "valley.example", "end", 9)])
    assert strip("Snow in Marl - …", wordless) == "Snow in Marl - …"


# Laws

pieces = st.sampled_from(
    ["Bridge closed", "Snow falls", "Hill and dale", "Town", "7", "Weather", "霧ヶ瀬町", ""]
)
title = st.lists(pieces, max_size=4).flatmap(
    lambda words: st.sampled_from([" - ", " | ", ": ", "_", " "]).map(lambda mark: mark.join(words))
)
hosts = st.sampled_from([None, "valley.example", "www.dale.example", "hill.example:80"])


@given(st.lists(st.tuples(title, hosts), max_size=60), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(rows: list[tuple[str, str | None]], chance: random.Random) -> None:
    def learn(rows: list[tuple[str, str | None]]) -> Affixes:
        return learn_affixes([one.encode() for one, _ in rows], [host for _, host in rows])

    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert learn(shuffled) == learn(rows)
    assert learn(rows + rows) == learn(rows)


@given(st.lists(title, max_size=30), title)
def test_what_one_host_prints_is_nothing_for_another(others: list[str], one: str) -> None:
    titles = [f"{headline} - Hill and dale" for headline in NEWS] + others
    affixes = learn_affixes(
        [found.encode() for found in titles], [HOST] * 12 + ["dale.example"] * len(others)
    )
    mine = Affixes([item for item in affixes.items if item.host == "valley.example"])
    assert mine
    assert strip_affixes(one, ("ridge.example",), affixes) == strip_title(one, "ridge.example")
    own = learn_affixes([found.encode() for found in others], ["dale.example"] * len(others))
    assert Affixes([item for item in affixes.items if item.host == "dale.example"]) == own


@given(title, hosts)
def test_stripping_twice_is_stripping_once(one: str, host: str | None) -> None:
    names = None, "valley.example", "dale.example"
    ends = [Affix(text, name, "end", 9) for text in ("Hill and dale", "Town") for name in names]
    affixes = Affixes([*ends, *(Affix("Weather", name, "start", 9) for name in names)])
    once = strip(one, affixes, host)
    assert strip(once, affixes, host) == once
    assert bool(once) == bool(one.split())


# Where it is used


def test_a_run_and_a_pair_take_it_off() -> None:
    titles = [f"{headline} - Hill and dale" for headline in NEWS] + [NEWS[3]]
    found = Headings([one.encode() for one in titles], [None] * 13, [HOST] * 12 + ["dale.example"])
    assert list(found.read(np.arange(len(titles)))) == [headline.encode() for headline in [*NEWS, NEWS[3]]]
    one, other = (
        Article("x", title=titles[3], url="https://valley.example/3"),
        Article("y", title=NEWS[3], url="https://dale.example/3"),
    )
    match = title_match(one, other, found.affixes)
    assert match is not None
    assert match.kind == "same"
    assert title_match(one, other) != match


def test_of_a_large_host_some_titles_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    towns = [one.split()[0] + other.split()[-1].lower() for one in TOWNS for other in TOWNS]
    titles = [f"Bridge closed in {town}{' | Your week' * (len(town) % 2)}" for town in towns]
    (whole,) = learnt(titles).items()
    monkeypatch.setattr("dedup.match.suffixes._MOST_TITLES", 80)
    (some,) = learnt(titles).items()
    assert (some[0], some[1][0]) == (whole[0], whole[1][0]) == ("Your week", "end")
    assert some[1][1] < whole[1][1]
    assert learnt(titles[::-1]) == dict([some])
