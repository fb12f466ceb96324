"""Our signatures are datasketch's, bit for bit, and travel both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH, MinHashLSHForest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.sketch.recipe import Recipe
from dedup.sketch.signatures import SCHEME, from_datasketch, permutations, to_datasketch, undo_factors
from dedup.text.shingling import hash_shingle, shingle_words
from dedup.text.tokens import tokenise
from tests.strategies import SAMPLES, shingle_row, table_of, text

LARGEST = 0xFFFFFFFF
PERMUTATIONS = [1, 2, 3, 4, 5, 7, 8, 16, 128, 138, 256]


def recipe_of(num_perm: int, seed: int = 1, width: int = 5) -> Recipe:
    return Recipe(num_perm=num_perm, bands=1, rows=1, seed=seed, width=width)


def sketch_of(written: str, num_perm: int, seed: int = 1, width: int = 5) -> Any:
    """Sketch by datasketch alone, of the shingles as words."""
    sketch = MinHash(num_perm=num_perm, seed=seed, hashfunc=hash_shingle, scheme=SCHEME)
    words = [token.text for token in tokenise(written)]
    for shingle in shingle_words(words, width):
        sketch.update(shingle.encode())
    return sketch


@pytest.mark.parametrize("num_perm", PERMUTATIONS)
@pytest.mark.parametrize("seed", [0, 1, 42, 2**32 - 1])
def test_permutations_are_datasketchs(num_perm: int, seed: int) -> None:
    factors, terms = MinHash(num_perm=num_perm, seed=seed, scheme=SCHEME).permutations
    ours = permutations(num_perm, seed)
    assert [part.dtype for part in ours] == [np.uint32, np.uint32]
    np.testing.assert_array_equal(ours[0], factors)
    np.testing.assert_array_equal(ours[1], terms)


@pytest.mark.parametrize("num_perm", PERMUTATIONS)
@pytest.mark.parametrize("seed", [1, 7])
def test_signatures_are_datasketchs(num_perm: int, seed: int) -> None:
    """In two dozen scripts."""
    ours = recipe_of(num_perm, seed).sign_texts(SAMPLES.values())
    theirs = [sketch_of(sample, num_perm, seed).hashvalues for sample in SAMPLES.values()]
    np.testing.assert_array_equal(ours, theirs)


@given(text, st.sampled_from([1, 3, 4, 7, 16]), st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_signatures_of_any_text_are_datasketchs(written: str, num_perm: int, seed: int, width: int) -> None:
    ours = recipe_of(num_perm, seed, width).sign_texts([written])
    np.testing.assert_array_equal(ours, [sketch_of(written, num_perm, seed, width).hashvalues])


@given(st.lists(shingle_row, min_size=1, max_size=4), st.sampled_from([1, 3, 4, 6]))
def test_signatures_of_any_shingles_are_datasketchs(rows: list[list[int]], num_perm: int) -> None:
    """A shingle counts by its low 32 bits."""
    ours = recipe_of(num_perm).sign(table_of(rows), np.arange(len(rows)))
    for row, signature in zip(rows, ours, strict=True):
        sketch = MinHash(num_perm=num_perm, hashfunc=lambda shingle: shingle & LARGEST, scheme=SCHEME)
        for shingle in row:
            sketch.update(shingle)
        np.testing.assert_array_equal(signature, sketch.hashvalues)


@given(st.lists(shingle_row, min_size=1, max_size=4), shingle_row, st.data())
def test_signatures_are_mended_where_shingles_are_dropped(
    rows: list[list[int]], dropped: list[int], data: st.DataObject
) -> None:
    gone = set(dropped) | {data.draw(st.sampled_from(row)) for row in rows if row}
    recipe = recipe_of(7)
    signatures = recipe.sign(table_of(rows), np.arange(len(rows)))[::-1].copy()  # in another order
    left = table_of([[shingle for shingle in row if shingle not in gone] for row in rows])
    every = np.arange(len(rows))
    recipe.sign_again(left, every, np.array(sorted(gone), np.uint64), signatures, every[::-1].copy())
    np.testing.assert_array_equal(signatures[::-1], recipe.sign(left, every))


def test_signatures_are_written_where_they_are_wanted() -> None:
    recipe, table = recipe_of(16), table_of([[1, 2, 3], [4, 5, 6]])
    out = np.zeros((3, 16), np.uint32)
    recipe.sign(table, np.array([1, 0]), out[1:])
    np.testing.assert_array_equal(out[1:], recipe.sign(table, np.array([1, 0])))
    assert (out[0] == 0).all()


def test_a_signature_is_mended_at_its_place_alone() -> None:
    recipe, rows = recipe_of(16), [[1, 2, 3], [4, 5, 6]]
    signatures = recipe.sign(table_of(rows), np.arange(2))
    before = signatures.copy()
    recipe.sign_again(
        table_of([[1, 2, 3], [4]]), np.array([1]), np.array([5, 6], np.uint64), signatures, np.array([1])
    )
    np.testing.assert_array_equal(signatures[0], before[0])
    assert (signatures[1] > before[1]).any()


@given(st.lists(st.integers(0, LARGEST).map(lambda value: value | 1), min_size=1))
def test_factors_are_undone(factors: list[int]) -> None:
    values = np.array(factors, np.uint32)
    with np.errstate(over="ignore"):
        assert (undo_factors(values) * values == 1).all()


@given(shingle_row, shingle_row)
def test_the_signature_of_a_union_is_the_elementwise_minimum(one: list[int], other: list[int]) -> None:
    union = list(dict.fromkeys(other + one))
    signatures = recipe_of(9).sign(table_of([one, other, union]), np.arange(3))
    np.testing.assert_array_equal(np.minimum(signatures[0], signatures[1]), signatures[2])


@given(shingle_row, st.randoms(use_true_random=False))
def test_order_does_not_matter(row: list[int], shuffler: Any) -> None:
    shuffled = shuffler.sample(row, len(row))
    signatures = recipe_of(6).sign(table_of([row, shuffled]), np.arange(2))
    np.testing.assert_array_equal(signatures[0], signatures[1])


def test_rows_are_signed_as_asked_for() -> None:
    table = table_of([[1, 2, 3], [], [4], [2, 3, 5, 7]])
    recipe = recipe_of(6)
    every = recipe.sign(table, np.arange(4))
    asked = np.array([3, 1, 3, 0])
    np.testing.assert_array_equal(recipe.sign(table, asked), every[asked])
    assert recipe.sign(table, np.empty(0, np.int64)).shape == (0, 6)


def test_an_empty_text_has_the_largest_values() -> None:
    assert recipe_of(7).sign_texts(["", "… !", "word"])[:2].tolist() == [[LARGEST] * 7] * 2
    assert (recipe_of(7).sign_texts(["word"]) < LARGEST).all()


def test_signatures_never_change() -> None:
    signatures = recipe_of(6).sign_texts(["Fed adds reserves via customer repurchases", "か", "-3"])
    assert signatures.tolist() == [
        [0x73F7CF5E, 0x49857EC4, 0x08822680, 0x6BFFF006, 0x0FB036B7, 0x5664049C],
        [0x0E5C02CE, 0xD4EF9DF4, 0xB7851250, 0x34377EF9, 0x14BE4267, 0x002B768C],
        [0x8BF22B40, 0x56CB006E, 0xC6F0A476, 0xB140B16F, 0xED16C051, 0x16DC742E],
    ]


def test_what_a_permutation_agrees_on_estimates_the_resemblance() -> None:
    one, other = list(range(1, 601)), list(range(201, 801))
    mixed = [[shingle * 0x9E3779B97F4A7C15 % 2**64 for shingle in row] for row in (one, other)]
    signatures = recipe_of(512).sign(table_of(mixed), np.arange(2))
    assert np.mean(signatures[0] == signatures[1]) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("num_perm", [1, 7, 128])
@pytest.mark.parametrize("seed", [1, 9])
def test_there_and_back(num_perm: int, seed: int) -> None:
    signatures = recipe_of(num_perm, seed).sign_texts(SAMPLES.values())
    sketches = to_datasketch(signatures, seed)
    returned = from_datasketch(sketches, seed)
    np.testing.assert_array_equal(returned, signatures)
    assert returned.dtype == np.uint32


def test_what_goes_to_datasketch_is_what_datasketch_makes() -> None:
    samples = list(SAMPLES.values())
    sketches = to_datasketch(recipe_of(16, 3).sign_texts(samples), 3)
    assert sketches == [sketch_of(sample, 16, 3) for sample in samples]
    assert {sketch.jaccard(sketch) for sketch in sketches} == {1.0}


def test_sketches_can_be_updated_at_datasketch() -> None:
    recipe = recipe_of(16, width=2)
    signatures = recipe.sign_texts(["fed adds reserves", "fed adds reserves via customer"])
    before = signatures.copy()
    sketch = to_datasketch(signatures)[0]
    sketch.update(b"reserves via")
    sketch.update(b"via customer")
    np.testing.assert_array_equal(from_datasketch([sketch])[0], signatures[1])
    np.testing.assert_array_equal(signatures, before)


def test_lean_sketches_come_back_too() -> None:
    sketch = sketch_of(SAMPLES["english"], 16)
    np.testing.assert_array_equal(from_datasketch([LeanMinHash(sketch)]), [sketch.hashvalues])


def test_no_signature_gives_no_sketch() -> None:
    assert to_datasketch(np.empty((0, 8), np.uint32)) == []


FED = "Fed adds reserves via customer repurchases as rates hold, the New York branch said on Tuesday morning."
FED_AGAIN = FED.replace("Tuesday", "Wednesday")
RAIN = "Heavy rain in the north floods thousands of houses and stops the trains, the railways said."
FED_AND_RAIN = [FED, FED_AGAIN, RAIN]


def test_datasketchs_lsh_finds_the_copy() -> None:
    one, again, rain = to_datasketch(recipe_of(128).sign_texts(FED_AND_RAIN))
    index = MinHashLSH(threshold=0.4, num_perm=128)
    index.insert("fed", one)
    index.insert("rain", rain)
    assert index.query(again) == ["fed"]
    assert index.query(sketch_of(RAIN.upper(), 128)) == ["rain"]


def test_datasketchs_forest_finds_the_copy() -> None:
    one, again, rain = to_datasketch(recipe_of(128).sign_texts(FED_AND_RAIN))
    forest = MinHashLSHForest(num_perm=128)
    forest.add("fed", one)
    forest.add("rain", rain)
    forest.index()
    assert forest.query(again, 1) == ["fed"]
    assert forest.query(sketch_of(RAIN, 128), 1) == ["rain"]


def test_another_scheme_is_refused() -> None:
    for scheme in ("legacy", "affine64"):
        with pytest.raises(
            ParameterError, match=rf"scheme '{scheme}' and seed 1; 'affine32' and seed 1 are needed"
        ):
            from_datasketch([MinHash(num_perm=4, scheme=scheme)])


def test_another_seed_is_refused() -> None:
    sketches = to_datasketch(recipe_of(4, 2).sign_texts(["one", "two"]), 2)
    with pytest.raises(ParameterError, match="seed 2; 'affine32' and seed 1 are needed"):
        from_datasketch(sketches)


def test_sketches_of_two_lengths_are_refused() -> None:
    with pytest.raises(ParameterError, match="one number of permutations"):
        from_datasketch([sketch_of("one", 4), sketch_of("one", 8)])


def test_at_least_one_sketch_is_needed() -> None:
    with pytest.raises(ParameterError, match="at least one"):
        from_datasketch([])
