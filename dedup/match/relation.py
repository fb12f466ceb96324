"""The one place where a relation is decided: scores and limits in, relation out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from dedup.errors import ParameterError
from dedup.match.similarity import SCALE, Overlap, Overlaps
from dedup.pair import RELATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.pair import Relation, Retelling

#: Probability from which on something is said to be so.
LIKELY = 0.5
_CODE = {relation: code for code, relation in enumerate(RELATIONS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a pair is a copy.

    Parameters
    ----------
    resemblance : float, default=0.4
        Enough alone: the threshold.
    containment, coverage, continuity : float, default=0.45, 0.25, 0.75
        Enough together: an abridged or edited copy, whose shared shingles lie spread over the whole shorter text.
        Where they fill one part of it only, it is an excerpt or a roundup; measured in
        docs/decisions/0004-abridged-or-excerpt.md.
    excerpt : float, default=0.7
        Containment from which on a text that is no copy is an excerpt.
    """

    resemblance: float = 0.4
    containment: float = 0.45
    coverage: float = 0.25
    continuity: float = 0.75
    excerpt: float = 0.7

    def __post_init__(self) -> None:
        for name in ("resemblance", "containment", "coverage", "continuity", "excerpt"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ParameterError(
                    f"{name} is {getattr(self, name)}; a number above 0 and at most 1 is needed"
                )

    @classmethod
    def for_threshold(cls, threshold: float) -> Limits:
        """Limits for a threshold: an abridged copy is contained at least as far as the threshold asks.

        Examples
        --------
        >>> Limits.for_threshold(0.4) == Limits(), Limits.for_threshold(0.9).containment
        (True, 0.9)
        """
        return cls(resemblance=threshold, containment=max(cls().containment, threshold))

    def least_resemblance(self, low: float, high: float) -> float:
        """Lowest resemblance of a copy where the shorter text has from `low` to `high` of the longer one's shingles.

        It is the threshold, or what containment and coverage imply; above 1 if there can be no copy at all.

        Examples
        --------
        >>> round(Limits().least_resemblance(1.0, 1.0), 4), Limits().least_resemblance(0.0, 0.1) > 1
        (0.2903, True)
        """
        lowest = self.resemblance if self.resemblance <= high else math.inf
        if self.coverage > high:
            return lowest
        # What is implied falls while coverage asks for more shared shingles than containment does, then it rises.
        ratio = min(max(self.coverage / self.containment, self.coverage, low), high)
        shared = max(self.containment * ratio, self.coverage)
        return min(lowest, shared / (1.0 + ratio - shared))


def scaled(limit: float) -> int:
    """Limit in ten-thousandths, as scores are counted."""
    return round(limit * SCALE)


@overload
def is_near(scores: Overlap, limits: Limits) -> bool: ...
@overload
def is_near(scores: Overlaps, limits: Limits) -> NDArray[np.bool_]: ...
def is_near(scores: Overlap | Overlaps, limits: Limits) -> bool | NDArray[np.bool_]:
    """Whether one text is a near copy of the other; for one pair or, element by element, for many."""
    return resembles(scores, limits) | (
        may_abridge(scores, limits) & (scores.continuity >= scaled(limits.continuity))
    )


@overload
def resembles(scores: Overlap, limits: Limits) -> bool: ...
@overload
def resembles(scores: Overlaps, limits: Limits) -> NDArray[np.bool_]: ...
def resembles(scores: Overlap | Overlaps, limits: Limits) -> bool | NDArray[np.bool_]:
    """Whether the resemblance alone makes a copy."""
    return scores.resemblance >= scaled(limits.resemblance)


@overload
def may_abridge(scores: Overlap, limits: Limits) -> bool: ...
@overload
def may_abridge(scores: Overlaps, limits: Limits) -> NDArray[np.bool_]: ...
def may_abridge(scores: Overlap | Overlaps, limits: Limits) -> bool | NDArray[np.bool_]:
    """Whether continuity is what decides if the shorter is an abridged or edited copy."""
    return (scores.containment >= scaled(limits.containment)) & (scores.coverage >= scaled(limits.coverage))


def decide(
    scores: Overlap,
    limits: Limits,
    *,
    equal: bool = False,
    template: bool = False,
    passage: bool = False,
    retelling: Retelling | None = None,
) -> Relation:
    """Relation of a pair: the first that holds.

    Parameters
    ----------
    scores : Overlap
        Of the pair.
    limits : Limits
        From where on it is a copy.
    equal : bool, default=False
        Whether the normalised texts are equal, and have a word.
    template : bool, default=False
        Whether what differs makes them two reports over one template (:mod:`dedup.match.lookalikes`).
    passage : bool, default=False
        Whether they share a passage that is long enough.
    retelling : Retelling, optional
        How probable it is that they tell the same; not asked for if None.

    Returns
    -------
    {"exact", "near", "template", "excerpt", "overlap", "rewrite", "same_story", "unrelated"}

    Examples
    --------
    >>> decide(Overlap(resemblance=3900, containment=9000, coverage=4100, continuity=9500), Limits())
    'near'
    >>> decide(Overlap(resemblance=1200, containment=9000, coverage=1300, continuity=9500), Limits())
    'excerpt'
    """
    if equal:
        return "exact"
    if is_near(scores, limits):
        return "template" if template else "near"
    if scores.containment >= scaled(limits.excerpt):
        return "excerpt"
    if passage:
        return "overlap"
    if retelling and retelling.rewrite_probability >= LIKELY:
        return "rewrite"
    return "same_story" if retelling and retelling.same_story_probability >= LIKELY else "unrelated"


def turning_threshold(scores: Overlap, relation: Relation) -> float | None:
    """Threshold at which the verdict would be another: the highest at which a pair is near, or the lowest at which not.

    Parameters
    ----------
    scores : Overlap
        Of the pair.
    relation : {"exact", "near", "template", "excerpt", "overlap", "rewrite", "same_story", "unrelated"}
        What it is now.

    Returns
    -------
    float or None
        None where no threshold would change it.

    Examples
    --------
    >>> turning_threshold(Overlap(resemblance=3700, containment=5000, coverage=4100, continuity=5000), "overlap")
    0.37
    """
    if relation == "exact":
        return None
    near = relation == "near"
    steps = (scores.resemblance, scores.resemblance + 1, scores.containment, scores.containment + 1)
    turning = [
        step / SCALE
        for step in steps
        if 0 < step <= SCALE and is_near(scores, Limits.for_threshold(step / SCALE)) != near
    ]
    if not turning:
        return None
    return min(turning) if near else max(turning)


def holding_thresholds(scores: Overlaps) -> NDArray[np.int64]:
    """Highest threshold at which each pair is near by what is known of it, in ten-thousandths.

    It is one step below :func:`turning_threshold` of a pair that is near: either limit that a threshold raises may hold it.
    Where continuity was not asked for, resemblance alone does.
    """
    limits = Limits()
    abridged = may_abridge(scores, limits) & (scores.continuity >= scaled(limits.continuity))
    return np.where(abridged, np.maximum(scores.resemblance, scores.containment), scores.resemblance)


def decide_many(
    scores: Overlaps,
    limits: Limits,
    equal: NDArray[np.bool_],
    *,
    template: NDArray[np.bool_] | None = None,
    passage: bool = False,
) -> NDArray[np.int8]:
    """Relations of many pairs as places in ``RELATIONS``; equal to :func:`decide` of each.

    Whether they share a passage is said of all of them together: a run has not looked for any.
    """
    other = _CODE["overlap" if passage else "unrelated"]
    codes = np.where(scores.containment >= scaled(limits.excerpt), _CODE["excerpt"], other)
    near = is_near(scores, limits)
    codes[near] = _CODE["near"]
    if template is not None:
        codes[near & template] = _CODE["template"]
    codes[equal] = _CODE["exact"]
    return codes.astype(np.int8)
