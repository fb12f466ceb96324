"""Reworked text: how often pairs are told as it that are no passage, by kind: ``python -m benchmarks.passages reworked``."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from benchmarks.corpora import prepare
from benchmarks.report import table
from dedup import compare
from dedup.match.passages import find_passages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PAIRS = 1_000
SAME = 300
CHAPTER = 150  # words of a chapter, at least


def reworked(shared: Path, work: Path) -> str:
    """Pairs that share no passage and overlap nevertheless, of texts that have or have no text in common."""
    folder = shared / "data/gold"
    extracts, reuters = (read(folder / f"{name}.jsonl.gz") for name in ("bbc-containment", "reuters21578"))
    events, incidents = (read(folder / f"{name}.jsonl.gz") for name in ("ecbplus", "gva-news"))
    chance = random.Random(1)
    kinds = {
        "long, strangers": strangers(shared, work),
        "bbc-containment, strangers": (
            (one["a"], other["b"]) for one, other in (chance.sample(extracts, 2) for _ in range(PAIRS))
        ),
        "reuters21578, strangers": at_random(reuters),
        "gva-news, other incidents": at_random(incidents),
        "ecbplus, one event": of_one_cluster(events),
        "gva-news, one incident": of_one_cluster(incidents, one_each=True),
        "onestop-docs, chapters": chapters(read(folder / "onestop-docs.jsonl.gz")),
    }
    rows = [(name, *map(str, count(pairs))) for name, pairs in kinds.items()]
    return table(("pairs", "of them", "share no passage, not near", "reworked"), rows)


def count(pairs: Iterable[tuple[str, str]]) -> tuple[int, int, int]:
    """Pairs, those of them that are nothing else, and those that are reworked text."""
    verdicts = [(compare(*pair).relation, pair) for pair in pairs]
    rest = [relation for relation, pair in verdicts if relation == "unrelated" or not find_passages(*pair)]
    told = sum(relation == "overlap" for relation in rest)
    return len(verdicts), told + sum(relation == "unrelated" for relation in rest), told


def strangers(shared: Path, work: Path) -> Iterator[tuple[str, str]]:
    """Articles of bench/long of other clusters, neither of which has a part of the other's."""
    corpus = prepare("long", shared, work)
    pieces = {one["id"]: {one["cluster"], *one.get("parts", ())} for one in read(corpus.truth)}
    articles = read(corpus.articles)
    chance = random.Random(1)
    for _ in range(PAIRS):
        one, other = chance.sample(articles, 2)
        if not pieces[one["id"]] & pieces[other["id"]]:
            yield one["text"], other["text"]


def at_random(articles: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Articles of other clusters; where there are none, any two."""
    chance = random.Random(1)
    for _ in range(PAIRS):
        one, other = chance.sample(articles, 2)
        if one.get("cluster") is None or one["cluster"] != other["cluster"]:
            yield one["text"] or "", other["text"] or ""


def of_one_cluster(
    articles: Sequence[dict[str, Any]], *, one_each: bool = False
) -> Iterator[tuple[str, str]]:
    """Different articles of one cluster, one pair of each if so asked."""
    clusters: dict[str, list[str]] = defaultdict(list)
    for article in articles:
        if article["text"]:
            clusters[article["cluster"]].append(article["text"])
    chance = random.Random(1)
    found = []
    for texts in clusters.values():
        pairs = [(one, other) for k, one in enumerate(texts) for other in texts[k + 1 :] if one != other]
        found += [chance.choice(pairs)] if one_each and pairs else pairs
    chance.shuffle(found)
    yield from found[:SAME]


def chapters(articles: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Chapters of articles that were rewritten for learners, each with the article for the next better readers."""
    levels: dict[str, dict[str, str]] = defaultdict(dict)
    for article in articles:
        levels[article["cluster"]][article["split"]] = article["text"]
    for texts in levels.values():
        for level, source in (("Ele", "Adv"), ("Ele", "Int")):
            lines: list[str] = []
            for line in texts.get(level, "").split("\n") if source in texts else ():
                lines.append(line)
                if sum(len(one.split()) for one in lines) >= CHAPTER:
                    yield "\n".join(lines), texts[source]
                    lines = []


def read(path: Path) -> list[dict[str, Any]]:
    """Records of a file of JSON lines."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
        return [json.loads(line) for line in stream]
