"""What is said of two texts: scores, passages, what differs, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

Relation = Literal["exact", "near", "template", "excerpt", "overlap", "rewrite", "same_story", "unrelated"]
#: Every relation, in the order in which they are asked for.
RELATIONS: tuple[Relation, ...] = get_args(Relation)

#: What makes two similar texts look-alikes; see :mod:`dedup.match.lookalikes`.
Ground = Literal["numbers", "names", "titles", "lead"]


@dataclass(frozen=True, slots=True)
class Scores:
    """How alike two texts are, by their sets of shingles; each from 0 to 1, rounded to 4 decimals.

    Attributes
    ----------
    resemblance : float
        Shared shingles by all shingles of both (Jaccard).
    containment : float
        Share of the shorter one's shingles that stand in the other.
    coverage : float
        Share of the longer one's shingles that stand in the other.
    continuity : float or None
        Share of the shorter one that lies in passages of shared shingles, where a gap of at most 20 shingles does
        not end a passage: near 1 for an edited copy, low for a text that shares one part only. None where a run did
        not need it for its verdict.
    """

    resemblance: float
    containment: float
    coverage: float
    continuity: float | None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of an original text: ``text[span.start:span.stop]``."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A stretch of text that two texts share, near-verbatim; or that one reworks of the other.

    Attributes
    ----------
    one, other : Span
        Where it stands in each, in characters of the originals.
    n_words : int
        Words of its shorter side.
    similarity : float
        From 0 to 1, rounded down to 4 decimals: the words of both sides that can be paired in order, by all words of
        both (1 - normalised Indel distance of the normalised words), at least.
    """

    one: Span
    other: Span
    n_words: int
    similarity: float


@dataclass(frozen=True, slots=True)
class LookAlike:
    """What differs between two similar texts, and whether it makes them two reports over one template.

    Attributes
    ----------
    grounds : tuple of {"numbers", "names", "titles", "lead"}
        Why they are no copies; empty if they are.
    numbers, reworded : int
        Places where other numbers, or other words, stand in the same place.
    dropped, added : int
        Words that stand in the first or in the second alone.
    hours_apart : int or None
        Between the publications; None if one is undated.
    examples : tuple of pairs of str
        What stands against each other, first the numbers.
    """

    grounds: tuple[Ground, ...]
    numbers: int
    reworded: int
    dropped: int
    added: int
    hours_apart: int | None
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """How alike the headlines of two articles are; see :mod:`dedup.match.titles`.

    Attributes
    ----------
    score : float
        Words in both by words in either, without what their outlets put around them; rounded to 4 decimals.
    kind : {"same", "near"}
        The same words in the same order, or most of them and nothing that contradicts.
    """

    score: float
    kind: Literal["same", "near"]


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict on a pair.

    Attributes
    ----------
    relation : {"exact", "near", "template", "excerpt", "overlap", "rewrite", "same_story", "unrelated"}
        The first that holds, in this order; a template is near by its scores, but another report. Whether an article is
        a rewrite, or of the same story, is asked where two are compared, not of the dropped articles of a run.
    scores : Scores
        What the verdict rests on.
    lookalike : LookAlike or None
        What differs between texts that are near by their scores; None for others, and for the pairs of a run.
    passages : tuple of Passage
        What they share, in the order of the first text. Empty where passages were not looked for: in a run. They
        are evidence beside the verdict: two verdicts are equal without them.
    ignored : tuple of str
        Boilerplate of the context that stands in the texts and was left out of the comparison; empty in a run.
    title_match : TitleMatch or None
        Whether the headlines are the same or nearly; it says nothing of what stands below them, and decides nothing.
    retelling : Retelling or None
        How probable it is that both tell the same, and what speaks for it; None in a run.
    version : bool
        Whether both are of one page, by its canonical URL, and the text is another; it decides nothing.
    """

    relation: Relation
    scores: Scores
    lookalike: LookAlike | None = field(default=None, compare=False)
    passages: tuple[Passage, ...] = field(default=(), compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)
    title_match: TitleMatch | None = field(default=None, compare=False)
    retelling: Retelling | None = field(default=None, compare=False)
    version: bool = field(default=False, compare=False)

    @property
    def is_copy(self) -> bool:
        """Whether one is a copy of the other."""
        return self.relation in ("exact", "near")
