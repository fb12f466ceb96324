from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.errors import ParameterError
from dedup.sketch.banding import chance, key_band
from dedup.sketch.recipe import Recipe
from dedup.text.shingling import shingle_text
from tests.strategies import SAMPLES, table_of, text

SMALL = Recipe(num_perm=12, bands=4, rows=3)


def test_defaults() -> None:
    recipe = Recipe()
    assert (recipe.num_perm, recipe.bands, recipe.rows, recipe.width, recipe.seed) == (138, 46, 3, 5, 1)
    assert recipe == Recipe.for_target() == Recipe.for_target(0.4, 0.95, max_perm=256, seed=1)
    assert dedup.Recipe is Recipe


@pytest.mark.parametrize(
    ("threshold", "recall", "max_perm"), [(0.4, 0.99, 256), (0.8, 0.95, 128), (1.0, 0.5, 8)]
)
def test_a_recipe_for_a_target_meets_it(threshold: float, recall: float, max_perm: int) -> None:
    recipe = Recipe.for_target(threshold, recall, max_perm=max_perm, seed=5)
    assert recipe.num_perm == recipe.bands * recipe.rows <= max_perm
    assert chance(threshold, recipe.bands, recipe.rows) >= recall
    assert recipe.seed == 5


def test_a_target_that_can_not_be_met() -> None:
    with pytest.raises(ParameterError, match="possible: max_perm 299"):
        Recipe.for_target(0.01, 0.95)


@pytest.mark.parametrize("name", ["num_perm", "bands", "rows", "width"])
@pytest.mark.parametrize("value", [0, -1])
def test_numbers_below_one_are_refused(name: str, value: int) -> None:
    with pytest.raises(ParameterError, match=f"^{name} is {value}; at least 1 is needed$"):
        Recipe(**{name: value})


def test_more_bands_than_permutations_are_refused() -> None:
    with pytest.raises(ParameterError, match="5 bands of 3 rows need 15 permutations, num_perm is 14"):
        Recipe(num_perm=14, bands=5, rows=3)
    assert Recipe(num_perm=15, bands=5, rows=3).num_perm == 15


def test_parameters_are_named() -> None:
    with pytest.raises(TypeError):
        Recipe(138, 46, 3)  # type: ignore[call-arg]


def test_a_recipe_is_frozen() -> None:
    recipe = Recipe()
    with pytest.raises(FrozenInstanceError):
        recipe.seed = 2  # type: ignore[misc]
    assert hash(recipe) == hash(Recipe())
    assert recipe != Recipe(seed=2)


def test_the_manifest() -> None:
    assert Recipe().manifest() == {
        "version": 1,
        "scheme": "affine32",
        "num_perm": 138,
        "bands": 46,
        "rows": 3,
        "width": 5,
        "seed": 1,
    }


def test_the_manifest_tells_recipes_apart() -> None:
    recipes = [
        Recipe(),
        Recipe(seed=2),
        Recipe(width=4),
        Recipe(num_perm=140),
        Recipe(bands=40),
        Recipe(rows=2),
    ]
    assert len({str(recipe.manifest()) for recipe in recipes}) == len(recipes)


@given(st.lists(text, max_size=5))
def test_many_texts_are_signed_as_each(texts: list[str]) -> None:
    together = SMALL.sign_texts(texts)
    assert (together.shape, together.dtype) == ((len(texts), 12), np.dtype(np.uint32))
    for written, signature in zip(texts, together, strict=True):
        np.testing.assert_array_equal(SMALL.sign_texts([written])[0], signature)


@given(text, st.integers(1, 7))
def test_texts_are_signed_by_their_shingles(written: str, width: int) -> None:
    recipe = Recipe(num_perm=5, bands=1, rows=5, width=width)
    row = shingle_text(written, width).shingles
    np.testing.assert_array_equal(recipe.sign_texts([written]), recipe.sign(table_of([row]), np.arange(1)))


def test_texts_come_from_any_iterable() -> None:
    np.testing.assert_array_equal(SMALL.sign_texts(iter(["one", "two"])), SMALL.sign_texts(["one", "two"]))


def test_lone_surrogates_separate() -> None:
    np.testing.assert_array_equal(SMALL.sign_texts(["one\ud800two"]), SMALL.sign_texts(["one two"]))


@pytest.mark.parametrize(("bands", "rows"), [(1, 1), (4, 3), (3, 4), (12, 1), (2, 5)])
def test_keys(bands: int, rows: int) -> None:
    recipe = Recipe(num_perm=12, bands=bands, rows=rows)
    signatures = recipe.sign_texts(SAMPLES.values())
    keys = recipe.key(signatures)
    assert (keys.shape, keys.dtype) == ((len(SAMPLES), bands), np.dtype(np.uint64))
    for signature, row in zip(signatures.tolist(), keys.tolist(), strict=True):
        assert row == [key_band(signature[band * rows : (band + 1) * rows], band) for band in range(bands)]


def test_no_signature_has_no_key() -> None:
    assert SMALL.key(np.empty((0, 12), np.uint32)).shape == (0, 4)


def test_keys_are_shared_where_all_rows_of_a_band_are() -> None:
    """And nowhere else: values beyond the bands do not count."""
    signatures = np.arange(12, dtype=np.uint32).repeat(3).reshape(12, 3).T.copy()
    recipe = Recipe(num_perm=12, bands=3, rows=3)
    signatures[1, 4] += 1
    signatures[2, 9:] += 1
    keys = recipe.key(signatures)
    assert (keys[0] == keys[1]).tolist() == [True, False, True]
    assert (keys[0] == keys[2]).tolist() == [True, True, True]
