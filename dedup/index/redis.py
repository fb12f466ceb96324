"""An index on a Redis server, shared by whoever reaches it.

Postings stand in many small hashes, which Redis keeps packed; what belongs together in one answer, or in one change, is
read and written by one script on the server. Nobody locks: a change rests on what was found, and is refused when that
has changed since. See ``docs/decisions/0018-redis-index.md`` for the layout and its figures.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from dedup.index.base import Found, Index, Outline, Postings
from dedup.index.packing import (
    ENTRY_HEAD,
    HEADS,
    before_payload,
    key_bytes,
    pack_cluster,
    pack_entry,
    pack_keys,
    pack_number,
    pack_numbers,
    unpack_cluster,
    unpack_entry,
    unpack_numbers,
)
from dedup.index.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dedup.index.base import Change, ClusterState, Entry
    from dedup.kernels.types import Hashes, Rows

T = TypeVar("T")

#: Keys that are asked for together with all they lead to: ten articles.
_WHOLE = 512
#: How much one script looks at: the server answers nobody else meanwhile.
_KEYS, _NUMBERS, _HASHES, _BLOCKS, _PART = 4096, 1024, 128, 16, 16_384
#: Of more hashes than this, `sizes` measures every n-th.
_MEASURED = 4096


class _Token(NamedTuple):
    """What a commit compares: keys and their stamps (how many numbers, and the last), and what a change may replace."""

    epoch: int
    keys: bytes
    stamps: bytes
    before: dict[bytes, bytes]


class RedisIndex(Index):
    """An index on a Redis server, version 6 or later.

    Safe for several threads, and after a fork. The server must not evict (``maxmemory-policy noeviction``). Each method
    may raise :class:`dedup.errors.StorageError`.

    Parameters
    ----------
    uri : str
        ``redis://[user:password@]host:port/db``, ``rediss://`` or ``unix://``. Options: ``prefix`` (default ``dedup``),
        what the names of all keys begin with; ``ttl`` (such as ``60d``, default never), after which what nobody wrote to is
        deleted by the server, the manifest too when nobody wrote at all; ``spread``, bits that choose one of the small
        hashes of a new index; and those of the driver (``socket_timeout``, ``ssl_ca_certs``, ...).

    Raises
    ------
    MissingExtraError
        If the driver is absent.
    ParameterError
        If the address can't be understood.

    Attributes
    ----------
    most_articles : int
        Articles that one commit should hold: the server answers nobody else while it runs, some 0.1 s for so many. A larger
        one is done as well, in one go, and gains nothing.
    """

    most_articles = 250

    def __init__(self, uri: str) -> None:
        self._server = Server(uri)
        self._turns = (os.getpid(), threading.RLock())

    def setup(
        self,
        manifest: Mapping[str, Any],
        context: bytes,
        instead_of: tuple[dict[str, Any], bytes] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Store manifest and context unless some are, or in their place; return those that are."""
        text, known = json.dumps(dict(manifest), ensure_ascii=False), None
        if instead_of is not None:
            known = self._server.stored()  # the bytes of it
            if known is not None and (told := self._read(known)) != instead_of:
                return told
        return self._read(self._server.setup(text, context, known))

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        """Manifest and context, None in an index that was never set up."""
        known = self._server.stored()
        return None if known is None else self._read(known)

    def _read(self, known: tuple[bytes, bytes]) -> tuple[dict[str, Any], bytes]:
        with self._server.told():
            return json.loads(known[0]), known[1]

    @contextmanager
    def turn(self, *, write: bool) -> Iterator[None]:
        """Let the threads of this process write one after another; against other processes, `commit` refuses.

        Nothing is held still: one answer of `find` is consistent, two need not be.
        """
        # A lock that another thread held when this process was forked stays locked.
        if self._turns[0] != os.getpid():
            self._turns = (os.getpid(), threading.RLock())
        if not write:
            yield
            return
        with self._turns[1]:
            yield

    def postings(self, keys: Hashes, most: int) -> Postings:
        """Numbers under each key, the last `most` of them."""
        return self._ask(keys, most, 0).postings

    def find(self, keys: Hashes, most: int, reserve: int = 0) -> Found:
        """Ask all at once: by one script, or by several if there are many keys.

        What changes between them is noticed by `commit`.
        """
        if len(keys) <= _WHOLE:
            return self._ask(keys, most, reserve, whole=True)
        found = self._ask(keys, most, reserve)
        entries = self.entries(np.unique(found.postings.numbers))
        leaders = np.unique(np.array([entry.leader for entry in entries.values()], np.int64))
        entries.update(self.entries(leaders[~np.isin(leaders, np.fromiter(entries, np.int64))]))
        clusters = self.clusters(leaders)
        assert isinstance(found.token, _Token)
        token = found.token._replace(before=_before(entries, clusters))
        return found._replace(entries=entries, clusters=clusters, token=token)

    def _ask(self, keys: Hashes, most: int, reserve: int, *, whole: bool = False) -> Found:
        """Ask for postings in parts; with `whole`, for one part and all that it leads to."""
        packed = pack_keys(keys, self._server.spread)
        width = key_bytes(self._server.spread)
        parts = []
        for start in range(0, max(len(keys), 1), _KEYS):
            part = packed[start * width : (start + _KEYS) * width]
            # Reserved with the last part, numbers are higher than any that was listed before.
            more = start + _KEYS < len(keys)
            parts.append(
                self._server.run(
                    "find", self._server.ttl, width, part, most, 0 if more else reserve, int(whole)
                )
            )
        stamps = b"".join(part[1] for part in parts)
        with self._server.told():
            lengths = np.ascontiguousarray(unpack_numbers(stamps).reshape(-1, 2)[:, 0])
            indptr = np.zeros(len(keys) + 1, np.int64)
            np.cumsum(np.minimum(lengths, most), out=indptr[1:])
            numbers = unpack_numbers(b"".join(part[2] for part in parts))
            if len(numbers) != indptr[-1]:
                raise ValueError("a list of postings is cut")
            entries = dict(zip(unpack_numbers(parts[0][4]).tolist(), parts[0][5], strict=True))
            clusters = dict(zip(unpack_numbers(parts[0][6]).tolist(), parts[0][7], strict=True))
            before = {
                b"e" + pack_number(number): before_payload(content) for number, content in entries.items()
            }
            before.update({b"c" + pack_number(leader): content for leader, content in clusters.items()})
            return Found(
                Postings(indptr, numbers, lengths),
                {number: unpack_entry(number, content) for number, content in entries.items()},
                {leader: unpack_cluster(leader, content) for leader, content in clusters.items()},
                parts[-1][3],
                _Token(parts[0][0], packed, stamps, before),
            )

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        """Entries of these numbers that are remembered."""
        return self._get("e", numbers, unpack_entry)

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        """Clusters of these leaders that are known."""
        return self._get("c", leaders, unpack_cluster)

    def _get(self, kind: str, numbers: Rows, unpack: Callable[[int, bytes], T]) -> dict[int, T]:
        found = {}
        for start in range(0, len(numbers), _NUMBERS):
            part = numbers[start : start + _NUMBERS]
            contents = self._server.run("get", kind, pack_numbers(part))
            with self._server.told():
                for number, content in zip(part.tolist(), contents, strict=True):
                    if content is not None:
                        found[number] = unpack(number, content)
        return found

    def reserve(self, count: int) -> int:
        """First of `count` numbers that nobody had before."""
        return self._ask(np.empty(0, np.uint64), 1, count).first

    def commit(self, change: Change, found: Found | None = None) -> bool:
        """Do all of a change, or nothing, by one script.

        It is refused if another commit has since added to a key that it rests on, dropped anything, or replaced an entry or
        a cluster that it replaces. If the connection is lost meanwhile, it may have been done: ask again.
        """
        spread = self._server.spread
        token = found.token if found is not None else None
        expected: list[bytes] = []
        rests: tuple[int | str, bytes, bytes] = ("", b"", b"")
        if isinstance(token, _Token):
            rests = (token.epoch, token.keys, token.stamps)
            replaced = [b"e" + pack_number(entry.number) for entry in change.entries]
            replaced += [b"c" + pack_number(state.leader) for state in change.clusters]
            for name in replaced:
                if name in token.before:
                    expected += (name, token.before[name])
        done = self._server.run(
            "commit",
            *(self._server.ttl, key_bytes(spread), *rests),
            *(pack_keys(change.keys, spread), pack_numbers(change.numbers)),
            *(pack_numbers(change.dropped), pack_numbers(change.dropped_clusters)),
            pack_numbers(np.array([entry.number for entry in change.entries], np.int64)),
            pack_numbers(np.array([state.leader for state in change.clusters], np.int64)),
            len(expected) // 2,
            *map(pack_entry, change.entries),
            *map(pack_cluster, change.clusters),
            *expected,
            *(value for counter in change.counts.items() for value in counter),
        )
        return bool(done)

    def outline(self) -> Iterator[Outline]:
        """All entries, in parts, ascending."""
        start, last = 0, 0
        while start * 64 <= last:
            last, packed = self._server.run("outline", start, _BLOCKS, ENTRY_HEAD)
            start += _BLOCKS
            with self._server.told():
                heads = np.frombuffer(packed, HEADS)
            if len(heads):
                heads = heads[np.argsort(heads["number"])]
                published, seen = heads["published"].astype(np.float64), heads["seen"].astype(np.float64)
                yield Outline(
                    heads["number"].astype(np.int64),
                    heads["leader"].astype(np.int64),
                    np.where(np.isnan(published), seen, published),
                    heads["id_bytes"] == 0,
                )

    def counts(self) -> dict[str, int]:
        """The counters."""
        counts = self._server.call("hgetall", "counts")
        with self._server.told():
            return {name.decode(): int(count) for name, count in counts.items()}

    def compact(self) -> None:
        """Give up what is posted of forgotten entries, in small steps: others go on meanwhile."""
        for start, stop, step in self._small_hashes():
            for key in self._server.run("compact", start, stop, step):
                part = 0
                while part >= 0:
                    part = self._server.run("shorten", key, part, _PART)

    def verify(self) -> list[str]:
        """What is wrong with what is stored, a line each; it reads all of it, in small steps."""
        problems = self._unsafe()
        width = key_bytes(self._server.spread)
        for start, stop, step in self._small_hashes():
            problems += self._server.run("verify", "p", start, stop, step, width)
        blocks = self._blocks()
        for start in range(0, blocks, _BLOCKS):
            for kind in ("e", "c"):
                problems += self._server.run("verify", kind, start, min(start + _BLOCKS, blocks), 1, width)
        return [line.decode("utf-8", "replace") if isinstance(line, bytes) else line for line in problems]

    def _unsafe(self) -> list[str | bytes]:
        memory = self._server.memory()
        policy = memory.get("maxmemory_policy", "noeviction")
        if not memory.get("maxmemory") or policy == "noeviction":
            return []
        return [f"the server may delete parts of the index: maxmemory-policy is {policy}, not noeviction"]

    def sizes(self) -> dict[str, int]:
        """Bytes that the server takes for it, as ``MEMORY USAGE`` tells.

        Exact up to 4,096 hashes of a kind (of the entries, that is 262,144); above, every n-th is measured.
        """
        every = max(1, 2**self._server.spread // _MEASURED)
        postings = every * sum(
            self._server.run("measure", "p", start, stop, step * every)[0]
            for start, stop, step in self._small_hashes(_HASHES * every)
        )
        blocks = self._blocks()
        every = max(1, blocks // _MEASURED)
        taken = {"e": 0, "c": 0}
        payload = 0
        for start in range(0, blocks, _BLOCKS * every):
            for kind in taken:
                stop = min(start + _BLOCKS * every, blocks)
                used, of_payload = self._server.run("measure", kind, start, stop, every)
                taken[kind] += every * used
                payload += every * of_payload
        rest = sum(self._server.call("memory_usage", name, samples=0) or 0 for name in ("meta", "counts"))
        return {"postings": postings, "payload": payload, "rest": sum(taken.values()) - payload + rest}

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def _small_hashes(self, count: int = _HASHES) -> Iterator[tuple[int, int, int]]:
        """Go through the numbers of the small hashes of postings, some at a time: first, behind the last, step."""
        step = 2 ** (24 - self._server.spread)
        for start in range(0, 2**24, count * step):
            yield start, min(start + count * step, 2**24), step

    def _blocks(self) -> int:
        """How many hashes the entries, or the clusters, stand in."""
        last = self._server.call("hget", "meta", "last")
        with self._server.told():
            return int(last or 0) // 64 + 1


def _before(entries: Mapping[int, Entry], clusters: Mapping[int, ClusterState]) -> dict[bytes, bytes]:
    before = {
        b"e" + pack_number(number): pack_entry(entry._replace(payload=b""))
        for number, entry in entries.items()
    }
    return before | {b"c" + pack_number(leader): pack_cluster(state) for leader, state in clusters.items()}
