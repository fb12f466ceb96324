from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.shingling import hash_word
from dedup.text.strings import (
    CHUNK,
    BytesAppender,
    ByteStrings,
    Categories,
    CategoriesAppender,
    Strings,
    StringsAppender,
    spans_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.kernels.types import Rows

#: Few values, so that they repeat; of one hash are "a" and "a\0".
few = st.sampled_from([b"", b"a", b"a\0", b"b", b"a longer one than a block", b"\xff", b"\xc3\xa9"])
raw = st.lists(few | st.binary(max_size=20), max_size=30)
any_string = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["a", "a\0", "\ud83d", "\ude00", "é", ""]
)
optional = st.lists(st.none() | any_string, max_size=30)


def in_turn(appender: BytesAppender, values: Sequence[bytes], per_batch: int) -> ByteStrings:
    for span in spans_of(len(values), per_batch):
        appender.append(values[span])
    return appender.finish()


def first_rows(values: Iterable[object]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault(value, row) for row, value in enumerate(values)]


@given(raw, st.integers(1, 9))
def test_byte_strings_are_those_that_were_appended(values: list[bytes], per_batch: int) -> None:
    column = in_turn(BytesAppender(), values, per_batch)
    assert (len(column), list(column), column[1:7:2]) == (len(values), values, values[1:7:2])
    assert [column[row] for row in range(-len(values), len(values))] == values * 2
    assert column.take(np.arange(len(values))[::-1]) == values[::-1]
    assert column.lengths.tolist() == list(map(len, values))


@given(raw)
def test_hashes_are_those_of_the_plain_form(values: list[bytes]) -> None:
    assert ByteStrings.of(values).hashes().tolist() == list(map(hash_word, values))


@given(raw)
def test_the_first_row_of_a_value_is_found_whatever_the_hashes(values: list[bytes]) -> None:
    column = ByteStrings.of(values)
    assert column.first_rows().tolist() == first_rows(values)


def test_two_values_of_one_hash_are_two() -> None:
    values = [b"a\0", b"a", b"a\0\0", b"a", b"a\0\0", b"a\0"]
    column = ByteStrings.of(values)
    assert len(set(column.hashes().tolist())) == 1
    assert column.first_rows().tolist() == [0, 1, 2, 1, 2, 0]


@given(raw, st.binary(min_size=1, max_size=3), st.data())
def test_strings_are_compared_and_searched_byte_for_byte(
    values: list[bytes], wanted: bytes, data: st.DataObject
) -> None:
    column = ByteStrings.of(values)
    assert column.have_any(wanted).tolist() == [any(byte in wanted for byte in value) for value in values]
    rows = st.lists(st.integers(0, max(len(values) - 1, 0)), max_size=len(values))
    lefts = data.draw(rows)
    rights = (lefts[::-1] + lefts)[: len(lefts)]
    found = column.equal(np.array(lefts, np.int64), np.array(rights, np.int64))
    assert found.tolist() == [values[one] == values[other] for one, other in zip(lefts, rights, strict=True)]


@given(optional, st.integers(1, 9))
def test_strings_and_none_come_back(values: list[str | None], per_batch: int) -> None:
    appender = StringsAppender()
    for span in spans_of(len(values), per_batch):
        appender.append(values[span])
    column = appender.finish()
    assert list(column) == values
    assert [column[row] for row in range(len(values))] == values
    assert column.nones().tolist() == [value is None for value in values]
    assert column.first_rows().tolist() == first_rows(values)


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


def test_a_column_is_gone_through_in_chunks() -> None:
    taken: list[int] = []

    class Counted(ByteStrings):
        def take(self, rows: Rows) -> list[bytes]:
            taken.append(len(rows))
            return super().take(rows)

    column = Counted(ByteStrings.of([b"a"] * (2 * CHUNK + 1)).column)
    assert list(column) == [b"a"] * len(column)
    assert taken == [CHUNK, CHUNK, 1]


def test_a_column_is_not_made_of_a_column() -> None:
    for column in (ByteStrings.of([b"a"]), Strings.of(["a"]), Categories.of(["a"])):
        assert type(column).of(column) is column  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [-4, 3])
def test_there_is_no_other_row(row: int) -> None:
    with pytest.raises(IndexError):
        Strings.of(["a", "b", None])[row]
