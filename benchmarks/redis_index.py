"""An index on Redis as a store alone: how fast it finds and commits, and what an article takes.

`python -m benchmarks.redis_index`. A server of its own is started on a socket. Beside it stands datasketch's
`MinHashLSH` on the same server with as many bands, which stores keys only: no payload, no cluster, no check of what
others did meanwhile. Every article has keys of its own, the dearest case: copies share theirs.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import click
import numpy as np
from datasketch import MinHash, MinHashLSH

from benchmarks.machine import describe
from benchmarks.report import table
from dedup.index.base import Change, ClusterState, Entry
from dedup.index.redis import RedisIndex
from tests.redis_server import RedisServer, connected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis

    from dedup.kernels.types import Hashes

KEYS, ROWS = 48, 3
PAYLOAD = 300
VERDICT = b'{"relation":"new"}'
MOST = 128
SEED = 20261125
PERMUTATIONS = MinHash(num_perm=KEYS * ROWS, scheme="affine32").permutations
COLUMNS = ("what", "articles/s (smallest-largest)", "client CPU us", "server CPU us", "bytes an article")


@dataclass
class Contestant:
    """What is measured: a function that adds so many articles, and what came out."""

    name: str
    add: Callable[[int], object]
    close: Callable[[], object]
    added: int = 0
    used: int = 0
    rates: list[float] = field(default_factory=list)
    client_us: list[float] = field(default_factory=list)
    server_us: list[float] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        spread = f"{min(self.rates):,.0f}-{max(self.rates):,.0f}"
        return (
            self.name,
            f"{median(self.rates):,.0f} ({spread})",
            f"{median(self.client_us):,.0f}",
            f"{median(self.server_us):,.0f}",
            f"{self.used / self.added:,.0f}",
        )


class Articles:
    """Adds articles with random keys to an index, each batch by one find and one commit."""

    def __init__(self, index: RedisIndex, batch: int) -> None:
        self.index, self.batch = index, batch
        self.rng = np.random.default_rng(SEED)
        self.payload = self.rng.bytes(PAYLOAD)
        index.setup({"bands": KEYS}, b"")

    def add(self, count: int) -> None:
        for _ in range(count // self.batch):
            keys = self.rng.integers(2**64 - 1, size=self.batch * KEYS, dtype=np.uint64)
            found = self.index.find(keys, MOST, self.batch)
            assert self.index.commit(self.change(keys, found.first), found)

    def change(self, keys: Hashes, first: int) -> Change:
        numbers = np.arange(first, first + self.batch)
        ids = [f"https://news.example/2026/11/25/{number}" for number in numbers.tolist()]
        named = list(zip(numbers.tolist(), ids, strict=True))
        return Change(
            keys=keys,
            numbers=np.repeat(numbers, KEYS),
            entries=[Entry(n, doc_id, n, 1.7e9, 1.7e9, VERDICT, self.payload) for n, doc_id in named],
            clusters=[ClusterState(n, doc_id, n, 1.7e9, 1.7e9, 1) for n, doc_id in named],
            counts={"articles": self.batch},
        )


class Sketches:
    """Inserts random signatures into datasketch's index, one by one or in sessions."""

    def __init__(self, server: RedisServer, batch: int) -> None:
        self.batch, self.number = batch, 0
        self.rng = np.random.default_rng(SEED)
        storage = {
            "type": "redis",
            "basename": b"datasketch%d" % batch,
            "redis": {"unix_socket_path": str(server.socket)},
        }
        self.lsh = MinHashLSH(num_perm=KEYS * ROWS, params=(KEYS, ROWS), storage_config=storage)

    def some(self, count: int) -> Iterator[tuple[str, MinHash]]:
        for _ in range(count):
            self.number += 1
            hashes = self.rng.integers(2**32 - 1, size=KEYS * ROWS, dtype=np.uint32)
            sketch = MinHash(hashvalues=hashes, permutations=PERMUTATIONS, scheme="affine32")
            yield f"https://news.example/2026/11/25/{self.number}", sketch

    def add(self, count: int) -> None:
        """Ask and insert, as a scraper would; in a session, insert only."""
        if self.batch == 1:
            for doc_id, sketch in self.some(count):
                self.lsh.query(sketch)
                self.lsh.insert(doc_id, sketch, check_duplication=False)
            return
        for _ in range(count // self.batch):
            with self.lsh.insertion_session(buffer_size=50_000) as session:
                for doc_id, sketch in self.some(self.batch):
                    session.insert(doc_id, sketch, check_duplication=False)


def contestants(server: RedisServer) -> Iterator[Contestant]:
    for batch, name in (
        (1, "find + commit, one by one"),
        (100, "in batches of 100"),
        (1000, "in batches of 1,000"),
    ):
        index = RedisIndex(server.uri(prefix=f"batch{batch}"))
        yield Contestant(f"dedup: {name}", Articles(index, batch).add, index.close)
    for batch, name in ((1, "query + insert, one by one"), (1000, "insertion_session of 1,000")):
        yield Contestant(f"datasketch: {name}", Sketches(server, batch).add, lambda: None)


def measure(contestant: Contestant, client: Redis, count: int) -> None:
    """Add articles, and note time and memory."""
    used = client.info("memory")["used_memory"]
    server_cpu, client_cpu, start = cpu_of(client), time.process_time(), time.perf_counter()
    contestant.add(count)
    contestant.rates.append(count / (time.perf_counter() - start))
    contestant.client_us.append((time.process_time() - client_cpu) / count * 1e6)
    contestant.server_us.append((cpu_of(client) - server_cpu) / count * 1e6)
    contestant.used += client.info("memory")["used_memory"] - used
    contestant.added += count


def cpu_of(client: Redis) -> float:
    told = client.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


def weigh(server: RedisServer, articles: int) -> list[tuple[str, ...]]:
    """Fill an index, and say what an article takes on the way and at the end."""
    rows = []
    with closing(RedisIndex(server.uri(prefix="memory"))) as index:
        filler, added = Articles(index, 250), 0
        for count in (articles // 10, articles):
            filler.add(count - added)
            added = count
            sizes = index.sizes()
            parts = (f"{sizes[name] / count:,.0f}" for name in ("postings", "payload", "rest"))
            rows.append((f"{count:,}", *parts))
    return rows


@click.command()
@click.option("--articles", default=2000, show_default=True, help="Articles a round; whole thousands.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--memory", default=100_000, show_default=True, help="Articles of the index that is weighed.")
def main(articles: int, rounds: int, memory: int) -> None:
    """Measure the index on Redis as a store."""
    click.echo("\n".join(describe()))
    with RedisServer() as server, closing(connected(server)) as client:
        everyone = list(contestants(server))
        for contestant in everyone:
            contestant.add(1000)  # scripts are loaded, connections are made
        for _ in range(rounds):
            for contestant in everyone:
                measure(contestant, client, articles)
        click.echo("\n" + table(COLUMNS, [contestant.row() for contestant in everyone]))
        for contestant in everyone:
            contestant.close()
        client.flushall()
        columns = ("articles", "postings, bytes an article", "payload", "rest")
        click.echo("\n" + table(columns, weigh(server, memory)))


if __name__ == "__main__":
    main()
