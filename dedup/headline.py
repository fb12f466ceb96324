"""What is said of a headline that stands over several articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dedup.article import Damaged, Place

#: Whether the words are the same, or nearly.
Likeness = Literal["same", "near"]


@dataclass(frozen=True, slots=True)
class Appearance:
    """An article under a repeated headline.

    Attributes
    ----------
    id : str
        Of the article.
    title : str
        As it was printed.
    kind : {"same", "near"}
        What its headline is to that of the group.
    score : float
        Resemblance of the two, rounded to 4 decimals.
    source, host : str or None
        Who published it, and where.
    published : datetime or None
        In UTC.
    place : Place or None
        Where it stands in the inputs, of files.
    cluster : str or None
        Article that is kept of the copies of its text, where that was asked for.
    """

    id: str
    title: str
    kind: Likeness
    score: float
    source: str | None = None
    host: str | None = None
    published: datetime | None = None
    place: Place | None = None
    cluster: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "score": self.score,
            "source": self.source,
            "host": self.host,
            "date": self.published.isoformat() if self.published else None,
            "input": self.place.input if self.place else None,
            "record": self.place.record if self.place else None,
            "cluster": self.cluster,
        }


@dataclass(frozen=True, slots=True)
class RepeatedHeadline:
    """A headline and the articles that have it, or nearly.

    Attributes
    ----------
    headline : str
        As most of them have it, without what outlets and wires put around it.
    articles : tuple of Appearance
        The earliest first, undated last.
    """

    headline: str
    articles: tuple[Appearance, ...]

    @property
    def kind(self) -> Likeness:
        """Whether all have the same words."""
        return "near" if any(article.kind == "near" for article in self.articles) else "same"

    @property
    def score(self) -> float:
        """Of the headline that resembles least."""
        return min(article.score for article in self.articles)

    @property
    def clusters(self) -> int | None:
        """Different texts below it, copies counted once; None where that was not asked for."""
        found = {article.cluster for article in self.articles}
        return None if None in found else len(found)

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "headline": self.headline,
            "kind": self.kind,
            "score": self.score,
            "count": len(self.articles),
            "clusters": self.clusters,
            "articles": [article.as_dict() for article in self.articles],
        }


@dataclass(frozen=True, slots=True)
class HeadlineCounts:
    """How many articles and headlines there are.

    Attributes
    ----------
    read : int
        Articles.
    untitled : int
        Those without a word in their title, which have no headline.
    wordings : int
        Different headlines.
    repeated : int
        Headlines that stand over several articles, as they were asked for.
    articles : int
        Articles under those.
    damaged, replaced, unread_dates, repeated_ids, records_damaged, records_truncated, records_not_html
        As in :class:`dedup.Counts`.
    walks_cut : int
        Headlines that resembled more others than were looked at.
    """

    read: int
    untitled: int
    wordings: int
    repeated: int
    articles: int
    repeated_ids: int = 0
    walks_cut: int = 0
    damaged: int = 0
    replaced: int = 0
    unread_dates: int = 0
    records_damaged: int = 0
    records_truncated: int = 0
    records_not_html: int = 0


@dataclass(frozen=True, slots=True)
class HeadlineReport:
    """The repeated headlines of a dump.

    Attributes
    ----------
    headlines : tuple of RepeatedHeadline
        Over the most articles first; of as many, the earliest.
    counts : HeadlineCounts
        How many there are.
    damaged, fields, seconds, unread_date
        As in :class:`dedup.Summary`.
    """

    headlines: tuple[RepeatedHeadline, ...]
    counts: HeadlineCounts
    damaged: tuple[Damaged, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seconds: float = 0.0
    unread_date: str | None = None
