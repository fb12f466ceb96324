"""Keys under which an index posts what is no band: ids, normalised texts, clusters.

All are spread evenly over 64 bits, and two kinds never mean the same thing by the same key but by chance; what a
key leads to is compared with what was looked for.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.kernels.types import Hashes, Rows

_TEXT = np.uint64(0x51A2C7D3F0B49E68)
_CLUSTER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT, _LAST_SHIFT = np.uint64(30), np.uint64(31)
_FACTOR, _LAST_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def id_keys(ids: Iterable[str]) -> Hashes:
    """Key of each id: BLAKE2b of 8 bytes, which nobody finds a second id for by trying."""
    digests = [
        blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, person=b"dedup id").digest()
        for name in ids
    ]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def text_keys(text_hashes: Hashes) -> Hashes:
    """Key of each normalised text, by its hash."""
    return text_hashes ^ _TEXT


def pair_keys(ids: Hashes, text_hashes: Hashes) -> Hashes:
    """Key of each id together with a text."""
    return _mixed(ids + text_hashes)


def cluster_keys(leaders: Rows) -> Hashes:
    """Key of each cluster, by the number of its leader: a step of SplitMix64."""
    return _mixed(leaders.astype(np.uint64))


def block_keys(blocks: Rows) -> Hashes:
    """Key of each block, to be put into those of its bands; no two blocks have one, so equal keys become different."""
    return _mixed(blocks.astype(np.uint64))


def _mixed(value: Hashes) -> Hashes:
    with np.errstate(over="ignore"):  # wrap-around is meant
        value = value * _CLUSTER
        value = (value ^ (value >> _SHIFT)) * _FACTOR
        value = (value ^ (value >> (_SHIFT - np.uint64(3)))) * _LAST_FACTOR
        return value ^ (value >> _LAST_SHIFT)
