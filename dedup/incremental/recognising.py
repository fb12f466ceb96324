"""What an index knows of a batch before anything is compared by sketch: ids that were seen, texts that are equal."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.match.exact import equal_texts
from dedup.match.payload import Kept, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.incremental.arrivals import Arrivals
    from dedup.index.base import Entry, Found


class Recognised(NamedTuple):
    """What is known of the arrivals.

    Attributes
    ----------
    repeats : dict of int to int
        Arrival to the number of the entry that has its id and its text; below 0: ``-1 - arrival`` of this batch.
    versions : set of int
        Arrivals whose id was seen with another text.
    known_ids : set of str
        Ids of the arrivals that are remembered.
    equal : dict of int to list of int
        Arrival that is the first with its text, to the numbers of entries with this text, ascending.
    name_taken : set of int
        Arrivals whose id may be the name of a cluster already: that of another version, or of one that outlived its
        leader.
    """

    repeats: dict[int, int]
    versions: set[int]
    known_ids: set[str]
    equal: dict[int, list[int]]
    name_taken: set[int]


class Opened:
    """Payloads of what was found, each unpacked once."""

    def __init__(self, entries: dict[int, Entry]) -> None:
        self.entries = entries
        self._kept: dict[int, Kept] = {}

    def __getitem__(self, number: int) -> Kept:
        if number not in self._kept:
            self._kept[number] = unpack(self.entries[number].payload)
        return self._kept[number]


def recognise(arrivals: Arrivals, found: Found, opened: Opened, *, together: bool) -> Recognised:
    """Find the arrivals that were seen before, and the entries with their texts.

    Parameters
    ----------
    arrivals : Arrivals
        A batch.
    found : Found
        What the index has under ``arrivals.keys()``.
    opened : Opened
        Its payloads.
    together : bool
        Whether an arrival is seen by those after it.
    """
    n_arrivals = len(arrivals.ids)
    with_id = _numbers(found, 0, n_arrivals)
    with_text = _numbers(found, n_arrivals, 2 * n_arrivals)
    groups = arrivals.groups.tolist()
    named = {
        row: [number for number in numbers if found.entries[number].doc_id == arrivals.ids[row]]
        for row, numbers in with_id.items()
    }
    outlived = {row for row, numbers in with_id.items() if _is_outlived(arrivals.ids[row], numbers, found)}
    again = {
        row: [number for number in numbers if found.entries[number].doc_id == arrivals.ids[row]]
        for row, numbers in _numbers(found, 2 * n_arrivals, 3 * n_arrivals).items()
    }
    pairs = {(groups[row], number) for row, numbers in again.items() for number in numbers}
    pairs |= {(row, number) for row, numbers in with_text.items() if groups[row] == row for number in numbers}
    same = _equal_ones(sorted(pairs), arrivals, opened)
    equal: defaultdict[int, list[int]] = defaultdict(list)
    for row, numbers in with_text.items():
        if groups[row] == row:
            equal[row] = [number for number in sorted(set(numbers)) if (row, number) in same]
    known_ids = {arrivals.ids[row] for row, numbers in named.items() if numbers}
    repeats, versions = _same_ids(arrivals, named, again, same, together=together)
    return Recognised(repeats, versions, known_ids, dict(equal), outlived | versions)


def _same_ids(
    arrivals: Arrivals,
    named: dict[int, list[int]],
    again: dict[int, list[int]],
    same: set[tuple[int, int]],
    *,
    together: bool,
) -> tuple[dict[int, int], set[int]]:
    """Arrivals whose id was seen before, with the same text, and with another."""
    repeats: dict[int, int] = {}
    versions: set[int] = set()
    times = Counter(arrivals.ids) if together else Counter[str]()
    groups, wordless = arrivals.groups, arrivals.sketches.table.n_words == 0
    seen: defaultdict[str, list[int]] = defaultdict(list)
    rows = [row for row, name in enumerate(arrivals.ids) if row in named or times[name] > 1]
    for row in rows:
        name = arrivals.ids[row]
        if arrivals.anonymous[row]:
            continue
        before = [number for number in again.get(row, ()) if (groups[row], number) in same]
        earlier = [
            other
            for other in seen.get(name, ())
            if groups[other] == groups[row] or (wordless[other] and wordless[row])
        ]
        if before:
            repeats[row] = before[0]
        elif earlier:
            repeats[row] = -1 - earlier[0]
        else:
            if named.get(row) or seen.get(name):
                versions.add(row)
            if together:
                seen[name].append(row)
    return repeats, versions


def _is_outlived(doc_id: str, numbers: list[int], found: Found) -> bool:
    """Whether the article of an id was removed, but the cluster that has its name lives."""
    entries = (found.entries[number] for number in numbers)
    return any(not entry.doc_id and found.clusters[entry.leader].name == doc_id for entry in entries)


def _numbers(found: Found, start: int, stop: int) -> dict[int, list[int]]:
    """Entries that are remembered under some of the keys, for those that have any."""
    indptr, numbers, lengths = found.postings
    listed = {}
    for row in np.flatnonzero(lengths[start:stop]).tolist():
        there = numbers[indptr[start + row] : indptr[start + row + 1]].tolist()
        alive = [number for number in there if _is_whole(number, found)]
        if alive:
            listed[row] = alive
    return listed


def _is_whole(number: int, found: Found) -> bool:
    """Whether an entry is remembered, its leader and its cluster."""
    entry = found.entries.get(number)
    return entry is not None and entry.leader in found.clusters and entry.leader in found.entries


def _equal_ones(pairs: Sequence[tuple[int, int]], arrivals: Arrivals, opened: Opened) -> set[tuple[int, int]]:
    """Pairs of an arrival and an entry whose normalised texts are equal."""
    equal = equal_texts([(arrivals.kept[row].text, opened[number].text) for row, number in pairs])
    return {pair for pair, holds in zip(pairs, equal, strict=True) if holds}
