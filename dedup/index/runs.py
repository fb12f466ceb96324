"""Postings in sorted runs: what every index that keeps its own postings is made of.

Postings arrive in batches. A batch is sorted by key and becomes a run, which never changes; a few runs of similar
size are merged into one, so that there are never many, and every posting is written again a few times only. What
arrives one article at a time is kept in a dict until it is worth a run. Newer runs stand behind older ones, and
numbers under one key stand in the order in which they were put there. See docs/decisions/0019-directory-index.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.index.base import Postings
from dedup.kernels.postings import count_slots, gather, look_up, merge_postings, sift, sort_postings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Flags, Hashes, Offsets, Rows, Rows32U, Table

#: Runs of a size that are merged into one. Of 3 to 8, 4 costs the least over a million articles: half of it goes into
#: looking keys up, which takes longer the more runs there are (2026-11).
FANOUT = 4
#: Runs of a size may differ by so much.
SLACK = 1.1
#: Postings that are worth a run at once.
DIRECT = 1 << 15
#: Postings that are kept in a dict before they become a run: of 4,096 articles, which take 30 MB there.
FLUSH = 48 << 12
#: Fewer keys are looked up in the order in which they were asked.
_SORTED = 512
_PART = 1 << 18  # postings merged at once: they stay in the cache


class Run(NamedTuple):
    """Postings sorted by key.

    Attributes
    ----------
    keys : ndarray of uint64
        Ascending.
    numbers : ndarray of uint32
        What stands under each.
    directory : ndarray of int64 of shape (2**bits + 1,)
        Where the keys of each value of their upper bits begin, 32 to 64 of them.
    bits : int
        How many bits that is.
    """

    keys: Hashes
    numbers: Rows32U
    directory: Offsets
    bits: int


class Alive(NamedTuple):
    """Which numbers are still remembered.

    Attributes
    ----------
    first : int
        All lower ones are gone.
    flags : ndarray of uint8
        0 for those that are gone, from `first` on; all beyond are there.
    """

    first: int
    flags: Flags


def directory_bits(count: int) -> int:
    """Bits of the directory of so many postings."""
    return max((count // 32).bit_length() - 1, 1)


def sorted_run(keys: Hashes, numbers: Rows) -> Run:
    """Make a run of postings in the order in which they were put there.

    Examples
    --------
    >>> run = sorted_run(np.array([7, 5, 7], np.uint64), np.array([1, 2, 3]))
    >>> run.keys.tolist(), run.numbers.tolist()
    ([5, 7, 7], [2, 1, 3])
    """
    run_keys, run_numbers = np.array(keys, np.uint64), np.asarray(numbers).astype(np.uint32)
    _sort(run_keys, run_numbers)
    return joined_run(len(run_keys), iter([(run_keys, run_numbers)]))


def joined_run(count: int, parts: Iterator[tuple[Hashes, Rows32U]]) -> Run:
    """Make a run of ascending parts that hold so many postings at most."""
    bits = directory_bits(count)
    keys, numbers = np.empty(count, np.uint64), np.empty(count, np.uint32)
    directory, filled = np.zeros((1 << bits) + 1, np.int64), 0
    for part_keys, part_numbers in parts:
        count_slots(part_keys, bits, directory)
        end = filled + len(part_keys)
        keys[filled:end], numbers[filled:end] = part_keys, part_numbers
        filled = end
    if filled < count:
        keys, numbers = keys[:filled].copy(), numbers[:filled].copy()
    return Run(keys, numbers, np.cumsum(directory), bits)


def merge(runs: Sequence[Run], alive: Alive | None = None) -> Iterator[tuple[Hashes, Rows32U]]:
    """Merge runs, the oldest first, into ascending parts, each small enough for the cache.

    Parameters
    ----------
    runs : sequence of Run
        In the order of time.
    alive : Alive, optional
        Postings of what is gone are left out.

    Yields
    ------
    keys, numbers : ndarray of uint64, ndarray of uint32
        The next part.
    """
    bits = (sum(len(run.keys) for run in runs) // _PART).bit_length()
    bounds = (
        np.arange(1, 1 << bits, dtype=np.uint64) << np.uint64(64 - bits) if bits else np.empty(0, np.uint64)
    )
    cuts = [[0, *np.searchsorted(run.keys, bounds).tolist(), len(run.keys)] for run in runs]
    for part in range(1 << bits):
        pieces = [
            _piece(run, cut[part], cut[part + 1], alive)
            for run, cut in zip(runs, cuts, strict=True)
            if cut[part] < cut[part + 1]
        ]
        while len(pieces) > 1:
            pairs = zip(pieces[::2], pieces[1::2], strict=False)
            pieces = [*(_merge_two(*pair) for pair in pairs), *pieces[len(pieces) & ~1 :]]
        yield from pieces


def count_alive(runs: Sequence[Run], alive: Alive) -> int:
    """How many postings of what is still remembered there are."""
    return sum(
        len(_piece(run, begin, begin + _PART, alive)[0])
        for run in runs
        for begin in range(0, len(run.keys), _PART)
    )


def _piece(run: Run, begin: int, end: int, alive: Alive | None) -> tuple[Hashes, Rows32U]:
    keys, numbers = run.keys[begin:end], run.numbers[begin:end]
    if alive is None:
        return keys, numbers
    kept_keys, kept_numbers = np.empty_like(keys), np.empty_like(numbers)
    kept = sift(keys, numbers, alive.first, alive.flags, kept_keys, kept_numbers)
    return kept_keys[:kept], kept_numbers[:kept]


def _merge_two(older: tuple[Hashes, Rows32U], later: tuple[Hashes, Rows32U]) -> tuple[Hashes, Rows32U]:
    count = len(older[0]) + len(later[0])
    merged = np.empty(count, np.uint64), np.empty(count, np.uint32)
    merge_postings(*older, *later, *merged)
    return merged


def due(sizes: Sequence[int]) -> int:
    """How many of the last runs are to be merged into one, by their sizes; 0 for none.

    A run is merged with all that stand behind it as soon as they are, together, about `FANOUT` - 1 times its size. So
    a posting is written again once for every `FANOUT`-fold growth, and runs are few: less than `FANOUT` of a size.

    Examples
    --------
    >>> due([100] * 3), due([100] * 4), due([9000, *[100] * 4])
    (0, 4, 4)
    """
    behind = sum(sizes)
    for place, size in enumerate(sizes):
        behind -= size
        if SLACK * behind >= (FANOUT - 1) * size > 0:
            return len(sizes) - place
    return 0


class Recent:
    """Postings that are too few for a run, in a dict.

    Attributes
    ----------
    count : int
        How many there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self._table: dict[int, int | list[int]] = {}
        self._parts: list[tuple[Hashes, Rows]] = []

    def add(self, keys: Hashes, numbers: Rows) -> None:
        """Put more there; the arrays are kept."""
        table = self._table
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
            held = table.get(key)
            if held is None:
                table[key] = number
            elif isinstance(held, list):
                held.append(number)
            else:
                table[key] = [held, number]
        self._parts.append((keys, numbers))
        self.count += len(keys)

    def find(self, keys: Hashes) -> list[tuple[int, list[int]]]:
        """Query and numbers of each key that stands there."""
        if not self._table:
            return []
        held = enumerate(map(self._table.get, keys.tolist()))
        return [(k, got if isinstance(got, list) else [got]) for k, got in held if got is not None]

    def drain(self, keys: Hashes, numbers: Rows) -> tuple[Hashes, Rows]:
        """All of them and some more, in the order in which they were put there."""
        parts = [*self._parts, (keys, numbers)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


class RunSet:
    """Runs and what is not yet in a run, asked together.

    Attributes
    ----------
    runs : list of Run
        The oldest first.
    recent : Recent
        Newer than all of them.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.recent = Recent()

    def __len__(self) -> int:
        return self.recent.count + sum(len(run.keys) for run in self.runs)

    @property
    def nbytes(self) -> int:
        """Bytes of the runs."""
        return sum(run.keys.nbytes + run.numbers.nbytes + run.directory.nbytes for run in self.runs)

    def is_worth_a_run(self, count: int) -> bool:
        """Whether so many more postings, with those that are recent, become a run at once."""
        return count >= DIRECT or self.recent.count + count >= FLUSH

    def add(self, keys: Hashes, numbers: Rows) -> None:
        """Append postings, and merge runs where that is due."""
        if not self.is_worth_a_run(len(keys)):
            self.recent.add(keys, numbers)
            return
        self.runs.append(sorted_run(*self.recent.drain(keys, numbers)))
        self.recent = Recent()
        while count := due([len(run.keys) for run in self.runs]):
            merged = self.runs[-count:]
            self.runs[-count:] = [joined_run(sum(len(run.keys) for run in merged), merge(merged))]

    def compact(self, alive: Alive) -> None:
        """Make one run of all, without the postings of what is gone."""
        if self.recent.count:
            self.runs.append(sorted_run(*self.recent.drain(np.empty(0, np.uint64), np.empty(0, np.int64))))
            self.recent = Recent()
        self.runs = [joined_run(sum(len(run.keys) for run in self.runs), merge(self.runs, alive))]

    def look_up(self, keys: Hashes, most: int) -> Postings:
        """Numbers under each key, the last `most` of them, in the order in which they were put there."""
        hits = _hits(self.runs, keys)
        newest = self.recent.find(keys)
        lengths = np.zeros(len(keys), np.int64)
        for table in hits:
            lengths[table[:, 0]] += table[:, 2] - table[:, 1]
        for query, held in newest:
            lengths[query] += len(held)
        indptr = np.zeros(len(keys) + 1, np.int64)
        np.cumsum(np.minimum(lengths, most), out=indptr[1:])
        numbers, room = np.empty(indptr[-1], np.int64), indptr[1:].copy()
        for query, held in newest:
            taken = min(len(held), most)
            room[query] -= taken
            numbers[room[query] : room[query] + taken] = held[len(held) - taken :]
        for run, table in zip(reversed(self.runs), reversed(hits), strict=True):
            if len(table):
                gather(run.numbers, table, indptr, room, numbers)
        return Postings(indptr, numbers, lengths)


def _hits(runs: Sequence[Run], keys: Hashes) -> list[Table]:
    """Rows of query, begin and end for each run."""
    queries = np.arange(len(keys), dtype=np.uint32)
    asked = np.ascontiguousarray(keys)
    if runs and len(keys) >= _SORTED:
        asked = asked.copy()
        _sort(asked, queries)
    hits = []
    for run in runs:
        table = np.empty((len(keys), 3), np.int64)
        hits.append(table[: look_up(run.keys, run.directory, run.bits, asked, queries, table)])
    return hits


def _sort(keys: Hashes, numbers: Rows32U) -> None:
    """Sort postings by key, in place."""
    digits = 2 if len(keys) <= 1 << 17 else 4
    sort_postings(keys, numbers, np.empty_like(keys), np.empty_like(numbers), np.empty(256, np.int64), digits)
