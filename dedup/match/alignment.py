"""Alignment of two sequences of words: the stretches that they share, or that one repeats, near-verbatim.

Shared n-grams of words are the seeds. Seeds that follow each other word for word make a run; runs that follow each
other in both texts, with a few words between, make a chain; chains are taken best first, each if it covers words that
no better one has covered. All steps are linear in the number of words, but for sorting.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from dedup.match.seeding import Places, Run, join_seeds, repeated_seeds, seed_width, shared_seeds
from dedup.match.similarity import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = 12  # words between two runs that do not end a passage
_GAP_COST = 2  # matched words that one changed word costs
_REST = 3  # words that must match behind a changed word at the end of a passage


#: Words of each text that a passage has already.
Covered: TypeAlias = tuple[set[int], set[int]]


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
    start = _stands_once(one, other, there, width) if len(one) >= least_words else -1
    if start >= 0:
        return [Aligned(0, len(one), start, start + len(one), len(one))]
    chains = _chain(
        join_seeds(shared_seeds(Places(one, width, there.grams), there, least_words, most_places))
    )
    return _choose(one, other, chains, least_words)


def _stands_once(one: Sequence[str], other: Sequence[str], there: Places, width: int) -> int:
    """Where the whole of one text stands in the other, no n-gram of it standing anywhere else; -1 if it does not.

    A passage of one article stands so in most others that have it; there is nothing to align then (half the time of a
    run with passages on bench/long, 2026-11).
    """
    starts = there.grams.get(tuple(one[:width]), ())
    if len(starts) != 1 or list(other[starts[0] : starts[0] + len(one)]) != list(one):
        return -1
    stop = starts[0] + len(one) - width + 1
    grams = zip(*(other[starts[0] + shift : stop + shift] for shift in range(width)), strict=True)
    return starts[0] if all(len(there.grams[gram]) == 1 for gram in grams) else -1


def align_with_itself(words: Sequence[str], least_words: int) -> list[Aligned]:
    """Stretches that a text repeats, the best first; the two places of one do not overlap."""
    width = seed_width(least_words)
    chains = _chain(join_seeds(repeated_seeds(words, width, least_words)))
    apart = [part for chain in chains for part in _take_apart(chain)]
    return _choose(words, words, apart, least_words)


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
        found = _extend(one, other, align_chain(one, other, chain), covered, repeated=repeated)
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


def align_chain(one: Sequence[str], other: Sequence[str], chain: Sequence[Run]) -> Aligned:
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
