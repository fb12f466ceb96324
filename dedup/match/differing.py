"""What differs between two texts: their words aligned, in plain Python.

A run of five words that stands once in each text anchors them to each other; between anchors, short stretches are
aligned word by word. Linear in the length of the texts, whatever they hold. The twin for many pairs is
:mod:`dedup.kernels.differing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH = 5  #: words of an anchor
CELLS = 4096  #: most pairs of words for which a stretch between anchors is aligned word by word


class Slot(NamedTuple):
    """A place where the texts differ: words ``one[start:stop]`` against ``other[other_start:other_stop]``.

    ``inside`` says that anchors stand before and behind it, so that it is no byline, dateline or footer.
    """

    start: int
    stop: int
    other_start: int
    other_stop: int
    inside: bool


class Gap(NamedTuple):
    """The stretches between two anchors, or before the first, or behind the last."""

    start: int
    stop: int
    other_start: int
    other_stop: int


def slots(one: Sequence[int], other: Sequence[int]) -> list[Slot]:
    """Places where two texts differ, in their order.

    Parameters
    ----------
    one, other : sequence of int
        Words, as :func:`dedup.text.shingling.code_word` gives them.

    Returns
    -------
    list of Slot
        Passages that moved count as dropped and added.

    Examples
    --------
    >>> frame = list(range(12))
    >>> slots(frame, [*frame[:6], 99, *frame[7:]])
    [Slot(start=6, stop=7, other_start=6, other_stop=7, inside=True)]
    """
    gaps = list(_gaps(one, other))
    found = []
    for number, gap in enumerate(gaps):
        inside = 0 < number < len(gaps) - 1
        start, stop, other_start, other_stop = _trim(one, other, gap)
        left, right = one[start:stop], other[other_start:other_stop]
        if left and right and len(left) * len(right) <= CELLS:
            found += [
                Slot(start + a, start + b, other_start + c, other_start + d, inside)
                for a, b, c, d in _align(left, right)
            ]
        elif left or right:
            found.append(Slot(start, stop, other_start, other_stop, inside))
    return found


def lead(one: Sequence[int], other: Sequence[int]) -> int:
    """Words before the first run of ``WIDTH`` that stands in the other text too, wherever; where they are fewer.

    How much of the lead is another's: what is told in another order, as an extract may, is not.
    """
    places, other_places = _single(one), _single(other)
    shared = [gram for gram, place in places.items() if place >= 0 and other_places.get(gram, -1) >= 0]
    if not shared:
        return min(len(one), len(other))
    return min(min(map(known.__getitem__, shared)) for known in (places, other_places))


def _gaps(one: Sequence[int], other: Sequence[int]) -> Iterator[Gap]:
    """Stretches between anchors, one more than there are anchors; some are empty."""
    places, other_places = _single(one), _single(other)
    at = other_at = start = other_start = 0
    while at <= len(one) - WIDTH:
        gram = tuple(one[at : at + WIDTH])
        place = other_places.get(gram, -1)
        if place < other_at or places[gram] < 0:
            at += 1
            continue
        yield Gap(start, at, other_start, place)
        other_at = place
        while at < len(one) and other_at < len(other) and one[at] == other[other_at]:
            at += 1
            other_at += 1
        start, other_start = at, other_at
    yield Gap(start, len(one), other_start, len(other))


def _single(words: Sequence[int]) -> dict[tuple[int, ...], int]:
    """Where each run of ``WIDTH`` words stands; -1 if it stands more than once."""
    places: dict[tuple[int, ...], int] = {}
    for start in range(len(words) - WIDTH + 1):
        gram = tuple(words[start : start + WIDTH])
        places[gram] = -1 if gram in places else start
    return places


def _trim(one: Sequence[int], other: Sequence[int], gap: Gap) -> Gap:
    """Without the words that both stretches begin or end with."""
    start, stop, other_start, other_stop = gap
    while start < stop and other_start < other_stop and one[start] == other[other_start]:
        start += 1
        other_start += 1
    while start < stop and other_start < other_stop and one[stop - 1] == other[other_stop - 1]:
        stop -= 1
        other_stop -= 1
    return Gap(start, stop, other_start, other_stop)


def _align(one: Sequence[int], other: Sequence[int]) -> Iterator[Gap]:
    """What lies between the words of a longest common subsequence; of equally long ones, words of `one` go first."""
    n, m = len(one), len(other)
    common = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        row, below = common[i], common[i + 1]
        for j in range(m - 1, -1, -1):
            row[j] = below[j + 1] + 1 if one[i] == other[j] else max(below[j], row[j + 1])
    i = j = start = other_start = 0
    while i < n and j < m:
        if one[i] == other[j]:
            if i > start or j > other_start:
                yield Gap(start, i, other_start, j)
            i, j = i + 1, j + 1
            start, other_start = i, j
        elif common[i + 1][j] >= common[i][j + 1]:
            i += 1
        else:
            j += 1
    if start < n or other_start < m:
        yield Gap(start, n, other_start, m)
