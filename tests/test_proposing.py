from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dedup.match.proposing import FIRST_LINES, LAST_LINES, MOST_PARTNERS, propose

lines_of_terms = st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=5), max_size=9)
WEIGHTS = {term: (place + 1) / 8 for place, term in enumerate("abcdefgh")}


@given(lines_of_terms, st.floats(0.1, 2.0))
def test_a_short_page_has_all_pairs_of_enough_weight(lines: list[set[str]], least: float) -> None:
    found = propose(lines, WEIGHTS, least)
    expected = {
        pair
        for pair in combinations(range(len(lines)), 2)
        if sum(WEIGHTS[term] for term in sorted(lines[pair[0]] & lines[pair[1]])) >= least + 1e-9
    }
    assert expected <= set(found.pairs)
    assert all(
        sum(WEIGHTS[term] for term in lines[one] & lines[other]) >= least - 1e-9 for one, other in found.pairs
    )
    assert found.passed_over == 0


def test_a_line_has_its_heaviest_partners() -> None:
    lines = [{"a", "h"}, {"a"}] * MOST_PARTNERS + [{"a", "h"}]
    found = propose(lines, WEIGHTS, 0.1)
    assert [one for one, other in found.pairs if other == len(lines) - 1] == list(
        range(0, 2 * MOST_PARTNERS, 2)
    )
    assert found.passed_over > 0


def test_what_all_lines_share_names_the_first_and_the_last() -> None:
    number = 10 * (FIRST_LINES + LAST_LINES)
    found = propose([{"a"}] * number, WEIGHTS, 0.1)
    assert len(found.pairs) <= MOST_PARTNERS * number
    assert [one for one, other in found.pairs if other == number - 1] == list(range(MOST_PARTNERS))
    rare = [{"a"} for _ in range(number)] + [{"a", "b"}] + [{"a"}] * 3 + [{"a", "b"}]
    assert (number, number + 4) in propose(rare, WEIGHTS, 0.1).pairs


def test_terms_without_weight_propose_nothing() -> None:
    assert propose([{"x"}, {"x"}], {"x": 0.0}, 0.0).pairs == []
