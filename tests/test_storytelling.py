from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article
from dedup.errors import ParameterError, ReadError
from dedup.stories import GRANULARITIES
from tests.dumps import dumps
from tests.grouping import CUTS, grouping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dedup.story import StoryResult

DAY = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture
def events(fixtures_dir: Path) -> list[dict[str, Any]]:
    return read(fixtures_dir / "stories" / "events.jsonl")


@pytest.fixture
def truth(fixtures_dir: Path) -> dict[str, str]:
    return {line["id"]: line["story"] for line in read(fixtures_dir / "stories" / "truth.jsonl")}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def told_as(
    monkeypatch: pytest.MonkeyPatch, articles: Sequence[dict[str, Any]], truth: dict[str, str]
) -> StoryResult:
    """Stories of articles whose grouping is the true one."""
    kept = [article.id for article in dedup.deduplicate(articles).kept]
    monkeypatch.setattr("dedup.telling.group", grouping([truth[name or ""] for name in kept]))
    return dedup.group_stories(articles)


def partition_of(found: StoryResult) -> set[frozenset[str]]:
    groups = defaultdict(set)
    for name, story in found.story_of.items():
        groups[story].add(name)
    return {frozenset(group) for group in groups.values()}


# What is grouped


def test_events_in_other_words_are_one_story_in_every_language_dated_or_not(
    events: list[dict[str, Any]], truth: dict[str, str]
) -> None:
    stories = defaultdict(set)
    for name, story in truth.items():
        stories[story].add(name)
    right = {frozenset(story) for story in stories.values()}
    assert partition_of(dedup.group_stories(events)) == right
    undated = [{**event, "date": None} for event in events]
    assert partition_of(dedup.group_stories(undated)) == right


# What is told of given stories


def test_a_story_has_its_headline_its_dates_and_all_its_articles(
    monkeypatch: pytest.MonkeyPatch, events: list[dict[str, Any]], truth: dict[str, str]
) -> None:
    found = told_as(monkeypatch, events, truth)
    first = found.stories[0]
    assert first.id == "s04"  # it stands for the story, and is kept in place of s01
    assert first.headline == "Dam breached after night of rain"
    assert first.members == ("s01", "s02", "s03", "s04")
    assert (first.size, first.clusters) == (4, 3)
    assert first.first == datetime(2026, 4, 2, 7, 10, tzinfo=UTC)
    assert first.last == datetime(2026, 4, 4, 6, 30, tzinfo=UTC)
    assert found.story_ids == tuple(found.story_of[article["id"]] for article in events)
    by_story = {story.id: story for story in found.stories}
    assert all(name in by_story[found.story_of[name]].members for name in found.story_of)
    assert sum(story.size for story in found.stories) == len(events)


def test_stories_come_by_size_then_by_date_and_undated_last(
    monkeypatch: pytest.MonkeyPatch, events: list[dict[str, Any]], truth: dict[str, str]
) -> None:
    stories = told_as(monkeypatch, events, truth).stories
    assert [story.id for story in stories] == ["s04", "s08", "s12", "s06", "s10", "s14", "s16", "s17"]
    assert [story.size for story in stories] == [4, 2, 2, 2, 2, 2, 2, 1]
    assert [story.first is None for story in stories] == [False] * 5 + [True] * 3
    assert [story.last is None for story in stories] == [False] * 5 + [True] * 3


def test_counts_say_how_many_and_what_was_cut(
    monkeypatch: pytest.MonkeyPatch, events: list[dict[str, Any]], truth: dict[str, str]
) -> None:
    counts = told_as(monkeypatch, events, truth).counts
    assert (counts.read, counts.clusters, counts.stories) == (17, 16, 8)
    assert (counts.shared, counts.articles, counts.undated) == (7, 16, 5)
    assert (counts.frequent, counts.neighbours, counts.wordless) == CUTS


def test_a_headline_is_without_its_outlet_and_absent_without_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [
        {
            "id": "a",
            "title": "UPDATE 1-Ferry aground - BBC News",
            "text": "The ferry sat on a sandbank for hours.",
        },
        {"id": "b", "text": "Nobody on board was hurt, and the tide is to lift her off the sand tonight."},
    ]
    assert [story.headline for story in told_as(monkeypatch, articles, {"a": "a", "b": "b"}).stories] == [
        "Ferry aground",
        None,
    ]


def test_the_date_of_a_story_is_that_of_the_earliest_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The council voted on Monday to close the old swimming pool at the end of the season."
    seen: list[list[float]] = []

    def group(table: Any, published: Any, **_: Any) -> Any:
        seen.append(published.tolist())
        return grouping(["one"])(table, published, granularity="event")

    monkeypatch.setattr("dedup.telling.group", group)
    articles = [Article(text, id="a"), Article(text, id="b", published=DAY), Article(text, id="c")]
    (story,) = dedup.group_stories(articles).stories
    assert story.first == story.last == DAY
    assert seen == [[DAY.timestamp()]]


def test_what_was_found_is_frozen() -> None:
    found = dedup.group_stories(["Rain in the north."])
    with pytest.raises(FrozenInstanceError):
        found.stories = ()  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        found.stories[0].id = "b"  # type: ignore[misc]


# Laws, of whatever is grouped


@given(dumps())
def test_clusters_are_those_of_a_run_and_no_story_parts_one(articles: list[Article]) -> None:
    found = dedup.group_stories(articles, threads=1)
    assert found.clusters == dedup.deduplicate(articles, threads=1).clusters
    for cluster in found.clusters:
        assert len({found.story_of[member] for member in cluster.members}) == 1
    assert {story.id for story in found.stories} <= {cluster.id for cluster in found.clusters}


@given(dumps(), st.randoms(use_true_random=False))
def test_the_order_of_the_articles_changes_nothing(articles: list[Article], random: Any) -> None:
    shuffled = random.sample(articles, len(articles))
    one, other = (dedup.group_stories(given, threads=1) for given in (articles, shuffled))
    assert one.story_of == other.story_of
    assert [(story.id, story.headline, sorted(story.members)) for story in one.stories] == [
        (story.id, story.headline, sorted(story.members)) for story in other.stories
    ]
    assert one.counts == other.counts


@pytest.mark.parametrize("size", [1, 500, 1 << 20])
def test_threads_and_batches_change_nothing(
    monkeypatch: pytest.MonkeyPatch, events: list[dict[str, Any]], size: int
) -> None:
    alone = dedup.group_stories(events, threads=1)
    for module in ("io.held", "telling"):
        monkeypatch.setattr(f"dedup.{module}.BATCH_BYTES", size)
    assert dedup.group_stories(events, threads=3) == alone


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_every_granularity_gives_every_article_a_story(
    events: list[dict[str, Any]], granularity: str
) -> None:
    found = dedup.group_stories(events, granularity=granularity)
    assert set(found.story_of) == {event["id"] for event in events}
    assert {name for story in found.stories for name in story.members} == set(found.story_of)


def test_files_give_what_the_library_gives(
    events: list[dict[str, Any]], fixtures_dir: Path, tmp_path: Path
) -> None:
    name = fixtures_dir / "stories" / "events.jsonl"
    summary = dedup.list_stories([name], tmp_path / "out.jsonl")
    lines = read(tmp_path / "out.jsonl")
    found = dedup.group_stories(events)
    stories = {story.id: story for story in found.stories}
    cluster_of = {name: cluster.id for cluster in found.clusters for name in cluster.members}
    assert [(line["id"], line["story"]) for line in lines] == list(found.story_of.items())
    for number, line in enumerate(lines, 1):
        story = stories[line["story"]]
        assert line == {
            "id": line["id"],
            "cluster": cluster_of[line["id"]],
            "story": story.id,
            "headline": story.headline,
            "size": story.size,
            "first": story.first.isoformat() if story.first else None,
            "last": story.last.isoformat() if story.last else None,
            "input": str(name),
            "record": number,
        }
    assert summary.counts == found.counts


# At the edges


def test_nothing_gives_no_story() -> None:
    found = dedup.group_stories([])
    assert (found.stories, found.story_ids, dict(found.story_of), found.clusters) == ((), (), {}, [])
    assert found.counts.stories == 0


@pytest.mark.parametrize("text", ["Rain in the north.", "…", "雨"])
def test_one_article_is_a_story(text: str) -> None:
    found = dedup.group_stories([{"id": "a", "text": text}])
    assert [(story.id, story.members, story.first) for story in found.stories] == [("a", ("a",), None)]


def test_an_id_that_stands_twice_is_told_apart() -> None:
    found = dedup.group_stories([{"id": "a", "text": "Rain."}, {"id": "a", "text": "Snow on the hills."}])
    assert set(found.story_of) == {"a", "a#2"}
    assert found.counts.repeated_ids == 1


@pytest.mark.parametrize("granularity", ["day", "", None, 3])
def test_another_granularity_is_refused_before_anything_is_read(granularity: Any) -> None:
    def articles() -> Any:
        raise AssertionError("read")
        yield

    with pytest.raises(ParameterError, match="incident, event, topic"):
        dedup.group_stories(articles(), granularity=granularity)


def test_other_parameters_are_checked() -> None:
    with pytest.raises(ParameterError, match="walk is 0"):
        dedup.group_stories([], walk=0)
    with pytest.raises(ParameterError, match="threads is 0"):
        dedup.group_stories([], threads=0)
    with pytest.raises(ParameterError, match="context"):
        dedup.group_stories([], context="rules.jsonl")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="list of articles"):
        dedup.group_stories("Rain in the north.")
    with pytest.raises(ReadError, match="no text and no title"):
        dedup.group_stories([{"id": "a"}])


def test_a_file_that_fails_leaves_no_output(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text('{"id": "a", "text": "Rain."}\n{"id": "b"}\n')
    with pytest.raises(ReadError):
        dedup.list_stories([dump], tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["dump.jsonl"]
    summary = dedup.list_stories([dump], tmp_path / "out.jsonl", on_error="skip")
    assert (summary.counts.read, summary.counts.damaged) == (1, 1)
    with pytest.raises(ParameterError, match="would be overwritten"):
        dedup.list_stories([dump], dump)
