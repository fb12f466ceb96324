"""The passage index, and what a run makes of it."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.deduplicator import deduplicate
from dedup.index.passages import Fingerprints, propose, share, winnow
from dedup.match.passages import find_passages
from dedup.text.shingling import shingle_text
from tests.dumps import dumps
from tests.strategies import shingle_row, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.article import Article, ReusedPassage
    from dedup.result import DedupResult

long_rows = st.permutations(range(1, 80)).flatmap(lambda row: st.integers(0, 79).map(lambda n: list(row[:n])))
tables = st.lists(st.one_of(shingle_row, long_rows), max_size=5)


def naive_winnow(row: Sequence[int], window: int) -> set[int]:
    return {min(row[first : first + window]) for first in range(max(len(row) - window + 1, 1)) if row}


@given(tables, st.integers(1, 12), st.randoms())
def test_a_window_keeps_its_lowest_shingle(rows: list[list[int]], window: int, chance: random.Random) -> None:
    chosen = list(range(len(rows)))
    chance.shuffle(chosen)
    prints = winnow(table_of(rows), np.array(chosen, np.int64), window)
    assert prints.texts.tolist() == sorted(prints.texts.tolist())
    kept = defaultdict(list)
    for text, shingle in zip(prints.texts.tolist(), prints.hashes.tolist(), strict=True):
        kept[text].append(shingle)
    for text, row in enumerate(chosen):
        assert len(kept[text]) == len(set(kept[text]))
        assert set(kept[text]) == naive_winnow(rows[row], window)


def test_long_texts_are_winnowed_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [list(range(1, 50)), [], list(range(100, 104)), list(range(200, 350))]
    whole = winnow(table_of(rows), np.arange(4))
    monkeypatch.setattr("dedup.index.passages._BLOCK", 10)
    for one, other in zip(whole, winnow(table_of(rows), np.arange(4)), strict=True):
        assert one.tolist() == other.tolist()


prints_of = st.lists(st.sets(st.integers(1, 12), max_size=6), max_size=8)


def prints(texts: Sequence[set[int]]) -> Fingerprints:
    pairs = [(shingle, number) for number, text in enumerate(texts) for shingle in sorted(text)]
    return Fingerprints(
        np.array([pair[0] for pair in pairs], np.uint64), np.array([pair[1] for pair in pairs], np.int64)
    )


@given(prints_of, st.data(), st.integers(1, 3), st.sets(st.integers(1, 12), max_size=3))
def test_pairs_are_stars_about_the_first(
    texts: list[set[int]], data: st.DataObject, common: int, boilerplate: set[int]
) -> None:
    sources = [data.draw(st.integers(-1, 2)) for _ in texts]
    shared = share(
        prints(texts), np.array(sources, np.int64), np.array(sorted(boilerplate), np.uint64), common
    )
    pairs = set()
    holders: dict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for shingle in text - boilerplate:
            holders[shingle].append(number)
    expected = {shingle: numbers for shingle, numbers in sorted(holders.items()) if len(numbers) > 1}
    assert shared.hashes.tolist() == list(expected)
    assert shared.heads.tolist() == [numbers[0] for numbers in expected.values()]
    for numbers, is_common in zip(expected.values(), shared.common.tolist(), strict=True):
        assert is_common == (len(numbers) > common * len({sources[number] for number in numbers}))
        if not is_common:
            pairs |= {(numbers[0], other) for other in numbers[1:]}
    assert propose(prints(texts), shared).tolist() == [list(pair) for pair in sorted(pairs)]
    looked_up = shared.find(np.arange(1, 14).astype(np.uint64))
    assert looked_up.hashes.tolist() == list(expected)


# What a run reports


def words(start: int, length: int, letter: str) -> str:
    return " ".join(f"{letter}{place}" for place in range(start, start + length))


def reuse(articles: Sequence[object], **options: int) -> tuple[DedupResult, Sequence[ReusedPassage]]:
    result = deduplicate(articles, threads=1, passages=True, **options)  # type: ignore[arg-type]
    return result, result.passages


def texts_of(articles: Sequence[dict[str, str]]) -> dict[str, str]:
    return {article["id"]: article["text"] for article in articles}


def roundup_of(stories: Sequence[str]) -> str:
    return "\n".join(" ".join(story.split()[:30]) for story in stories)


STORIES = [words(0, 150, letter) for letter in "abcde"]
NEWS = [
    *({"id": f"s{n}", "text": story, "date": f"2026-03-0{n + 1}"} for n, story in enumerate(STORIES)),
    {"id": "copy", "text": f"By our desk. {STORIES[1]}", "date": "2026-03-09"},
    {"id": "roundup", "text": roundup_of(STORIES), "date": "2026-03-08"},
    {"id": "other", "text": words(0, 200, "z")},
]


def test_a_roundup_is_linked_with_each_of_its_stories_and_their_copies() -> None:
    result, passages = reuse(NEWS)
    assert len(result.duplicates) == 1
    assert [[place.id for place in passage.occurrences] for passage in passages] == [
        ["s0", "roundup"],
        ["s1", "roundup", "copy"],
        ["s2", "roundup"],
        ["s3", "roundup"],
        ["s4", "roundup"],
    ]
    for passage, story in zip(passages, STORIES, strict=True):
        assert passage.n_words == 30
        assert passage.text == " ".join(story.split()[:30])
        for place in passage.occurrences:
            text = texts_of(NEWS)[place.id]
            assert text[place.span.start : place.span.stop] == passage.text
            assert place.similarity == 1.0
    assert [place.relation for place in passages[1].occurrences] == [None, "overlap", "near"]


def test_without_being_asked_nothing_is_looked_for() -> None:
    assert deduplicate(NEWS, threads=1).passages == ()


def test_an_extract_that_is_no_copy_is_an_excerpt() -> None:
    articles = [{"id": "a", "text": words(0, 400, "a")}, {"id": "b", "text": words(100, 60, "a")}]
    _, passages = reuse(articles)
    assert [[place.relation for place in passage.occurrences] for passage in passages] == [[None, "excerpt"]]


def test_undated_articles_come_last_and_then_ids_decide() -> None:
    paragraph = words(0, 40, "p")
    dates = {"d": None, "c": "2026-03-02", "b": None, "a": "2026-03-02", "e": "2026-03-01"}
    articles = [
        {"id": name, "text": f"{words(0, 100, name)} {paragraph}", "date": date}
        for name, date in dates.items()
    ]
    _, (passage,) = reuse(articles)
    assert [place.id for place in passage.occurrences] == ["e", "a", "c", "b", "d"]


@pytest.mark.slow
def test_a_story_of_many_outlets_is_found() -> None:
    """Not by the copies' number, and not where each outlet tells it in an article of its own."""
    story = words(0, 200, "s")
    copies = [{"id": f"c{n}", "text": f"{story} {words(0, n % 7, 'e')}"} for n in range(300)]
    others = [{"id": "roundup", "text": f"{words(0, 300, 'r')} {words(0, 60, 's')}"}]
    _, (passage,) = reuse(copies + others)
    assert len(passage.occurrences) == 301
    quoting = [
        {"id": f"q{n}", "source": f"o{n}", "text": f"{words(0, 150, f'q{n}-')} {words(20, 40, 's')}"}
        for n in range(100)
    ]
    _, passages = reuse([{"id": "s", "text": story, "source": "wire"}, *quoting])
    assert max(len(passage.occurrences) for passage in passages) == 101


@pytest.mark.slow
@pytest.mark.parametrize("sources", [1, 3, None])
def test_boilerplate_of_a_dump_links_nobody(sources: int | None) -> None:
    block = words(0, 300, "b")
    articles = [
        {
            "id": f"a{n}",
            "text": f"{words(0, 250, f't{n}-')}\n{block}",
            "source": None if sources is None else f"s{n % sources}",
        }
        for n in range(120)
    ]
    result, passages = reuse(articles)
    assert result.counts.kept == 120
    assert passages == ()


def test_a_passage_of_few_texts_is_told_from_the_boilerplate_about_it() -> None:
    block = words(0, 60, "b")
    articles = [{"id": f"a{n:03}", "text": f"{words(0, 250, f't{n}-')}\n{block}"} for n in range(60)]
    shared = words(0, 40, "news")
    for n in (7, 9):
        articles[n]["text"] = f"{shared}\n{articles[n]['text']}"
    _, passages = reuse(articles)
    assert [[place.id for place in passage.occurrences] for passage in passages] == [["a007", "a009"]]
    assert passages[0].text == shared


def test_a_line_does_not_drift() -> None:
    """Each shares half of its passage with the next; a chain of them would hold what its ends never shared."""
    ground = words(0, 400, "g")
    source = ground.split()
    articles: list[dict[str, str]] = [{"id": "ground", "text": ground, "date": "2026-03-01"}]
    for n in range(12):
        stretch = " ".join(source[25 * n : 25 * n + 50])
        articles.append({"id": f"x{n}", "text": f"{words(0, 200, f'x{n}-')} {stretch}", "date": "2026-03-02"})
    _, passages = reuse(articles)
    texts = texts_of(articles)
    assert len(passages) > 3
    for passage in passages:
        for place in passage.occurrences:
            mine = texts[place.id][place.span.start : place.span.stop]
            (found,) = find_passages(mine, passage.text)
            assert 5 * found.n_words >= 3 * passage.n_words
    assert {place.id for passage in passages for place in passage.occurrences} == set(texts)


@given(dumps(), st.randoms())
def test_the_order_of_the_input_does_not_matter(articles: list[Article], chance: random.Random) -> None:
    _, passages = reuse(articles, least_words=8)
    shuffled = list(articles)
    chance.shuffle(shuffled)
    assert reuse(shuffled, least_words=8)[1] == passages
    by_id = {article.id: article.text for article in articles}
    for passage in passages:
        clusters = {place.cluster for place in passage.occurrences}
        assert len(clusters) > 1
        first, *others = passage.occurrences
        assert first.relation is None
        places = [(by_id[place.id], place.span) for place in passage.occurrences]
        assert passage.text in [text[span.start : span.stop] for text, span in places]
        assert all(
            place.relation in ("exact", "near", "excerpt", "overlap") or place.id == first.id
            for place in others
        )


@pytest.mark.parametrize("between", ["", " and {n}"])
@pytest.mark.parametrize("date", ["2025-01-01", "2027-01-01"])
def test_a_page_that_repeats_itself_makes_one_line(between: str, date: str) -> None:
    stretch = words(0, 40, "p")
    page = "\n".join(f"{words(0, 20, 'p')}{between.format(n=n)} {words(20, 20, 'p')}" for n in range(100))
    others = [f"{words(0, 60, letter)}\n{stretch}\n{words(60, 60, letter)}" for letter in "abc"]
    articles = [
        {"id": letter, "text": text, "date": "2026-01-01"} for letter, text in zip("abc", others, strict=True)
    ]
    _, (passage,) = reuse([{"id": "page", "text": page, "date": date}, *articles])
    places = [place.id for place in passage.occurrences]
    assert places.count("page") == 100
    assert sorted(set(places)) == ["a", "b", "c", "page"]


def test_a_phrase_in_every_paragraph_hides_none_of_them() -> None:
    """The page that all articles are aligned with has the phrase a hundred times."""
    paragraphs = [f"the spokesman said on monday that {words(30 * n, 30, 'p')}" for n in range(100)]
    articles = [
        {"id": str(n), "text": f"{words(0, 60, f'a{n}x')}\n{paragraph}\n{words(60, 60, f'a{n}x')}"}
        for n, paragraph in enumerate(paragraphs)
    ]
    _, passages = reuse([{"id": "page", "text": "\n".join(paragraphs)}, *articles])
    assert sorted(passage.text for passage in passages) == sorted(paragraphs)
    assert all({place.id for place in passage.occurrences} > {"page"} for passage in passages)


def test_passages_are_looked_for_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    _, passages = reuse(NEWS)
    monkeypatch.setattr("dedup.reuse._BLOCK", 2)
    assert reuse(NEWS)[1] == passages


def test_fingerprints_guarantee_a_verbatim_passage() -> None:
    """Twelve words in a row are eight shingles: one window."""
    chance = random.Random(3)
    for _ in range(50):
        stretch = [f"p{chance.randrange(10**6)}" for _ in range(12)]
        rows = [
            shingle_text(
                " ".join([*(f"{side}{chance.randrange(10**6)}" for _ in range(40)), *stretch])
            ).shingles
            for side in "ab"
        ]
        found = winnow(table_of(rows), np.arange(2))
        one, other = (set(found.hashes[found.texts == row].tolist()) for row in (0, 1))
        assert one & other
