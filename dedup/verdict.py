"""What an index says of an article, and of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.pair import RELATIONS, Passage, Relation, Scores, TitleMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Scores are counted in ten-thousandths.
SCALE = 10_000


class Verdict(NamedTuple):
    """Whether an article was seen before, and where.

    Attributes
    ----------
    id : str
        The article: its id as given, its canonical URL, or the hash of its text.
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
        Whether the id was known with another text, or a duplicate is of the very page (by the canonical URL), with another text. In
        the first case its relation and scores are to the earlier version, if it is that one's copy and no other's.
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
    def is_new(self) -> bool:
        """Whether nothing was known of it: neither a copy, nor its id."""
        return not (self.is_duplicate or self.version or self.repeated)

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
        title = self.title_match
        of, replaced = (
            name.encode("utf-8", "surrogatepass") if name else b""
            for name in (self.duplicate_of, self.replaces)
        )
        head = _HEAD.pack(
            self.version | (title is not None and title.kind == "same") << 1,
            _NOTHING if self.relation is None else RELATIONS.index(self.relation),
            _scaled(title.score if title else None),
            *_numbers(self.scores),
            *_numbers(self.leader_scores),
            len(of),
        )
        return head + of + replaced

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
        if not data:
            return cls(doc_id, cluster, repeated=True)
        flags, relation, title, *numbers, length = _HEAD.unpack_from(data)
        end = _HEAD.size + length
        of, replaced = (
            name.decode("utf-8", "surrogatepass") or None for name in (data[_HEAD.size : end], data[end:])
        )
        return cls(
            doc_id,
            cluster,
            of,
            None if relation == _NOTHING else RELATIONS[relation],
            _scores(numbers[:4]),
            _scores(numbers[4:]),
            None if title == _UNKNOWN else TitleMatch(title / SCALE, "same" if flags & 2 else "near"),
            version=bool(flags & 1),
            repeated=True,
            replaces=replaced,
        )


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index is, and how much is in it.

    Attributes
    ----------
    uri : str
        As it was opened, without a password.
    articles, clusters : int
        Remembered now; each version of an article counts.
    duplicates, walks_cut : int
        Articles added so far that were duplicates; that met more leaders than they were compared with.
    bytes : dict of str to int
        Taken by ``postings``, ``payload`` and ``rest``.
    parameters : dict of str to object
        What it was set up with.
    """

    uri: str
    articles: int
    clusters: int
    duplicates: int
    walks_cut: int
    bytes: dict[str, int]
    parameters: dict[str, Any]


#: Flags, relation, title, the scores of two pairs, and how many bytes an id has.
_HEAD = Struct("<BB9HI")
_NOTHING, _UNKNOWN = 0xFF, 0xFFFF
_SCORES = tuple(field.name for field in fields(Scores))


def _scaled(score: float | None) -> int:
    """Score in ten-thousandths, which it was counted in."""
    return _UNKNOWN if score is None else round(score * SCALE)


def _numbers(scores: Scores | None) -> tuple[int, ...]:
    if scores is None:
        return (_UNKNOWN,) * 4
    return tuple(map(_scaled, (scores.resemblance, scores.containment, scores.coverage, scores.continuity)))


def _scores(numbers: Sequence[int]) -> Scores | None:
    if numbers[0] == _UNKNOWN:
        return None
    resemblance, containment, coverage, continuity = (number / SCALE for number in numbers)
    return Scores(resemblance, containment, coverage, None if numbers[3] == _UNKNOWN else continuity)
