"""Headlines of a dump, in memory and in files, and ``dedup headlines``."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article
from dedup.errors import ParameterError, ReadError
from dedup.headline import Appearance, RepeatedHeadline
from dedup.match.context import Context
from dedup.match.titles import title_match
from tests.shell import Shell, golden, write

if TYPE_CHECKING:
    from pathlib import Path

OUTLETS = "fixtures/titles/outlets.jsonl"
TOWNS = ("Lockport", "Ashby", "Penny Lock", "Stow", "Harrow Weir", "Old Ferry")


def ids(report: dedup.HeadlineReport) -> list[list[str]]:
    return [[article.id for article in one.articles] for one in report.headlines]


def titled(*titles: str | None, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": f"{n}", "title": title, "text": f"text {n}", **fields} for n, title in enumerate(titles)]


# What is found


def test_each_headline_with_its_articles() -> None:
    report = dedup.repeated_headlines(
        [
            {"id": "a", "title": "Storm hits the north | Reuters", "url": "https://a.example/1", "date": "2026-03-02"},
            {"id": "b", "title": "STORM HITS THE NORTH", "source": "The B", "date": "2026-03-01"},
            {"id": "c", "title": "Storm hits the far north"},
            {"id": "d", "title": "Calm seas"},
            {"id": "e", "text": "No title at all."},
        ]
    )  # fmt: skip
    (found,) = report.headlines
    assert (found.headline, found.kind, found.score, found.clusters) == (
        "Storm hits the north",
        "near",
        0.8,
        None,
    )
    assert [(one.id, one.kind, one.score, one.host, one.source) for one in found.articles] == [
        ("b", "same", 1.0, "The B", "The B"),
        ("a", "same", 1.0, "a.example", None),
        ("c", "near", 0.8, None, None),
    ]
    assert [one.title for one in found.articles][1] == "Storm hits the north | Reuters"
    assert [one.place for one in found.articles] == [None] * 3
    counts = report.counts
    assert (counts.read, counts.untitled, counts.wordings, counts.repeated, counts.articles) == (
        5,
        1,
        3,
        1,
        3,
    )


@pytest.mark.parametrize(
    "title", ["Drought", "Port Ansel", "2026", "旱災", "雨", "น้ำท่วม", "Засуха", "جفاف", "7:1"]
)
def test_short_headlines_in_every_script(title: str) -> None:
    assert ids(dedup.repeated_headlines(titled(title, f"{title} - BBC News", title + " ?", None))) == [
        ["0", "1", "2"]
    ]
    assert (
        ids(dedup.repeated_headlines(titled(title, "Something else", f"{title[:1]} quite other", "…", "…")))
        == []
    )


def test_same_only_and_how_many() -> None:
    articles = titled(
        "Storm hits the north", "Storm hits the far north", "Storm hits the north", "Snow", "Snow", "Snow"
    )
    assert ids(dedup.repeated_headlines(articles)) == [["0", "1", "2"], ["3", "4", "5"]]
    assert ids(dedup.repeated_headlines(articles, likeness="same")) == [["3", "4", "5"], ["0", "2"]]
    assert ids(dedup.repeated_headlines(articles, likeness="same", min_articles=3)) == [["3", "4", "5"]]
    assert len(dedup.repeated_headlines(titled("Snow", "Rain"), min_articles=1).headlines) == 2


def test_across_sources() -> None:
    one, two = titled("Snow", "Snow", source="a"), titled("Rain", source="a") + titled("Rain", source="b")
    assert len(dedup.repeated_headlines(one + two).headlines) == 2
    (found,) = dedup.repeated_headlines(one + two, across_sources=True).headlines
    assert found.headline == "Rain"
    assert dedup.repeated_headlines(titled("Snow", "Snow"), across_sources=True).headlines == ()


def test_it_says_whether_the_texts_are_copies() -> None:
    text = " ".join(f"w{place}" for place in range(60))
    articles = [
        {"id": "a", "title": "Snow", "text": text},
        {"id": "b", "title": "Snow", "text": f"{text} end"},
        {"id": "c", "title": "Snow", "text": "Quite another text."},
    ]
    (found,) = dedup.repeated_headlines(articles, clusters=True).headlines
    assert [(one.id, one.cluster) for one in found.articles] == [("a", "b"), ("b", "b"), ("c", "c")]
    assert found.clusters == 2
    assert dedup.repeated_headlines(articles).headlines[0].clusters is None


def test_what_a_host_prints_is_learnt_or_given() -> None:
    titles = [f"Bridge in {town} closed - Hill and dale" for town in TOWNS]
    articles = titled(*titles, url="https://valley.example/1") + titled("Bridge in Stow closed")
    articles = [{**article, "id": f"{n}"} for n, article in enumerate(articles)]
    assert ids(dedup.repeated_headlines(articles)) == [["3", "6"]]
    assert ids(dedup.repeated_headlines(articles, context=Context())) == [
        ["0", "1", "3"]
    ]  # by what the host prints
    result = dedup.deduplicate(articles, by="title")
    assert [match.id for match in result.duplicates] in (["3"], ["6"])
    learnt = Context(result.boilerplate, result.affixes)
    few = [articles[3], articles[6]]
    assert ids(dedup.repeated_headlines(few)) == []
    assert ids(dedup.repeated_headlines(few, context=learnt)) == [["3", "6"]]
    assert dedup.deduplicate(few, by="title", context=learnt).counts.kept == 1
    assert dedup.deduplicate(few, by="title").counts.kept == 2
    assert dedup.compare(*few).title_match is None
    match = dedup.compare(*few, context=learnt).title_match
    assert match is not None
    assert match.kind == "same"


records = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(
                ["Storm hits the north", "Storm hits the far north", "storm hits north, the", "Storm - BBC News", "Storm", "霧", ""]
            ),
            "date": st.sampled_from(["2026-03-01", "2026-03-02", None]),
            "source": st.sampled_from(["a", "b", None]),
            "text": st.just("x"),
        }
    ),
    max_size=14,
)  # fmt: skip


@given(records, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(taken: list[dict[str, Any]], chance: Any) -> None:
    taken = [{**record, "id": f"{n}"} for n, record in enumerate(taken)]
    shuffled = taken[:]
    chance.shuffle(shuffled)
    found = dedup.repeated_headlines(taken, threads=1)
    assert dedup.repeated_headlines(shuffled, threads=2).headlines == found.headlines
    by_id = {record["id"]: Article.from_any(record) for record in taken}
    for one in found.headlines:
        leading = next(article for article in one.articles if article.kind == "same")
        for article in one.articles:
            assert title_match(by_id[leading.id], by_id[article.id]) is not None


# Files


def test_files_give_the_same(tmp_path: Path) -> None:
    with open(OUTLETS, encoding="utf-8") as lines:  # noqa: PTH123 - a relative name
        taken = [json.loads(line) for line in lines]
    in_memory = dedup.repeated_headlines(taken, clusters=True)
    output = tmp_path / "headlines.jsonl.gz"
    report = dedup.list_headlines([OUTLETS], output, clusters=True)
    assert ids(report) == ids(in_memory)
    assert report.counts == in_memory.counts
    place = report.headlines[0].articles[1].place
    assert place is not None
    assert (place.input, taken[place.record - 1]["id"]) == (OUTLETS, report.headlines[0].articles[1].id)
    with gzip.open(output, "rt", encoding="utf-8") as stream:
        assert [json.loads(line) for line in stream] == [one.as_dict() for one in report.headlines]


def test_articles_without_an_id_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "x", *({"title": "Snow", "text": f"t{n}"} for n in range(3)))
    (found,) = ids(dedup.list_headlines([path]))
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"likeness": "far"}, "likeness is 'far'; it is one of near, same"),
        ({"min_articles": 0}, "min_articles is 0"),
        ({"walk": 0}, "walk is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"context": "x"}, "context is 'x'"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        dedup.repeated_headlines([], **asked)
    with pytest.raises(ParameterError, match=message):
        dedup.list_headlines([OUTLETS], **asked)


def test_nothing_and_damage(tmp_path: Path) -> None:
    assert dedup.repeated_headlines([]).headlines == ()
    path = tmp_path / "x"
    path.write_text('{"title": "Snow"}\nbroken\n{"title": "snow"}\n')
    with pytest.raises(ReadError, match="no JSON"):
        dedup.list_headlines([path], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    report = dedup.list_headlines([path], on_error="skip")
    assert (report.counts.damaged, len(report.damaged), len(report.headlines)) == (1, 1, 1)


def test_a_headline_speaks_for_its_articles() -> None:
    same, near = (
        Appearance("a", "A", "same", 1.0, cluster="a"),
        Appearance("b", "B", "near", 0.8, cluster="a"),
    )
    found = RepeatedHeadline("A", (same, near))
    assert (found.kind, found.score, found.clusters) == ("near", 0.8, 1)
    assert found.as_dict()["articles"][1] == {
        "id": "b", "title": "B", "kind": "near", "score": 0.8, "source": None, "host": None, "date": None,
        "input": None, "record": None, "cluster": "a",
    }  # fmt: skip


# The command


def test_the_list(shell: Shell) -> None:
    answer = shell("headlines", OUTLETS, "--clusters")
    assert answer.status == 0
    assert answer.out == golden("headlines.txt")
    assert re.sub(r"(?m)^seconds +[\d.]+$", "seconds", answer.err) == golden("headlines.err")


def test_json_goes_to_a_file_or_out(shell: Shell, tmp_path: Path) -> None:
    answer = shell("headlines", OUTLETS, "--json", "--same", "-q")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert (answer.status, answer.err) == (0, "")
    assert [one["count"] for one in told] == sorted((one["count"] for one in told), reverse=True)
    assert {one["kind"] for one in told} == {"same"}
    output = tmp_path / "out.jsonl"
    answer = shell("headlines", OUTLETS, "--same", "-o", output, "--json")
    assert answer.out == ""
    assert [json.loads(line) for line in output.read_text("utf-8").splitlines()] == told
    assert json.loads(answer.err)["counts"]["repeated"] == len(told)


def test_no_title_steers_a_terminal(shell: Shell, tmp_path: Path) -> None:
    evil = "t\x1b[31mred\x07\x9b\u202e snow"
    path = write(tmp_path / "x", *({"id": f"{evil}{n}", "title": evil, "source": evil} for n in range(2)))
    for arguments in ([], ["--clusters"]):
        answer = shell("headlines", path, *arguments)
        assert answer.status == 0
        assert "red" in answer.out
        assert not [char for char in answer.out + answer.err if char != "\n" and not char.isprintable()]
    kept = shell("headlines", path, "--json", "-q").out
    assert "\x1b" not in kept
