"""Progress: how far a long piece of work has come, told to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes
    ----------
    stage : str
        One of "reading", "signing" (of texts), "learning" (what is boilerplate), "grouping" (by what texts have in
        common), "verifying" (what has something in common), "stories", "passages", "adding" (to an index), "writing".
    done : int, default=0
        Bytes of the input files, as they lie there (compressed ones too), while reading; texts while signing; pairs of
        texts while verifying; articles while adding. 0 when a stage begins, and where nothing is counted.
    total : int or None
        How many there are; None where that is not known.

    Examples
    --------
    >>> Progress("reading", 250, 1000).share
    0.25
    >>> Progress("grouping").share is None
    True
    """

    stage: str
    done: int = 0
    total: int | None = None

    @property
    def share(self) -> float | None:
        """How much of the stage is done, 0 to 1; None where that is not known."""
        return min(self.done / self.total, 1.0) if self.total else None


class Teller:
    """Tells how far a run has come, or nobody.

    Parameters
    ----------
    told : callable, optional
        Gets each :class:`Progress`.

    Examples
    --------
    >>> tell = Teller(print)
    >>> tell("signing", 3, 12)
    Progress(stage='signing', done=3, total=12)
    """

    __slots__ = ("_told",)

    def __init__(self, told: Callable[[Progress], object] | None = None) -> None:
        self._told = told

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Tell where there is somebody to be told."""
        if self._told is not None:
            self._told(Progress(stage, done, total))


#: Tells nobody.
SILENT = Teller()
