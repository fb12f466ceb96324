"""An index that is nothing but dictionaries: what every back end must equal."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.index.base import ClusterState, Entry, Found, Index, Outline, Postings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.index.base import Change
    from dedup.kernels.types import Hashes, Rows


class Snapshot(NamedTuple):
    """What a commit rests on."""

    lists: dict[int, list[int]]
    dropped: int
    entries: dict[int, Entry]
    clusters: dict[int, ClusterState]


class NaiveIndex(Index):
    compresses = False

    def __init__(self) -> None:
        self.lists: dict[int, list[int]] = {}
        self.known: dict[int, Entry] = {}
        self.states: dict[int, ClusterState] = {}
        self.last = 0
        self.dropped = 0
        self.counters: dict[str, int] = {}
        self.first_setup: tuple[dict[str, Any], bytes] | None = None
        self.lock = threading.RLock()

    def setup(
        self,
        manifest: Mapping[str, Any],
        context: bytes,
        instead_of: tuple[dict[str, Any], bytes] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        with self.lock:
            if self.first_setup is None or (self.first_setup == instead_of and not self.last):
                self.first_setup = (dict(manifest), context)
            return self.first_setup

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        return self.first_setup

    @contextmanager
    def turn(self, *, write: bool) -> Iterator[None]:  # noqa: ARG002 - all take turns
        with self.lock:
            yield

    def postings(self, keys: Hashes, most: int) -> Postings:
        lists = [self.lists.get(key, []) for key in keys.tolist()]
        last = [of_key[max(0, len(of_key) - most) :] for of_key in lists]
        return Postings(
            np.cumsum([0, *map(len, last)], dtype=np.int64),
            np.array([number for of_key in last for number in of_key], np.int64),
            np.array([len(of_key) for of_key in lists], np.int64),
        )

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        return {number: self.known[number] for number in numbers.tolist() if number in self.known}

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        return {leader: self.states[leader] for leader in leaders.tolist() if leader in self.states}

    def reserve(self, count: int) -> int:
        with self.lock:
            self.last += count
            return self.last - count + 1

    def find(self, keys: Hashes, most: int, reserve: int = 0) -> Found:
        found = super().find(keys, most, reserve)
        lists = {key: list(self.lists.get(key, [])) for key in keys.tolist()}
        return found._replace(token=Snapshot(lists, self.dropped, dict(found.entries), dict(found.clusters)))

    def commit(self, change: Change, found: Found | None = None) -> bool:
        with self.lock:
            if found is not None and self.stale(change, found):
                return False
            for key, number in zip(change.keys.tolist(), change.numbers.tolist(), strict=True):
                self.lists.setdefault(key, []).append(number)
            self.known.update({entry.number: entry for entry in change.entries})
            self.states.update({state.leader: state for state in change.clusters})
            for number in change.dropped.tolist():
                self.known.pop(number, None)
            for leader in change.dropped_clusters.tolist():
                self.states.pop(leader, None)
            self.dropped += len(change.dropped) + len(change.dropped_clusters)
            for name, count in change.counts.items():
                self.counters[name] = self.counters.get(name, 0) + count
            return True

    def stale(self, change: Change, found: Found) -> bool:
        before = found.token
        assert isinstance(before, Snapshot)
        return (
            before.dropped != self.dropped
            or any(self.lists.get(key, []) != numbers for key, numbers in before.lists.items())
            or any(before.entries.get(one.number) is not self.known.get(one.number) for one in change.entries)
            or any(
                before.clusters.get(one.leader) is not self.states.get(one.leader) for one in change.clusters
            )
        )

    def outline(self) -> Iterator[Outline]:
        known = [self.known[number] for number in sorted(self.known)]
        for start in range(0, len(known), 100):
            part = known[start : start + 100]
            yield Outline(
                np.array([entry.number for entry in part], np.int64),
                np.array([entry.leader for entry in part], np.int64),
                np.array([entry.dated for entry in part]),
                np.array([not entry.doc_id for entry in part]),
            )

    def counts(self) -> dict[str, int]:
        return dict(self.counters)

    def compact(self) -> None:
        with self.lock:
            alive = {key: [n for n in numbers if n in self.known] for key, numbers in self.lists.items()}
            self.lists = {key: numbers for key, numbers in alive.items() if numbers}

    def verify(self) -> list[str]:
        return [
            f"key {key:016x}: number {number} was never given"
            for key, numbers in self.lists.items()
            for number in numbers
            if not 0 < number <= self.last
        ]

    def sizes(self) -> dict[str, int]:
        return {
            "postings": sum(8 + 4 * len(numbers) for numbers in self.lists.values()),
            "payload": sum(len(entry.payload) for entry in self.known.values()),
            "rest": sum(40 + len(entry.doc_id) + len(entry.verdict) for entry in self.known.values()),
        }

    def close(self) -> None:
        pass
