from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.canonical import KEEPS
from dedup.deduplicator import deduplicate
from tests.dumps import dumps, texts

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from dedup.result import DedupResult

#: What may stand between two words, and what may be put around or into a word, without changing the text.
GAPS = [
    " ",
    "  ",
    "\n",
    "\r\n\r\n",
    "\t",
    "\u00a0",
    ", ",
    ". ",
    " – ",
    "; ",
    "\u3000",
    " … ",
    "\u2028",
    "” “",
]
CHANGES: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.title,
    lambda word: f"“{word}”",
    "\u00ad".join,
    lambda word: word + "\u200b",
]


@st.composite
def reflowed(draw: st.DrawFn, text: str) -> str:
    """The same words, otherwise written."""
    words = [draw(st.sampled_from(CHANGES))(word) for word in text.split()]
    return "".join(word + draw(st.sampled_from(GAPS)) for word in words)


def partition(result: DedupResult) -> set[frozenset[str]]:
    return {frozenset(cluster.members) for cluster in result.clusters}


@given(st.data(), texts)
def test_a_text_and_its_reflow_are_exact_copies(data: st.DataObject, text: str) -> None:
    assume(text)
    result = deduplicate(
        [{"id": "a", "text": text}, {"id": "b", "text": data.draw(reflowed(text))}], threads=1
    )
    assert result.counts.exact == 1
    (match,) = result.duplicates
    assert match.verdict.relation == match.leader_verdict.relation == "exact"


@given(st.data(), dumps())
def test_reflowing_any_article_changes_no_cluster(data: st.DataObject, articles: list[Article]) -> None:
    changed = [
        Article(
            data.draw(reflowed(article.text)),
            id=article.id,
            published=article.published,
            source=article.source,
        )
        for article in articles
    ]
    one, other = deduplicate(articles, threads=1), deduplicate(changed, threads=1)
    assert partition(one) == partition(other)
    assert [article.id for article in one.kept] == [article.id for article in other.kept]
    assert one.duplicates == other.duplicates


@given(dumps(), st.integers(0, 9), st.integers(1, 60))
def test_an_unrelated_article_changes_no_other_cluster(
    articles: list[Article], place: int, length: int
) -> None:
    stranger = Article(" ".join(f"unrelated{word}" for word in range(length)), id="stranger")
    result = deduplicate([*articles[:place], stranger, *articles[place:]], threads=1)
    assert partition(result) == partition(deduplicate(articles, threads=1)) | {frozenset({"stranger"})}


@given(st.data(), dumps(), st.sampled_from(["longest", "earliest", "latest"]))
def test_copies_join_the_cluster_of_what_they_copy(
    data: st.DataObject, articles: list[Article], keep: Any
) -> None:
    with_words = [article for article in articles if article.text]
    assume(with_words)
    copied = data.draw(st.lists(st.sampled_from(with_words), min_size=1, max_size=4))
    copies = [
        Article(article.text.upper(), id=f"copy{place}", published=article.published)
        for place, article in enumerate(copied)
    ]
    result = deduplicate([*articles, *copies], keep=keep, threads=1)
    cluster_of = {member: cluster.id for cluster in result.clusters for member in cluster.members}
    for article, copy in zip(copied, copies, strict=True):
        assert cluster_of[str(copy.id)] == cluster_of[str(article.id)]
    before = partition(deduplicate(articles, keep=keep, threads=1))
    originals = {str(article.id) for article in articles}
    assert {members & originals for members in partition(result)} == before


@given(dumps())
def test_what_was_kept_is_kept_again(articles: list[Article]) -> None:
    kept = deduplicate(articles, threads=1).kept
    again = deduplicate(kept, threads=1)
    assert again.kept == kept
    assert again.duplicates == []


@given(
    dumps(), st.sampled_from(["longest", "earliest", "latest", "first", "last"]), st.sampled_from([1, 2, 128])
)
def test_nothing_is_lost(articles: list[Article], keep: Any, walk: int) -> None:
    result = deduplicate(articles, keep=keep, walk=walk, threads=1)
    kept = [article.id for article in result.kept]
    dropped = [match.id for match in result.duplicates]
    assert sorted([*kept, *dropped], key=str) == sorted((article.id for article in articles), key=str)
    assert {match.duplicate_of for match in result.duplicates} <= set(kept)
    assert sorted(cluster.id for cluster in result.clusters) == sorted(str(name) for name in kept)
    for cluster in result.clusters:
        assert cluster.id in cluster.members
    members = [member for cluster in result.clusters for member in cluster.members]
    assert sorted(members) == sorted(str(article.id) for article in articles)
    counts = result.counts
    assert counts.read == len(articles) == counts.kept + counts.exact + counts.near
    assert (counts.kept, counts.exact + counts.near) == (len(kept), len(dropped))
    assert counts.exact == sum(match.leader_verdict.relation == "exact" for match in result.duplicates)


@given(dumps())
def test_who_is_kept_does_not_change_the_clusters(articles: list[Article]) -> None:
    expected = partition(deduplicate(articles, threads=1))
    for keep in KEEPS:
        assert partition(deduplicate(articles, keep=keep, threads=1)) == expected
    assert partition(deduplicate(articles, prefer_source=["wire.example"], threads=1)) == expected


@given(dumps())
def test_the_kept_article_is_the_longest(articles: list[Article]) -> None:
    length = {article.id: len(article.text.split()) for article in articles}
    for cluster in deduplicate(articles, threads=1).clusters:
        assert length[cluster.id] == max(length[member] for member in cluster.members)


@settings(max_examples=20)
@given(dumps(), st.randoms(use_true_random=False))
def test_at_a_threshold_of_one_only_equal_shingles_or_abridged_copies_are_merged(
    articles: list[Article], rng: random.Random
) -> None:
    rng.shuffle(articles)
    for match in deduplicate(articles, threshold=1.0, threads=1).duplicates:
        scores = match.leader_verdict.scores
        abridged = scores.continuity is not None and scores.continuity >= 0.75 and scores.containment >= 0.45
        assert scores.resemblance == 1.0 or abridged


def test_a_dump_given_twice_gives_each_cluster_twice_its_members(fixtures_dir: Path) -> None:
    articles = [
        json.loads(line) for line in (fixtures_dir / "news" / "wires.jsonl").read_text("utf-8").splitlines()
    ]
    once = deduplicate(articles)
    twice = deduplicate([*articles, *({**article, "id": article["id"] + "'"} for article in articles)])
    assert partition(twice) == {members | {f"{member}'" for member in members} for members in partition(once)}
    assert [article.id for article in twice.kept] == [article.id for article in once.kept]
