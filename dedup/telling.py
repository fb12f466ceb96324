"""Telling stories: the articles of a run, grouped over what is kept of their clusters, and handed to the copies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.dates import moment_of
from dedup.errors import ParameterError
from dedup.io.batches import BATCH_BYTES, in_portions
from dedup.stories import GRANULARITIES, StoryTerms, group
from dedup.story import Story, StoryCounts
from dedup.text.columns import TextColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.io.intake import Corpus
    from dedup.kernels.types import Dates, Rows
    from dedup.match.exact import ReadTexts
    from dedup.match.headings import Headings
    from dedup.match.storyterms import TermTable
    from dedup.result import Partition
    from dedup.stages import Texts
    from dedup.stories import StoryCuts
    from dedup.workers import Workers

#: Stories that a summary names.
LARGEST = 5


class Dump(NamedTuple):
    """The articles of a run and their clusters.

    Attributes
    ----------
    corpus : Corpus
        All that is known of them.
    texts : Texts
        What they were compared by.
    headings : Headings
        Their headlines.
    partition : Partition
        Their clusters.
    read_texts : ReadTexts
        Reads their bodies again, the titles where there is none.
    """

    corpus: Corpus
    texts: Texts
    headings: Headings
    partition: Partition
    read_texts: ReadTexts


@dataclass(frozen=True, slots=True)
class Told:
    """Which article tells which story; stories are numbered from 0, the largest first.

    Attributes
    ----------
    ids : sequence of str
        Of the articles.
    labels : ndarray of int64 of shape (n_articles,)
        Story of each article.
    representatives : ndarray of int64 of shape (n_stories,)
        Row of the article that stands for each story.
    headlines : list of str or None
        Of each story.
    sizes, clusters : ndarray of int64 of shape (n_stories,)
        Articles, and different texts, of each.
    firsts, lasts : ndarray of float64 of shape (n_stories,)
        Epoch seconds of the earliest and the latest article, NaN where none is dated.
    counts : StoryCounts
        Of the run; what was read amiss is not counted.
    """

    ids: Sequence[str]
    labels: Rows
    representatives: Rows
    headlines: list[str | None]
    sizes: Rows
    clusters: Rows
    firsts: Dates
    lasts: Dates
    counts: StoryCounts

    def story(self, number: int, members: tuple[str, ...] = ()) -> Story:
        """One of them."""
        return Story(
            self.ids[self.representatives[number]],
            self.headlines[number],
            int(self.sizes[number]),
            int(self.clusters[number]),
            moment_of(float(self.firsts[number])),
            moment_of(float(self.lasts[number])),
            members,
        )

    def stories(self) -> Iterator[Story]:
        """All of them."""
        return map(self.story, range(len(self.sizes)))

    def with_members(self) -> Iterator[Story]:
        """All of them, with the ids of their articles."""
        members: defaultdict[int, list[str]] = defaultdict(list)
        for name, label in zip(self.ids, self.labels.tolist(), strict=True):
            members[label].append(name)
        return (self.story(number, tuple(members[number])) for number in range(len(self.sizes)))

    def largest(self) -> tuple[Story, ...]:
        """The first of those that several articles tell."""
        return tuple(self.story(number) for number in np.flatnonzero(self.sizes[:LARGEST] > 1).tolist())


def check_granularity(granularity: str) -> None:
    """Refuse a word that says nothing, before anything is read."""
    if granularity not in GRANULARITIES:
        raise ParameterError(f"granularity is {granularity!r}; it may be one of {', '.join(GRANULARITIES)}")


def tell_stories(dump: Dump, granularity: str, workers: Workers) -> Told:
    """Group the articles of a run into stories.

    Parameters
    ----------
    dump : Dump
        Articles and their clusters; one cluster is never parted.
    granularity : {"incident", "event", "topic"}
        As :func:`dedup.stories.group` takes it.
    workers : Workers
        Threads.

    Returns
    -------
    Told

    Notes
    -----
    The texts of the kept articles are read once more; of the others nothing is asked but when the first of a cluster
    was published, which is the date of a kept article that has none.
    """
    corpus, partition = dump.corpus, dump.partition
    canonicals = np.flatnonzero(partition.kept == np.arange(len(partition.kept)))
    firsts, _ = _bounds(corpus.published, partition.kept, len(partition.kept))
    dates = np.where(np.isnan(corpus.published), firsts, corpus.published)
    found = group(_read_terms(dump, canonicals, workers), dates[canonicals], granularity=granularity)
    labels = np.zeros(len(partition.kept), np.int64)
    labels[canonicals] = found.labels
    labels = labels[partition.kept]
    return _ranked(dump, labels, canonicals[found.representatives], found.cuts)


def _read_terms(dump: Dump, rows: Rows, workers: Workers) -> TermTable:
    """Terms of some articles, while their texts are read again."""
    terms = StoryTerms()
    for batch in workers.map_in_order(lambda columns: terms.read(*columns), _columns(dump, rows)):
        terms.add(batch)
    return terms.finish()


def _columns(dump: Dump, rows: Rows) -> Iterator[tuple[TextColumn, TextColumn]]:
    """Headlines and bodies of some articles, batch by batch; a title that stands in for a body is none."""
    titles = dump.corpus.titles
    read = zip(rows.tolist(), dump.read_texts(rows), strict=True)
    for portion in in_portions(read, BATCH_BYTES, lambda pair: len(pair[1])):
        headlines = dump.headings.read(np.array([row for row, _ in portion]))
        bodies = [b"" if text == titles[row] else text for row, text in portion]
        yield TextColumn.of(list(headlines)), TextColumn.of(bodies)


def _ranked(dump: Dump, labels: Rows, representatives: Rows, cuts: StoryCuts) -> Told:
    """Number the stories anew, the largest first, then the earliest, then by id; and say what each is."""
    corpus, partition = dump.corpus, dump.partition
    n_stories = len(representatives)
    sizes = np.bincount(labels, minlength=n_stories)
    firsts, lasts = _bounds(corpus.published, labels, n_stories)
    ages = np.where(np.isnan(firsts), np.inf, firsts).tolist()
    names = [partition.ids[row] for row in representatives.tolist()]
    ranked = sorted(range(n_stories), key=lambda story: (-sizes[story], ages[story], names[story]))
    order = np.array(ranked, np.int64)
    rank = np.empty(n_stories, np.int64)
    rank[order] = np.arange(n_stories)
    is_kept = partition.kept == np.arange(len(labels))
    clusters = np.bincount(labels[is_kept], minlength=n_stories)
    rows = representatives[order]
    headlines = [headline.decode().strip() or None for headline in dump.headings.read(rows)]
    shared = clusters > 1
    counts = StoryCounts(
        read=len(labels),
        clusters=int(is_kept.sum()),
        stories=n_stories,
        shared=int(shared.sum()),
        articles=int(sizes[shared].sum()),
        undated=int(np.isnan(corpus.published).sum()),
        wordless=cuts.wordless,
        frequent=cuts.frequent,
        neighbours=cuts.neighbours,
        repeated_ids=partition.repeated_ids,
        replaced=corpus.replaced,
        walks_cut=partition.walks_cut,
    )
    return Told(
        partition.ids,
        rank[labels],
        rows,
        headlines,
        sizes[order],
        clusters[order],
        firsts[order],
        lasts[order],
        counts,
    )


def _bounds(published: Dates, labels: Rows, length: int) -> tuple[Dates, Dates]:
    """Earliest and latest date under each label, NaN where there is none."""
    firsts, lasts = np.full(length, np.nan), np.full(length, np.nan)
    np.fmin.at(firsts, labels, published)
    np.fmax.at(lasts, labels, published)
    return firsts, lasts
