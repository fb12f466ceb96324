"""Seeds of an alignment: where two texts, or two places of one, have the same n-gram of words, and runs of them.

All steps are linear in the number of words, but for sorting.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import cycle, product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_WIDTH = 4  # words of a seed, fewer for short passages
_ALL_PAIRS = 64  # pairs of places that one seed may have before more words are asked of it


Gram: TypeAlias = tuple[str, ...]


class Seed(NamedTuple):
    """A place in each text from which on so many words are equal."""

    one: int
    other: int
    length: int


class Places:
    """Where the n-grams of a text stand; wider ones are placed when they are asked for, and remembered.

    Parameters
    ----------
    words : sequence of str
        The text.
    width : int
        Words of an n-gram.
    chosen : container of tuple of str, optional
        The only n-grams that matter; all, if there is none.
    """

    def __init__(self, words: Sequence[str], width: int, chosen: Container[Gram] | None = None) -> None:
        self._words = words
        self.grams: dict[Gram, list[int]] = defaultdict(list)
        self._wider: dict[Gram, dict[Gram, list[int]]] = {}
        for place, gram in enumerate(_grams(words, width)):
            if chosen is None or gram in chosen:
                self.grams[gram].append(place)

    @classmethod
    def shared(cls, one: Sequence[str], other: Sequence[str], width: int) -> Places:
        """Places in the second text of the n-grams that both have."""
        return cls(other, width, set(_grams(one, width)).intersection(_grams(other, width)))

    def widen(self, gram: Gram, places: Iterable[int]) -> dict[Gram, list[int]]:
        """N-grams of twice the words that begin with this one, which stands at these places."""
        if gram not in self._wider:
            width = 2 * len(gram)
            wider = self._wider[gram] = defaultdict(list)
            for place in places:
                if place + width <= len(self._words):
                    wider[tuple(self._words[place : place + width])].append(place)
        return self._wider[gram]


class Run(NamedTuple):
    """So many words that are equal, from a place in each text on."""

    one: int
    other: int
    length: int


def seed_width(least_words: int) -> int:
    """Words of a seed, for passages of so many words at least."""
    if least_words < 1:
        raise ParameterError(f"least_words is {least_words}; a passage has at least 1 word")
    return max(1, min(_WIDTH, least_words // 2))


def _grams(words: Sequence[str], width: int) -> Iterator[Gram]:
    return zip(*(words[shift:] for shift in range(width)), strict=False)


def shared_seeds(here: Places, there: Places, least_words: int, most_places: int | None) -> list[Seed]:
    """Seeds that two texts share, in the order of the first.

    Where an n-gram stands often, as "the minister said on" does in a page of 100,000 paragraphs, twice as many words
    must be equal, and again; what is not equal over so many words as a passage has at least would cost its places in
    the longer text for each of a thousand texts, and find nothing. Where even the widest stands often, its places are
    paired in turn: the first with the first, the second with the second, and the shorter list begins again at its
    end. So no place is without a partner, and a text that repeats itself costs no more pairs than it has words.
    """
    seeds: list[Seed] = []
    waiting = [(gram, places, there.grams[gram]) for gram, places in here.grams.items()]
    while waiting:
        gram, ones, others = waiting.pop()
        length = len(gram)
        if len(ones) * len(others) > _ALL_PAIRS and 2 * length <= least_words:
            wider = there.widen(gram, others)
            waiting += [
                (wide, places, wider[wide])
                for wide, places in here.widen(gram, ones).items()
                if wide in wider
            ]
        else:
            seeds += (Seed(*pair, length) for pair in _pair(ones, others, most_places))
    return sorted(seeds)


def _pair(ones: Sequence[int], others: Sequence[int], most_places: int | None) -> Iterable[tuple[int, int]]:
    """All pairs of a few places; of many each with the next, and those of the shorter list over again."""
    if len(ones) * len(others) <= _ALL_PAIRS:
        return product(ones, others)
    if len(ones) >= len(others):
        return zip(ones, cycle(others), strict=False)
    return zip(cycle(ones), others[: most_places and most_places * len(ones)], strict=False)


def repeated_seeds(words: Sequence[str], width: int, apart: int) -> list[Seed]:
    """Pairs of places of one n-gram that are at least `apart` words apart, the earlier place first.

    All pairs of an n-gram that stands a few times; of others each place with the next one far enough.
    """
    seeds: list[Seed] = []
    for places in Places(words, width).grams.values():
        if len(places) ** 2 <= 2 * _ALL_PAIRS:
            seeds += (
                Seed(here, there, width) for here in places for there in places if there - here >= apart
            )
            continue
        following = iter(places)
        there = next(following)
        for here in places:
            while there - here < apart:
                there = next(following, -1)
                if there < 0:
                    break
            if there < 0:
                break
            seeds.append(Seed(here, there, width))
    return sorted(seeds)


def join_seeds(seeds: Iterable[Seed]) -> list[Run]:
    """Runs of equal words: seeds that overlap or touch on one diagonal, joined; in the order of their begin."""
    begins: list[tuple[int, int]] = []
    stops: list[int] = []
    latest: dict[int, int] = {}
    for one, other, length in seeds:
        number = latest.get(other - one, -1)
        if number >= 0 and one <= stops[number]:
            stops[number] = max(stops[number], one + length)
        else:
            latest[other - one] = len(begins)
            begins.append((one, other))
            stops.append(one + length)
    return [Run(one, other, stop - one) for (one, other), stop in zip(begins, stops, strict=True)]
