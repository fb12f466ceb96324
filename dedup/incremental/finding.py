"""Finding: what an index knows of a batch, whatever of it was forgotten meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.base import Found, Postings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.index.base import Index
    from dedup.kernels.types import Hashes, Rows

#: A list is asked for so many times as much of it where forgotten numbers hide the others, up to so many numbers.
_MORE, _MOST = 8, 1 << 15


def ask(index: Index, keys: Hashes, most: int, reserve: int = 0) -> Found:
    """Find what stands under keys: the last `most` numbers that are remembered.

    Parameters
    ----------
    index : Index
        In a turn.
    keys : ndarray of uint64
        Keys.
    most : int
        Numbers of each that are wanted; those that were forgotten do not count, so that no answer depends on when the
        index was compacted.
    reserve : int, default=0
        Numbers to reserve.
    """
    found = index.find(keys, most, reserve)
    asked = most
    while asked < _MOST:
        short = np.flatnonzero(_is_short(found, most, asked))
        if not len(short):
            break
        asked *= _MORE
        found = _replaced(found, short, index.find(keys[short], asked))
    return found if asked == most else _trimmed(found, most)


def _is_short(found: Found, most: int, asked: int) -> NDArray[np.bool_]:
    """Whether less than all was given of a list, and too little of that is remembered."""
    counts = np.diff(found.postings.indptr)
    cut: NDArray[np.bool_] = (found.postings.lengths > counts) & (counts == asked)
    if not cut.any():
        return cut
    alive = np.isin(found.postings.numbers, list(found.entries))
    key = np.repeat(np.arange(len(counts)), counts)
    short: NDArray[np.bool_] = cut & (np.bincount(key[alive], minlength=len(counts)) < most)
    return short


def _replaced(found: Found, places: Rows, more: Found) -> Found:
    """With other lists at some places."""
    lists = np.split(found.postings.numbers, found.postings.indptr[1:-1])
    for place, numbers in zip(
        places.tolist(), np.split(more.postings.numbers, more.postings.indptr[1:-1]), strict=True
    ):
        lists[place] = numbers
    found.entries.update(more.entries)
    found.clusters.update(more.clusters)
    return found._replace(postings=_joined(lists, found.postings.lengths))


def _trimmed(found: Found, most: int) -> Found:
    """With the last numbers of each list that are remembered."""
    lists = [
        numbers[np.isin(numbers, list(found.entries))][-most:] if len(numbers) > most else numbers
        for numbers in np.split(found.postings.numbers, found.postings.indptr[1:-1])
    ]
    return found._replace(postings=_joined(lists, found.postings.lengths))


def _joined(lists: list[Rows], lengths: Rows) -> Postings:
    indptr = np.concatenate([[0], np.cumsum([len(numbers) for numbers in lists])])
    return Postings(indptr, np.concatenate([*lists, np.empty(0, np.int64)]), lengths)
