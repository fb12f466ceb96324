"""Resemblances in a dump: the pairs that share a band, all of them or a sample, verified and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.index.buckets import group_by_key
from dedup.match.similarity import SCALE, count_pairs, ratios
from dedup.sketch.banding import chance
from dedup.tuned import STEPS, ResemblanceBin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.index.buckets import Buckets
    from dedup.kernels.types import Hashes, Rows
    from dedup.text.columns import ShingleTable
    from dedup.tuned import Cut
    from dedup.workers import Workers

_PAIRS_PER_THREAD = 1024
_CHUNK = 1 << 15  # meetings at a time, so that what is worked on fits into the cache
#: Chance to be proposed below which too few pairs of a resemblance are seen to say how many there are.
_LEAST_CHANCE = 0.5


class Resemblances(NamedTuple):
    """Pairs of texts that share a band.

    Attributes
    ----------
    lefts, rights : ndarray of int64 of shape (n_pairs,)
        Rows of each pair.
    resemblance : ndarray of int64 of shape (n_pairs,)
        In ten-thousandths.
    weights : ndarray of float64 of shape (n_pairs,)
        How many pairs that share a band each stands for; 1 where all were looked at.
    meetings, looked_at : int
        How often two texts share a band, and how many of these were looked at.
    """

    lefts: Rows
    rights: Rows
    resemblance: Rows
    weights: NDArray[np.float64]
    meetings: int
    looked_at: int

    def estimate(self, proposed_by: Cut) -> NDArray[np.float64]:
        """How many pairs of the dump each stands for, those that share no band included; 0 at resemblance 0."""
        chances = chances_of(proposed_by)[self.resemblance]
        found: NDArray[np.float64] = np.divide(
            self.weights, chances, out=np.zeros(len(chances)), where=chances > 0
        )
        return found


def chances_of(cut: Cut) -> NDArray[np.float64]:
    """Chance to share a band at each resemblance, in ten-thousandths."""
    return np.array([chance(step / SCALE, cut.bands, cut.rows) for step in range(SCALE + 1)])


def verify_proposed(
    keys: Hashes, table: ShingleTable, order: Rows, max_pairs: int, seed: int, workers: Workers
) -> Resemblances:
    """Compare the texts that share a band.

    Parameters
    ----------
    keys : ndarray of uint64 of shape (n_texts, bands)
        Band keys.
    table : ShingleTable
        Shingles of all articles.
    order : ndarray of int64 of shape (n_texts,)
        Row of each text in the table; the same for any order of the articles, so that a sample is.
    max_pairs : int
        Most meetings (a band that two texts share) that are looked at. If there are more, a stratified sample is
        drawn, and each pair of it stands for ``meetings / looked_at / bands that it shares``.
    seed : int
        Of the sample.
    workers : Workers
        On which pairs are compared.

    Returns
    -------
    Resemblances

    Notes
    -----
    Linear in texts, bands and `max_pairs`, however large a bucket is: pairs are numbered, not listed. About a
    microsecond, and 60 bytes, for a meeting.
    """
    buckets = group_by_key(keys)
    sizes = np.diff(buckets.starts)
    ends = np.cumsum(sizes * (sizes - 1) // 2)
    meetings = int(ends[-1]) if len(ends) else 0
    numbers = _sample(meetings, max_pairs, seed)
    pairs, times = np.unique(_pairs_of(numbers, buckets, ends), return_counts=True)
    one, other = np.divmod(pairs, max(len(order), 1))
    shared = np.zeros(len(pairs), np.int64)
    for band in keys.T:
        shared += band[one] == band[other]
    weights = times * (meetings / max(len(numbers), 1)) / shared
    lefts, rights = order[one], order[other]
    spans = workers.spans(len(pairs), _PAIRS_PER_THREAD)
    parts = workers.map_in_order(lambda span: _resemblances(table, lefts[span], rights[span]), spans)
    return Resemblances(lefts, rights, np.concatenate(list(parts)), weights, meetings, len(numbers))


def _sample(meetings: int, most: int, seed: int) -> Rows:
    """Ascending numbers of meetings: all, or one of each of `most` equal strata."""
    if meetings <= most:
        return np.arange(meetings)
    places = np.arange(most) + np.random.RandomState(seed).random_sample(most)
    numbers: Rows = np.minimum(places * (meetings / most), meetings - 1).astype(np.int64)
    return numbers


def _pairs_of(numbers: Rows, buckets: Buckets, ends: Rows) -> Rows:
    """Pairs of numbered meetings, as ``lower * n_texts + higher``.

    A bucket of n texts has n (n - 1) / 2 meetings, and they are numbered bucket by bucket.
    """
    n_texts = len(buckets.row_starts) - 1
    texts = np.repeat(np.arange(n_texts), np.diff(buckets.row_starts))
    members = texts[np.argsort(buckets.row_buckets, kind="stable")]
    begins = np.concatenate([[0], ends])
    pairs = np.empty(len(numbers), np.int64)
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        bucket = np.searchsorted(ends, chunk, side="right")
        lower, higher = _number_pair(chunk - begins[bucket])
        first = buckets.starts[bucket]
        pairs[start : start + _CHUNK] = members[first + lower] * n_texts + members[first + higher]
    return pairs


def _number_pair(number: Rows) -> tuple[Rows, Rows]:
    """Pairs of a bucket in the order (0, 1), (0, 2), (1, 2), (0, 3), ..."""
    higher = ((1.0 + np.sqrt(1.0 + 8.0 * number)) / 2.0).astype(np.int64)
    higher -= higher * (higher - 1) // 2 > number  # the root may be rounded up, or down
    higher += higher * (higher + 1) // 2 <= number
    return number - higher * (higher - 1) // 2, higher


def _resemblances(table: ShingleTable, lefts: Rows, rights: Rows) -> Rows:
    return ratios(count_pairs(table, lefts, rights), table.sizes[lefts], table.sizes[rights])[0]


def histogram(
    found: Resemblances, estimate: NDArray[np.float64], proposed_by: Cut
) -> tuple[ResemblanceBin, ...]:
    """Pairs by resemblance, in steps of 0.05; `estimate` is that of :meth:`Resemblances.estimate`."""
    places = np.minimum(found.resemblance * len(STEPS) // SCALE, len(STEPS) - 1)
    verified = np.bincount(places, minlength=len(STEPS)).tolist()
    estimated = np.bincount(places, estimate, len(STEPS)).tolist()
    bins = []
    for high, count, there in zip(STEPS, verified, estimated, strict=True):
        low = round(high - STEPS[0], 2)
        known = proposed_by.chance(low) >= _LEAST_CHANCE
        bins.append(ResemblanceBin(low, high, count, round(there, 1) if known else None))
    return tuple(bins)


def expected_misses(found: Resemblances, estimate: NDArray[np.float64], cut: Cut) -> tuple[float, float]:
    """Pairs of the dump at the threshold of a cut and above, and how many of them its bands miss."""
    # Pairs of one resemblance have one chance: there are ten thousand of these, and far more pairs.
    there = np.bincount(found.resemblance, estimate, SCALE + 1)
    there[: round(cut.threshold * SCALE)] = 0.0
    return float(there.sum()), float(there @ (1.0 - chances_of(cut)))
