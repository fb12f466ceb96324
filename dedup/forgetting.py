"""Forgetting: what becomes of clusters when articles are removed or expire."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.index.base import Change, ClusterState, Entry, Outline
from dedup.index.keys import cluster_keys, id_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.index.base import Index
    from dedup.kernels.types import Rows

_ALL = (1 << 32) - 1
#: Entries of a cluster that are read at a time.
_PART = 4096
_NOTHING = Outline(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))


class Members(NamedTuple):
    """Entries and their clusters, ascending; all members of the clusters that matter.

    Attributes
    ----------
    numbers, leaders : ndarray of int64
        Of each entry.
    dated : ndarray of float64
        By which it expires.
    removed : ndarray of bool
        Whether it only stays for its cluster.
    """

    numbers: Rows
    leaders: Rows
    dated: NDArray[np.float64]
    removed: NDArray[np.bool_]


def versions_of(index: Index, doc_id: str) -> list[Entry]:
    """Entries of an id, the latest last."""
    numbers = index.postings(id_keys([doc_id]), _ALL).numbers
    entries = index.entries(np.unique(numbers))
    return [entry for _, entry in sorted(entries.items()) if entry.doc_id == doc_id]


def members_of(index: Index, leaders: Rows) -> Members:
    """All that belong to some clusters."""
    posted = index.postings(cluster_keys(leaders), _ALL).numbers
    numbers = np.unique(np.concatenate([posted, leaders]))
    wanted = set(leaders.tolist())
    entries: list[Entry] = []
    for start in range(0, len(numbers), _PART):
        found = index.entries(numbers[start : start + _PART]).values()
        entries += (entry._replace(payload=b"") for entry in found if entry.leader in wanted)
    entries.sort()
    return Members(
        np.array([entry.number for entry in entries], np.int64),
        np.array([entry.leader for entry in entries], np.int64),
        np.array([entry.dated for entry in entries], np.float64),
        np.array([not entry.doc_id for entry in entries], np.bool_),
    )


def all_members(index: Index) -> Members:
    """All entries."""
    parts = list(index.outline()) or [_NOTHING]
    numbers, leaders, dated, removed = zip(*parts, strict=True)
    return Members(
        np.concatenate(numbers), np.concatenate(leaders), np.concatenate(dated), np.concatenate(removed)
    )


def forget(index: Index, members: Members, gone: NDArray[np.bool_]) -> Change:
    """What to do so that some members are remembered no longer.

    Parameters
    ----------
    index : Index
        Asked for the clusters and their leaders.
    members : Members
        Of clusters that are there as a whole.
    gone : ndarray of bool
        Which are to go.

    Returns
    -------
    Change
        A leader whose cluster has other members stays as the text that these are verified against, without its id.
        Where the article that is kept goes, the earliest that stays takes its place.
    """
    gone = gone & ~members.removed
    touched = np.isin(members.leaders, members.leaders[gone])
    numbers, leaders, stays = (
        members.numbers[touched],
        members.leaders[touched],
        ~(gone | members.removed)[touched],
    )
    states = index.clusters(np.unique(leaders))
    alive = np.unique(leaders[stays])
    lives = np.isin(leaders, alive)
    is_leader = numbers == leaders
    ghosts = index.entries(numbers[lives & is_leader & gone[touched]])
    clusters = _states(states, numbers[stays], leaders[stays], members.dated[touched][stays])
    dead = np.array([leader for leader in states if leader not in clusters], np.int64)
    return Change(
        entries=[entry._replace(doc_id="") for entry in ghosts.values()],
        clusters=list(clusters.values()),
        dropped=numbers[~stays & ~(lives & is_leader)],
        dropped_clusters=dead,
        counts={"articles": -int(gone.sum()), "clusters": -len(dead)},
    )


def _states(
    states: dict[int, ClusterState], numbers: Rows, leaders: Rows, dated: NDArray[np.float64]
) -> dict[int, ClusterState]:
    """Clusters as they are with these members, which are ascending."""
    order = np.argsort(leaders, kind="stable")
    numbers, leaders, dated = numbers[order], leaders[order], dated[order]
    distinct, starts, sizes = np.unique(leaders, return_index=True, return_counts=True)
    found = {}
    for leader, start, size in zip(distinct.tolist(), starts.tolist(), sizes.tolist(), strict=True):
        mine = slice(start, start + size)
        state = states[leader]
        kept = state.kept if state.kept in numbers[mine] else int(numbers[start])
        first, last = float(dated[mine].min()), float(dated[mine].max())
        found[leader] = state._replace(kept=kept, first=first, last=last, size=size)
    return found
