"""How probable it is that two texts tell the same, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retelling:
    """How probable it is that two texts tell the same, whatever words they share.

    Attributes
    ----------
    rewrite_probability : float
        That one tells the other again in other words: the same report.
    same_story_probability : float
        That both are about one event: another report of it too.
    title_similarity : float or None
        How alike people would grade the headlines, from 0 to 1; of the texts where neither article has a headline and
        both texts are as short as one. None else. All three are rounded to 4 decimals.
    names, numbers, words : tuple of str
        What both have of each, as the first text writes it, what weighs most first.
    """

    rewrite_probability: float
    same_story_probability: float
    title_similarity: float | None
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
