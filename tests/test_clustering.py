from __future__ import annotations

import json
import random
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.clustering import RATIOS, Agreement, Before, assign, mark, order_texts
from dedup.comparison import compare
from dedup.deduplicator import deduplicate
from dedup.index.buckets import group_by_key
from dedup.match.relation import Limits, decide
from dedup.match.similarity import SCALE
from dedup.sketch.banding import least_agreement
from dedup.sketch.recipe import Recipe
from dedup.text.columns import ShingleTable
from tests.dumps import dumps
from tests.naive import (
    Leading,
    Score,
    exact_groups,
    hopeful_agreement,
    lead,
    naive_clusters,
    naive_leading,
    partition_of,
    scores_of,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dedup.canonical import Keep
    from dedup.index.buckets import Buckets
    from dedup.kernels.types import Rows
    from dedup.result import DedupResult

T = TypeVar("T")
RECALL = 0.95
NEAR = [" ".join(f"w{place}" for place in range(30 + more)) for more in range(3)]


def news(fixtures_dir: Path) -> list[Article]:
    return [
        Article.from_any(json.loads(line))
        for name in ("monday", "tuesday", "wires")
        for line in (fixtures_dir / "news" / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]


def twin(articles: Sequence[Article], threshold: float = 0.4, walk: int = 128, seed: int = 1) -> list[int]:
    return naive_clusters(
        [article.compared for article in articles],
        [article.published.timestamp() if article.published else None for article in articles],
        Recipe.for_target(threshold, RECALL, seed=seed),
        Limits.for_threshold(threshold),
        recall=RECALL,
        walk=walk,
        titles=[article.title for article in articles],
    )


def leaders_of(result: DedupResult) -> list[int]:
    """Leader of each article, as the first article with the leader's text."""
    groups = exact_groups([article.compared for article in result.articles])
    return [groups[leader] for leader in result.partition.leaders.tolist()]


def by_id(result: DedupResult) -> dict[str, object]:
    """All that is found of each article, without its place."""
    found: dict[str, object] = {match.id: match for match in result.duplicates}
    for cluster in result.clusters:
        found[f"cluster of {cluster.id}"] = frozenset(cluster.members)
    return found


# The twin


@pytest.mark.parametrize(("threshold", "walk"), [(0.4, 1), (0.4, 128), (0.7, 2)])
def test_news_is_clustered_as_by_the_twin(fixtures_dir: Path, threshold: float, walk: int) -> None:
    articles = news(fixtures_dir)
    result = deduplicate(articles, threshold=threshold, walk=walk)
    expected = twin(articles, threshold, walk)
    assert leaders_of(result) == expected
    assert len(partition_of(expected)) < len(articles)


@pytest.mark.slow
@given(
    dumps(), st.sampled_from([0.3, 0.4, 0.6, 0.9, 1.0]), st.sampled_from([1, 2, 3, 128]), st.integers(1, 3)
)
def test_dumps_are_clustered_as_by_the_twin(
    articles: list[Article], threshold: float, walk: int, seed: int
) -> None:
    result = deduplicate(articles, threshold=threshold, walk=walk, seed=seed, threads=1)
    assert leaders_of(result) == twin(articles, threshold, walk, seed)


@given(dumps(), st.sampled_from([1, 2, 3]))
def test_walks_cut_are_counted_as_by_the_twin(articles: list[Article], walk: int) -> None:
    found = naive_leading(
        [article.compared for article in articles],
        [article.published.timestamp() if article.published else None for article in articles],
        Recipe.for_target(0.4, RECALL),
        Limits(),
        recall=RECALL,
        walk=walk,
    )
    assert deduplicate(articles, walk=walk, threads=1).counts.walks_cut == found.cut


@pytest.mark.parametrize("n_texts", [2, 3])
def test_a_walk_that_met_no_more_leaders_than_it_may_is_not_cut(n_texts: int) -> None:
    assert deduplicate([{"text": text} for text in NEAR[:n_texts]], walk=1).counts.walks_cut == 0


# Leaders, given buckets and scores


class Walk(NamedTuple):
    """Texts by what the walk sees of them: band keys, signatures, sizes, a score for each pair, and whether it is refused."""

    keys: list[list[int]]
    signatures: list[list[int]]
    sizes: list[int]
    scores: list[list[int]]
    refused: list[list[bool]]


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """Few texts and few values, so that much ties and many share a bucket; -1 is the score of no copy."""
    n_texts, bands = draw(st.integers(1, 10)), draw(st.integers(1, 4))

    def rows(values: st.SearchStrategy[T], length: int) -> list[list[T]]:
        row = st.lists(values, min_size=length, max_size=length)
        return draw(st.lists(row, min_size=n_texts, max_size=n_texts))

    return Walk(
        rows(st.integers(0, 2), bands),
        rows(st.integers(0, 1), 6),
        draw(st.lists(st.integers(1, 4), min_size=n_texts, max_size=n_texts)),
        rows(st.integers(-1, 2), n_texts),
        rows(st.booleans(), n_texts),
    )


class Verifier:
    """Looks scores up, and remembers what it was asked."""

    def __init__(self, scores: list[list[int]]) -> None:
        self.scores = scores
        self.asked: list[tuple[int, int]] = []

    def __call__(self, leaders: Rows, members: Rows) -> Rows:
        pairs = list(zip(leaders.tolist(), members.tolist(), strict=True))
        self.asked += pairs
        return np.array([self.scores[leader][member] for leader, member in pairs], np.int64)


def assigned(texts: Walk, hopeful: list[int], likely: int, walk: int) -> tuple[Leading, Verifier]:
    verify = Verifier(texts.scores)
    found = assign(
        group_by_key(np.array(texts.keys, np.uint64)),
        mark(np.array(texts.signatures, np.uint32)),
        np.array(texts.sizes, np.int64),
        Agreement(np.array(hopeful, np.int64), likely),
        verify,
        lambda leaders, members: np.array(texts.refused, np.bool_)[leaders, members],
        walk,
    )
    return Leading(found.leaders.tolist(), int(found.cut.sum())), verify


def test_a_refused_leader_gives_way_to_the_next_best() -> None:
    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        return np.equal(leaders, 0)

    found = assign(
        group_by_key(np.ones((4, 1), np.uint64)),
        np.ones((4, 3), np.uint8),
        np.full(4, 9),
        Agreement(np.zeros(3, np.int64), 1),
        lambda leaders, _: np.where(leaders == 0, 9, 5),
        refuse,
        4,
    )
    assert found.leaders.tolist() == [0, 1, 1, 1]


def test_a_series_of_look_alikes_is_asked_about_in_a_few_turns() -> None:
    n_texts, turns = 60, []

    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        turns.append(len(members))
        return np.ones(len(members), np.bool_)

    found = assign(
        group_by_key(np.ones((n_texts, 1), np.uint64)),
        np.ones((n_texts, 3), np.uint8),
        np.full(n_texts, 9),
        Agreement(np.zeros(3, np.int64), 1),
        lambda leaders, _: np.full(len(leaders), 5),
        refuse,
        n_texts,
    )
    assert found.leaders.tolist() == [*range(n_texts)]
    assert sum(turns) == n_texts * (n_texts - 1) // 2, "a pair was left out, or asked about twice"
    assert len(turns) < 12


def test_look_alikes_among_copies_take_few_turns_too() -> None:
    n_texts, turns = 400, []
    rng = np.random.default_rng(1)
    refused, scores = rng.random((n_texts, n_texts)) < 0.3, rng.integers(0, 1000, (n_texts, n_texts))

    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        turns.append(len(members))
        found: NDArray[np.bool_] = refused[leaders, members]
        return found

    found = assign(
        group_by_key(np.ones((n_texts, 1), np.uint64)),
        np.ones((n_texts, 3), np.uint8),
        np.full(n_texts, 9),
        Agreement(np.zeros(3, np.int64), 4),
        lambda leaders, members: scores[leaders, members],
        refuse,
        128,
    )
    assert 1 < len(set(found.leaders.tolist())) < 20
    assert len(turns) < 30
    assert sum(turns) < 10 * n_texts


def test_what_is_remembered_is_not_asked_about() -> None:
    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        assert (members >= 2).all()
        return np.ones(len(members), np.bool_)

    found = assign(
        group_by_key(np.ones((3, 1), np.uint64)),
        np.ones((3, 3), np.uint8),
        np.full(3, 9),
        Agreement(np.zeros(3, np.int64), 4),
        lambda leaders, _: np.full(len(leaders), 5),
        refuse,
        10,
        Before.nothing(3, 1)._replace(leaders=np.array([0, 0])),
    )
    assert found.leaders.tolist() == [0, 0, 2]


#: Numbers of equal values that make a pair worth verifying, by the ratio of the sizes in steps of a half.
hopes = st.lists(st.integers(0, 7), min_size=3, max_size=3)


@given(walks(), st.integers(1, 4), hopes, st.integers(0, 8))
def test_leaders_are_assigned_as_by_the_twin(texts: Walk, walk: int, hopeful: list[int], likely: int) -> None:
    def score(leader: int, text: int) -> Score:
        pairs = zip(texts.signatures[leader], texts.signatures[text], strict=True)
        shorter, longer = sorted((texts.sizes[leader], texts.sizes[text]))
        hopeless = sum(a == b for a, b in pairs) < hopeful[2 * shorter // longer]
        value = texts.scores[leader][text]
        return None if hopeless or value < 0 or texts.refused[leader][text] else (value, 0)

    found, verify = assigned(texts, hopeful, likely, walk)
    assert found == lead(texts.keys, score, walk)
    assert len(set(verify.asked)) == len(verify.asked), "a pair was verified twice"
    assert all(leader < member for leader, member in verify.asked)


@given(walks(), st.integers(1, 4), st.integers(0, 8))
def test_presumptions_change_nothing(texts: Walk, walk: int, likely: int) -> None:
    assert assigned(texts, [0, 0, 0], likely, walk)[0] == assigned(texts, [0, 0, 0], 7, walk)[0]


@given(walks(), st.integers(1, 4), hopes)
def test_hopeless_pairs_are_not_verified(texts: Walk, walk: int, hopeful: list[int]) -> None:
    _, verify = assigned(texts, hopeful, 7, walk)
    for leader, text in verify.asked:
        shorter, longer = sorted((texts.sizes[leader], texts.sizes[text]))
        equal = sum(a == b for a, b in zip(texts.signatures[leader], texts.signatures[text], strict=True))
        assert equal >= hopeful[2 * shorter // longer]


def test_more_pairs_than_are_verified_together_are_all_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    n_texts = 60
    texts = Walk(
        [[0]] * n_texts,
        [[1] * 6] * n_texts,
        [1] * n_texts,
        [[-1] * n_texts] * n_texts,
        [[False] * n_texts] * n_texts,
    )
    whole, _ = assigned(texts, [0, 0, 0], 7, n_texts)
    for room in (1, 2):
        monkeypatch.setattr("dedup.clustering._WANTED_PER_TEXT", room)
        found, verify = assigned(texts, [0, 0, 0], 7, n_texts)
        assert found == whole
        assert len(verify.asked) == n_texts * (n_texts - 1) // 2


def members_of(buckets: Buckets) -> list[list[int]]:
    """Rows in each bucket."""
    members: list[list[int]] = [[] for _ in range(len(buckets.starts) - 1)]
    starts = buckets.row_starts.tolist()
    for row, (start, stop) in enumerate(pairwise(starts)):
        for bucket in buckets.row_buckets[start:stop].tolist():
            members[bucket].append(row)
    return members


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=12))
def test_buckets_are_the_rows_with_an_equal_key(keys: list[list[int]]) -> None:
    buckets = group_by_key(np.array(keys, np.uint64))
    expected: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, mine in enumerate(keys):
        for key in enumerate(mine):
            expected[key].append(row)
    shared = [rows for rows in expected.values() if len(rows) > 1]
    assert sorted(members_of(buckets)) == sorted(shared)
    assert np.diff(buckets.starts).tolist() == [len(rows) for rows in members_of(buckets)]


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_buckets_of_a_row_are_in_the_order_of_the_bands(keys: list[list[int]]) -> None:
    buckets = group_by_key(np.array(keys, np.uint64))
    members = members_of(buckets)
    for row, (start, stop) in enumerate(pairwise(buckets.row_starts.tolist())):
        found = [members[bucket] for bucket in buckets.row_buckets[start:stop].tolist()]
        by_band = [_rows([mine[band] for mine in keys], keys[row][band]) for band in range(3)]
        assert found == [rows for rows in by_band if len(rows) > 1]


def _rows(values: list[int], wanted: int) -> list[int]:
    return [row for row, value in enumerate(values) if value == wanted]


def test_keys_that_fall_into_one_slot_are_told_apart() -> None:
    keys = [1, 1 + (1 << 20), 1, 1 + (1 << 20), 1 + (1 << 40), 0, (1 << 64) - 1]
    buckets = group_by_key(np.array([[key] for key in keys], np.uint64))
    assert sorted(members_of(buckets)) == [[0, 2], [1, 3]]


# What is worth verifying


@pytest.mark.parametrize(("threshold", "recall", "num_perm"), [(0.4, 0.95, 138), (0.9, 0.95, 240)])
def test_what_is_hopeful_follows_from_the_least_alike_copies(
    threshold: float, recall: float, num_perm: int
) -> None:
    limits = Limits(resemblance=threshold)
    agreement = Agreement.of(limits.least_resemblance, threshold, recall, num_perm)
    assert agreement.likely == least_agreement(threshold, recall, num_perm)
    for longer in range(1, 101):
        for shorter in range(1, longer + 1):
            found = agreement.hopeful[RATIOS * shorter // longer]
            assert found == hopeful_agreement(limits, recall, num_perm, shorter, longer)


def test_where_sizes_allow_no_copy_nothing_is_hopeful() -> None:
    agreement = Agreement.of(Limits().least_resemblance, 0.4, 0.95, 138)
    assert agreement.hopeful[:24].tolist() == [139] * 24  # more than the values there are
    assert agreement.hopeful[24] < 46


# Order of the texts


def test_texts_lead_by_length_then_date_then_hash() -> None:
    table = ShingleTable(
        np.zeros(8, np.int64),
        np.zeros(0, np.uint64),
        np.array([5, 9, 5, 5, 0, 9, 5]),
        np.array([7, 1, 6, 5, 0, 1, 4], np.uint64),
    )
    groups = np.array([0, 1, 2, 3, 4, 1, 6])
    published = np.array([20.0, np.nan, 20.0, np.nan, 1.0, np.nan, 30.0])
    assert order_texts(groups, table, published).tolist() == [1, 2, 0, 6, 3]


def test_a_text_is_as_old_as_its_earliest_article() -> None:
    table = ShingleTable(
        np.zeros(4, np.int64), np.zeros(0, np.uint64), np.array([5, 5, 5]), np.array([1, 2, 1], np.uint64)
    )
    assert order_texts(np.array([0, 1, 0]), table, np.array([np.nan, 2.0, 1.0])).tolist() == [0, 1]
    assert order_texts(np.array([0, 1, 0]), table, np.array([np.nan, 2.0, 3.0])).tolist() == [1, 0]


# Promises


@given(
    dumps(), st.sampled_from([0.4, 0.8]), st.sampled_from(["longest", "earliest", "latest", "first", "last"])
)
def test_whatever_is_dropped_is_a_copy_of_its_leader(
    articles: list[Article], threshold: float, keep: Keep
) -> None:
    limits = Limits.for_threshold(threshold)
    result = deduplicate(articles, threshold=threshold, keep=keep, threads=1)
    named = {article.id: article for article in articles}
    for match in result.duplicates:
        for verdict, other in ((match.verdict, match.duplicate_of), (match.leader_verdict, match.leader)):
            # No passage is so long: this run has looked for none.
            expected = compare(named[match.id], named[other], limits=limits, least_words=1000)
            told = expected.relation in {"rewrite", "same_story"}  # which a run does not ask
            assert verdict.relation == ("unrelated" if told else expected.relation)
            assert verdict.scores.resemblance == expected.scores.resemblance
            assert verdict.scores.containment == expected.scores.containment
            assert verdict.scores.coverage == expected.scores.coverage
            assert verdict.scores.continuity in (None, expected.scores.continuity)
        assert match.leader_verdict.is_copy


def test_verdicts_on_news_are_those_of_the_twin(fixtures_dir: Path) -> None:
    articles = news(fixtures_dir)
    result = deduplicate(articles)
    named = {article.id: article.compared for article in articles}
    assert result.duplicates
    for match in result.duplicates:
        for verdict, other in ((match.verdict, match.duplicate_of), (match.leader_verdict, match.leader)):
            scores = scores_of(named[match.id], named[other])
            equal = words_of(named[match.id]) == words_of(named[other])
            assert verdict.relation == decide(scores, Limits(), equal=equal)
            assert verdict.scores.resemblance == scores.resemblance / SCALE
            assert verdict.scores.containment == scores.containment / SCALE
            assert verdict.scores.coverage == scores.coverage / SCALE
            assert verdict.scores.continuity in (None, scores.continuity / SCALE)


@given(dumps(), st.lists(st.sampled_from(["", "…", " \n", "!?"]), min_size=2, max_size=4))
def test_no_text_without_a_word_is_merged(articles: list[Article], wordless: list[str]) -> None:
    silent = [Article(text, id=f"silent{place}") for place, text in enumerate(wordless)]
    result = deduplicate([*silent, *articles], threads=1)
    alone = {cluster.members for cluster in result.clusters}
    assert {(article.id,) for article in silent} <= alone


def test_short_texts_are_texts() -> None:
    texts = [
        "Rain",
        "Rain stops",
        "rain",
        "Rain stops play",
        "“Rain” stops",
        "Snow",
        "Rain stops play again today",
    ]
    result = deduplicate([{"id": str(place), "text": text} for place, text in enumerate(texts)])
    assert {cluster.members for cluster in result.clusters} == {
        ("0", "2"),
        ("1", "4"),
        ("3",),
        ("5",),
        ("6",),
    }


@given(dumps(), st.randoms(use_true_random=False), st.sampled_from(["longest", "earliest", "latest"]))
def test_the_order_of_the_input_changes_nothing(
    articles: list[Article], rng: random.Random, keep: Keep
) -> None:
    shuffled = rng.sample(articles, len(articles))
    one = deduplicate(articles, keep=keep, prefer_source=["wire.example"], threads=1)
    other = deduplicate(shuffled, keep=keep, prefer_source=["wire.example"], threads=1)
    assert by_id(one) == by_id(other)
    assert {article.id for article in one.kept} == {article.id for article in other.kept}
    assert one.counts == other.counts


@pytest.mark.slow
def test_the_order_of_the_news_changes_nothing(fixtures_dir: Path) -> None:
    articles = news(fixtures_dir)
    expected = deduplicate(articles, recall=0.5)
    assert len(expected.duplicates) > 20
    for seed in range(2):
        shuffled = random.Random(seed).sample(articles, len(articles))
        found = deduplicate(shuffled, recall=0.5)
        assert by_id(found) == by_id(expected)
        assert {article.id for article in found.kept} == {article.id for article in expected.kept}


def many(n_articles: int) -> list[Article]:
    """Enough texts to be shared among threads: a few dozen families of edited copies."""
    rng = random.Random(7)
    families = [[f"f{family}w{place}" for place in range(30)] for family in range(40)]
    articles = []
    for place in range(n_articles):
        words = list(rng.choice(families))
        for _ in range(rng.randrange(4)):
            words[rng.randrange(len(words))] = f"x{place}"
        articles.append(Article(" ".join(words[: rng.randrange(12, 31)]), id=f"n{place}"))
    return articles


@pytest.mark.slow
def test_threads_change_nothing() -> None:
    articles = many(700)
    one, two, three = (deduplicate(articles, recall=0.5, threads=threads) for threads in (1, 2, 3))
    assert one.counts.near > 300
    assert by_id(one) == by_id(two) == by_id(three)
    assert [article.id for article in one.kept] == [article.id for article in two.kept]


@pytest.mark.parametrize(("batch_bytes", "threads"), [(1, 1), (1, 2), (100, 2), (5000, 2), (10**6, 2)])
def test_the_size_of_a_batch_changes_nothing(
    fixtures_dir: Path, monkeypatch: pytest.MonkeyPatch, batch_bytes: int, threads: int
) -> None:
    articles = news(fixtures_dir)[::2]
    expected = deduplicate(articles, recall=0.5, threads=1)
    assert expected.duplicates
    monkeypatch.setattr("dedup.io.held.BATCH_BYTES", batch_bytes)
    found = deduplicate(articles, recall=0.5, threads=threads)
    assert by_id(found) == by_id(expected)
    assert found.kept == expected.kept


def test_one_boilerplate_block_makes_no_cluster() -> None:
    block = " ".join(f"terms{place}" for place in range(30))
    articles = [
        Article(" ".join(f"story{number}w{place}" for place in range(60)) + " " + block, id=str(number))
        for number in range(60)
    ]
    result = deduplicate(articles, walk=8)
    assert result.counts.kept == len(articles)


def test_many_equal_articles_are_one_cluster() -> None:
    result = deduplicate([Article(NEAR[0], id=str(place)) for place in range(500)])
    assert result.counts.kept == 1
    assert result.counts.exact == 499
