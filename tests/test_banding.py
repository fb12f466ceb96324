from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom

from dedup.errors import ParameterError
from dedup.sketch.banding import (
    BACKGROUND_MEAN,
    Bands,
    chance,
    choose_bands,
    expected_candidates,
    key_band,
    least_agreement,
)
from dedup.sketch.recipe import Recipe

THRESHOLDS = [0.05, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
RECALLS = [0.01, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999]


@cache
def candidates(bands: int, rows: int) -> float:
    return expected_candidates(bands, rows)


def test_the_defaults() -> None:
    assert choose_bands(0.4, 0.95, 256) == (46, 3)


@pytest.mark.parametrize("resemblance", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(("bands", "rows"), [(1, 1), (46, 3), (42, 3), (2, 100)])
def test_chance_is_that_of_at_least_one_equal_band(resemblance: float, bands: int, rows: int) -> None:
    assert chance(resemblance, bands, rows) == pytest.approx(binom.sf(0, bands, resemblance**rows))


def test_chance_grows_with_bands_and_falls_with_rows() -> None:
    assert chance(0.4, 42, 3) < chance(0.4, 46, 3) < chance(0.4, 46, 2)
    assert round(chance(0.4, 42, 3), 3) == 0.938


@pytest.mark.parametrize(("bands", "rows"), [(1, 1), (10, 1), (46, 3), (20, 5), (200, 2)])
def test_candidates_are_expected_over_the_background(bands: int, rows: int) -> None:
    def density(resemblance: float) -> float:
        return float(np.exp(-resemblance / BACKGROUND_MEAN))

    proposed, _ = quad(
        lambda s: density(s) * chance(s, bands, rows), 0, 1, points=[0.02, 0.1, 0.4], limit=200
    )
    every, _ = quad(density, 0, 1, points=[0.02, 0.1, 0.4])
    assert expected_candidates(bands, rows) == pytest.approx(proposed / every, rel=2e-3)


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("recall", RECALLS)
def test_a_pair_at_the_threshold_is_proposed_with_the_chance_asked_for(
    threshold: float, recall: float
) -> None:
    bands, rows = choose_bands(threshold, recall, 256)
    assert bands * rows <= 256
    assert chance(threshold, bands, rows) >= recall


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.4, 0.5, 0.75, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("recall", [0.3, 0.6, 0.9, 0.95])
@pytest.mark.parametrize("max_perm", [1, 2, 5, 12, 24])
def test_no_other_cut_that_does_has_fewer_candidates(threshold: float, recall: float, max_perm: int) -> None:
    cuts = [(bands, rows) for rows in range(1, max_perm + 1) for bands in range(1, max_perm // rows + 1)]
    feasible = [cut for cut in cuts if chance(threshold, *cut) >= recall]
    if feasible:
        chosen = choose_bands(threshold, recall, max_perm)
        assert chosen in feasible
        assert candidates(*chosen) == min(candidates(*cut) for cut in feasible)
    else:
        with pytest.raises(ParameterError):
            choose_bands(threshold, recall, max_perm)


@pytest.mark.parametrize("recall", [0.5, 0.95, 0.9999])
def test_copies_word_for_word_need_one_band(recall: float) -> None:
    assert choose_bands(1.0, recall, 64) == Bands(1, 64)


def test_a_recall_hardly_beyond_what_some_bands_reach_needs_one_more() -> None:
    assert choose_bands(0.5, 0.875, 3) == (3, 1)
    assert choose_bands(0.5, 0.875 + 1e-12, 4) == (4, 1)
    with pytest.raises(ParameterError):
        choose_bands(0.5, 0.875 + 1e-12, 3)


def possible(threshold: float, recall: float, max_perm: int) -> tuple[int, float, float]:
    """Permutations, threshold and recall that the error names as possible."""
    with pytest.raises(ParameterError) as caught:
        choose_bands(threshold, recall, max_perm)
    pattern = r"possible: max_perm (\d+), or threshold ([\d.e-]+), or recall ([\d.e-]+)$"
    found = re.search(pattern, str(caught.value))
    assert found
    return int(found[1]), float(found[2]), float(found[3])


@pytest.mark.parametrize("max_perm", [1, 2, 3, 8, 16, 32])
@pytest.mark.parametrize("recall", [0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("threshold", [0.01, 0.03, 0.05, 0.06])
def test_what_can_not_be_met_names_what_can(threshold: float, recall: float, max_perm: int) -> None:
    perms, higher, lower = possible(threshold, recall, max_perm)
    assert perms > max_perm
    assert higher > threshold
    assert lower < recall
    for cut, at, asked in (
        (choose_bands(threshold, recall, perms), threshold, recall),
        (choose_bands(higher, recall, max_perm), higher, recall),
        (choose_bands(threshold, lower, max_perm), threshold, lower),
    ):
        assert chance(at, *cut) >= asked


def test_a_recall_that_is_named_as_possible_is_one() -> None:
    """However small the chance is."""
    _, _, lower = possible(0.0004, 0.95, 1)
    assert chance(0.0004, *choose_bands(0.0004, lower, 1)) >= lower


def test_a_threshold_too_small_to_count_with_is_refused_too() -> None:
    with pytest.raises(ParameterError, match=r"recall 0\.95 at threshold 1e-17"):
        choose_bands(1e-17, 0.95, 8)


def test_the_message() -> None:
    with pytest.raises(ParameterError) as caught:
        choose_bands(0.1, 0.95, 16)
    assert str(caught.value) == (
        "recall 0.95 at threshold 0.1 needs 29 permutations, max_perm is 16; "
        "possible: max_perm 29, or threshold 0.171, or recall 0.814"
    )


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.01, float("nan"), float("inf")])
def test_thresholds_out_of_range(threshold: float) -> None:
    with pytest.raises(
        ParameterError, match=f"threshold is {threshold}; a resemblance above 0 and at most 1"
    ):
        choose_bands(threshold, 0.95, 256)


@pytest.mark.parametrize("recall", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_recalls_out_of_range(recall: float) -> None:
    with pytest.raises(ParameterError, match=f"recall is {recall}; a chance between 0 and 1"):
        choose_bands(0.4, recall, 256)


@pytest.mark.parametrize("max_perm", [0, -5])
def test_permutations_out_of_range(max_perm: int) -> None:
    with pytest.raises(ParameterError, match=f"max_perm is {max_perm}; at least 1"):
        choose_bands(0.4, 0.95, max_perm)


@given(st.floats(0.01, 0.995), st.floats(0.01, 0.999), st.integers(1, 256))
@example(0.4, 0.95, 138)
@example(0.95, 0.95, 250)
@example(0.99, 0.95, 252)
@example(0.999, 0.95, 256)
@example(0.01, 0.95, 256)
def test_least_agreement_is_the_binomials(resemblance: float, recall: float, num_perm: int) -> None:
    """The largest number of equal values that is reached with the chance asked for."""
    least = least_agreement(resemblance, recall, num_perm)
    assert 0 <= least <= num_perm
    assert binom.sf(least - 1, num_perm, resemblance) >= recall - 1e-9
    assert binom.sf(least, num_perm, resemblance) < recall + 1e-9


@pytest.mark.parametrize("num_perm", [1, 128, 256])
def test_equal_texts_agree_on_everything(num_perm: int) -> None:
    assert least_agreement(1.0, 0.95, num_perm) == num_perm


@pytest.mark.parametrize("recall", [0.05, 0.95])
def test_texts_that_share_nothing_agree_on_nothing(recall: float) -> None:
    assert least_agreement(0.0, recall, 138) == 0


def test_hardly_any_chance_asks_for_full_agreement() -> None:
    assert least_agreement(0.4, 1e-17, 10) == 10


@given(
    st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=12, max_size=12), min_size=1, max_size=4),
    st.sampled_from([(1, 1), (12, 1), (1, 12), (4, 3), (3, 4), (2, 5)]),
)
def test_keys_by_one_equal_keys_by_many(signatures: list[list[int]], cut: tuple[int, int]) -> None:
    bands, rows = cut
    keys = Recipe(num_perm=12, bands=bands, rows=rows).key(np.array(signatures, np.uint32))
    assert keys.tolist() == [
        [key_band(values[band * rows : (band + 1) * rows], band) for band in range(bands)]
        for values in signatures
    ]


def test_keys_never_change() -> None:
    assert key_band([1, 2, 3], 0) == 0x43E0AC62C41A51B2
    assert key_band([1, 2, 3], 1) == 0x01099761EE494915
    assert key_band([0xFFFFFFFF] * 3, 45) == 0x2BC9656E8E290313


def test_a_key_depends_on_band_values_and_order() -> None:
    keys = [key_band([1, 2, 3], 0), key_band([1, 2, 3], 1), key_band([3, 2, 1], 0), key_band([2, 2, 2], 0)]
    assert len(set(keys)) == 4
