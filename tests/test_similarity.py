"""Scores of one pair in plain Python equal the kernels' of many, and both what sets say."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dedup.match.similarity import (
    GAP,
    SCALE,
    Overlap,
    continuities,
    count_pairs,
    covered,
    fullest_runs,
    overlap,
    ratios,
    rounded,
)
from tests.strategies import shingle_row, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

counts = st.integers(0, 10**6)
flags = st.lists(st.booleans(), max_size=80)
long_row = st.permutations(range(1, 61)).flatmap(lambda row: st.integers(0, 60).map(lambda n: list(row[:n])))
rows_of_shingles = st.lists(st.one_of(shingle_row, shingle_row, long_row), min_size=1, max_size=4)


def every_pair(rows: Sequence[Sequence[int]]) -> list[Overlap]:
    """Scores of each row with each, by the kernels."""
    table = table_of(rows)
    lefts, rights = (np.array(side) for side in zip(*product(range(len(rows)), repeat=2), strict=True))
    shared = count_pairs(table, lefts, rights)
    scores = *ratios(shared, table.sizes[lefts], table.sizes[rights]), continuities(table, lefts, rights)
    return [Overlap(*score) for score in zip(*(values.tolist() for values in scores), strict=True)]


@given(rows_of_shingles)
@example([[], []])
@example([[1, 2], [2, 1], [2]])
def test_kernels_equal_their_twin(rows: list[list[int]]) -> None:
    assert every_pair(rows) == [overlap(one, other) for one, other in product(rows, repeat=2)]


@given(rows_of_shingles, st.data())
def test_pairs_are_counted_in_any_order(rows: list[list[int]], data: st.DataObject) -> None:
    """Pairs with one left row stand together for speed alone."""
    index = st.integers(0, len(rows) - 1)
    pairs = data.draw(st.lists(st.tuples(index, index), max_size=12))
    lefts = np.array([left for left, _ in pairs], np.int64)
    rights = np.array([right for _, right in pairs], np.int64)
    expected = [len(set(rows[left]) & set(rows[right])) for left, right in pairs]
    assert count_pairs(table_of(rows), lefts, rights).tolist() == expected


def test_long_rows_that_collide_in_the_kernels_table() -> None:
    """Shingles that are equal in their low bits stand side by side there."""
    one = [k << 40 | 3 for k in range(1, 60)]
    other = [k << 40 | 3 for k in range(30, 90)] + [k << 40 | 4 for k in range(1, 30)]
    assert every_pair([one, other]) == [overlap(a, b) for a, b in product([one, other], repeat=2)]
    assert overlap(one, other).resemblance == rounded(30, 59 + 89 - 30)


def test_no_pair() -> None:
    none = np.empty(0, np.int64)
    assert count_pairs(table_of([[1]]), none, none).tolist() == []
    assert continuities(table_of([[1]]), none, none).tolist() == []


@given(shingle_row, shingle_row)
def test_scores_are_what_sets_say(one: list[int], other: list[int]) -> None:
    a, b = set(one), set(other)
    scores = overlap(one, other)
    assert scores.resemblance == in_ten_thousandths(len(a & b), len(a | b))
    assert scores.containment == in_ten_thousandths(len(a & b), min(len(a), len(b)))
    assert scores.coverage == in_ten_thousandths(len(a & b), max(len(a), len(b)))


@given(shingle_row, shingle_row)
def test_scores_are_symmetric(one: list[int], other: list[int]) -> None:
    assert overlap(one, other) == overlap(other, one)


@given(shingle_row, shingle_row)
def test_scores_are_in_order(one: list[int], other: list[int]) -> None:
    resemblance, containment, coverage, continuity = overlap(one, other)
    assert 0 <= resemblance <= coverage <= containment <= continuity <= SCALE


@given(long_row, st.data())
def test_a_part_is_contained(row: list[int], data: st.DataObject) -> None:
    assume(row)
    first = data.draw(st.integers(0, len(row) - 1))
    part = row[first : data.draw(st.integers(first + 1, len(row)))]
    scores = overlap(row, part)
    assert scores.containment == scores.continuity == SCALE
    assert scores.coverage == scores.resemblance == in_ten_thousandths(len(part), len(row))


@given(shingle_row)
def test_a_text_is_its_own_copy(row: list[int]) -> None:
    assert overlap(row, row[::-1]) == ((SCALE,) * 4 if row else (0,) * 4)


@given(shingle_row)
def test_nothing_resembles_nothing(row: list[int]) -> None:
    assert overlap(row, []) == overlap([], row) == (0, 0, 0, 0)


def test_continuity_by_example() -> None:
    """The shorter text lies in the longer one, but for an edit that breaks a few shingles."""
    longer = list(range(1, 101))
    edited = [*range(1, 11), *range(201, 206), *range(16, 26)]
    assert overlap(longer, edited) == (rounded(20, 105), 8000, 2000, SCALE)
    apart = [*range(1, 11), *range(201, 201 + GAP + 1), *range(32, 42)]
    assert (
        overlap(longer, apart).continuity == overlap(longer, apart).containment == rounded(20, 20 + GAP + 1)
    )


def test_continuity_of_two_texts_of_one_length_is_the_better() -> None:
    scattered = [1, *range(101, 101 + GAP + 1), 2]
    together = [1, 2, *range(201, 201 + GAP + 1)]
    assert overlap(scattered, together).continuity == rounded(2, GAP + 3)
    nearly = [1, *range(101, 101 + GAP), 2, 301]
    assert overlap(nearly, together).continuity == rounded(GAP + 2, GAP + 3)
    assert overlap(together, nearly).continuity == rounded(GAP + 2, GAP + 3)
    assert {scores.continuity for scores in every_pair([nearly, together])} == {
        SCALE,
        rounded(GAP + 2, GAP + 3),
    }


def in_ten_thousandths(part: int, whole: int) -> int:
    """By fractions: half up."""
    return floor(Fraction(part * 10_000, whole) + Fraction(1, 2)) if whole else 0


@given(counts, counts)
@example(1, 20_000)
@example(3, 20_000)
@example(0, 0)
def test_rounding_is_half_up(one: int, other: int) -> None:
    part, whole = sorted((one, other))
    assert rounded(part, whole) == in_ten_thousandths(part, whole)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (1, 3, 3333),
        (2, 3, 6667),
        (1, 20_000, 1),
        (1, 20_001, 0),
        (19_999, 20_000, 10_000),
        (1, 1, 10_000),
        (0, 5, 0),
    ],
)
def test_rounding_by_example(part: int, whole: int, expected: int) -> None:
    assert rounded(part, whole) == expected
    assert (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), ROUND_HALF_UP) == Decimal(
        expected
    ) / SCALE


@given(st.lists(st.tuples(counts, counts, counts), max_size=20))
def test_ratios_of_arrays_are_those_of_numbers(triples: list[tuple[int, int, int]]) -> None:
    triples = [(min(triple), *triple[1:]) for triple in triples]
    columns = (
        (np.array(column, np.int64) for column in zip(*triples, strict=True))
        if triples
        else [np.empty(0, int)] * 3
    )
    shared, size, other = columns
    of_arrays = [values.tolist() for values in ratios(shared, size, other)]
    assert list(zip(*of_arrays, strict=True)) == [ratios(*triple) for triple in triples]


def test_ratios_by_example() -> None:
    assert ratios(3, 4, 6) == ratios(3, 6, 4) == (4286, 7500, 5000)
    assert ratios(0, 0, 0) == (0, 0, 0)


@pytest.mark.parametrize(
    ("pattern", "gap", "expected"),
    [
        ("", 2, 0),
        ("...", 2, 0),
        ("x", 0, 1),
        ("xx.x", 0, 3),
        ("x.x", 1, 3),
        ("x..x", 1, 2),
        ("..x..x..", 2, 4),
        ("x...x", 2, 2),
        ("x.x...x.x", 2, 6),
        ("x" + "." * GAP + "x", GAP, GAP + 2),
        ("x" + "." * (GAP + 1) + "x", GAP, 2),
    ],
)
def test_covered(pattern: str, gap: int, expected: int) -> None:
    assert covered([place == "x" for place in pattern], gap) == expected


@given(flags, st.integers(0, 25))
def test_what_is_covered_is_what_remains_when_long_gaps_are_cut_out(marks: list[bool], gap: int) -> None:
    written = "".join("x" if mark else "." for mark in marks).strip(".")
    gaps = [run for run in written.split("x") if len(run) > gap]
    assert covered(marks, gap) == len(written) - sum(map(len, gaps))


@given(flags)
def test_the_direction_of_reading_does_not_matter(marks: list[bool]) -> None:
    assert covered(marks) == covered(marks[::-1])


@given(rows_of_shingles)
@example([[], [1]])
@example([list(range(1, 60)), [*range(1, 5), *range(100, 120), 7], [*range(1, 5), *range(100, 121), 7]])
def test_the_fullest_runs_are_those_of_the_flags(rows: list[list[int]]) -> None:
    lefts, rights = (np.array(side) for side in zip(*product(range(len(rows)), repeat=2), strict=True))
    most = fullest_runs(table_of(rows), lefts, rights).tolist()
    for left, right, found in zip(lefts.tolist(), rights.tolist(), most, strict=True):
        shorter, longer = (left, right) if len(rows[left]) < len(rows[right]) else (right, left)
        known = set(rows[longer])
        runs, last = [0], -GAP - 2
        for place, shingle in enumerate(rows[shorter]):
            if shingle in known:
                if place - last > GAP + 1:
                    runs.append(0)
                runs[-1] += 1
                last = place
        assert found == max(runs)
