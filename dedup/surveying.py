"""What thresholds would do to a dump: it is read once, and divided once for each of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.dividing import divide
from dedup.match.relation import Limits, holding_thresholds, scaled
from dedup.match.similarity import SCALE, Overlaps
from dedup.match.verification import UNKNOWN
from dedup.progress import SILENT, Teller
from dedup.resemblances import expected_misses, histogram, verify_proposed
from dedup.sketch.recipe import Recipe
from dedup.stages import Method, prepare, take_in
from dedup.tuned import Between, Borderline, Effect, Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.io.batches import Batch
    from dedup.io.intake import Corpus
    from dedup.kernels.types import Rows
    from dedup.match.context import Context
    from dedup.match.exact import ReadTexts
    from dedup.result import Partition
    from dedup.stages import Texts
    from dedup.tuned import Cut
    from dedup.workers import Workers

#: Characters of a text that are shown.
OPENING = 100
#: How far above the last threshold an article is borderline.
_NEAR = 0.05


class Plan(NamedTuple):
    """What is tried, and what it may use; the parameters of :func:`dedup.tune`, checked.

    Attributes
    ----------
    cuts : sequence of Cut
        The lowest threshold first.
    max_pairs : int
        As in :func:`dedup.resemblances.verify_proposed`.
    examples : int or None
        Articles described on each side of a threshold; None for all.
    seed, walk, context, workers
        As in :class:`dedup.stages.Method`.
    """

    cuts: Sequence[Cut]
    max_pairs: int
    examples: int | None
    seed: int
    walk: int
    context: Context | None
    workers: Workers
    tell: Teller = SILENT

    def method(self, cut: Cut) -> Method:
        """How a run with the threshold and recall of a cut decides."""
        usual = Method.usual(self.workers, walk=self.walk, context=self.context)
        recipe = Recipe(num_perm=cut.num_perm, bands=cut.bands, rows=cut.rows, seed=self.seed)
        limits = Limits.for_threshold(cut.threshold)
        return replace(usual, recipe=recipe, limits=limits, recall=cut.recall, tell=self.tell)


def survey_dump(
    batches: Iterable[Batch],
    expected_bytes: int,
    read_texts: ReadTexts,
    place_of: Callable[[int], str],
    plan: Plan,
) -> Survey:
    """Read a dump and try each cut on it.

    Parameters
    ----------
    batches, expected_bytes
        As :func:`dedup.stages.take_in` takes them.
    read_texts : ReadTexts
        Reads texts again.
    place_of : callable
        Place of a row.
    plan : Plan
        What is tried.

    Returns
    -------
    Survey
        Without what only files have.

    Notes
    -----
    Reading costs once what it costs a run, all that follows once for each cut. Memory: twice the shingles.
    """
    workers, (lowest, *others) = plan.workers, plan.cuts
    with workers:
        corpus, headings = take_in(batches, expected_bytes, plan.method(lowest), workers)

        def attempt(cut: Cut, groups: Rows | None = None) -> tuple[Texts, Partition]:
            method = plan.method(cut)
            texts = prepare(_copy(corpus), read_texts, method, workers, groups)
            return texts, divide(corpus, texts, read_texts, headings, place_of, method, workers)

        texts, partition = attempt(lowest)
        keys = plan.method(lowest).recipe.key(texts.signatures)
        found = verify_proposed(keys, texts.table, texts.order, plan.max_pairs, plan.seed, workers)
        n_texts, groups = len(texts.order), texts.groups
        del texts  # its shingles are half of the memory
        partitions = [partition, *(attempt(cut, groups)[1] for cut in others)]
    estimate = found.estimate(lowest)
    effects = [
        Effect(cut, partition.counts(replaced=corpus.replaced), *expected_misses(found, estimate, cut))
        for cut, partition in zip(plan.cuts, partitions, strict=True)
    ]
    return Survey(
        texts=n_texts,
        meetings=found.meetings,
        looked_at=found.looked_at,
        verified=len(found.lefts),
        histogram=histogram(found, estimate, lowest),
        effects=tuple(effects),
        between=tuple(_between(corpus, plan, partitions, read_texts)),
    )


def _copy(corpus: Corpus) -> Corpus:
    """Corpus whose shingles may be closed up where boilerplate is left out."""
    return corpus._replace(table=corpus.table._replace(hashes=corpus.table.hashes.copy()))


def _between(
    corpus: Corpus, plan: Plan, partitions: Sequence[Partition], read_texts: ReadTexts
) -> Iterator[Between]:
    """Articles that each threshold drops and the next one keeps, with the lowest recall."""
    recall = min(cut.recall for cut in plan.cuts)
    tried = [pair for pair in zip(plan.cuts, partitions, strict=True) if pair[0].recall == recall]
    for (cut, lower), (above, upper) in pairwise(tried):
        rows = np.flatnonzero(_dropped(lower) & ~_dropped(upper))
        yield _gather(corpus, rows, lower, (cut.threshold, above.threshold), plan.examples, read_texts)
    last, partition = tried[-1]
    near = _dropped(partition) & (partition.to_kept.relations > 0)
    rows = np.flatnonzero(near & (_holding(partition) < scaled(last.threshold + _NEAR)))
    yield _gather(corpus, rows, partition, (last.threshold, None), plan.examples, read_texts)


def _dropped(partition: Partition) -> NDArray[np.bool_]:
    dropped: NDArray[np.bool_] = partition.kept != np.arange(len(partition.kept))
    return dropped


def _holding(partition: Partition) -> Rows:
    """Highest threshold at which each article is a copy of the kept one, in ten-thousandths."""
    verdicts = partition.to_kept
    continuity = np.where(np.isnan(verdicts.continuity), UNKNOWN / SCALE, verdicts.continuity)
    columns = verdicts.resemblance, verdicts.containment, verdicts.coverage, continuity
    return holding_thresholds(Overlaps(*(np.rint(column * SCALE).astype(np.int64) for column in columns)))


def _gather(
    corpus: Corpus,
    rows: Rows,
    partition: Partition,
    limits: tuple[float, float | None],
    examples: int | None,
    read_texts: ReadTexts,
) -> Between:
    """Describe articles between two thresholds beside those that are kept in their place: all, or the outermost."""
    holding = _holding(partition)
    order = sorted(rows.tolist(), key=lambda row: (holding[row], partition.ids[row]))
    if examples is not None:
        upper = SCALE + 1 if limits[1] is None else scaled(limits[1])
        held = [row for row in order if holding[row] < upper]
        outermost = {*order[:examples], *held[max(len(held) - examples, 0) :]}
        order = [row for row in order if row in outermost]
    kept = partition.kept[order].tolist()
    shown = np.array(sorted({*order, *kept}), np.int64)
    openings = dict(zip(shown.tolist(), map(_opening, read_texts(shown)), strict=True))
    articles = [
        Borderline(
            partition.ids[row],
            partition.ids[other],
            partition.to_kept.of(row),
            int(holding[row]) / SCALE,
            (corpus.titles[row].decode(), corpus.titles[other].decode()),
            (openings[row], openings[other]),
        )
        for row, other in zip(order, kept, strict=True)
    ]
    return Between(*limits, len(rows), tuple(articles))


def _opening(text: bytes) -> str:
    """How a text begins, on one line."""
    words = " ".join(text[: 8 * OPENING].decode(errors="ignore").split())
    return words if len(words) <= OPENING else f"{words[: OPENING - 1]}…"
