"""Probing: a sample of the articles of a dump, and the copies of each in all of it, while nothing but the sample is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Place
from dedup.blocking import Columns, split
from dedup.incremental.arrivals import Sketches
from dedup.index.runs import RunSet, sorted_run
from dedup.io.batches import Batch
from dedup.match.exact import equal_texts, group_equal
from dedup.match.relation import is_near
from dedup.match.similarity import Overlaps, intactnesses
from dedup.match.templates import Known, find_templates
from dedup.match.verification import score_pairs
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dedup.blocking import Blocking
    from dedup.incremental.manifest import Manifest
    from dedup.kernels.types import Dates, Rows
    from dedup.text.columns import ShingleTable


class Sample(NamedTuple):
    """Articles drawn from a dump, in its order.

    Attributes
    ----------
    batch : Batch
        The articles.
    places : list of Place
        Where each stands.
    read : int
        Articles that they were drawn from.
    """

    batch: Batch
    places: list[Place]
    read: int


def draw(placed: Iterable[tuple[Batch, str, Rows]], size: int, seed: int) -> Sample:
    """Draw articles, each set of so many with the same chance: all draw lots, and the lowest are taken.

    Parameters
    ----------
    placed : iterable of tuple of Batch, str and ndarray
        Articles with the name of their input and the record of each, as :meth:`dedup.io.inputs.Inputs.placed` has them.
    size : int
        How many; fewer if there are not as many.
    seed : int
        Of the lots.

    Notes
    -----
    At most twice as many as are drawn are held, and a batch.
    """
    chance = np.random.default_rng(seed)
    lots, parts, places, read = np.empty(0), list[Batch](), list[Place](), 0
    highest = np.inf
    for batch, name, numbers in placed:
        drawn = chance.random(len(numbers))
        rows = np.flatnonzero(drawn < highest).tolist()
        read += len(numbers)
        if rows:
            parts.append(batch.take(rows))
            places += [Place(name, int(numbers[row])) for row in rows]
            lots = np.concatenate([lots, drawn[rows]])
        if len(lots) > 2 * size:
            kept = _lowest(lots, size)
            parts, places = [Batch.join(parts).take(kept)], [places[row] for row in kept]
            lots = lots[kept]
            highest = lots.max()
    kept = _lowest(lots, size)
    batch = Batch.join(parts).take(kept) if parts else Batch.of(())
    return Sample(batch, [places[row] for row in kept], read)


def _lowest(lots: NDArray[np.float64], size: int) -> list[int]:
    """Places of the lowest lots, in order."""
    lowest: list[int] = np.sort(np.argsort(lots, kind="stable")[:size]).tolist()
    return lowest


class Pairs(NamedTuple):
    """Sampled articles and their copies in a batch, an entry for each pair.

    Attributes
    ----------
    batch : Batch
        Where the copies are.
    name : str
        Input that it comes from.
    numbers : ndarray of int64
        Record of each of its articles.
    probes, rows : ndarray of int64
        Place of one in the sample, and of the other in the batch.
    scores : Overlaps
        In ten-thousandths.
    equal : ndarray of bool
        Whether their texts are equal.
    outranks : ndarray of bool
        Whether the copy would lead the other in a run.
    cut : int
        Articles of the batch that met more sampled ones than were looked at.
    """

    batch: Batch
    name: str
    numbers: Rows
    probes: Rows
    rows: Rows
    scores: Overlaps
    equal: NDArray[np.bool_]
    outranks: NDArray[np.bool_]
    cut: int


class Probes:
    """A sample that is looked for in a dump.

    Parameters
    ----------
    batch : Batch
        The sample.
    manifest : Manifest
        How articles are compared; its context is left out of them.
    blocking : Blocking
        Which of them may be copies at all. A window is asked of the two articles, not of a cluster.

    Attributes
    ----------
    heads : ndarray of int64 of shape (n_sampled,)
        For each sampled article the one that is looked for in its place: the first of the same text and block.
    """

    def __init__(self, batch: Batch, manifest: Manifest, blocking: Blocking) -> None:
        self._batch, self._manifest, self._blocking = batch, manifest, blocking
        self._sketches = Sketches.of(batch.texts, manifest)
        self._dates = blocking.dated(np.array(batch.published))
        self.heads = np.arange(len(batch.texts))
        self._blocks: dict[tuple[str | float | None, ...], int] = {}
        blocks = blocking.blocks(_columns(batch))
        if blocking.window < 0:
            texts = group_equal(
                self._sketches.table, lambda rows: (batch.texts[row] for row in rows.tolist())
            )
            self.heads = split(texts, blocks)
        if blocks is not None:
            self._blocks = dict(zip(blocking.places(_columns(batch)), blocks.numbers.tolist(), strict=True))
        self._block_of = np.zeros(len(self.heads), np.int64) if blocks is None else blocks.numbers
        wanted = np.unique(self.heads[self._sketches.table.n_words > 0])
        keys = manifest.recipe.key(self._sketches.signatures[wanted]).T
        self._postings = RunSet()
        if len(wanted):
            self._postings.runs.append(sorted_run(keys.ravel(), np.tile(wanted, len(keys))))

    def search(self, placed: tuple[Batch, str, Rows]) -> Pairs:
        """Find what in a batch is a copy of a sampled article; a sampled article is found too."""
        batch, name, numbers = placed
        sketches = Sketches.of(batch.texts, self._manifest)
        rows, probes, cut = self._candidates(batch, sketches)
        both, lefts, rights = self._beside(sketches, probes, rows)
        table = both.table
        equal = (table.text_hashes[lefts] == table.text_hashes[rights]) & (table.n_words[lefts] > 0)
        doubtful = np.flatnonzero(equal)
        texts = [(self._batch.texts[probes[k]], batch.texts[rows[k]]) for k in doubtful.tolist()]
        equal[doubtful] = equal_texts(texts)
        scores = score_pairs(table, self._manifest.limits, lefts, rights)
        near = np.flatnonzero(is_near(scores, self._manifest.limits) & ~equal)
        known = self._known(both, batch, probes, rows)
        alike = intactnesses(table, lefts[near], rights[near])
        near = near[~find_templates(known, lefts[near], rights[near], alike, Workers(1))]
        copies = np.union1d(near, np.flatnonzero(equal))
        outranks = _outrank(table, known.published, lefts, rights)
        return Pairs(
            batch,
            name,
            numbers,
            probes[copies],
            rows[copies],
            Overlaps(*(column[copies] for column in scores)),
            equal[copies],
            outranks[copies] & ~equal[copies],
            cut,
        )

    def _candidates(self, batch: Batch, sketches: Sketches) -> tuple[Rows, Rows, int]:
        """Articles of a batch, and the sampled ones that they share a band with; and how many met too many.

        Of too many those with the most common bands are taken.
        """
        n_rows, n_probes, walk = len(batch.texts), len(self.heads), self._manifest.walk
        keys = self._manifest.recipe.key(sketches.signatures).T
        found = self._postings.look_up(keys.ravel(), walk + 1)
        met = np.tile(np.arange(n_rows), len(keys)).repeat(np.diff(found.indptr))
        pairs, shared = np.unique(met * n_probes + found.numbers, return_counts=True)
        rows, probes = np.divmod(pairs, max(n_probes, 1))
        possible = (sketches.table.n_words[rows] > 0) & self._may_be_copies(batch, rows, probes)
        rows, probes, shared = rows[possible], probes[possible], shared[possible]
        order = np.lexsort((probes, -shared, rows))
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)  # among those of its article
        taken = np.sort(order[place < walk])
        taken = taken[np.argsort(probes[taken], kind="stable")]  # as they are scored fastest
        return rows[taken], probes[taken], len(np.unique(rows[place >= walk]))

    def _may_be_copies(self, batch: Batch, rows: Rows, probes: Rows) -> NDArray[np.bool_]:
        """Whether each pair is of one block, and in the window."""
        possible = np.ones(len(rows), np.bool_)
        if self._blocks:
            places = self._blocking.places(_columns(batch))
            blocks = np.array([self._blocks.get(place, -1) for place in places], np.int64)
            possible &= blocks[rows] == self._block_of[probes]
        if self._blocking.window >= 0:
            dates = self._blocking.dated(np.array(batch.published))
            possible &= np.abs(dates[rows] - self._dates[probes]) <= self._blocking.window
        return possible

    def _beside(self, sketches: Sketches, probes: Rows, rows: Rows) -> tuple[Sketches, Rows, Rows]:
        """Sketches of the sampled articles and the others of pairs, and the pairs as rows of these."""
        ones, lefts = np.unique(probes, return_inverse=True)
        others, rights = np.unique(rows, return_inverse=True)
        both = self._sketches.take(ones).followed_by(sketches.take(others))
        return both, lefts, len(ones) + rights

    def _known(self, both: Sketches, batch: Batch, probes: Rows, rows: Rows) -> Known:
        """What look-alikes are told by."""
        mine = [(self._batch, row) for row in np.unique(probes).tolist()]
        sides: list[tuple[Batch, int]] = mine + [(batch, row) for row in np.unique(rows).tolist()]
        context = self._manifest.context

        def read(row: int) -> bytes:
            side, place = sides[row]
            text = side.texts[place]
            return context.without(text) if both.altered[row] else text

        return Known(
            both.least_words,
            both.figures,
            both.altered,
            context.figures(),
            [side.titles[place] for side, place in sides],
            np.array([side.published[place] for side, place in sides], np.float64),
            lambda wanted: map(read, wanted.tolist()),
        )


def _outrank(table: ShingleTable, published: Dates, lefts: Rows, rights: Rows) -> NDArray[np.bool_]:
    """Whether each right text may lead before the left one: the longer, then the earlier, then by content."""
    longer = table.n_words[rights] - table.n_words[lefts]
    dates = np.where(np.isnan(published), np.inf, published)
    earlier = dates[rights] < dates[lefts]
    less = (dates[rights] == dates[lefts]) & (table.text_hashes[rights] < table.text_hashes[lefts])
    first: NDArray[np.bool_] = (longer > 0) | ((longer == 0) & (earlier | less))
    return first


def _columns(batch: Batch) -> Columns:
    return Columns(batch.sources, batch.hosts, batch.languages, np.array(batch.published, np.float64))
