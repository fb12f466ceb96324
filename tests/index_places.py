"""Where the tests of the index open one, and what they put there."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dedup.index.base import Change, ClusterState, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.index.base import Index, Postings
    from dedup.kernels.types import Hashes, Rows

#: How often each of several workers adds an article.
TURNS = 25


class Place(Protocol):
    """Where an index is, empty at first. It can be pickled if it is `shared`."""

    #: Whether a second opening, in this or another process, sees the same index.
    shared: bool
    #: Whether a commit that rests on what has changed is refused.
    refuses: bool

    def open(self) -> Index:
        """Open the index, as often as asked."""

    def damage(self) -> None:
        """Spoil one posting, or more, of what is stored; nobody has it open."""


def array(*numbers: int) -> Rows:
    return np.array(numbers, np.int64)


def hashed(*keys: int) -> Hashes:
    """Spread small numbers over 64 bits, as the keys of an index are."""
    return np.array([(key * 0x9E3779B97F4A7C15 + 1) % 2**64 for key in keys], np.uint64)


def entry(number: int, leader: int = 0, **fields: Any) -> Entry:
    """Make an entry that leads unless it is told whom it follows."""
    made = Entry(
        number, f"id {number}", leader or number, 1.5 * number, 2e9 + number, b"new", b"text %d" % number
    )
    return made._replace(**fields)


def state(leader: int, size: int = 1, **fields: Any) -> ClusterState:
    made = ClusterState(leader, f"id {leader}", leader, 1.5 * leader, 1.5 * leader + size, size)
    return made._replace(**fields)


def posted(keys: Hashes, *entries: Entry, **others: Any) -> Change:
    """Make the change that puts each of the entries under each of the keys, and a cluster for those that lead."""
    numbers = [one.number for one in entries]
    others.setdefault("clusters", [state(one.number) for one in entries if one.leader == one.number])
    return Change(
        keys=np.tile(keys, len(numbers)),
        numbers=np.repeat(array(*numbers), len(keys)),
        entries=entries,
        **others,
    )


def lists(postings: Postings) -> list[list[int]]:
    """Numbers under each key."""
    bounds = postings.indptr.tolist()
    assert postings.indptr.dtype == postings.numbers.dtype == np.dtype(np.int64)
    assert len(bounds) == len(postings.lengths) + 1
    assert bounds[-1] == len(postings.numbers)
    return [postings.numbers[a:b].tolist() for a, b in pairwise(bounds)]


def fill(index: Index, count: int, keys: Hashes | None = None) -> int:
    """Add entries that lead, all under the same keys or each under three of its own; give the first number."""
    with index.turn(write=True):
        first = index.reserve(count)
        numbers = range(first, first + count)
        own = [hashed(*range(1000 * n, 1000 * n + 3)) for n in numbers] if keys is None else [keys] * count
        assert index.commit(
            Change(
                keys=np.concatenate(own),
                numbers=np.repeat(array(*numbers), [len(of_one) for of_one in own]),
                entries=[entry(n) for n in numbers],
                clusters=[state(n) for n in numbers],
            )
        )
    return first


def drop(index: Index, numbers: Sequence[int]) -> None:
    with index.turn(write=True):
        assert index.commit(Change(dropped=array(*numbers), dropped_clusters=array(*numbers)))


def add_until_done(index: Index, keys: Hashes) -> int:
    """Add an article as the index does, again and again until it is not refused; give its number."""
    with index.turn(write=True):
        while True:
            found = index.find(keys, 10, reserve=1)
            length = int(found.postings.lengths[0])
            change = posted(keys, entry(found.first, verdict=b"%d" % length), counts={"articles": 1})
            if index.commit(change, found):
                return found.first


def work(place: Place, queue: Any) -> None:
    """Add articles under one key, in another process."""
    with closing(place.open()) as index:
        queue.put([add_until_done(index, hashed(1, 2)) for _ in range(TURNS)])
