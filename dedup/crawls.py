"""Crawls: files of articles against an index; each function is a list of calls."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

import numpy as np

from dedup.asking import many
from dedup.dumps import read_dump
from dedup.errors import ParameterError, StorageError
from dedup.feeding import AddSummary, Answers, Feed, in_steps
from dedup.incremental.manifest import Manifest
from dedup.index.registry import NO_INDEX, directory_of
from dedup.io.files import expand_inputs
from dedup.io.inputs import Inputs
from dedup.io.outputs import Outputs, check_outputs
from dedup.io.streams import MAX_RECORD
from dedup.io.writers import article_line
from dedup.moments import seconds_of
from dedup.opening import open_index
from dedup.seen import ArticleIndex
from dedup.workers import Workers

if TYPE_CHECKING:
    import os
    import pathlib
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import timedelta

    from dedup.article import Article, Place
    from dedup.incremental.placing import KeepIf
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.marks import Mark
    from dedup.io.reader import OnError
    from dedup.match.context import Context
    from dedup.progress import Progress
    from dedup.verdict import Verdict

    Path = str | os.PathLike[str]

Better = Literal["longer", "earlier"]
BETTERS: tuple[Better, ...] = get_args(Better)


class Parameters(TypedDict, total=False):
    """Parameters of :func:`dedup.open_index`; what is absent or None is as the index has it."""

    threshold: float | None
    recall: float | None
    window: str | timedelta | float | None
    max_perm: int | None
    walk: int | None
    seed: int | None
    context: Context | None


def add_files(  # noqa: PLR0913 - the face
    index: Path | ArticleIndex,
    inputs: Iterable[Path],
    new: Path | None = None,
    *,
    clusters: Path | None = None,
    duplicates: Path | None = None,
    damaged: Path | None = None,
    mark: bool = False,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    keep_if: Better | KeepIf | None = None,
    progress: Callable[[Progress], object] | None = None,
    **parameters: Unpack[Parameters],
) -> AddSummary:
    """Add the articles of files to an index, in their order; what ``dedup index add`` does.

    Parameters
    ----------
    index : str, path or ArticleIndex
        As :func:`dedup.open_index` takes it, which begins it if it is absent; or one that is open.
    inputs : iterable of str or path
        As in :func:`dedup.deduplicate_files`.
    new : str or path, optional
        Gets the records of the articles that are no duplicates, in input order; a file or a directory, in the format
        of its suffix or of the inputs, as in :func:`dedup.deduplicate_files`.
    clusters, duplicates, damaged : str or path, optional
        Get one JSON line for each article; for each duplicate; for each record that could not be read.
    mark : bool, default=False
        Whether `new` gets all records, each with what the index says of it, as in :func:`dedup.deduplicate_files`.
    fields, on_error, max_record, input_format, extractor, progress
        As in :func:`dedup.deduplicate_files`.
    keep_if : {"longer", "earlier"} or callable, optional
        Which duplicate is kept from now on in place of the article that is; as in :meth:`dedup.ArticleIndex.add`.
    **parameters
        Of :func:`dedup.open_index`: threshold, recall, window, max_perm, walk, seed, context.

    Returns
    -------
    AddSummary

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or not that of the index.
    ReadError
        If an input can't be read, or with ``on_error="raise"`` a record of it.
    WriteError
        If an output can't be written. Outputs appear whole or not at all.
    StorageError
        If the index fails.

    Notes
    -----
    The index is given the articles step by step: after an interruption those before it are remembered. The same
    call again is told what was said of these first, so that the outputs are those of a call that was not interrupted.

    Examples
    --------
    >>> import dedup
    >>> with dedup.open_index("memory://") as index:
    ...     monday = dedup.add_files(index, ["fixtures/news/monday.jsonl"])
    ...     tuesday = dedup.add_files(index, ["fixtures/news/tuesday.jsonl"])
    >>> (monday.counts.new, tuesday.counts.new, tuesday.counts.articles)
    (20, 19, 55)
    """
    begin = time.perf_counter()
    inputs = many("inputs", inputs, "files")
    names = expand_inputs(inputs)
    better = _better(keep_if)
    with ExitStack() as opened:
        outputs = opened.enter_context(Outputs())
        home = _home(index)
        answers = Answers(outputs, inputs, names, home, new, clusters, duplicates, damaged, None, mark=mark)
        taken = opened.enter_context(
            Inputs(names, fields, on_error, max_record, progress, input_format, extractor)
        )
        answers.open(taken)
        feed = Feed(_opened(index, parameters, opened), answers.tell, better)
        for batch, places in in_steps(taken.placed(), feed.index.step):
            feed.add(batch, places)
        taken.tell("writing")
        answers.finish(taken)
        counts, seconds = feed.counts(taken, taken.replaced), time.perf_counter() - begin
        return AddSummary(counts, tuple(taken.damaged), taken.fields, seconds, taken.unread_date)


def deduplicate_into(  # noqa: PLR0913 - the face
    index: Path | ArticleIndex,
    inputs: Iterable[Path],
    kept: Path,
    *,
    clusters: Path | None = None,
    duplicates: Path | None = None,
    damaged: Path | None = None,
    boilerplate: Path | None = None,
    mark: bool = False,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    progress: Callable[[Progress], object] | None = None,
    threads: int | None = None,
    **parameters: Unpack[Parameters],
) -> AddSummary:
    """Deduplicate files within themselves and against an index, and remember them; what ``dedup run --index`` does.

    Parameters
    ----------
    index : str, path or ArticleIndex
        As :func:`dedup.open_index` takes it; or one that is open. One that is absent is begun with the context that
        is given, or else with what a run learns from these files.
    inputs : iterable of str or path
        As in :func:`dedup.deduplicate_files`.
    kept : str or path
        Gets the records of the articles that are no duplicates, in input order; a file or a directory, in the format
        of its suffix or of the inputs, as in :func:`dedup.deduplicate_files`.
    clusters, duplicates, damaged : str or path, optional
        Get one JSON line for each article; for each duplicate; for each record that could not be read.
    boilerplate : str or path, optional
        Gets one JSON line for each line that the index leaves out of the comparison.
    mark : bool, default=False
        Whether `kept` gets all records, each with what the index says of it, as in :func:`dedup.deduplicate_files`.
    fields, on_error, max_record, input_format, extractor, progress, threads
        As in :func:`dedup.deduplicate_files`.
    **parameters
        Of :func:`dedup.open_index`: threshold, recall, window, max_perm, walk, seed, context.

    Returns
    -------
    AddSummary

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or not that of the index.
    ReadError
        If an input can't be read, or with ``on_error="raise"`` a record of it.
    WriteError
        If an output can't be written. Outputs appear whole or not at all.
    StorageError
        If the index fails.

    Notes
    -----
    All articles are read before the first is added, the longest first: an index that was empty then has the clusters
    of a run, and keeps the same articles as one that keeps the longest. Memory: as a run, and the texts besides.

    Examples
    --------
    >>> import os, dedup
    >>> with dedup.open_index("memory://") as index:
    ...     dedup.deduplicate_into(index, ["fixtures/news/m*.jsonl"], os.devnull).counts.new
    ...     dedup.deduplicate_into(index, ["fixtures/news/tuesday.jsonl"], os.devnull).counts.new
    20
    19
    """
    begin = time.perf_counter()
    inputs = many("inputs", inputs, "files")
    names = expand_inputs(inputs)
    workers = Workers(threads)
    with ExitStack() as opened:
        outputs = opened.enter_context(Outputs())
        home = _home(index)
        answers = Answers(
            outputs, inputs, names, home, kept, clusters, duplicates, damaged, boilerplate, mark=mark
        )
        taken = opened.enter_context(
            Inputs(names, fields, on_error, max_record, progress, input_format, extractor)
        )
        answers.open(taken)
        there = _known(index, parameters, opened)
        manifest = there.manifest if there is not None else Manifest(**_asked(parameters))
        with workers:
            dump = read_dump(taken, manifest, workers, learn=there is None and not manifest.context)
        if there is None:
            there = _opened(index, {**parameters, "context": dump.context}, opened)
        told: list[tuple[bytes, Mark]] = []
        feed = Feed(there, lambda *line: told.append(line))
        taken.tell("adding", 0, len(dump.places))
        for batch, places in dump.steps(there.step):
            feed.add(batch, places)
            taken.tell("adding", len(told), len(dump.places))
        taken.tell("writing")
        for place in np.argsort(dump.order).tolist():
            answers.tell(*told[place])
        answers.finish(taken, dump.context.dump())
        counts, seconds = feed.counts(taken, dump.replaced), time.perf_counter() - begin
        return AddSummary(counts, tuple(taken.damaged), taken.fields, seconds, taken.unread_date)


def check_files(  # noqa: PLR0913 - the face
    index: ArticleIndex,
    inputs: Iterable[Path],
    *,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    passages: bool = False,
) -> Iterator[tuple[Verdict, Place]]:
    """Ask an index about the articles of files, each for itself; nothing is stored.

    Parameters
    ----------
    index : ArticleIndex
        Is asked.
    inputs, fields, on_error, max_record, input_format, extractor
        As in :func:`dedup.deduplicate_files`.
    passages : bool, default=False
        As in :meth:`dedup.ArticleIndex.check`.

    Yields
    ------
    tuple of Verdict and Place
        In the order of the inputs.

    Examples
    --------
    >>> import dedup
    >>> with dedup.open_index("memory://") as index:
    ...     _ = dedup.add_files(index, ["fixtures/news/monday.jsonl"])
    ...     found = [verdict.is_duplicate for verdict, _ in dedup.check_files(index, ["fixtures/news/wires.jsonl"])]
    >>> sum(found), len(found)
    (10, 25)
    """
    with Inputs(expand_inputs(inputs), fields, on_error, max_record, None, input_format, extractor) as taken:
        for batch, places in in_steps(taken.placed(), index.step):
            yield from zip(index.check_batch(batch, passages=passages), places, strict=True)


def export_articles(index: ArticleIndex, output: Path) -> int:
    """Write all articles of an index as JSON lines that :func:`add_files` reads again.

    Parameters
    ----------
    index : ArticleIndex
        Where from.
    output : str or path
        ``.gz`` and ``.zst`` compress, ``-`` is standard output.

    Returns
    -------
    int
        How many.

    Examples
    --------
    >>> import os, dedup
    >>> with dedup.open_index("memory://") as index:
    ...     _ = dedup.add_files(index, ["fixtures/news/monday.jsonl"])
    ...     dedup.export_articles(index, os.devnull)
    26
    """
    check_outputs([output], (), _home(index))
    count = 0
    with Outputs() as outputs:
        stream = outputs.create(output)
        for count, (article, cluster) in enumerate(index.articles(), 1):  # noqa: B007 - counts
            stream.write(article_line(article, cluster))
    return count


def _home(index: Path | ArticleIndex) -> pathlib.Path | None:
    """Directory of an index, where there is one."""
    return directory_of(index.uri if isinstance(index, ArticleIndex) else index)


def _better(keep_if: Better | KeepIf | None) -> KeepIf | None:
    if keep_if is None or callable(keep_if):
        return keep_if
    if keep_if not in _BETTERS:
        raise ParameterError(f"keep_if is {keep_if!r}; it is a function, or one of {', '.join(BETTERS)}")
    return _BETTERS[keep_if]


def _is_longer(new: Article, kept: Article) -> bool:
    return len(new.compared) > len(kept.compared)


def _is_earlier(new: Article, kept: Article) -> bool:
    return new.published is not None and (kept.published is None or new.published < kept.published)


_BETTERS: dict[str, KeepIf] = {"longer": _is_longer, "earlier": _is_earlier}


def _asked(parameters: Parameters) -> dict[str, Any]:
    """Parameters that are asked for, as a manifest has them."""
    asked = {name: value for name, value in parameters.items() if value is not None}
    if "window" in asked:
        asked["window"] = seconds_of(parameters["window"] or 0)
    return asked


def _opened(
    index: Path | ArticleIndex, parameters: Parameters, closing: ExitStack, *, create: bool = True
) -> ArticleIndex:
    """Index that is open, or is opened and closed with the rest."""
    if isinstance(index, ArticleIndex):
        index.manifest.check_asked(_asked(parameters))
        return index
    return closing.enter_context(open_index(index, create=create, **parameters))


def _known(index: Path | ArticleIndex, parameters: Parameters, closing: ExitStack) -> ArticleIndex | None:
    """Index that is there already, or None."""
    try:
        return _opened(index, parameters, closing, create=False)
    except StorageError as error:
        if error.reason != NO_INDEX:
            raise
        return None
