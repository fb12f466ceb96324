"""Larger dumps in the likeness of `bench/long` and `bench/short`, with their truth: `python -m benchmarks.growing`.

Every base text is new. Its sentences are drawn one by one from all articles of the corpus, and one word in four is
replaced by one drawn from the corpus, so that two uses of a sentence share a 5-gram once in twenty. Lengths, cluster
sizes and the shares of the kinds are those of the corpus; copies are made by `publishing`. The clusters of a smaller dump
are the first ones of a larger dump with the same seed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from benchmarks.publishing import (
    LONG_KINDS,
    PUBLISHERS,
    SHORT_KINDS,
    copy_article,
    copy_item,
    frame,
    retitle,
    set_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.random import Generator
    from numpy.typing import NDArray

SEED = 20261122
HEADS = 20  # stories that a roundup may take the heads of: the last ones
REPLACED = 0.25
RETITLED = 0.4
PARAGRAPH = 3  # sentences
SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
SENTENCE_WORDS = range(5, 46)
YEARS = range(2017, 2022)


class Made(NamedTuple):
    """One article, before it has its place in the dump."""

    cluster: int
    kind: str
    publisher: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Model:
    """What new articles are drawn from."""

    vocabulary: list[str]
    sentences: NDArray[np.int32]
    starts: NDArray[np.int64]
    titles: list[list[str]]
    lengths: NDArray[np.int64]
    cluster_sizes: NDArray[np.int64]
    alone: list[str]

    def draw(self, rng: Generator, count: int) -> list[str]:
        """Give so many words, as common as they are in the corpus."""
        return self.words(self.sentences[rng.integers(len(self.sentences), size=count)])

    def words(self, numbers: NDArray[np.int32]) -> list[str]:
        """Spell words."""
        return [*map(self.vocabulary.__getitem__, numbers.tolist())]

    def title(self, rng: Generator) -> list[str]:
        """Make a headline out of one of the corpus."""
        return retitle(self.titles[int(rng.integers(len(self.titles)))], rng, self.draw)

    def text(self, rng: Generator) -> list[str]:
        """Make a new text of the length of one of the corpus."""
        length = int(self.lengths[rng.integers(len(self.lengths))])
        chosen = rng.integers(len(self.starts) - 1, size=length // SENTENCE_WORDS.start + 1)
        ends = np.cumsum(self.starts[chosen + 1] - self.starts[chosen])
        chosen = chosen[: int(np.searchsorted(ends, length)) + 1]
        numbers = np.concatenate(
            [self.sentences[self.starts[one] : self.starts[one + 1]] for one in chosen.tolist()]
        )
        replaced = np.flatnonzero(rng.random(len(numbers)) < REPLACED)
        numbers[replaced] = self.sentences[rng.integers(len(self.sentences), size=len(replaced))]
        words = self.words(numbers)
        for end in ends[PARAGRAPH - 1 : len(chosen) : PARAGRAPH].tolist():
            words[end - 1] += "\n"
        return words


def learn(articles: Path, truth: Path, *, titled: bool) -> Model:
    """Read a corpus; where texts are `titled`, they begin with the headline, which is left out of them."""
    with articles.open("rb") as stream:
        records = [json.loads(line) for line in stream]
    bodies = [record["text"][len(record["title"]) + 2 if titled else 0 :] for record in records]
    with truth.open("rb") as stream:
        truths = [json.loads(line) for line in stream]
    sizes = np.unique([one["cluster"] for one in truths], return_counts=True)
    size_of = dict(zip(*(column.tolist() for column in sizes), strict=True))
    alone = [one["kind"] for one in truths if size_of[one["cluster"]] == 1]
    bases = [
        body
        for body, one in zip(bodies, truths, strict=True)
        if one["kind"] in ("orig", "single") and body.strip()
    ]
    parts = [one.split() for body in bases for one in SENTENCES.split(body)]
    parts = [words for words in parts if len(words) in SENTENCE_WORDS]
    numbers: dict[str, int] = {}
    flat = np.fromiter(
        (numbers.setdefault(word, len(numbers)) for word in chain.from_iterable(parts)), np.int32
    )
    starts = np.concatenate([[0], np.cumsum([len(words) for words in parts])])
    titles = [words for words in (record["title"].split() for record in records) if words]
    lengths = np.array([len(body.split()) for body in bases])
    return Model([*numbers], flat, starts, titles, lengths, sizes[1], alone)


def draw_kind(kinds: dict[str, int], rng: Generator) -> str:
    """Draw a kind of copy."""
    shares = np.cumsum([*kinds.values()])
    return [*kinds][int(np.searchsorted(shares, rng.integers(shares[-1]), side="right"))]


def draw_publisher(rng: Generator) -> str:
    """Draw a publisher."""
    return PUBLISHERS[int(rng.integers(len(PUBLISHERS)))]


def make_articles(model: Model, rng: Generator) -> Iterator[Made]:
    """Give articles as those of `long`, cluster by cluster, without end."""
    heads: list[list[str]] = []
    cluster = 0
    while True:
        size = int(model.cluster_sizes[rng.integers(len(model.cluster_sizes))])
        title, words, name = model.title(rng), model.text(rng), draw_publisher(rng)
        kind = "orig" if size > 1 else model.alone[int(rng.integers(len(model.alone)))]
        if kind == "roundup" and len(heads) == HEADS:
            words = [
                *chain.from_iterable(
                    heads[int(one)] for one in rng.choice(HEADS, int(rng.integers(3, 6)), False)
                )
            ]
        heads.append(words[: int(len(words) * rng.uniform(0.2, 0.45))])
        del heads[:-HEADS]
        text = frame(set_text(words), name, rng) if kind == "single+boiler" else set_text(words)
        yield Made(cluster, kind, name, " ".join(title), text)
        for _ in range(size - 1):
            kind, name = draw_kind(LONG_KINDS, rng), draw_publisher(rng)
            new = kind != "exact" and rng.random() < RETITLED
            headline = retitle(title, rng, model.draw) if new else title
            yield Made(
                cluster, kind, name, " ".join(headline), copy_article(kind, words, name, rng, model.draw)
            )
        cluster += 1


def make_items(model: Model, rng: Generator) -> Iterator[Made]:
    """Give items as those of `short`, cluster by cluster, without end."""
    cluster = 0
    while True:
        size = int(model.cluster_sizes[rng.integers(len(model.cluster_sizes))])
        title, words = model.title(rng), model.text(rng)
        kinds = ["orig", *(draw_kind(SHORT_KINDS, rng) for _ in range(size - 1))]
        for kind in kinds:
            headline, body = copy_item(kind, title, words, rng, model.draw)
            printed = " ".join(headline)
            yield Made(cluster, kind, draw_publisher(rng), printed, f"{printed}. {set_text(body)}")
        cluster += 1


MAKERS: dict[str, Callable[[Model, Generator], Iterator[Made]]] = {"long": make_articles, "short": make_items}


def write_dump(path: Path, truth: Path, name: str, model: Model, size: int, seed: int = SEED) -> None:
    """Write a dump of so many articles in a random order, and its truth as that of the corpus."""
    rng = np.random.default_rng(seed)
    made = [one for _, one in zip(range(size), MAKERS[name](model, rng), strict=False)]
    order = np.random.default_rng([seed, size]).permutation(size).tolist()
    dates = np.random.default_rng([seed, size, 1]).integers(len(YEARS) * 365 * 1440, size=size).tolist()
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as stream, truth.open("w", encoding="utf-8") as answers:
        for number, (row, date) in enumerate(zip(order, dates, strict=True)):
            one = made[row]
            doc_id = f"G{number:07}"
            answers.write(json.dumps({"id": doc_id, "cluster": one.cluster, "kind": one.kind}) + "\n")
            stream.write(json.dumps(record(doc_id, one, number, date), ensure_ascii=False) + "\n")
    unfinished.replace(path)


def record(doc_id: str, one: Made, number: int, minute: int) -> dict[str, str]:
    """Give an article as it stands in a dump."""
    day, minute = divmod(minute, 1440)
    year, month, day = YEARS.start + day // 365, day % 365 // 31 + 1, day % 365 % 28 + 1
    return {
        "id": doc_id,
        "url": f"https://www.{one.publisher}.example/{year}/{number}.html",
        "title": one.title,
        "text": one.text,
        "date": f"{year}-{month:02}-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z",
    }


@click.command()
@click.argument("name", type=click.Choice([*MAKERS]))
@click.argument("size", type=click.IntRange(1))
@click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="Folder of the decompressed corpora."
)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="Articles; the truth stands beside."
)
@click.option("--seed", default=SEED, show_default=True)
def main(name: str, size: int, data: Path, output: Path, seed: int) -> None:
    """Write a dump of SIZE articles in the likeness of NAME, and its truth."""
    model = learn(data / f"{name}.jsonl", data / f"{name}.truth.jsonl", titled=name == "short")
    write_dump(output, output.with_suffix(".truth.jsonl"), name, model, size, seed)


if __name__ == "__main__":
    main()
