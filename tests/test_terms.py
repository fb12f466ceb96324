from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.lines import read_lines
from dedup.match.terms import Terms, describe, weigh_terms
from tests.strategies import text


def weigh(*paragraphs: str) -> Terms:
    return weigh_terms(read_lines("\n".join(paragraphs)))


STORM = "Police said the storm reached Grunvik at 7.30, and that Marit Solvang had warned of it."
FLOOD = "The flood in Grunvik was the second since 1987; the storms of the year before did less."


def test_forms_of_a_word_are_one_term() -> None:
    terms = weigh("Russia exchanged prisoners of war.", "Russian prisons are full; the exchange helps.")
    assert terms.of_line(0) & terms.of_line(1) == {"russia", "exchange", "prisoners"}


def test_short_words_and_numbers_have_no_forms() -> None:
    terms = weigh("He won 1987 votes and the car.", "He won 19870 votes and the care of it.")
    assert terms.of_line(0) - terms.of_line(1) == {"1987", "car"}


def test_names_stand_with_a_capital_inside_sentences() -> None:
    assert weigh(STORM, FLOOD).names == {"grunvik", "marit", "solvang"}


@pytest.mark.parametrize(
    "written",
    [STORM.upper(), STORM.title(), "Die Straße in Köln bleibt nach dem Sturm am Montag im Osten gesperrt."],
)
def test_where_capitals_abound_they_tell_no_names(written: str) -> None:
    assert weigh(written).names == set()


def test_a_title_in_capitals_tells_no_names() -> None:
    assert weigh("Storm Hits The North Again", "we said the storm would hit again.").names == set()


def test_what_many_paragraphs_have_weighs_less() -> None:
    terms = weigh(*(f"The storm reached village{number} before the warning." for number in range(9)), FLOOD)
    assert terms.weights["village3"] > terms.weights["flood"] > terms.weights["storm"]
    assert terms.weights["the"] < 0.02


def test_a_name_of_several_words_is_one_evidence() -> None:
    terms = weigh(
        "the storm that was feared reached Upper Lomsk Harbour on Jan. 14, 2025, they said, and then it went on to "
        "strike Osterby too, where nobody had had the time to move the boats from the pier to the shed."
    )
    assert terms.shapes["osterby"] == 1.0
    assert terms.shapes["lomsk"] == pytest.approx(1 / 3)
    assert sum(terms.shapes[term] for term in ("jan", "14", "2025")) == pytest.approx(1.0)


def test_scripts_without_spaces_have_pairs_of_characters() -> None:
    assert weigh("図書館、夜間").of_line(0) == {"図書", "書館", "夜間"}
    assert all(len(term) >= 4 for term in weigh("ประเทศไทย").of_line(0))


def test_small_words_of_japanese_weigh_little() -> None:
    terms = weigh("図書館から来月")
    assert terms.weights["から"] < terms.weights["図書"]


def test_evidence_in_words() -> None:
    terms = weigh(STORM, FLOOD)
    shared = {"grunvik", "storm", "1987", "of"}
    assert describe(shared, terms) == "names: Grunvik; numbers: 1987; words: storm"
    assert describe(shared, terms, {"storm"}) == "names: Grunvik, storm; numbers: 1987"
    assert describe(set(), terms) == ""


@given(st.lists(text, max_size=6))
def test_weights_are_shares(paragraphs: list[str]) -> None:
    lines = read_lines("\n".join(paragraphs))
    terms = weigh_terms(lines)
    for place, line in enumerate(lines):
        assert all(0 <= word < len(line.tokens) for _, word in terms.occurrences[place])
        for term in terms.of_line(place):
            assert 0.0 <= terms.weights[term] <= terms.shapes[term] <= 1.0
            assert terms.written[term]


@given(st.lists(text, max_size=6))
def test_weights_do_not_depend_on_the_order_of_the_paragraphs(paragraphs: list[str]) -> None:
    lines = read_lines("\n".join(paragraphs))
    forth, back = weigh_terms(lines), weigh_terms(lines[::-1])
    assert (forth.names, forth.frequency) == (back.names, back.frequency)
    assert forth.weights == pytest.approx(back.weights)
