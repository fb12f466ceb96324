"""A row of the table: our figure on a set, what it is worth, and what stands beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.gold.references import REFERENCES, Reference
from benchmarks.report import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS = (
    "set",
    "measure",
    "of",
    "ours",
    "scores",
    "target",
    "lexical, same run",
    "reference: cheap",
    "best",
)
LESS_IS_BETTER = "calibration error"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes
    ----------
    set, measure : str
    size : int
        Pairs or articles it is of.
    ours : float or None
        None where there is nothing to measure yet; `scores` says why.
    scores : str
        Where our scores come from: whether what was trained had seen the set.
    lexical : mapping of str to float
        The same measure of cheap lexical methods, at the threshold that is best for them on this set.
    """

    set: str
    measure: str
    size: int
    ours: float | None
    scores: str
    lexical: Mapping[str, float] = field(default_factory=dict)

    @property
    def reference(self) -> Reference:
        """What is known of this measure from elsewhere."""
        whole = REFERENCES.get((self.set, self.measure))
        return whole or REFERENCES.get((self.set, self.measure.partition(":")[0]), Reference())

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached by the figure as it is shown; None without either."""
        target = self.reference.target
        if target is None or self.ours is None:
            return None
        shown = round(self.ours, 3)
        return shown <= target if self.measure.startswith(LESS_IS_BETTER) else shown >= target

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "reference": asdict(self.reference), "met": self.is_met}


def render(rows: Iterable[Row]) -> str:
    """Markdown table."""
    return table(COLUMNS, [cells(row) for row in rows])


def cells(row: Row) -> Sequence[str]:
    known = row.reference
    target = "" if known.target is None else f"{known.target:.3f}"
    return (
        row.set,
        row.measure,
        f"{row.size:,}",
        "" if row.ours is None else f"{row.ours:.3f}",
        row.scores,
        f"{target} missed" if row.is_met is False else target,
        ", ".join(f"{name} {value:.3f}" for name, value in row.lexical.items()),
        known.cheap,
        known.best,
    )
