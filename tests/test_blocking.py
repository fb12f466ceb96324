"""Who may be a copy of whom: windows, which mean what they mean for an index, and blocks."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, ParameterError, deduplicate, deduplicate_files, deduplicate_into, open_index
from dedup.blocking import WITHINS, Blocking, Blocks, Columns, Walkers, split
from dedup.canonical import KEEPS, Traits
from dedup.index.buckets import group_by_key
from dedup.index.keys import block_keys
from dedup.io.streams import Source
from dedup.match.context import Context
from dedup.match.verification import Verifier
from tests.dumps import dumps, texts
from tests.shell import NEWS, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.blocking import Within
    from dedup.kernels.types import Rows
    from dedup.result import DedupResult
    from tests.shell import Shell

TEXT = " ".join(f"w{place}" for place in range(40))
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def partition(result: DedupResult) -> set[frozenset[str]]:
    return {frozenset(cluster.members) for cluster in result.clusters}


def told(path: Path) -> tuple[set[frozenset[int]], set[int]]:
    """Clusters of a file, and what is kept, by place; an index names its clusters otherwise than a run."""
    clusters: dict[str, set[int]] = {}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for place, line in enumerate(lines):
        clusters.setdefault(line["cluster"], set()).add(place)
    return set(map(frozenset, clusters.values())), {place for place, line in enumerate(lines) if line["kept"]}


def agree(inputs: Sequence[str | Path], window: str, folder: Path) -> set[frozenset[int]]:
    """Clusters of a run with a window, if it is that of an index that begins with it."""
    plain, indexed = folder / "plain", folder / "indexed"
    deduplicate_files(inputs, os.devnull, clusters=plain, window=window)
    deduplicate_into("memory://", inputs, os.devnull, clusters=indexed, window=window)
    assert told(plain) == told(indexed)
    return told(plain)[0]


# Windows


@pytest.mark.slow
def test_the_window_of_a_run_is_that_of_an_index(tmp_path: Path) -> None:
    found = {window: len(agree(NEWS, window, tmp_path)) for window in ("1h", "6h", "1d", "30d")}
    assert found["1h"] > found["6h"] > found["1d"] == found["30d"] == 45


@pytest.mark.slow
@pytest.mark.parametrize("window", ["10d", "90d", "500d"])
def test_so_it_is_of_real_news(shared_dir: Path, tmp_path: Path, window: str) -> None:
    dump = tmp_path / "dump"
    with Source(str(shared_dir / "data" / "bench" / "long.jsonl.zst")).open() as stream:
        dump.write_bytes(b"".join(islice(stream, 3000)))
    assert 2320 < len(agree([dump], window, tmp_path)) < 3000


def _records(articles: Iterable[Article]) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "text": one.text, "date": one.published and one.published.isoformat()}
        for one in articles
    ]


@st.composite
def reprinted(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A dump whose texts are printed again and again, before and after the present, some without a date."""
    records = []
    for number, text in enumerate(draw(st.lists(texts.filter(bool), min_size=1, max_size=3))):
        hours = draw(st.lists(st.none() | st.integers(-60, 60), min_size=1, max_size=8))
        now = datetime.now(UTC)
        for copy, away in enumerate(hours):
            date = None if away is None else (now + timedelta(hours=away, minutes=1)).isoformat()
            records.append({"id": f"{number}-{copy}", "text": text, "date": date})
    return list(draw(st.permutations(records)))


@pytest.mark.slow
@settings(max_examples=60)
@given(dumps().map(_records) | reprinted(), st.sampled_from(["5h", "12h", "1d", "2d", "3d"]))
def test_so_it_is_for_any_dump(records: list[dict[str, Any]], window: str) -> None:
    if any(record["text"] for record in records):
        with tempfile.TemporaryDirectory() as folder:
            agree([write(Path(folder) / "dump", *records)], window, Path(folder))


@pytest.mark.slow
@settings(max_examples=60)
@given(reprinted(), st.integers(1, 40))
def test_whoever_does_not_walk_makes_no_difference(records: list[dict[str, Any]], hours: int) -> None:
    """The same as an index that is told of one article after the other, in the order in which they may lead."""
    result = deduplicate(records, window=timedelta(hours=hours), context=Context())
    order = {
        article.id: place
        for place, article in enumerate(sorted(result.articles, key=lambda one: _order(one, result)))
    }
    clusters: dict[str, set[str]] = {}
    with open_index("memory://", window=timedelta(hours=hours)) as index:
        for record in sorted(records, key=lambda record: order[record["id"]]):
            clusters.setdefault(index.add(record).cluster, set()).add(record["id"])
    assert partition(result) == set(map(frozenset, clusters.values()))


def _order(article: Article, result: DedupResult) -> tuple[Any, ...]:
    """Longest, then earliest text, then any order of the texts; then the earliest article, then its id."""
    same = [other for other in result.articles if other.text == article.text]
    undated = datetime.max.replace(tzinfo=UTC)
    earliest = min(other.published or undated for other in same)
    return (
        -len(article.text.split()),
        earliest,
        article.text,
        article.published or undated,
        article.id,
    )


def test_equal_texts_that_are_far_apart_are_two() -> None:
    articles = [Article(TEXT, f"{day}", published=DAY + timedelta(days=day)) for day in (0, 1, 2, 9, 10, 30)]
    assert partition(deduplicate(articles, window="1d")) == {
        frozenset("012"),
        frozenset(["9", "10"]),
        frozenset(["30"]),
    }
    result = deduplicate(articles, window="1d")
    assert {match.verdict.relation for match in result.duplicates} == {"exact"}
    assert result.counts.exact == 3
    assert len(deduplicate(articles, window="40d").clusters) == len(deduplicate(articles).clusters) == 1


@pytest.mark.parametrize("seconds", [3599, 3600, 3601])
def test_a_window_is_counted_in_seconds(seconds: int) -> None:
    near = TEXT.rsplit(" ", 1)[0]
    for other in (TEXT, near):
        later = DAY + timedelta(seconds=seconds)
        articles = [Article(TEXT, "a", published=DAY), Article(other, "b", published=later)]
        assert len(deduplicate(articles, window="1h").clusters) == (2 if seconds > 3600 else 1)


def test_of_equal_texts_of_one_moment_the_smallest_id_leads() -> None:
    articles = [Article(TEXT, name, published=DAY) for name in "cab"]
    copy = Article(TEXT.rsplit(" ", 1)[0], "d", published=DAY)
    for given_ in (articles, articles[::-1]):
        (match,) = [one for one in deduplicate([*given_, copy], window="1d").duplicates if one.id == "d"]
        assert match.leader == "a"


@pytest.mark.parametrize("keep", KEEPS)
def test_each_cluster_of_a_text_keeps_one(keep: Any) -> None:
    articles = [Article(TEXT, f"{day}", published=DAY + timedelta(days=day)) for day in (0, 1, 9, 10)]
    kept = [article.id for article in deduplicate(articles, window="1d", keep=keep).kept]
    assert kept == (["1", "10"] if keep in {"latest", "last"} else ["0", "9"])


def test_an_undated_article_is_published_now() -> None:
    now = datetime.now(UTC)
    dated = [Article(TEXT, "old", published=DAY - timedelta(days=999)), Article(TEXT, "new", published=now)]
    undated = [Article(TEXT, "undated"), Article(TEXT, "too")]
    result = deduplicate([*dated, *undated], window="1h")
    assert partition(result) == {frozenset(["old"]), frozenset(["new", "undated", "too"])}
    assert result.counts.undated == 2
    assert deduplicate([*dated, *undated]).counts.undated == 0


def test_headlines_have_windows_too() -> None:
    articles = [
        {
            "id": str(day),
            "title": "Bridge closed after a storm",
            "text": f"x{day}",
            "date": f"2026-03-{day:02}",
        }
        for day in (1, 2, 9)
    ]
    found = partition(deduplicate(articles, by="title", window="1d"))
    assert found == {frozenset("12"), frozenset("9")}


def test_of_many_equal_texts_few_walk() -> None:
    seconds = np.arange(5000.0)
    traits = Traits(
        np.zeros(5000, np.int64), seconds, np.zeros(5000, np.int64), [f"{n:04}" for n in range(5000)]
    )
    walkers = Walkers.apart(1, traits, Blocking(window=1000))
    assert walkers.rows.tolist() == [
        0,
        999,
        1000,
        1999,
        2000,
        2999,
        3000,
        3999,
        4000,
        4999,
    ]
    assert walkers.equal.tolist() == list(range(-1, 9))
    assert walkers.followed[[0, 500, 999, 4500]].tolist() == [0, 0, 1, 8]
    undated = Walkers.apart(1, traits._replace(published=np.full(5000, np.nan)), Blocking(window=1000))
    assert undated.rows.tolist() == [0]


# Blocks

languages = st.sampled_from(["en", "en-GB", "EN_us", "de", None])


@st.composite
def in_languages(draw: st.DrawFn) -> list[Article]:
    articles = [
        Article(one.text, one.id, published=one.published, source=one.source, language=draw(languages))
        for one in draw(dumps())
    ]
    text = draw(texts)  # what every block has
    more = draw(st.lists(st.sampled_from(articles), max_size=4)) if articles else []
    return articles + [
        Article(text, f"m{place}", published=one.published, source=one.source, language=one.language)
        for place, one in enumerate(more)
    ]


def value_of(article: Article, name: Within) -> object:
    """By the documentation, in plain Python."""
    if name == "source":
        return article.source and article.source.lower()
    if name == "language":
        return article.language and article.language.replace("_", "-").split("-")[0].lower()
    return article.published and article.published.date()


@given(in_languages(), st.lists(st.sampled_from(WITHINS), min_size=1, max_size=3, unique=True))
def test_blocks_are_runs_of_their_own(articles: list[Article], within: list[Within]) -> None:
    blocks: dict[tuple[object, ...], list[Article]] = {}
    for article in articles:
        blocks.setdefault(tuple(value_of(article, name) for name in within), []).append(article)
    if all(any(place[part] is not None for place in blocks) for part in range(len(within))):
        result = deduplicate(articles, within=within, context=Context(), threads=1)
        alone = [deduplicate(block, context=Context(), threads=1) for block in blocks.values()]
        assert partition(result) == {cluster for one in alone for cluster in partition(one)}
        assert {one.id for one in result.kept} == {one.id for block in alone for one in block.kept}
        assert result.counts.exact == sum(one.counts.exact for one in alone)
        assert result.counts.unblocked == sum(len(block) for place, block in blocks.items() if None in place)


def test_blocks_and_windows_hold_together() -> None:
    articles = [
        Article(TEXT, f"{source}{day}", source=source, published=DAY + timedelta(days=day))
        for source in "ab"
        for day in (0, 1, 5)
    ]
    found = partition(deduplicate(articles, window="1d", within=["source"]))
    assert found == {frozenset(["a0", "a1"]), frozenset(["a5"]), frozenset(["b0", "b1"]), frozenset(["b5"])}


def test_no_pair_of_two_blocks_is_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Near copies, whose texts all differ: rows of the table are those of the articles."""
    words = TEXT.split()
    articles = [
        Article(" ".join([*words[:-1], f"x{number}"]), f"{number}", source="abc"[number % 3])
        for number in range(30)
    ]
    proposed: list[tuple[int, int]] = []
    rank = Verifier.rank

    def listen(self: Verifier, leaders: Rows, members: Rows) -> Rows:
        proposed.extend(zip(leaders.tolist(), members.tolist(), strict=True))
        return rank(self, leaders, members)

    monkeypatch.setattr(Verifier, "rank", listen)
    assert len(deduplicate(articles, within=["source"]).clusters) == 3
    assert proposed
    assert all(leader % 3 == member % 3 for leader, member in proposed)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=20))
def test_a_bucket_is_of_one_block(rows: list[tuple[int, int]]) -> None:
    keys, blocks = np.array(rows, np.uint64).T
    buckets = group_by_key((keys ^ block_keys(blocks.astype(np.int64)))[:, None])
    of_bucket: dict[int, set[tuple[int, int]]] = {}
    for row, pair in enumerate(rows):
        for bucket in buckets.row_buckets[buckets.row_starts[row] : buckets.row_starts[row + 1]].tolist():
            of_bucket.setdefault(bucket, set()).add(pair)
    assert all(len(pairs) == 1 for pairs in of_bucket.values())
    assert len(of_bucket) == sum(rows.count(pair) > 1 for pair in set(rows))


def test_keys_of_blocks_differ() -> None:
    assert len(np.unique(block_keys(np.arange(100_000)))) == 100_000


def test_texts_are_parted() -> None:
    groups = np.array([0, 0, 0, 3, 0])
    assert split(groups, None) is groups
    assert split(groups, Blocks(np.array([2, 0, 2, 2, 0]), 0)).tolist() == [0, 1, 0, 3, 1]
    assert split(groups[:0], Blocks(groups[:0], 0)).tolist() == []


def test_what_a_block_is_told_by() -> None:
    columns = Columns(
        ["Herald ", "", None, None],
        ["a.example", "www.B.example", "b.example", None],
        ["en", "EN-us", " pt_BR", ""],
        np.array([0.0, 86399.0, -1.0, np.nan]),
    )
    of = [Blocking(within=(name,)).places(columns) for name in WITHINS]
    assert of == [
        [("herald",), ("b.example",), ("b.example",), (None,)],
        [("en",), ("en",), ("pt",), (None,)],
        [(0.0,), (0.0,), (-1.0,), (None,)],
    ]
    blocks = Blocking(within=("language", "day")).blocks(columns)
    assert blocks is not None
    assert (blocks.numbers.tolist(), blocks.unknown) == ([0, 0, 1, 2], 1)


@pytest.mark.parametrize("name", WITHINS)
def test_what_no_article_has_tells_no_block(name: Within) -> None:
    for window in (None, "1d"):
        with pytest.raises(
            ParameterError, match=rf"within is {name}, and no article has the field \w+; .*--field"
        ):
            deduplicate([TEXT, TEXT], within=[name], window=window)
    assert deduplicate([], within=[name]).counts.read == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"within": ["hour"]}, "source, language, day"),
        ({"within": "day"}, "within is one str"),
        ({"window": "soon"}, "no length of time"),
        ({"window": 0}, "at least a second"),
    ],
)
def test_what_is_no_block_and_no_window_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        deduplicate([TEXT], **asked)


def test_the_command_says_what_lacks_a_block(shell: Shell, tmp_path: Path) -> None:
    records = [
        {"id": str(n), "text": TEXT, "lang": lang} for n, lang in enumerate(["en", "de", "en-GB", None])
    ]
    dump = write(tmp_path / "dump", *records)
    status, _, err = shell("run", dump, "-o", tmp_path / "kept", "--within", "language")
    assert status == 0
    assert "note: 1 articles lack what --within goes by" in err
    assert (tmp_path / "kept").read_text().count("\n") == 3
    status, _, err = shell("run", dump, "-o", tmp_path / "no", "--within", "language", "--within", "day")
    assert (status, (tmp_path / "no").exists()) == (2, False)
    assert "no article has the field published; say what it is called (--field published=NAME)" in err
    _, _, err = shell("run", dump, "-o", os.devnull, "--window", "1d")
    assert "note: 4 articles have no date; for --window they count as published now" in err


def test_passages_and_stories_bear_equal_texts_in_two_clusters(tmp_path: Path) -> None:
    text = " ".join(f"Word{place} came along." for place in range(40))
    records = [
        {"id": f"{d}", "title": "A title", "text": text, "date": f"2026-03-{d:02}"} for d in (1, 2, 20)
    ]
    passages, stories = tmp_path / "passages", tmp_path / "stories"
    deduplicate_files(
        [write(tmp_path / "dump", *records)], os.devnull, window="2d", passages=passages, stories=stories
    )
    shared = [json.loads(line) for line in passages.read_text().splitlines()]
    assert [[one["id"] for one in line["articles"]] for line in shared] == [["1", "2", "20"]]
    assert len(stories.read_text().splitlines()) == 3
