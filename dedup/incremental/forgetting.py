"""Forgetting: what becomes of clusters when articles are removed or expire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.index.base import Change, ClusterState, Entry
from dedup.index.keys import cluster_keys, id_keys, text_keys
from dedup.match.payload import bare, unpack
from dedup.text.columns import TextColumn, shingle_column
from dedup.url import url_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dedup.index.base import Found, Index
    from dedup.kernels.types import Hashes, Rows

_ALL = (1 << 32) - 1


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

    def of(self, leaders: Rows) -> Members:
        """Those of some clusters."""
        mine = np.isin(self.leaders, leaders)
        columns: list[Any] = [column[mine] for column in self]
        return Members(*columns)

    def beside(self, others: Members) -> Members:
        """These and others."""
        columns: list[Any] = [np.concatenate(pair) for pair in zip(self, others, strict=True)]
        order = np.argsort(columns[0])
        return Members(*(column[order] for column in columns))


def versions_of(index: Index, doc_id: str) -> list[Entry]:
    """Entries of an id, the latest last; where a URL is none, those of its page."""
    numbers = index.postings(id_keys([doc_id]), _ALL).numbers
    entries = index.entries(np.unique(numbers))
    found = [entry for _, entry in sorted(entries.items()) if entry.doc_id == doc_id]
    page = url_id(doc_id)
    return found if found or page is None or page == doc_id else versions_of(index, page)


def members_of(
    index: Index, leaders: Rows, known: Members | None = None, ids: Sequence[str] = ()
) -> tuple[Members, Found]:
    """All that belong to some clusters, and what a change of them rests on: nobody may have joined them since.

    Parameters
    ----------
    index : Index
        In a turn to write.
    leaders : ndarray of int64
        Of the clusters, distinct.
    known : Members, optional
        Read some time before: a cluster that nobody joined is its leader alone, and need not be read again.
    ids : sequence of str, optional
        Nobody may have added an article of one of them either.
    """
    found = index.find(np.concatenate([cluster_keys(leaders), id_keys(ids)]), _ALL)
    read = leaders if known is None else leaders[found.postings.lengths[: len(leaders)] > 0]
    followers = [entry for entry in found.entries.values() if entry.number != entry.leader]
    found.entries.update(index.entries(np.sort(read)))
    entries = sorted(
        [*followers, *(found.entries[leader] for leader in read.tolist() if leader in found.entries)]
    )
    members = Members(
        np.array([entry.number for entry in entries], np.int64),
        np.array([entry.leader for entry in entries], np.int64),
        np.array([entry.dated for entry in entries], np.float64),
        np.array([not entry.doc_id for entry in entries], np.bool_),
    ).of(leaders)
    return members if known is None else members.beside(known.of(np.setdiff1d(leaders, read))), found


def all_members(index: Index) -> Members:
    """All entries."""
    empty = np.empty(0, np.int64)
    parts = [Members(empty, empty, np.empty(0), np.empty(0, np.bool_)), *index.outline()]
    return Members(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def forget(index: Index, members: Members, gone: NDArray[np.bool_], entries: Mapping[int, Entry]) -> Change:
    """What to do so that some members are remembered no longer.

    Parameters
    ----------
    index : Index
        Asked for the clusters and their leaders.
    members : Members
        Of clusters that are there as a whole.
    gone : ndarray of bool
        Which are to go.
    entries : mapping of int to Entry
        Those of clusters of several members.

    Returns
    -------
    Change
        A leader whose cluster has other members stays as the text that these are verified against, without its id.
        Where the article that is kept goes, the earliest that stays takes its place.
    """
    states = index.clusters(np.unique(members.leaders[gone & ~members.removed]))
    gone = gone & ~members.removed & np.isin(members.leaders, list(states))
    touched = np.isin(members.leaders, list(states))
    numbers, leaders = members.numbers[touched], members.leaders[touched]
    stays = ~(gone | members.removed)[touched]
    held = np.isin(leaders, leaders[stays]) & (numbers == leaders)  # leaders whose clusters live on
    ghosts = index.entries(numbers[held & gone[touched]])
    clusters = _states(states, numbers[stays], leaders[stays], members.dated[touched][stays])
    dead = np.array([leader for leader in states if leader not in clusters], np.int64)
    keys, posted = _texts_to_post(numbers, leaders, gone[touched], stays, entries)
    return Change(
        keys=keys,
        numbers=posted,
        entries=[entry._replace(doc_id="", payload=bare(entry.payload)) for entry in ghosts.values()],
        clusters=list(clusters.values()),
        dropped=numbers[~stays & ~held],
        dropped_clusters=dead,
        counts={"articles": -int(gone.sum()), "clusters": -len(dead)},
    )


def _texts_to_post(
    numbers: Rows,
    leaders: Rows,
    gone: NDArray[np.bool_],
    stays: NDArray[np.bool_],
    entries: Mapping[int, Entry],
) -> tuple[Hashes, Rows]:
    """Texts that only what goes is posted for, each with the first that stays: a text is posted once a cluster."""
    lives = np.isin(leaders, leaders[stays]) & np.isin(leaders, leaders[gone])
    rows = [row for row in np.flatnonzero(lives & (gone | stays)).tolist() if int(numbers[row]) in entries]
    if not rows:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    texts = [unpack(entries[int(numbers[row])].payload).text for row in rows]
    hashes = shingle_column(TextColumn.of(texts), 1).text_hashes
    lost = {(int(leaders[row]), text) for row, text in zip(rows, hashes.tolist(), strict=True) if gone[row]}
    found: dict[tuple[int, int], int] = {}
    for row, text in zip(rows, hashes.tolist(), strict=True):
        if stays[row] and (int(leaders[row]), text) in lost:
            found.setdefault((int(leaders[row]), text), int(numbers[row]))
    return text_keys(np.array([text for _, text in found], np.uint64)), np.array([*found.values()], np.int64)


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
