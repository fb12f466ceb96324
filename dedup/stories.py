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
from dedup.kernels.stories import choose_terms as choose_heaviest
from dedup.kernels.stories import compare_terms, count_articles, find_neighbours, sum_terms
from dedup.match.samestory import (
    BINS,
    FEATURES,
    FULL_EVIDENCE,
    NO_EVIDENCE,
    PRIOR_TEXTS,
    SCALE,
    TERMS,
    UNKNOWN,
    load_model,
    shipped_prior,
)
from dedup.match.storyterms import TermTable, read_terms
from dedup.text.columns import Appender

if TYPE_CHECKING:
    from dedup.kernels.types import Codes, Dates, Offsets, Rows, Singles, Table64F
    from dedup.text.columns import TextColumn

#: Log-odds that the pairs of a story have on average at least, from the finest to the coarsest granularity.
THRESHOLDS = {"incident": 0.0, "event": -1.5, "topic": -2.75}
#: How much is one story.
GRANULARITIES = tuple(THRESHOLDS)
#: Articles that a term may have and still propose them; candidates of an article; the least that they share.
POSTINGS, NEIGHBOURS, LEAST_COSINE = 1000, 40, 0.03
#: Log-odds of a pair that is no candidate, and of the surest.
LEAST, MOST = -4.0, 5.0
#: Best neighbours of an article that tell how crowded it is there, and how much that counts.
CROWD, CROWDING = 10, 0.8
_BLOCK = 1 << 16  # pairs measured at once


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


class _Articles(NamedTuple):
    """The terms that count of the articles to group, sorted by code in each; ``sums`` is for the pairs."""

    indptr: Offsets
    codes: Codes
    marks: Codes
    rarities: Singles
    sums: Table64F


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
    rows = rows[_by_content(table, published, rows)]
    articles = choose_terms(table, rows)
    found, cuts = find_candidates(articles)
    lefts, rights = found
    scores = score_pairs(articles, published[rows], lefts, rights)
    scores = uncrowd(lefts, rights, scores, len(rows))
    linked = agglomerate(
        lefts, rights, np.clip(scores, LEAST, MOST) - LEAST, len(rows), THRESHOLDS[granularity] - LEAST
    )
    representatives = _most_central(linked, lefts, rights, scores)
    return _number(linked, representatives, rows, n_articles, cuts)


def rarities_of(codes: Codes, n_articles: int) -> Singles:
    """Rarity of each bin of terms in a dump, mixed with the shipped prior."""
    bins = np.zeros(BINS, np.uint32)
    count_articles(codes, bins)
    prior = np.full(BINS, UNKNOWN)
    shipped = shipped_prior()
    prior[np.fromiter(shipped, np.int64, len(shipped))] = np.fromiter(shipped.values(), float, len(shipped))
    shares = (np.minimum(bins, n_articles) + PRIOR_TEXTS * prior) / (n_articles + PRIOR_TEXTS)
    evidence = np.clip((-np.log(prior) - NO_EVIDENCE) / (FULL_EVIDENCE - NO_EVIDENCE), 0, 1)
    return (np.maximum(-np.log(shares), 0) * evidence / SCALE).astype(np.float32)


def choose_terms(table: TermTable, rows: Rows) -> _Articles:
    """The heaviest terms of the articles, by their rarity in these very articles."""
    members = _gather(table, rows)
    rarities = rarities_of(members.codes, len(rows))
    room = int(np.minimum(np.diff(members.indptr), TERMS).sum())
    indptr, codes = np.empty(len(rows) + 1, np.int64), np.empty(room, np.uint32)
    marks, weights = np.empty(room, np.uint32), np.empty(room, np.float32)
    choose_heaviest(
        members.indptr,
        members.codes,
        members.marks,
        np.arange(len(rows)),
        rarities,
        TERMS,
        indptr,
        codes,
        marks,
        weights,
        np.empty(TERMS),
        np.empty(TERMS, np.int64),
    )
    end = indptr[-1]
    sums = np.zeros((len(rows), 8))
    sums[:, 7] = members.n_words
    articles = _Articles(indptr, codes[:end].copy(), marks[:end].copy(), weights[:end].copy(), sums)
    sum_terms(*articles)
    return articles


def _gather(table: TermTable, rows: Rows) -> TermTable:
    """Terms of some articles only."""
    if len(rows) == len(table.n_words) and (rows == np.arange(len(rows))).all():
        return table
    counts = np.diff(table.indptr)[rows]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    places = np.arange(indptr[-1]) + np.repeat(table.indptr[rows] - indptr[:-1], counts)
    return TermTable(indptr, table.codes[places], table.marks[places], table.n_words[rows])


def find_candidates(articles: _Articles) -> tuple[tuple[Rows, Rows], StoryCuts]:
    """Pairs of articles that share much of the weight of their heaviest terms, lower row first, sorted."""
    n_articles = len(articles.indptr) - 1
    owners = np.repeat(np.arange(n_articles, dtype=np.int32), np.diff(articles.indptr))
    counts = (articles.marks & np.uint32(255)).astype(np.float32)
    norms = np.sqrt(articles.sums[:, 0] + 1e-9).astype(np.float32)
    weights = articles.rarities * np.sqrt(counts) / norms[owners]
    order = np.argsort(articles.codes, kind="stable")
    _, first, terms, sizes = np.unique(
        articles.codes[order], return_index=True, return_inverse=True, return_counts=True
    )
    useful = (sizes > 1) & (sizes <= POSTINGS)
    kept = useful[terms]
    posts, post_weights = owners[order][kept], weights[order][kept]
    post_indptr = np.concatenate([[0], np.cumsum(np.where(useful, sizes, 0))]).astype(np.int64)
    numbers = np.empty(len(order), np.int32)
    numbers[order] = terms
    asked = useful[numbers]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners[asked], minlength=n_articles))]).astype(
        np.int64
    )
    found, scores = (
        np.empty((n_articles, NEIGHBOURS), np.int32),
        np.empty((n_articles, NEIGHBOURS), np.float32),
    )
    beyond = find_neighbours(
        indptr,
        numbers[asked],
        weights[asked],
        post_indptr,
        posts,
        post_weights,
        NEIGHBOURS,
        np.zeros(n_articles, np.float32),
        np.empty(n_articles, np.int32),
        found.reshape(-1),
        scores.reshape(-1),
    )
    ones, others = np.nonzero((found >= 0) & (scores >= LEAST_COSINE))
    others = found[ones, others].astype(np.int64)
    keys = np.unique(np.minimum(ones, others) * n_articles + np.maximum(ones, others))
    cuts = StoryCuts(int((sizes > POSTINGS).sum()), beyond, int((np.diff(articles.indptr) == 0).sum()))
    return (keys // max(n_articles, 1), keys % max(n_articles, 1)), cuts


def pair_features(articles: _Articles, published: Dates, lefts: Rows, rights: Rows) -> Table64F:
    """Features of pairs of rows in the order of :data:`dedup.match.samestory.FEATURES`."""
    features = np.zeros((len(lefts), len(FEATURES)))
    compare_terms(*articles, lefts, rights, features)
    days = np.abs(published[lefts] - published[rights]) / 86_400
    dated = ~np.isnan(days)
    features[dated, 13] = 1
    features[dated, 14] = np.log1p(days[dated])
    features[dated, 15] = np.exp(-days[dated] / 7)
    features[dated, 16] = np.exp(-days[dated] / 30)
    return features


def score_pairs(articles: _Articles, published: Dates, lefts: Rows, rights: Rows) -> Dates:
    """Log-odds of the model for each pair, rounded to 4 decimals."""
    weights, intercept = load_model()
    scores = np.empty(len(lefts))
    for begin in range(0, len(lefts), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        scores[block] = pair_features(articles, published, lefts[block], rights[block]) @ np.array(weights)
    return np.round(scores + intercept, 4)


def uncrowd(lefts: Rows, rights: Rows, scores: Dates, n_articles: int) -> Dates:
    """Scores less what both articles' best neighbours have on average.

    Where many articles are near, being near says less: two incidents of a series are as near as two reports of a lone event
    (Conneau et al., Word translation without parallel data, 2018, call it cross-domain similarity local scaling).
    """
    ends, values = np.concatenate([lefts, rights]), np.concatenate([scores, scores])
    order = np.lexsort((-values, ends))
    ends, values = ends[order], values[order]
    rank = np.arange(len(ends)) - np.searchsorted(ends, ends)
    best = rank < CROWD
    totals = np.bincount(ends[best], np.maximum(values[best], LEAST), n_articles)
    totals += LEAST * (CROWD - np.bincount(ends[best], minlength=n_articles))
    crowds = np.maximum(totals / CROWD, 0)
    return scores - CROWDING * (crowds[lefts] + crowds[rights]) / 2


def agglomerate(lefts: Rows, rights: Rows, weights: Dates, n_articles: int, threshold: float) -> Rows:
    """Average link: groups whose pairs weigh as much as the threshold on average are joined, the heaviest first.

    Parameters
    ----------
    lefts, rights : ndarray of int64
        Pairs, the lower row first.
    weights : ndarray of float64
        Of each pair, 0 or more; a pair that is not there weighs 0.
    n_articles : int
        Number of rows.
    threshold : float
        Average that joins, above 0.

    Returns
    -------
    ndarray of int64 of shape (n_articles,)
        Lowest row of each row's group.

    Notes
    -----
    Each round joins all groups that are each other's best neighbours, which gives the same tree as one at a time
    (average link is reducible; Müllner, Modern hierarchical, agglomerative clustering algorithms, 2011). Ties go to the lower row. An article has links
    to ``NEIGHBOURS`` others or so: between large groups more pairs than those can't weigh anything, and don't count.
    """
    labels, sizes = np.arange(n_articles), np.ones(n_articles)
    while len(lefts):
        small, large = np.minimum(sizes[lefts], sizes[rights]), np.maximum(sizes[lefts], sizes[rights])
        averages = np.round(weights / (small * np.minimum(large, NEIGHBOURS)), 9)
        ones, others = np.concatenate([lefts, rights]), np.concatenate([rights, lefts])
        both = np.concatenate([averages, averages])
        order = np.lexsort((others, -both, ones))
        order = order[np.concatenate([[True], ones[order][1:] != ones[order][:-1]])]
        best = np.full(n_articles, -1)
        best[ones[order]] = others[order]
        heavy = order[both[order] >= threshold]
        joins = heavy[(best[others[heavy]] == ones[heavy]) & (ones[heavy] < others[heavy])]
        if not len(joins):
            break
        target = np.arange(n_articles)
        target[others[joins]] = ones[joins]
        labels = target[labels]
        sizes[ones[joins]] += sizes[others[joins]]
        lefts, rights, weights = _merge(target[lefts], target[rights], weights, n_articles)
    return labels


def _merge(lefts: Rows, rights: Rows, weights: Dates, n_articles: int) -> tuple[Rows, Rows, Dates]:
    """Sum the weights of the same two groups; within a group there is nothing to say any more."""
    apart = lefts != rights
    lefts, rights = np.minimum(lefts, rights)[apart], np.maximum(lefts, rights)[apart]
    keys, places = np.unique(lefts * n_articles + rights, return_inverse=True)
    return keys // n_articles, keys % n_articles, np.bincount(places, weights[apart], len(keys))


def _most_central(labels: Rows, lefts: Rows, rights: Rows, scores: Dates) -> Rows:
    """For each row the one of its group with the highest sum of scores; ties to the lower."""
    inside = labels[lefts] == labels[rights]
    values = scores[inside] - LEAST
    totals = np.bincount(lefts[inside], values, len(labels)) + np.bincount(
        rights[inside], values, len(labels)
    )
    order = np.lexsort((np.arange(len(labels)), -np.round(totals, 6), labels))
    first = np.concatenate([[True], labels[order][1:] != labels[order][:-1]])[: len(order)]
    central = np.empty(len(labels), np.int64)
    central[labels[order[first]]] = order[first]
    return central[labels]


def _by_content(table: TermTable, published: Dates, rows: Rows) -> Rows:
    """Order of rows that depends on what they are only: by date, then by a hash of their terms, so that no tie is
    decided by where an article stood.
    """
    codes, marks = table.codes.astype(np.uint64), table.marks.astype(np.uint64)
    mixed = (codes << np.uint64(25) | marks) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    totals = np.concatenate([[0], np.cumsum(mixed * np.uint64(0xD6E8FEB86659FD93))]).astype(np.uint64)
    hashes = (totals[table.indptr[1:]] - totals[table.indptr[:-1]])[rows]
    return np.lexsort((hashes, np.nan_to_num(published[rows], nan=np.inf)))


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
