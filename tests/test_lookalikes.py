from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.comparison import compare
from dedup.deduplicator import deduplicate
from dedup.match.lookalikes import CORRECTIONS, Differences, differences, look
from dedup.match.similarity import intactness, intactnesses, overlap
from dedup.match.templates import Known, Likeness, Pages, count_many, find_templates, set_figures_of
from dedup.text.columns import ShingleTable, TextColumn, code_column, shingle_column
from dedup.text.shingling import code_word, set_figures, shingle_text
from dedup.text.tokens import tokenise
from dedup.workers import Workers
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.pair import Ground

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
BULLETIN = (
    "The harbour board of Orrin measured a level of {} metres above datum at the Penny Lock gauge this morning "
    "and set the outflow through the main sluice at {} cubic metres a second until further notice, it said in its "
    "daily bulletin."
)
BODY = " ".join(f"word{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(140))


def article(text: str, title: str | None = None, hours: int | None = None) -> Article:
    return Article(text, title=title, published=None if hours is None else NOON + timedelta(hours=hours))


def grounds_of(one: Article, other: Article) -> tuple[Ground, ...]:
    first, second = (shingle_text(side.compared).shingles for side in (one, other))
    alike = overlap(first, second).containment, intactness(first, second)
    found = look(one, other, *alike).grounds
    assert look(other, one, *alike).grounds == found
    return found


# Grounds


def test_other_numbers_on_another_day_are_another_report() -> None:
    monday, tuesday = BULLETIN.format("112.46", "150"), BULLETIN.format("112.71", "205")
    assert grounds_of(article(monday, hours=0), article(tuesday, hours=24)) == ("numbers",)
    assert grounds_of(article(monday), article(tuesday)) == ("numbers",)


def test_a_corrected_figure_of_the_same_day_is_a_version() -> None:
    one, other = BULLETIN.format("112.46", "150"), BULLETIN.format("112.64", "150")
    assert grounds_of(article(one, hours=0), article(other, hours=2)) == ()


@pytest.mark.parametrize("mark", sorted(CORRECTIONS))
def test_a_correction_is_a_version_on_whatever_day(mark: str) -> None:
    one = article(BULLETIN.format("112.46", "150"), "Lake Orrin rises", 0)
    other = BULLETIN.format("112.64", "150")
    assert grounds_of(one, article(other, f"{mark.upper()}: Lake Orrin rises", 30)) == ()
    assert grounds_of(one, article(other, "Lake Orrin rises", 30)) == ("numbers",)


def test_a_number_spelt_out_counts_half() -> None:
    one, other = BULLETIN.format("1.5", "150"), BULLETIN.format("two", "150")
    assert grounds_of(article(one, hours=0), article(other, hours=50)) == ("numbers",)
    long = " ".join([BODY, "it rose to {} metres then", BODY.upper()[::-1]])
    assert grounds_of(article(long.format("3"), hours=0), article(long.format("two"), hours=50)) == ()


def test_numbers_outside_the_shared_text_are_a_dateline() -> None:
    one = article(f"Published 2026 03 09 by the Herald. {BULLETIN.format(5, 6)} Copyright 2026", hours=0)
    other = article(f"Posted on 11 03 by the Courier. {BULLETIN.format(5, 6)} All rights 2027", hours=50)
    assert grounds_of(one, other) == ()


def test_words_that_change_more_often_than_numbers_are_an_edit() -> None:
    one = BULLETIN.format("112.46", "150")
    other = (
        BULLETIN.format("112.46", "160")
        .replace("measured", "found")
        .replace("main", "great")
        .replace("daily", "usual")
    )
    assert grounds_of(article(one, hours=0), article(other, hours=50)) == ()


def test_titles_that_name_what_only_their_own_text_has() -> None:
    text = "The trustees said that the {} Fund sets its monthly payout at four cents a share, and that {} pays in March."
    one, other = (article(text.format(name, name), f"{name} sets payout") for name in ("Arden", "Corvo"))
    assert grounds_of(one, other) == ("names",)
    assert grounds_of(article(one.text), article(other.text)) == ()


def test_a_block_of_the_page_is_no_copy() -> None:
    longer = f"{BODY} and a teaser that one page has and the other lacks, for it came later that day"
    one = article(BODY, "Trading halt of Exro Metals")
    assert grounds_of(one, article(longer, "Why cats like cardboard boxes")) == ("titles",)
    assert grounds_of(one, article(longer)) == ()


def test_an_editor_may_give_a_copy_a_headline_of_his_own() -> None:
    text = "Rail orders lift the forecast of Kestwick Castings. " + BODY
    one = article(text, "Kestwick Castings raises forecast as rail orders grow")
    other = article(text + " Read more", "Order book swells at Kestwick Castings")
    assert grounds_of(one, other) == ()


def test_a_lead_of_its_own_above_a_shared_foot_is_another_story() -> None:
    leads = [" ".join(f"{letter}{chr(97 + place)}" for place in range(26)) * 2 for letter in "xyz"]
    foot = " ".join(BODY.split()[:70])
    one, other = (article(f"{lead} {lead[::-1]} {foot}") for lead in leads[:2])
    assert grounds_of(one, other) == ("lead",)
    assert grounds_of(one, article(foot)) == ()


def test_a_title_that_its_text_begins_with_says_nothing_of_its_own() -> None:
    text = "{} Fund sets its monthly payout at four cents a share, payable in March to holders of record, it said."
    one, other = (article(text.format(name), f"{name} Fund sets") for name in ("Arden", "Corvo"))
    assert grounds_of(one, other) == ()


# What a reader is told


def test_the_examples_follow_the_order_given_and_begin_with_numbers() -> None:
    one = Article(BULLETIN.format("112.46", "150").replace("measured", "found"), published=NOON)
    other = Article(BULLETIN.format("112.71", "205"), published=NOON + timedelta(days=2))
    there, back = compare(one, other), compare(other, one)
    assert there.relation == back.relation == "template"
    assert not there.is_copy
    assert there.lookalike is not None
    assert back.lookalike is not None
    assert there.lookalike.examples == (("112.46", "112.71"), ("150", "205"), ("found", "measured"))
    assert [(b, a) for a, b in back.lookalike.examples] == list(there.lookalike.examples)
    assert (there.lookalike.numbers, there.lookalike.reworded, there.lookalike.hours_apart) == (2, 1, 48)


# Many pairs, and the twin

words = st.sampled_from(["rain", "fell", "on", "the", "north", "3", "4", "17", "-5", "g7", "३"])
texts = st.lists(words, max_size=40).map(" ".join)


@st.composite
def versions(draw: st.DrawFn) -> list[Article]:
    """Articles that are edits of one text, or of nothing, with titles and dates or without."""
    base = draw(st.sampled_from([BULLETIN.format("112.46", "150"), BODY, BODY[:300], ""])).split()
    found = []
    for _ in range(draw(st.integers(2, 4))):
        text = list(base)
        for place in draw(st.lists(st.integers(0, 200), max_size=6)):
            at = place % (len(text) + 1)
            text[at : at + draw(st.integers(0, 2))] = draw(st.lists(words, max_size=3))
        if draw(st.booleans()):
            text[: draw(st.integers(0, 40))] = draw(st.lists(words, max_size=40))
        title = draw(
            st.none()
            | st.lists(st.sampled_from([*base[:9], "rain", "3", "corrected"]), max_size=6).map(" ".join)
        )
        found.append(article(" ".join(text), title, draw(st.none() | st.integers(0, 60))))
    return found


def seconds_of(articles: Sequence[Article]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([side.published.timestamp() if side.published else np.nan for side in articles])


def columns_of(articles: Sequence[Article]) -> tuple[TextColumn, TextColumn]:
    return (
        TextColumn.of([side.compared.encode() for side in articles]),
        TextColumn.of([(side.title or "").encode() for side in articles]),
    )


def ordered_pairs(n: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    lefts, rights = np.divmod(np.arange(n * n), n)
    return lefts[lefts != rights], rights[lefts != rights]


@given(versions())
def test_the_kernel_counts_what_the_twin_counts(articles: list[Article]) -> None:
    texts, titles = columns_of(articles)
    words = code_column(texts)
    pages = Pages(
        words,
        set_figures_of(words),
        code_column(titles),
        [(side.title or "").encode() for side in articles].__getitem__,
        seconds_of(articles),
    )
    lefts, rights = ordered_pairs(len(articles))
    nothing = np.zeros(len(lefts), np.int64)
    found = count_many(pages, lefts, rights, Likeness(nothing, nothing))
    for pair, (left, right) in enumerate(zip(lefts.tolist(), rights.tolist(), strict=True)):
        expected = differences(articles[left], articles[right], 0, 0)._replace(corrected=0)
        assert Differences._make(int(column[pair]) for column in found) == expected


@given(versions())
def test_many_pairs_are_judged_as_each_alone(articles: list[Article]) -> None:
    texts, _ = columns_of(articles)
    batch = shingle_column(texts, 5)
    indptr = np.concatenate([[0], np.cumsum(batch.counts)])
    table = ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)
    known = Known(
        batch.n_words,
        batch.figures,
        np.zeros(len(articles), np.bool_),
        np.zeros(4, np.uint64),
        [(side.title or "").encode() for side in articles],
        seconds_of(articles),
        lambda rows: (articles[row].compared.encode() for row in rows.tolist()),
    )
    lefts, rights = ordered_pairs(len(articles))
    alike = intactnesses(table, lefts, rights)
    with Workers(1) as workers:
        found = find_templates(known, lefts, rights, alike, workers)
    for left, right, contained, intact, template in zip(
        lefts.tolist(), rights.tolist(), *(values.tolist() for values in alike), found.tolist(), strict=True
    ):
        shingles = [shingle_text(articles[row].compared).shingles for row in (left, right)]
        assert (contained, intact) == (overlap(*shingles).containment, intactness(*shingles))
        assert template == bool(look(articles[left], articles[right], contained, intact).grounds)


@pytest.mark.parametrize("language", SAMPLES)
def test_words_are_coded_as_by_the_twin(language: str) -> None:
    text = SAMPLES[language]
    for sample in (text, text * 9, text.upper(), " ".join(reversed(text.split()))):
        codes = [code_word(token.text) for token in tokenise(sample)]
        column = TextColumn.of([b"3 rain", sample.encode(), b""])
        table = code_column(column)
        assert table.codes[table.indptr[1] : table.indptr[2]].tolist() == codes
        figures = shingle_column(column, 5).figures[1]
        assert sum(int(part) << 64 * place for place, part in enumerate(figures)) == set_figures(codes)


@given(texts)
def test_a_number_is_found_wherever_it_stands(text: str) -> None:
    table = code_column(TextColumn.of([text.encode()]))
    assert table.codes.tolist() == [code_word(token.text) for token in tokenise(text)]


# A run


def test_a_run_keeps_both_reports_and_joins_the_copies_of_each() -> None:
    reports = [BULLETIN.format("112.46", "150"), BULLETIN.format("112.71", "205")]
    articles = [
        Article(text + end, id=f"{day}{end}", published=NOON + timedelta(days=day))
        for day, text in enumerate(reports)
        for end in ("", " Read more on our pages")
    ]
    result = deduplicate(articles, threads=1)
    assert sorted(sorted(cluster.members) for cluster in result.clusters) == [
        ["0", "0 Read more on our pages"],
        ["1", "1 Read more on our pages"],
    ]


def test_equal_texts_are_exact_however_far_apart() -> None:
    text = BULLETIN.format("112.46", "150")
    assert compare(article(text, "Monday", 0), article(text, "Friday", 9999)).relation == "exact"
