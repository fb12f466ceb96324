"""Tuning: which bands a threshold and a recall take, what they miss, and what thresholds would do to a dump."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from dedup.asking import check_many
from dedup.errors import ParameterError
from dedup.io.files import expand_inputs
from dedup.io.outputs import check_outputs
from dedup.io.streams import MAX_RECORD
from dedup.sketch.banding import check_target
from dedup.tuned import DEFAULT, Cut, Impossible, Tuning

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.reader import OnError
    from dedup.match.context import Context
    from dedup.progress import Progress
    from dedup.surveying import Plan

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
RECALLS = (DEFAULT[1],)
#: Most meetings of two texts in a band that are looked at in a dump.
MAX_PAIRS = 1_000_000


def tune(  # noqa: PLR0913 - the face
    articles: Iterable[object] | None = None,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    recalls: Sequence[float] = RECALLS,
    max_perm: int = 256,
    plot: str | os.PathLike[str] | None = None,
    max_pairs: int = MAX_PAIRS,
    examples: int | None = None,
    context: Context | None = None,
    walk: int = 128,
    seed: int = 1,
    threads: int | None = None,
) -> Tuning:
    """Say which bands thresholds and recalls take and what they miss; with articles, what they would do to these.

    Parameters
    ----------
    articles : iterable of str, Article, dict, or objects with the usual attributes, optional
        As :func:`dedup.deduplicate` takes them. Without any only the bands are told.
    thresholds : sequence of float, default=(0.3, 0.4, ..., 0.9)
        Resemblances from which on two texts are copies.
    recalls : sequence of float, default=(0.95,)
        Chances with which a pair at a threshold is to be proposed.
    max_perm : int, default=256
        Most permutations that one of them may cost.
    plot : str or path, optional
        Gets the S-curves, and the histogram where articles are given: ``.svg``, ``.png`` or ``.pdf``. Needs the extra
        ``report``.
    max_pairs : int, default=1,000,000
        Most meetings of two texts in a band that are looked at for the histogram; beyond it, a sample of as many.
    examples : int, optional
        Articles described on each side of a threshold. Default: all.
    context, walk, seed, threads
        As in :func:`dedup.deduplicate`; `seed` is of the sample, too.

    Returns
    -------
    Tuning
        Same articles, same answer, whatever their order.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or none of the recalls can be met.
    ReadError
        If an item has neither text nor title.
    MissingExtraError
        If a plot is asked for and matplotlib is absent; before any work.
    WriteError
        If the plot can't be written.

    Notes
    -----
    Without articles a few hundredths of a second, and neither NumPy nor a kernel. With them, what a run costs for
    reading, and once for each cut what it costs for all else; twice its memory.

    Examples
    --------
    >>> import dedup
    >>> [(cut.threshold, cut.bands, cut.rows, round(cut.misses[0], 3)) for cut in dedup.tune().cuts[:3]]
    [(0.3, 32, 2, 0.049), (0.4, 46, 3, 0.048), (0.5, 47, 4, 0.048)]
    >>> text = "The council voted on Monday to close the old swimming pool at the end of the season."
    >>> survey = dedup.tune([text, text.replace("voted", "decided")], thresholds=[0.4, 0.9]).survey
    >>> [effect.counts.kept for effect in survey.effects]
    [1, 2]
    """
    tuning = _choose(thresholds, recalls, max_perm, plot)
    if articles is not None:
        from dedup.io.held import Held  # noqa: PLC0415 - NumPy takes 0.1 s
        from dedup.surveying import survey_dump  # noqa: PLC0415

        plan = _plan(tuning.cuts, max_pairs, examples, context, walk, seed, threads)
        held = Held(articles)
        survey = survey_dump(held.batches(), 0, held.texts, held.place_of, plan)
        tuning = replace(tuning, survey=survey)
    _draw(tuning, plot)
    return tuning


def tune_files(  # noqa: PLR0913 - the face
    inputs: Iterable[str | os.PathLike[str]],
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    recalls: Sequence[float] = RECALLS,
    max_perm: int = 256,
    plot: str | os.PathLike[str] | None = None,
    max_pairs: int = MAX_PAIRS,
    examples: int | None = None,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    context: Context | None = None,
    progress: Callable[[Progress], object] | None = None,
    walk: int = 128,
    seed: int = 1,
    threads: int | None = None,
) -> Tuning:
    """Say what thresholds and recalls would do to files; what ``dedup tune INPUT...`` does.

    Parameters
    ----------
    inputs, fields, on_error, max_record, input_format, extractor, progress
        As :func:`dedup.deduplicate_files` takes them.
    thresholds, recalls, max_perm, plot, max_pairs, examples, context, walk, seed, threads
        As in :func:`tune`.

    Returns
    -------
    Tuning
        As of :func:`tune`, with the damaged records and the names of the fields.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or none of the recalls can be met.
    ReadError
        If an input can't be read, or with ``on_error="raise"`` a record of it.
    MissingExtraError
        If a plot is asked for and matplotlib is absent; before any work.
    WriteError
        If the plot can't be written.

    Notes
    -----
    Costs as :func:`tune`.

    Examples
    --------
    >>> import dedup
    >>> survey = dedup.tune_files(["fixtures/news/m*.jsonl"], thresholds=[0.4, 0.9]).survey
    >>> [effect.counts.kept for effect in survey.effects]
    [20, 24]
    """
    tuning = _choose(thresholds, recalls, max_perm, plot)
    plan = _plan(tuning.cuts, max_pairs, examples, context, walk, seed, threads)
    names = expand_inputs(inputs)
    check_outputs([] if plot is None else [plot], names)
    from dedup.io.inputs import Inputs  # noqa: PLC0415 - NumPy takes 0.1 s
    from dedup.surveying import survey_dump  # noqa: PLC0415

    with Inputs(names, fields, on_error, max_record, progress, input_format, extractor) as taken:
        plan = plan._replace(tell=taken.tell)
        found = survey_dump(taken.batches(), taken.size, taken.texts, taken.place_of, plan)
    survey = found.with_reading(
        taken.damaged, taken.replaced, taken.fields, taken.unread_dates, taken.unread_date
    )
    tuning = replace(tuning, survey=survey)
    _draw(tuning, plot)
    return tuning


def _choose(
    thresholds: Sequence[float],
    recalls: Sequence[float],
    max_perm: int,
    plot: str | os.PathLike[str] | None,
) -> Tuning:
    """Check what is asked for, and cut."""
    if plot is not None:
        from dedup.plotting import check_plot  # noqa: PLC0415 - few ask for it

        check_plot(plot)
    check_many("thresholds", thresholds, "resemblances")
    check_many("recalls", recalls, "chances")
    targets = sorted({*product(thresholds, recalls)})
    if not targets:
        raise ParameterError("thresholds or recalls are empty; at least one of each is needed")
    for threshold, recall in targets:
        check_target(threshold, recall, max_perm)
    cuts: list[Cut] = []
    impossible: list[Impossible] = []
    for threshold, recall in targets:
        try:
            cuts.append(Cut.choose(threshold, recall, max_perm))
        except ParameterError as error:
            impossible.append(Impossible(threshold, recall, str(error)))
    if not cuts:
        raise ParameterError("; ".join(one.reason for one in impossible))
    return Tuning(tuple(cuts), tuple(impossible))


def _plan(  # noqa: PLR0913, PLR0917 - the face's parameters, checked together
    cuts: Sequence[Cut],
    max_pairs: int,
    examples: int | None,
    context: Context | None,
    walk: int,
    seed: int,
    threads: int | None,
) -> Plan:
    """Check what a survey is done with before anything is read."""
    from dedup.surveying import Plan  # noqa: PLC0415 - NumPy takes 0.1 s
    from dedup.workers import Workers  # noqa: PLC0415

    if max_pairs < 1:
        raise ParameterError(f"max_pairs is {max_pairs}; at least 1 must be looked at")
    if examples is not None and examples < 0:
        raise ParameterError(f"examples is {examples}; 0 or more can be shown")
    plan = Plan(cuts, max_pairs, examples, seed, walk, context, Workers(threads))
    plan.method(cuts[0])
    return plan


def _draw(tuning: Tuning, plot: str | os.PathLike[str] | None) -> None:
    if plot is not None:
        from dedup.plotting import plot_tuning  # noqa: PLC0415 - few ask for it

        plot_tuning(tuning, plot)
