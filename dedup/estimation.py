"""Estimating how much of a dump are copies, by a sample: nothing is written, and nothing but the sample is held."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.blocking import Blocking
from dedup.errors import ParameterError, ReadError
from dedup.examples import Examples
from dedup.incremental.manifest import Manifest
from dedup.io.files import expand_inputs
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD
from dedup.match.context import Context
from dedup.match.relation import Limits
from dedup.probing import Probes, draw
from dedup.stages import Method, prepare, take_in
from dedup.workers import Workers

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta

    from numpy.typing import NDArray

    from dedup.article import Damaged
    from dedup.blocking import Within
    from dedup.examples import Example
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.reader import OnError
    from dedup.kernels.types import Rows
    from dedup.probing import Pairs, Sample
    from dedup.progress import Progress

#: Standard deviations of a normal distribution within which 95 % of it lie.
_WIDTH = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """How much of a dump are copies, by a sample.

    Attributes
    ----------
    read, sampled : int
        Articles in the dump, and of the sample.
    rate : float
        Share of the dump that a run would drop, rounded to 4 decimals.
    low, high : float
        Its interval of 95 %.
    kept, exact, near : int
        Articles that a run would keep, or drop as exact or as near copies, by their relation to the leader;
        ``read == kept + exact + near``.
    walks_cut : int
        Articles that met more sampled ones than were compared.
    examples : tuple of Example
        Copies that were found, over the range of resemblance, the least alike first, equal ones last.
    damaged : tuple of Damaged
        Records that could not be read, in input order.
    fields : mapping of str to mapping of str to str
        For each input, the names under which the fields were found.
    seconds : float
        Wall time.
    replaced, unread_dates, unread_date
        As :class:`Summary` has them.
    """

    read: int
    sampled: int
    rate: float
    low: float
    high: float
    kept: int
    exact: int
    near: int
    walks_cut: int
    examples: tuple[Example, ...]
    damaged: tuple[Damaged, ...]
    fields: Mapping[str, Mapping[str, str]]
    seconds: float
    replaced: int = 0
    unread_dates: int = 0
    unread_date: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {**asdict(self), "examples": [example.as_dict() for example in self.examples]}


def estimate(  # noqa: PLR0913 - the face
    inputs: Iterable[str | os.PathLike[str]],
    sample: int = 2000,
    *,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    context: Context | None = None,
    progress: Callable[[Progress], object] | None = None,
    threshold: float | None = None,
    recall: float = 0.95,
    window: str | timedelta | float | None = None,
    within: Sequence[Within] = (),
    max_perm: int = 256,
    walk: int = 128,
    seed: int = 1,
    threads: int | None = None,
) -> Estimate:
    """Estimate how much of a dump a run would drop, without writing anything; what ``dedup run --sample`` does.

    Parameters
    ----------
    inputs : iterable of str or path
        As in :func:`dedup.deduplicate_files`.
    sample : int, default=2000
        Articles to draw; all of them in a smaller dump.
    fields, on_error, max_record, input_format, extractor
        As in :func:`dedup.deduplicate_files`.
    context : Context, optional
        As in :func:`dedup.deduplicate`; without one, boilerplate is learnt from the sample.
    progress : callable, optional
        As in :func:`dedup.deduplicate_files`; the second reading is the stage "verifying".
    threshold, recall, window, within, max_perm, walk, seed, threads
        As in :func:`dedup.deduplicate`; `seed` is that of the sample too. A window is asked of two articles.

    Returns
    -------
    Estimate

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or no article of the sample has what `within` names.
    ReadError
        If an input can't be read, changes meanwhile, or with ``on_error="raise"`` a record of it can't be read.

    Notes
    -----
    Each sampled article is compared with all of the dump that shares a band with it. If an article and its copies
    are `s`, the mean of ``1 / s`` estimates the share that is kept, without bias where what is a copy of a copy is
    a copy. Left out are lines that recur too rarely to be learnt from the sample, chains of copies that are not alike,
    and headlines. CPU time as that of reading twice and signing once; memory as the sample.

    Examples
    --------
    >>> import dedup
    >>> found = dedup.estimate(["fixtures/news/*day.jsonl", "fixtures/news/wires.jsonl"], 1000)
    >>> found.read, found.kept, found.exact, found.near
    (80, 45, 8, 27)
    """
    begin = time.perf_counter()
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise ParameterError(f"sample is {sample!r}; a number of articles, at least 1, is needed")
    blocking, workers = Blocking.of(window, within), Workers(threads)
    manifest = Manifest(
        threshold=Limits().resemblance if threshold is None else threshold,
        recall=recall,
        max_perm=max_perm,
        walk=walk,
        seed=seed,
        context=Context() if context is None else context,
    )
    with (
        Inputs(
            expand_inputs(inputs), fields, on_error, max_record, progress, input_format, extractor
        ) as taken,
        workers,
    ):
        drawn = draw(taken.placed(remember=False), sample, seed)
        if context is None:
            manifest = replace(manifest, context=_learn(drawn, manifest, workers))
        probes = Probes(drawn.batch, manifest, blocking)
        tally = _Tally(drawn, probes.heads, seed)
        for pairs in workers.map_in_order(probes.search, taken.again("verifying")):
            tally.add(pairs)
        if tally.read != drawn.read:
            raise ReadError("inputs", "changed while they were read")
    left, exact = tally.shares()
    low, high = interval(1.0 - left, drawn.read)
    kept, equal = (round(drawn.read * _mean(shares)) for shares in (left, exact))
    return Estimate(
        read=drawn.read,
        sampled=len(drawn.places),
        rate=round(1.0 - _mean(left), 4) if drawn.read else 0.0,
        low=low,
        high=high,
        kept=kept,
        exact=equal,
        near=drawn.read - kept - equal,
        walks_cut=tally.walks_cut,
        examples=tally.examples(),
        damaged=tuple(taken.damaged),
        fields=taken.fields,
        seconds=time.perf_counter() - begin,
        replaced=taken.replaced,
        unread_dates=taken.unread_dates,
        unread_date=taken.unread_date,
    )


def interval(dropped: NDArray[np.float64], population: int) -> tuple[float, float]:
    """Interval of 95 % for the mean over a population, from values between 0 and 1 of a sample without repetition.

    That of a normal distribution, with a 0 and a 1 added to the values, so that a sample without a copy does not
    prove that there is none; the whole population leaves no doubt.

    Examples
    --------
    >>> interval(np.zeros(100), 10_000), interval(np.array([0.5, 0.0]), 2)
    ((0.0, 0.0193), (0.25, 0.25))
    """
    n_drawn = len(dropped)
    if not n_drawn:
        return 0.0, 0.0
    spread = float(np.append(dropped, [0.0, 1.0]).std(ddof=1))
    half = _WIDTH * spread / math.sqrt(n_drawn) * math.sqrt(1.0 - n_drawn / population)
    middle = float(dropped.mean())
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _learn(drawn: Sample, manifest: Manifest, workers: Workers) -> Context:
    """What a run would take for boilerplate in the sample."""
    method = Method.plain(manifest.recipe, manifest.limits, manifest.recall, workers, walk=manifest.walk)
    texts = drawn.batch.texts
    corpus, _ = take_in([drawn.batch], 0, method, workers)
    return prepare(corpus, lambda rows: (texts[row] for row in rows.tolist()), method, workers).context


class _Tally:
    """Counts the copies of each sampled article, and draws examples of them."""

    def __init__(self, drawn: Sample, heads: Rows, seed: int) -> None:
        self._drawn, self._heads = drawn, heads
        self._equal, self._near = (np.zeros(len(heads), np.int64) for _ in range(2))
        self._outranked = np.zeros(len(heads), np.bool_)
        self._examples = Examples(seed)
        self.read = 0
        self.walks_cut = 0

    def add(self, pairs: Pairs) -> None:
        """Take in what was found in a batch."""
        np.add.at(self._equal, pairs.probes[pairs.equal], 1)
        np.add.at(self._near, pairs.probes[~pairs.equal], 1)
        self._outranked[pairs.probes[pairs.outranks]] = True
        self.read += len(pairs.numbers)
        self.walks_cut += pairs.cut
        self._examples.add(pairs, self._drawn)

    def shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each sampled article the share of it that is kept, and the share that is dropped as an exact copy."""
        equal = np.maximum(self._equal[self._heads], 1)  # one without a word is found nowhere
        kept = 1.0 / (equal + self._near[self._heads])
        exact = np.where(self._outranked[self._heads], 0.0, 1.0 - 1.0 / equal)
        return kept, exact

    def examples(self) -> tuple[Example, ...]:
        """Ten of them."""
        return self._examples.chosen()
