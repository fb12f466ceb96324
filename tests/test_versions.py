"""Versions of pages: which is kept, and what is said of the others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import canonical_url, compare, deduplicate, deduplicate_files
from dedup.errors import ParameterError
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from dedup.result import DedupResult
    from tests.shell import Shell

_DAY = datetime(2026, 3, 1, tzinfo=UTC)


def news(name: str, length: int = 60) -> str:
    return " ".join(f"{name}{place}" for place in range(length))


def article(name: str, url: str | None, text: str, day: int | None = None) -> dict[str, Any]:
    date = None if day is None else (_DAY + timedelta(days=day)).isoformat()
    return {"id": name, "url": url, "text": text, "date": date}


def told(result: DedupResult) -> dict[str, tuple[str, str, bool]]:
    return {
        match.id: (match.duplicate_of, match.verdict.relation, match.verdict.version)
        for match in result.duplicates
    }


def kept(result: DedupResult) -> list[str | None]:
    return [one.id for one in result.kept]


URL, SAME = "https://www.mail.example/pool-7?utm_source=rss", "http://m.mail.example/pool-7/amp"

# The flag


def test_a_page_with_another_text_is_a_version() -> None:
    one, other = {"url": URL, "text": news("a")}, {"url": SAME, "text": news("b")}
    assert compare(one, other).version
    assert compare(one, other).relation == "unrelated"
    assert not compare(one, {"url": "https://mail.example/pool-8", "text": news("b")}).version
    assert not compare(one, {"url": SAME, "text": news("a").upper()}).version
    assert not compare(one, {"text": news("b")}).version
    assert not compare({"text": news("a")}, {"text": news("b")}).version
    assert not compare({"url": URL, "text": "!"}, {"url": URL, "text": "?"}).version
    assert compare({"url": "urn:1", "text": "a b"}, {"url": "urn:1", "text": "a c"}).version


def test_the_command_says_so(shell: Shell, tmp_path: Path) -> None:
    for name, url, text in (("a", URL, news("a")), ("b", SAME, news("b"))):
        (tmp_path / f"{name}.json").write_text(json.dumps({"url": url, "text": text}))
    answer = shell("compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert "version     of one page, by its URL" in answer.out
    assert json.loads(shell("compare", "--json", str(tmp_path / "a.json"), str(tmp_path / "b.json")).out)[
        "version"
    ]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(
        json.dumps({"id": 1, "a": "one two", "b": "one three", "a_url": URL, "b_url": SAME}) + "\n"
    )
    assert json.loads(shell("compare", "--pairs", str(pairs)).out)["version"]
    pairs.write_text(json.dumps({"id": 1, "a": "one two", "b": "one three", "a_url": 7}) + "\n")
    assert "'a_url' is int" in shell("compare", "--pairs", str(pairs)).err


def test_a_dropped_article_may_be_a_version() -> None:
    text = news("a")
    result = deduplicate(
        [
            article("kept", URL, f"{text} more"),
            article("edited", SAME, text),
            article("same", SAME, f"{text} MORE"),
            article("elsewhere", "https://b.example/1", text),
        ]
    )
    assert told(result) == {
        "edited": ("kept", "near", True),
        "same": ("kept", "exact", False),
        "elsewhere": ("kept", "near", False),
    }
    assert result.counts.versions == 0


# Which are kept


def test_all_are_kept_unless_asked() -> None:
    result = deduplicate([article("a", URL, news("a"), 1), article("b", SAME, news("b"), 2)])
    assert kept(result) == ["a", "b"]


@pytest.mark.parametrize(("versions", "winner"), [("latest", "c"), ("first", "b")])
def test_by_date(versions: Any, winner: str) -> None:
    items = [
        article("a", URL, news("a"), 2), article("b", SAME, news("b"), 1), article("c", URL, news("c"), 3), article("d", SAME, news("d")),
        article("e", "https://b.example/1", news("e"), 9), article("f", None, news("f"), 9), article("g", None, news("g"), 9),
    ]  # fmt: skip
    result = deduplicate(items, versions=versions)
    assert kept(result) == [winner, "e", "f", "g"]
    assert told(result) == {name: (winner, "unrelated", True) for name in "abcd" if name != winner}
    counts = result.counts
    assert (counts.read, counts.kept, counts.exact, counts.near, counts.versions) == (7, 4, 0, 0, 3)
    assert [cluster.members for cluster in result.clusters] == [(name,) for name in "abcdefg"]


@pytest.mark.parametrize(("versions", "winner"), [("latest", "c"), ("first", "a")])
def test_undated_ones_by_their_place(versions: Any, winner: str) -> None:
    items = [article(name, URL, news(name)) for name in "abc"]
    assert kept(deduplicate(items, versions=versions)) == [winner]


def test_what_is_kept_of_a_cluster_is_a_version_that_was_chosen() -> None:
    """The longest of a cluster is an old version: the copy elsewhere is kept of it, and the old one goes with its page."""
    old = news("a")
    result = deduplicate(
        [
            article("old", URL, f"{old} more words", 1),
            article("copy", "https://b.example/1", old, 1),
            article("new", SAME, news("b"), 2),
        ],
        versions="latest",
    )
    assert kept(result) == ["copy", "new"]
    assert told(result) == {"old": ("new", "unrelated", True)}
    assert [(cluster.id, cluster.members) for cluster in result.clusters] == [
        ("copy", ("old", "copy")),
        ("new", ("new",)),
    ]
    assert [(match.leader, match.leader_verdict.relation) for match in result.duplicates] == [
        ("old", "exact")
    ]


def test_the_version_that_was_chosen_may_be_a_copy_itself() -> None:
    new = news("b")
    result = deduplicate(
        [
            article("old", URL, news("a"), 1),
            article("new", SAME, new, 2),
            article("longer", "https://b.example/1", f"{new} more", 3),
        ],
        versions="latest",
    )
    assert kept(result) == ["longer"]
    assert told(result) == {"old": ("longer", "unrelated", True), "new": ("longer", "near", False)}
    assert (result.counts.near, result.counts.versions) == (1, 1)


def test_a_cluster_of_old_versions_keeps_nothing() -> None:
    old = news("a")
    result = deduplicate(
        [
            article("old", URL, f"{old} more", 1),
            article("other", "https://b.example/1", old, 1),
            article("new", SAME, news("b"), 2),
            article("newer", "http://b.example/1/", news("c"), 2),
        ],
        versions="latest",
    )
    assert kept(result) == ["new", "newer"]
    assert told(result) == {"old": ("new", "unrelated", True), "other": ("newer", "unrelated", True)}
    assert next((cluster.id, cluster.members) for cluster in result.clusters) == ("old", ("old", "other"))


def test_an_equal_text_of_the_page_is_an_exact_copy() -> None:
    items = [article("a", URL, news("a"), 1), article("b", SAME, news("a"), 2)]
    result = deduplicate(items, versions="latest")
    assert kept(result) == ["b"]
    assert told(result) == {"a": ("b", "exact", False)}
    assert (result.counts.exact, result.counts.versions) == (1, 0)


def test_a_window_is_of_copies_only() -> None:
    items = [article("a", URL, news("a"), 1), article("b", SAME, news("a"), 300)]
    assert kept(deduplicate(items, window="30d")) == ["a", "b"]
    result = deduplicate(items, window="30d", versions="latest")
    assert told(result) == {"a": ("b", "exact", False)}
    assert result.counts.versions == 1


def test_without_ids() -> None:
    result = deduplicate(
        [{"url": URL, "text": news("a")}, {"url": SAME, "text": news("b")}], versions="latest"
    )
    name = canonical_url(URL)
    assert told(result) == {name: (f"{name}#2", "unrelated", True)}
    assert result.counts.repeated_ids == 1
    assert result.articles[0].url == URL


def test_only_these_rules() -> None:
    with pytest.raises(ParameterError, match="versions is 'newest'; it is one of all, latest, first"):
        deduplicate([], versions="newest")  # type: ignore[arg-type]


# Laws

_ITEMS = st.lists(
    st.tuples(st.sampled_from([None, "https://a.example/1", "http://www.a.example/1/", "https://b.example/2", "urn:3"]),
              st.sampled_from("abcd"), st.sampled_from([0, 0, 3, 30]), st.sampled_from([None, 1, 1, 2, 3])),
    max_size=9,
)  # fmt: skip


def made(items: list[tuple[str | None, str, int, int | None]]) -> list[dict[str, Any]]:
    return [
        article(f"n{place}", url, f"{news(name)} {news('x', more)}", day)
        for place, (url, name, more, day) in enumerate(items)
    ]


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(_ITEMS, st.sampled_from(["latest", "first"]))
def test_each_page_keeps_one_and_nothing_is_lost(items: list[Any], versions: Any) -> None:
    articles = made(items)
    plain, result = deduplicate(articles, threads=1), deduplicate(articles, versions=versions, threads=1)
    assert {frozenset(cluster.members) for cluster in plain.clusters} == {
        frozenset(cluster.members) for cluster in result.clusters
    }
    left, dropped = {one.id for one in result.kept}, {match.id: match for match in result.duplicates}
    assert left | dropped.keys() == {one["id"] for one in articles}
    assert not left & dropped.keys()
    counts = result.counts
    assert counts.read == counts.kept + counts.exact + counts.near + counts.versions == len(items)
    cluster_of = {member: cluster for cluster in result.clusters for member in cluster.members}
    for cluster in result.clusters:
        assert len(left.intersection(cluster.members)) <= 1
        assert left.intersection(cluster.members) in (set(), {cluster.id})
    for name, page in pages(articles).items():
        chosen = naive_choice(page, versions)
        stands = cluster_of[chosen].id
        assert stands in left
        for one in page:
            if one["id"] != stands:
                match = dropped[one["id"]]
                assert match.duplicate_of == stands, name
                same = (
                    compare(
                        *({"text": text} for text in (one["text"], by_id(articles, chosen)["text"]))
                    ).relation
                    == "exact"
                )
                assert match.verdict.version != same or one["id"] == chosen


@settings(max_examples=60, deadline=None)
@given(_ITEMS, st.sampled_from(["latest", "first"]), st.randoms())
def test_the_order_of_the_input_says_nothing_where_dates_tell(
    items: list[Any], versions: Any, chance: random.Random
) -> None:
    articles = [one for one in made(items) if one["date"]]
    shuffled = list(articles)
    chance.shuffle(shuffled)
    one, other = (deduplicate(some, versions=versions, threads=1) for some in (articles, shuffled))
    assert told(one) == told(other)
    assert set(kept(one)) == set(kept(other))


def pages(articles: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in articles:
        if one["url"]:
            found.setdefault(canonical_url(one["url"]) or one["url"], []).append(one)
    return found


def naive_choice(page: list[dict[str, Any]], versions: str) -> str:
    """Version that is chosen: by date, or by place; then the smaller hash of the text, then the smaller id."""
    sign = -1 if versions == "latest" else 1

    def merit(place: int) -> tuple[bool, float, int, str]:
        one = page[place]
        moment = place if one["date"] is None else datetime.fromisoformat(one["date"]).timestamp()
        return one["date"] is None, sign * moment, shingle_text(one["text"]).text_hash, one["id"]

    return str(page[min(range(len(page)), key=merit)]["id"])


def by_id(articles: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in articles if one["id"] == name)


# Files, and the command


def dump(tmp_path: Path) -> Path:
    records = [
        article("old", URL, news("a"), 1), article("new", SAME, news("b"), 2), article("other", "https://b.example/1", news("a"), 3),
        article("mid", URL, news("b") + " more words", 1),
    ]  # fmt: skip
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_the_command_is_the_library(shell: Shell, tmp_path: Path) -> None:
    path, lines = dump(tmp_path), tmp_path / "clusters.jsonl"
    answer = shell(
        "run", str(path), "-o", str(tmp_path / "kept.jsonl"), "--clusters", str(lines), "--versions", "latest"
    )
    assert answer.status == 0, answer.err
    assert "versions           1\n" in answer.err
    found = {line["id"]: line for line in map(json.loads, lines.read_text().splitlines())}
    result = deduplicate(map(json.loads, path.read_text().splitlines()), versions="latest")
    assert {name for name, line in found.items() if line["kept"]} == set(kept(result)) == {"new", "other"}
    assert told(result) == {
        name: (line["duplicate_of"], line["relation"], line["version"])
        for name, line in found.items()
        if not line["kept"]
    }
    assert (found["old"]["cluster"], found["old"]["duplicate_of"], found["old"]["leader"]) == (
        "other",
        "new",
        None,
    )
    assert (found["mid"]["cluster"], found["mid"]["duplicate_of"], found["mid"]["version"]) == (
        "new",
        "new",
        True,
    )
    again = tmp_path / "again.jsonl"
    summary = deduplicate_files([path], tmp_path / "k.jsonl", clusters=again, versions="latest")
    assert again.read_bytes() == lines.read_bytes()
    assert summary.counts == result.counts
    assert (tmp_path / "kept.jsonl").read_bytes() == b"".join(
        path.read_bytes().splitlines(keepends=True)[1:3]
    )


def test_marks_and_stories_of_versions(tmp_path: Path) -> None:
    marked, stories = tmp_path / "marked.jsonl", tmp_path / "stories.jsonl"
    deduplicate_files([dump(tmp_path)], marked, mark=True, stories=stories, versions="latest")
    old = json.loads(marked.read_text().splitlines()[0])
    assert (old["dedup_kept"], old["dedup_cluster"], old["dedup_duplicate_of"], old["dedup_version"]) == (
        False,
        "other",
        "new",
        True,
    )
    told_of = {line["id"]: line for line in map(json.loads, stories.read_text().splitlines())}
    assert told_of["old"]["cluster"] == "other"
    assert told_of["old"]["story"] == told_of["other"]["story"]


def test_an_index_keeps_all(shell: Shell, tmp_path: Path) -> None:
    options = ("-o", str(tmp_path / "k.jsonl"), "--index", str(tmp_path / "i"), "--versions")
    answer = shell("run", str(dump(tmp_path)), *options, "latest")
    assert (answer.status, "--versions can only be all with --index" in answer.err) == (2, True)
    assert shell("run", str(dump(tmp_path)), *options, "all").status == 0


def test_only_the_kept_are_asked_for_no_page(tmp_path: Path) -> None:
    """Without an output that tells of versions, no URL is looked at; the kept records are the same."""
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    deduplicate_files([dump(tmp_path)], one)
    deduplicate_files([dump(tmp_path)], other, clusters=tmp_path / "c.jsonl")
    assert one.read_bytes() == other.read_bytes()
    assert len(one.read_text().splitlines()) == 2
