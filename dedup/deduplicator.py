"""Batch deduplication: each function is a list of calls; the work is done in the wings below."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dedup.asking import check_many, many
from dedup.blocking import Blocking
from dedup.canonical import check_keep
from dedup.dividing import divide
from dedup.errors import ParameterError
from dedup.io.extracting import Extractor
from dedup.io.files import expand_inputs, left_out
from dedup.io.held import Held
from dedup.io.inputs import Inputs
from dedup.io.kept import Kept
from dedup.io.marks import run_marks
from dedup.io.outputs import Outputs, check_outputs
from dedup.io.streams import MAX_RECORD
from dedup.io.writers import cluster_lines, damaged_lines, passage_lines, story_lines
from dedup.match.context import Context
from dedup.match.passages import LEAST_WORDS
from dedup.match.relation import Limits
from dedup.match.titles import BYS, LIMITS, NEAR, WIDTH, By
from dedup.result import DedupResult
from dedup.resuming import journal_of, key_of, placed_in, storage_of
from dedup.sketch.recipe import Recipe
from dedup.stages import Method, gather_reuse, prepare, take_in
from dedup.summary import MOST_NAMED, Summary
from dedup.versions import settle_versions
from dedup.workers import Workers

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta

    from dedup.blocking import Within
    from dedup.canonical import Keep
    from dedup.io.formats import Format
    from dedup.io.reader import OnError
    from dedup.progress import Progress
    from dedup.telling import Told
    from dedup.versions import Versions


def deduplicate(  # noqa: PLR0913 - the face
    articles: Iterable[object],
    *,
    by: By = "text",
    threshold: float | None = None,
    recall: float = 0.95,
    keep: Keep = "longest",
    prefer_source: Sequence[str] = (),
    window: str | timedelta | float | None = None,
    within: Sequence[Within] = (),
    max_perm: int = 256,
    walk: int = 128,
    seed: int = 1,
    threads: int | None = None,
    passages: bool = False,
    context: Context | None = None,
    least_words: int = LEAST_WORDS,
    versions: Versions = "all",
) -> DedupResult:
    """Find the copies among articles in memory.

    Parameters
    ----------
    articles : iterable of str, Article, dict, or objects with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest.
    by : {"text", "title"}, default="text"
        What is compared. With "title" it is the headline, without what outlets and wires put around it: articles
        with one headline are copies, whatever stands below, and one without a headline is kept.
    threshold : float, optional
        Resemblance (Jaccard of the sets of word 5-grams; of words, by title) from which on two texts are copies:
        0.4, or 0.75 by title. Abridged and edited copies below it are found by containment, coverage and
        continuity, see :class:`dedup.Limits`; the containment asked of them is never below the threshold.
    recall : float, default=0.95
        Chance with which a pair at the threshold is proposed for verification.
    keep : {"longest", "earliest", "latest", "first", "last"}, default="longest"
        Which member of a cluster is kept.
    prefer_source : sequence of str, default=()
        Sources whose articles are kept before others', the most preferred first; outranks `keep`. A name is that of
        a source, or a host, which stands for its subdomains too (``a.com`` for ``www.a.com``); case does not matter.
    window : str, timedelta or number, optional
        How far apart, by their publication, an article and some member of its cluster may be at most: ``"30d"``,
        ``"12h"``, or seconds; as for an index, so that equal texts further apart are two. Undated articles count as
        published now. Default: any distance.
    within : sequence of {"source", "language", "day"}, default=()
        What copies have in common: the source, or where there is none the host; the first part of the language tag;
        the day of publication in UTC. Articles without it are only compared with one another.
    max_perm : int, default=256
        Most permutations that threshold and recall may cost.
    walk : int, default=128
        Most leaders that one text is compared with; ``counts.walks_cut`` says how many texts met more.
    seed : int, default=1
        Of the permutations.
    threads : int, optional
        Default: one for each core that this process may use. The result does not depend on it.
    passages : bool, default=False
        Also find what articles of different clusters share, for ``DedupResult.passages``.
    context : Context, optional
        What was learnt from another dump: its boilerplate is left out of the comparison, its affixes are taken off
        headlines, and nothing is learnt from this one. Default: learn.
    least_words : int, default=20
        Words of the shortest passage.
    versions : {"all", "latest", "first"}, default="all"
        Which articles of one page (:func:`dedup.canonical_url`) may be kept, whatever their texts: all, or the one
        published last, or first; undated ones by their place, behind dated ones. Clusters are of texts as ever.

    Returns
    -------
    DedupResult
        Kept articles, duplicates with reasons, clusters, counts; in the order of the input.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, threshold and recall can't be met within `max_perm`, passages are asked
        for by title, or no article has what `within` names.
    ReadError
        If an item has neither text nor title.

    Notes
    -----
    About 30 microseconds of CPU and 5 kB of memory for a news article of 370 words. The first call compiles the
    kernels, once for an installation. Safe to call from several threads at once.

    Examples
    --------
    >>> import dedup
    >>> story = "The council voted on Monday to close the old swimming pool at the end of the season."
    >>> result = dedup.deduplicate([{"id": "a", "text": story}, {"id": "b", "text": story.upper()}])
    >>> [(match.id, match.duplicate_of, match.verdict.relation) for match in result.duplicates]
    [('b', 'a', 'exact')]
    """
    blocking = Blocking.of(window, within)
    method = _method(
        by, threshold, recall, keep, prefer_source, blocking, max_perm, walk, seed, threads, context, passages
    )
    method = method.of_pages(versions, told=True)
    held = Held(articles)
    with method.workers as workers:
        corpus, headings = take_in(held.batches(), 0, method, workers)
        read_texts = headings.read if by == "title" else held.texts
        texts = prepare(corpus, read_texts, method, workers)
        partition = divide(corpus, texts, read_texts, headings, held.place_of, method, workers)
    reused = gather_reuse(corpus, texts, partition, read_texts, method, least_words) if passages else ()
    partition = settle_versions(partition, corpus.pages)
    partition = partition._replace(titles=headings.match(partition.kept))
    return DedupResult(held.articles, partition, reused, texts.context.boilerplate, headings.affixes.items)


def deduplicate_files(  # noqa: PLR0913, PLR0915 - the face
    inputs: Iterable[str | os.PathLike[str]],
    kept: str | os.PathLike[str],
    *,
    clusters: str | os.PathLike[str] | None = None,
    duplicates: str | os.PathLike[str] | None = None,
    damaged: str | os.PathLike[str] | None = None,
    boilerplate: str | os.PathLike[str] | None = None,
    passages: str | os.PathLike[str] | None = None,
    stories: str | os.PathLike[str] | None = None,
    mark: bool = False,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    context: Context | None = None,
    progress: Callable[[Progress], object] | None = None,
    by: By = "text",
    threshold: float | None = None,
    recall: float = 0.95,
    keep: Keep = "longest",
    prefer_source: Sequence[str] = (),
    window: str | timedelta | float | None = None,
    within: Sequence[Within] = (),
    max_perm: int = 256,
    walk: int = 128,
    seed: int = 1,
    threads: int | None = None,
    least_words: int = LEAST_WORDS,
    versions: Versions = "all",
    granularity: str = "event",
    memory: int | None = None,
    work_dir: str | os.PathLike[str] | None = None,
    restart: bool = False,
) -> Summary:
    """Find the copies in files of JSON lines; what ``dedup run`` does.

    Parameters
    ----------
    inputs : iterable of str or path
        Files, plain or compressed (gzip, Zstandard), globs, directories, ``-`` for standard input.
    kept : str or path
        Gets the records of the kept articles with all their fields, in input order. The format is that of its suffix
        (``.jsonl``, ``.ndjson``, ``.json``, ``.csv``, ``.tsv``, ``.parquet``, ``.pq``), else that of the inputs; where
        the two are the same, records stand as they stood, byte for byte. ``.gz`` and ``.zst`` compress, ``-`` is
        standard output. A directory, or a name that ends with a slash, gets a file for each input: its kept
        records, under its name below the directory that was given, in its format and compression.
    clusters, duplicates, damaged : str or path, optional
        Get one JSON line for each article; for each dropped article; for each record that could not be read.
    boilerplate : str or path, optional
        Gets one JSON line for each line, or stretch of one, that recurs over many articles and was left out of the
        comparison, and for what recurs around the headlines of a host: a :class:`Context`.
    passages : str or path, optional
        Gets one JSON line for each passage that articles of different clusters share.
    stories : str or path, optional
        Gets one JSON line for each article: its story, and what the article is to the one that stands for it.
    mark : bool, default=False
        Whether `kept` gets all records, each with the fields ``dedup_cluster``, ``dedup_kept``,
        ``dedup_duplicate_of``, ``dedup_relation``, ``dedup_resemblance``, ``dedup_containment``,
        ``dedup_coverage`` and ``dedup_version``, the last six null where it is kept.
    fields : mapping of str to str, optional
        Field of an article to its name in the records; the others are guessed.
    on_error : {"raise", "skip", "strict"}, default="raise"
        Whether a record that can't be read ends the run, or is counted and listed. What is damaged in a crawl (WARC)
        is always counted and listed, unless it is "strict", which ends at it, and at an answer that is no page.
    max_record : int, default=64 MiB
        Longest record in bytes.
    input_format : {"jsonl", "json", "csv", "tsv", "parquet", "text", "html", "warc"}, optional
        Format of all inputs. Default: of each the one that its contents have, or its name.
    extractor : {"resiliparse", "trafilatura"} or Extractor, default="resiliparse"
        What extracts the articles of pages, see :class:`dedup.io.extracting.Extractor`.
    context : Context, optional
        As in :func:`deduplicate`; `boilerplate` then gets this one's.
    progress : callable, optional
        Gets a :class:`dedup.Progress` when a stage begins, and now and then while it lasts.
    by, threshold, recall, keep, prefer_source, window, within, max_perm, walk, seed, threads, least_words, versions
        As in :func:`deduplicate`.
    granularity : {"incident", "event", "topic"}, default="event"
        How much is one story, as in :func:`dedup.group_stories`.
    memory : int, optional
        Bytes that this process and its children are to hold; large arrays lie in `work_dir`, but some hundred bytes for
        each article stay in memory all the same. Default: no limit.
    work_dir : str or path, optional
        A new or empty directory for that, and for what is done so far: if the run is interrupted, the same call goes
        on from there. It is removed at the end. Default: with `memory`, `kept` with ``.work`` behind it.
    restart : bool, default=False
        Throw away what an interrupted run has left in `work_dir`, also one with other settings.

    Returns
    -------
    Summary
        Counts, damaged records, the names of the fields.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or no article has what `within` names.
    ReadError
        If an input can't be read, or with ``on_error="raise"`` a record of it.
    WriteError
        If an output can't be written. Outputs appear whole or not at all.
    MissingExtraError
        If a format needs a package that is not installed.

    Notes
    -----
    Memory: 8 bytes for each word of the distinct texts, and more, see `memory`.

    Examples
    --------
    >>> import os, dedup
    >>> dedup.deduplicate_files(["fixtures/news/m*.jsonl"], os.devnull).counts.read
    26
    """
    begin = time.perf_counter()
    asked = passages is not None
    of_texts = asked or boilerplate is not None
    blocking = Blocking.of(window, within)
    method = _method(
        by, threshold, recall, keep, prefer_source, blocking, max_perm, walk, seed, threads, context, of_texts
    )
    method = method.of_pages(versions, told=mark or clusters is not None or duplicates is not None)
    if stories is not None:
        from dedup.relating import relate  # noqa: PLC0415 - few runs ask for it
        from dedup.telling import Dump, check_granularity, tell_stories  # noqa: PLC0415

        check_granularity(granularity)
    inputs = many("inputs", inputs, "files")
    names, others = expand_inputs(inputs), sorted(left_out(inputs))
    outs = clusters, duplicates, damaged, boilerplate, passages, stories
    besides = [name for name in outs if name is not None]
    copies = Kept(kept, inputs, names, mark=mark)
    check_outputs((*copies.names, *besides), names)
    settings: dict[str, Any] = {"fields": dict(fields or {}), "on_error": on_error, "max_record": max_record}
    settings |= {"input_format": input_format, "extractor": Extractor.of(extractor).settings()}
    key = partial(key_of, names, settings, method)
    files = (*names, *copies.names, *besides)
    storage = storage_of(kept, memory, work_dir, key, files, restart=restart)
    with (
        storage,
        journal_of(method := placed_in(method, storage)) as reading,
        Inputs(names, fields, on_error, max_record, progress, input_format, extractor, reading) as taken,
        Outputs(storage.note_temporary) as outputs,
    ):
        method = replace(method, tell=taken.tell)
        streams = {name: outputs.create(name) for name in besides}
        copies.open(outputs, taken)
        reading.attach("inputs", taken)
        with method.workers as workers:
            corpus, headings = take_in(taken.batches(), taken.size, method, workers, reading)
            read_texts = headings.read if by == "title" else taken.texts
            texts = prepare(corpus, read_texts, method, workers)
            partition = divide(corpus, texts, read_texts, headings, taken.place_of, method, workers)
            told: Told | None = None
            told_lines: Iterable[bytes] = ()
            if stories is not None:
                taken.tell("stories")
                dump = Dump(corpus, texts, headings, partition, taken.texts)
                told = tell_stories(dump, granularity, workers)
                ties = relate(dump, told, method, workers)
                told_lines = story_lines(partition, taken, told.labels, told.stories(), ties)
        if asked:
            taken.tell("passages")
        reused = gather_reuse(corpus, texts, partition, read_texts, method, least_words) if asked else ()
        taken.tell("writing")
        partition = settle_versions(partition, corpus.pages)
        if clusters is not None or duplicates is not None:
            partition = partition._replace(titles=headings.match(partition.kept))
        learnt: Iterable[bytes] = ()
        if boilerplate is not None:
            learnt = Context(texts.context.boilerplate, headings.affixes.items).dump()
        copies.write(partition.kept, partial(run_marks, partition))
        for name, lines in (
            (clusters, cluster_lines(partition, taken, all_rows=True)),
            (duplicates, cluster_lines(partition, taken, all_rows=False)),
            (damaged, damaged_lines(taken.left_out)),
            (boilerplate, learnt),
            (passages, passage_lines(reused)),
            (stories, told_lines),
        ):
            if name is not None:
                streams[name].writelines(lines)
    counts = partition.counts(len(taken.damaged), taken.replaced + corpus.replaced, taken.unread_dates)
    counts = replace(counts, **taken.crawled)
    seconds = time.perf_counter() - begin
    summary = Summary(
        counts,
        tuple(taken.damaged),
        taken.fields,
        seconds,
        taken.unread_date,
        absent_sources=partition.absent_sources,
        other_files=len(others),
        other_names=tuple(others[:MOST_NAMED]),
        memory_beyond=storage.memory_beyond,
    )
    return summary if told is None else replace(summary, stories=told.counts, largest=told.largest())


def _method(  # noqa: PLR0913, PLR0917 - the face's parameters, checked together
    by: By,
    threshold: float | None,
    recall: float,
    keep: Keep,
    prefer_source: Sequence[str],
    blocking: Blocking,
    max_perm: int,
    walk: int,
    seed: int,
    threads: int | None,
    context: Context | None,
    of_texts: bool,
) -> Method:
    """Check what the user asked for before anything is read."""
    check_keep(keep)
    check_many("prefer_source", prefer_source, "sources")
    if not all(isinstance(name, str) and name.strip() for name in prefer_source):
        raise ParameterError(
            f"prefer_source is {list(prefer_source)!r}; names of sources, or hosts, are needed"
        )
    Context.check(context)
    if by not in BYS:
        raise ParameterError(f"by is {by!r}; it is one of {', '.join(BYS)}")
    if by == "title" and of_texts:
        raise ParameterError("passages and boilerplate are of texts; leave them out of a run by title")
    if threshold is None:
        threshold = NEAR if by == "title" else Limits().resemblance
    if walk < 1:
        raise ParameterError(f"walk is {walk}; at least 1 leader must be considered")
    width = WIDTH if by == "title" else Recipe().width
    return Method(
        by=by,
        recipe=Recipe.for_target(threshold, recall, max_perm=max_perm, width=width, seed=seed),
        limits=replace(LIMITS, resemblance=threshold) if by == "title" else Limits.for_threshold(threshold),
        recall=recall,
        keep=keep,
        prefer_source=tuple(prefer_source),
        walk=walk,
        workers=Workers(threads),
        context=context,
        blocking=blocking,
    )
