from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.similarity import SCALE, overlap
from dedup.resemblances import Resemblances, expected_misses, histogram, verify_proposed
from dedup.sketch.banding import chance
from dedup.text.columns import ShingleTable
from dedup.tuned import STEPS, Cut, ResemblanceBin
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.kernels.types import Hashes

CUT = Cut(0.3, 0.95, 32, 2, 0.0)

key_rows = st.integers(1, 4).flatmap(
    lambda bands: st.lists(st.lists(st.integers(1, 3), min_size=bands, max_size=bands), max_size=12)
)


def table_of(texts: Sequence[Sequence[int]]) -> ShingleTable:
    counts = [len(text) for text in texts]
    return ShingleTable(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([shingle for text in texts for shingle in text], np.uint64),
        np.array(counts, np.int64),
        np.arange(len(texts), dtype=np.uint64),
    )


def keys_of(rows: Sequence[Sequence[int]]) -> Hashes:
    """Keys as a recipe makes them: band by band in memory, and those of one band in no other."""
    bands = len(rows[0]) if rows else 2
    keys = np.array(rows, np.int64).reshape(len(rows), bands) * 10 + np.arange(bands)
    return np.ascontiguousarray(keys.T.astype(np.uint64)).T


def verify(rows: Sequence[Sequence[int]], max_pairs: int = 10**6, seed: int = 1) -> Resemblances:
    texts = [[100 + row, 200, 300 + row % 3] for row in range(len(rows))]
    order = np.arange(len(rows))
    return verify_proposed(keys_of(rows), table_of(texts), order, max_pairs, seed, Workers(1))


def shared_bands(rows: Sequence[Sequence[int]]) -> dict[tuple[int, int], int]:
    found = {
        (one, other): sum(a == b for a, b in zip(rows[one], rows[other], strict=True))
        for one, other in combinations(range(len(rows)), 2)
    }
    return {pair: bands for pair, bands in found.items() if bands}


@given(rows=key_rows)
def test_every_pair_that_shares_a_band_is_found_once(rows: list[list[int]]) -> None:
    found, truth = verify(rows), shared_bands(rows)
    assert list(zip(found.lefts.tolist(), found.rights.tolist(), strict=True)) == sorted(truth)
    assert found.weights.tolist() == pytest.approx([1.0] * len(truth))
    assert found.meetings == found.looked_at == sum(truth.values())


@given(rows=key_rows)
def test_pairs_are_verified_exactly(rows: list[list[int]]) -> None:
    texts = [[100 + row, 200, 300 + row % 3] for row in range(len(rows))]
    found = verify(rows)
    truth = [overlap(texts[one], texts[other]).resemblance for one, other in sorted(shared_bands(rows))]
    assert found.resemblance.tolist() == truth


@given(rows=key_rows, max_pairs=st.integers(1, 30), seed=st.integers(0, 5))
def test_a_sample_is_of_pairs_that_there_are(rows: list[list[int]], max_pairs: int, seed: int) -> None:
    found, truth = verify(rows, max_pairs, seed), shared_bands(rows)
    assert found.looked_at == min(max_pairs, sum(truth.values()))
    assert found.meetings == sum(truth.values())
    assert len(found.lefts) <= max_pairs
    pairs = list(zip(found.lefts.tolist(), found.rights.tolist(), strict=True))
    assert {*pairs} <= truth.keys()
    meetings_told = sum(
        weight * truth[pair] for weight, pair in zip(found.weights.tolist(), pairs, strict=True)
    )
    assert meetings_told == pytest.approx(found.meetings)
    again = verify(rows, max_pairs, seed)
    assert np.array_equal(found.lefts, again.lefts)
    assert np.array_equal(found.rights, again.rights)
    assert np.array_equal(found.weights, again.weights)


def test_a_sample_tells_how_many_pairs_there_are() -> None:
    generator = np.random.RandomState(3)
    rows = generator.randint(1, 12, (300, 4)).tolist()
    truth = len(shared_bands(rows))
    told = [float(verify(rows, 1500, seed).weights.sum()) for seed in range(40)]
    assert np.mean(told) == pytest.approx(truth, rel=0.01)
    assert max(told) == pytest.approx(truth, rel=0.1)


def test_a_bucket_of_very_many_texts_costs_no_more_than_the_sample() -> None:
    found = verify([[1, 1]] * 30_000, max_pairs=500)
    assert found.meetings == 2 * 30_000 * 29_999 // 2
    assert found.looked_at == 500
    assert len(found.lefts) <= 500
    assert float(found.weights.sum()) == pytest.approx(30_000 * 29_999 / 2)


def resembling(scores: list[int]) -> Resemblances:
    nothing = np.zeros(len(scores), np.int64)
    return Resemblances(nothing, nothing, np.array(scores, np.int64), np.ones(len(scores)), 0, 0)


def bins_of(found: Resemblances) -> tuple[ResemblanceBin, ...]:
    return histogram(found, found.estimate(CUT), CUT)


def test_the_histogram_counts_every_pair_in_its_bin() -> None:
    bins = bins_of(resembling([0, 499, 500, 3999, 4000, 9499, 9500, 10_000]))
    assert [one.high for one in bins] == list(STEPS)
    counts = {one.low: one.verified for one in bins if one.verified}
    assert counts == {0.0: 2, 0.05: 1, 0.35: 1, 0.4: 1, 0.9: 1, 0.95: 2}
    assert sum(one.verified for one in bins) == 8


def test_pairs_that_are_seldom_proposed_are_not_estimated() -> None:
    bins = bins_of(resembling([1000, 3000]))
    assert all((one.estimated is None) == (CUT.chance(one.low) < 0.5) for one in bins)
    (at,) = [one for one in bins if one.low == 0.3]
    assert at.estimated == pytest.approx(1 / chance(0.3, 32, 2), abs=0.05)


def test_misses_are_those_of_the_s_curve() -> None:
    found, cut = resembling([2999, 3000, 5000, 8000]), Cut(0.3, 0.95, 10, 3, 0.0)
    pairs, missed = expected_misses(found, found.estimate(CUT), cut)
    there = [1 / chance(score / SCALE, 32, 2) for score in (3000, 5000, 8000)]
    assert pairs == pytest.approx(sum(there))
    not_found = [1 - chance(score, 10, 3) for score in (0.3, 0.5, 0.8)]
    assert missed == pytest.approx(sum(one * share for one, share in zip(there, not_found, strict=True)))


def test_where_nothing_is_shared_nothing_is_missed() -> None:
    found = verify([[1, 1], [2, 2]])
    assert (found.meetings, len(found.lefts)) == (0, 0)
    for nothing in (found, verify([])):
        assert expected_misses(nothing, nothing.estimate(CUT), CUT) == (0.0, 0.0)
