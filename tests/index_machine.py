"""A back end and the model of it, driven through the same random changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from dedup.index.base import Change, ClusterState, Entry
from tests.naive_index import NaiveIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.index.base import Found
    from dedup.kernels.types import Hashes
    from tests.index_places import Place

KEYS = [0, 1, 2**64 - 1, 2**64 - 2, 2**63, *(n * 0x9E3779B97F4A7C15 % 2**64 for n in range(1, 8))]
EVERY_KEY = np.array(KEYS, np.uint64)
PLENTY = 1000


def some_keys(least: int = 0) -> st.SearchStrategy[Hashes]:
    """Give keys, some of them twice."""
    return st.lists(st.sampled_from(KEYS), min_size=least, max_size=8).map(
        lambda keys: np.array(keys, np.uint64)
    )


dates = st.one_of(st.just(math.nan), st.floats(-1e12, 1e12))
blobs = st.one_of(st.binary(max_size=30), st.integers(0, 5000).map(bytes))


def without_nan(found: Iterable[Entry]) -> dict[int, tuple[Any, ...]]:
    """Give entries that can be compared: NaN equals nothing."""
    return {
        entry.number: entry._replace(published=None) if math.isnan(entry.published) else entry  # type: ignore[arg-type]
        for entry in found
    }


class IndexMachine(RuleBasedStateMachine):
    """Entries lead, or follow one that does, and are dropped with the whole of their cluster."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.index = place.open()
        self.model = NaiveIndex()

    @initialize()
    def set_up(self) -> None:
        for index in (self.index, self.model):
            index.setup({"bands": 3}, b"context")

    def teardown(self) -> None:
        self.index.close()

    def commit(self, change: Change, *, rests: tuple[Found, Found] | None = None) -> None:
        theirs, ours = rests or (None, None)
        assert self.index.commit(change, theirs)
        assert self.model.commit(change, ours)

    @rule(
        keys=some_keys(least=1),
        copies=st.integers(1, 40),
        doc_id=st.text(max_size=5),
        published=dates,
        seen=st.floats(0, 1e12),
        blob=blobs,
    )
    def add(self, keys: Hashes, copies: int, doc_id: str, published: float, seen: float, blob: bytes) -> None:
        """Add articles that join the first cluster that is found, or lead one: in one change that rests on it."""
        with self.index.turn(write=True):
            rests = (self.index.find(keys, PLENTY, copies), self.model.find(keys, PLENTY, copies))
            self.compare(keys, *rests)
            first = rests[1].first
            leader = min(rests[1].clusters, default=first)
            old = rests[1].clusters.get(leader, ClusterState(leader, doc_id, leader, seen, seen, 0))
            numbers = np.arange(first, first + copies)
            change = Change(
                keys=np.tile(keys, copies),
                numbers=np.repeat(numbers, len(keys)),
                entries=[
                    Entry(number, doc_id, leader, published, seen, blob[:7], blob)
                    for number in numbers.tolist()
                ],
                clusters=[old._replace(size=old.size + copies)],
                counts={"articles": copies},
            )
            self.commit(change, rests=rests)

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), doc_id=st.text(max_size=5), published=dates, blob=blobs, keys=some_keys())
    def replace(self, data: st.DataObject, doc_id: str, published: float, blob: bytes, keys: Hashes) -> None:
        """Change an entry, and post it under more keys."""
        number = data.draw(st.sampled_from(sorted(self.model.known)))
        entry = self.model.known[number]._replace(
            doc_id=doc_id, published=published, payload=blob, verdict=b""
        )
        with self.index.turn(write=True):
            self.commit(Change(keys=keys, numbers=np.full(len(keys), number), entries=[entry]))

    @precondition(lambda self: self.model.states)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """Forget whole clusters."""
        leaders = data.draw(st.sets(st.sampled_from(sorted(self.model.states)), min_size=1, max_size=3))
        numbers = [entry.number for entry in self.model.known.values() if entry.leader in leaders]
        with self.index.turn(write=True):
            change = Change(
                dropped=np.array(numbers, np.int64), dropped_clusters=np.array(sorted(leaders), np.int64)
            )
            self.commit(change)

    @rule(count=st.integers(1, 1000))
    def reserve(self, count: int) -> None:
        with self.index.turn(write=True):
            assert self.index.reserve(count) == self.model.reserve(count)

    @rule(keys=some_keys(), most=st.sampled_from([1, 2, 16, 17, PLENTY]))
    def ask(self, keys: Hashes, most: int) -> None:
        with self.index.turn(write=False):
            self.compare(keys, self.index.find(keys, most), self.model.find(keys, most))

    @rule()
    def compact(self) -> None:
        self.index.compact()
        self.model.compact()
        found = self.index.postings(EVERY_KEY, PLENTY)
        assert found.numbers.tolist() == self.model.postings(EVERY_KEY, PLENTY).numbers.tolist()

    @rule()
    def reopen(self) -> None:
        if self.place.shared:
            self.index.close()
            self.index = self.place.open()

    @rule()
    def look_at_all(self) -> None:
        assert self.index.verify() == []
        assert self.index.counts() == self.model.counts()
        ours = list(self.model.outline())
        for column in range(4):
            parts = [np.zeros(0), *(part[column] for part in self.index.outline())]
            np.testing.assert_array_equal(
                np.concatenate(parts), np.concatenate([np.zeros(0), *(part[column] for part in ours)])
            )
        self.compare(EVERY_KEY, self.index.find(EVERY_KEY, PLENTY), self.model.find(EVERY_KEY, PLENTY))

    def compare(self, keys: Hashes, theirs: Found, ours: Found) -> None:
        """Compare two answers; what was dropped may still be posted, and counted, or not."""
        assert theirs.first == ours.first
        for row, key in enumerate(keys.tolist()):
            posted = self.model.lists.get(key, [])
            alive = [number for number in posted if number in self.model.known]
            their, our = (
                index.numbers[index.indptr[row] : index.indptr[row + 1]].tolist()
                for index in (theirs.postings, ours.postings)
            )
            if alive == posted:
                assert their == our
            known = [number for number in their if number in self.model.known]
            assert len(known) >= sum(number in self.model.known for number in our)
            assert known == alive[len(alive) - len(known) :]
            assert len(alive) <= theirs.postings.lengths[row] <= len(posted)
        expected = self.model.entries(np.unique(theirs.postings.numbers))
        leaders = np.unique(np.array([entry.leader for entry in expected.values()], np.int64))
        expected.update(self.model.entries(leaders))
        assert without_nan(theirs.entries.values()) == without_nan(expected.values())
        assert theirs.clusters == self.model.clusters(leaders)
