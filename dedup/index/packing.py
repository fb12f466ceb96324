"""Entries, clusters and keys as bytes, all numbers big-endian: what another language can read as well."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from dedup.index.base import ClusterState, Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows

#: Leader, published, seen, bytes of the id, bytes of the verdict; these two follow, and the payload.
_ENTRY = struct.Struct(">IddII")
ENTRY_HEAD = _ENTRY.size
#: Who is kept, members, first, last; the name follows.
_CLUSTER = struct.Struct(">IIdd")
#: What :func:`unpack_heads` reads: a number before the head of its entry.
HEADS = np.dtype(
    [
        ("number", ">u4"),
        ("leader", ">u4"),
        ("published", ">f8"),
        ("seen", ">f8"),
        ("id_bytes", ">u4"),
        ("verdict_bytes", ">u4"),
    ]
)


def pack_entry(entry: Entry) -> bytes:
    """Make bytes of an entry, without its number."""
    doc_id = entry.doc_id.encode("utf-8", "surrogatepass")
    head = _ENTRY.pack(entry.leader, entry.published, entry.seen, len(doc_id), len(entry.verdict))
    return b"".join((head, doc_id, entry.verdict, entry.payload))


def unpack_entry(number: int, content: bytes) -> Entry:
    """Read what :func:`pack_entry` wrote."""
    leader, published, seen, id_bytes, verdict_bytes = _ENTRY.unpack_from(content)
    verdict = ENTRY_HEAD + id_bytes
    payload = verdict + verdict_bytes
    if payload > len(content):
        raise ValueError(f"entry {number} is cut")
    doc_id = content[ENTRY_HEAD:verdict].decode("utf-8", "surrogatepass")
    return Entry(number, doc_id, leader, published, seen, content[verdict:payload], content[payload:])


def before_payload(content: bytes) -> bytes:
    """Give the beginning of an entry, without what is large and never changes alone."""
    *_, id_bytes, verdict_bytes = _ENTRY.unpack_from(content)
    return content[: ENTRY_HEAD + id_bytes + verdict_bytes]


def pack_cluster(state: ClusterState) -> bytes:
    """Make bytes of a cluster, without its leader."""
    name = state.name.encode("utf-8", "surrogatepass")
    return _CLUSTER.pack(state.kept, state.size, state.first, state.last) + name


def unpack_cluster(leader: int, content: bytes) -> ClusterState:
    """Read what :func:`pack_cluster` wrote."""
    kept, size, first, last = _CLUSTER.unpack_from(content)
    name = content[_CLUSTER.size :].decode("utf-8", "surrogatepass")
    return ClusterState(leader, name, kept, first, last, size)


def pack_number(number: int) -> bytes:
    """Make four bytes of a number."""
    return number.to_bytes(4, "big")


def pack_numbers(numbers: Rows) -> bytes:
    """Make four bytes of each number."""
    return np.asarray(numbers).astype(">u4").tobytes()


def unpack_numbers(packed: bytes) -> Rows:
    """Read what :func:`pack_numbers` wrote."""
    return np.frombuffer(packed, ">u4").astype(np.int64)


def key_bytes(spread: int) -> int:
    """Bytes that :func:`pack_keys` makes of a key."""
    return 11 - spread // 8


def pack_keys(keys: Hashes, spread: int) -> bytes:
    """Make of each key the name of its small hash, three bytes, and the field there.

    Parameters
    ----------
    keys : ndarray of uint64
        Keys.
    spread : int
        The highest `spread` bits choose the hash, the lower ones are the field; 8 to 24.
    """
    packed = np.empty((len(keys), key_bytes(spread)), np.uint8)
    low = np.uint64(2 ** (64 - spread) - 1)
    packed[:, :3] = _octets(keys & ~low)[:, :3]
    packed[:, 3:] = _octets(keys & low)[:, spread // 8 :]
    return packed.tobytes()


def _octets(keys: Hashes) -> NDArray[np.uint8]:
    return keys.astype(">u8").view(np.uint8).reshape(-1, 8)
