"""Stories of a dump: articles about one event belong together, whatever their wording; the functions for users."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from dedup.dividing import divide
from dedup.io.files import expand_inputs
from dedup.io.held import Held
from dedup.io.inputs import Inputs
from dedup.io.outputs import Outputs, check_outputs
from dedup.io.streams import MAX_RECORD
from dedup.io.writers import story_lines
from dedup.result import DedupResult
from dedup.stages import Method, prepare, take_in
from dedup.story import StoryResult, StorySummary
from dedup.telling import Dump, check_granularity, tell_stories
from dedup.workers import Workers

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from dedup.io.batches import Batch
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.reader import OnError
    from dedup.match.context import Context
    from dedup.match.exact import ReadTexts
    from dedup.progress import Progress
    from dedup.telling import Told


def group_stories(
    articles: Iterable[object],
    *,
    granularity: str = "event",
    context: Context | None = None,
    walk: int = 128,
    threads: int | None = None,
) -> StoryResult:
    """Group articles into stories: what is about one event, whatever its wording.

    Parameters
    ----------
    articles : iterable of str, Article, dict, or objects with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest. Headlines alone will do, and so will articles
        without dates.
    granularity : {"incident", "event", "topic"}, default="event"
        How much is one story: an event as a newsroom would file it; one incident of a series; or all that turns
        around one matter.
    context : Context, optional
        What was learnt from another dump, as in :func:`dedup.deduplicate`.
    walk : int, default=128
        As in :func:`dedup.deduplicate`.
    threads : int, optional
        Default: one for each core that this process may use. The result does not depend on it.

    Returns
    -------
    StoryResult
        Stories, the story of each article in input order, and the clusters, which are those of
        :func:`dedup.deduplicate` with its defaults. A cluster is never parted. The id of a story is that of the
        article that stands for it; it does not depend on the order of the articles.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    ReadError
        If an item has neither text nor title.

    Notes
    -----
    Copies are collapsed first, then the kept articles are grouped; memory is linear in the articles.

    Examples
    --------
    >>> import dedup
    >>> text = "The council voted on Monday to close the old swimming pool at the end of the season."
    >>> found = dedup.group_stories([{"id": "a", "title": "Pool to close", "text": text}, {"id": "b", "text": text}])
    >>> [(story.id, story.headline, story.size) for story in found.stories]
    [('a', 'Pool to close', 2)]
    >>> found.story_ids
    ('a', 'a')
    """
    check_granularity(granularity)
    method = Method.usual(Workers(threads), walk=walk, context=context)
    held = Held(articles)
    dump, told = _tell(held.batches(), 0, held.texts, held.place_of, method, granularity)
    partition = dump.partition
    names = [partition.ids[row] for row in told.representatives.tolist()]
    story_ids = tuple(names[label] for label in told.labels.tolist())
    return StoryResult(
        stories=tuple(told.with_members()),
        story_ids=story_ids,
        story_of=dict(zip(partition.ids, story_ids, strict=True)),
        clusters=DedupResult(held.articles, partition).clusters,
        counts=told.counts,
    )


def list_stories(  # noqa: PLR0913 - the face
    inputs: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    granularity: str = "event",
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    context: Context | None = None,
    progress: Callable[[Progress], object] | None = None,
    walk: int = 128,
    threads: int | None = None,
) -> StorySummary:
    """Group the articles of files into stories; what ``dedup stories`` does.

    Parameters
    ----------
    inputs, fields, on_error, max_record, input_format, extractor, progress
        As :func:`dedup.deduplicate_files` takes them.
    output : str or path
        Gets one JSON line for each article, in input order: its cluster, its story, and the story's headline, size
        and dates. ``-`` is standard output.
    granularity, context, walk, threads
        As in :func:`group_stories`.

    Returns
    -------
    StorySummary
        The largest stories and the counts.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    ReadError
        If an input can't be read, or with ``on_error="raise"`` a record of it.
    WriteError
        If the output can't be written. It appears whole or not at all.

    Notes
    -----
    Texts are not kept; the inputs are read once more for the texts of the kept articles.

    Examples
    --------
    >>> import os, dedup
    >>> dedup.list_stories(["fixtures/news/m*.jsonl"], os.devnull).counts.clusters
    20
    """
    begin = time.perf_counter()
    check_granularity(granularity)
    method = Method.usual(Workers(threads), walk=walk, context=context)
    names = expand_inputs(inputs)
    check_outputs([output], names)
    with (
        Inputs(names, fields, on_error, max_record, progress, input_format, extractor) as taken,
        Outputs() as outputs,
    ):
        stream = outputs.create(output)
        method = replace(method, tell=taken.tell)
        dump, told = _tell(taken.batches(), taken.size, taken.texts, taken.place_of, method, granularity)
        taken.tell("writing")
        stream.writelines(story_lines(dump.partition, taken, told.labels, told.stories()))
    counts = replace(
        told.counts,
        damaged=len(taken.damaged),
        replaced=taken.replaced + told.counts.replaced,
        unread_dates=taken.unread_dates,
        **taken.crawled,
    )
    seconds = time.perf_counter() - begin
    return StorySummary(
        told.largest(), counts, tuple(taken.damaged), taken.fields, seconds, taken.unread_date
    )


def _tell(
    batches: Iterable[Batch],
    expected_bytes: int,
    read_texts: ReadTexts,
    place_of: Callable[[int], str],
    method: Method,
    granularity: str,
) -> tuple[Dump, Told]:
    """Collapse the copies, then group what is kept."""
    with method.workers as workers:
        corpus, headings = take_in(batches, expected_bytes, method, workers)
        texts = prepare(corpus, read_texts, method, workers)
        partition = divide(corpus, texts, read_texts, headings, place_of, method, workers)
        dump = Dump(corpus, texts, headings, partition, read_texts)
        method.tell("stories")
        return dump, tell_stories(dump, granularity, workers)
