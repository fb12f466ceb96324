from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.comparison import compare
from dedup.deduplicator import deduplicate
from dedup.errors import ReadError
from dedup.match.passages import find_passages
from dedup.match.relation import Limits, decide
from dedup.match.reworking import find_reworked
from dedup.match.similarity import SCALE
from dedup.pair import Comparison, Scores
from dedup.text.shingling import shingle_text
from tests.dumps import texts
from tests.naive import scores_of, words_of

if TYPE_CHECKING:
    from pathlib import Path

ORIGINAL = " ".join(f"w{place}" for place in range(40))


def edited(*places: int) -> str:
    return " ".join(f"x{place}" if place in places else f"w{place}" for place in range(40))


@pytest.mark.parametrize(
    ("other", "relation"),
    [
        (ORIGINAL, "exact"),
        (ORIGINAL.upper().replace(" ", ",\n"), "exact"),
        (edited(20), "near"),
        (edited(10, 25), "near"),
        (" ".join(f"w{place}" for place in range(20)), "near"),
        (" ".join(f"w{place}" for place in range(12)), "excerpt"),
        (
            "a roundup begins with " * 8
            + " ".join(f"w{place}" for place in range(9, 23))
            + " and goes on" * 3,
            "same_story",
        ),
        ("nothing of it stands here but other words that mean something else", "unrelated"),
        ("w0", "unrelated"),
    ],
)
def test_relations(other: str, relation: str) -> None:
    assert compare(ORIGINAL, other).relation == relation
    assert compare(other, ORIGINAL) == compare(ORIGINAL, other)


def test_an_abridged_copy_below_the_threshold_is_near_by_its_continuity() -> None:
    # A text cut to its first 24 words, with a word in twelve replaced: few shingles are shared, but all over it.
    abridged = " ".join(f"x{place}" if place % 12 == 2 else f"w{place}" for place in range(24))
    verdict = compare(ORIGINAL, abridged)
    assert verdict == Comparison("near", Scores(0.2727, 0.6, 0.3333, 0.85))
    assert compare(ORIGINAL, abridged, limits=Limits(continuity=0.8501)).relation == "overlap"


def test_equal_shingles_do_not_make_equal_texts() -> None:
    verdict = compare("one two three four five " * 2, "one two three four five " * 3)
    assert verdict == Comparison("near", Scores(1.0, 1.0, 1.0, 1.0))


def test_texts_of_one_hash_are_told_apart_by_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dedup.comparison.shingle_text", lambda text: shingle_text(text)._replace(text_hash=7)
    )
    assert compare("rain in the north", "snow in the north").relation == "unrelated"
    assert compare("one two three four five " * 2, "one two three four five " * 3).relation == "near"
    assert compare("rain in the north", "Rain in the North").relation == "exact"


def test_a_shared_passage_makes_an_overlap_from_its_length_on() -> None:
    roundup = "the news of the day " * 8 + " ".join(f"w{place}" for place in range(10, 32)) + " and more" * 20
    verdict = compare(ORIGINAL, roundup)
    assert verdict.relation == "overlap"
    assert not verdict.is_copy
    (passage,) = verdict.passages
    assert ORIGINAL[passage.one.start : passage.one.stop] == roundup[passage.other.start : passage.other.stop]
    assert (passage.n_words, passage.similarity) == (22, 1.0)
    assert compare(ORIGINAL, roundup, least_words=22).relation == "overlap"
    assert compare(ORIGINAL, roundup, least_words=23).relation != "overlap"


def test_reworked_text_makes_an_overlap_and_shows_where() -> None:
    source = [f"{letter}{other}" for letter in "abcdefghijkl" for other in "klmnopqr"]
    told = [
        word
        for start in range(0, 60, 10)
        for word in (*source[start : start + 5], *(f"x{'abcdef'[start // 10]}{k}" for k in "abcdefg"))
    ]
    one, other = " ".join(source), " ".join(told)
    assert find_passages(one, other) == ()
    verdict = compare(one, other)
    assert (verdict.relation, verdict.is_copy) == ("overlap", False)
    (passage,) = verdict.passages
    assert one[passage.one.start : passage.one.stop] == " ".join(source[:55])
    assert other[passage.other.start : passage.other.stop] == " ".join(told[:65])
    assert (passage.n_words, passage.similarity) == (55, 0.5)
    assert compare(one, other, least_words=31).relation != "overlap"


def test_scores_of_a_half() -> None:
    half = " ".join(f"w{place}" for place in range(22))  # 18 of 36 shingles
    assert compare(ORIGINAL, half).scores == Scores(0.5, 1.0, 0.5, 1.0)


@pytest.mark.parametrize(
    "limits", [Limits(), Limits(resemblance=0.9), Limits(resemblance=0.05), Limits(excerpt=0.3)]
)
@given(one=texts, other=texts)
def test_the_verdict_is_symmetric_and_that_of_the_scores(limits: Limits, one: str, other: str) -> None:
    verdict = compare(one, other, limits=limits)
    assert verdict == compare(other, one, limits=limits)
    passages, reworked = find_passages(one, other), find_reworked(one, other, least_words=20)
    equal = words_of(one) == words_of(other) != ()
    template = verdict.lookalike is not None and bool(verdict.lookalike.grounds)
    relation = decide(
        scores_of(one, other),
        limits,
        equal=equal,
        template=template,
        passage=bool(passages or reworked),
        retelling=verdict.retelling,
    )
    assert verdict.relation == relation
    assert verdict.passages == (passages or (reworked if relation == "overlap" else ()))
    assert (verdict.lookalike is None) == (verdict.relation not in ("near", "template"))
    assert verdict.scores == Scores(*(score / SCALE for score in scores_of(one, other)))
    assert verdict.is_copy == (verdict.relation in ("exact", "near"))


@given(texts)
def test_a_text_is_exact_to_itself_unless_it_has_no_word(text: str) -> None:
    assert compare(text, text).relation == ("exact" if words_of(text) else "unrelated")


@pytest.mark.parametrize("empty", ["", " \n", "…", "🙂 !", "\ud83d"])
@pytest.mark.parametrize("other", ["", "…", "rain"])
def test_a_text_without_a_word_is_unrelated_to_all(empty: str, other: str) -> None:
    assert compare(empty, other) == Comparison("unrelated", Scores(0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "item",
    [
        "Rain in the North!",
        {"body": "Rain in the North!", "headline": "Another"},
        {"title": "Rain in the North!"},
        Article("Rain in the North!"),
        Article("", title="Rain in the North!"),
        type("Page", (), {"text": "Rain in the North!"})(),
    ],
)
def test_what_can_be_compared(item: object) -> None:
    assert compare(item, "rain in the north").relation == "exact"
    assert compare(Article("rain in the north"), item).relation == "exact"


@pytest.mark.parametrize("item", [None, 7, {}, {"text": 7}, object()])
def test_what_can_not_be_compared(item: object) -> None:
    with pytest.raises(ReadError):
        compare("rain", item)


def test_short_texts_are_compared_as_they_are() -> None:
    assert compare("Rain stops play", "rain stops PLAY").relation == "exact"
    assert not compare("Rain stops play", "Rain stops").is_copy
    assert not compare("-3 °C", "3 °C").is_copy


# Batch and pair


def news(fixtures_dir: Path) -> dict[str, dict[str, Any]]:
    lines = [
        json.loads(line)
        for name in ("monday", "tuesday", "wires")
        for line in (fixtures_dir / "news" / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    return {line["id"]: line for line in lines}


@pytest.mark.parametrize("keep", ["longest", "earliest", "latest"])
def test_the_verdicts_of_a_batch_are_those_on_the_pairs(fixtures_dir: Path, keep: Any) -> None:
    articles = news(fixtures_dir)
    result = deduplicate(articles.values(), keep=keep)
    assert len(result.duplicates) == 35
    for match in result.duplicates:
        for other, verdict in ((match.duplicate_of, match.verdict), (match.leader, match.leader_verdict)):
            expected = compare(articles[match.id], articles[other])
            scores = verdict.scores
            assert verdict.relation == expected.relation
            assert scores == Scores(
                expected.scores.resemblance,
                expected.scores.containment,
                expected.scores.coverage,
                None if scores.continuity is None else expected.scores.continuity,
            )


def test_a_pair_is_a_copy_where_a_batch_of_two_says_so(fixtures_dir: Path) -> None:
    articles = news(fixtures_dir)
    clusters = defaultdict(list)
    for line in (fixtures_dir / "news" / "truth.jsonl").read_text("utf-8").splitlines():
        clusters[json.loads(line)["cluster"]].append(json.loads(line)["id"])
    pairs = [pair for members in clusters.values() for pair in combinations(members, 2)]
    pairs += [
        ("m06", "t15"),
        ("m08", "w04"),
        ("t09", "w05"),
        ("w25", "w22"),
        ("m13", "t21"),
        ("m21", "t23"),
        ("t16", "w05"),
    ]
    copies = 0
    for one, other in pairs:
        verdict = compare(articles[one], articles[other])
        batch = deduplicate([articles[one], articles[other]], threads=1)
        assert len(batch.duplicates) == verdict.is_copy
        copies += verdict.is_copy
    assert 40 < copies < len(pairs)


@given(st.lists(st.sampled_from(["a", "b", "c", "\ud83d", "é", "e\u0301", "…"]), max_size=6).map(" ".join))
def test_a_batch_reads_broken_characters_as_a_pair_does(text: str) -> None:
    exact = compare(text, "a b").relation == "exact"
    assert deduplicate([{"text": "a b"}, {"text": text}], threads=1).counts.exact == exact
