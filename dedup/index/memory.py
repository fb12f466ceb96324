"""Index in memory: for one process, gone with it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import StorageError
from dedup.index.base import ClusterState, Entry, Index, Outline
from dedup.index.runs import Alive, RunSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.index.base import Change, Found, Postings
    from dedup.kernels.types import Hashes, Rows


class MemoryIndex(Index):
    """Postings in sorted runs, entries and clusters in dicts. Threads take turns.

    Parameters
    ----------
    uri : str, default="memory://"
        Each is an index of its own.
    """

    compresses = False

    def __init__(self, uri: str = "memory://") -> None:
        self.uri = uri
        self._lock = RLock()
        self._set_up: tuple[dict[str, Any], bytes] | None = None
        self._runs = RunSet()
        # Plain tuples of what holds nothing else: the collector of garbage lets go of these.
        self._entries: dict[int, tuple[Any, ...]] = {}
        self._clusters: dict[int, tuple[Any, ...]] = {}
        self._counts: Counter[str] = Counter()
        self._last = 0
        self._closed = False

    def setup(
        self,
        manifest: Mapping[str, Any],
        context: bytes,
        instead_of: tuple[dict[str, Any], bytes] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """See :meth:`Index.setup`."""
        with self._lock:
            if self._set_up is None or (self._set_up == instead_of and not self._last):
                self._set_up = dict(manifest), context
            return self._set_up

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        """See :meth:`Index.stored`."""
        return self._set_up

    @contextmanager
    def turn(self, *, write: bool) -> Iterator[None]:  # noqa: ARG002 - readers and writers are alike
        """Wait for the other threads."""
        with self._lock:
            if self._closed:
                raise StorageError(self.uri, "is closed, and all that was in it is gone")
            yield

    def postings(self, keys: Hashes, most: int) -> Postings:
        """See :meth:`Index.postings`."""
        return self._runs.look_up(keys, most)

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        """See :meth:`Index.entries`."""
        entries = self._entries
        return {number: Entry(*entries[number]) for number in numbers.tolist() if number in entries}

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        """See :meth:`Index.clusters`."""
        clusters = self._clusters
        return {leader: ClusterState(*clusters[leader]) for leader in leaders.tolist() if leader in clusters}

    def reserve(self, count: int) -> int:
        """See :meth:`Index.reserve`."""
        self._last += count
        return self._last - count + 1

    def commit(self, change: Change, found: Found | None = None) -> bool:  # noqa: ARG002 - nobody came between
        """See :meth:`Index.commit`."""
        with self._lock:
            self._runs.add(change.keys, change.numbers)
            self._clusters.update({state[0]: tuple(state) for state in change.clusters})
            self._entries.update({entry[0]: tuple(entry) for entry in change.entries})
            for number in change.dropped.tolist():
                self._entries.pop(number, None)
            for leader in change.dropped_clusters.tolist():
                self._clusters.pop(leader, None)
            self._counts.update(change.counts)
        return True

    def outline(self) -> Iterator[Outline]:
        """See :meth:`Index.outline`."""
        with self._lock:
            entries = [Entry(*self._entries[number]) for number in sorted(self._entries)]
        if not entries:
            return
        yield Outline(
            np.array([entry.number for entry in entries], np.int64),
            np.array([entry.leader for entry in entries], np.int64),
            np.array([entry.dated for entry in entries], np.float64),
            np.array([not entry.doc_id for entry in entries], np.bool_),
        )

    def counts(self) -> dict[str, int]:
        """See :meth:`Index.counts`."""
        return dict(self._counts)

    def compact(self) -> None:
        """See :meth:`Index.compact`."""
        with self._lock:
            flags = np.zeros(self._last + 1, np.uint8)
            flags[list(self._entries)] = 1
            self._runs.compact(Alive(0, flags))

    def verify(self) -> list[str]:
        """See :meth:`Index.verify`."""
        with self._lock:
            entries = [Entry(*entry) for entry in self._entries.values()]
        lost = [entry.number for entry in entries if entry.leader not in self._clusters]
        return [f"entry {number} belongs to no cluster" for number in lost]

    def sizes(self) -> dict[str, int]:
        """See :meth:`Index.sizes`; what Python's objects take beside the payloads is not counted."""
        with self._lock:
            payload = sum(len(entry[-1]) for entry in self._entries.values())
        recent = self._runs.recent.count * 12
        return {"postings": self._runs.nbytes + recent, "payload": payload, "rest": 0}

    def close(self) -> None:
        """No more turns."""
        self._closed = True
