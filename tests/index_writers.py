"""What processes do that write to an index in a directory, until they are done or killed.

`python -m tests.index_writers PATH SEED COUNT` adds so many articles (0: for ever) and prints each number as soon as it
is acknowledged, with a minus as soon as it is dropped.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from dedup.index import runs
from dedup.index.base import Change
from dedup.index.disk import DiskIndex
from tests.index_places import array, drop, entry, state

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.index.base import Index

KEYS = 12
SHARED = 3  # of the keys, which other articles have too


def keys_of(number: int) -> NDArray[np.uint64]:
    """Give the keys of an article, which only its number decides."""
    keys = np.random.default_rng(number).integers(0, 1 << 64, KEYS, np.uint64)
    keys[:SHARED] = np.arange(SHARED, dtype=np.uint64) * np.uint64(1 << 60) + np.uint64(number % 7)
    return keys


def payload_of(number: int) -> bytes:
    return number.to_bytes(4, "little") * (1 + number % 50)


def add(index: Index, count: int) -> list[int]:
    """Add articles in one commit."""
    with index.turn(write=True):
        found = index.find(keys_of(0), 8, reserve=count)
        numbers = range(found.first, found.first + count)
        change = Change(
            keys=np.concatenate([keys_of(n) for n in numbers]),
            numbers=np.repeat(array(*numbers), KEYS),
            entries=[entry(n, payload=payload_of(n)) for n in numbers],
            clusters=[state(n) for n in numbers],
            counts={"added": count},
        )
        assert index.commit(change, found)
    return list(numbers)


def tell(numbers: list[int]) -> None:
    sys.stdout.write(" ".join(map(str, numbers)) + "\n")
    sys.stdout.flush()


def write(index: Index, seed: int, count: int) -> None:
    """Add articles, a few or many at a time; now and then drop some, and compact."""
    rng = np.random.default_rng(seed)
    mine: list[int] = []
    done = 0
    while not count or done < count:
        size = int(rng.choice([1, 1, 1, 1, 3, 40]))
        numbers = add(index, size)
        done += size
        mine += numbers
        tell(numbers)
        if rng.random() < 0.05:
            dropped, mine = mine[: len(mine) // 3], mine[len(mine) // 3 :]
            tell([-n for n in dropped])  # before: whether it was done when killed, nobody knows
            drop(index, dropped)
        if rng.random() < 0.02:
            index.compact()


def problems(index: Index, acknowledged: set[int], dropped: set[int]) -> list[str]:
    """What is wrong after articles were acknowledged, and others perhaps dropped."""
    wrong = index.verify()
    parts = list(index.outline())
    there = {n for part in parts for n in part.numbers.tolist()}
    if lost := acknowledged - dropped - there:
        wrong.append(f"lost: {sorted(lost)}")
    entries = index.entries(np.array(sorted(there), np.int64))
    numbers = np.array(sorted(there), np.int64)
    keys = np.concatenate([np.empty(0, np.uint64), *(keys_of(n) for n in numbers.tolist())])
    found = index.postings(keys, 1 << 20)
    for k, number in enumerate(np.repeat(numbers, KEYS).tolist()):
        posted = found.numbers[found.indptr[k] : found.indptr[k + 1]].tolist()
        if posted.count(number) != 1:
            wrong.append(f"{number} stands {posted.count(number)} times under one of its keys")
        if posted != sorted(posted):
            wrong.append(f"under a key of {number} numbers are out of order")
        if entries[number].payload != payload_of(number):
            wrong.append(f"{number} has another payload")
    return wrong


def make_small() -> None:
    """Let few postings be many: all that happens seldom happens often."""
    runs.DIRECT, runs.FLUSH, runs._PART = 30 * KEYS, 60 * KEYS, 512


if __name__ == "__main__":
    make_small()
    with closing(DiskIndex(sys.argv[1])) as opened:
        opened.setup({}, b"")
        write(opened, int(sys.argv[2]), int(sys.argv[3]))
