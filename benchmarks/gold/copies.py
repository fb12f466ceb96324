"""Copies and extracts, by what measures them elsewhere in this folder."""

from __future__ import annotations

import csv
import gzip
import sys
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.gold.lexical import METHODS, jaccard
from benchmarks.gold.predictions import CROSS_VALIDATED, DEFAULTS
from benchmarks.gold.rows import Row
from benchmarks.gold.sets import read_articles, read_pairs
from benchmarks.lookalikes import balanced, verdicts
from benchmarks.lookalikes import read_pairs as read_lookalikes
from benchmarks.passages import gold_shares
from benchmarks.recall import shingle
from dedup import compare, deduplicate
from dedup.evaluation import evaluate
from dedup.pair_evaluation import evaluate_pairs
from dedup.sketch.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.gold.predictions import Predictions

LEAST = 0.5
EXHAUSTIVE = {
    "reuters21578": ("reuters21578", "reuters21578-exact-pairs"),
    "bbc": ("bbc-docs-exactdup", "bbc-all-exact-pairs"),
    "gva": ("gva-news", "gva-visible-exact-pairs"),
}


def exhaustive(name: str, shared: Path, _said: Predictions) -> Iterator[Row]:
    """Pairs of at least half the 5-grams, found exhaustively: those that share a band, and those told as related.

    Pairs with an article that lies elsewhere are left out.
    """
    articles_name, pairs_name = EXHAUSTIVE[name]
    texts = {one["id"]: one["text"] for one in read_articles(shared, articles_name)}
    row_of = {article: row for row, article in enumerate(texts)}
    with gzip.open(shared / "data/gold" / f"{pairs_name}.tsv.gz", "rt", encoding="utf-8") as lines:
        pairs = [one for one in csv.DictReader(lines, delimiter="\t") if {one["a"], one["b"]} <= texts.keys()]
    shingles = shingle([*texts.values()])
    recipe = Recipe.for_target()
    keys = recipe.key(recipe.sign(shingles, np.arange(len(texts))))
    one, other = (np.array([row_of[pair[side]] for pair in pairs]) for side in "ab")
    resembling = np.array([float(pair["jaccard5"]) >= LEAST for pair in pairs])
    shared_band = (keys[one] == keys[other]).any(axis=1)[resembling]
    related = [compare(texts[pair["a"]], texts[pair["b"]]).relation != "unrelated" for pair in pairs]
    yield Row(name, "recall of the bands, J >= .5", len(shared_band), float(shared_band.mean()), DEFAULTS)
    yield Row(name, "related, J or containment >= .5", len(pairs), float(np.mean(related)), DEFAULTS)


def planted(name: str, shared: Path, _said: Predictions) -> Iterator[Row]:
    """Copies that a run finds, against those that are known; in bbc-docs-exactdup only the equal ones are."""
    articles = read_articles(shared, name)
    found = {member: one.id for one in deduplicate(articles).clusters for member in one.members}
    figures = evaluate(
        [one["cluster"] for one in articles], [found.get(one["id"], one["id"]) for one in articles]
    )
    yield Row(name, "pair recall", len(articles), figures.pair_recall, DEFAULTS)
    if name == "minhash-articles":
        yield Row(name, "pair F1", len(articles), figures.pair_f1, DEFAULTS)


def lookalikes(shared: Path, _said: Predictions) -> Iterator[Row]:
    """Copies and templates told apart."""
    with redirect_stdout(sys.stderr):  # what was chosen for each fold is no part of the table
        pairs = read_lookalikes(shared / "data/gold/lookalikes.jsonl.gz")
        template, said = verdicts(pairs)
    for source in (CROSS_VALIDATED, DEFAULTS):
        yield Row("lookalikes", "balanced accuracy", len(pairs), balanced(template, said[source]), source)


def extracts(shared: Path, _said: Predictions) -> Iterator[Row]:
    """Extracts and answers written from a source; relations at the default settings."""
    answers = [pair for pair in read_pairs(shared, "clough-stevenson") if pair.label is not None]
    labels, texts = [pair.label for pair in answers], [(pair.one.text, pair.other.text) for pair in answers]
    best = {method: evaluate_pairs(labels, jaccard(texts, method)).best_accuracy or 0.0 for method in METHODS}
    sizes = {"bbc-containment": len(read_pairs(shared, "bbc-containment")), "clough-stevenson": len(answers)}
    for told, share in gold_shares(shared):
        name, _, measure = told.partition(": ")
        if name == "clough-stevenson":
            yield Row(name, f"accuracy: {measure}", sizes[name], share, DEFAULTS, best)
        else:
            yield Row(name, measure, sizes[name], share, DEFAULTS)


COPIES: dict[str, Callable[[Path, Predictions], Iterator[Row]]] = {
    **{name: partial(exhaustive, name) for name in EXHAUSTIVE},
    **{name: partial(planted, name) for name in ("minhash-articles", "bbc-docs-exactdup")},
    "lookalikes": lookalikes,
    "bbc-containment, clough-stevenson": extracts,
}
