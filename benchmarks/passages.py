"""Passages: what is found, what it costs, and how it was chosen: ``python -m benchmarks.passages``.

The sections can be named: ``roundups`` (bench/long), ``gold`` (bbc-containment, clough-stevenson), ``hostile`` (pairs and
dumps that repeat themselves), ``page`` (one of up to 100,000 paragraphs among news), ``fingerprints`` (how the passage
index keeps its shingles), ``reworked`` (what is told as reworked text).
"""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from benchmarks.corpora import prepare
from benchmarks.report import table
from benchmarks.reworked import read, reworked
from dedup import compare, deduplicate, deduplicate_files
from dedup.index.passages import propose, share, winnow
from dedup.match.passages import Words, passages_of, repeats_of
from dedup.text.columns import ShingleTable
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

SECTIONS = ("roundups", "gold", "hostile", "page", "fingerprints", "reworked")
SAMPLE = 2_000
NON_PAIRS = 1_000


def roundups(shared: Path, work: Path) -> str:
    """Reuses of a story's head in a roundup that are reported, and whether what is reported is so."""
    corpus = prepare("long", shared, work)
    with TemporaryDirectory(dir=work) as folder:
        passages = Path(folder) / "passages.jsonl"
        begin = time.process_time()
        deduplicate_files([corpus.articles], Path(folder) / "kept", threads=1)
        plain = time.process_time()
        deduplicate_files([corpus.articles], Path(folder) / "kept", passages=passages, threads=1)
        end = time.process_time()
        lines = read(passages)
    truth = {record["id"]: record for record in read(corpus.truth)}
    wanted = {(one["id"], part) for one in truth.values() for part in one.get("parts", ())}
    found = set()
    for line in lines:
        clusters = {truth[place["id"]]["cluster"] for place in line["articles"]}
        of_roundups = [place["id"] for place in line["articles"] if truth[place["id"]]["kind"] == "roundup"]
        found |= {(roundup, cluster) for roundup in of_roundups for cluster in clusters}
    places = [(line, place) for line in lines for place in line["articles"]]
    sample = random.Random(1).sample(places, min(SAMPLE, len(places)))
    texts = {record["id"]: record["text"] for record in read(corpus.articles)}
    right = sum(
        holds(texts[place["id"]][place["start"] : place["stop"]], line["text"]) for line, place in sample
    )
    rows = [
        ("reuses of the truth", f"{len(wanted):,}"),
        ("reported", f"{len(wanted & found) / len(wanted):.4f}"),
        ("passages; places in articles", f"{len(lines):,}; {len(places):,}"),
        (f"right, by a naive matcher, of {len(sample):,} places", f"{right / len(sample):.4f}"),
        ("CPU seconds without passages; with", f"{plain - begin:.1f}; {end - plain:.1f}"),
    ]
    return table(("bench/long", ""), rows)


def holds(stretch: str, text: str) -> bool:
    """Whether a stretch has at least half of a text's words in their order, by the textbook's dynamic programme."""
    mine, theirs = (re.findall(r"\w+", side.casefold()) for side in (stretch, text))
    row = [0] * (len(theirs) + 1)
    for word in mine:
        last = 0
        for place, other in enumerate(theirs, 1):
            last, row[place] = row[place], last + 1 if word == other else max(row[place], row[place - 1])
    return 10 * row[-1] >= 6 * len(mine) and 2 * row[-1] >= 0.9 * len(theirs)


def gold(shared: Path, _work: Path) -> str:
    """Relations of labelled pairs, as a table."""
    return table(("gold", "share"), [(name, f"{share:.4f}") for name, share in gold_shares(shared)])


def gold_shares(shared: Path) -> list[tuple[str, float]]:
    """Relations of labelled pairs at the default settings."""
    extracts = read(shared / "data/gold/bbc-containment.jsonl.gz")
    relations = [compare(pair["a"], pair["b"]).relation for pair in extracts]
    chance = random.Random(1)
    strangers = (chance.sample(extracts, 2) for _ in range(NON_PAIRS))
    linked = [compare(one["a"], other["b"]).relation for one, other in strangers]
    answers = read(shared / "data/gold/clough-stevenson.jsonl.gz")
    rows = [
        ("bbc-containment: extracts near or excerpt", share_of(r in ("near", "excerpt") for r in relations)),
        (f"bbc-containment: {NON_PAIRS:,} strangers unrelated", share_of(r == "unrelated" for r in linked)),
    ]
    for least_words in (20, 12, 8):
        agreed = [
            (compare(pair["a"], pair["b"], least_words=least_words).relation != "unrelated")
            == bool(int(pair["label"]))
            for pair in answers
        ]
        rows.append((f"clough-stevenson: reused or not, passages of {least_words} words", share_of(agreed)))
    return rows


def share_of(flags: Iterable[bool]) -> float:
    """Mean of some truths."""
    return float(np.mean([*flags]))


def hostile(_shared: Path, _work: Path) -> str:
    """Seconds for texts that repeat themselves, and for dumps that do."""
    chance = random.Random(1)
    big = [f"w{chance.randrange(20_000)}" for _ in range(150_000)]
    edited = [word if chance.random() > 0.1 else "x" for word in big]
    paragraph = " ".join(big[:60]) + "\n"
    pairs = {
        "one word 100,000 times": ("x " * 100_000, "x " * 100_000),
        "one word 5,000 and 100,000 times": ("x " * 5_000, "x " * 100_000),
        "a paragraph 10,000 times": (paragraph * 10_000, paragraph * 10_000),
        "a paragraph once and 10,000 times": (paragraph, paragraph * 10_000),
        "1 MB and the same with a tenth edited": (" ".join(big), " ".join(edited)),
        "two words at random, 150,000": tuple(" ".join(chance.choices("ab", k=150_000)) for _ in "ab"),
    }
    rows = []
    for name, texts in pairs.items():
        one, other = map(Words.of, texts)
        found, seconds = timed(lambda one=one, other=other: passages_of(one, other))
        repeats, more = timed(lambda one=one: repeats_of(one))
        rows.append((name, f"{seconds:.2f}", f"{len(found):,}", f"{more:.2f}", f"{len(repeats):,}"))
    columns = "pair", "CPU s", "passages", "CPU s, first with itself", "repeats"
    return "\n\n".join((table(columns, rows), dumps_that_repeat()))


def dumps_that_repeat() -> str:
    """A page of many paragraphs among others, and a block under every article, for growing sizes."""
    rows = []
    for size in (25_000, 50_000, 100_000):
        page = "\n".join(f"p{k} says q{k} of r{k} in s{k} and t{k} for u{k} on v{k}" for k in range(size))
        articles = [{"id": "page", "text": page}, *({"text": story(f"s{n}-", 300)} for n in range(50))]
        rows.append((f"a page of {size:,} paragraphs", *run_on(articles)))
    rows += [
        (f"a page of {size:,} paragraphs, each in another article too", *run_on(quoted(size)))
        for size in (1_000, 2_000, 4_000)
    ]
    paragraph = story("p", 40)
    for size in (1_000, 2_000, 4_000):
        articles = [
            {"id": "page", "text": "\n".join([paragraph] * size), "date": "2026-01-01"},
            *({"text": f"{story(f's{n}-', 90)}\n{paragraph}", "date": "2026-01-02"} for n in range(10)),
        ]
        rows.append((f"a page of {size:,} times the paragraph of ten articles", *run_on(articles)))
    block = story("block", 300)
    for size in (1_000, 2_000, 4_000):
        articles = [{"text": f"{story(f's{n}-', 250)}\n{block}"} for n in range(size)]
        rows.append((f"{size:,} articles with a block of 300 words", *run_on(articles)))
    return table(("dump", "CPU s", "copies", "passages"), rows)


def quoted(size: int) -> list[dict[str, str]]:
    """A page, and an article for each of its paragraphs; every paragraph begins with one phrase."""
    chance = random.Random(1)
    paragraphs = [
        f"the spokesman said on monday that {' '.join(f'v{chance.paretovariate(0.1):.0f}' for _ in range(30))}"
        for _ in range(size)
    ]
    articles = [
        {"text": f"{story(f's{n}-', 60)}\n{paragraph}\n{story(f't{n}-', 60)}"}
        for n, paragraph in enumerate(paragraphs)
    ]
    return [{"id": "page", "text": "\n".join(paragraphs)}, *articles]


def story(word: str, length: int) -> str:
    """Words that stand nowhere else."""
    return " ".join(f"{word}{place}" for place in range(length))


def run_on(articles: Sequence[object]) -> tuple[str, str, str]:
    """Seconds of a run with passages, copies and passages."""
    result, seconds = timed(lambda: deduplicate(articles, threads=1, passages=True))
    return f"{seconds:.2f}", f"{len(result.duplicates):,}", f"{len(result.passages):,}"


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and its CPU seconds."""
    begin = time.process_time()
    return function(), time.process_time() - begin


def fingerprints(shared: Path, work: Path) -> str:
    """Planted passages that share a kept shingle with their source, for ways of keeping some."""
    corpus = prepare("long", shared, work)
    texts = [record["text"].split() for record in read(corpus.articles)[:6_000]]
    chance = random.Random(1)
    kinds = [(20, 0), (20, 1), (30, 2), (60, 4)]
    planted: dict[tuple[int, int], list[tuple[list[str], list[str], list[str]]]] = {
        kind: [plant(*chance.sample(texts, 2), *kind, chance) for _ in range(500)] for kind in kinds
    }
    rows = []
    for name, keep in WAYS.items():
        recall = [
            f"{share_of(bool(keep(source) & keep(target)) for source, target, _ in pairs):.4f}"
            for pairs in planted.values()
        ]
        kept = float(np.mean([len(keep(text)) for text in texts[:300]]))
        rows.append((name, f"{12 * kept:,.0f}", *recall))
    names = [f"{length} words, {edits} edited" for length, edits in kinds]
    return "\n\n".join((table(("kept", "bytes an article", *names), rows), proposals(texts)))


def plant(
    source: list[str], target: list[str], length: int, edits: int, chance: random.Random
) -> tuple[list[str], list[str], list[str]]:
    """A source, and a target with a passage of the source in it, some words of which are changed."""
    begin = chance.randrange(max(len(source) - length, 1))
    passage = source[begin : begin + length]
    for place in chance.sample(range(len(passage)), min(edits, len(passage))):
        passage[place] = "changed"
    at = chance.randrange(len(target))
    return source, [*target[:at], *passage, *target[at:]], passage


def shingles(words: Sequence[str]) -> list[int]:
    """Shingles of some words, in order."""
    return shingle_text(" ".join(words)).shingles


def winnowed(window: int) -> Callable[[Sequence[str]], set[int]]:
    """The lowest of so many shingles in a row."""

    def keep(words: Sequence[str]) -> set[int]:
        row = shingles(words)
        return {min(row[first : first + window]) for first in range(max(len(row) - window + 1, 1)) if row}

    return keep


def sampled(divisor: int) -> Callable[[Sequence[str]], set[int]]:
    """Shingles that a number divides."""
    return lambda words: {shingle for shingle in shingles(words) if shingle % divisor == 0}


def by_paragraph(words: Sequence[str], size: int = 60, hashes: int = 8) -> set[int]:
    """MinHash of paragraphs of 60 words, as many values as there are hashes."""
    kept = set()
    for begin in range(0, len(words), size):
        row = shingles(words[begin : begin + size])
        kept |= {min(shingle * (2 * k + 3) % (1 << 61) for shingle in row) << 3 | k for k in range(hashes)}
    return kept


WAYS: dict[str, Callable[[Sequence[str]], set[int]]] = {
    "winnowed, window 4": winnowed(4),
    "winnowed, window 8": winnowed(8),
    "winnowed, window 12": winnowed(12),
    "winnowed, window 16": winnowed(16),
    "sampled, 1 in 4": sampled(4),
    "sampled, 1 in 8": sampled(8),
    "MinHash of paragraphs, 8 values": by_paragraph,
}


def proposals(texts: Sequence[Sequence[str]]) -> str:
    """What the index costs: pairs proposed among articles, whatever they are to each other."""
    rows_of = [shingles(text) for text in texts]
    indptr = np.cumsum([0, *map(len, rows_of)])
    hashes: NDArray[np.uint64] = np.concatenate([np.array(row, np.uint64) for row in rows_of])
    numbers = np.arange(len(texts))
    several = ShingleTable(indptr, hashes, np.ones(len(texts), np.int64), numbers.astype(np.uint64))
    rows = []
    for window in (4, 8, 12, 16):
        begin = time.process_time()
        prints = winnow(several, numbers, window)
        found = share(prints, np.full(len(texts), -1))
        pairs = propose(prints, found)
        seconds = time.process_time() - begin
        rows.append(
            (
                str(window),
                f"{len(pairs):,}",
                f"{int(found.common.sum()):,}",
                f"{1e6 * seconds / len(texts):.0f}",
            )
        )
    columns = "window", f"pairs of {len(texts):,} articles", "common fingerprints", "µs an article"
    return table(columns, rows)


def page(shared: Path, work: Path) -> str:
    """A page made of paragraphs of bench/long, some of them those of 2,000 other articles, beside these articles."""
    records = read(prepare("long", shared, work).articles)
    random.Random(1).shuffle(records)
    paragraphs = [[line for line in one["text"].split("\n") if len(line.split()) >= 25] for one in records]
    articles = [{name: one[name] for name in ("id", "text", "date", "url")} for one in records[:SAMPLE]]
    pool = [line for lines in paragraphs[SAMPLE:] for line in lines]
    rows = []
    for size in (25_000, 50_000, 100_000):
        lines = pool[:size]
        planted = {}
        for number in range(0, SAMPLE, 10):
            if paragraphs[number]:
                planted[articles[number]["id"]] = lines[number * size // SAMPLE] = paragraphs[number][0]
        whole = {"id": "page", "text": "\n".join(lines), "date": "2026-01-01"}
        result, seconds = timed(lambda whole=whole: deduplicate([whole, *articles], threads=1, passages=True))
        _, plain = timed(lambda whole=whole: deduplicate([whole, *articles], threads=1))
        linked = [{one.id for one in passage.occurrences} for passage in result.passages]
        found = {one for ids in linked if "page" in ids for one in ids}
        copies = sum("page" in (one.id, one.duplicate_of) for one in result.duplicates)
        rows.append(
            (
                f"{size:,}",
                f"{len(whole['text']) / 1e6:.0f}",
                f"{plain:.1f}",
                f"{seconds:.1f}",
                f"{len(found & planted.keys())} of {len(planted)}",
                str(copies),
            )
        )
    columns = "paragraphs", "MB", "CPU s without passages", "with", "planted paragraphs found", "its copies"
    return table(columns, rows)


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-bench",
    help="Decompressed corpora.",
)
def main(sections: Sequence[str], shared: Path, work: Path) -> None:
    """Measure passages."""
    work.mkdir(parents=True, exist_ok=True)
    measure = {
        "roundups": roundups,
        "gold": gold,
        "hostile": hostile,
        "page": page,
        "fingerprints": fingerprints,
        "reworked": reworked,
    }
    for name in sections or SECTIONS:
        click.echo(f"### {name}\n\n{measure[name](shared, work)}\n")


if __name__ == "__main__":
    main()
