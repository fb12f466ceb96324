from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import dedup
from dedup.errors import ParameterError
from dedup.match.rewriting import Rewriting
from dedup.match.samestory import SameStory
from tests.grouping import grouping
from tests.shell import NEWS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.match.wording import Wording

BULLETIN = (
    "The river at Karlmoor gauge stands at {} centimetres this morning, {} more than on the day before. The water board "
    "expects it to reach {} centimetres by Thursday night. Boats may not pass the lock, and the ferry at Tull rests. "
    "The road along the dike is closed from the mill to the church; walkers are asked to stay off the grass."
)


def write(path: Path, articles: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(article) + "\n" for article in articles))
    return path


def lines_of(folder: Path, inputs: list[Path], **options: Any) -> list[dict[str, Any]]:
    dedup.deduplicate_files(inputs, folder / "kept.jsonl", stories=folder / "stories.jsonl", **options)
    return [json.loads(line) for line in (folder / "stories.jsonl").read_text("utf-8").splitlines()]


def all_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One story of all articles."""
    monkeypatch.setattr(
        "dedup.telling.group",
        lambda table, published, **asked: grouping(["one"] * len(published))(table, published, **asked),
    )


def test_members_of_its_cluster_are_related_as_the_clusters_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dedup.telling.group",
        lambda table, published, **asked: grouping(range(len(published)))(table, published, **asked),
    )
    inputs = [ROOT / name for name in NEWS]
    for keep in ("longest", "earliest"):
        lines = lines_of(tmp_path, inputs, keep=keep, clusters=tmp_path / "clusters.jsonl")
        clusters = [
            json.loads(line) for line in (tmp_path / "clusters.jsonl").read_text("utf-8").splitlines()
        ]
        within = 0
        for line, cluster in zip(lines, clusters, strict=True):
            assert (line["id"], line["cluster"]) == (cluster["id"], cluster["cluster"])
            assert (line["input"], line["record"]) == (cluster["input"], cluster["record"])
            if line["story"] == line["cluster"] != line["id"]:
                within += 1
                assert line["relation"] == cluster["relation"].replace("unrelated", "same_story")
                assert line["title_match"] == cluster["title_match"]
        assert within > 20


def test_the_article_that_stands_for_a_story_is_related_to_nothing(tmp_path: Path) -> None:
    for line in lines_of(tmp_path, [ROOT / "fixtures" / "stories" / "events.jsonl"]):
        told = [line[name] for name in ("relation", "same_story_probability", "evidence", "title_match")]
        assert (told == [None] * 4) == (line["id"] == line["story"])


def test_articles_of_other_clusters_are_related_by_their_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_one(monkeypatch)
    long = "\n".join(
        f"Paragraph {n} tells of the {n}th day of the strike at the port of Dunmere and what came of it for crane {n}."
        for n in range(2, 30)
    )
    articles = [
        {"id": "part", "title": "Strike at Dunmere", "text": "\n".join(long.split("\n")[3:7])},
        {
            "id": "other",
            "text": "A lighthouse keeper's grandson switched off the lamp after a hundred and twenty years.",
        },
        {"id": "whole", "title": "Strike at Dunmere", "text": long},
    ]
    lines = lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)])
    assert [line["cluster"] for line in lines] == ["part", "other", "whole"]
    assert [(line["story"], line["relation"]) for line in lines] == [
        ("whole", "excerpt"),
        ("whole", "same_story"),
        ("whole", None),
    ]
    assert [line["title_match"] for line in lines] == [1.0, None, None]


def test_a_look_alike_is_no_near_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_one(monkeypatch)
    articles = [
        {"id": "mon", "text": BULLETIN.format(412, 17, 431), "date": "2026-03-09"},
        {"id": "tue", "text": BULLETIN.format(429, 21, 455), "date": "2026-03-10"},
    ]
    lines = lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)])
    assert [(line["cluster"], line["relation"]) for line in lines] == [("mon", "template"), ("tue", None)]
    assert dedup.compare(*articles).relation == "template"


def test_headlines_that_contradict_each_other_are_no_near_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_one(monkeypatch)
    title = "Karlmoor water board raises alarm as river reaches {} centimetres at the gauge"
    articles = [{"id": "a", "title": title.format(412)}, {"id": "b", "title": title.format(455)}]
    lines = lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)], by="title")
    assert [line["relation"] for line in lines] == ["template", None]


def test_by_title_bodies_still_tell_the_stories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def group(table: Any, published: Any, **asked: Any) -> Any:
        seen.extend(table.n_words.tolist())
        return grouping(range(len(published)))(table, published, **asked)

    monkeypatch.setattr("dedup.telling.group", group)
    articles = [{"id": "a", "title": "Rain", "text": "It rained for a week."}, {"id": "b", "title": "Snow"}]
    lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)], by="title")
    assert seen == [6, 1]  # a title that stands in for a body counts once


def test_evidence_is_sought_once_for_a_cluster_and_handed_to_its_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_one(monkeypatch)
    asked: list[tuple[str, str]] = []
    doubted: list[tuple[str, str]] = []

    def same_story(one: Any, other: Any) -> SameStory:
        asked.append((one.title, other.title))
        return SameStory(0.75, (other.text.split()[1],), (), ())

    class Model:
        @staticmethod
        def judge(one: Wording, other: Wording) -> Rewriting:
            doubted.append((one.text, other.text))
            return Rewriting(0.5 if "vote" in one.text else 0.4999, 0.0)

    monkeypatch.setattr("dedup.relating.same_story", same_story)
    monkeypatch.setattr("dedup.relating.load_model", Model)
    council = "The council voted on Monday to close the old swimming pool at the end of the season."
    articles = [
        {"id": "a1", "title": "A", "text": council},
        {"id": "a2", "title": "A two", "text": council.upper()},
        {
            "id": "b",
            "title": "B",
            "text": "Swimmers protested in front of the town hall when the decision was read out.",
        },
        {
            "id": "c",
            "title": "C",
            "text": "A pool that eight thousand people used is to be given up, the mayor has said.",
        },
        {
            "id": "c2",
            "title": "C two",
            "text": "A pool that eight thousand people used is to be given up, the mayor has said",
        },
    ]
    lines = lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)])
    assert sorted(asked) == [("A", "C"), ("B", "C")]
    texts = [articles[place]["text"] for place in (0, 2, 3)]
    assert sorted(doubted) == sorted([(texts[1], texts[2]), (texts[0], texts[2])])
    assert [line["relation"] for line in lines] == ["rewrite", "rewrite", "same_story", None, "exact"]
    told = [(line["same_story_probability"], line["evidence"]) for line in lines]
    assert told == [(0.75, "both name pool")] * 3 + [(None, None), (1.0, "copies of one text")]


def test_evidence_is_sought_in_title_body_and_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_one(monkeypatch)
    seen: list[Any] = []

    def same_story(one: Any, other: Any) -> SameStory:
        seen.extend((one, other))
        return SameStory(0.0, (), (), ())

    monkeypatch.setattr("dedup.relating.same_story", same_story)
    articles = [
        {"id": "a", "title": "Rain in the north", "date": "1970-01-02"},
        {"id": "b", "text": "Snow on the hills."},
    ]
    lines_of(tmp_path, [write(tmp_path / "in.jsonl", articles)])
    assert seen == [("Rain in the north", "", 86400.0), ("", "Snow on the hills.", None)]


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 3, 4096])
def test_the_block_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    inputs = [ROOT / name for name in NEWS]
    monkeypatch.setattr("dedup.relating._BLOCK", block)
    one = lines_of(tmp_path, inputs, threads=1)
    monkeypatch.undo()
    assert one == lines_of(tmp_path, inputs, threads=3)


@pytest.mark.slow
def test_stories_change_nothing_else(tmp_path: Path) -> None:
    inputs = [ROOT / name for name in NEWS]
    plain = dedup.deduplicate_files(inputs, tmp_path / "plain", clusters=tmp_path / "plain.clusters")
    told = dedup.deduplicate_files(
        inputs, tmp_path / "told", clusters=tmp_path / "told.clusters", stories=tmp_path / "stories"
    )
    for name in ("", ".clusters"):
        assert (tmp_path / f"plain{name}").read_bytes() == (tmp_path / f"told{name}").read_bytes()
    assert plain.counts == told.counts
    assert plain.stories is None
    assert told.stories == dedup.list_stories(inputs, tmp_path / "alone").counts
    assert told.largest
    assert "stories" not in plain.as_dict()
    json.dumps(told.as_dict())


def test_a_granularity_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="incident, event, topic"):
        lines_of(tmp_path, [ROOT / NEWS[0]], granularity="week")
    assert list(tmp_path.iterdir()) == []
