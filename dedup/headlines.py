"""Headlines of a dump: those that stand over several articles, whatever stands below."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dedup.article import Place
from dedup.dates import moment_of
from dedup.dividing import divide
from dedup.errors import ParameterError
from dedup.headline import Appearance, HeadlineCounts, HeadlineReport, RepeatedHeadline
from dedup.io.files import expand_inputs
from dedup.io.held import Held
from dedup.io.inputs import Inputs
from dedup.io.intake import About, Intake, name_apart
from dedup.io.outputs import Outputs, check_outputs
from dedup.io.streams import MAX_RECORD
from dedup.io.writers import headline_lines
from dedup.match.context import Context
from dedup.progress import SILENT, Teller
from dedup.repeating import find_repeats
from dedup.stages import Method, headings_of, prepare, take_in
from dedup.workers import Workers

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dedup.headline import Likeness
    from dedup.io.batches import Batch
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format
    from dedup.io.reader import OnError
    from dedup.kernels.types import Rows
    from dedup.match.exact import ReadTexts
    from dedup.match.headings import Headings
    from dedup.progress import Progress
    from dedup.repeating import Repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked for; the parameters of :func:`repeated_headlines`, checked."""

    likeness: Likeness
    min_articles: int
    across_sources: bool
    clusters: bool
    context: Context | None
    walk: int
    workers: Workers
    tell: Teller = SILENT

    def __post_init__(self) -> None:
        Context.check(self.context)
        if self.likeness not in ("near", "same"):
            raise ParameterError(f"likeness is {self.likeness!r}; it is one of near, same")
        if self.min_articles < 1:
            raise ParameterError(f"min_articles is {self.min_articles}; at least 1 is needed")
        if self.walk < 1:
            raise ParameterError(f"walk is {self.walk}; at least 1 leader must be considered")


@dataclass(frozen=True, slots=True)
class _Dump:
    """What was read of all articles, one entry for each."""

    about: About
    headings: Headings
    kept: Rows | None
    replaced: int


def repeated_headlines(  # noqa: PLR0913 - the face
    articles: Iterable[object],
    *,
    likeness: Likeness = "near",
    min_articles: int = 2,
    across_sources: bool = False,
    clusters: bool = False,
    context: Context | None = None,
    walk: int = 128,
    threads: int | None = None,
) -> HeadlineReport:
    """Find the headlines that stand over several articles.

    Parameters
    ----------
    articles : iterable of Article, dict, or objects with the usual attributes
        See :meth:`Article.from_any`. One without a title has no headline.
    likeness : {"near", "same"}, default="near"
        Whether headlines in nearly the same words belong together, or only those in the same.
    min_articles : int, default=2
        Articles that a headline stands over, at least.
    across_sources : bool, default=False
        Only headlines that stand under different hosts, or sources where no host is known.
    clusters : bool, default=False
        Also say whether the texts below are copies: finds them as :func:`dedup.deduplicate` does.
    context : Context, optional
        What was learnt from another dump; its affixes are taken off. Default: learn.
    walk : int, default=128
        Most headlines that one is compared with; ``counts.walks_cut`` says how many met more.
    threads : int, optional
        Default: one for each core that this process may use. The result does not depend on it.

    Returns
    -------
    HeadlineReport
        Headlines over the most articles first; of as many, the earliest. Each was compared with the one that most
        articles of its group have, not with a chain of neighbours.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    ReadError
        If an item has neither text nor title.

    Notes
    -----
    About 40 microseconds of CPU, reading included, and 2 kB of memory for an article; `clusters` costs what a run by
    text does.
    What makes two headlines the same is in docs/decisions/0017-title-match.md.

    Examples
    --------
    >>> import dedup
    >>> titles = "Storm hits the north | Reuters", "STORM HITS THE NORTH", "Storm hits the far north", "Calm seas"
    >>> found = dedup.repeated_headlines({"id": str(n), "title": title} for n, title in enumerate(titles))
    >>> [(one.headline, [(article.id, article.kind) for article in one.articles]) for one in found.headlines]
    [('Storm hits the north', [('0', 'same'), ('1', 'same'), ('2', 'near')])]
    """
    begin = time.perf_counter()
    asked = _Asked(
        likeness=likeness,
        min_articles=min_articles,
        across_sources=across_sources,
        clusters=clusters,
        context=context,
        walk=walk,
        workers=Workers(threads),
    )
    held = Held(articles)
    with asked.workers:
        dump = _take_in(held.batches(), 0, held.texts, asked)
        report = _report(dump, asked, None)
    return replace(report, seconds=time.perf_counter() - begin)


def list_headlines(  # noqa: PLR0913 - the face
    inputs: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str] | None = None,
    *,
    likeness: Likeness = "near",
    min_articles: int = 2,
    across_sources: bool = False,
    clusters: bool = False,
    fields: Mapping[str, str] | None = None,
    on_error: OnError = "raise",
    max_record: int = MAX_RECORD,
    input_format: Format | None = None,
    extractor: Extractor | str = "resiliparse",
    context: Context | None = None,
    progress: Callable[[Progress], object] | None = None,
    walk: int = 128,
    threads: int | None = None,
) -> HeadlineReport:
    """Find the headlines that stand over several articles of files; what ``dedup headlines`` does.

    Parameters
    ----------
    inputs, fields, on_error, max_record, input_format, extractor, progress
        As :func:`dedup.deduplicate_files` takes them.
    output : str or path, optional
        Gets one JSON line for each repeated headline, with its articles. ``-`` is standard output.
    likeness, min_articles, across_sources, clusters, context, walk, threads
        As in :func:`repeated_headlines`.

    Returns
    -------
    HeadlineReport
        As of :func:`repeated_headlines`, with the place of each article.

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
    Texts are not kept: memory is that of the titles, ids and sources, and of what is listed.

    Examples
    --------
    >>> import dedup
    >>> report = dedup.list_headlines(["fixtures/titles/outlets.jsonl"])
    >>> report.headlines[0].headline
    'Ferry runs aground off Dunmere in thick fog'
    """
    begin = time.perf_counter()
    asked = _Asked(
        likeness=likeness,
        min_articles=min_articles,
        across_sources=across_sources,
        clusters=clusters,
        context=context,
        walk=walk,
        workers=Workers(threads),
    )
    names = expand_inputs(inputs)
    outs = [] if output is None else [output]
    check_outputs(outs, names)
    with (
        Inputs(names, fields, on_error, max_record, progress, input_format, extractor) as taken,
        Outputs() as outputs,
    ):
        asked = replace(asked, tell=taken.tell)
        streams = [outputs.create(name) for name in outs]
        with asked.workers:
            dump = _take_in(taken.batches(), taken.size, taken.texts, asked)
            report = _report(dump, asked, taken)
        taken.tell("writing")
        for stream in streams:
            stream.writelines(headline_lines(report.headlines))
    return replace(report, seconds=time.perf_counter() - begin)


def _take_in(batches: Iterable[Batch], expected_bytes: int, read_texts: ReadTexts, asked: _Asked) -> _Dump:
    """Read all articles; their texts only where it is asked which are copies."""
    if not asked.clusters:
        intake = Intake()
        for batch in batches:
            intake.add(batch)
        known = None if asked.context is None else asked.context.affixes
        return _Dump(intake.about, headings_of(intake.about, known), None, intake.replaced)
    method = replace(Method.usual(asked.workers, walk=asked.walk, context=asked.context), tell=asked.tell)
    corpus, headings = take_in(batches, expected_bytes, method, asked.workers)
    texts = prepare(corpus, read_texts, method, asked.workers)
    partition = divide(corpus, texts, read_texts, headings, str, method, asked.workers)
    return _Dump(About.of(corpus), headings, partition.kept, corpus.replaced)


def _report(dump: _Dump, asked: _Asked, taken: Inputs | None) -> HeadlineReport:
    """Group the headlines, and say what stands below each."""
    near = asked.likeness == "near"
    asked.tell("grouping")
    repeats = find_repeats(dump.headings, dump.about.published, asked.workers, near=near, walk=asked.walk)
    place_of = taken.place_of if taken is not None else lambda row: str(row + 1)
    ids, repeated_ids = name_apart(dump.about.ids, repeats.hashes, place_of)
    listed = [rows for rows in _group(repeats, asked.min_articles) if _is_asked(rows, dump, asked)]
    headlines = sorted((_describe(rows, dump, repeats, ids, taken) for rows in listed), key=_rank)
    titled = repeats.n_words > 0
    counts = HeadlineCounts(
        read=len(ids),
        untitled=int((~titled).sum()),
        wordings=len(np.unique(repeats.groups[titled])),
        repeated=len(headlines),
        articles=sum(len(headline.articles) for headline in headlines),
        repeated_ids=repeated_ids,
        walks_cut=repeats.walks_cut,
    )
    if taken is None:
        return HeadlineReport(tuple(headlines), replace(counts, replaced=dump.replaced))
    counts = replace(
        counts,
        damaged=len(taken.damaged),
        replaced=taken.replaced + dump.replaced,
        unread_dates=taken.unread_dates,
        **taken.crawled,
    )
    return HeadlineReport(
        tuple(headlines), counts, tuple(taken.damaged), taken.fields, unread_date=taken.unread_date
    )


def _group(repeats: Repeats, least: int) -> Iterator[list[int]]:
    """Rows of each headline over so many articles."""
    rows = np.flatnonzero(repeats.n_words > 0)
    order = rows[np.argsort(repeats.leaders[rows], kind="stable")]
    leaders = repeats.leaders[order]
    bounds = [0, *(np.flatnonzero(np.diff(leaders)) + 1).tolist(), len(order)]
    for start, stop in pairwise(bounds):
        if stop - start >= max(least, 1):
            yield order[start:stop].tolist()


def _is_asked(rows: Sequence[int], dump: _Dump, asked: _Asked) -> bool:
    return not asked.across_sources or len({dump.about.hosts[row] for row in rows} - {None}) > 1


def _describe(
    rows: Sequence[int], dump: _Dump, repeats: Repeats, ids: Sequence[str], taken: Inputs | None
) -> RepeatedHeadline:
    """Headline of some rows as most articles of the leading wording print it, and the articles in order."""
    leader = int(repeats.leaders[rows[0]])
    leading = np.array([row for row in rows if repeats.groups[row] == leader])
    prints = Counter(dump.headings.read(leading))
    headline = min(prints, key=lambda text: (-prints[text], text.isupper(), text)).decode()
    articles = [
        Appearance(
            ids[row],
            dump.about.titles[row].decode(),
            "same" if repeats.groups[row] == leader else "near",
            float(repeats.scores[row]),
            dump.about.sources[row],
            dump.about.hosts[row],
            moment_of(float(dump.about.published[row])),
            None if taken is None else _place(row, taken),
            None if dump.kept is None else ids[dump.kept[row]],
        )
        for row in rows
    ]
    return RepeatedHeadline(headline, tuple(sorted(articles, key=_age)))


def _age(article: Appearance) -> tuple[bool, float, str]:
    moment = article.published
    return moment is None, moment.timestamp() if moment else 0.0, article.id


def _rank(headline: RepeatedHeadline) -> tuple[int, tuple[bool, float, str]]:
    return -len(headline.articles), _age(headline.articles[0])


def _place(row: int, taken: Inputs) -> Place:
    places = taken.places
    return Place(taken.names[places.files[row]], int(places.numbers[row]))
