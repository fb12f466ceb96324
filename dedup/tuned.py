"""What is said of bands before a run: how they cut signatures, what they miss, and what thresholds do to one dump."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dedup.sketch.banding import chance, choose_bands, expected_candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.article import Counts, Damaged
    from dedup.pair import Comparison

#: What a run asks for where nobody says otherwise.
DEFAULT = (0.4, 0.95)
#: How far above the threshold the misses are told too.
ABOVE = (0.0, 0.05, 0.1)
#: Resemblances at which the S-curve is told, and edges of the histogram.
STEPS = tuple(step / 20 for step in range(1, 21))
_VALUE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """Bands for a threshold and a recall.

    Attributes
    ----------
    threshold, recall : float
        What was asked for.
    bands, rows : int
        How signatures are cut for it.
    candidates : float
        Share of unrelated pairs that are proposed, see :func:`dedup.sketch.banding.expected_candidates`.
    """

    threshold: float
    recall: float
    bands: int
    rows: int
    candidates: float

    @classmethod
    def choose(cls, threshold: float, recall: float, max_perm: int) -> Cut:
        """Cut that a run takes; see :func:`dedup.sketch.banding.choose_bands`.

        Examples
        --------
        >>> cut = Cut.choose(0.4, 0.95, 256)
        >>> cut.bands, cut.rows, cut.num_perm, cut.signature_bytes, round(cut.chance(0.4), 4)
        (46, 3, 138, 552, 0.9523)
        """
        bands, rows = choose_bands(threshold, recall, max_perm)
        return cls(threshold, recall, bands, rows, expected_candidates(bands, rows))

    @property
    def num_perm(self) -> int:
        """Permutations."""
        return self.bands * self.rows

    @property
    def signature_bytes(self) -> int:
        """Size of a signature."""
        return self.num_perm * _VALUE_BYTES

    @property
    def is_default(self) -> bool:
        """Whether it is that of a run where nobody asks for another."""
        return (self.threshold, self.recall) == DEFAULT

    def chance(self, resemblance: float) -> float:
        """Chance that a pair of this resemblance is proposed."""
        return chance(resemblance, self.bands, self.rows)

    @property
    def misses(self) -> tuple[float, ...]:
        """Share of the pairs that are missed, of those at the threshold, 0.05 and 0.1 above it (but not above 1)."""
        return tuple(1.0 - self.chance(min(self.threshold + above, 1.0)) for above in ABOVE)

    @property
    def curve(self) -> tuple[tuple[float, float], ...]:
        """The S-curve: resemblance, and the chance to be proposed."""
        return tuple((step, self.chance(step)) for step in STEPS)

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; shares rounded to 8 decimals."""
        return {
            **asdict(self),
            "candidates": round(self.candidates, 8),
            "num_perm": self.num_perm,
            "signature_bytes": self.signature_bytes,
            "promised": round(self.chance(self.threshold), 8),
            "misses": [round(share, 8) for share in self.misses],
            "default": self.is_default,
            "curve": [[step, round(share, 8)] for step, share in self.curve],
        }


@dataclass(frozen=True, slots=True)
class Impossible:
    """A threshold and a recall that can't be met.

    Attributes
    ----------
    threshold, recall : float
        What was asked for.
    reason : str
        Why not, and what can be met.
    """

    threshold: float
    recall: float
    reason: str


@dataclass(frozen=True, slots=True)
class ResemblanceBin:
    """Pairs of different texts in a dump whose resemblance lies in a range.

    Attributes
    ----------
    low, high : float
        From `low` up to, and not at, `high`; at 1 too in the last.
    verified : int
        Pairs that shared a band and were compared.
    estimated : float or None
        Pairs that there are in the dump. None where more than half would share no band: too little is known of them.
    """

    low: float
    high: float
    verified: int
    estimated: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a threshold does to a dump.

    Attributes
    ----------
    cut : Cut
        Threshold, recall and bands.
    counts : Counts
        What :func:`dedup.deduplicate` would do with this threshold and recall, exactly.
    pairs : float
        Pairs of different texts in the dump that resemble at the threshold or above, estimated.
    missed : float
        How many of them share no band, expected.
    """

    cut: Cut
    counts: Counts
    pairs: float
    missed: float

    @property
    def missed_share(self) -> float:
        """Expected share of the pairs that share no band; 0 where there is no pair."""
        return self.missed / self.pairs if self.pairs else 0.0

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "threshold": self.cut.threshold,
            "recall": self.cut.recall,
            "counts": asdict(self.counts),
            "pairs": round(self.pairs, 1),
            "missed": round(self.missed, 1),
            "missed_share": round(self.missed_share, 6),
        }


@dataclass(frozen=True, slots=True)
class Borderline:
    """An article that one threshold drops and the next one keeps, and the one that is kept in its place.

    Attributes
    ----------
    id, duplicate_of : str
        The article, and whose copy it is called.
    verdict : Comparison
        On the two.
    holds_to : float
        Highest threshold at which they are copies, by the scores of the verdict.
    titles, openings : tuple of two str
        Of the two: titles, empty without one, and how what is compared begins.
    """

    id: str
    duplicate_of: str
    verdict: Comparison
    holds_to: float
    titles: tuple[str, str]
    openings: tuple[str, str]

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        scores = self.verdict.scores
        return {
            "id": self.id,
            "duplicate_of": self.duplicate_of,
            "relation": self.verdict.relation,
            "resemblance": scores.resemblance,
            "containment": scores.containment,
            "coverage": scores.coverage,
            "holds_to": self.holds_to,
            "titles": list(self.titles),
            "openings": list(self.openings),
        }


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between a threshold and the next.

    Attributes
    ----------
    threshold : float
        It drops the articles.
    upper : float or None
        It keeps them. None above the last threshold: then those are listed that it drops as no exact copies, and that hold to
        less than 0.05 above it.
    count : int
        How many articles that are.
    articles : tuple of Borderline
        All of them, or the `examples` that are nearest to each of the two thresholds; those that the lowest threshold would part first.
    """

    threshold: float
    upper: float | None
    count: int
    articles: tuple[Borderline, ...]

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "threshold": self.threshold,
            "upper": self.upper,
            "count": self.count,
            "articles": [article.as_dict() for article in self.articles],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What thresholds do to one dump.

    Attributes
    ----------
    texts : int
        Different texts that have a word.
    meetings : int
        How often two of them share a band, of the cut with the lowest threshold.
    looked_at : int
        How many of these were looked at: all, or a sample of `max_pairs`.
    verified : int
        Different pairs among them, each of them compared.
    histogram : tuple of ResemblanceBin
        Of these pairs.
    effects : tuple of Effect
        Of each cut.
    between : tuple of Between
        Articles to read, for each threshold, with the lowest recall asked for.
    damaged : tuple of Damaged
        Records that could not be read, in input order; of files.
    fields : mapping of str to mapping of str to str
        For each input, the names under which the fields were found; of files.
    unread_date : str or None
        The first date that could not be read; of files.
    """

    texts: int
    meetings: int
    looked_at: int
    verified: int
    histogram: tuple[ResemblanceBin, ...]
    effects: tuple[Effect, ...]
    between: tuple[Between, ...]
    damaged: tuple[Damaged, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread_date: str | None = None

    def with_reading(
        self,
        damaged: Sequence[Damaged],
        replaced: int,
        fields: Mapping[str, Mapping[str, str]],
        unread_dates: int,
        unread_date: str | None,
    ) -> Survey:
        """Survey of files, with what is known of their reading; `replaced` and `unread_dates` go to the counts."""
        effects = tuple(
            replace(
                effect,
                counts=replace(
                    effect.counts,
                    damaged=len(damaged),
                    replaced=effect.counts.replaced + replaced,
                    unread_dates=unread_dates,
                ),
            )
            for effect in self.effects
        )
        return replace(self, effects=effects, damaged=tuple(damaged), fields=fields, unread_date=unread_date)

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "texts": self.texts,
            "meetings": self.meetings,
            "looked_at": self.looked_at,
            "verified": self.verified,
            "histogram": [asdict(one) for one in self.histogram],
            "effects": [effect.as_dict() for effect in self.effects],
            "between": [gap.as_dict() for gap in self.between],
            "damaged": [asdict(item) for item in self.damaged],
            "fields": self.fields,
            "unread_date": self.unread_date,
        }


@dataclass(frozen=True, slots=True)
class Tuning:
    """Bands for thresholds and recalls, and what they do to a dump.

    Attributes
    ----------
    cuts : tuple of Cut
        By threshold, then by recall.
    impossible : tuple of Impossible
        What can't be met within the permutations allowed.
    survey : Survey or None
        Where a dump was given.
    """

    cuts: tuple[Cut, ...]
    impossible: tuple[Impossible, ...] = ()
    survey: Survey | None = None

    @property
    def chosen(self) -> Cut:
        """The default where it is among the cuts, else the first."""
        return next((cut for cut in self.cuts if cut.is_default), self.cuts[0])

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "cuts": [cut.as_dict() for cut in self.cuts],
            "impossible": [asdict(one) for one in self.impossible],
            "survey": self.survey.as_dict() if self.survey else None,
        }
