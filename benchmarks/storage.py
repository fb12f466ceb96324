"""What the back end that keeps an index in a directory costs: batches, single articles, several processes, opening.

`python -m benchmarks.storage bulk|single|open`. Articles are random keys: nothing is compared, so this is the storage
alone. Keys are of 46 bands, an id and a text.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import psutil

from dedup.index.base import Change, ClusterState, Entry
from dedup.index.disk import DiskIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KEYS = 48
PAYLOAD = 300
BATCH = 8_000
MOST = 128
FOLDER = click.Path(file_okay=False, path_type=Path)


def keys_of(first: int, count: int) -> NDArray[np.uint64]:
    """Give the keys of articles; the same numbers have the same keys."""
    with np.errstate(over="ignore"):
        mixed = np.arange(first * KEYS, (first + count) * KEYS, dtype=np.uint64) + np.uint64(1)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return mixed ^ (mixed >> np.uint64(31))


def change_of(keys: NDArray[np.uint64], first: int, payload: bytes) -> Change:
    """Make the change that adds articles, each of which leads."""
    numbers = np.arange(first, first + len(keys) // KEYS)
    listed = numbers.tolist()
    return Change(
        keys=keys,
        numbers=np.repeat(numbers, KEYS),
        entries=[
            Entry(n, f"https://paper.example/{n}", n, 1.7e9 + n, 1.8e9 + n, b"new", payload) for n in listed
        ],
        clusters=[ClusterState(n, f"https://paper.example/{n}", n, 1.7e9 + n, 1.7e9 + n, 1) for n in listed],
        counts={"added": len(listed), "new": len(listed)},
    )


@click.group()
def main() -> None:
    """Measure the storage of an index in a directory."""


@main.command()
@click.option("--articles", default=1_000_000, show_default=True)
@click.option("--folder", type=FOLDER, help="Where the index is left; else it is deleted.")
def bulk(articles: int, folder: Path | None) -> None:
    """Ask for and add batches; CPU microseconds an article, of batches around a size."""
    with tempfile.TemporaryDirectory() as temporary, closing(DiskIndex(folder or Path(temporary))) as index:
        index.setup({}, b"")
        payload = os.urandom(PAYLOAD)
        rows, spans = [], []
        begun = time.process_time()
        for first in range(0, articles, BATCH):
            keys = keys_of(first, BATCH)
            at = [time.process_time()]
            with index.turn(write=True):
                found = index.find(keys, MOST, reserve=BATCH)
                at.append(time.process_time())
                change = change_of(keys, found.first, payload)
                at.append(time.process_time())
                index.commit(change, found)
            at.append(time.process_time())  # merging included
            rows.append(np.diff(at))
            spans.append(first + BATCH)
        total = time.process_time() - begun
        table = np.array(rows)[:, [0, 2]] / BATCH * 1e6
        print("articles     find   commit  commits/CPU s")
        for size in dict.fromkeys((100_000, articles)):
            around = [k for k, span in enumerate(spans) if size * 0.75 <= span <= size * 1.05]
            find, commit = table[around].mean(axis=0)
            print(f"{size:9,}  {find:6.2f}  {commit:6.2f}  {1e6 / commit:12,.0f}")
        find, commit = table.mean(axis=0)
        print(f"  overall  {find:6.2f}  {commit:6.2f}  {1e6 / commit:12,.0f}; all: {total:.1f} CPU s")
        sizes = index.sizes()
        print("bytes an article:", {name: round(size / articles) for name, size in sizes.items()})


def add_singly(index: DiskIndex, first: int, count: int) -> NDArray[np.float64]:
    """Add articles one by one; wall seconds of each."""
    payload, taken = os.urandom(PAYLOAD), []
    for k in range(first, first + count):
        keys = keys_of(k, 1)
        begin = time.perf_counter()
        with index.turn(write=True):
            found = index.find(keys, MOST, reserve=1)
            index.commit(change_of(keys, found.first, payload), found)
        taken.append(time.perf_counter() - begin)
    return np.array(taken)


def adder(path: Path, first: int, count: int, queue: Any, ready: Any) -> None:  # noqa: ANN401 - of multiprocessing
    """Add articles in a process of its own."""
    with closing(DiskIndex(path)) as index:
        add_singly(index, first, 5)
        ready.wait()
        begin = time.time()
        taken = add_singly(index, first + 5, count)
        queue.put((begin, time.time(), time.process_time(), taken))


def told(taken: NDArray[np.float64]) -> str:
    """Give the median, the 99th percentile and the longest."""
    return f"p50 {np.median(taken) * 1e3:.2f} ms, p99 {np.quantile(taken, 0.99) * 1e3:.2f} ms, max {taken.max() * 1e3:.0f} ms"


@main.command()
@click.option("--articles", default=20_000, show_default=True, help="By each process.")
@click.option("--processes", multiple=True, type=int, default=(1, 2, 8), show_default=True)
@click.option("--folder", type=FOLDER, help="An index that is there, as `bulk` leaves it; else an empty one.")
def single(articles: int, processes: tuple[int, ...], folder: Path | None) -> None:
    """Add articles one by one, from several processes at once."""
    context = get_context("spawn")
    start = 1 << 30
    for count in processes:
        with tempfile.TemporaryDirectory() as temporary:
            path = folder or Path(temporary) / "index"
            with closing(DiskIndex(path)) as index:
                index.setup({}, b"")
            queue, ready = context.Queue(), context.Barrier(count)
            each = articles // count
            workers = [
                context.Process(target=adder, args=(path, start + k * (each + 5), each, queue, ready))
                for k in range(count)
            ]
            start += count * (each + 5)
            for worker in workers:
                worker.start()
            answers = [queue.get() for _ in workers]
            for worker in workers:
                worker.join()
            wall = max(end for _, end, _, _ in answers) - min(begin for begin, *_ in answers)
            cpu = sum(seconds for *_, seconds, _ in answers)
            print(
                f"{count} processes: {count * each / wall:,.0f}/s together, {told(np.concatenate([a[3] for a in answers]))},"
                f" {cpu / (count * each) * 1e3:.2f} CPU ms an article with start-up"
            )


def memory() -> tuple[float, float]:
    """Resident megabytes: of files that are mapped, and the rest."""
    info = psutil.Process().memory_full_info()
    maps = psutil.Process().memory_maps()
    mapped = sum(part.rss for part in maps if part.path.endswith(".run"))
    return mapped / 1e6, (info.rss - mapped) / 1e6


@main.command("open")
@click.argument("folder", type=FOLDER)
@click.option("--articles", default=10_000, show_default=True)
@click.option("--batch", default=1, show_default=True, help="Articles that are asked for at once.")
def open_(folder: Path, articles: int, batch: int) -> None:
    """Open an index that is there and ask for articles, of which every other is known."""
    print("before: {:.0f} MB mapped, {:.0f} MB".format(*memory()))
    at = [time.process_time()]
    with closing(DiskIndex(folder)) as index:
        at.append(time.process_time())
        for first in chosen(articles, batch):
            with index.turn(write=False):
                index.find(keys_of(first, batch), MOST)
        at.append(time.process_time())
        print("after: {:.0f} MB mapped, {:.0f} MB".format(*memory()))
    opening, asking = np.diff(at)
    print(f"{opening * 1e3:.0f} ms to open, {asking / articles * 1e3:.3f} CPU ms an article")


def chosen(articles: int, batch: int) -> Iterator[int]:
    """Give the first articles of batches, known and unknown in turn."""
    for k in range(0, articles, batch):
        yield k * 97 % 900_000 if k // batch % 2 else (1 << 33) + k


if __name__ == "__main__":
    main()
