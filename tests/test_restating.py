from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.evidence import Demand, split_units, weigh_evidence
from dedup.match.lines import read_lines
from dedup.match.restating import DEMANDS, find_restated
from dedup.match.terms import weigh_terms
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.page import Finding

LEAD = "The ferry Marit ran aground off Lomsk in thick fog on Sunday night, and 40 passengers were taken ashore by boat."
AGAIN = "Some 40 passengers were taken ashore by fishing boat when the Marit ran aground in fog off Lomsk on Sunday."
OTHERS = [
    "Divers will look at the hull as soon as the weather allows, the rescue service said from its office.",
    "Older islanders remember a wreck of the fifties, whose ribs can still be seen when the tide is low.",
    "A tug from Osterby is expected to arrive on Wednesday with pumps, cables and a team of engineers.",
    "School was cancelled, since half of the teachers live on the mainland and had no way of coming.",
    "The owner of the line declined to comment before the inquiry has heard the captain and his mate.",
]


def restated(*paragraphs: str, again: Mapping[int, str] | None = None) -> list[Finding]:
    return find_restated(read_lines("\n".join(paragraphs)), again).findings


def kinds(*paragraphs: str, again: Mapping[int, str] | None = None) -> list[tuple[str, list[int]]]:
    return [(f.kind, [quote.line for quote in f.quotes]) for f in restated(*paragraphs, again=again)]


def test_the_lead_told_again() -> None:
    assert kinds(LEAD, *OTHERS, AGAIN) == [("rewritten lead", [1, 7])]
    (finding,) = restated(LEAD, *OTHERS, AGAIN)
    assert finding.why.startswith("about what the first paragraph says; shared names: Lomsk")
    assert "numbers: 40" in finding.why
    assert 0.8 <= finding.score < 1.0


def test_paragraphs_of_one_story_restate_nothing() -> None:
    assert kinds(LEAD, *OTHERS) == []


def test_another_accident_restates_nothing() -> None:
    other = "The trawler Ilse ran aground off Grunvik in a gale on Friday night, and 7 fishermen were taken to hospital."
    assert kinds(*OTHERS[:2], LEAD, *OTHERS[2:], other) == []


def test_nearly_the_same_words_are_recycled() -> None:
    recycled = LEAD.replace("thick fog", "dense mist")
    assert kinds(LEAD, *OTHERS, recycled) == [("recycled paragraph", [1, 7])]
    assert kinds(LEAD, *OTHERS, f"HALVERN (AP) — {LEAD} Nobody was hurt.") == [("recycled paragraph", [1, 7])]


def test_a_form_filled_in_twice_is_not_recycled() -> None:
    first = "Gold closed at 1,201.50 crowns an ounce in Halvern on Monday, up 2.1 percent from the close of Friday."
    second = "Gold closed at 1,187.25 crowns an ounce in Halvern on Monday, up 1.3 percent from the close of Friday."
    assert kinds(*OTHERS, first, OTHERS[0][::-1], OTHERS[1][::-1], second) == []


def test_less_is_asked_for_where_the_story_begins_again() -> None:
    weak = "Fog was to blame when the ferry struck rocks near Lomsk and its passengers had to leave."
    assert kinds(LEAD, *OTHERS, weak) == []
    assert kinds(LEAD, *OTHERS, weak, again={6: "In short:"}) == [("rewritten lead", [1, 7])]


def test_less_is_asked_for_in_the_list_that_ends_the_page() -> None:
    weak = "Passengers had to leave the ferry for a boat after it ran onto rocks near Lomsk."
    assert kinds(LEAD, *OTHERS, weak) == []
    assert kinds(LEAD, *OTHERS, f"1. {weak}") == [("rewritten lead", [1, 7])]
    assert kinds(LEAD, f"1. {weak}", *OTHERS) == []


def test_what_brings_new_facts_begins_no_story_again() -> None:
    new = "Fog was to blame too when the Ilse, built by Harmsen in 1931, hit rocks near Lomsk and its passengers left."
    assert kinds(LEAD, *OTHERS, new, again={6: "In short:"}) == []


def test_items_of_a_list_do_not_restate_one_another() -> None:
    assert kinds(*OTHERS, f"1. {LEAD}", f"2. {AGAIN}") == []


def test_the_dateline_and_the_credit_are_no_evidence() -> None:
    one = "HALVERN, North Lomsk Islands — A museum of whaling will open its doors to visitors (Photo: Marit Solvang)"
    other = "HALVERN, North Lomsk Islands — Two goats escaped from their pasture and ate roses (Photo: Marit Solvang)"
    assert kinds(one, *OTHERS, other) == []


def test_each_paragraph_has_one_source() -> None:
    assert kinds(LEAD, *OTHERS, AGAIN, LEAD.replace("thick", "dense")) == [
        ("rewritten lead", [1, 7]),
        ("recycled paragraph", [1, 8]),
    ]


@pytest.mark.parametrize("again", [(), (1,)])
def test_one_paragraph_restates_nothing(again: tuple[int, ...]) -> None:
    assert kinds(LEAD, again=again) == []
    assert find_restated([], again) == ([], 0)


@given(st.permutations([LEAD, AGAIN, *OTHERS, *SAMPLES.values()]), st.sampled_from(sorted(DEMANDS)))
def test_evidence_is_symmetric(paragraphs: list[str], setting: str) -> None:
    lines = read_lines("\n".join(paragraphs))
    terms = weigh_terms(lines)
    units = [list(split_units(line, terms, place)) for place, line in enumerate(lines)]
    demand: Demand = dict(DEMANDS)[setting]  # type: ignore[index]
    for place in range(1, len(lines)):
        forth = weigh_evidence(units[0], units[place], terms, demand)
        back = weigh_evidence(units[place], units[0], terms, demand)
        assert forth.strength == pytest.approx(back.strength)
        assert forth.strength <= sum(terms.weights[term] for term in forth.shared) + 1e-9


def test_a_sentence_of_a_long_paragraph_is_evidence() -> None:
    long = " ".join([OTHERS[0], OTHERS[1], AGAIN, OTHERS[2]])
    assert kinds(LEAD, *OTHERS[3:], long) == [("rewritten lead", [1, 4])]
