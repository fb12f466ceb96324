"""Examples of copies to read, over the whole range of resemblance, so that borderline ones are among them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.article import Place
from dedup.match.similarity import SCALE
from dedup.match.verification import UNKNOWN
from dedup.pair import Comparison, Scores

if TYPE_CHECKING:
    from dedup.io.batches import Batch
    from dedup.probing import Pairs, Sample

#: Examples that are shown.
EXAMPLES = 10
#: Characters of a text that are shown.
OPENING = 80
#: Ranges of resemblance from which examples are drawn, and one for equal texts.
_RANGES = 10


@dataclass(frozen=True, slots=True)
class Side:
    """One article of an example.

    Attributes
    ----------
    id : str or None
        As given, or the URL.
    place : Place
        Where it stands.
    opening : str
        First words of what is compared.
    """

    id: str | None
    place: Place
    opening: str


@dataclass(frozen=True, slots=True)
class Example:
    """Two articles that are copies.

    Attributes
    ----------
    sampled, other : Side
        One was drawn, and the other found.
    verdict : Comparison
        What they are to each other, and with which scores.
    """

    sampled: Side
    other: Side
    verdict: Comparison

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        sides = {
            name: {
                "id": side.id,
                "input": side.place.input,
                "record": side.place.record,
                "text": side.opening,
            }
            for name, side in (("sampled", self.sampled), ("other", self.other))
        }
        return {"relation": self.verdict.relation, **asdict(self.verdict.scores), **sides}


class _Drawn(NamedTuple):
    """An example that waits to be chosen; a lower lot is chosen first."""

    lot: float
    example: Example


class Examples:
    """Draws a few of many pairs, so many from each range of resemblance.

    Parameters
    ----------
    seed : int
        Of the lots.
    """

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._ranges: list[list[_Drawn]] = [[] for _ in range(_RANGES + 1)]

    def add(self, pairs: Pairs, drawn: Sample) -> None:
        """Take in the copies in a batch."""
        ranges = np.minimum(pairs.scores.resemblance * _RANGES // SCALE, _RANGES - 1)
        ranges[pairs.equal] = _RANGES
        lots = self._chance.random(len(ranges))
        limits = np.array([held[-1].lot if len(held) == EXAMPLES else np.inf for held in self._ranges])
        for pair in np.flatnonzero(lots < limits[ranges]).tolist():
            example = _example(pairs, pair, drawn)
            if example.sampled.place != example.other.place:
                held = self._ranges[int(ranges[pair])]
                held.append(_Drawn(float(lots[pair]), example))
                held.sort(key=lambda one: one.lot)
                del held[EXAMPLES:]

    def chosen(self) -> tuple[Example, ...]:
        """Ten of them, or as many as there are: one of each range in turn; the least alike first, equal ones last."""
        taken: list[tuple[int, Example]] = []
        seen: set[frozenset[Place]] = set()
        for turn in range(EXAMPLES):
            for number, held in enumerate(self._ranges):
                if turn < len(held) and len(taken) < EXAMPLES:
                    example = held[turn].example
                    pair = frozenset([example.sampled.place, example.other.place])
                    if pair not in seen:
                        seen.add(pair)
                        taken.append((number, example))
        taken.sort(key=lambda one: (one[0], one[1].verdict.scores.resemblance))
        return tuple(example for _, example in taken)


def _example(pairs: Pairs, pair: int, drawn: Sample) -> Example:
    probe, row = int(pairs.probes[pair]), int(pairs.rows[pair])
    if pairs.equal[pair]:
        verdict = Comparison("exact", Scores(1.0, 1.0, 1.0, 1.0))
    else:
        resemblance, containment, coverage, continuity = (int(column[pair]) for column in pairs.scores)
        known = None if continuity == UNKNOWN else continuity / SCALE
        scores = Scores(resemblance / SCALE, containment / SCALE, coverage / SCALE, known)
        verdict = Comparison("near", scores)
    place = Place(pairs.name, int(pairs.numbers[row]))
    return Example(_side(drawn.batch, probe, drawn.places[probe]), _side(pairs.batch, row, place), verdict)


def _side(batch: Batch, row: int, place: Place) -> Side:
    opening = " ".join(batch.texts[row][: 8 * OPENING].decode(errors="ignore").split())
    if len(opening) > OPENING:
        opening = opening[: OPENING - 1] + "…"
    return Side(batch.ids[row], place, opening)
