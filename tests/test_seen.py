from __future__ import annotations

import asyncio
import json
import math
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup import Article, ParameterError, ReadError, StorageError, open_index
from dedup.index.keys import text_keys
from dedup.index.memory import MemoryIndex
from dedup.io.batches import Batch
from dedup.moments import seconds_of
from dedup.text.shingling import shingle_text
from tests.dumps import dumps
from tests.naive_seen import NaiveSeen, Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dedup import ArticleIndex, Verdict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
STORY = (
    "The council voted on Monday to close the old swimming pool at the end of the season, because the roof "
    "lets the rain in and a new one would cost more than the town takes in fees over twenty years."
)
OTHER = "A ferry ran aground off the northern islands in thick fog early on Sunday; nobody aboard was hurt."


@pytest.fixture
def index() -> Iterator[ArticleIndex]:
    with open_index("memory://", clock=lambda: NOW) as opened:
        yield opened


def article(doc_id: str, text: str = STORY, day: int | None = None, **rest: str) -> dict[str, object]:
    date = None if day is None else (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)).isoformat()
    return {"id": doc_id, "text": text, "date": date, **rest}


def told(verdict: Verdict) -> Told:
    return Told(
        verdict.id, verdict.cluster, verdict.duplicate_of, version=verdict.version, repeated=verdict.repeated
    )


# What is said


def test_a_copy_is_a_duplicate_of_the_article_that_came_first(index: ArticleIndex) -> None:
    assert not index.add(article("a")).is_duplicate
    verdict = index.add(article("b", f"BREAKING: {STORY}"))
    assert (verdict.is_duplicate, verdict.duplicate_of, verdict.relation, verdict.cluster) == (
        True,
        "a",
        "near",
        "a",
    )
    assert verdict.scores == dedup.compare(f"BREAKING: {STORY}", STORY).scores or verdict.continuity is None
    assert index.add(article("c", OTHER)).cluster == "c"
    assert len(index) == 3


def test_duplicates_are_remembered_too(index: ArticleIndex) -> None:
    index.add_many([article("a"), article("b")])
    assert "b" in index
    assert index.get("b") == Article(STORY, "b")


def test_the_same_article_again_is_told_what_it_was_told_first(index: ArticleIndex) -> None:
    first, second = index.add(article("a")), index.add(article("b"))
    again = [index.add(article("a")), index.add(article("b"))]
    assert [told(verdict) for verdict in again] == [
        Told("a", "a", repeated=True),
        Told("b", "a", "a", repeated=True),
    ]
    assert (again[1].relation, again[1].scores) == (second.relation, second.scores)
    assert (len(index), first.repeated) == (2, False)


def test_a_known_id_with_another_text_is_a_version(index: ArticleIndex) -> None:
    index.add(article("a"))
    edited = index.add(article("a", STORY.replace("Monday", "Tuesday")))
    assert told(edited) == Told("a", "a", version=True)
    assert edited.relation == "near"
    other = index.add(article("a", OTHER))
    assert told(other) == Told("a", f"a#{shingle_text(OTHER).text_hash:016x}", version=True)
    assert index.get("a") == Article(OTHER, "a")
    assert index.add(article("b", OTHER)).duplicate_of == "a"
    assert index.remove("a") == 3


def test_an_article_without_id_is_a_new_one_each_time(index: ArticleIndex) -> None:
    first, second = index.add(STORY), index.add(STORY)
    assert (first.is_duplicate, second.is_duplicate, second.duplicate_of) == (False, True, first.id)
    assert first.id != second.id


def test_a_url_serves_as_id(index: ArticleIndex) -> None:
    index.add({"url": "https://post.example/pool", "text": STORY})
    assert index.add({"url": "https://post.example/pool", "text": STORY}).repeated


def test_texts_without_a_word_are_new(index: ArticleIndex) -> None:
    verdicts = index.add_many([article("a", "..."), article("b", "..."), article("c", "!")])
    assert not any(verdict.is_duplicate for verdict in verdicts)
    assert index.add(article("a", "...")).repeated


def test_checking_stores_nothing(index: ArticleIndex) -> None:
    index.add(article("a"))
    assert index.check(article("b")).duplicate_of == "a"
    assert index.check(article("a")).repeated
    assert "b" not in index
    assert [
        verdict.is_duplicate for verdict in index.check_many([article("x", OTHER), article("y", OTHER)])
    ] == [
        False,
        False,
    ]


def test_passages_and_titles_are_told_on_request(index: ArticleIndex) -> None:
    index.add(article("a", title="Council closes the old pool - Valley Post"))
    verdict = index.add(article("b", f"{OTHER} {STORY}", title="Council closes the old pool"), passages=True)
    assert verdict.title_match is not None
    assert verdict.title_match.kind == "same"
    [passage] = verdict.passages
    assert (
        f"{OTHER} {STORY}"[passage.one.start : passage.one.stop]
        == STORY[passage.other.start : passage.other.stop]
    )


def test_a_better_version_can_take_the_place_of_the_one_that_is_kept(index: ArticleIndex) -> None:
    index.add(article("a", STORY))
    longer = article("b", f"{STORY} The mayor said that she was sorry.")
    verdict = index.add(longer, keep_if=lambda new, kept: len(new.text) > len(kept.text))
    assert (verdict.duplicate_of, verdict.replaces, verdict.cluster) == ("a", "a", "a")
    third = index.add(article("c"))
    assert (third.duplicate_of, third.cluster) == ("b", "a")
    assert third.leader_scores is not None
    assert third.leader_scores.resemblance == 1.0
    assert third.relation == "near"


def test_what_is_no_article_is_an_error_that_says_so(index: ArticleIndex) -> None:
    with pytest.raises(ReadError, match="no text and no title"):
        index.add({"id": "a"})
    with pytest.raises(ReadError, match="int"):
        index.add({"id": "a", "text": 3})
    assert index.add_many([]) == []
    assert len(index) == 0


def test_an_empty_id_or_url_is_none(index: ArticleIndex) -> None:
    verdicts = index.add_many(
        [{"id": "", "url": "", "text": text} for text in (STORY, OTHER, f"{STORY} Again.")]
    )
    assert [verdict.is_duplicate for verdict in verdicts] == [False, False, True]
    assert [article.id for article, _ in index.articles()] == [verdict.id for verdict in verdicts]
    assert all(verdict.id for verdict in verdicts)


def test_a_page_with_many_versions_is_still_known(index: ArticleIndex) -> None:
    texts = [
        f"Front page of hour {hour}: {' '.join(f'w{hour}x{word}' for word in range(12))}"
        for hour in range(140)
    ]
    verdicts = [index.add(article("front", text)) for text in texts]
    assert len({verdict.cluster for verdict in verdicts}) == len(texts)
    assert index.add(article("front", texts[0])).repeated
    assert index.add_many([article("front", texts[1])])[0].repeated


def test_an_article_that_comes_again_with_another_text_has_a_cluster_of_its_own(index: ArticleIndex) -> None:
    index.add_many([article("a"), article("b")])
    index.remove("a")
    assert index.add(article("c")).cluster == "a"
    assert index.add(article("a", OTHER)).cluster != "a"


def test_what_is_removed_leaves_its_text_only(index: ArticleIndex) -> None:
    full = {"id": "a", "text": STORY, "url": "https://post.example/secret", "source": "Post"}
    index.add_many([full, article("b")])
    index.remove("a")
    assert list(index.articles()) == [(Article(STORY, "b"), "a")]
    stored = [entry.payload for entry in index._index.entries(np.arange(1, 9)).values()]
    assert not any(b"secret" in payload for payload in stored)


def test_no_answer_depends_on_when_the_index_was_compacted() -> None:
    with open_index("memory://", window="1h", walk=1) as index:
        index.add({"id": "live", "text": STORY, "date": "2026-03-01T12:00:00Z"})
        index.add_many(
            {"id": f"old{day}", "text": STORY, "date": f"2025-{1 + day // 28:02}-{1 + day % 28:02}"}
            for day in range(150)
        )
        index.expire("2026-01-01")
        asked = {"id": "copy", "text": STORY, "date": "2026-03-01T12:30:00Z"}
        assert index.check(asked).duplicate_of == "live"
        index.compact()
        assert index.check(asked).duplicate_of == "live"


def test_equal_texts_between_two_clusters_join_the_later_one_in_a_batch_too() -> None:
    days = {"a": "2026-01-01", "b": "2026-04-11", "c": "2026-01-06", "d": "2026-02-22"}
    articles = [{"id": name, "text": STORY, "date": day} for name, day in days.items()]
    with open_index("memory://", window="50d") as single, open_index("memory://", window="50d") as several:
        one_by_one = [single.add(one) for one in articles]
        assert several.add_many(articles) == one_by_one


def test_who_is_replaced_is_named_though_it_is_too_far_away() -> None:
    with open_index("memory://", window="30d") as index:
        index.add_many([article("k", day=0), article("w", day=25)])
        verdict = index.add(article("n", day=50), keep_if=lambda *_: True)
        assert (verdict.duplicate_of, verdict.replaces) == ("w", "k")


# One by one and together


@pytest.mark.slow
@given(dumps(12), st.sampled_from([None, "1d", "2d"]), st.sampled_from([1, 2, 128]), st.integers(0, 12))
def test_articles_are_told_as_by_the_twin_one_by_one_and_together(
    articles: list[Article], window: str | None, walk: int, cut: int
) -> None:
    options = {"window": window, "walk": walk, "clock": lambda: NOW}
    with open_index("memory://", **options) as single, open_index("memory://", **options) as several:  # type: ignore[arg-type]
        twin = NaiveSeen(single.manifest, NOW)
        expected = [twin.add(one) for one in articles]
        one_by_one = [single.add(one) for one in articles]
        together = several.add_many(articles[:cut]) + several.add_many(articles[cut:])
        assert [told(verdict) for verdict in one_by_one] == expected
        assert together == one_by_one
        assert single.info().walks_cut == several.info().walks_cut


@given(dumps(), st.lists(st.integers(0, 3), max_size=9), st.sampled_from([None, "1d"]))
def test_repeated_ids_are_told_as_by_the_twin(
    articles: list[Article], names: list[int], window: str | None
) -> None:
    renamed = [
        Article(one.text, f"n{name}", published=one.published)
        for one, name in zip(articles, names, strict=False)
    ]
    with open_index("memory://", window=window, clock=lambda: NOW) as single:
        twin = NaiveSeen(single.manifest, NOW)
        one_by_one = [single.add(one) for one in renamed]
        assert [told(verdict) for verdict in one_by_one] == [twin.add(one) for one in renamed]
    with open_index("memory://", window=window, clock=lambda: NOW) as several:
        assert several.add_many(renamed) == one_by_one


@given(dumps(), dumps(4))
def test_a_check_says_what_an_add_would(known: list[Article], asked: list[Article]) -> None:
    asked = [Article(one.text, f"q{place}", published=one.published) for place, one in enumerate(asked)]
    with open_index("memory://", clock=lambda: NOW) as index:
        index.add_many(known)
        checked = index.check_many(asked)
        assert checked == [index.check(one) for one in asked]
        if asked:
            assert index.add(asked[0]) == checked[0]


@given(dumps(), st.sampled_from([0.3, 0.4, 0.7]))
def test_fed_in_the_order_of_leaders_it_gives_the_clusters_of_a_run(
    articles: list[Article], threshold: float
) -> None:
    result = dedup.deduplicate(articles, threshold=threshold)
    part = result.partition
    ages = [math.inf if one.published is None else one.published.timestamp() for one in articles]
    first = {
        group: min(ages[row] for row, other in enumerate(part.groups) if other == group)
        for group in part.groups
    }

    def rank(row: int) -> tuple[int, float, int, float, str]:
        group = part.groups[row]
        text = shingle_text(articles[row].compared)
        return -text.n_words, first[group], text.text_hash, ages[row], part.ids[row]

    order = sorted(range(len(articles)), key=rank)
    context = dedup.Context(result.boilerplate)
    with open_index("memory://", threshold=threshold, context=context) as index:
        verdicts = index.add_many([articles[row] for row in order])
    clusters: dict[str, set[str]] = {}
    for verdict in verdicts:
        clusters.setdefault(verdict.cluster, set()).add(verdict.id)
    assert {frozenset(ids) for ids in clusters.values()} == {
        frozenset(one.members) for one in result.clusters
    }


@pytest.mark.slow
def test_more_than_a_step_is_as_good_as_a_step(index: ArticleIndex) -> None:
    many = [article(f"a{number}", f"{number} {STORY}") for number in range(MemoryIndex.most_articles + 3)]
    verdicts = index.add_many(iter(many))
    assert [verdict.is_duplicate for verdict in verdicts] == [False] + [True] * (
        MemoryIndex.most_articles + 2
    )


# Time


def test_a_match_is_within_the_window_of_a_member() -> None:
    with open_index("memory://", window="30d") as index:
        days = [100, 125, 150, 75, 40, 200]
        verdicts = [index.add(article(f"d{day}", day=day)) for day in days]
    assert [verdict.duplicate_of for verdict in verdicts] == [None, "d100", "d125", "d100", None, None]
    assert [verdict.cluster for verdict in verdicts] == ["d100"] * 4 + ["d40", "d200"]


def test_undated_articles_count_from_when_they_are_seen() -> None:
    now = [NOW]
    with open_index("memory://", window="1d", clock=lambda: now[0]) as index:
        index.add(article("a"))
        now[0] += 3600
        assert index.add(article("b")).duplicate_of == "a"
        now[0] += 2 * 86400
        assert not index.add(article("c")).is_duplicate


def test_what_expires_is_forgotten_and_a_cluster_keeps_its_id() -> None:
    with open_index("memory://", window="30d") as index:
        index.add_many([article("a", day=0), article("b", day=20), article("x", OTHER, day=0)])
        assert index.expire("2026-01-15") == 2
        assert (len(index), "a" in index, "b" in index) == (1, False, True)
        verdict = index.add(article("c", day=40))
        assert (verdict.duplicate_of, verdict.cluster) == ("b", "a")
        assert not index.check(article("y", OTHER, day=5)).is_duplicate
        assert index.expire(datetime(2027, 1, 1, tzinfo=UTC)) == 2
        assert (len(index), index.info().clusters) == (0, 0)
        assert not index.add(article("e", day=41)).is_duplicate
        assert index.verify() == []


def test_expiry_needs_a_moment_or_a_window(index: ArticleIndex) -> None:
    with pytest.raises(ParameterError, match="no window"):
        index.expire()
    with pytest.raises(ParameterError, match="soon"):
        index.expire("soon")
    index.add_many([article("old", day=0), article("new", OTHER, day=59)])
    assert index.expire("7d") == 1
    assert index.expire(timedelta(hours=1)) == 1


def test_compaction_changes_no_answer() -> None:
    with open_index("memory://") as index:
        index.add_many([article(f"a{day}", f"{day} {STORY}", day=day) for day in range(40)])
        index.add_many([article(f"b{day}", f"{OTHER} {day}", day=day) for day in range(0, 40, 7)])
        index.expire("2026-02-01")
        asked = [article("q", STORY), article("r", OTHER)]
        before, size = index.check_many(asked), index.info().bytes["postings"]
        index.compact()
        assert index.check_many(asked) == before
        assert index.info().bytes["postings"] < size


# Removing


def test_a_cluster_outlives_its_leader(index: ArticleIndex) -> None:
    index.add_many([article("a"), article("b", f"{STORY} Again."), article("c")])
    assert index.remove("a") == 1
    assert index.remove("a") == 0
    verdict = index.add(article("d"))
    assert (verdict.duplicate_of, verdict.cluster) == ("b", "a")
    assert [index.remove(name) for name in "bcd"] == [1, 1, 1]
    assert not index.add(article("e")).is_duplicate
    assert len(index) == 1


def test_a_removed_article_may_come_again(index: ArticleIndex) -> None:
    index.add(article("a"))
    index.remove("a")
    assert told(index.add(article("a"))) == Told("a", "a")


def test_articles_come_out_as_they_went_in(index: ArticleIndex) -> None:
    full = Article(
        STORY, "a", "https://post.example/a", "Old pool closes", datetime(2026, 3, 1, tzinfo=UTC), "Post"
    )
    index.add(full)
    index.add(article("b"))
    assert list(index.articles()) == [(full, "a"), (Article(STORY, "b"), "a")]


def test_a_copy_is_known_though_the_first_of_its_wording_was_removed(index: ArticleIndex) -> None:
    wording = STORY.replace("twenty", "thirty")
    index.add_many([article("a"), article("b", wording), article("c", wording)])
    index.remove("b")
    found = index._index.find(text_keys(np.array([shingle_text(wording).text_hash], np.uint64)), 9)
    assert [entry.doc_id for entry in found.entries.values() if entry.number != entry.leader] == ["c"]


def test_a_date_beyond_the_calendar_is_no_date(index: ArticleIndex) -> None:
    index.add({"id": "a", "text": STORY, "date": "9999-12-31T23:59:59-12:00"})
    assert index.get("a") == Article(STORY, "a")


# Opening


def test_an_index_keeps_what_it_was_set_up_with() -> None:
    with open_index("memory://", threshold=0.5, window="2d") as index:
        assert index.info().parameters["threshold"] == 0.5
        assert index.manifest.window == 2 * 86400


@pytest.mark.parametrize(
    ("uri", "options", "message"),
    [
        ("ftp://a", {}, "ftp://"),
        ("memory://", {"threshold": 2.0}, "threshold"),
        ("memory://", {"walk": 0}, "walk is 0"),
        ("memory://", {"window": "fortnight"}, "30d"),
        ("memory://", {"window": 0}, "at least a second"),
    ],
)
def test_what_cannot_be_met_is_told(uri: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        open_index(uri, **options)  # type: ignore[arg-type]


def test_lengths_of_time() -> None:
    assert [seconds_of(length) for length in ("90s", "1.5h", "2w", timedelta(minutes=1), 5)] == [
        90,
        5400,
        1209600,
        60,
        5,
    ]


# Threads and coroutines


def test_of_threads_that_add_copies_exactly_one_is_new(index: ArticleIndex) -> None:
    verdicts: list[Verdict] = []

    def work(name: str) -> None:
        verdicts.extend(index.add(article(f"{name}{number}", f"{number} {OTHER}")) for number in range(20))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [verdict.is_duplicate for verdict in verdicts].count(False) == 1


def test_coroutines(index: ArticleIndex) -> None:
    async def work() -> list[Verdict]:
        return [await index.aadd(article("a")), await index.acheck(article("b"))]

    assert [verdict.is_duplicate for verdict in asyncio.run(work())] == [False, True]


def test_a_verdict_as_json_has_it(index: ArticleIndex) -> None:
    index.add(article("a"))
    record = index.add(article("b")).as_dict()
    assert json.loads(json.dumps(record)) == record
    assert (record["is_duplicate"], record["relation"], record["resemblance"]) == (True, "exact", 1.0)


# What the commands need


def test_an_index_that_is_absent_is_not_begun_unless_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "news.dedup"
    with pytest.raises(StorageError, match="there is no index"):
        open_index(path, create=False)
    assert not path.exists()
    with open_index(path, threshold=0.5):
        pass
    with open_index(f"file://{path}", create=False) as there:
        assert there.manifest.threshold == 0.5
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="is a file; an index is a directory"):
        open_index(tmp_path / "file", create=False)
    with pytest.raises(StorageError, match="there is no index"):
        open_index("memory://", create=False)


@pytest.mark.parametrize("uri", ["memory://", "news.dedup"])
def test_an_empty_index_expires_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.chdir(tmp_path)
    with open_index(uri, window="30d") as there:
        assert (there.expire(), list(there.articles()), there.verify()) == (0, [], [])
        there.compact()
        there.add({"id": "a", "text": STORY, "date": "2026-03-01"})
        assert (there.expire(), there.expire(), len(there)) == (1, 0, 0)


def test_a_step_says_which_entry_each_article_is(index: ArticleIndex) -> None:
    batch = Batch.of(
        [Article(STORY, "a"), Article(STORY, "b"), Article(STORY.upper(), "a"), Article(OTHER, "a")]
    )
    first, again = index.add_batch(batch), index.add_batch(batch)
    assert first.numbers == again.numbers == [1, 2, 1, 4]
    assert [verdict.repeated for verdict in first.verdicts] == [False, False, True, False]
    assert all(verdict.repeated for verdict in again.verdicts)
