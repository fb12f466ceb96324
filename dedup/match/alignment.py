"""Alignment of two sequences of words: the stretches that they share, or that one repeats, near-verbatim.

Shared n-grams of words are the seeds. Seeds that follow each other word for word make a run; runs that follow each
other in both texts, with a few words between, make a chain; chains are taken best first, each if it covers words that
no better one has covered. All steps are linear in the number of words, but for sorting.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import cycle, pairwise, product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dedup.errors import ParameterError
from dedup.match.similarity import SCALE

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_WIDTH = 4  # words of a seed, fewer for short passages
_ALL_PAIRS = 64  # pairs of places that one seed may have before more words are asked of it
_GAP = 12  # words between two runs that do not end a passage
_GAP_COST = 2  # matched words that one changed word costs
_REST = 3  # words that must match behind a changed word at the end of a passage


Gram: TypeAlias = tuple[str, ...]
#: Words of each text that a passage has already.
Covered: TypeAlias = tuple[set[int], set[int]]


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


class Aligned(NamedTuple):
    """A passage in words: where it begins and ends in each text, and how many words are paired."""

    one_start: int
    one_stop: int
    other_start: int
    other_stop: int
    paired: int

    @property
    def n_words(self) -> int:
        """Words of the shorter side."""
        return min(self.one_stop - self.one_start, self.other_stop - self.other_start)

    @property
    def similarity(self) -> float:
        """Share of the words of both sides that are paired, rounded down to 4 decimals."""
        n_both = self.one_stop - self.one_start + self.other_stop - self.other_start
        return 2 * SCALE * self.paired // n_both / SCALE


def align(
    one: Sequence[str],
    other: Sequence[str],
    least_words: int,
    places: Places | None = None,
    most_places: int | None = None,
) -> list[Aligned]:
    """Stretches that two texts share, the best first; not symmetric.

    Parameters
    ----------
    one, other : sequence of str
        Words; `other` is the longer.
    least_words : int
        Words of the shortest stretch.
    places : Places, optional
        Those of `other` for the :func:`seed_width`, if they are known already.
    most_places : int, optional
        Of a stretch that `other` holds over and over, so many places are found for each in `one`; all, if not given.

    Returns
    -------
    list of Aligned
    """
    width = seed_width(least_words)
    there = Places.shared(one, other, width) if places is None else places
    chains = _chain(_join(_shared_seeds(Places(one, width, there.grams), there, least_words, most_places)))
    return _choose(one, other, chains, least_words)


def align_with_itself(words: Sequence[str], least_words: int) -> list[Aligned]:
    """Stretches that a text repeats, the best first; the two places of one do not overlap."""
    width = seed_width(least_words)
    chains = _chain(_join(_repeated_seeds(words, width, least_words)))
    apart = [part for chain in chains for part in _take_apart(chain)]
    return _choose(words, words, apart, least_words)


def seed_width(least_words: int) -> int:
    """Words of a seed, for passages of so many words at least."""
    if least_words < 1:
        raise ParameterError(f"least_words is {least_words}; a passage has at least 1 word")
    return max(1, min(_WIDTH, least_words // 2))


def _grams(words: Sequence[str], width: int) -> Iterator[Gram]:
    return zip(*(words[shift:] for shift in range(width)), strict=False)


def _shared_seeds(here: Places, there: Places, least_words: int, most_places: int | None) -> list[Seed]:
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


def _repeated_seeds(words: Sequence[str], width: int, apart: int) -> list[Seed]:
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


def _join(seeds: Iterable[Seed]) -> list[Run]:
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


class _Link(NamedTuple):
    """How a run goes on a chain: score so far, number of the run before or -1, words that both runs have."""

    score: int
    before: int
    doubled: int


def _chain(runs: Sequence[Run]) -> list[list[Run]]:
    """Chains of runs, best first: words matched, less what the gaps cost."""
    links: list[_Link] = []
    latest: dict[int, int] = {}
    for number, run in enumerate(runs):
        diagonal = run.other - run.one
        best = _Link(run.length, -1, 0)
        for near in range(diagonal - _GAP, diagonal + _GAP + 1):
            before = latest.get(near, -1)
            if before >= 0:
                link = _link(runs[before], run, links[before].score, before)
                best = max(best, link, key=lambda found: found.score) if link else best
        links.append(best)
        latest[diagonal] = number
    chains = []
    used = bytearray(len(runs))
    doubled = 0
    for last in sorted(range(len(runs)), key=lambda number: (-links[number].score, number)):
        chain: list[Run] = []
        number = last
        while number >= 0 and not used[number]:
            used[number] = 1
            if chain:
                chain[-1] = _cut(chain[-1], doubled)
            chain.append(runs[number])
            doubled, number = links[number].doubled, links[number].before
        if chain:
            chains.append(chain[::-1])
    return chains


def _cut(run: Run, n_words: int) -> Run:
    """A run without its first words, which the run before it has too."""
    return Run(run.one + n_words, run.other + n_words, run.length - n_words)


def _link(before: Run, run: Run, score: int, number: int) -> _Link | None:
    """Link from one run to the next, if it is near enough and worth what the gap costs."""
    one, other = before.one + before.length, before.other + before.length
    doubled = max(0, one - run.one, other - run.other)
    gap = max(run.one + doubled - one, run.other + doubled - other)
    cost = gap * _GAP_COST
    if doubled >= run.length or gap > _GAP or cost > score:
        return None
    return _Link(score + run.length - doubled - cost, number, doubled)


def _take_apart(chain: Sequence[Run]) -> Iterator[list[Run]]:
    """Cut a chain of one text with itself where it would run into its own later place."""
    part: list[Run] = []
    for run in chain:
        rest = run
        while rest.length:
            limit = part[0].other if part else rest.other
            taken = min(rest.length, limit - rest.one)
            if taken <= 0:
                yield part
                part = []
                continue
            part.append(Run(rest.one, rest.other, taken))
            rest = _cut(rest, taken)
    yield part


def _choose(
    one: Sequence[str], other: Sequence[str], chains: Sequence[list[Run]], least_words: int
) -> list[Aligned]:
    """Take the chains, best first, that cover enough words of either text that are not covered yet."""
    chosen: list[Aligned] = []
    covered: Covered = (
        set(),
        set(),
    )  # not as long as the texts: one may be a page, aligned with a thousand others
    repeated = one is other
    for chain in chains:
        found = _extend(one, other, _align(one, other, chain), covered, repeated=repeated)
        if found.n_words < least_words:
            continue
        places = range(found.one_start, found.one_stop), range(found.other_start, found.other_stop)
        if max(_count_fresh(places[0], covered[0]), _count_fresh(places[1], covered[1])) >= least_words:
            chosen.append(found)
            covered[0].update(places[0])
            covered[1].update(places[1])
    return chosen


def _count_fresh(places: range, covered: set[int]) -> int:
    """Places that are not covered yet."""
    return len(places) - sum(map(covered.__contains__, places)) if covered else len(places)


def _align(one: Sequence[str], other: Sequence[str], chain: Sequence[Run]) -> Aligned:
    """Span of a chain, and its paired words: those of the runs and, of the gaps, the longest common subsequence."""
    first, last = chain[0], chain[-1]
    paired = sum(run.length for run in chain)
    for before, run in pairwise(chain):
        begin, other_begin = before.one + before.length, before.other + before.length
        if begin < run.one and other_begin < run.other:
            paired += count_paired(one[begin : run.one], other[other_begin : run.other])
    return Aligned(first.one, last.one + last.length, first.other, last.other + last.length, paired)


def count_paired(one: Sequence[str], other: Sequence[str]) -> int:
    """Words that two texts have in common in the same order: the longest common subsequence."""
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415 - equal texts need none

    return int(LCSseq.similarity(one, other))


def _extend(
    one: Sequence[str],
    other: Sequence[str],
    found: Aligned,
    covered: Covered,
    *,
    repeated: bool,
) -> Aligned:
    """Go on at both ends, as far as one of the places is not covered yet.

    Seeds miss the last words behind a changed one, and where n-grams are paired in turn they may miss more.
    """
    one_start, one_stop, other_start, other_stop, paired = found
    limits = other_start if repeated else len(one), len(other)
    ahead, other_ahead, more = _walk(one, other, (one_stop, other_stop), limits, covered, 1)
    one_stop, other_stop, paired = one_stop + ahead, other_stop + other_ahead, paired + more
    limits = -1, one_stop - 1 if repeated else -1
    back, other_back, more = _walk(one, other, (one_start - 1, other_start - 1), limits, covered, -1)
    return Aligned(one_start - back, one_stop, other_start - other_back, other_stop, paired + more)


#: Words to skip in each text at a changed word: a replaced one, one more here, one more there.
_SKIPS = ((0, 0), (1, 1), (0, 1), (1, 0))


def _walk(
    one: Sequence[str],
    other: Sequence[str],
    begin: tuple[int, int],
    limits: tuple[int, int],
    covered: Covered,
    step: int,
) -> tuple[int, int, int]:
    """How far a passage goes on in each text, in steps of 1 or -1, and how many words are paired on the way."""
    i, j = begin
    paired = 0
    room = (limits[0] - i) * step, (limits[1] - j) * step
    ahead = other_ahead = 0

    def equal(skip: int, other_skip: int, length: int) -> bool:
        return (
            ahead + skip + length <= room[0]
            and other_ahead + other_skip + length <= room[1]
            and all(
                one[i + step * (ahead + skip + k)] == other[j + step * (other_ahead + other_skip + k)]
                for k in range(length)
            )
        )

    while ahead < room[0] and other_ahead < room[1]:
        if i + step * ahead in covered[0] and j + step * other_ahead in covered[1]:
            break
        for skip, other_skip in _SKIPS:
            length = _REST if skip or other_skip else 1
            if equal(skip, other_skip, length):
                ahead, other_ahead, paired = (
                    ahead + skip + length,
                    other_ahead + other_skip + length,
                    paired + length,
                )
                break
        else:
            break
    return ahead, other_ahead, paired
