"""One text as the pair model sees it."""

from __future__ import annotations

import pytest
from hypothesis import given

from dedup.match.wording import MOST_WORDS, Wording
from dedup.text.commonness import RAREST, load_commonness, word_weight
from dedup.text.tokens import tokenise
from tests.strategies import text as texts


@given(texts)
def test_words_are_those_of_the_tokeniser(text: str) -> None:
    wording = Wording(text)
    assert wording.words == [token.text for token in tokenise(text)][:MOST_WORDS]
    assert wording.terms.keys() == wording.weights.keys()
    assert all(0.0 <= weight <= RAREST for weight in wording.weights.values())
    assert wording.names <= set(wording.words)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "On Friday the ferry Marit left Lomsk, and the crew of Osterby waved.",
            {"friday", "marit", "lomsk", "osterby"},
        ),
        ("The ferry left. Then the Marit came back.", {"marit"}),
        ("He said: The ferry left", set()),
        ("Паром «Марит» вышел из порта Ломск", {"ломск", "марит"}),
        ("FERRY MARIT LEAVES THE PORT OF LOMSK", {"marit", "lomsk"}),
        ("no names in here at all", set()),
    ],
)
def test_names_have_a_capital_where_a_sentence_does_not_ask_for_it(text: str, names: set[str]) -> None:
    found = Wording(text).names
    assert names <= found
    if not names:
        assert not found


def test_where_there_is_no_case_rare_long_words_are_names() -> None:
    assert "القاهرة" in Wording("وزير الخارجية يزور القاهرة اليوم").names
    assert Wording("中国和美国达成贸易协议").names == set()


def test_terms_of_scripts_without_spaces_are_pairs_of_characters() -> None:
    wording = Wording("貿易協定")
    assert wording.unspaced
    assert set(wording.terms) == {"貿易", "易協", "協定"}
    assert set(Wording("協").terms) == {"協"}
    assert not Wording("trade 協定 deal signed today").unspaced


def test_numbers_and_denials() -> None:
    wording = Wording("No, 14 of 2,000 did not vote; not one.")
    assert wording.numbers == {"14", "2", "000"}
    assert wording.denials == 3
    assert Wording("Никто не пришёл").denials == 1


def test_the_beginning_counts_of_a_long_text() -> None:
    long = " ".join(f"w{number}" for number in range(MOST_WORDS + 50))
    assert len(Wording(long).words) == MOST_WORDS
    assert Wording(long).text == " ".join(f"w{number}" for number in range(MOST_WORDS)) + " "


def test_words_are_written_as_they_stand_first() -> None:
    assert Wording("Rain in RIGA, rain in Riga").written == {"rain": "Rain", "in": "in", "riga": "RIGA"}


def test_common_words_weigh_less() -> None:
    assert word_weight("the") < word_weight("government") < word_weight("zugzwang") == RAREST
    assert word_weight("и") < word_weight("правительство") <= RAREST


def test_the_table_is_sorted_and_whole() -> None:
    table = load_commonness()
    assert len(table.codes) == len(table.levels) > 10_000
    assert all(one < other for one, other in zip(table.codes, table.codes[1:], strict=False))
