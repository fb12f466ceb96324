"""What an index says of an article."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any, NamedTuple

from dedup.article import Passage, Relation, Scores, TitleMatch


class Verdict(NamedTuple):
    """Whether an article was seen before, and where.

    Attributes
    ----------
    id : str
        The article: its id as given, its URL, or the hash of its text.
    cluster : str
        Id of its cluster: that of the article that began it. It does not change as long as the cluster lives.
    duplicate_of : str or None
        The article of the cluster that is kept, or with a window, if that is too far away, the earliest that is not;
        None for what is new.
    relation : {"exact", "near", "template", "excerpt", "overlap", "unrelated"} or None
        To that article; None for what is new. A duplicate was verified against the leader of its cluster, so to the
        article that is kept it may be less than near.
    scores : Scores or None
        To that article.
    leader_scores : Scores or None
        To the leader of the cluster, where that is another article.
    title_match : TitleMatch or None
        Whether the headlines of the two are the same, or nearly.
    version : bool
        Whether the id was known with another text. Its relation and scores are then to the earlier version, if it is
        that one's copy and no other's.
    repeated : bool
        Whether the id was known with this very text: this is what was said then, and nothing was stored.
    replaces : str or None
        The article in whose place it is kept from now on.
    passages : tuple of Passage
        What the two share, first the spans in this article; where asked for.
    """

    id: str
    cluster: str
    duplicate_of: str | None = None
    relation: Relation | None = None
    scores: Scores | None = None
    leader_scores: Scores | None = None
    title_match: TitleMatch | None = None
    version: bool = False
    repeated: bool = False
    replaces: str | None = None
    passages: tuple[Passage, ...] = ()

    @property
    def is_duplicate(self) -> bool:
        """Whether it is a copy of another article that was seen before."""
        return self.duplicate_of is not None

    @property
    def resemblance(self) -> float | None:
        """Resemblance to :attr:`duplicate_of`."""
        return self.scores.resemblance if self.scores else None

    @property
    def containment(self) -> float | None:
        """Containment of the shorter one of the two in the other."""
        return self.scores.containment if self.scores else None

    @property
    def coverage(self) -> float | None:
        """Share of the longer one of the two that the other has."""
        return self.scores.coverage if self.scores else None

    @property
    def continuity(self) -> float | None:
        """As in :class:`dedup.Scores`."""
        return self.scores.continuity if self.scores else None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it, the scores beside the rest.

        Examples
        --------
        >>> Verdict("b", "a").as_dict()["is_duplicate"]
        False
        """
        title = self.title_match
        return {
            "id": self.id,
            "is_duplicate": self.is_duplicate,
            "relation": self.relation,
            "duplicate_of": self.duplicate_of,
            "cluster": self.cluster,
            **{name: getattr(self, name) for name in _SCORES},
            "leader": asdict(self.leader_scores) if self.leader_scores else None,
            "title_match": title.score if title else None,
            "title_kind": title.kind if title else None,
            "version": self.version,
            "repeated": self.repeated,
            "replaces": self.replaces,
            "passages": [asdict(passage) for passage in self.passages],
        }

    def pack(self) -> bytes:
        """What an index keeps of it; nothing for what is new."""
        if self.scores is None and not self.version:
            return b""
        title, leader = self.title_match, self.leader_scores
        record = {
            "of": self.duplicate_of,
            "relation": self.relation,
            "scores": _numbers(self.scores),
            "leader": _numbers(leader),
            "title": [title.score, title.kind] if title else None,
            "version": self.version,
            "replaces": self.replaces,
        }
        return json.dumps({name: value for name, value in record.items() if value}).encode()

    @classmethod
    def unpack(cls, data: bytes, doc_id: str, cluster: str) -> Verdict:
        """What was said of an article once, said again.

        Examples
        --------
        >>> first = Verdict("b", "a", "a", "near", Scores(0.5, 0.9, 0.6, None))
        >>> again = Verdict.unpack(first.pack(), "b", "a")
        >>> again.repeated, again.duplicate_of, again.scores == first.scores
        (True, 'a', True)
        """
        record = json.loads(data) if data else {}
        title = record.get("title")
        return cls(
            doc_id,
            cluster,
            record.get("of"),
            record.get("relation"),
            _scores(record.get("scores")),
            _scores(record.get("leader")),
            TitleMatch(*title) if title else None,
            record.get("version", False),
            repeated=True,
            replaces=record.get("replaces"),
        )


_SCORES = tuple(field.name for field in fields(Scores))


def _numbers(scores: Scores | None) -> list[float | None] | None:
    return [getattr(scores, name) for name in _SCORES] if scores else None


def _scores(numbers: list[Any] | None) -> Scores | None:
    return Scores(*numbers) if numbers else None
