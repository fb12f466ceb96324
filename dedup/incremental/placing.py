"""Placing: beside which article of its cluster a new one is put."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Article
from dedup.index.base import ClusterState
from dedup.index.keys import cluster_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.incremental.arrivals import Arrivals
    from dedup.incremental.joining import Joined
    from dedup.incremental.manifest import Manifest
    from dedup.incremental.recognising import Opened, Recognised
    from dedup.index.base import Found, Index
    from dedup.match.payload import Kept

    #: Whether a new article is to be kept in place of the one that is.
    KeepIf = Callable[[Article, Article], bool]

#: Members of a cluster that are looked at for one within the window: the latest.
_MEMBERS = 128


class ChangedError(Exception):
    """What is asked for was removed since the rest was found: all of it must be asked for again."""


class Member(NamedTuple):
    """A member of a cluster, as far as a verdict names it."""

    number: int
    doc_id: str
    dated: float


@dataclass(slots=True)
class Cluster:
    """A cluster while a batch joins it."""

    leader: int
    name: str
    kept: Member
    first: float
    last: float
    size: int
    joined: list[Member] = field(default_factory=list)

    @classmethod
    def of(cls, begun: Placed) -> Cluster:
        """Cluster of the article that begins it."""
        member = begun.member
        return cls(begun.leader, begun.name, member, member.dated, member.dated, 1, [member])

    def add(self, member: Member) -> None:
        """Let an article be a member."""
        self.size += 1
        self.first, self.last = min(self.first, member.dated), max(self.last, member.dated)
        self.joined.append(member)

    def state(self) -> ClusterState:
        """As it is stored."""
        return ClusterState(self.leader, self.name, self.kept.number, self.first, self.last, self.size)


class Walked(NamedTuple):
    """A batch that found its clusters, and how it got there."""

    arrivals: Arrivals
    found: Found
    opened: Opened
    recognised: Recognised
    joined: Joined

    def kept(self, number: int) -> Kept:
        """What is kept of an article, stored or new."""
        if number in self.opened.entries:
            return self.opened[number]
        texts = self.joined.texts
        return texts.kept[int(np.searchsorted(texts.numbers, number))]


class Placed(NamedTuple):
    """Where a new article was put.

    Attributes
    ----------
    row : int
        Which arrival.
    member : Member
        The article.
    leader : int
        Number of the leader of its cluster; its own, if it begins one.
    name : str
        Of the cluster.
    against : Member or None
        The article that it is a duplicate or a version of; None for what is new.
    replaces : str or None
        Id of the article in whose place it is kept from now on.
    """

    row: int
    member: Member
    leader: int
    name: str
    against: Member | None
    replaces: str | None


class Placing(NamedTuple):
    """Where the articles of a batch were put.

    Attributes
    ----------
    ids : list of str
        Of all arrivals; an anonymous one whose text is known is told apart by its number.
    placed : list of Placed
        One for each new article.
    joined : dict of int to Cluster
        By their leaders, the clusters that articles were put into.
    """

    ids: list[str]
    placed: list[Placed]
    joined: dict[int, Cluster]

    def numbers(self, recognised: Recognised) -> list[int]:
        """Number of the entry that each arrival is."""
        found = {one.row: one.member.number for one in self.placed}
        for row, number in recognised.repeats.items():
            found[row] = number if number >= 0 else found[-1 - number]
        return [found[row] for row in range(len(found))]


def place(
    walked: Walked, index: Index, manifest: Manifest, keep_if: KeepIf | None, *, together: bool
) -> Placing:
    """Go through the new articles in order, and put each beside an article of its cluster.

    Parameters
    ----------
    walked : Walked
        A batch that found its clusters.
    index : Index
        Asked for members that are not at hand, in the turn in which the rest was found.
    manifest : Manifest
        Of the index.
    keep_if : callable or None
        Called with a new article and the one that is kept: whether the new one takes its place.
    together : bool
        Whether an article is seen by those after it.
    """
    texts, taken = walked.joined.texts, walked.recognised.name_taken
    hashes = walked.arrivals.sketches.table.text_hashes
    numbers = texts.numbers[texts.begin :].tolist()
    leaders = texts.numbers[walked.joined.leaders[texts.begin :]].tolist()
    dates = walked.arrivals.dated[texts.arrivals].tolist()
    ids = _names(walked) if together else walked.arrivals.ids
    joined = _known_clusters(walked, index, set(leaders))
    begun: dict[int, Placed] = {}
    placed = []
    for row, number, leader, dated in zip(texts.arrivals.tolist(), numbers, leaders, dates, strict=True):
        member = Member(number, ids[row], dated)
        if leader == number:
            name = ids[row] if row not in taken else f"{ids[row]}#{hashes[row]:016x}"
            begun[number] = Placed(row, member, number, name, None, None)
            placed.append(begun[number])
            continue
        if leader not in joined:
            joined[leader] = Cluster.of(begun[leader])
        cluster = joined[leader]
        against = _within(cluster, member, manifest.window, index, walked.opened)
        mine = member.doc_id == cluster.kept.doc_id  # even beside another, if that one is too far away
        better = keep_if is not None and not mine and _is_better(walked, member, cluster.kept, keep_if)
        replaced = cluster.kept.doc_id if better else None
        placed.append(Placed(row, member, leader, cluster.name, against, replaced))
        if together:
            cluster.kept = member if better or mine else cluster.kept
            cluster.add(member)
    return Placing(ids, placed, joined)


def _names(walked: Walked) -> list[str]:
    """Ids, of which no two are equal but of versions of one article."""
    ids = list(walked.arrivals.ids)
    taken = {name for name, made in zip(ids, walked.arrivals.anonymous, strict=True) if not made}
    taken |= walked.recognised.known_ids
    for row, name in enumerate(ids):
        if walked.arrivals.anonymous[row]:
            if name in taken:
                ids[row] = f"{name}#{walked.found.first + row}"
            taken.add(name)
    return ids


def _known_clusters(walked: Walked, index: Index, leaders: set[int]) -> dict[int, Cluster]:
    """Those of the clusters that were there before, with the article that each keeps."""
    entries = walked.opened.entries
    states = [state for leader, state in walked.found.clusters.items() if leader in leaders]
    absent = sorted({state.kept for state in states} - entries.keys())
    if absent:
        entries.update(index.entries(np.array(absent, np.int64)))
    known = {}
    if any(state.kept not in entries for state in states):
        raise ChangedError
    for leader, name, number, first, last, size in states:
        kept = Member(number, entries[number].doc_id, entries[number].dated)
        known[leader] = Cluster(leader, name, kept, first, last, size)
    return known


def _within(cluster: Cluster, member: Member, window: int, index: Index, opened: Opened) -> Member:
    """The article that is kept, or the earliest member that is near enough in time, if that one is not."""
    if window < 0 or abs(cluster.kept.dated - member.dated) <= window:
        return cluster.kept
    stored = index.postings(cluster_keys(np.array([cluster.leader])), _MEMBERS).numbers
    entries = index.entries(np.unique(np.append(stored, cluster.leader)))
    opened.entries.update(entries)
    others = [
        Member(entry.number, entry.doc_id, entry.dated)
        for entry in entries.values()
        if entry.doc_id and entry.leader == cluster.leader
    ]
    others = sorted(others) + cluster.joined
    return next((other for other in others if abs(other.dated - member.dated) <= window), cluster.kept)


def _is_better(walked: Walked, new: Member, kept: Member, keep_if: KeepIf) -> bool:
    one, other = (
        article_of(walked.kept(member.number), member.doc_id, _moment(walked, member))
        for member in (new, kept)
    )
    return bool(keep_if(one, other))


def _moment(walked: Walked, member: Member) -> float:
    """When it was published; NaN if that is not known."""
    if member.number in walked.opened.entries:
        return walked.opened.entries[member.number].published
    texts = walked.joined.texts
    return float(texts.published[np.searchsorted(texts.numbers, member.number)])


def _date_of(published: float) -> datetime | None:
    """Date of epoch seconds; None for undated, and for what is in no year that has a date in UTC."""
    try:
        return None if math.isnan(published) else datetime.fromtimestamp(published, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def article_of(kept: Kept, doc_id: str, published: float) -> Article:
    """Article as it was, without what an index does not keep."""
    text, title, url, source = (part.decode() for part in kept)
    return Article(
        text,
        doc_id,
        url or None,
        title or None,
        _date_of(published),
        source or None,
    )
