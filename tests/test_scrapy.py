from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

import dedup
from benchmarks.crawl import Story, StoryItem, crawl_apart, demonstrate, serve, site_of
from dedup.errors import MissingExtraError, ParameterError, StorageError
from dedup.scrapy import Addon, DedupPipeline, NearDuplicate

if TYPE_CHECKING:
    from pathlib import Path

FERRY = (
    "The night ferry to Sandholm will stop running in October because its hull needs repairs that the company"
    " cannot pay for, the harbour board said on Friday.\n\nAbout ninety islanders take it home from work every"
    " week. The board offered a bus over the causeway instead, which is under water at high tide on most winter"
    " evenings.\n\n“We were told in a letter that the sea would have to wait for us,” said Ilse Brandt, who bakes"
    " for three hotels on the mainland."
)
TOWER = (
    "A water tower in Kestrel Hill that stood empty for thirty years has been sold to a choir for one crown, on"
    " condition that it sings there twice a year.\n\nThe echo lasts eleven seconds, the conductor Pavel Oram found"
    " when he tried it with a trumpet. Builders will put in a floor and forty chairs, and leave the rest as it is."
    "\n\nNeighbours asked for one thing only: no rehearsals before noon on Sundays."
)
BEES = (
    "Beekeepers in the Lenn valley have lost two thirds of their hives since spring, and a laboratory in Torvik"
    " blames a mite that came with queens bought abroad.\n\nThe valley's orchards need about four thousand hives in"
    " blossom time. Growers are now asking the army for lorries to bring some over the pass.\n\nThe ministry of"
    " farming called the losses grave, and promised a fund by the end of June."
)
CHESS = (
    "Fourteen-year-old Noor Halvorsen won the open chess championship of the northern counties on Saturday, a"
    " tournament that she had entered because her brother fell ill.\n\nShe drew the last game with black against a"
    " grandmaster who had not lost there in nine years. The cup was too tall for the bus, and stayed at the club."
)
SHORT = "Road closed at Elm Bridge."


def story(name: str, title: str, text: str | None, outlet: str, **more: str) -> dict[str, str | None]:
    return {"url": f"https://{outlet}.example/{name}", "title": title, "text": text, **more}


#: In the order in which they are met; the stories that come first are those that are kept.
DISPATCH: list[dict[str, str | None]] = [
    story("ferry", "No ferry at night", FERRY, "dispatch", date="2026-03-02T06:00:00Z"),
    story("tower", "Choir buys tower", TOWER, "dispatch"),
    story("ferry-copy", "Sandholm loses its ferry", FERRY.upper(), "herald"),
    story(
        "tower-edited", "Tower for a choir", "KESTREL HILL - " + TOWER.replace("eleven", "twelve"), "herald"
    ),
    story("bees", "Hives lost", BEES, "dispatch"),
    story("ferry", "No ferry at night", FERRY, "dispatch"),
    story("bees", "Hives lost", BEES + "\n\nThe fund will hold two million crowns.", "dispatch"),
    story("road", "Closed", SHORT, "dispatch"),
    story("road-copy", "Closed", SHORT, "herald"),
    {"url": "https://dispatch.example/gallery"},
]
#: Two outlets that print much of the same, some of it under one URL.
OUTLETS = {
    "dispatch": [
        story("ferry", "No ferry at night", FERRY, "agency"),
        story("tower", "Choir buys tower", TOWER, "dispatch"),
        story("bees", "Hives lost", BEES, "dispatch"),
        story("chess", "Noor wins", CHESS, "agency"),
    ],
    "herald": [
        story("chess", "Noor wins", CHESS, "agency"),
        story("bees", "Lenn valley without bees", "TORVIK - " + BEES, "herald"),
        story("tower", "A tower that sings", TOWER, "herald"),
        story("ferry", "No ferry at night", FERRY, "agency"),
    ],
}


# Crawls


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Reports of all crawls, by name; the first two share an index, and run in processes of their own."""
    folder = tmp_path_factory.mktemp("crawls")
    (folder / "file").write_text("not an index")
    with dedup.open_index(folder / "stricter.dedup", threshold=0.7) as index:
        index.add("Rain is expected in the north.")
    memory = {"DEDUP_INDEX": "memory://", "CONCURRENT_REQUESTS": 1}
    settings: dict[str, dict[str, Any]] = {
        "drop": {**memory, "DEDUP_LEAST_WORDS": 8},
        "mark": {**memory, "DEDUP_ACTION": "mark"},
        "unmarkable": {**memory, "DEDUP_ACTION": "mark"},
        "by hand": {**memory, "ADDONS": {}, "ITEM_PIPELINES": {"dedup.scrapy.DedupPipeline": 1}},
        "off": {"DEDUP_ENABLED": False},
        "down": {"DEDUP_INDEX": str(folder / "file")},
        "no server": {"DEDUP_INDEX": "redis://:secret@127.0.0.1:1/0?prefix=news"},
        "stricter": {"DEDUP_INDEX": str(folder / "stricter.dedup"), "DEDUP_THRESHOLD": "0.5"},
        "action": {**memory, "DEDUP_ACTION": "delete"},
    }
    items = {"mark": "item", "unmarkable": "dataclass"}
    pages = site_of("all", DISPATCH)
    for name, articles in OUTLETS.items():
        pages |= site_of(name, articles)
    with serve(pages) as url:
        shared = {"DEDUP_INDEX": str(folder / "news.dedup")}
        jobs: list[dict[str, Any]] = [
            {name: {"front": f"{url}/{name}/", "settings": shared}} for name in OUTLETS
        ]
        jobs.append(
            {
                name: {"front": f"{url}/all/", "settings": given, "item": items.get(name, "dict")}
                for name, given in settings.items()
            }
        )
        ended = crawl_apart(jobs)
    return {name: {**found, "log": log} for report, log in ended for name, found in report.items()}


def counts_of(stats: dict[str, Any]) -> dict[str, int]:
    return {name[6:]: value for name, value in stats.items() if name.startswith("dedup/")}


def test_a_crawl_drops_what_it_is_expected_to(crawls: dict[str, Any]) -> None:
    found = crawls["drop"]
    kept = {(item["url"].removeprefix("https://"), item.get("text", "")[-9:]) for item in found["kept"]}
    assert kept == {
        ("dispatch.example/ferry", FERRY[-9:]),
        ("dispatch.example/tower", TOWER[-9:]),
        ("dispatch.example/bees", BEES[-9:]),
        ("dispatch.example/bees", "n crowns."),
        ("dispatch.example/road", SHORT[-9:]),
        ("herald.example/road-copy", SHORT[-9:]),
        ("dispatch.example/gallery", ""),
    }
    assert found["dropped"] == {
        "https://herald.example/ferry-copy": "https://herald.example/ferry-copy: exact to"
        " https://dispatch.example/ferry (resemblance 1.0000, containment 1.0000, coverage 1.0000)",
        "https://herald.example/tower-edited": "https://herald.example/tower-edited: near to"
        " https://dispatch.example/tower (resemblance 0.8462, containment 0.9296, coverage 0.9041)",
        "https://dispatch.example/ferry": "https://dispatch.example/ferry: seen before, with the same text",
    }
    assert counts_of(found["stats"]) == {
        "checked": 7,
        "new": 3,
        "duplicate/exact": 1,
        "duplicate/near": 1,
        "repeated": 1,
        "version": 1,
        "skipped_short": 2,
        "no_text": 1,
    }
    assert found["stats"]["item_dropped_reasons_count/NearDuplicate"] == 3
    assert found["stats"]["item_scraped_count"] == 7
    assert "dict: no text and no title; such items are kept. DEDUP_FIELDS" in found["log"]


def test_two_spiders_at_once_keep_each_story_once(crawls: dict[str, Any]) -> None:
    one, other = (crawls[name] for name in OUTLETS)
    kept = Counter(item["text"].split("\n")[-1] for found in (one, other) for item in found["kept"])
    assert kept == Counter({text.split("\n")[-1]: 1 for text in (FERRY, TOWER, BEES, CHESS)})
    assert len(one["dropped"]) + len(other["dropped"]) == 4
    totals = Counter(counts_of(one["stats"])) + Counter(counts_of(other["stats"]))
    assert totals == {"checked": 8, "new": 4, "duplicate/exact": 1, "duplicate/near": 1, "repeated": 2}


def test_marked_items_all_pass_with_their_verdicts(crawls: dict[str, Any]) -> None:
    found = crawls["mark"]
    assert len(found["kept"]) == len(DISPATCH)
    assert not found["dropped"]
    marks = [item["dedup"] for item in found["kept"] if "dedup" in item]
    assert len(marks) == len(DISPATCH) - 1
    assert [mark["is_duplicate"] for mark in marks] == [
        False, False, True, True, False, False, False, False, True,
    ]  # fmt: skip
    assert (marks[3]["relation"], marks[3]["duplicate_of"]) == ("near", "https://dispatch.example/tower")
    assert (marks[5]["repeated"], marks[6]["version"]) == (True, True)
    assert "error" not in counts_of(found["stats"])


def test_items_without_a_place_for_the_mark_pass_and_are_told_once(crawls: dict[str, Any]) -> None:
    found = crawls["unmarkable"]
    assert len(found["kept"]) == len(DISPATCH)
    assert counts_of(found["stats"])["error"] == len(DISPATCH) - 1
    assert found["log"].count("Story takes no field 'dedup'") == 1


def test_the_pipeline_can_be_named_by_hand(crawls: dict[str, Any]) -> None:
    assert counts_of(crawls["by hand"]["stats"])["checked"] == len(DISPATCH) - 1
    assert len(crawls["by hand"]["dropped"]) == 4


def test_switched_off_it_needs_no_settings(crawls: dict[str, Any]) -> None:
    assert len(crawls["off"]["kept"]) == len(DISPATCH)
    assert counts_of(crawls["off"]["stats"]) == {}


def test_an_index_that_is_down_loses_no_item(crawls: dict[str, Any]) -> None:
    found = crawls["down"]
    assert len(found["kept"]) == len(DISPATCH)
    assert counts_of(found["stats"]) == {"error": len(DISPATCH) - 1, "no_text": 1}
    assert found["log"].count("is a file; an index is a directory") == 1
    assert found["stats"]["finish_reason"] == "finished"


def test_a_server_that_is_down_loses_no_item(crawls: dict[str, Any]) -> None:
    found = crawls["no server"]
    assert len(found["kept"]) == len(DISPATCH)
    assert counts_of(found["stats"]) == {"error": len(DISPATCH) - 1, "no_text": 1}
    assert found["log"].count("redis://***@127.0.0.1:1") == 1
    assert "secret" not in found["log"]


def test_wrong_settings_end_the_crawl_at_its_start(crawls: dict[str, Any]) -> None:
    assert crawls["action"]["error"] == "ParameterError: DEDUP_ACTION is 'delete'; it can be drop or mark"
    error = crawls["stricter"]["error"]
    assert error.startswith(
        "ParameterError: the index was set up with threshold=0.7; asked for was threshold=0.5"
    )
    assert crawls["action"]["kept"] == crawls["stricter"]["kept"] == []


def test_the_crawl_of_the_fixtures_is_right(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert demonstrate(str(tmp_path / "news.dedup"))
    shown = capsys.readouterr().out
    assert shown.endswith("45 stories, each kept exactly once: yes\n")
    assert "item_dropped_reasons_count/NearDuplicate = " in shown


# The pipeline by itself


@dataclass(frozen=True)
class Frozen:
    """An item that can't be marked, though it has the field."""

    text: str = FERRY
    dedup: None = None


def pipeline_of(**settings: Any) -> tuple[DedupPipeline, dict[str, Any]]:
    crawler: Any = SimpleNamespace(settings=Settings({"DEDUP_INDEX": "memory://", **settings}))
    crawler.stats = MemoryStatsCollector(crawler)
    return DedupPipeline.from_crawler(crawler), crawler.stats.get_stats()


def run(pipeline: DedupPipeline, *items: Any) -> list[Any]:
    """What becomes of the items: themselves, or why not."""

    async def through() -> list[Any]:
        await pipeline.open_spider()
        ended = [
            (await asyncio.gather(pipeline.process_item(item), return_exceptions=True))[0] for item in items
        ]
        await pipeline.close_spider()
        return ended

    return asyncio.run(through())


@pytest.mark.parametrize(
    "item",
    [
        {"body": FERRY},
        {"text": ["The night ferry", FERRY[16:]], "title": ["Ferry"], "url": [], "date": ("2026-03-01",)},
        StoryItem(text=FERRY),
        Story(text=FERRY),
        SimpleNamespace(plaintext=FERRY, publishing_date=None),
        dedup.Article(FERRY),
    ],
    ids=["dict", "lists", "item", "dataclass", "object", "article"],
)
def test_items_of_any_kind(item: Any) -> None:
    pipeline, stats = pipeline_of()
    first, second = run(pipeline, {"text": FERRY, "id": "first"}, item)
    assert first["id"] == "first"
    assert isinstance(second, NearDuplicate)
    assert (second.verdict.relation, second.verdict.duplicate_of) == ("exact", "first")
    assert second.log_level == "INFO"
    assert counts_of(stats) == {"checked": 2, "new": 1, "duplicate/exact": 1}


@pytest.mark.parametrize(
    "item",
    [{}, {"text": None}, {"text": " ", "title": ""}, {"text": 7}, {"text": [1, 2]}, Story(), object(), "x"],
)
def test_what_has_no_text_passes(item: Any, caplog: pytest.LogCaptureFixture) -> None:
    pipeline, stats = pipeline_of()
    assert run(pipeline, item, item) == [item, item]
    assert counts_of(stats) == {"no_text": 2}
    assert len(caplog.records) <= 1


def test_fields_are_found_where_the_settings_say() -> None:
    for fields in ({"text": "lead", "id": "key"}, json.dumps({"text": "lead", "id": "key"})):
        pipeline, _ = pipeline_of(DEDUP_FIELDS=fields)
        _, second = run(
            pipeline, {"lead": FERRY, "text": "a", "key": 7}, {"lead": FERRY, "text": "b", "key": 8}
        )
        assert (second.verdict.id, second.verdict.duplicate_of) == ("8", "7")


def test_a_title_does_not_stand_in_for_the_text_that_the_settings_name() -> None:
    pipeline, stats = pipeline_of(DEDUP_FIELDS={"text": "lead", "id": "key"})
    items = [{"title": "Rain", "id": "a"}, {"title": "Rain", "lead": None}, {"lead": FERRY, "id": "a"}]
    assert run(pipeline, *items) == items
    assert counts_of(stats) == {"no_text": 2, "checked": 1, "new": 1}


def test_a_window_and_a_threshold() -> None:
    days = [
        {"text": FERRY, "url": f"https://a.example/{day}", "date": f"2026-03-{day}"} for day in (10, 11, 20)
    ]
    pipeline, stats = pipeline_of(DEDUP_WINDOW="3d", DEDUP_THRESHOLD="0.6", DEDUP_RECALL=0.9)
    run(pipeline, *days)
    assert counts_of(stats) == {"checked": 3, "new": 2, "duplicate/exact": 1}


def test_short_texts_are_passed_unasked() -> None:
    pipeline, stats = pipeline_of(DEDUP_LEAST_WORDS="5")
    run(pipeline, {"text": "one two three four"}, {"text": "東京都の"}, {"text": "one two three four five"})
    assert counts_of(stats) == {"skipped_short": 2, "checked": 1, "new": 1}


def test_articles_that_come_again_are_kept_if_asked_for() -> None:
    item = {"text": FERRY, "id": "a"}
    dropped, _ = pipeline_of()
    first, second = run(dropped, item, item)
    assert first is item
    assert str(second) == "a: seen before, with the same text"
    kept, stats = pipeline_of(DEDUP_REPEATED="keep")
    assert run(kept, item, item) == [item, item]
    assert counts_of(stats) == {"checked": 2, "new": 1, "repeated": 1}


def test_marks_are_data() -> None:
    pipeline, _ = pipeline_of(DEDUP_ACTION="mark", DEDUP_MARK_FIELD="seen")
    items = run(pipeline, {"text": FERRY, "id": "a"}, {"text": FERRY, "id": "b"})
    assert json.loads(json.dumps(items[1]))["seen"]["duplicate_of"] == "a"


def test_a_mark_that_an_item_refuses_is_an_error_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    items = [Frozen(), Frozen(), SimpleNamespace(text=BEES)]
    pipeline, stats = pipeline_of(DEDUP_ACTION="mark")
    assert run(pipeline, *items) == items
    assert counts_of(stats)["error"] == 3
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == [
        "Frozen",
        "SimpleNamespace",
    ]


def test_an_index_that_comes_back_is_used_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.holding.FIRST_PAUSE", 0.0)
    caplog.set_level(logging.INFO, "dedup")
    path = tmp_path / "news.dedup"
    path.write_text("a file")
    pipeline, stats = pipeline_of(DEDUP_INDEX=path)
    item = {"text": FERRY, "id": "a"}
    assert run(pipeline, item, item) == [item, item]
    path.unlink()
    assert run(pipeline, item) == [item]
    assert counts_of(stats) == {"error": 2, "checked": 1, "new": 1}
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert caplog.messages[-1] == "the index can be used again; 2 items were kept unasked"


def test_whatever_happens_the_item_is_kept(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    pipeline, stats = pipeline_of()
    monkeypatch.setattr(dedup.ArticleIndex, "add", fail)
    item = {"text": FERRY}
    assert run(pipeline, item, item) == [item, item]
    assert counts_of(stats) == {"error": 2}
    assert [(record.levelname, bool(record.exc_info)) for record in caplog.records] == [("ERROR", True)]


def test_an_index_that_can_not_be_closed_is_told(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("news.dedup", "gone")

    monkeypatch.setattr(dedup.ArticleIndex, "close", fail)
    pipeline, _ = pipeline_of()
    run(pipeline)
    assert caplog.messages == ["news.dedup: gone"]


def test_items_at_once_are_each_asked_about() -> None:
    pipeline, stats = pipeline_of()

    async def at_once() -> list[Any]:
        await pipeline.open_spider()
        items = [{"text": FERRY, "id": str(number)} for number in range(20)]
        ended = await asyncio.gather(*map(pipeline.process_item, items), return_exceptions=True)
        await pipeline.close_spider()
        return ended

    ended = asyncio.run(at_once())
    assert ended[0] == {"text": FERRY, "id": "0"}
    assert all(isinstance(one, NearDuplicate) for one in ended[1:])
    assert counts_of(stats) == {"checked": 20, "new": 1, "duplicate/exact": 19}


# Settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"DEDUP_INDEX": None}, "DEDUP_INDEX is not set; name a directory"),
        ({"DEDUP_ACTION": "Drop"}, "DEDUP_ACTION is 'Drop'; it can be drop or mark"),
        ({"DEDUP_REPEATED": "mark"}, "DEDUP_REPEATED is 'mark'; it can be drop or keep"),
        ({"DEDUP_WINDOW": "a month"}, "DEDUP_WINDOW is 'a month': 'a month' is no length of time"),
        ({"DEDUP_WINDOW": []}, r"DEDUP_WINDOW is \[\]"),
        ({"DEDUP_THRESHOLD": "high"}, "DEDUP_THRESHOLD is 'high': could not convert"),
        ({"DEDUP_LEAST_WORDS": "few"}, "DEDUP_LEAST_WORDS is 'few'"),
        ({"DEDUP_FIELDS": {"txt": "lead"}}, "DEDUP_FIELDS is .*: no field 'txt'; there are id, text"),
        ({"DEDUP_FIELDS": "text=lead"}, "DEDUP_FIELDS is 'text=lead'"),
    ],
)
def test_settings_that_can_not_be_met(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        pipeline_of(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"DEDUP_THRESHOLD": 3}, "threshold"),
        ({"DEDUP_INDEX": "ftp://a.example"}, "no index of the kind ftp://"),
    ],
)
def test_what_the_index_refuses(settings: dict[str, Any], message: str) -> None:
    pipeline, _ = pipeline_of(**settings)
    with pytest.raises(ParameterError, match=message):
        run(pipeline)


def test_without_asyncio_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.scrapy.is_asyncio_available", lambda: False)
    pipeline, _ = pipeline_of()
    with pytest.raises(ParameterError, match="leave TWISTED_REACTOR at its default"):
        run(pipeline)


def test_switched_off_it_is_not_configured() -> None:
    with pytest.raises(NotConfigured):
        pipeline_of(DEDUP_ENABLED="0", DEDUP_INDEX=None)


def test_the_add_on_leaves_a_pipeline_where_it_is() -> None:
    fresh, placed = Settings(), Settings({"ITEM_PIPELINES": {"dedup.scrapy.DedupPipeline": 7}})
    for settings in (fresh, placed):
        Addon().update_settings(settings)
    assert fresh.getdict("ITEM_PIPELINES") == {DedupPipeline: 300}
    assert placed.getdict("ITEM_PIPELINES") == {"dedup.scrapy.DedupPipeline": 7}


def test_without_scrapy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scrapy.exceptions", None)
    monkeypatch.delitem(sys.modules, "dedup.scrapy")
    with pytest.raises(MissingExtraError, match=r"news-dedup\[scrapy\]"):
        __import__("dedup.scrapy")
