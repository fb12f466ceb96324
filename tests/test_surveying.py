from __future__ import annotations

import json
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.comparison import compare
from dedup.deduplicator import deduplicate, deduplicate_files
from dedup.match.relation import Limits, is_near
from dedup.match.similarity import overlap
from dedup.text.shingling import shingle_text
from dedup.tuned import STEPS, Survey
from dedup.tuning import tune, tune_files
from tests.dumps import dumps
from tests.shell import NEWS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

THRESHOLDS = (0.3, 0.5, 0.8)


@pytest.fixture(scope="module")
def news() -> Survey:
    survey = tune_files([ROOT / name for name in NEWS], thresholds=THRESHOLDS).survey
    assert survey is not None
    return survey


def survey_of(articles: list[Article], **asked: object) -> Survey:
    survey = tune(articles, **asked).survey  # type: ignore[arg-type]
    assert survey is not None
    return survey


@pytest.mark.slow
def test_what_a_threshold_drops_is_what_a_run_drops(news: Survey, tmp_path: Path) -> None:
    for effect in news.effects:
        names = [ROOT / name for name in NEWS]
        summary = deduplicate_files(names, tmp_path / "kept.jsonl", threshold=effect.cut.threshold)
        assert effect.counts == summary.counts


@pytest.mark.slow
@settings(max_examples=10)
@given(articles=dumps(max_size=12), seed=st.integers(1, 3), walk=st.sampled_from([2, 128]))
def test_what_thresholds_and_recalls_drop_is_what_runs_drop(
    articles: list[Article], seed: int, walk: int
) -> None:
    thresholds, recalls = (0.35, 0.6, 0.8), (0.8, 0.95)
    survey = survey_of(articles, thresholds=thresholds, recalls=recalls, seed=seed, walk=walk)
    asked = [*product(thresholds, recalls)]
    assert [(effect.cut.threshold, effect.cut.recall) for effect in survey.effects] == asked
    for effect, (threshold, recall) in zip(survey.effects, asked, strict=True):
        result = deduplicate(articles, threshold=threshold, recall=recall, seed=seed, walk=walk)
        assert effect.counts == result.counts


@settings(max_examples=10)
@given(articles=dumps(max_size=12))
def test_the_histogram_is_that_of_all_pairs(articles: list[Article]) -> None:
    # So many bands of one row that a pair that shares a shingle is hardly ever missed.
    survey = survey_of(articles, thresholds=[0.05], recalls=[0.99])
    shingled = {
        one.text_hash: one for one in (shingle_text(article.text) for article in articles) if one.n_words
    }
    truth = [
        overlap(one.shingles, other.shingles).resemblance for one, other in combinations(shingled.values(), 2)
    ]
    counts = np.bincount([min(score // 500, 19) for score in truth], minlength=20)
    found = [one.verified for one in survey.histogram]
    assert survey.texts == len(shingled)
    assert found[4:] == counts[4:].tolist()
    assert all(one <= other for one, other in zip(found, counts.tolist(), strict=True))


@pytest.mark.slow
def test_articles_between_thresholds_are_dropped_by_one_and_kept_by_the_next(news: Survey) -> None:
    names = [ROOT / name for name in NEWS]
    articles = [Article.from_any(record) for record in records_of(names)]
    kept = {
        threshold: {article.id for article in deduplicate(articles, threshold=threshold).kept}
        for threshold in THRESHOLDS
    }
    assert [(gap.threshold, gap.upper) for gap in news.between] == [
        *zip(THRESHOLDS, (*THRESHOLDS[1:], None), strict=True)
    ]
    for gap in news.between[:-1]:
        assert gap.upper is not None
        assert {one.id for one in gap.articles} == kept[gap.upper] - kept[gap.threshold]
    assert sum(len(gap.articles) for gap in news.between[:-1]) > 5


def test_what_is_borderline_holds_to_a_threshold_and_no_further(news: Survey) -> None:
    names = [ROOT / name for name in NEWS]
    texts = {article.id: article.compared for article in map(Article.from_any, records_of(names))}
    seen = 0
    for gap in news.between:
        held = [one.holds_to for one in gap.articles]
        assert held == sorted(held)
        for one in gap.articles:
            scores = one.verdict.scores
            assert gap.threshold <= one.holds_to <= 1.0
            assert gap.upper is None or scores.resemblance < gap.upper
            if gap.upper is None:
                assert one.holds_to < gap.threshold + 0.05
            found = overlap(*(shingle_text(texts[name]).shingles for name in (one.id, one.duplicate_of)))
            if found.resemblance == round(scores.resemblance * 10_000) and scores.continuity is not None:
                assert is_near(found, Limits.for_threshold(one.holds_to))
                if one.holds_to < 1.0:
                    assert not is_near(found, Limits.for_threshold(one.holds_to + 0.0001))
                seen += 1
    assert seen


def test_articles_are_shown_with_titles_and_how_they_begin(news: Survey) -> None:
    (one,) = [one for gap in news.between for one in gap.articles if one.id == "m12"]
    assert one.duplicate_of == "m11"
    assert one.titles == ("Kestwick Castings raises forecast as rail orders grow", "Rail boom lifts Kestwick")
    assert one.openings[0].startswith("Kestwick Castings raised its full-year profit forecast on Monday")
    assert all(len(opening) <= 100 and "\n" not in opening for opening in one.openings)
    assert one.verdict.relation == "near"


@settings(max_examples=10)
@given(articles=dumps(max_size=10), data=st.data())
def test_the_order_of_the_articles_and_the_threads_change_nothing(
    articles: list[Article], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(articles))
    one = survey_of(articles, thresholds=THRESHOLDS, max_pairs=5, threads=1)
    other = survey_of(shuffled, thresholds=THRESHOLDS, max_pairs=5, threads=2)
    assert one == other


def test_a_dump_of_nothing() -> None:
    survey = survey_of([])
    assert survey.texts == survey.meetings == survey.verified == 0
    assert all(effect.counts.read == effect.missed_share == 0 for effect in survey.effects)
    assert all(gap.articles == () for gap in survey.between)
    assert [one.high for one in survey.histogram] == list(STEPS)


def test_a_dump_in_which_nobody_resembles_anybody() -> None:
    survey = survey_of([Article("Rain in the north.", id="a"), Article("Snow in the south.", id="b")])
    assert survey.verified == 0
    assert [effect.counts.kept for effect in survey.effects] == [2] * 7


@pytest.mark.slow
def test_pairs_estimated_are_near_those_that_there_are() -> None:
    generator = np.random.RandomState(5)
    words = [f"w{place}" for place in range(3600)]
    articles = []
    for cluster in range(60):
        source = words[cluster * 60 : cluster * 60 + 60]
        for copy in range(4):
            text = [
                word if generator.random_sample() > 0.06 else f"x{cluster}y{copy}z{word}" for word in source
            ]
            articles.append(Article(" ".join(text), id=f"{cluster}-{copy}"))
    survey = survey_of(articles, thresholds=[0.3, 0.5])
    scores = [
        compare(articles[4 * cluster + one], articles[4 * cluster + other]).scores.resemblance
        for cluster in range(60)
        for one, other in combinations(range(4), 2)
    ]
    for effect in survey.effects:
        there = sum(score >= effect.cut.threshold for score in scores)
        assert effect.pairs == pytest.approx(there, rel=0.05)


def records_of(names: list[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for name in names for line in name.read_text("utf-8").splitlines()]
