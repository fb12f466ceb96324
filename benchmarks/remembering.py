"""The index of articles: how fast it is, and whether it says the same everywhere.

::

    python -m benchmarks.remembering throughput  [--work F] [--rounds 3]   # verified adds beside unverified rivals
    python -m benchmarks.remembering million     [--work F]                # a directory of a million short items
    python -m benchmarks.remembering together    [--work F] [--redis URL]  # two processes, one add at a time
    python -m benchmarks.remembering agreement   [--work F] [--redis URL]  # back ends, batch and one by one, a run
    python -m benchmarks.remembering halves      [--work F] [--redis URL]  # eight processes, overlapping halves
    python -m benchmarks.remembering kills       [--work F] [--rounds 100] # SIGKILL under load
    python -m benchmarks.remembering expiry      [--work F]                # memory and disk after a window

CPU seconds are those of this process; ``together`` and ``halves`` start processes of their own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import statistics
import string
import time
from collections import defaultdict
from collections.abc import Callable  # noqa: TC003 - an annotation that is looked at
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

import dedup
from benchmarks.corpora import prepare
from benchmarks.measuring import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Record = dict[str, Any]


def read(path: Path, count: int | None = None) -> list[Record]:
    """First records of a corpus."""
    with path.open("rb") as stream:
        return [json.loads(line) for line in islice(stream, count)]


def copies(records: list[Record], count: int) -> Iterator[Record]:
    """So many records: the corpus again and again, in other letters each time, so that no round is like another."""
    for number in range(count):
        record, turn = records[number % len(records)], number // len(records)
        if turn:
            letters = list(string.ascii_lowercase)
            random.Random(turn).shuffle(letters)
            table = str.maketrans(string.ascii_lowercase, "".join(letters))
            record = {
                **record,
                "id": f"{record['id']}-{turn}",
                "url": f"{record.get('url')}?{turn}",
                "title": (record.get("title") or "").translate(table),
                "text": record["text"].translate(table),
            }
        yield record


def cpu() -> float:
    """CPU seconds of this process, system time included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss() -> float:
    """Resident memory of this process in MB, without pages of files that are mapped."""
    memory = psutil.Process().memory_info()
    return (memory.rss - memory.shared) / 1e6


def rate(count: int, work: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """Items a CPU second and a second of wall time."""
    started, wall = cpu(), time.perf_counter()
    work(*arguments)
    return count / (cpu() - started), count / (time.perf_counter() - wall)


def fresh(folder: Path) -> Path:
    """A folder that is not there."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def portions(records: Iterable[Record], size: int = 4096) -> Iterator[list[Record]]:
    """Cut a stream of records."""
    stream = iter(records)
    while portion := list(islice(stream, size)):
        yield portion


def throughput(work: Path, rounds: int) -> None:
    """Adds: verified in memory and in a directory, beside rivals that verify nothing; each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    found: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name in CONTESTANTS:
            results = context.Queue()
            child = context.Process(target=_measure, args=(name, work, results))
            child.start()
            found[name].append(results.get())
            child.join()
    print(f"{'items a CPU second':40} {'median':>8}   rounds")
    for name, rates in found.items():
        print(f"{name:40} {statistics.median(rates):8.0f}   {' '.join(f'{one:.0f}' for one in rates)}")


def _measure(name: str, work: Path, results: Any) -> None:  # noqa: ANN401 - a queue
    corpus, count, contestant = CONTESTANTS[name]
    records = read(work / f"{corpus}.jsonl", count)
    with dedup.open_index("memory://") as index:
        index.add_many(records[:500])  # nothing compiles below
    try:
        results.put(rate(len(records), contestant, records, work)[0])
    except ImportError:
        results.put(float("nan"))


def in_memory(records: list[Record], _work: Path) -> None:
    """Add all to an index in memory."""
    with dedup.open_index("memory://") as index:
        index.add_many(records)


def in_directory(records: list[Record], work: Path) -> None:
    """Add all to a new index in a directory."""
    with dedup.open_index(fresh(work / "index")) as index:
        index.add_many(records)


def one_by_one(records: list[Record], _work: Path) -> None:
    """Add each to an index in memory."""
    with dedup.open_index("memory://") as index:
        _add_each(index, records)


def _add_each(index: dedup.ArticleIndex, records: list[Record]) -> None:
    for record in records:
        index.add(record)


def with_datasketch(records: list[Record], _work: Path) -> None:
    """Query and insert one by one, 5-grams of words, 128 permutations; unverified."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    for record in records:
        words = record["text"].lower().split()
        grams = [" ".join(words[k : k + 5]).encode() for k in range(max(len(words) - 4, 1))]
        sketch = MinHash(num_perm=128)
        sketch.update_batch(grams)
        lsh.query(sketch)
        lsh.insert(record["id"], sketch)


def with_gaoya(records: list[Record], _work: Path) -> None:
    """Query and insert one by one, 5-grams of words; unverified."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415

    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=0.5,
        num_bands=42,
        band_size=3,
        analyzer="word",
        lowercase=True,
        ngram_range=(5, 5),
    )
    for number, record in enumerate(records):
        index.query(record["text"])
        index.insert_document(number, record["text"])


def with_rensa(records: list[Record], _work: Path) -> None:
    """Query and insert one by one, 5-grams of words, 128 permutations; unverified."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    lsh = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    for number, record in enumerate(records):
        words = record["text"].lower().split()
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([" ".join(words[k : k + 5]) for k in range(max(len(words) - 4, 1))])
        lsh.query(sketch)
        lsh.insert(number, sketch)


#: Corpus, how many of its articles, and what is done with them.
CONTESTANTS: dict[str, tuple[str, int | None, Callable[[list[Record], Path], None]]] = {
    "memory add_many short": ("short", None, in_memory),
    "directory add_many short": ("short", None, in_directory),
    "memory add_many long": ("long", 20_000, in_memory),
    "directory add_many long": ("long", 20_000, in_directory),
    "memory add short": ("short", 10_000, one_by_one),
    "datasketch, unverified, short": ("short", None, with_datasketch),
    "gaoya, unverified, short": ("short", None, with_gaoya),
    "rensa, unverified, short": ("short", None, with_rensa),
}


def million(work: Path, count: int = 1_000_000) -> None:
    """A directory filled to a million items: CPU of each part, bytes, and what opening and checking it takes."""
    records = read(work / "short.jsonl")
    folder = fresh(work / "million")
    done, used = 0, 0.0
    with dedup.open_index(folder) as index:
        for portion in portions(copies(records, count)):
            before = cpu()
            index.add_many(portion)
            used += cpu() - before
            done += len(portion)
            if done % 102_400 < len(portion):
                print(f"{done:8} articles: {done / used:7.0f} a CPU second so far")
                part = (done, used)
        info = index.info()
    print(f"in all {done / used:.0f} a CPU second; the last part is in {part}")
    print("bytes an article:", {name: round(size / info.articles) for name, size in info.bytes.items()})
    child = multiprocessing.get_context("spawn").Process(
        target=_open_and_check, args=(folder, records[:10_000])
    )
    child.start()
    child.join()


def _open_and_check(folder: Path, records: list[Record]) -> None:
    begin = rss()
    with dedup.open_index(folder) as index:
        opened = rss()
        speed = rate(len(records), index.check_many, records)
        print(
            f"opening takes {opened - begin:.0f} MB, checking 10,000 {rss() - opened:.0f} MB more, beyond the map"
        )
        print(f"checks: {speed[0]:.0f} a CPU second")
        single = rate(1000, list, map(index.check, records[:1000]))
        print(f"single checks: {single[0]:.0f} a CPU second, {single[1]:.0f} a second")


def _add_singly(uri: str, records: list[Record], start: Any, results: Any) -> None:  # noqa: ANN401
    with dedup.open_index(uri) as index:
        index.add_many([{"id": f"warm {os.getpid()}", "text": "Nothing compiles from here on."}])
        start.wait()
        times = []
        began = time.perf_counter()
        for record in records:
            before = time.perf_counter()
            index.add(record)
            times.append(time.perf_counter() - before)
        results.put((began, time.perf_counter(), times))


def together(work: Path, uris: list[str], processes: int = 2, each: int = 5000) -> None:
    """Single adds from processes at once."""
    records = read(work / "short.jsonl", processes * each)
    context = multiprocessing.get_context("spawn")
    for uri in uris:
        for count in sorted({1, processes}):
            _clear(uri)
            start, results = context.Barrier(count), context.Queue()
            workers = [
                context.Process(target=_add_singly, args=(uri, records[k::count][:each], start, results))
                for k in range(count)
            ]
            for worker in workers:
                worker.start()
            parts = [results.get() for _ in workers]
            for worker in workers:
                worker.join()
            times = sorted(one for _, _, part in parts for one in part)
            wall = max(part[1] for part in parts) - min(part[0] for part in parts)
            print(
                f"{uri}: {count} processes, {len(times) / wall:.0f} adds a second together; p50 "
                f"{times[len(times) // 2] * 1e3:.2f} ms, p99 {times[len(times) * 99 // 100] * 1e3:.2f} ms, "
                f"longest {times[-1] * 1e3:.1f} ms"
            )
    for uri in uris:
        if uri.startswith("redis"):
            _clear(uri)
            with dedup.open_index(uri) as index:
                speed = rate(len(records), index.add_many, records)
            print(f"{uri}: in batches {speed[1]:.0f} a second, {speed[0]:.0f} a CPU second of the client")


def _clear(uri: str) -> None:
    if "://" not in uri:
        shutil.rmtree(uri, ignore_errors=True)
        return
    import redis  # noqa: PLC0415

    redis.Redis.from_url(uri.split("?", maxsplit=1)[0]).flushdb()


def agreement(work: Path, uris: list[str], count: int = 20_000) -> None:
    """Verdicts from every back end, in batches and one by one; clusters beside those of a run."""
    records = read(work / "long.jsonl", count)
    result = dedup.deduplicate(records)
    context = dedup.Context(result.boilerplate)
    fed = [records[row] for row in leader_order(result)]
    reference = None
    for uri in ["memory://", *uris]:
        for way in ("batch", "one by one"):
            if uri != "memory://":
                _clear(uri)
            with dedup.open_index(uri, context=context) as index:
                began = time.perf_counter()
                verdicts = index.add_many(fed) if way == "batch" else [index.add(record) for record in fed]
                seconds = time.perf_counter() - began
            reference = reference or verdicts
            clusters: defaultdict[str, set[str]] = defaultdict(set)
            for verdict in verdicts:
                clusters[verdict.cluster].add(verdict.id)
            same = {frozenset(ids) for ids in clusters.values()} == {
                frozenset(one.members) for one in result.clusters
            }
            differ = sum(one != other for one, other in zip(verdicts, reference, strict=True))
            print(
                f"{uri} {way}: {len(verdicts)} verdicts, {differ} differ from the first; "
                f"{len(clusters)} clusters, those of the run: {same}; {seconds:.0f} s"
            )


def leader_order(result: dedup.DedupResult) -> list[int]:
    """Rows of a run's articles, longest text first, then earliest, as its leaders are chosen."""
    from dedup.text.columns import TextColumn, shingle_column  # noqa: PLC0415

    part = result.partition
    batch = shingle_column(TextColumn.of([article.compared.encode() for article in result.articles]), 5)
    ages = np.array([one.published.timestamp() if one.published else np.inf for one in result.articles])
    earliest = np.full(len(ages), np.inf)
    np.minimum.at(earliest, part.groups, ages)
    order: list[int] = np.lexsort(
        (np.array(part.ids), ages, batch.text_hashes, earliest[part.groups], -batch.n_words)
    ).tolist()
    return order


def _add_part(uri: str, records: list[Record], results: Any) -> None:  # noqa: ANN401
    with dedup.open_index(uri) as index:
        results.put(
            [
                (one.id, one.is_duplicate, one.cluster)
                for part in portions(records, 64)
                for one in index.add_many(part)
            ]
        )


def halves(work: Path, uris: list[str], processes: int = 8, count: int = 20_000) -> None:
    """Processes add overlapping halves of the corpus: how often each exact story was new."""
    records = read(work / "long.jsonl", count)
    groups = dedup.deduplicate(records).partition.groups.tolist()
    story = {record["id"]: group for record, group in zip(records, groups, strict=True)}
    step = count // processes
    context = multiprocessing.get_context("spawn")
    for uri in uris:
        _clear(uri)
        with dedup.open_index(uri):
            results = context.Queue()
        workers = []
        for k in range(processes):
            mine = [records[(k * step + n) % count] for n in range(count // 2)]
            renamed = [{**record, "id": f"{record['id']}/{k}", "url": None} for record in mine]
            workers.append(context.Process(target=_add_part, args=(uri, renamed, results)))
        began = time.perf_counter()
        for worker in workers:
            worker.start()
        told = [one for _ in workers for one in results.get()]
        for worker in workers:
            worker.join()
        new: defaultdict[int, int] = defaultdict(int)
        for name, is_duplicate, _ in told:
            new[story[name.rpartition("/")[0]]] += not is_duplicate
        with dedup.open_index(uri) as index:
            wrong, articles = index.verify(), len(index)
        print(
            f"{uri}: {len(told)} adds by {processes} processes in {time.perf_counter() - began:.0f} s, "
            f"{articles} remembered, exit codes {[worker.exitcode for worker in workers]}; "
            f"exact stories {len(new)}, new more than once: {sum(times > 1 for times in new.values())}; verify: {wrong or 'clean'}"
        )


def _add_until_killed(folder: Path, records: list[Record], pipe: Any) -> None:  # noqa: ANN401
    with dedup.open_index(folder) as index:
        for number, record in enumerate(records):
            single = number % 3
            verdicts = [index.add(record)] if single else index.add_many(records[number : number + 40])
            pipe.send([verdict.id for verdict in verdicts])


def kills(work: Path, rounds: int) -> None:
    """A process adds, one by one and in batches, and is killed at a random moment."""
    records = read(work / "short.jsonl", 50_000)
    folder, context = fresh(work / "killed"), multiprocessing.get_context("fork")
    generator = random.Random(1)
    acknowledged: set[str] = set()
    lost = unclean = 0
    for turn in range(rounds):
        mine = [{**record, "id": f"{record['id']}/{turn}"} for record in generator.sample(records, 4000)]
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_add_until_killed, args=(folder, mine, sender))
        child.start()
        sender.close()
        deadline = time.monotonic() + 0.3 + generator.random()
        while time.monotonic() < deadline:
            if receiver.poll(0.01):
                acknowledged.update(receiver.recv())
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        try:
            while receiver.poll():
                acknowledged.update(receiver.recv())
        except (EOFError, OSError):
            pass
        with dedup.open_index(folder) as index:
            unclean += bool(index.verify()) if turn % 10 == 9 else 0
            lost += sum(
                name not in index
                for name in generator.sample(sorted(acknowledged), min(300, len(acknowledged)))
            )
    with dedup.open_index(folder) as index:
        known = {article.id for article, _ in index.articles()}
        wrong = index.verify()
        print(
            f"{rounds} kills, {len(acknowledged)} articles acknowledged, {len(acknowledged - known)} lost "
            f"(sampled on the way: {lost}), {len(known)} remembered; verify: {wrong or 'clean'}, unclean on the way: {unclean}"
        )


def expiry(work: Path, days: int = 60, each: int = 2000) -> None:
    """A crawl of two months with a window of ten days: memory and disk, with and without expiry."""
    records = read(work / "short.jsonl")
    for uri in ("memory://", str(work / "expiring")):
        if "://" not in uri:
            shutil.rmtree(uri, ignore_errors=True)
        with dedup.open_index(uri, window="10d") as index:
            begin = rss()
            for day, portion in enumerate(portions(copies(records, days * each), each)):
                date = 86_400 * day
                index.add_many([{**record, "date": date} for record in portion])
                if day % 10 == 9:
                    before = len(index), _taken(index, uri), rss() - begin
                    gone = index.expire(before=np.datetime64(date - 10 * 86_400, "s").astype(str))
                    index.compact()
                    print(
                        f"{uri} day {day + 1}: {before[0]} articles, {before[1] / 1e6:.1f} MB, RSS +{before[2]:.0f} MB; "
                        f"{gone} expire -> {len(index)} articles, {_taken(index, uri) / 1e6:.1f} MB, RSS +{rss() - begin:.0f} MB"
                    )


def _taken(index: dedup.ArticleIndex, uri: str) -> int:
    if "://" in uri:
        return sum(index.info().bytes.values())
    return sum(path.stat().st_size for path in Path(uri).rglob("*") if path.is_file())


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", choices=["throughput", "million", "together", "agreement", "halves", "kills", "expiry"]
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument(
        "--redis", action="append", default=[], metavar="URL", help="An empty database: it is flushed."
    )
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for name in ("long", "short"):
        prepare(name, options.shared, options.work)
    uris = [str(options.work / "index"), *options.redis]
    match options.what:
        case "throughput":
            throughput(options.work, options.rounds or 3)
        case "million":
            million(options.work)
        case "together":
            together(options.work, uris)
        case "agreement":
            agreement(options.work, uris)
        case "halves":
            halves(options.work, uris)
        case "kills":
            kills(options.work, options.rounds or 100)
        case "expiry":
            expiry(options.work)


if __name__ == "__main__":
    main()
