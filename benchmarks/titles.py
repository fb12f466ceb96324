"""Headlines: what a match is worth, by grades that people gave, and what a run by title finds: ``python -m benchmarks.titles``.

The sections can be named: ``limits`` (sts-news, mrpc), ``grades`` (all sets at the limit), ``planted`` (headlines of
bench/short with a word dropped or replaced), ``clusters`` (a run by title over bench/long against the truth), ``cost``
(of the match in a run by text over bench/short).
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

import click

from benchmarks.corpora import prepare
from benchmarks.report import table
from dedup import deduplicate, deduplicate_files
from dedup.match.titles import NEAR, contradict, headline_words, match_words, strip_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Near headlines that a run by title finds in the cluster of their original."""
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
    cluster_of = {member: cluster.id for cluster in clusters for member in cluster.members}
    rows = []
    for low, high in ((NEAR, 1.01), (NEAR, 0.8), (0.8, 0.85), (0.85, 0.9), (0.9, 1.01)):
        hits = [
            cluster_of[f"a{n}"] == cluster_of[f"b{n}"] for n, score in scores.items() if low <= score < high
        ]
        rows.append((f"{low:.2f} to {min(high, 1.0):.2f}", f"{len(hits):,}", f"{sum(hits) / len(hits):.4f}"))
    return table(("score", "planted", "found"), rows)


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
    return table(("run", "CPU s"), rows)


SECTIONS = {"limits": limits, "grades": grades, "planted": planted, "clusters": clusters, "cost": cost}


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
