"""Bands and rows: how signatures are cut so that like texts share a key.

Two texts of resemblance s share one of b bands of r rows with the chance 1 - (1 - s**r)**b (J. Leskovec, A. Rajaraman,
J. Ullman, Mining of Massive Datasets, section 3.4).
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, NamedTuple

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Mean of the exponential distribution taken for the resemblance of two texts that have nothing to do with each other.
BACKGROUND_MEAN = 0.02
_STEPS = 1000
_KEY_FACTOR = 0x9E3779B97F4A7C15
_KEY_FINAL = 0xD6E8FEB86659FD93
_MASK = 0xFFFFFFFFFFFFFFFF


class Bands(NamedTuple):
    """How many bands, of how many rows each."""

    bands: int
    rows: int


def chance(resemblance: float, bands: int, rows: int) -> float:
    """Chance that two texts of this resemblance share a band.

    Examples
    --------
    >>> round(chance(0.4, 46, 3), 3)
    0.952
    """
    return 1.0 - (1.0 - resemblance**rows) ** bands


def expected_candidates(bands: int, rows: int) -> float:
    """Share of unrelated pairs that are proposed, their resemblance being exponential of mean ``BACKGROUND_MEAN``."""
    total = weight = 0.0
    for step in range(_STEPS):
        resemblance = (step + 0.5) / _STEPS
        density = math.exp(-resemblance / BACKGROUND_MEAN)
        weight += density
        total += density * chance(resemblance, bands, rows)
    return total / weight


def choose_bands(threshold: float, recall: float, max_perm: int) -> Bands:
    """Bands and rows with the fewest expected candidates that propose a pair at the threshold with chance `recall`.

    Parameters
    ----------
    threshold : float
        Resemblance, above 0 and at most 1.
    recall : float
        Chance with which a pair at the threshold is to be proposed, between 0 and 1, exclusive.
    max_perm : int
        Most permutations (bands times rows) allowed.

    Returns
    -------
    Bands

    Raises
    ------
    ParameterError
        If a value is out of its range, or the recall can't be met; the message says what can.

    Examples
    --------
    >>> choose_bands(0.4, 0.95, 256)
    Bands(bands=46, rows=3)
    """
    check_target(threshold, recall, max_perm)
    options = []
    for rows in range(1, max_perm + 1):
        bands = _bands_needed(threshold, recall, rows)
        if bands * rows > max_perm:
            break  # more rows need more bands, faster than in proportion
        options.append((expected_candidates(bands, rows), bands * rows, Bands(bands, rows)))
    if not options:
        needed = _bands_needed(threshold, recall, 1)
        lowest = _to_three_digits(1.0 - (1.0 - recall) ** (1.0 / max_perm), math.ceil)
        reached = _to_three_digits(chance(threshold, max_perm, 1), math.floor)
        raise ParameterError(
            f"recall {recall:g} at threshold {threshold:g} needs {needed} permutations, max_perm is {max_perm}; "
            f"possible: max_perm {needed}, or threshold {lowest:g}"
            + (f", or recall {reached:g}" if reached else "")
        )
    return min(options)[2]


def _to_three_digits(value: float, direction: Callable[[float], int]) -> float:
    """Round up or down to three significant digits."""
    if value <= 0.0:
        return 0.0
    scale = 10.0 ** (2 - math.floor(math.log10(value)))
    return direction(value * scale) / scale


def check_target(threshold: float, recall: float, max_perm: int) -> None:
    """Refuse what is out of its range."""
    if not 0.0 < threshold <= 1.0:
        raise ParameterError(f"threshold is {threshold}; a resemblance above 0 and at most 1 is needed")
    if not 0.0 < recall < 1.0:
        raise ParameterError(f"recall is {recall}; a chance between 0 and 1, exclusive, is needed")
    if max_perm < 1:
        raise ParameterError(f"max_perm is {max_perm}; at least 1 permutation is needed")


def _bands_needed(threshold: float, recall: float, rows: int) -> int:
    """Fewest bands of this many rows that meet the recall."""
    miss = 1.0 - threshold**rows
    if miss <= 0.0:
        return 1
    if miss >= 1.0:
        return math.ceil(-math.log(1.0 - recall) / threshold**rows) if threshold**rows else sys.maxsize
    bands = max(1, math.ceil(math.log(1.0 - recall) / math.log(miss) - 1e-9))
    return bands if chance(threshold, bands, rows) >= recall else bands + 1


def least_agreement(resemblance: float, recall: float, num_perm: int) -> int:
    """Fewest equal signature values with which a pair of this resemblance passes with chance `recall`.

    The number of equal values is binomial; this is the largest k with ``P(equal >= k) >= recall``.

    Examples
    --------
    >>> least_agreement(0.4, 0.95, 138)
    46
    >>> least_agreement(1.0, 0.95, 138)
    138
    """
    if resemblance >= 1.0:
        return num_perm
    if resemblance <= 0.0:
        return 0
    below = 0.0
    for k in range(num_perm + 1):
        ways = math.lgamma(num_perm + 1) - math.lgamma(k + 1) - math.lgamma(num_perm - k + 1)
        below += math.exp(ways + k * math.log(resemblance) + (num_perm - k) * math.log1p(-resemblance))
        if below > 1.0 - recall:
            return k
    return num_perm


def key_band(values: Sequence[int], band: int) -> int:
    """64-bit key of one band of one signature; the twin of :func:`dedup.kernels.minhash.key_bands`."""
    key = band + 1
    for value in values:
        key = (key ^ value) * _KEY_FACTOR & _MASK
        key ^= key >> 32
    key = key * _KEY_FINAL & _MASK
    return key ^ key >> 32
