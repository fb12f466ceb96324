"""What an index of articles stores, and what every back end can do.

An index is three tables and a few counters. It knows nothing of texts: what is a copy of what is decided above.

postings
    From a 64-bit key to the numbers of entries, in the order in which they were put there. A key stands for a band,
    for an id, for a normalised text, or for a cluster; all are hashes, spread evenly over 64 bits.
entries
    From a number to an article that is remembered.
clusters
    From the number of the leader to what is known of its cluster.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Offsets, Rows


class Postings(NamedTuple):
    """What stands under some keys.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_keys + 1,)
        Where each key's numbers begin.
    numbers : ndarray of int64
        Numbers of entries, in the order in which they were put there; of a long list, the last ones.
    lengths : ndarray of int64 of shape (n_keys,)
        How many stand there in all.
    """

    indptr: Offsets
    numbers: Rows
    lengths: Rows


class Entry(NamedTuple):
    """An article that is remembered.

    Attributes
    ----------
    number : int
        Counted from 1, never used again; a later article has a higher one. At most 2**32 - 1.
    doc_id : str
        Its id; empty if the article was removed, but its text is still what its cluster is verified against.
    leader : int
        Number of the leader of its cluster: its own, if it leads.
    published : float
        Epoch seconds, NaN for undated.
    seen : float
        When it was added, in epoch seconds.
    verdict : bytes
        What was said of it when it was added; opaque.
    payload : bytes
        What verification needs; opaque.
    """

    number: int
    doc_id: str
    leader: int
    published: float
    seen: float
    verdict: bytes
    payload: bytes

    @property
    def dated(self) -> float:
        """When it was published, or else seen; by this it matches and expires."""
        return self.seen if self.published != self.published else self.published


class ClusterState(NamedTuple):
    """What is known of a cluster.

    Attributes
    ----------
    leader : int
        Number of its leader.
    name : str
        Its id, which it keeps.
    kept : int
        Number of the member that is kept.
    first, last : float
        Earliest and latest :attr:`Entry.dated` of the members.
    size : int
        Members.
    """

    leader: int
    name: str
    kept: int
    first: float
    last: float
    size: int


class Found(NamedTuple):
    """What an index knows of some keys.

    Attributes
    ----------
    postings : Postings
        Of the keys, in their order.
    entries : dict of int to Entry
        All that the postings name and that are still remembered, and the leaders of their clusters.
    clusters : dict of int to ClusterState
        All that these belong to.
    first : int
        First of the numbers that were reserved.
    token : object
        Handed back to :meth:`Index.commit`.
    """

    postings: Postings
    entries: dict[int, Entry]
    clusters: dict[int, ClusterState]
    first: int
    token: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a commit does, all of it or nothing.

    Attributes
    ----------
    keys, numbers : ndarray of uint64, ndarray of int64
        Postings to append, in order.
    entries : sequence of Entry
        To be stored; one whose number is known takes its place.
    clusters : sequence of ClusterState
        Likewise, by their leader.
    dropped, dropped_clusters : ndarray of int64
        Numbers of entries, and of leaders, to be forgotten. What is posted of them is passed over from then on, and
        given up when the index is compacted.
    counts : mapping of str to int
        Added to the counters.
    """

    keys: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    numbers: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    entries: Sequence[Entry] = ()
    clusters: Sequence[ClusterState] = ()
    dropped: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    dropped_clusters: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    counts: Mapping[str, int] = field(default_factory=dict)


class Outline(NamedTuple):
    """Entries without what is large, as arrays: what expiry looks at.

    Attributes
    ----------
    numbers, leaders : ndarray of int64
        As in :class:`Entry`; ascending numbers.
    dated : ndarray of float64
        :attr:`Entry.dated`.
    removed : ndarray of bool
        Whether it stays for its cluster only.
    """

    numbers: Rows
    leaders: Rows
    dated: NDArray[np.float64]
    removed: NDArray[np.bool_]


class Index(ABC):
    """A back end. One that is safe for several threads says so in ``turn``.

    Every error of the driver leaves as a :class:`dedup.errors.StorageError` with its cause; after it, the index can be
    used again.
    """

    #: Whether payloads should be compressed: where they are kept is slower than compressing them.
    compresses = True
    #: Articles that one commit should hold.
    most_articles = 4096

    @abstractmethod
    def setup(
        self,
        manifest: Mapping[str, Any],
        context: bytes,
        instead_of: tuple[dict[str, Any], bytes] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Store the manifest and the context, unless some are stored; return those that are.

        Of several that do so at once, one is first, and all are told what it stored.

        Parameters
        ----------
        manifest : mapping of str to object
            As JSON has it.
        context : bytes
            Opaque.
        instead_of : tuple of dict and bytes, optional
            What was stored. It is replaced if it still is, and as long as no number was ever reserved.
        """

    @abstractmethod
    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        """Manifest and context, None in an index that was never set up."""

    @abstractmethod
    def turn(self, *, write: bool) -> AbstractContextManager[None]:
        """Hold still what is read until the end of the block.

        With ``write``, nobody else commits meanwhile, where the back end can promise that; where it can't, `commit`
        may refuse. Threads of one process take turns.
        """

    @abstractmethod
    def postings(self, keys: Hashes, most: int) -> Postings:
        """Numbers under each key, the last `most` of them; entries that were dropped may still be named."""

    @abstractmethod
    def entries(self, numbers: Rows) -> dict[int, Entry]:
        """Entries of these numbers that are remembered; `numbers` are distinct, ascending."""

    @abstractmethod
    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        """Clusters of these leaders that are known; `leaders` are distinct, ascending."""

    @abstractmethod
    def reserve(self, count: int) -> int:
        """First of `count` numbers that nobody had before; called in a turn to write."""

    @abstractmethod
    def commit(self, change: Change, found: Found | None = None) -> bool:
        """Do all of a change, or nothing.

        Parameters
        ----------
        change : Change
            What to do.
        found : Found, optional
            What it rests on: if another commit has added to one of those keys since, dropped anything, or replaced an
            entry or a cluster that was found and that this change replaces as well, nothing is done.

        Returns
        -------
        bool
            False if nothing was done, and what it rests on must be asked for again.
        """

    @abstractmethod
    def outline(self) -> Iterator[Outline]:
        """All entries, in parts, ascending."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """The counters."""

    @abstractmethod
    def compact(self) -> None:
        """Give back the space of what was dropped."""

    @abstractmethod
    def verify(self) -> list[str]:
        """What is wrong with what is stored, a line each; empty if nothing is."""

    @abstractmethod
    def sizes(self) -> dict[str, int]:
        """Bytes that are taken, by what takes them: ``postings``, ``payload``, ``rest``."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections. Twice is once."""

    def find(self, keys: Hashes, most: int, reserve: int = 0) -> Found:
        """Ask all at once: postings, and the entries and clusters that they lead to.

        Parameters
        ----------
        keys : ndarray of uint64
            Keys; one may stand there twice.
        most : int
            Numbers that are given of each key, the last ones.
        reserve : int, default=0
            Numbers to reserve.
        """
        postings = self.postings(keys, most)
        entries = self.entries(np.unique(postings.numbers))
        leaders = np.unique(np.array([entry.leader for entry in entries.values()], np.int64))
        absent = [leader for leader in leaders.tolist() if leader not in entries]
        if absent:
            entries.update(self.entries(np.array(absent, np.int64)))
        return Found(postings, entries, self.clusters(leaders), self.reserve(reserve) if reserve else 0)
