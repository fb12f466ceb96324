"""Buckets: the texts that share the key of a band."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.storage import MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.kernels.types import Hashes, Offsets, Rows, Rows32
    from dedup.storage import Storage

#: Texts whose buckets are listed at once: band by band, close enough together for the cache.
_LISTED_AT_ONCE = 1 << 16


class Buckets(NamedTuple):
    """Where each text of a batch lies.

    Attributes
    ----------
    row_starts : ndarray of int64 of shape (n_texts + 1,)
        Where each text's buckets begin in `row_buckets`.
    row_buckets : ndarray of int32
        Numbers of the buckets that a text shares with another, in the order of the bands.
    starts : ndarray of int64 of shape (n_buckets + 1,)
        Running sum of the buckets' sizes.
    """

    row_starts: Offsets
    row_buckets: Rows32
    starts: Offsets

    def without_loners(self) -> tuple[Rows, Buckets]:
        """Rows of the texts that share a bucket with another, ascending, and the buckets of these."""
        meeting = np.flatnonzero(np.diff(self.row_starts))
        return meeting, self._replace(row_starts=np.append(self.row_starts[meeting], self.row_starts[-1:]))


def group_by_key(keys: Hashes) -> Buckets:
    """Group texts by band key.

    Parameters
    ----------
    keys : ndarray of uint64 of shape (n_texts, bands)
        Made by :meth:`dedup.sketch.recipe.Recipe.key`.

    Returns
    -------
    Buckets

    Notes
    -----
    Linear in texts and bands: about a microsecond for a text of 46 bands.
    """
    return group_band_by_band([keys.T], *keys.shape)


def group_band_by_band(
    parts: Iterable[Hashes], n_texts: int, bands: int, storage: Storage = MEMORY
) -> Buckets:
    """Group texts whose keys come a few bands at a time, so that never all are in memory.

    Parameters
    ----------
    parts : iterable of ndarray of uint64 of shape (some_bands, n_texts)
        See :meth:`dedup.sketch.recipe.Recipe.key_parts`.
    n_texts, bands : int
        How many of each there are.
    storage : Storage, optional
        Where the buckets lie, which are 8 bytes for each band of each text at most.

    Returns
    -------
    Buckets
    """
    from dedup.kernels.leading import group_keys, list_buckets  # noqa: PLC0415 - numba takes 0.3 s

    heads = np.empty(1 << (2 * n_texts).bit_length(), np.int32)
    buckets = storage.empty((bands, n_texts), np.int32)
    sizes = storage.empty(n_texts * bands // 2, np.int64)
    found = band = 0
    for part in parts:
        found = group_keys(np.ascontiguousarray(part), found, heads, buckets[band : band + len(part)], sizes)
        band += len(part)
    counts = np.zeros(n_texts, np.int64)
    for of_band in buckets:
        counts += of_band >= 0
    row_starts = np.concatenate([[0], np.cumsum(counts)])
    row_buckets = storage.empty(int(row_starts[-1]), np.int32)
    for start in range(0, n_texts, _LISTED_AT_ONCE):
        some = np.ascontiguousarray(buckets[:, start : start + _LISTED_AT_ONCE])
        list_buckets(some, row_starts[start : start + some.shape[1]].copy(), row_buckets)
    return Buckets(row_starts, row_buckets, np.concatenate([[0], np.cumsum(sizes[:found])]))
