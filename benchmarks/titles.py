"""Headlines: what a match is worth, by grades that people gave, and what a run by title finds: ``python -m benchmarks.titles``.

The sections can be named: ``limits`` (sts-news, mrpc), ``grades`` (all sets at the limit), ``planted`` (headlines of
bench/short with a word dropped or replaced), ``clusters`` (a run by title over bench/long against the truth), ``cost``
(of the match in a run by text over bench/short), ``index`` (headlines that are near, found by rare words and by bands of
signatures, against a comparison of all with all), ``suffixes`` (what is learnt from titles, and what it costs).
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.corpora import prepare
from benchmarks.report import table
from dedup import Recipe, deduplicate, deduplicate_files, list_headlines, repeated_headlines
from dedup.index.buckets import Buckets, group_by_key
from dedup.index.words import group_by_rare_words
from dedup.match.affixes import SEPARATOR
from dedup.match.headings import Headings
from dedup.match.suffixes import Affixes, learn_affixes
from dedup.match.titles import LEAST_WORDS, NEAR, contradict, headline_words, match_words, strip_title
from dedup.text.columns import ShingleTable, TextColumn, shingle_column
from dedup.url import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Graded = tuple[tuple[str, ...], tuple[str, ...], float]

LIMITS = (0.6, 0.65, 0.7, 0.75, 0.8)
GRADES = (4.0, 3.5, 3.0)
PLANTED = 8_000


def graded(shared: Path) -> Iterator[tuple[str, list[Graded]]]:
    """Sets of pairs of headlines with a grade from 0 to 5; a pair labelled same has 5, another 0."""
    gold = shared / "data" / "gold"
    sts, pairs = read(gold / "sts-news.jsonl.gz"), read(gold / "mrpc.jsonl.gz")
    for kind in ("headlines", "SMTnews", "tweet-news", "deft-news"):
        yield f"STS {kind}", [grade(pair, "ab") for pair in sts if kind in pair["split"]]
    yield "MRPC", [grade(pair, "ab") for pair in pairs if pair["label"] is not None]
    translated = read(gold / "stsb-mt-headlines.jsonl.gz")
    for language in ("de", "es", "fr", "ru"):
        yield f"translated {language}", [grade(pair, "ab") for pair in translated if pair["lang"] == language]
    alike = read(gold / "lookalikes.jsonl.gz")
    yield "look-alikes", [grade(pair, ("a_title", "b_title")) for pair in alike if pair["label"] is not None]


def grade(pair: dict[str, Any], fields: Sequence[str]) -> Graded:
    """Words of both headlines, and the grade."""
    one, other = (headline_words(strip_title(pair[field] or "")) for field in fields)
    given = pair.get("grade")
    return one, other, 5.0 * pair["label"] if given is None else float(given)


def shares(grades: Sequence[float]) -> list[str]:
    """Number of pairs, and the share of those of each grade."""
    found = [f"{sum(one >= least for one in grades) / max(len(grades), 1):.3f}" for least in GRADES]
    return [f"{len(grades):,}", *found]


def limits(shared: Path, _work: Path) -> str:
    """Pairs of other words from each limit on, with and without those that contradict each other."""
    rows = []
    for name, pairs in graded(shared):
        if name not in ("STS headlines", "MRPC"):
            continue
        different = [pair for pair in pairs if pair[0] != pair[1] and pair[0] and pair[1]]
        for limit in LIMITS:
            alike = [pair for pair in different if resemblance(*pair[:2]) >= limit]
            kept = [pair[2] for pair in alike if not contradict(*pair[:2])]
            rows.append((name, f"{limit:.2f}", *shares(kept), *shares([pair[2] for pair in alike])))
    columns = "pairs", *(f">= {least:g}" for least in GRADES)
    return table(("set", "limit", *columns, *(f"nothing refused: {name}" for name in columns)), rows)


def resemblance(one: Sequence[str], other: Sequence[str]) -> float:
    """Words in both by words in either."""
    return len({*one} & {*other}) / len({*one, *other})


def grades(shared: Path, _work: Path) -> str:
    """Pairs that match at the limit."""
    rows = []
    for name, pairs in graded(shared):
        kinds: dict[str, list[float]] = {"same": [], "near": [], "refused": []}
        for one, other, given in pairs:
            found = match_words(one, other)
            if found is not None:
                kinds[found.kind].append(given)
            elif one and other and resemblance(one, other) >= NEAR:
                kinds["refused"].append(given)
        rows += [(name, kind, *shares(found)) for kind, found in kinds.items()]
    return table(("set", "match", "pairs", *(f">= {least:g}" for least in GRADES)), rows)


def planted(shared: Path, work: Path) -> str:
    """Near headlines that are found with their original, by a run by title and by a list of headlines."""
    titles = {
        headline_words(strip_title(record["title"] or "")) for record in articles("short", shared, work)
    }
    chance = random.Random(3)
    chosen = chance.sample(sorted(title for title in titles if 5 <= len(set(title)) <= 16), PLANTED)
    records, scores = [], {}
    for number, words in enumerate(chosen):
        place = chance.randrange(len(words))
        changed = (*words[:place], *([f"zz{number}"] * (number % 2)), *words[place + 1 :])
        records += [
            {"id": f"a{number}", "title": " ".join(words)},
            {"id": f"b{number}", "title": " ".join(changed)},
        ]
        found = match_words(words, changed)
        if found is not None and found.kind == "near":
            scores[number] = found.score
    clusters = deduplicate(records, by="title").clusters
    of_run = {member: cluster.id for cluster in clusters for member in cluster.members}
    repeated = repeated_headlines(records).headlines
    of_list = {article.id: place for place, one in enumerate(repeated) for article in one.articles}
    rows = []
    for low, high in ((NEAR, 1.01), (NEAR, 0.8), (0.8, 0.85), (0.85, 0.9), (0.9, 1.01)):
        numbers = [number for number, score in scores.items() if low <= score < high]
        shares = [
            sum(of.get(f"a{n}", "a") == of.get(f"b{n}", "b") for n in numbers) / len(numbers)
            for of in (of_run, of_list)
        ]
        rows.append(
            (f"{low:.2f} to {min(high, 1.0):.2f}", f"{len(numbers):,}", *(f"{one:.4f}" for one in shares))
        )
    return table(("score", "planted", "by a run by title", "by headlines"), rows)


def clusters(shared: Path, work: Path) -> str:
    """Dropped articles of `long` whose kept one is of their true cluster; roundups stand under the head of a story."""
    corpus = prepare("long", shared, work)
    with TemporaryDirectory(dir=work) as folder:
        found = Path(folder) / "clusters"
        begin = time.process_time()
        deduplicate_files([corpus.articles], Path(folder) / "kept", clusters=found, by="title")
        seconds = time.process_time() - begin
        lines = read(found)
    truth = {record["id"]: record for record in read(corpus.truth)}
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if not line["kept"]:
            one, other = truth[line["id"]], truth[line["duplicate_of"]]
            mixed = (one["kind"] == "roundup") != (other["kind"] == "roundup")
            right = "the same" if one["cluster"] == other["cluster"] else "a roundup" if mixed else "another"
            counts[line["relation"], right] += 1
    rows = [(*kind, f"{count:,}") for kind, count in sorted(counts.items())]
    return table(("relation", "true cluster", "dropped"), rows) + f"\n\n{seconds:.1f} s of CPU"


def cost(shared: Path, work: Path) -> str:
    """CPU seconds of runs over `short`, the least of three."""
    corpus = prepare("short", shared, work)
    rows = []
    with TemporaryDirectory(dir=work) as folder:
        for name, asked in (
            ("by text", {}),
            ("by text, --clusters", {"clusters": Path(folder) / "clusters"}),
            ("by title", {"by": "title"}),
        ):
            seconds = []
            for _ in range(4):  # the first may compile
                begin = time.process_time()
                deduplicate_files([corpus.articles], Path(folder) / "kept", **asked)  # type: ignore[arg-type]
                seconds.append(time.process_time() - begin)
            rows.append((name, f"{min(seconds[1:]):.2f}"))
    for likeness in ("near", "same"):
        seconds = []
        for _ in range(3):
            begin = time.process_time()
            list_headlines([corpus.articles], likeness=likeness)
            seconds.append(time.process_time() - begin)
        rows.append((f"headlines, {likeness}", f"{min(seconds):.2f}"))
    return table(("run", "CPU s"), rows)


def index(shared: Path, work: Path) -> str:
    """Pairs of different headlines that are near, and how many candidates find how many of them."""
    rows = []
    for name, titles in samples(shared, work):
        words = sorted({headline_words(strip_title(title)) for title in titles} - {()})
        near = near_pairs(words)
        for method, find in METHODS.items():
            begin = time.process_time()
            buckets = find(words)
            seconds = time.process_time() - begin
            shared_by = bucket_sets(buckets)
            found = sum(not shared_by[one].isdisjoint(shared_by[other]) for one, other in near)
            sizes = np.diff(buckets.starts)
            rows.append(
                (
                    name,
                    f"{len(words):,}",
                    method,
                    f"{found / max(len(near), 1):.4f} of {len(near):,}",
                    f"{int((sizes * (sizes - 1) // 2).sum()):,}",
                    f"{int(sizes.max(initial=0)):,}",
                    f"{seconds:.2f}",
                )
            )
    return table(("set", "headlines", "candidates by", "found", "pairs in buckets", "largest", "CPU s"), rows)


def samples(shared: Path, work: Path) -> Iterator[tuple[str, list[str]]]:
    """Titles of whole clusters of `short` and of `long`, about 5,000 of each, and of 5,000 wire stories in a row."""
    for name in ("short", "long"):
        truth = {record["id"]: record["cluster"] for record in read(prepare(name, shared, work).truth)}
        chosen = sorted(set(truth.values()))
        random.Random(7).shuffle(chosen)
        members: dict[Any, list[str]] = {}
        for record in articles(name, shared, work):
            members.setdefault(truth[record["id"]], []).append(record["title"] or "")
        titles: list[str] = []
        for cluster in chosen:
            titles += members[cluster]
            if len(set(titles)) >= SAMPLED:
                break
        yield name, titles
    wire = read(shared / "data" / "gold" / "reuters21578.jsonl.gz")
    yield "reuters", [record["title"] or "" for record in wire[:SAMPLED]]


def near_pairs(words: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Places of all pairs that are near, by comparing each with each."""
    places = {word: place for place, word in enumerate(sorted({word for one in words for word in one}))}
    entries = [(row, places[word]) for row, one in enumerate(words) for word in {*one}]
    rows, columns = np.array(entries).T
    has = csr_matrix((np.ones(len(rows), np.int32), (rows, columns)), (len(words), len(places)))
    both = (has @ has.T).tocoo()
    sizes = np.asarray(has.sum(axis=1)).ravel()
    alike = both.data >= (NEAR - 0.001) * (sizes[both.row] + sizes[both.col] - both.data)
    pairs = zip(both.row[alike].tolist(), both.col[alike].tolist(), strict=True)
    return [(one, other) for one, other in pairs if one < other and match_words(words[one], words[other])]


def by_rare_words(words: Sequence[tuple[str, ...]]) -> Buckets:
    """What ``dedup headlines`` asks."""
    table_of = shingled([" ".join(one) for one in words])
    return group_by_rare_words(table_of, np.arange(len(words)), NEAR - 0.00005, LEAST_WORDS)


def by_bands(words: Sequence[tuple[str, ...]], threshold: float, recall: float, grams: int = 0) -> Buckets:
    """Bands of signatures of words, or of character n-grams."""
    recipe = Recipe.for_target(threshold, recall, width=1)
    texts = [" ".join(one) for one in words]
    if grams:
        texts = [
            " ".join(text[at : at + grams].encode().hex() for at in range(max(1, len(text) - grams + 1)))
            for text in texts
        ]
    return group_by_key(recipe.key(recipe.sign(shingled(texts), np.arange(len(words)))))


def shingled(texts: Sequence[str]) -> ShingleTable:
    """Words of texts."""
    batch = shingle_column(TextColumn.of([text.encode() for text in texts]), 1)
    indptr = np.concatenate([[0], np.cumsum(batch.counts)])
    return ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)


def bucket_sets(buckets: Buckets) -> list[frozenset[int]]:
    """Buckets of each text."""
    bounds = pairwise(buckets.row_starts.tolist())
    return [frozenset(buckets.row_buckets[start:stop].tolist()) for start, stop in bounds]


SAMPLED = 5_000
METHODS: dict[str, Callable[[Sequence[tuple[str, ...]]], Buckets]] = {
    "rare words": by_rare_words,
    "bands of words, 0.75, recall 0.95": lambda words: by_bands(words, 0.75, 0.95),
    "bands of words, 0.6, recall 0.95": lambda words: by_bands(words, 0.6, 0.95),
    "bands of words, 0.5, recall 0.95": lambda words: by_bands(words, 0.5, 0.95),
    "bands of 3-grams, 0.5, recall 0.95": lambda words: by_bands(words, 0.5, 0.95, 3),
    "bands of 4-grams, 0.5, recall 0.95": lambda words: by_bands(words, 0.5, 0.95, 4),
}


def suffixes(shared: Path, work: Path) -> str:
    """Affixes that are learnt, the titles that have one, and those with a separator left."""
    rows, listed = [], []
    for name, records in titled(shared, work):
        titles = [(record["title"] or "").encode() for record in records]
        hosts = [host_of(record.get("url")) for record in records]
        begin = time.process_time()
        learnt = learn_affixes(titles, hosts)
        seconds = time.process_time() - begin
        fixed, all_of_them = (
            list(Headings(titles, hosts, hosts, affixes).read(np.arange(len(titles))))
            for affixes in (Affixes(), learnt)
        )
        parted = [
            sum(bool(SEPARATOR.search(title.decode())) for title in one)
            for one in (titles, fixed, all_of_them)
        ]
        changed = sum(one != other for one, other in zip(fixed, all_of_them, strict=True))
        numbers = (len(titles), len(learnt.items), changed, *parted)
        rows.append((name, *(f"{number:,}" for number in numbers), f"{seconds:.2f}"))
        listed += [(name, item.host or "", item.at, f"{item.articles:,}", item.text) for item in learnt.items]
    heads = (
        "set",
        "titles",
        "learnt",
        "stripped by it",
        "with a separator",
        "after lists",
        "after both",
        "CPU s",
    )
    return table(heads, rows) + "\n\n" + table(("set", "host", "at", "headlines", "affix"), listed)


def titled(shared: Path, work: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Sets of records with a title, and mostly a URL."""
    gold = shared / "data" / "gold"
    for name in ("gva-news", "emergent-headlines"):
        yield name, read(gold / f"{name}.jsonl.gz")
    for name in ("telegram-pairs", "semeval22-text"):
        pairs = read(gold / f"{name}.jsonl.gz")
        yield (
            name,
            [
                {"title": pair[f"{side}_title"], "url": pair.get(f"{side}_url")}
                for pair in pairs
                for side in "ab"
            ],
        )
    for name in ("short", "long"):
        yield name, articles(name, shared, work)


SECTIONS = {
    "limits": limits,
    "grades": grades,
    "planted": planted,
    "clusters": clusters,
    "cost": cost,
    "index": index,
    "suffixes": suffixes,
}


def articles(name: str, shared: Path, work: Path) -> list[dict[str, Any]]:
    """Records of a corpus."""
    return read(prepare(name, shared, work).articles)


def read(path: Path) -> list[dict[str, Any]]:
    """Records of a file of JSON lines."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
        return [json.loads(line) for line in stream]


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(list(SECTIONS)))
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-benchmarks",
    help="Folder for the decompressed corpora.",
)
def main(sections: tuple[str, ...], shared: Path, work: Path) -> None:
    """Print the sections."""
    work.mkdir(parents=True, exist_ok=True)
    for name in sections or SECTIONS:
        click.echo(f"## {name}\n\n{SECTIONS[name](shared, work)}\n")


if __name__ == "__main__":
    main()
