"""Dumps of any size of made-up articles, with their truth: `python -m benchmarks.dumping 4000000 --output FOLDER`.

Stories are told once or several times, by hosts of their language; the copies stand anywhere in the dump. Bulletins, one
article in fifty, have one text and other figures in every issue, a day apart: they are no copies. Copies are of the kinds
of `bench/long`, in its shares, but of edits only those that leave two copies of a text a resemblance well above 0.4.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from benchmarks.inventing import (
    GOLDEN,
    LINES,
    Words,
    World,
    bits,
    edit,
    fill_in,
    invent,
    mix,
    spell,
    write_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from benchmarks.inventing import Hashes, Numbers

SEED = 20261126
FILES = 8
AT_ONCE = 250  # articles
KINDS = (
    "orig",
    "single",
    "single+boiler",
    "bulletin",
    "exact",
    "reflow",
    "boilerplate",
    "truncated",
    "edited",
    "boiler+edit",
)
ORIG, SINGLE, FRAMED, BULLETIN, EXACT, REFLOW, BOILER, CUT, EDITED, BOTH = range(len(KINDS))
COPIES = np.repeat([EXACT, REFLOW, BOILER, CUT, EDITED, BOTH], [15, 8, 25, 15, 22, 15])
ALONE = 0.72  # of the stories: told once; of these
BOILERPLATE = 0.35  # so many with boilerplate
TAIL, MOST = 1.6, 80  # of the sizes of clusters
SERIES, ISSUES = 0.0014, 20  # bulletins: of all stories; mean of their issues, beyond four
EDITS = {EDITED: (0.01, 0.05), BOTH: (0.005, 0.025)}  # share of the words
RETITLED = 0.4  # of the copies that are not exact
DAYS = 1_500
TRUTH = np.dtype([("cluster", "<i4"), ("kind", "u1")])


class Plan(NamedTuple):
    """Which story each article of a dump tells, and as which of its members; int32 and int16 of shape (n_articles,).

    The stories of a smaller dump are the first ones of a larger dump with the same seed. 14 bytes an article.
    """

    stories: NDArray[np.int32]
    members: NDArray[np.int16]
    alone: NDArray[np.bool_]
    series: NDArray[np.bool_]
    seed: int


class Made(NamedTuple):
    """Some articles as JSON lines, and their kinds."""

    lines: list[bytes]
    kinds: NDArray[np.uint8]


def plan_dump(size: int, seed: int = SEED) -> Plan:
    """Draw sizes of stories until there are enough articles, and put these in any order."""
    rng = np.random.default_rng(seed)
    sizes, series = np.empty(0, np.int64), np.empty(0, np.bool_)
    while sizes.sum() < size:
        once, bulletin = rng.random(1 << 14) < ALONE, rng.random(1 << 14) < SERIES
        told = np.minimum(2 + rng.pareto(TAIL, 1 << 14).astype(np.int64), MOST)
        issues = 4 + rng.exponential(ISSUES, 1 << 14).astype(np.int64)
        sizes = np.concatenate([sizes, np.where(bulletin, issues, np.where(once, 1, told))])
        series = np.concatenate([series, bulletin])
    stories = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[:size]
    members = (np.arange(size) - (np.cumsum(sizes) - sizes)[stories]).astype(np.int16)
    counts = np.bincount(stories)
    order = np.random.default_rng([seed, size]).permutation(size)
    stories, members = stories[order], members[order]
    return Plan(stories, members, counts[stories] == 1, series[stories], seed)


def truth_of(plan: Plan, rows: slice, kinds: NDArray[np.uint8]) -> NDArray[np.void]:
    """Cluster and kind of articles; each issue of a bulletin is a cluster of its own."""
    truth = np.empty(len(kinds), TRUTH)
    own = len(plan.stories) + np.arange(rows.start, rows.stop)
    truth["cluster"] = np.where(plan.series[rows], own, plan.stories[rows])
    truth["kind"] = kinds
    return truth


def draw_kinds(plan: Plan, rows: slice, keys: Hashes) -> NDArray[np.uint8]:
    """What each article is."""
    kinds = COPIES[bits(keys, 0, 20) % len(COPIES)]
    alone = np.where(bits(keys, 20, 10) < BOILERPLATE * 1024, FRAMED, SINGLE)
    first = np.where(plan.alone[rows], alone, ORIG)
    kinds = np.where(plan.members[rows] == 0, first, kinds)
    return np.where(plan.series[rows], BULLETIN, kinds).astype(np.uint8)


def write_texts(world: World, kinds: Numbers, texts: Hashes, keys: Hashes, tongues: Numbers) -> list[str]:
    """Texts of articles, without what hosts print around them."""
    lengths = world.lengths[bits(texts, 0, 12)]
    cuts = 0.6 + 0.3 * bits(keys, 0, 10) / 1024
    lengths = np.where(kinds == CUT, lengths * cuts, lengths).astype(np.int64)
    words = write_words(world, texts, tongues, lengths)
    shares = np.zeros(len(keys))
    for kind, (least, most) in EDITS.items():
        shares[kinds == kind] = least + (most - least) * bits(keys[kinds == kind], 10, 10) / 1024
    words = edit(world, words, keys, tongues, shares)
    issues = np.flatnonzero(kinds == BULLETIN)
    return with_issues(world, words, issues, texts, keys)


def with_issues(world: World, words: Words, issues: Numbers, texts: Hashes, keys: Hashes) -> list[str]:
    """Spell texts, those of bulletins with the figures of the issue."""
    chosen = np.repeat(np.isin(np.arange(len(words.lengths)), issues), words.lengths)
    filled = fill_in(Words(words.tokens[chosen], words.lengths[issues]), texts[issues], keys[issues])
    words.tokens[chosen] = filled.tokens
    return spell(world, words)


def write_titles(world: World, kinds: Numbers, texts: Hashes, keys: Hashes, tongues: Numbers) -> list[str]:
    """Headlines of articles; some copies have another one."""
    titles = mix(texts ^ GOLDEN)
    words = write_words(world, titles, tongues, 6 + bits(titles, 0, 12) % 6)
    words = Words(words.tokens // 4 * 4, words.lengths)
    retitled = (kinds > EXACT) & (bits(keys, 30, 10) < RETITLED * 1024)
    return spell(world, edit(world, words, keys, tongues, np.where(retitled, 0.33, 0.0)))


def make_articles(world: World, plan: Plan, rows: slice) -> Made:
    """Make the articles of some rows, by no more than their numbers."""
    import orjson  # noqa: PLC0415 - of the extra

    texts = mix(plan.stories[rows].astype(np.uint64) * GOLDEN + mix(np.array([plan.seed], np.uint64)))
    keys = mix(texts + (plan.members[rows].astype(np.uint64) + np.uint64(1)) * GOLDEN)
    kinds = draw_kinds(plan, rows, keys)
    tongues = world.languages[bits(texts, 12, 8)]
    choice = np.where(kinds == BULLETIN, bits(texts, 20, 12), bits(keys, 40, 12))
    days = bits(texts, 32, 20) + np.where(kinds == BULLETIN, plan.members[rows], 0)
    minutes = np.where(kinds == BULLETIN, bits(texts, 52, 10), bits(keys, 20, 12))
    columns = (
        range(rows.start, rows.stop),
        kinds.tolist(),
        write_titles(world, kinds.astype(np.int64), texts, keys, tongues),
        write_texts(world, kinds.astype(np.int64), texts, keys, tongues),
        tongues.tolist(),
        world.host_table[choice].tolist(),
        keys.tolist(),
        ((days % DAYS) * 1440 + minutes).tolist(),
    )
    lines = []
    for row, kind, title, text, tongue, site, key, minute in zip(*columns, strict=True):
        host = world.hosts[tongue][site]
        record = {
            "id": f"a{row:08}",
            "url": f"https://www.{host.name}/{minute // 1440}/{row}.html",
            "title": title,
            "text": set_text(kind, text, host.name, host.lines, key),
            "date": DATES[minute // 1440] + CLOCK[minute % 1440],
            "source": host.name.partition(".")[0],
        }
        lines.append(orjson.dumps(record))
    return Made(lines, kinds)


DATES = np.datetime_as_string(np.datetime64("2021-01-01") + np.arange(DAYS + 4)).tolist()
CLOCK = [f"T{minute // 60:02}:{minute % 60:02}:00Z" for minute in range(1440)]


def set_text(kind: int, text: str, name: str, lines: list[str], key: int) -> str:
    """Give a text as a host prints it."""
    if kind in (FRAMED, BOILER, BOTH):
        chosen = [one for one in range(1, LINES) if key >> one & 1] or [1, 2]
        return "\n".join([lines[0], text, *(lines[one] for one in chosen[:5])])
    if kind == REFLOW:
        return text.replace("\n", " ") if key & 1 else text.upper()
    if kind == CUT:
        return f"{text} ..." if key & 1 else f"{text}\n+ {name}"
    return text


def write_dump(folder: Path, size: int, seed: int = SEED, files: int = FILES) -> list[Path]:
    """Write a dump as some files of JSON lines, and its truth as `truth.npy`: a row for each article."""
    folder.mkdir(parents=True, exist_ok=True)
    world, plan = invent(seed), plan_dump(size, seed)
    truth = np.lib.format.open_memmap(folder / "truth.npy", "w+", TRUTH, (size,))
    paths = []
    for number, part in enumerate(np.array_split(np.arange(size), min(files, size))):
        path = folder / f"part-{number:02}.jsonl"
        with path.with_suffix(".part").open("wb") as stream:
            for rows in spans(int(part[0]), int(part[-1]) + 1):
                made = make_articles(world, plan, rows)
                truth[rows] = truth_of(plan, rows, made.kinds)
                stream.write(b"\n".join([*made.lines, b""]))
        path.with_suffix(".part").replace(path)
        paths.append(path)
    truth.flush()
    return paths


def spans(start: int, stop: int) -> Iterator[slice]:
    """Part rows into some that are made at once."""
    for first in range(start, stop, AT_ONCE):
        yield slice(first, min(first + AT_ONCE, stop))


@click.command()
@click.argument("size", type=click.IntRange(1))
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Folder of the files.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--files", default=FILES, show_default=True)
def main(size: int, output: Path, seed: int, files: int) -> None:
    """Write a dump of SIZE articles."""
    began = time.process_time()
    paths = write_dump(output, size, seed, files)
    seconds, total = time.process_time() - began, sum(path.stat().st_size for path in paths)
    click.echo(
        f"{size:,} articles, {total / 1e6:,.1f} MB ({total / size:,.0f} B each), "
        f"{seconds:.1f} CPU s, {total / 1e6 / seconds:.1f} MB/s"
    )


if __name__ == "__main__":
    main()
