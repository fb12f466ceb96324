"""Terms of articles: the kernel says what the plain twin says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.storyterms import FIGURE, HEAD, LONGEST, STEM, Term, read_terms, terms_of
from dedup.text.columns import TextColumn
from tests.strategies import SAMPLES, mixed_text, text


def read(*articles: tuple[str, str]) -> list[tuple[list[Term], int]]:
    """Terms of each article as arrays have them, and its words."""
    titles, texts = (
        TextColumn.of([part.encode() for part in parts]) for parts in zip(*articles, strict=True)
    )
    table = read_terms(titles, texts)
    marks = [
        Term(int(code), int(mark & 255), int(mark >> 8 & 255), int(mark >> 16 & 255), bool(mark >> 24 & 1))
        for code, mark in zip(table.codes, table.marks, strict=True)
    ]
    assert (table.marks >> 25 == 0).all()
    ends = table.indptr.tolist()
    return [
        (marks[begin:end], int(n_words))
        for begin, end, n_words in zip(ends, ends[1:], table.n_words, strict=False)
    ]


def plain(title: str, body: str) -> tuple[list[Term], int]:
    terms = list(terms_of(title, body).values())
    return terms, sum(term.total for term in terms)


@pytest.mark.parametrize("script", SAMPLES)
def test_arrays_have_the_terms_of_each_script(script: str) -> None:
    sample = SAMPLES[script]
    articles = [(sample, ""), ("", sample), (sample, sample + "\n" + sample), (sample[:20], sample * 9)]
    assert read(*articles) == [plain(*article) for article in articles]


@given(st.lists(st.tuples(text, text), min_size=1, max_size=4))
def test_arrays_have_the_terms_of_any_texts(articles: list[tuple[str, str]]) -> None:
    assert read(*articles) == [plain(*article) for article in articles]


@given(mixed_text, st.lists(mixed_text, max_size=12))
def test_arrays_have_the_terms_of_long_texts(title: str, parts: list[str]) -> None:
    body = " ".join(parts) * 3
    assert read((title, body)) == [plain(title, body)]


@given(st.lists(st.tuples(text, text), min_size=2, max_size=4))
def test_an_article_has_the_same_terms_in_any_batch(articles: list[tuple[str, str]]) -> None:
    assert read(*articles) == [read(article)[0] for article in articles]


def test_no_articles_and_empty_articles_have_no_terms() -> None:
    table = read_terms(TextColumn.of([]), TextColumn.of([]))
    assert table.indptr.tolist() == [0]
    assert len(table.codes) == len(table.marks) == len(table.n_words) == 0
    assert terms_of("", "") == {}
    assert read(("", ""), ("…", "!?"), ("", "x")) == [([], 0), ([], 0), plain("", "x")]


def test_terms_are_beginnings_of_words_whole_numbers_and_neighbours() -> None:
    found = terms_of("", "Volcanoes and volcanic ash; 1234567890123 and -3 in 東京都.")
    assert list(found) == ["volcan", "and", "ash", "123456789012", "-3", "in", "東京", "京都"]
    assert found["volcan"].total == 2
    assert {name for name, term in found.items() if term.code & 1} == {"123456789012", "-3"}
    assert len("volcan") == STEM
    assert len("123456789012") == FIGURE


def test_neighbours_touch() -> None:
    assert list(terms_of("", "東 京")) == []
    assert list(terms_of("東", "京")) == []


def test_title_counts_for_the_head_and_for_itself() -> None:
    assert terms_of("Storm", "storm storm")["storm"][1:4] == (3, 3, 1)


@pytest.mark.parametrize("n_before", [0, HEAD - 1, HEAD, HEAD + 1])
def test_head_ends_after_its_words(n_before: int) -> None:
    body = "filler " * n_before + "needle"
    assert terms_of("Title", body)["needle"].head == int(n_before < HEAD)
    assert read(("Title", body)) == [plain("Title", body)]


@pytest.mark.parametrize("n_before", [LONGEST - 1, LONGEST, LONGEST + 1])
def test_words_beyond_the_longest_do_not_count(n_before: int) -> None:
    body = "filler " * n_before + "needle"
    assert ("needle" in terms_of("", body)) == (n_before < LONGEST)
    assert read((body, ""), ("", body), (body, body)) == [plain(body, ""), plain("", body), plain(body, body)]


@pytest.mark.parametrize("n_before", [LONGEST - 2, LONGEST - 1, LONGEST])
def test_neighbours_beyond_the_longest_do_not_count(n_before: int) -> None:
    body = "filler " * n_before + "東京"
    assert ("東京" in terms_of("", body)) == (n_before + 2 <= LONGEST)
    assert read(("", body)) == [plain("", body)]


def test_counts_stop_at_what_a_byte_holds() -> None:
    many = "storm " * 300
    assert terms_of(many, many)["storm"][1:4] == (255, 255, 255)
    assert read((many, many)) == [plain(many, many)]


@pytest.mark.parametrize(
    ("body", "is_name"),
    [
        ("They saw Lisbon.", True),
        ("Lisbon is wet.", False),
        ("It rained. Lisbon is wet.", False),
        ("He said: “Lisbon is wet.”", False),
        ("It rained (Lisbon is wet).", True),
        ("They saw Lisbon, lisbon.", False),
        ("They saw Lisbon, then Lisbon, not lisbon.", True),
        ("they saw lisbon", False),
    ],
)
def test_a_name_has_a_capital_inside_sentences(body: str, *, is_name: bool) -> None:
    assert terms_of("", body)["lisbon"].name is is_name
    assert read(("", body)) == [plain("", body)]


def test_capitals_of_a_title_tell_no_names() -> None:
    assert not terms_of("They Saw Lisbon", "")["lisbon"].name
    assert terms_of("", "Он видел Москву.")["москву"].name
    assert not terms_of("", "رأى الرئيس القاهرة")["القاهر"].name


def test_codes_are_distinct_in_an_article() -> None:
    terms, _ = read(("Storm storms", "Storms storm the Storm; -3, 3, 東京東京"))[0]
    assert len(np.unique([term.code for term in terms])) == len(terms)
