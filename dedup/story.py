"""What is said of stories: which there are, which article tells which, and what it is to the one that stands for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dedup.article import Cluster, Damaged
    from dedup.pair import Relation


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event, in whatever words.

    Attributes
    ----------
    id : str
        That of the article that stands for the story, the one nearest its middle; it is kept of its cluster.
    headline : str or None
        Of that article, without what outlets and wires put around it; None where it has no title.
    size : int
        Articles, copies included.
    clusters : int
        Different texts, copies counted once.
    first, last : datetime or None
        When the earliest and the latest article were published, in UTC; None where none has a date.
    members : tuple of str
        Ids of the articles in input order; empty in a summary of files.
    """

    id: str
    headline: str | None
    size: int
    clusters: int
    first: datetime | None
    last: datetime | None
    members: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; the members where they are listed."""
        told = {
            "id": self.id,
            "headline": self.headline,
            "size": self.size,
            "clusters": self.clusters,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }
        return told | {"members": [*self.members]} if self.members else told


@dataclass(frozen=True, slots=True)
class Tie:
    """What an article is to the one that stands for its story.

    Attributes
    ----------
    relation : Relation
        "exact", "near", "template" or "excerpt" by their texts, as in :class:`dedup.Comparison`; else "rewrite" if one
        tells the other again in other words, else "same_story".
    same_story_probability : float
        That both tell the same story, rounded to 4 decimals.
    evidence : str
        What speaks for it, in words; empty where nothing is shared.
    title_match : float or None
        Likeness of the headlines as in :class:`dedup.Comparison`; None where they are different.
    """

    relation: Relation
    same_story_probability: float
    evidence: str
    title_match: float | None


@dataclass(frozen=True, slots=True)
class StoryCounts:
    """How many stories there are, and what was left out.

    Attributes
    ----------
    read, clusters, stories : int
        Articles; different texts, copies counted once; stories, those of one article included.
    shared : int
        Stories that several texts tell.
    articles : int
        Articles that tell those.
    undated : int
        Articles without a date: nothing is said of when they were published.
    wordless : int
        Texts without a term, each a story of its own.
    frequent : int
        Terms in so many texts that they proposed nobody; they counted where others did.
    neighbours : int
        Candidates beyond the best of a text, not looked at.
    repeated_ids, replaced, walks_cut, unread_dates, damaged, records_damaged, records_truncated, records_not_html : int
        As in :class:`dedup.Counts`.
    """

    read: int
    clusters: int
    stories: int
    shared: int
    articles: int
    undated: int
    wordless: int
    frequent: int
    neighbours: int
    repeated_ids: int = 0
    replaced: int = 0
    walks_cut: int = 0
    unread_dates: int = 0
    damaged: int = 0
    records_damaged: int = 0
    records_truncated: int = 0
    records_not_html: int = 0


@dataclass(frozen=True, slots=True)
class StoryResult:
    """Articles in memory, and which story each tells.

    Attributes
    ----------
    stories : tuple of Story
        Those of most articles first; of as many, the earliest, undated last, then by id.
    story_ids : tuple of str
        Story of each article, in input order.
    story_of : mapping of str to str
        Id of each article to that of its story; ids that stood twice are told apart as in :attr:`clusters`.
    clusters : sequence of Cluster
        Copies, as :func:`dedup.deduplicate` finds them. The members of one are in one story.
    counts : StoryCounts
        How many, and what was left out.
    """

    stories: tuple[Story, ...]
    story_ids: tuple[str, ...]
    story_of: Mapping[str, str]
    clusters: Sequence[Cluster]
    counts: StoryCounts


@dataclass(frozen=True, slots=True)
class StorySummary:
    """The stories of files.

    Attributes
    ----------
    largest : tuple of Story
        Those of most articles, without their members.
    counts : StoryCounts
        How many, and what was left out.
    damaged, fields, seconds, unread_date
        As in :class:`dedup.Summary`.
    """

    largest: tuple[Story, ...]
    counts: StoryCounts
    damaged: tuple[Damaged, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seconds: float = 0.0
    unread_date: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return asdict(self) | {"largest": [story.as_dict() for story in self.largest]}
