"""Terms of articles: the kernel says what the plain twin says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.storyterms import LONGEST, Term, TermTable, read_terms, terms_of
from dedup.text.columns import TextColumn
from tests.strategies import SAMPLES, text


def column(*texts: str) -> TextColumn:
    return TextColumn.of([written.encode("utf-8", "replace") for written in texts])


def decoded(table: TermTable, row: int) -> list[tuple[int, int, int, int, bool]]:
    """Terms of one article as the plain twin has them, by code."""
    here = slice(table.indptr[row], table.indptr[row + 1])
    marks = [int(mark) for mark in table.marks[here]]
    return sorted(
        (int(code), mark & 255, mark >> 8 & 255, mark >> 16 & 255, bool(mark >> 24))
        for code, mark in zip(table.codes[here], marks, strict=True)
    )


def twin(title: str, body: str) -> list[tuple[int, int, int, int, bool]]:
    found: dict[int, Term] = {}
    for term in terms_of(title, body).values():
        found[term.code] = term
    return sorted((t.code, t.total, t.head, t.title, t.name) for t in found.values())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_kernel_counts_what_the_twin_counts_in_every_script(name: str) -> None:
    sample = SAMPLES[name]
    table = read_terms(column(sample, ""), column(f"{sample}\n{sample}", sample))
    assert decoded(table, 0) == twin(sample, f"{sample}\n{sample}")
    assert decoded(table, 1) == twin("", sample)


@given(st.lists(st.tuples(text, text), max_size=4))
def test_the_kernel_counts_what_the_twin_counts(articles: list[tuple[str, str]]) -> None:
    table = read_terms(column(*(title for title, _ in articles)), column(*(body for _, body in articles)))
    assert len(table.n_words) == len(articles)
    for row, (title, body) in enumerate(articles):
        assert decoded(table, row) == twin(title, body)


def test_a_name_has_a_capital_inside_sentences() -> None:
    found = terms_of("", "On Monday the storm hit Lisbon. Storms are rare in Lisbon.")
    assert found["lisbon"[:6]].name
    assert not found["storm"].name


def test_a_long_text_counts_up_to_a_limit() -> None:
    long = " ".join(f"w{number}" for number in range(LONGEST + 10))
    assert len(terms_of("", long)) <= LONGEST
    assert decoded(read_terms(column(""), column(long)), 0) == twin("", long)
