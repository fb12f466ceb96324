"""Dumps: all articles of a run in the order in which they may lead, for an index that is to give a run's clusters."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Place
from dedup.clustering import order_texts
from dedup.io.batches import Batch
from dedup.io.intake import name_apart
from dedup.match.context import Context
from dedup.match.exact import group_equal
from dedup.stages import Method, prepare, take_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.incremental.manifest import Manifest
    from dedup.io.inputs import Inputs
    from dedup.io.intake import Corpus
    from dedup.kernels.types import Rows
    from dedup.workers import Workers


class Dump(NamedTuple):
    """All articles of some inputs.

    Attributes
    ----------
    batch : Batch
        In the order of the inputs; an id that stands twice is told apart by its place.
    places : list of Place
        Where each stands.
    order : list of int
        Rows as they are to be fed: the longest text first, then the earliest; its copies beside it.
    context : Context
        What was learnt, or given.
    replaced : int
        Articles read with replacement characters.
    """

    batch: Batch
    places: list[Place]
    order: list[int]
    context: Context
    replaced: int

    def steps(self, length: int) -> Iterator[tuple[Batch, list[Place]]]:
        """All articles in the order in which they are to be fed, as much at a time as an index takes best."""
        for start in range(0, len(self.order), length):
            rows = self.order[start : start + length]
            yield self.batch.take(rows), [self.places[row] for row in rows]


def read_dump(taken: Inputs, manifest: Manifest, workers: Workers, *, learn: bool) -> Dump:
    """Read all articles.

    Parameters
    ----------
    taken : Inputs
        Where from.
    manifest : Manifest
        Of the index that they are for.
    workers : Workers
        Threads.
    learn : bool
        Whether to learn what a run would take for boilerplate; else it is the manifest's.
    """
    held: list[Batch] = []
    places: list[Place] = []

    def batches() -> Iterator[Batch]:
        for batch, name, numbers in taken.placed():
            held.append(batch)
            places.extend(Place(name, number) for number in numbers.tolist())
            yield batch

    method = replace(_method(manifest, workers), tell=taken.tell)
    corpus, headings = take_in(batches(), taken.size, method, workers)
    if learn:
        texts = prepare(corpus, taken.texts, method, workers)
        groups, order = texts.groups, texts.order
        context = Context(texts.context.boilerplate, headings.affixes.items)
    else:
        groups = group_equal(corpus.table, taken.texts)
        order = order_texts(groups, corpus.table, corpus.published)
        context = manifest.context
    names, _ = name_apart(corpus.ids, corpus.table.text_hashes, taken.place_of)
    ids = list(names)
    feeding = _feeding_order(corpus, groups, order, ids)
    named = [None if given is None else name for given, name in zip(corpus.ids, ids, strict=True)]
    return Dump(
        Batch.join(held)._replace(ids=named) if held else Batch.of(()),
        places,
        feeding,
        context,
        taken.replaced + corpus.replaced,
    )


def _feeding_order(corpus: Corpus, groups: Rows, order: Rows, ids: list[str]) -> list[int]:
    """Rows by the rank of their text, then as :func:`dedup.canonical.choose` has copies of one text."""
    rank = np.full(len(groups), len(order))
    rank[order] = np.arange(len(order))
    ranks = rank[groups].tolist()
    dates = [math.inf if date != date else date for date in corpus.published.tolist()]  # noqa: PLR0124 - NaN
    return sorted(range(len(ids)), key=lambda row: (ranks[row], dates[row], ids[row]))


def _method(manifest: Manifest, workers: Workers) -> Method:
    """How a run with the parameters of an index learns."""
    return Method.plain(manifest.recipe, manifest.limits, manifest.recall, workers, walk=manifest.walk)
