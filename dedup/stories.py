"""Stories: articles about one event, whatever their wording; arrays in, arrays out.

While a dump is read, :class:`StoryTerms` gathers the terms of its articles; then :func:`group` puts the articles
together. Candidates come from a sparse inverted index over the heaviest terms, each is given the probability that it
is the same story (:mod:`dedup.match.samestory`), and groups are joined by average link: a story holds together as a
whole, never by a chain of neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.errors import ParameterError
from dedup.match.storyterms import TermTable, read_terms
from dedup.text.columns import Appender

if TYPE_CHECKING:
    from dedup.kernels.types import Dates, Rows
    from dedup.text.columns import TextColumn

#: How much is one story, from the finest to the coarsest.
GRANULARITIES = ("incident", "event", "topic")


class Stories(NamedTuple):
    """Which articles tell the same story.

    Attributes
    ----------
    labels : ndarray of int64 of shape (n_articles,)
        Number of each article's story, counted from 0 in the order of their first articles. Articles that were not
        grouped have -1.
    representatives : ndarray of int64 of shape (n_stories,)
        Row of the article nearest the middle of each story; its title is the story's headline.
    sizes : ndarray of int64 of shape (n_stories,)
        Grouped articles of each.
    cuts : StoryCuts
        What was left out, to be told.
    """

    labels: Rows
    representatives: Rows
    sizes: Rows
    cuts: StoryCuts


class StoryCuts(NamedTuple):
    """What grouping left out, counted.

    Attributes
    ----------
    frequent : int
        Terms that so many articles have that they propose nothing; they still count where others do.
    neighbours : int
        Candidates beyond the best of an article.
    wordless : int
        Articles without a term, each a story of its own.
    """

    frequent: int
    neighbours: int
    wordless: int


class StoryTerms:
    """Terms of the articles of a dump, gathered while it is read.

    Examples
    --------
    >>> terms = StoryTerms()
    >>> from dedup.text.columns import TextColumn
    >>> terms.add(terms.read(TextColumn.of([b"Storm hits Lisbon"]), TextColumn.of([b"14 people died."])))
    >>> len(terms)
    1
    """

    def __init__(self) -> None:
        self._codes, self._marks = Appender(np.uint32), Appender(np.uint32)
        self._counts, self._n_words = Appender(np.int64), Appender(np.int64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @staticmethod
    def read(titles: TextColumn, texts: TextColumn) -> TermTable:
        """Terms of a batch; in any thread, the interpreter lock is released.

        Parameters
        ----------
        titles : TextColumn
            Headlines, stripped of their outlets (:class:`dedup.match.headings.Headings`); empty without one.
        texts : TextColumn
            Bodies, empty without one.
        """
        return read_terms(titles, texts)

    def add(self, batch: TermTable) -> None:
        """Append a batch; the batches in the order of the articles."""
        self._codes.append(batch.codes)
        self._marks.append(batch.marks)
        self._counts.append(np.diff(batch.indptr))
        self._n_words.append(batch.n_words)
        self._length += len(batch.n_words)

    def finish(self) -> TermTable:
        """All of them; nothing may be added any more."""
        indptr = np.concatenate([[0], np.cumsum(self._counts.finish())]).astype(np.int64)
        return TermTable(indptr, self._codes.finish(), self._marks.finish(), self._n_words.finish())


def group(table: TermTable, published: Dates, rows: Rows | None = None, *, granularity: str = "event") -> Stories:
    """Group articles into stories.

    Parameters
    ----------
    table : TermTable
        Of all articles.
    published : ndarray of float64 of shape (n_articles,)
        Epoch seconds, NaN for undated.
    rows : ndarray of int64, optional
        Articles to group, the canonical ones of their clusters; without it all.
    granularity : {"incident", "event", "topic"}, default="event"
        An event as a newsroom would file it; one incident of a series; or all that turns around one matter.

    Returns
    -------
    Stories

    Raises
    ------
    ParameterError
        If the granularity is another word.
    """
    if granularity not in GRANULARITIES:
        raise ParameterError(f"granularity is {granularity!r}; it may be one of {', '.join(GRANULARITIES)}")
    n_articles = len(table.n_words)
    rows = np.arange(n_articles) if rows is None else rows
    labels = np.full(n_articles, -1, np.int64)
    labels[rows] = np.arange(len(rows))
    sizes = np.ones(len(rows), np.int64)
    return Stories(labels, rows.astype(np.int64), sizes, StoryCuts(0, 0, int((table.n_words[rows] == 0).sum())))
