"""Headlines of a run: the match of each with the kept one, and runs by title."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.deduplicator import deduplicate, deduplicate_files
from dedup.errors import ParameterError
from dedup.evaluation import evaluate
from dedup.match.headings import Headings
from dedup.match.suffixes import Affixes
from dedup.match.titles import title_match
from dedup.pair import TitleMatch
from tests.strategies import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.result import DedupResult

LONG = " ".join(f"w{place}" for place in range(70))


def headings(articles: list[Article]) -> Headings:
    return Headings(
        [(article.title or "").encode() for article in articles],
        [article.source for article in articles],
        [article.source for article in articles],
        Affixes(),
    )


words = [
    "storm",
    "hits",
    "the",
    "far",
    "north",
    "not",
    "4",
    "5",
    "…",
    "|",
    "-",
    "Reuters",
    "Penny Lock",
    "VIDEO:",
    "UPDATE 2-",
]
titles = (
    st.none()
    | st.lists(st.sampled_from(words), max_size=8).map(" ".join)
    | st.sampled_from([*SAMPLES.values(), LONG, f"{LONG} end", f"{LONG} - Reuters"])
)
sources = st.sampled_from([None, "Penny Lock", "storm.example"])
articles = st.builds(lambda title, source: Article("x", title=title, source=source), titles, sources)


@given(st.lists(articles, min_size=1, max_size=12), st.data())
def test_each_match_is_that_of_the_pair(taken: list[Article], data: st.DataObject) -> None:
    rows = st.integers(0, len(taken) - 1)
    kept = np.array(data.draw(st.lists(rows, min_size=len(taken), max_size=len(taken))), np.int64)
    found = headings(taken).match(kept)
    for row, other in enumerate(kept.tolist()):
        expected = title_match(taken[row], taken[other]) if row != other else None
        assert found.of(row) == expected


def test_nothing_has_no_match() -> None:
    assert len(headings([]).match(np.empty(0, np.int64)).scores) == 0


# Runs by title


def records(fixtures_dir: Path, name: str = "outlets") -> list[dict[str, Any]]:
    lines = (fixtures_dir / "titles" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def clusters_of(result: DedupResult) -> dict[str, str]:
    return {member: cluster.id for cluster in result.clusters for member in cluster.members}


def test_headlines_are_clustered_as_they_should_be(fixtures_dir: Path) -> None:
    result = deduplicate(records(fixtures_dir), by="title")
    truth = {record["id"]: record["cluster"] for record in records(fixtures_dir, "truth")}
    found = clusters_of(result)
    agreement = evaluate([truth[name] for name in found], list(found.values()))
    assert (agreement.pair_precision, agreement.pair_recall) == (1.0, 1.0)
    counts = result.counts
    assert (counts.read, counts.untitled) == (29, 2)
    assert (counts.kept, counts.exact, counts.near) == (19, 5, 5)  # the longest of six headlines leads
    relations = {match.id: match.verdict.relation for match in result.duplicates}
    assert set(relations.values()) == {"exact", "near"}


def test_the_order_does_not_matter(fixtures_dir: Path) -> None:
    given_order = clusters_of(deduplicate(records(fixtures_dir), by="title"))
    assert clusters_of(deduplicate(records(fixtures_dir)[::-1], by="title")) == given_order


def test_each_dropped_headline_matches_that_of_its_leader(fixtures_dir: Path) -> None:
    taken = {record["id"]: Article.from_any(record) for record in records(fixtures_dir)}
    for match in deduplicate(records(fixtures_dir), by="title").duplicates:
        found = title_match(taken[match.id], taken[match.leader])
        assert found is not None
        assert (found.kind == "same") == (match.leader_verdict.relation == "exact")
        assert found.score == match.leader_verdict.scores.resemblance


def test_by_text_all_of_them_are_kept(fixtures_dir: Path) -> None:
    counts = deduplicate(records(fixtures_dir)).counts
    assert (counts.kept, counts.untitled) == (29, 0)


def test_a_headline_that_recurs_is_no_boilerplate() -> None:
    taken = [
        {
            "id": f"{place}",
            "url": f"https://a.example/{place}",
            "title": "The week in pictures from our readers",
            "text": f"t{place}",
        }
        for place in range(100)
    ]
    result = deduplicate(taken, by="title")
    assert (result.counts.kept, result.counts.exact, list(result.boilerplate)) == (1, 99, [])


def test_many_headlines_of_two_words_that_share_one_stay_apart() -> None:
    taken = [{"id": f"{place}", "title": f"Storm w{place}"} for place in range(2000)]
    assert deduplicate(taken, by="title").counts.kept == 2000


def test_the_threshold_is_that_of_headlines() -> None:
    taken = [
        {"id": "a", "title": "Ferry runs aground off the northern coast in fog"},
        {"id": "b", "title": "Ferry runs aground off the coast"},
    ]
    assert deduplicate(taken, by="title").counts.kept == 2
    assert deduplicate(taken, by="title", threshold=0.6).counts.near == 1


def test_files_tell_the_match_of_the_titles(fixtures_dir: Path, tmp_path: Path) -> None:
    clusters = tmp_path / "c.jsonl"
    source = fixtures_dir / "titles" / "outlets.jsonl"
    summary = deduplicate_files([source], tmp_path / "k.jsonl", clusters=clusters, by="title")
    assert summary.counts.untitled == 2
    lines = {line["id"]: line for line in map(json.loads, clusters.read_text("utf-8").splitlines())}
    dropped = {name: line for name, line in lines.items() if not line["kept"]}
    assert all(line["title_match"] == line["resemblance"] for line in dropped.values())
    assert all(line["title_match"] is None for line in lines.values() if line["kept"])


def test_the_verdict_of_a_run_by_text_tells_the_match_of_the_titles() -> None:
    text = "The council voted on Monday to close the old swimming pool at the end of the season."
    result = deduplicate(
        [
            {"id": "a", "title": "Council closes pool", "text": text},
            {"id": "b", "title": "UPDATE 1-Council closes pool", "text": text},
            {"id": "c", "title": "Swimmers dismayed", "text": text},
            {"id": "d", "text": text},
        ]
    )
    matches = {match.id: match.verdict.title_match for match in result.duplicates}
    assert matches == {"b": TitleMatch(1.0, "same"), "c": None, "d": None}


def test_what_cannot_be_asked_by_title(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="by is 'body'; it is one of text, title"):
        deduplicate([], by="body")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="passages"):
        deduplicate([], by="title", passages=True)
    with pytest.raises(ParameterError, match="passages and boilerplate are of texts"):
        deduplicate_files(["fixtures/titles/outlets.jsonl"], os.devnull, by="title", boilerplate=os.devnull)
    with pytest.raises(ParameterError, match="passages"):
        deduplicate_files([], tmp_path / "k", by="title", passages=tmp_path / "p")
