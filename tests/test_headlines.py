from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.headlines import NEAR, group_headlines, likeness, report_repeated, report_same_matter
from dedup.match.lines import read_lines

SENTENCE = "The council voted on Monday to close the old swimming pool."
words = st.lists(st.sampled_from(["storm", "hits", "the", "north", "3", "4"]), min_size=1, max_size=7)


def repeated(page: str, title: str | None = None) -> list[tuple[list[int], float]]:
    lines = read_lines(page, title)
    found = report_repeated(lines, group_headlines(lines))
    return [([quote.line for quote in finding.quotes], finding.score) for finding in found]


def same_matter(page: str, title: str | None = None) -> list[list[int]]:
    lines = read_lines(page, title)
    return [[quote.line for quote in f.quotes] for f in report_same_matter(lines, group_headlines(lines))]


def test_equal_headlines() -> None:
    assert repeated("Storm hits the north\nRain\nSTORM HITS THE NORTH!") == [([1, 3], 1.0)]


def test_nearly_equal_headlines() -> None:
    assert repeated("Storm hits the north coast\nStorm hits the far north coast") == [([1, 2], 0.8333)]
    assert repeated("Storm hits the north coast\nStorm misses the southern coast") == []


def test_numbers_make_another_headline() -> None:
    assert repeated("Storm kills 3 on the north coast\nStorm kills 4 on the north coast") == []


@pytest.mark.parametrize(
    "title", ["Storm hits the north – Rosenau Messenger, News and Weather", "Storm hits the north | News"]
)
def test_the_name_of_the_site_does_not_count(title: str) -> None:
    assert repeated("Storm hits the north", title) == [([0, 1], 1.0)]


def test_a_headline_inside_another() -> None:
    assert repeated("News in brief: Storm hits the north\nStorm hits the north") == [([1, 2], NEAR)]


def test_sentences_and_labels_are_no_headlines() -> None:
    assert repeated(f"In short:\n{SENTENCE}\nIn short:\n{SENTENCE}") == []


def test_two_names_in_common() -> None:
    head = "Halvern and Osterby settle on second ferry\nHalvern and Osterby back additional boat\n"
    assert same_matter(head + SENTENCE) == [[1, 2]]
    assert same_matter(head.replace("Osterby back", "Lomsk back") + SENTENCE) == []


def test_one_name_of_two_words_is_not_enough() -> None:
    assert same_matter(f"Teen dies in Rock Hill\nPolice find gun in Rock Hill\n{SENTENCE}") == []


def test_most_words_in_common() -> None:
    head = "Буря затопила порт Гавринска\nПорт Гавринска затопило из-за бури"
    assert same_matter(head) == [[1, 2]]
    assert same_matter("青葉町の図書館、夜間も開館へ\n夜まで開く青葉町の図書館、来月から実施") == [[1, 2]]


def test_headlines_below_the_second_paragraph_are_about_other_things() -> None:
    head, other = "Halvern and Osterby settle on second ferry", "Halvern and Osterby back additional boat"
    second = SENTENCE.replace("pool", "mill")
    assert same_matter(f"{head}\n{SENTENCE}\n{other}\n{second}") == [[1, 3]]
    assert same_matter(f"{head}\n{SENTENCE}\n{second}\n{other}") == []


@given(words, words)
def test_likeness_is_symmetric(one: list[str], other: list[str]) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == 1.0
    assert 0.0 <= likeness(one, other) <= 1.0


@given(
    st.lists(st.sampled_from([SENTENCE, "Storm hits the north", "Storm hits the far north", "Rain in short"]))
)
def test_groups_are_a_partition_of_the_headlines(page: list[str]) -> None:
    lines = read_lines("\n".join(page))
    places = [place for group in group_headlines(lines) for place in group]
    assert sorted(places) == [place for place, line in enumerate(lines) if line.role == "headline"]
