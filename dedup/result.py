"""What a run found out, and the questions it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.article import Affix, Article, Boilerplate, Cluster, Counts, Match, ReusedPassage
from dedup.pair import RELATIONS, Comparison, Scores, TitleMatch
from dedup.storage import MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows
    from dedup.storage import Storage


class Verdicts(NamedTuple):
    """Verdicts on many pairs, one entry for each article.

    Attributes
    ----------
    relations : ndarray of int8
        Place in ``RELATIONS``.
    resemblance, containment, coverage, continuity : ndarray of float64
        Scores from 0 to 1, rounded to 4 decimals; continuity is NaN where it was not needed.
    """

    relations: NDArray[np.int8]
    resemblance: NDArray[np.float64]
    containment: NDArray[np.float64]
    coverage: NDArray[np.float64]
    continuity: NDArray[np.float64]

    @classmethod
    def exact(cls, length: int, storage: Storage = MEMORY) -> Verdicts:
        """Verdicts that say of every pair that it is equal."""
        verdicts = cls(storage.empty(length, np.int8), *(storage.empty(length, np.float64) for _ in range(4)))
        columns: list[NDArray[Any]] = [*verdicts]
        for column, value in zip(columns, (0, 1.0, 1.0, 1.0, 1.0), strict=True):
            column[:] = value
        return verdicts

    def put(self, rows: Rows, others: Verdicts) -> None:
        """Write verdicts into these rows."""
        columns: list[NDArray[Any]] = [*self]
        for mine, theirs in zip(columns, others, strict=True):
            mine[rows] = theirs

    def of(self, row: int) -> Comparison:
        """Verdict on one article."""
        continuity = float(self.continuity[row])
        scores = Scores(
            float(self.resemblance[row]),
            float(self.containment[row]),
            float(self.coverage[row]),
            None if math.isnan(continuity) else continuity,
        )
        return Comparison(RELATIONS[self.relations[row]], scores)


class TitleMatches(NamedTuple):
    """Whether the headlines of many pairs match, one entry for each article.

    Attributes
    ----------
    scores : ndarray of float64
        As in :class:`dedup.pair.TitleMatch`; NaN where they do not match.
    same : ndarray of bool
        Whether the words are the same.
    """

    scores: NDArray[np.float64]
    same: NDArray[np.bool_]

    def of(self, row: int) -> TitleMatch | None:
        """Match of one article."""
        score = float(self.scores[row])
        return None if math.isnan(score) else TitleMatch(score, "same" if self.same[row] else "near")


class Superseded(NamedTuple):
    """Versions of pages that are not the ones to be kept.

    Attributes
    ----------
    chosen : ndarray of int64 of shape (n_articles,)
        Row of the version that was chosen of the page of each article.
    rows : ndarray of int64
        Articles that are dropped for their page alone: what is kept of their cluster is not what they stand for.
    verdicts : Verdicts
        On these, against the article that they are dropped for.
    """

    chosen: Rows
    rows: Rows
    verdicts: Verdicts


class Partition(NamedTuple):
    """Clusters as arrays, one entry for each article.

    Attributes
    ----------
    ids : sequence of str
        Told apart: no id stands twice.
    kept : ndarray of int64
        Row of the article that is kept of its cluster, or of its page.
    leaders : ndarray of int64
        Row of the leader of its cluster.
    to_kept, to_leader : Verdicts
        Against the kept article, and against the leader.
    groups : ndarray of int64
        First row with the same text.
    repeated_ids, walks_cut, untitled, unblocked, undated : int
        As in :class:`dedup.article.Counts`.
    absent_sources : tuple of str
        Preferred sources that no article has.
    titles : TitleMatches or None
        Against the kept article, where somebody asks for it.
    superseded : Superseded or None
        Versions that are still to be dropped for their page.
    canonicals : ndarray of int64 or None
        Row of the canonical of its cluster, where it is not always what is kept: that of a cluster of which nothing is kept is
        dropped itself.
    versions : ndarray of bool or None
        Whether it is another version of the page of the kept article, or of the one that it was dropped for; where somebody
        asks for it.
    """

    ids: Sequence[str]
    kept: Rows
    leaders: Rows
    groups: Rows
    to_kept: Verdicts
    to_leader: Verdicts
    repeated_ids: int
    walks_cut: int
    untitled: int = 0
    unblocked: int = 0
    undated: int = 0
    absent_sources: tuple[str, ...] = ()
    titles: TitleMatches | None = None
    superseded: Superseded | None = None
    canonicals: Rows | None = None
    versions: NDArray[np.bool_] | None = None

    @property
    def clusters(self) -> Rows:
        """Row of the canonical of each article's cluster."""
        return self.kept if self.canonicals is None else self.canonicals

    def without(self, found: Superseded) -> Partition:
        """Partition in which these versions are dropped."""
        kept, to_kept = self.kept.copy(), Verdicts.exact(len(self.kept))
        to_kept.put(np.arange(len(kept)), self.to_kept)
        kept[found.rows] = self.kept[found.chosen[found.rows]]
        to_kept.put(found.rows, found.verdicts)
        return self._replace(kept=kept, to_kept=to_kept, superseded=None, canonicals=self.kept)

    def counts(self, damaged: int = 0, replaced: int = 0, unread_dates: int = 0) -> Counts:
        """How many articles went where."""
        n_articles = len(self.ids)
        dropped = self.kept != np.arange(n_articles)
        copies = dropped & (self.kept == self.clusters)
        exact = int((copies & (self.to_leader.relations == 0)).sum())
        kept = n_articles - int(dropped.sum())
        versions = int(dropped.sum()) - int(copies.sum())
        return Counts(
            read=n_articles,
            kept=kept,
            exact=exact,
            near=n_articles - kept - exact - versions,
            versions=versions,
            damaged=damaged,
            repeated_ids=self.repeated_ids,
            replaced=replaced,
            walks_cut=self.walks_cut,
            untitled=self.untitled,
            unblocked=self.unblocked,
            undated=self.undated,
            unread_dates=unread_dates,
        )


@dataclass(frozen=True)
class DedupResult:
    """Articles, which of them to keep, and whose copies the others are.

    Parameters
    ----------
    articles : sequence of Article
        As given, in order.
    partition : Partition
        What was found, as arrays.
    passages : sequence of ReusedPassage
        What articles of different clusters share, where that was asked for.
    boilerplate : sequence of Boilerplate
        What was left out of the comparison: lines, then stretches of lines; the commonest of each first.
    affixes : sequence of Affix
        What was taken off headlines beside what is known everywhere, by host.
    """

    articles: Sequence[Article]
    partition: Partition
    passages: Sequence[ReusedPassage] = ()
    boilerplate: Sequence[Boilerplate] = ()
    affixes: Sequence[Affix] = ()

    @cached_property
    def kept(self) -> list[Article]:
        """The articles to keep, in the order given."""
        rows = self.partition.kept.tolist()
        return [article for row, article in enumerate(self.articles) if rows[row] == row]

    @cached_property
    def _ids(self) -> list[str]:
        return list(self.partition.ids)

    @cached_property
    def duplicates(self) -> list[Match]:
        """The others, each with the article it is a copy or a version of and why, in the order given."""
        part, ids = self.partition, self._ids
        return [
            Match(ids[row], ids[kept], self._verdict(row), ids[leader], part.to_leader.of(row))
            for row, (kept, leader) in enumerate(zip(part.kept.tolist(), part.leaders.tolist(), strict=True))
            if kept != row
        ]

    def _verdict(self, row: int) -> Comparison:
        """Verdict on an article against the kept one, with what their headlines and their pages say."""
        titles = self.partition.titles
        verdict = self.partition.to_kept.of(row)
        changed = self.partition.versions
        return replace(
            verdict,
            title_match=None if titles is None else titles.of(row),
            version=changed is not None and bool(changed[row]),
        )

    @cached_property
    def clusters(self) -> list[Cluster]:
        """Every cluster, those of one article included, in the order of their first article.

        They are of texts, and go by the name of the article that is kept; of a cluster of which only other versions of pages
        are left, nothing is kept.
        """
        members: dict[int, list[str]] = {}
        for row, canonical in enumerate(self.partition.clusters.tolist()):
            members.setdefault(canonical, []).append(self._ids[row])
        return [Cluster(self._ids[canonical], tuple(ids)) for canonical, ids in members.items()]

    @cached_property
    def counts(self) -> Counts:
        """How many articles went where."""
        return self.partition.counts()
