"""Passages: the stretches of text that two texts share, or that one text repeats, and where they stand."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from sys import intern
from typing import TYPE_CHECKING

from dedup.match.alignment import Aligned, align, align_with_itself, count_paired
from dedup.match.seeding import Places, seed_width
from dedup.pair import Passage, Span
from dedup.text.tokens import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_WORDS = 20
_LONG = 4096  # words of a text whose n-grams are placed once for all alignments


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A tokenised text.

    Attributes
    ----------
    words : sequence of str
        Normalised.
    starts, stops : sequence of int
        Where each stands, in characters of the original.
    often : bool, default=False
        Whether it will be aligned with several texts: then its n-grams are placed once for all.
    """

    words: Sequence[str]
    starts: Sequence[int]
    stops: Sequence[int]
    often: bool = False
    _places: dict[int, Places] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, text: str, *, often: bool = False) -> Words:
        """Tokenise a text."""
        return cls(*split_words(text), often)

    def without(self, spans: Sequence[Span]) -> Words:
        """The words that do not begin in one of the spans, which are in the order of the text."""
        kept: list[int] = []
        ahead, stop = iter(spans), 0
        span = next(ahead, None)
        for place, start in enumerate(self.starts):
            while span is not None and span.start <= start:
                stop = max(stop, span.stop)
                span = next(ahead, None)
            if start >= stop:
                kept.append(place)
        columns = ([column[place] for place in kept] for column in (self.words, self.starts, self.stops))
        return Words(*columns)  # type: ignore[arg-type]

    def packed(self) -> Words:
        """The same in a tenth of the memory, to be kept among many."""
        return Words([*map(intern, self.words)], array("q", self.starts), array("q", self.stops))

    def places(self, width: int) -> Places | None:
        """N-grams of a text that is long or aligned often, placed once; None of another one."""
        if len(self.words) < _LONG and not self.often:
            return None
        if width not in self._places:
            self._places[width] = Places(self.words, width)
        return self._places[width]


def find_passages(one: str, other: str, *, least_words: int = LEAST_WORDS) -> tuple[Passage, ...]:
    """Find all stretches of text that two texts share.

    Parameters
    ----------
    one, other : str
        Any texts.
    least_words : int, default=20
        Words of the shortest passage.

    Returns
    -------
    tuple of Passage
        In the order of `one`. Whatever stands in both is part of a passage; what stands in a text several times is
        paired with as many places as are needed to say so, not with all. Swapped texts give swapped passages.

    Notes
    -----
    About a millisecond for a pair of news articles, most of it for tokenising. A passage goes on over changed words
    if it has matched at least twice as many, and over 12 at most.

    Examples
    --------
    >>> old = "Police said: the bridge will stay closed until Friday, when engineers look at it again."
    >>> new = "Update. The bridge will stay shut until Friday, when engineers look at it again."
    >>> for passage in find_passages(old, new, least_words=8):
    ...     print(old[passage.one.start : passage.one.stop], passage.similarity)
    the bridge will stay closed until Friday, when engineers look at it again 0.923
    """
    return passages_of(Words.of(one), Words.of(other), least_words=least_words)


def find_repeats(text: str, *, least_words: int = LEAST_WORDS) -> tuple[Passage, ...]:
    """Find all stretches of a text that stand in it again, further down.

    Parameters
    ----------
    text : str
        Any text.
    least_words : int, default=20
        Words of the shortest passage.

    Returns
    -------
    tuple of Passage
        Each with its earlier place as `one` and a later one as `other`; they do not overlap. A stretch that stands
        there three times makes two passages or three.

    Examples
    --------
    >>> find_repeats("The pool is to close. Nobody was asked. The pool is to close!", least_words=5)[0].other
    Span(start=40, stop=60)
    """
    return repeats_of(Words.of(text), least_words=least_words)


def passages_of(
    one: Words, other: Words, *, least_words: int = LEAST_WORDS, most_places: int | None = None
) -> tuple[Passage, ...]:
    """Passages of two texts that are tokenised; see :func:`find_passages` and :func:`~dedup.match.alignment.align`."""
    swapped = (len(one.words), one.words) > (len(other.words), other.words)  # so that the order can't matter
    first, second = (other, one) if swapped else (one, other)
    width, n_words = seed_width(least_words), len(one.words)
    if one.words == other.words:
        aligned = [Aligned(0, n_words, 0, n_words, n_words)] * (n_words >= least_words)
    else:
        aligned = align(first.words, second.words, least_words, second.places(width), most_places)
    passages = place(first, second, aligned, least_words)
    if swapped:
        passages = [Passage(p.other, p.one, p.n_words, p.similarity) for p in passages]
    return tuple(sorted(passages))


def repeats_of(text: Words, *, least_words: int = LEAST_WORDS) -> tuple[Passage, ...]:
    """Repeated passages of a text that is tokenised; see :func:`find_repeats`."""
    aligned = align_with_itself(text.words, least_words)
    return tuple(sorted(place(text, text, aligned, least_words)))


def place(one: Words, other: Words, aligned: Sequence[Aligned], least_words: int) -> list[Passage]:
    """Passages as characters of the originals."""
    passages = []
    for found in aligned:
        one_start, one_stop = _whole_characters(one, found.one_start, found.one_stop)
        other_start, other_stop = _whole_characters(other, found.other_start, found.other_stop)
        placed = Aligned(one_start, one_stop, other_start, other_stop, found.paired)
        if placed.n_words < least_words:
            continue
        if placed != found:
            paired = count_paired(one.words[one_start:one_stop], other.words[other_start:other_stop])
            placed = placed._replace(paired=paired)
        passages.append(
            Passage(
                Span(one.starts[one_start], one.stops[one_stop - 1]),
                Span(other.starts[other_start], other.stops[other_stop - 1]),
                placed.n_words,
                placed.similarity,
            )
        )
    return passages


def _whole_characters(text: Words, start: int, stop: int) -> tuple[int, int]:
    """Leave out words at the ends that share their character with a word outside: ``ﷺ`` is four words."""
    while start < stop and start and text.starts[start] < text.stops[start - 1]:
        start += 1
    while start < stop < len(text.words) and text.starts[stop] < text.stops[stop - 1]:
        stop -= 1
    return start, stop
