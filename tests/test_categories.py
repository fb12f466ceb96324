from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.categories import (
    Categories,
    CategoriesAppender,
    different_pairs,
    distinct,
    number_together,
)
from dedup.text.strings import spans_of


@given(st.lists(st.none() | st.sampled_from(["", "a", "b", "é", "\ud83d"]), max_size=30), st.integers(1, 9))
def test_categories_are_numbered_as_they_come(values: list[str | None], per_batch: int) -> None:
    appender = CategoriesAppender()
    for span in spans_of(len(values), per_batch):
        appender.append(values[span])
    column = appender.finish()
    assert (list(column), column[::-1]) == (values, values[::-1])
    assert list(column.names) == list(dict.fromkeys(value for value in values if value is not None))
    codes = dict(zip(column.names, range(len(values)), strict=False))
    assert column.codes.tolist() == [-1 if value is None else codes[value] for value in values]


def test_categories_are_not_made_of_categories() -> None:
    column = Categories.of(["a"])
    assert Categories.of(column) is column


def test_who_goes_on_numbers_as_who_was_not_interrupted() -> None:
    whole, begun = CategoriesAppender(), CategoriesAppender()
    whole.append(["b", None, "a", "c", "b"])
    begun.append(["b", None, "a"])
    resumed = CategoriesAppender()
    resumed.resume(begun.names)
    resumed.append(["c", "b"])
    assert resumed.finish().codes.tolist() == whole.finish().codes.tolist()[3:]


@given(st.lists(st.integers(-3, 3)))
def test_distinct_values_ascend(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


pairs_of_names = st.lists(st.tuples(*[st.none() | st.sampled_from("abc")] * 2), max_size=20)


@given(pairs_of_names)
def test_pairs_of_values_are_numbered_together(rows: list[tuple[str | None, str | None]]) -> None:
    ones, others = (Categories.of([row[place] for row in rows]) for place in (0, 1))
    numbers, pairs = different_pairs(ones, others)
    assert [pairs[number] for number in numbers.tolist()] == rows
    assert len(set(pairs)) == len(pairs) == len(set(rows))


@given(st.lists(st.tuples(*[st.integers(-(2**62), 2**62)] * 3), max_size=20))
def test_rows_are_numbered_in_their_order(rows: list[tuple[int, int, int]]) -> None:
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    expected = {row: number for number, row in enumerate(sorted(set(rows)))}
    assert number_together(*columns).tolist() == [expected[row] for row in rows]
