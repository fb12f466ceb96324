"""Exact resemblance, containment, coverage and continuity of two sets of shingles.

Scores are counted in ten-thousandths, rounded half up in integer arithmetic, and verdicts are given on the rounded
value: the same on every machine, for one pair in plain Python and for many in NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.kernels.types import Hashes, Rows
    from dedup.text.columns import ShingleTable

    Whole = TypeVar("Whole", int, Rows)
else:
    Whole = TypeVar("Whole")

SCALE = 10_000
#: Shingles without a partner that do not end a passage: an edited word costs five, so a few edits close together.
GAP = 20


class Overlap(NamedTuple):
    """Scores in ten-thousandths; all but continuity are symmetric by definition.

    Attributes
    ----------
    resemblance, containment, coverage, continuity : int or ndarray of int64
        As in :class:`dedup.pair.Scores`.
    """

    resemblance: int
    containment: int
    coverage: int
    continuity: int


class Overlaps(NamedTuple):
    """The scores of many pairs, each an int64 array; continuity is -1 where it was not asked for."""

    resemblance: Rows
    containment: Rows
    coverage: Rows
    continuity: Rows


def rounded(part: Whole, whole: Whole) -> Whole:
    """``part / whole`` in ten-thousandths, rounded half up; 0 of nothing is 0."""
    divisor = whole + (whole == 0)
    return (2 * SCALE * part + divisor) // (2 * divisor)  # type: ignore[no-any-return]


def ratios(shared: Whole, size: Whole, other: Whole) -> tuple[Whole, Whole, Whole]:
    """Resemblance, containment and coverage from the number of shared shingles and of each text's shingles."""
    shorter = (size + other - abs(size - other)) // 2
    longer = size + other - shorter
    return rounded(shared, size + other - shared), rounded(shared, shorter), rounded(shared, longer)


def covered(flags: Sequence[bool], gap: int = GAP) -> int:
    """Length of the runs of true flags, runs no more than `gap` apart joined.

    Examples
    --------
    >>> covered([True, False, True, False, False, False, True], gap=2)
    4
    """
    total, last = 0, -1
    for place, flag in enumerate(flags):
        if flag:
            total += place - last if last >= 0 and place - last <= gap + 1 else 1
            last = place
    return total


def overlap(one: Sequence[int], other: Sequence[int]) -> Overlap:
    """Scores of one pair in plain Python.

    Parameters
    ----------
    one, other : sequence of int
        Distinct shingles, in the order of the text.

    Returns
    -------
    Overlap

    Examples
    --------
    >>> overlap([1, 2, 3, 4], [1, 2, 3, 9, 8, 7])
    Overlap(resemblance=4286, containment=7500, coverage=5000, continuity=7500)
    """
    shorter, longer = sorted((one, other), key=len)
    known = set(longer)
    shared = sum(shingle in known for shingle in shorter)
    if len(one) == len(
        other
    ):  # neither is the shorter: the better of both, so that the order does not matter
        continuity = max(_continuity(shorter, known), _continuity(longer, set(shorter)))
    else:
        continuity = _continuity(shorter, known)
    return Overlap(*ratios(shared, len(one), len(other)), continuity)


def _continuity(shorter: Sequence[int], known: set[int]) -> int:
    return rounded(covered([shingle in known for shingle in shorter]), len(shorter))


def count_pairs(table: ShingleTable, lefts: Rows, rights: Rows) -> Rows:
    """Shared shingles of each pair of rows, int64."""
    from dedup.kernels.overlap import count_shared  # noqa: PLC0415 - numba takes 0.3 s

    longer, shorter, order = _by_longer(table, lefts, rights)
    counts = np.empty(len(lefts), np.int64)
    found = np.empty_like(counts)
    count_shared(table.indptr, table.hashes, longer, shorter, _slots(table, longer), found)
    counts[order] = found
    return counts


def intactness(one: Sequence[int], other: Sequence[int]) -> int:
    """Shared shingles by all shingles of the shorter text between the first and the last of them, in ten-thousandths.

    Near 10,000 where nothing but a head, a tail or a passage differs.

    Examples
    --------
    >>> intactness([8, 1, 2, 9, 3, 8], [1, 2, 3, 4, 5, 6, 7])
    7500
    """
    shorter, longer = sorted((one, other), key=len)
    if len(one) == len(other):
        return max(_intactness(shorter, set(longer)), _intactness(longer, set(shorter)))
    return _intactness(shorter, set(longer))


def _intactness(shorter: Sequence[int], known: set[int]) -> int:
    places = [place for place, shingle in enumerate(shorter) if shingle in known]
    return rounded(len(places), places[-1] - places[0] + 1) if places else 0


def continuities(table: ShingleTable, lefts: Rows, rights: Rows) -> Rows:
    """Continuity of each pair of rows, in ten-thousandths."""
    from dedup.kernels.overlap import cover_runs  # noqa: PLC0415 - numba takes 0.3 s

    sizes = table.sizes
    longer, shorter, order = _by_longer(table, lefts, rights)
    runs = np.empty(len(lefts), np.int64)
    cover_runs(table.indptr, table.hashes, longer, shorter, GAP, _slots(table, longer), runs)
    ties = np.flatnonzero(sizes[longer] == sizes[shorter])
    other = np.empty(len(ties), np.int64)
    cover_runs(
        table.indptr, table.hashes, shorter[ties], longer[ties], GAP, _slots(table, shorter[ties]), other
    )
    runs[ties] = np.maximum(runs[ties], other)
    found = np.empty_like(runs)
    found[order] = rounded(runs, sizes[shorter])
    return found


def fullest_runs(table: ShingleTable, lefts: Rows, rights: Rows) -> Rows:
    """Most shared shingles in one run of the shorter row of each pair, gaps of at most ``GAP`` bridged."""
    from dedup.kernels.overlap import fill_runs  # noqa: PLC0415 - numba takes 0.3 s

    longer, shorter, order = _by_longer(table, lefts, rights)
    most = np.empty(len(lefts), np.int64)
    found = np.empty_like(most)
    fill_runs(table.indptr, table.hashes, longer, shorter, GAP, _slots(table, longer), found)
    most[order] = found
    return most


def intactnesses(table: ShingleTable, lefts: Rows, rights: Rows) -> tuple[Rows, Rows]:
    """Containment and :func:`intactness` of each pair of rows, in ten-thousandths."""
    from dedup.kernels.overlap import span_shared  # noqa: PLC0415 - numba takes 0.3 s

    sizes = table.sizes

    def measure(longer: Rows, shorter: Rows) -> tuple[Rows, Rows]:
        shared, spans = np.empty(len(longer), np.int64), np.empty(len(longer), np.int64)
        span_shared(table.indptr, table.hashes, longer, shorter, _slots(table, longer), shared, spans)
        return rounded(shared, sizes[shorter]), rounded(shared, spans)

    longer, shorter, order = _by_longer(table, lefts, rights)
    contained, intact = measure(longer, shorter)
    ties = np.flatnonzero(sizes[longer] == sizes[shorter])
    intact[ties] = np.maximum(intact[ties], measure(shorter[ties], longer[ties])[1])
    back = np.argsort(order)
    return contained[back], intact[back]


def _by_longer(table: ShingleTable, lefts: Rows, rights: Rows) -> tuple[Rows, Rows, Rows]:
    """Longer and shorter row of each pair, those with one longer row together, and which pair each is.

    A kernel fills a table for the longer row and looks the shorter up in it: a page that is paired with a hundred
    thousand short texts is filled in once.
    """
    swap = table.sizes[lefts] < table.sizes[rights]
    longer, shorter = np.where(swap, rights, lefts), np.where(swap, lefts, rights)
    order = np.argsort(longer, kind="stable")
    return longer[order], shorter[order], order


def _slots(table: ShingleTable, rows: Rows) -> Hashes:
    """Room for a table of the shingles of any of the rows."""
    return np.empty(16 * (1 + int(table.sizes[rows].max(initial=0))), np.uint64)
