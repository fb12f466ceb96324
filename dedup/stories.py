"""Stories: articles about one event, whatever their wording; arrays in, arrays out.

While a dump is read, :class:`StoryTerms` gathers the terms of its articles; then :func:`group` puts the articles
together. Candidates come from a sparse inverted index over the heaviest terms, each is given the probability that it
is the same story (:mod:`dedup.match.samestory`), and groups are joined by average link: a story holds together as a
whole, never by a chain of neighbours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.agglomeration import agglomerate, most_central, uncrowd
from dedup.errors import ParameterError
from dedup.match.headlinelinks import link_headlines, settle
from dedup.match.samestory import DAY
from dedup.match.storylinks import (
    NEIGHBOURS,
    choose_terms,
    find_candidates,
    order_by_content,
    score_pairs,
)
from dedup.match.storyterms import TermTable, read_terms
from dedup.storage import Appender

if TYPE_CHECKING:
    from dedup.kernels.types import Dates, Rows
    from dedup.match.headlinelinks import Headlines
    from dedup.text.columns import TextColumn

#: Log-odds that the pairs of a story have on average at least, from the finest to the coarsest granularity: where no article
#: has a date, and where all have one. A date is strong evidence, and a dump with dates holds many events of each kind.
THRESHOLDS = {"incident": (0.0, 1.5), "event": (-1.3, 0.65), "topic": (-2.75, -1.0)}
#: Days from one article to another of its story, at most: two storms a year apart are two, however alike they read.
REACH = {"incident": 10.0, "event": 30.0, "topic": math.inf}
#: How much is one story.
GRANULARITIES = tuple(THRESHOLDS)
#: Words of half the articles up to which a dump counts as headlines; cosines that theirs have on average at least.
SHORT, SHORT_THRESHOLD = 50, 0.6
#: Headlines from which on a dump tells what their words are worth; fewer are compared as full texts are.
FEWEST = 1000
#: How readily stories of headlines merge; where 0, they don't and no headline moves.
MERGING = {"incident": 0.0, "event": 1.3, "topic": 4.0}
#: Log-odds of a pair that is no candidate, and of the surest.
LEAST, MOST = -4.0, 5.0


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


class Pairs(NamedTuple):
    """Candidate pairs, the lower row first, and the log-odds of each that both tell the same story."""

    lefts: Rows
    rights: Rows
    scores: Dates


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


def group(
    table: TermTable, published: Dates, rows: Rows | None = None, *, granularity: str = "event"
) -> Stories:
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

    Notes
    -----
    Linear in the number of articles, as long as no term proposes more than ``POSTINGS`` of them.
    """
    if granularity not in GRANULARITIES:
        raise ParameterError(f"granularity is {granularity!r}; it may be one of {', '.join(GRANULARITIES)}")
    n_articles = len(table.n_words)
    rows = np.arange(n_articles) if rows is None else np.asarray(rows, np.int64)
    rows = rows[order_by_content(table, published, rows)]
    if len(rows) >= FEWEST and np.median(table.n_words[rows]) <= SHORT:
        headlines = link_headlines(table, published, rows)
        linked, central = join_headlines(headlines, granularity)
        frequent, beyond = headlines.neighbours[2:]
    else:
        articles = choose_terms(table, rows)
        lefts, rights, frequent, beyond = find_candidates(articles)
        pairs = Pairs(lefts, rights, score_pairs(articles, published[rows], lefts, rights))
        linked, central = join_stories(pairs, published[rows], granularity)
    cuts = StoryCuts(frequent, beyond, int((table.n_words[rows] == 0).sum()))
    return _number(linked, central, rows, n_articles, cuts)


def join_headlines(headlines: Headlines, granularity: str) -> tuple[Rows, Rows]:
    """Stories of short texts, as :func:`join_stories`."""
    n_texts = len(headlines.postings.indptr) - 1
    pairs = headlines.lefts, headlines.rights, headlines.weights
    linked = agglomerate(*pairs, n_texts, SHORT_THRESHOLD, NEIGHBOURS)
    if MERGING[granularity]:
        linked = settle(headlines, linked, MERGING[granularity])
    return linked, most_central(linked, *pairs)


def threshold_of(granularity: str, published: Dates) -> float:
    """Log-odds that are asked for on average: between the two of the granularity, by the share of dated articles."""
    undated, dated = THRESHOLDS[granularity]
    share = float(np.isfinite(published).mean()) if len(published) else 0.0
    return undated + (dated - undated) * share


def join_stories(pairs: Pairs, published: Dates, granularity: str) -> tuple[Rows, Rows]:
    """Stories from candidate pairs: for each row the lowest row of its story, and the most central."""
    lefts, rights, scores = pairs
    days = np.abs(published[lefts] - published[rights]) / DAY
    scores = np.where(days > REACH[granularity], LEAST, scores)  # undated articles are never too far apart
    scores = uncrowd(lefts, rights, scores, len(published), LEAST)
    weights = np.clip(scores, LEAST, MOST) - LEAST
    threshold = threshold_of(granularity, published) - LEAST
    linked = agglomerate(lefts, rights, weights, len(published), threshold, NEIGHBOURS)
    return linked, most_central(linked, lefts, rights, weights)


def _number(labels: Rows, central: Rows, rows: Rows, n_articles: int, cuts: StoryCuts) -> Stories:
    """Stories by the rows of the dump, counted by their first articles."""
    all_labels = np.full(n_articles, -1, np.int64)
    if not len(rows):
        return Stories(all_labels, np.empty(0, np.int64), np.empty(0, np.int64), cuts)
    firsts = np.full(len(rows), n_articles)
    np.minimum.at(firsts, labels, rows)
    places, numbers, sizes = np.unique(firsts[labels], return_inverse=True, return_counts=True)
    all_labels[rows] = numbers
    representatives = np.empty(len(places), np.int64)
    representatives[numbers] = rows[central]
    return Stories(all_labels, representatives, sizes.astype(np.int64), cuts)
