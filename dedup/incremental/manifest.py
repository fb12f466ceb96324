"""What an index is set up with: it is stored with it, and an index is never used with anything else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dedup.clustering import Agreement
from dedup.errors import ParameterError
from dedup.match.context import Context
from dedup.match.relation import Limits
from dedup.sketch.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Changes whenever what is stored, or what a key or a payload means, would be another.
VERSION = 1
_KINDS: dict[str, type | tuple[type, ...]] = {
    "threshold": (int, float),
    "recall": (int, float),
    "max_perm": int,
    "walk": int,
    "seed": int,
}
_NAMES = ("threshold", "recall", "window", "max_perm", "walk", "seed")
#: The window of an index that has none, in seconds.
NO_WINDOW = -1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Parameters of an index, checked.

    Parameters
    ----------
    threshold, recall : float, default=0.4, 0.95
        As in :func:`dedup.deduplicate`.
    window : int, default=-1
        Seconds between the publication of an article and of another of its cluster, at most; below 0: any.
    max_perm, walk, seed : int, default=256, 128, 1
        As in :func:`dedup.deduplicate`.
    context : Context, optional
        What is left out of every comparison.
    canonical_urls : bool, default=True
        Whether an article without an id is called by its canonical URL. Those of an index that was set up before there were such go on
        to be called by their URLs as given.
    """

    threshold: float = 0.4
    recall: float = 0.95
    window: int = NO_WINDOW
    max_perm: int = 256
    walk: int = 128
    seed: int = 1
    context: Context = Context()  # noqa: RUF009 - frozen
    canonical_urls: bool = True

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, kind):
                raise ParameterError(
                    f"{name} is {value!r}; a {'whole number' if kind is int else 'number'} is needed"
                )
        Context.check(self.context)
        if self.walk < 1:
            raise ParameterError(f"walk is {self.walk}; at least 1 leader must be considered")
        _ = self.recipe, self.limits

    @cached_property
    def recipe(self) -> Recipe:
        """From a text to its keys."""
        return Recipe.for_target(self.threshold, self.recall, max_perm=self.max_perm, seed=self.seed)

    @cached_property
    def limits(self) -> Limits:
        """From where on a pair is a copy."""
        return Limits.for_threshold(self.threshold)

    @cached_property
    def agreement(self) -> Agreement:
        """Which pairs are worth verifying."""
        limits = self.limits
        return Agreement.of(limits.least_resemblance, limits.resemblance, self.recall, self.recipe.num_perm)

    def as_dict(self) -> dict[str, Any]:
        """What is stored, as JSON has it."""
        urls = {"urls": "canonical"} if self.canonical_urls else {}
        return urls | {
            "index": VERSION,
            "threshold": self.threshold,
            "recall": self.recall,
            "window": self.window,
            "max_perm": self.max_perm,
            "walk": self.walk,
            "seed": self.seed,
            "context": self.context.fingerprint,
            "recipe": self.recipe.manifest(),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any], context: Context) -> Manifest:
        """Manifest of an index that is there already.

        Raises
        ------
        ParameterError
            If it was written by a version that does something else.
        """
        if stored.get("index") != VERSION:
            raise ParameterError(
                f"the index is of version {stored.get('index')}, this program reads version {VERSION}; "
                "export it with the program that wrote it, and add it to a new one"
            )
        found = cls(
            **{name: stored[name] for name in _NAMES}, context=context, canonical_urls="urls" in stored
        )
        _compare(stored, found.as_dict(), "this program makes")
        return found

    def check_asked(self, asked: Mapping[str, Any]) -> None:
        """Refuse parameters that are not those of the index.

        Raises
        ------
        ParameterError
            It names both.
        """
        wanted = {
            name: value.fingerprint if isinstance(value, Context) else value for name, value in asked.items()
        }
        _compare(self.as_dict(), wanted, "asked for was")

    def check_same(self, stored: Mapping[str, Any]) -> None:
        """Refuse what an index was set up with since it was opened with this.

        Raises
        ------
        ParameterError
            It names both.
        """
        own = self.as_dict()
        wanted = {name: own[name] for name in (*_NAMES, "context")}
        _compare(stored, wanted, "before anything was added, it was opened here with")


def _compare(stored: Mapping[str, Any], wanted: Mapping[str, Any], verb: str) -> None:
    different = [name for name in wanted if stored.get(name) != wanted[name]]
    if different:
        there = ", ".join(f"{name}={_told(name, stored.get(name))}" for name in different)
        given = ", ".join(f"{name}={_told(name, wanted[name])}" for name in different)
        raise ParameterError(
            f"the index was set up with {there}; {verb} {given}. Open it without these parameters, or make a new one"
        )


def _told(name: str, value: object) -> str:
    if name == "window" and isinstance(value, int):
        return "none" if value < 0 else f"{value / 86400:g}d"
    return str(value)
