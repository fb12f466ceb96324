"""Reworked text: what two texts share in many short stretches, none of which is as long as a passage.

Who rewrites a text keeps pieces of its sentences, in their order. Each piece may be chance, a name or a formula; many of
them, close together, are not. Pieces are chained as in a local alignment (Smith and Waterman 1981), each chain counts
for what it has beyond what chance gives texts of these lengths (Karlin and Altschul 1990), and the chains are summed
(Karlin and Altschul 1993). Measured in docs/decisions/0015-reworked-text.md.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

from dedup.match.alignment import align_chain
from dedup.match.cues import find_cue
from dedup.match.passages import Words, place
from dedup.match.seeding import Places, Run, join_seeds, shared_seeds
from dedup.pair import Passage
from dedup.text.paragraphs import split_paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WIDTH = 3  # words of the shortest stretch
_WIDEST = 12  # words that must be equal at most where fewer stand all over both texts
_MOST = 6.0  # words that a stretch counts for: a longer one is one quotation, one title, one formula
_OPENING = 1.0  # what a stretch costs: only that words follow each other says something
_GAP = 20  # words between two stretches of a chain, at most
_GAP_COST = 0.25  # what each of them costs
_LIGHT = 0.5  # what a name or a number counts for: two reports of one event share them anyway
_ENOUGH = 8.0  # what all chains have together, beyond what chance gives each of them
_WHOLE = 0.8  # share of the words of two lines that makes them one line, printed twice


class _Side(NamedTuple):
    """A text, tokenised."""

    text: str
    words: Words


class _Piece(NamedTuple):
    """A part of a run that lies in one line of each text, and the number of each line."""

    line: int
    other_line: int
    run: Run


class _Link(NamedTuple):
    """How a run goes on a chain: score so far, number of the run before or -1, words that both runs have."""

    score: float
    before: int
    doubled: int


def find_reworked(one: str, other: str, *, least_words: int) -> tuple[Passage, ...]:
    """Find what one text reworks of the other, or both of a third.

    Parameters
    ----------
    one, other : str
        Any texts.
    least_words : int
        Words that they must share in all stretches together.

    Returns
    -------
    tuple of Passage
        In the order of `one`, each from a stretch that both have to another one near by. None if there is not enough for
        reworked text. Swapped texts give swapped passages.

    Notes
    -----
    A tenth of what tokenising costs. Lines that stand in both texts as they are say nothing, nor do lines with a phrase
    of boilerplate. A name, a number, or a character of a script without spaces counts for half a word.

    Examples
    --------
    >>> old = "The council voted to close the old swimming pool, because its repair would cost more than a new one. "
    >>> old += "Those who gathered outside the town hall said that nobody had asked them, and children from the three "
    >>> old += "schools nearby would have nowhere to learn."
    >>> new = "On Monday the council voted to close the old pool: repair would cost more than building. A crowd who "
    >>> new += "gathered outside the town hall complained that nobody had asked them; children from the three schools "
    >>> new += "in the village would have nowhere to go."
    >>> for passage in find_reworked(old, new, least_words=20):
    ...     print(passage.n_words, passage.similarity)
    40 0.8192
    """
    return reworked_of((one, other), (Words.of(one), Words.of(other)), least_words=least_words)


def reworked_of(
    texts: tuple[str, str], words: tuple[Words, Words], *, least_words: int
) -> tuple[Passage, ...]:
    """What two texts that are tokenised rework of each other; see :func:`find_reworked`."""
    sides = [_Side(text, of_text) for text, of_text in zip(texts, words, strict=True)]
    swapped = (len(words[0].words), words[0].words) > (len(words[1].words), words[1].words)
    one, other = sides[::-1] if swapped else sides
    told = _tell(one, other, least_words)
    aligned = [align_chain(one.words.words, other.words.words, linked) for linked in told]
    passages = place(one.words, other.words, aligned, 1)
    if swapped:
        passages = [Passage(p.other, p.one, p.n_words, p.similarity) for p in passages]
    return tuple(sorted(passages))


def _tell(one: _Side, other: _Side, least_words: int) -> list[list[Run]]:
    """Chains that chance does not make, if together they are enough; `one` is the shorter text."""
    runs = _share_runs(one.words, other.words)
    # Most pairs of texts end here; of the rest, most do before lines are searched for cues, which costs more.
    for leave_out in (_are_one_line, _have_cue):
        if sum(min(run.length, _MOST) - _OPENING for run in runs) < _ENOUGH:
            return []
        runs = sorted(_leave_out(runs, one, other, leave_out))
        chance = math.log10(len(one.words.words) * len(other.words.words)) / 2
        chains = [found for found in _chain(runs, _weigh(one)) if found[0] > chance]
        n_words = sum(run.length for _, linked in chains for run in linked)
        if n_words < least_words or math.fsum(score - chance for score, _ in chains) < _ENOUGH:
            return []
    return [linked for _, linked in chains]


def _share_runs(one: Words, other: Words) -> list[Run]:
    """Stretches of equal words, in the order of the first text."""
    there = other.places(_WIDTH) or Places.shared(one.words, other.words, _WIDTH)
    return join_seeds(shared_seeds(Places(one.words, _WIDTH, there.grams), there, _WIDEST, None))


def _leave_out(
    runs: Sequence[Run],
    one: _Side,
    other: _Side,
    tells: Callable[[Sequence[str], Sequence[str], int], bool],
) -> Iterator[Run]:
    """Runs without what lies in lines of which the words, and the number of those they share, tell to leave it out."""
    bounds, other_bounds = _bounds(one), _bounds(other)
    pieces = [[*_split(run, bounds, other_bounds)] for run in runs]
    shared: Counter[tuple[int, int]] = Counter()
    for piece in chain.from_iterable(pieces):
        shared[piece.line, piece.other_line] += piece.run.length
    left_out = {
        (line, other_line)
        for (line, other_line), n_words in shared.items()
        if tells(
            one.words.words[bounds[line] : bounds[line + 1]],
            other.words.words[other_bounds[other_line] : other_bounds[other_line + 1]],
            n_words,
        )
    }
    for parts in pieces:
        yield from _rejoin(piece.run for piece in parts if (piece.line, piece.other_line) not in left_out)


def _are_one_line(line: Sequence[str], other_line: Sequence[str], n_words: int) -> bool:
    """Whether two lines that share so many words are one line, printed twice."""
    return n_words >= _WHOLE * max(len(line), len(other_line))


def _have_cue(line: Sequence[str], other_line: Sequence[str], _n_words: int) -> bool:
    """Whether a phrase gives one of two lines away as boilerplate."""
    return find_cue(line) is not None or find_cue(other_line) is not None


def _bounds(side: _Side) -> list[int]:
    """Numbers of the words with which the lines of a text begin, and how many words it has."""
    starts = side.words.starts
    begins = {bisect_left(starts, paragraph.start) for paragraph in split_paragraphs(side.text)}
    return sorted(begins | {0, len(starts)})


def _split(run: Run, bounds: Sequence[int], other_bounds: Sequence[int]) -> Iterator[_Piece]:
    """Cut a run where a line of either text ends."""
    done = 0
    while done < run.length:
        line = bisect_right(bounds, run.one + done)
        other_line = bisect_right(other_bounds, run.other + done)
        stop = min(run.length, bounds[line] - run.one, other_bounds[other_line] - run.other)
        yield _Piece(line - 1, other_line - 1, Run(run.one + done, run.other + done, stop - done))
        done = stop


def _rejoin(parts: Iterator[Run]) -> Iterator[Run]:
    """Put parts of a run together again that follow each other; what is too short then is no stretch."""
    joined: list[Run] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last and last.one + last.length == part.one:
            joined[-1] = Run(last.one, last.other, last.length + part.length)
        else:
            joined.append(part)
    return (run for run in joined if run.length >= _WIDTH)


def _weigh(side: _Side) -> list[float]:
    """What the words up to each place of a text count for."""
    words, starts, stops = side.words.words, side.words.starts, side.words.stops
    touching = {number for number in range(1, len(starts)) if starts[number] <= stops[number - 1]}

    def count(number: int) -> float:
        initial = side.text[starts[number]]
        light = (
            initial != initial.lower()
            or any(map(str.isdigit, words[number]))
            or number in touching
            or number + 1 in touching
        )
        return _LIGHT if light else 1.0

    return [*accumulate(map(count, range(len(words))), initial=0.0)]


def _chain(runs: Sequence[Run], weights: Sequence[float]) -> Iterator[tuple[float, list[Run]]]:
    """Chains of runs that have no word in common, best first, each with its score."""
    links = _link_runs(runs, weights)
    taken, other_taken = set[int](), set[int]()
    for last in sorted(range(len(runs)), key=lambda number: (-links[number].score, number)):
        linked: list[Run] = []
        number, doubled = last, 0
        while number >= 0:
            run = runs[number]
            places = range(run.one, run.one + run.length), range(run.other, run.other + run.length)
            if not taken.isdisjoint(places[0]) or not other_taken.isdisjoint(places[1]):
                break
            if linked:
                linked[-1] = _cut(linked[-1], doubled)
            linked.append(run)
            doubled, number = links[number].doubled, links[number].before
        if linked:
            for run in linked:
                taken.update(range(run.one, run.one + run.length))
                other_taken.update(range(run.other, run.other + run.length))
            yield links[last].score - (links[number].score if number >= 0 else 0.0), linked[::-1]


def _link_runs(runs: Sequence[Run], weights: Sequence[float]) -> list[_Link]:
    """The best chain that ends with each run."""
    links: list[_Link] = []
    latest: dict[int, int] = {}
    for number, run in enumerate(runs):
        best = _Link(_value(run, weights), -1, 0)
        diagonal = run.other - run.one
        for near in range(diagonal - _GAP, diagonal + _GAP + 1):
            before = latest.get(near, -1)
            if before >= 0:
                one = runs[before].one + runs[before].length
                other = runs[before].other + runs[before].length
                doubled = max(0, one - run.one, other - run.other)
                gap = max(run.one + doubled - one, run.other + doubled - other)
                if gap <= _GAP and run.length - doubled >= _WIDTH:
                    more = _value(_cut(run, doubled), weights) - gap * _GAP_COST
                    best = max(best, _Link(links[before].score + more, before, doubled))
        links.append(best)
        latest[diagonal] = number
    return links


def _value(run: Run, weights: Sequence[float]) -> float:
    """What a stretch counts for."""
    return min(weights[run.one + run.length] - weights[run.one], _MOST) - _OPENING


def _cut(run: Run, n_words: int) -> Run:
    """A run without its first words, which the run before it has too."""
    return Run(run.one + n_words, run.other + n_words, run.length - n_words)
