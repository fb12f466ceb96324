"""What is said of a run over files, when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.article import Counts, Damaged
    from dedup.story import Story, StoryCounts


@dataclass(frozen=True, slots=True)
class Summary:
    """What :func:`dedup.deduplicate_files` did.

    Attributes
    ----------
    counts : Counts
        How many articles went where.
    damaged : tuple of Damaged
        Records that could not be read, in input order.
    fields : mapping of str to mapping of str to str
        For each input, the names under which the fields were found.
    seconds : float
        Wall time.
    unread_date : str or None
        The first date that could not be read.
    stories : StoryCounts or None
        How many stories there are, where that was asked for.
    largest : tuple of Story
        Those of most articles, without their members.
    absent_sources : tuple of str
        Preferred sources that no article has.
    other_files : int
        Files in the directories among the inputs that are of other kinds and were not read.
    other_names : tuple of str
        Some of them: the first 100 in the order of their names.
    memory_beyond : int or None
        Bytes that were held at the most, where they were more than `memory` allowed.
    """

    counts: Counts
    damaged: tuple[Damaged, ...]
    fields: Mapping[str, Mapping[str, str]]
    seconds: float
    unread_date: str | None = None
    stories: StoryCounts | None = None
    largest: tuple[Story, ...] = ()
    absent_sources: tuple[str, ...] = ()
    other_files: int = 0
    other_names: tuple[str, ...] = ()
    memory_beyond: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; stories where they were asked for."""
        told = asdict(self) | {"largest": [story.as_dict() for story in self.largest]}
        return told if self.stories else {name: told[name] for name in told if name not in _OF_STORIES}


MOST_NAMED = 100  # files that were not read
_OF_STORIES = ("stories", "largest")
