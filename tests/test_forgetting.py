from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.incremental.forgetting import all_members, members_of
from dedup.incremental.manifest import Manifest
from dedup.index.memory import MemoryIndex
from dedup.seen import ArticleIndex
from tests.dumps import dumps

if TYPE_CHECKING:
    from dedup import Article

NOW = 1_773_000_000.0  # later than all that is dated


def opened() -> tuple[ArticleIndex, MemoryIndex]:
    back_end = MemoryIndex()
    return ArticleIndex("memory://", back_end, Manifest(), lambda: NOW), back_end


@given(dumps(), st.sets(st.integers(0, 8)))
def test_what_is_left_is_what_was_never_removed(articles: list[Article], gone: set[int]) -> None:
    index, back_end = opened()
    said = index.add_many(articles)
    clusters = {verdict.id: verdict.cluster for verdict in said}
    removed = {f"n{place}" for place in gone if place < len(articles)}
    for name in sorted(removed):
        assert index.remove(name) == 1
    left = {article.id: cluster for article, cluster in index.articles()}
    assert left == {name: cluster for name, cluster in clusters.items() if name not in removed}
    assert len(index) == len(left)
    assert index.info().clusters == len(set(left.values()))
    assert index.verify() == []
    states = back_end.clusters(np.unique(all_members(back_end).leaders))
    assert sorted(state.name for state in states.values()) == sorted(set(left.values()))
    assert sum(state.size for state in states.values()) == len(left)


@given(dumps(), st.integers(0, 5))
def test_expiry_removes_what_is_older(articles: list[Article], day: int) -> None:
    index, _ = opened()
    index.add_many(articles)
    before = f"2026-03-{day:02}" if day else "2026-02-25"
    kept = [one.id for one in articles if one.published is None or one.published.isoformat()[:10] >= before]
    assert index.expire(before) == len(articles) - len(kept)
    assert [article.id for article, _ in index.articles()] == kept


@given(dumps())
def test_members_known_before_are_those_read_anew(articles: list[Article]) -> None:
    index, back_end = opened()
    index.add_many(articles)
    known = all_members(back_end)
    leaders = np.unique(known.leaders)
    for known_before in (None, known):
        read, _ = members_of(back_end, leaders, known_before)
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(read, known, strict=True))
