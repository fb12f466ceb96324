"""Index in memory: for one process, gone with it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.index.base import Change, ClusterState, Entry, Found, Index, Outline, Postings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.kernels.types import Hashes, Rows


class MemoryIndex(Index):
    """Postings, entries and clusters in dicts. Threads take turns."""

    compresses = False

    def __init__(self, uri: str = "memory://") -> None:  # noqa: ARG002 - there is one kind
        self._lock = RLock()
        self._set_up: tuple[dict[str, Any], bytes] | None = None
        self._postings: dict[int, list[int]] = {}
        self._entries: dict[int, Entry] = {}
        self._clusters: dict[int, ClusterState] = {}
        self._counts: Counter[str] = Counter()
        self._last = 0

    def setup(self, manifest: Mapping[str, Any], context: bytes) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            if self._set_up is None:
                self._set_up = dict(manifest), context
            return self._set_up

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        return self._set_up

    @contextmanager
    def turn(self, *, write: bool) -> Iterator[None]:  # noqa: ARG002 - all take turns
        with self._lock:
            yield

    def postings(self, keys: Hashes, most: int) -> Postings:
        lists = [self._postings.get(key, ()) for key in keys.tolist()]
        lengths = np.array([len(found) for found in lists], np.int64)
        numbers = [number for found in lists for number in found[-most:]]
        indptr = np.concatenate([[0], np.cumsum(np.minimum(lengths, most))])
        return Postings(indptr, np.array(numbers, np.int64), lengths)

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        return {number: self._entries[number] for number in numbers.tolist() if number in self._entries}

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        return {leader: self._clusters[leader] for leader in leaders.tolist() if leader in self._clusters}

    def reserve(self, count: int) -> int:
        self._last += count
        return self._last - count + 1

    def commit(self, change: Change, found: Found | None = None) -> bool:  # noqa: ARG002 - nobody came between
        with self._lock:
            for key, number in zip(change.keys.tolist(), change.numbers.tolist(), strict=True):
                self._postings.setdefault(key, []).append(number)
            self._entries.update((entry.number, entry) for entry in change.entries)
            self._clusters.update((state.leader, state) for state in change.clusters)
            for number in change.dropped.tolist():
                self._entries.pop(number, None)
            for leader in change.dropped_clusters.tolist():
                self._clusters.pop(leader, None)
            self._counts.update(change.counts)
        return True

    def outline(self) -> Iterator[Outline]:
        with self._lock:
            entries = list(self._entries.values())
        yield Outline(
            np.array([entry.number for entry in entries], np.int64),
            np.array([entry.leader for entry in entries], np.int64),
            np.array([entry.dated for entry in entries], np.float64),
            np.array([not entry.doc_id for entry in entries], np.bool_),
        )

    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def compact(self) -> None:
        with self._lock:
            for key, numbers in list(self._postings.items()):
                alive = [number for number in numbers if number in self._entries]
                if alive:
                    self._postings[key] = alive
                else:
                    del self._postings[key]

    def verify(self) -> list[str]:
        return []

    def sizes(self) -> dict[str, int]:
        return {
            "postings": 12 * sum(map(len, self._postings.values())),
            "payload": sum(len(entry.payload) for entry in self._entries.values()),
            "rest": 0,
        }

    def close(self) -> None:
        """Nothing is held."""
