"""Which lines of a page are compared with which: those that share heavy terms, within limits that keep it linear."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

#: Heaviest terms of a line that propose others; lines that each term proposes, the first and the last before this one;
#: and earlier lines that one is compared with.
MOST_TERMS, FIRST_LINES, LAST_LINES, MOST_PARTNERS = 32, 16, 16, 8


class Proposals(NamedTuple):
    """Pairs to compare, the earlier line first, and how many there were beside them."""

    pairs: list[tuple[int, int]]
    passed_over: int


def propose(lines: Sequence[AbstractSet[str]], weights: Mapping[str, float], least: float) -> Proposals:
    """Propose pairs of lines by the weight of the terms that they share.

    Parameters
    ----------
    lines : sequence of set of str
        Terms of each line.
    weights : mapping of str to float
        Of each term; those without weight propose nothing.
    least : float
        Weight of the shared terms that makes a pair.

    Returns
    -------
    Proposals
        For each line its heaviest partners before it, at most ``MOST_PARTNERS``; ties go to the earlier.

    Notes
    -----
    Linear in the number of lines: each asks at most 32 terms, and each term names at most 32 lines.

    Examples
    --------
    >>> propose([{"storm", "north"}, {"vote"}, {"north", "storm"}], {"storm": 1.0, "north": 0.5, "vote": 1.0}, 1.2)
    Proposals(pairs=[(0, 2)], passed_over=0)
    """
    firsts: defaultdict[str, list[int]] = defaultdict(list)
    lasts: defaultdict[str, list[int]] = defaultdict(list)
    pairs: list[tuple[int, int]] = []
    passed_over = 0
    for place, terms in enumerate(lines):
        weighty = sorted(
            (term for term in terms if weights[term] > 0.0), key=lambda term: (-weights[term], term)
        )
        shared: defaultdict[int, float] = defaultdict(float)
        for term in weighty[:MOST_TERMS]:
            for partner in (*firsts[term], *lasts[term]):
                shared[partner] += weights[term]
            _remember(firsts[term], lasts[term], place)
        partners = sorted((-weight, partner) for partner, weight in shared.items() if weight >= least)
        pairs += sorted((partner, place) for _, partner in partners[:MOST_PARTNERS])
        passed_over += max(0, len(partners) - MOST_PARTNERS)
    return Proposals(pairs, passed_over)


def _remember(firsts: list[int], lasts: list[int], place: int) -> None:
    if len(firsts) < FIRST_LINES:
        firsts.append(place)
        return
    lasts.append(place)
    if len(lasts) > LAST_LINES:
        del lasts[0]
