"""An index on a Redis server, shared by whoever reaches it.

Postings stand in many small hashes, which Redis keeps packed; what belongs together in one answer, or in one change, is
read and written by one script on the server. Nobody locks: a change rests on what was found, and is refused when that
has changed since. See ``docs/decisions/0018-redis-index.md`` for the layout and its figures.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from contextlib import contextmanager
from hashlib import sha1
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from dedup.errors import MissingExtraError, StorageError
from dedup.index.address import parse_address
from dedup.index.base import Found, Index, Outline, Postings
from dedup.index.packing import (
    ENTRY_HEAD,
    HEADS,
    before_payload,
    key_bytes,
    pack_cluster,
    pack_entry,
    pack_keys,
    pack_numbers,
    unpack_cluster,
    unpack_entry,
    unpack_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from dedup.index.base import Change, ClusterState, Entry
    from dedup.kernels.types import Hashes, Rows

T = TypeVar("T")

_LAYOUT = 1
#: 2**18 small hashes: their names cost 26 MB at most, and with 48 keys an article they stay packed up to 2.8 M articles.
_SPREAD = 18
#: How much one script looks at: the server answers nobody else meanwhile.
_KEYS, _NUMBERS, _HASHES, _BLOCKS, _PART = 4096, 1024, 128, 16, 16_384
#: Of more hashes than this, `sizes` measures every n-th.
_MEASURED = 4096
_OPTIONS = (
    *("db", "username", "password", "socket_timeout", "socket_connect_timeout", "socket_keepalive", "client_name"),
    *("max_connections", "health_check_interval", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs"),
    *("ssl_password", "ssl_check_hostname"),
)


class _Script(NamedTuple):
    source: str
    sha: str


def _read_script(name: str) -> _Script:
    folder = Path(__file__).parent / "lua"
    head = "" if name == "setup" else (folder / "common.lua").read_text("utf-8")
    source = head + (folder / f"{name}.lua").read_text("utf-8")
    return _Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


class _Token(NamedTuple):
    """What a commit compares: keys and their stamps (how many numbers, and the last), and what a change may replace."""

    epoch: int
    keys: bytes
    stamps: bytes
    before: dict[bytes, bytes]


class RedisIndex(Index):
    """An index on a Redis server, version 6 or later.

    Safe for several threads, and after a fork. The server must not evict (``maxmemory-policy noeviction``).

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
        Articles that one commit should hold at most: the server answers nobody else while it runs. More are done.
    """

    most_articles = 1000

    def __init__(self, uri: str) -> None:
        self._driver = _import_driver()
        self._address = address = parse_address(uri, _OPTIONS, _SPREAD)
        retry = import_module("redis.retry").Retry(import_module("redis.backoff").NoBackoff(), 0)
        # A commit whose answer got lost must not be sent again: it may have been done.
        settings: dict[str, Any] = {"retry": retry, "socket_timeout": 30.0, "socket_connect_timeout": 5.0}
        self._client: Any = self._driver.Redis.from_url(address.server, decode_responses=False, **settings)
        self._root = f"{{{address.prefix}}}:"
        self._scripts: dict[str, _Script] = {}
        self._spread = 0
        self._turns = (os.getpid(), threading.RLock())

    def setup(self, manifest: Mapping[str, Any], context: bytes) -> tuple[dict[str, Any], bytes]:
        """Store manifest and context unless some are; return those that are."""
        text = json.dumps(dict(manifest), ensure_ascii=False)
        layout = f"{_LAYOUT} {self._address.spread}"
        return self._stored(self._eval("setup", layout, text, context, self._address.ttl))

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        """Manifest and context, None in an index that was never set up."""
        with self._told():
            known = self._client.hmget(f"{self._root}meta", "layout", "manifest", "context")
        return self._stored(known) if known[0] is not None else None

    def _stored(self, known: list[bytes]) -> tuple[dict[str, Any], bytes]:
        self._learn(known[0])
        with self._told():
            return json.loads(known[1]), bytes(known[2])

    def _learn(self, layout: bytes | None) -> None:
        """Take note of the layout of the index, which is settled when it is set up."""
        if layout is None:
            raise StorageError(self._address.shown, "there is no index under this prefix; it was deleted or not set up")
        version, _, spread = layout.decode("ascii", "replace").partition(" ")
        if version != str(_LAYOUT) or not spread.isdecimal() or not 8 <= int(spread) <= 24:
            raise StorageError(self._address.shown, f"layout {layout!r} is of another version of this package")
        self._spread = int(spread)

    @contextmanager
    def turn(self, *, write: bool) -> Iterator[None]:
        """Let the threads of this process write one after another; against others, `commit` refuses."""
        if self._turns[0] != os.getpid():  # a lock that a thread held when the process was forked stays locked
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
        if len(keys) <= _KEYS:
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
        packed = pack_keys(keys, self._known_spread())
        width = key_bytes(self._spread)
        parts = []
        for start in range(0, max(len(keys), 1), _KEYS):
            part = packed[start * width : (start + _KEYS) * width]
            parts.append(
                self._run("find", self._address.ttl, width, part, most, 0 if start else reserve, int(whole))
            )
        stamps = b"".join(part[1] for part in parts)
        with self._told():
            lengths = np.ascontiguousarray(unpack_numbers(stamps).reshape(-1, 2)[:, 0])
            indptr = np.zeros(len(keys) + 1, np.int64)
            np.cumsum(np.minimum(lengths, most), out=indptr[1:])
            numbers = unpack_numbers(b"".join(part[2] for part in parts))
            if len(numbers) != indptr[-1]:
                raise ValueError("a list of postings is cut")
            entries = dict(zip(unpack_numbers(parts[0][4]).tolist(), parts[0][5], strict=True))
            clusters = dict(zip(unpack_numbers(parts[0][6]).tolist(), parts[0][7], strict=True))
            before = {b"e" + pack_number(number): before_payload(content) for number, content in entries.items()}
            before.update({b"c" + pack_number(leader): content for leader, content in clusters.items()})
            return Found(
                Postings(indptr, numbers, lengths),
                {number: unpack_entry(number, content) for number, content in entries.items()},
                {leader: unpack_cluster(leader, content) for leader, content in clusters.items()},
                parts[0][3],
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
            contents = self._run("get", kind, pack_numbers(part))
            with self._told():
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
        spread = self._known_spread()
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
        done = self._run(
            "commit",
            *(self._address.ttl, key_bytes(spread), *rests),
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
            last, packed = self._run("outline", start, _BLOCKS, ENTRY_HEAD)
            start += _BLOCKS
            with self._told():
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
        with self._told():
            return {
                name.decode(): int(count) for name, count in self._client.hgetall(f"{self._root}counts").items()
            }

    def compact(self) -> None:
        """Give up what is posted of forgotten entries, in small steps: others go on meanwhile."""
        for start, stop, step in self._small_hashes():
            for key in self._run("compact", start, stop, step):
                part = 0
                while part >= 0:
                    part = self._run("shorten", key, part, _PART)

    def verify(self) -> list[str]:
        """What is wrong with what is stored, a line each; it reads all of it, in small steps."""
        problems = self._unsafe()
        width = key_bytes(self._known_spread())
        for start, stop, step in self._small_hashes():
            problems += self._run("verify", "p", start, stop, step, width)
        blocks = self._blocks()
        for start in range(0, blocks, _BLOCKS):
            for kind in ("e", "c"):
                problems += self._run("verify", kind, start, min(start + _BLOCKS, blocks), 1, width)
        return [line.decode("utf-8", "replace") if isinstance(line, bytes) else line for line in problems]

    def _unsafe(self) -> list[str | bytes]:
        with self._told():
            memory = self._client.info("memory")
        policy = memory.get("maxmemory_policy", "noeviction")
        if not memory.get("maxmemory") or policy == "noeviction":
            return []
        return [f"the server may delete parts of the index: maxmemory-policy is {policy}, not noeviction"]

    def sizes(self) -> dict[str, int]:
        """Bytes that the server takes for it, as ``MEMORY USAGE`` tells.

        Exact up to 4,096 hashes of a kind (of the entries, that is 262,144); above, every n-th is measured.
        """
        every = max(1, 2**self._known_spread() // _MEASURED)
        postings = every * sum(
            self._run("measure", "p", start, stop, step * every)[0]
            for start, stop, step in self._small_hashes(_HASHES * every)
        )
        blocks = self._blocks()
        every = max(1, blocks // _MEASURED)
        taken = {"e": 0, "c": 0}
        payload = 0
        for start in range(0, blocks, _BLOCKS * every):
            for kind in taken:
                stop = min(start + _BLOCKS * every, blocks)
                used, of_payload = self._run("measure", kind, start, stop, every)
                taken[kind] += every * used
                payload += every * of_payload
        with self._told():
            names = (f"{self._root}meta", f"{self._root}counts")
            rest = sum(self._client.memory_usage(name, samples=0) or 0 for name in names)
        return {"postings": postings, "payload": payload, "rest": sum(taken.values()) - payload + rest}

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _small_hashes(self, count: int = _HASHES) -> Iterator[tuple[int, int, int]]:
        """Go through the numbers of the small hashes of postings, some at a time: first, behind the last, step."""
        step = 2 ** (24 - self._known_spread())
        for start in range(0, 2**24, count * step):
            yield start, min(start + count * step, 2**24), step

    def _blocks(self) -> int:
        """How many hashes the entries, or the clusters, stand in."""
        with self._told():
            return int(self._client.hget(f"{self._root}meta", "last") or 0) // 64 + 1

    def _known_spread(self) -> int:
        if not self._spread:
            with self._told():
                layout = self._client.hget(f"{self._root}meta", "layout")
            self._learn(layout)
        return self._spread

    def _run(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - what a script gives
        """Run a script on the index, whose layout it checks."""
        return self._eval(name, f"{_LAYOUT} {self._known_spread()}", *arguments)

    def _eval(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        script = self._scripts.setdefault(name, _read_script(name)) if name not in self._scripts else self._scripts[name]
        with self._told():
            try:
                return self._client.evalsha(script.sha, 1, self._root, *arguments)
            except self._driver.exceptions.NoScriptError:
                return self._client.eval(script.source, 1, self._root, *arguments)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the errors of the driver into ours, which say what to do."""
        try:
            yield
        except self._driver.exceptions.RedisError as error:
            raise StorageError(self._address.shown, _reason(self._driver.exceptions, error)) from error
        except (ValueError, struct.error) as error:
            reason = f"what is stored can't be read ({error}): see what `dedup index verify` tells"
            raise StorageError(self._address.shown, reason) from error


def pack_number(number: int) -> bytes:
    """Make four bytes of a number."""
    return number.to_bytes(4, "big")


def _before(entries: Mapping[int, Entry], clusters: Mapping[int, ClusterState]) -> dict[bytes, bytes]:
    before = {b"e" + pack_number(number): pack_entry(entry._replace(payload=b"")) for number, entry in entries.items()}
    return before | {b"c" + pack_number(leader): pack_cluster(state) for leader, state in clusters.items()}


def _import_driver() -> ModuleType:
    try:
        return import_module("redis")
    except ImportError as error:
        raise MissingExtraError("an index on a Redis server", "redis") from error


def _reason(kinds: Any, error: Exception) -> str:  # noqa: ANN401 - a module
    """Say what is wrong with the server, and what to do about it."""
    text = str(error)
    for kind, reason in (
        (kinds.AuthenticationError, "the server refuses user and password: check them in the address"),
        (kinds.AuthorizationError, "the server refuses user and password: check them in the address"),
        (kinds.BusyLoadingError, "the server is still loading its data: try again"),
        (kinds.TimeoutError, "the server does not answer: try again, or raise socket_timeout in the address"),
        (kinds.ConnectionError, "no connection to the server: check that it runs and can be reached, then try again"),
        (kinds.ReadOnlyError, "the server is a read-only replica: give the address of the primary"),
        (kinds.OutOfMemoryError, "the server is out of memory: expire and compact the index, or raise maxmemory"),
        (kinds.NoPermissionError, "the user may not do this: allow it the commands and keys of the index"),
        (kinds.MovedError, "this node of a cluster does not hold the index: give the address of the one that does"),
    ):
        if isinstance(error, kind):
            return f"{reason} ({text})"
    if "DEDUP layout" in text:
        return "the index was deleted, or expired, or is another one by now: open it again"
    if "DEDUP full" in text:
        return "all 4,294,967,295 numbers were given: start a new index"
    if "WRONGTYPE" in text:
        return f"another program uses keys of this prefix: choose another prefix ({text})"
    if "OOM" in text:
        return f"the server is out of memory: expire and compact the index, or raise maxmemory ({text})"
    return f"the server refuses: {text}"
