from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.intake import Intake
from dedup.match.exact import fill_in, group_equal
from dedup.text.columns import ShingleTable, TextColumn, shingle_column
from dedup.text.shingling import shingle_text
from tests.naive import exact_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Rows


def table_of(texts: Sequence[str], hash_bits: int) -> ShingleTable:
    """Table of texts whose hashes have no more than some bits."""
    batch = shingle_column(TextColumn.of([text.encode() for text in texts]), 5)
    indptr = np.concatenate([[0], np.cumsum(batch.counts)])
    hashes = batch.text_hashes & np.uint64((1 << hash_bits) - 1)
    return ShingleTable(indptr, batch.hashes, batch.n_words, hashes)


def groups_of(texts: Sequence[str], hash_bits: int = 64) -> list[int]:
    """Groups of equal texts."""

    def read_texts(rows: Rows) -> Iterator[bytes]:
        assert rows.tolist() == sorted(set(rows.tolist())), "rows are to be read in ascending order, once"
        return (texts[row].encode() for row in rows.tolist())

    groups: list[int] = group_equal(table_of(texts, hash_bits), read_texts).tolist()
    return groups


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rain in the North", "RAIN in the north."),
        ("“Rain”, she said: it's here", '"Rain", she said - it’s here'.replace("’", "'")),
        ("co\u00adoperation at\u200b last", "cooperation at last"),
        ("rain,\r\n\r\nthen   snow", "rain then\u00a0snow"),
        ("café", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ｆｕｌｌ width", "full width"),
        ("in 2019–20", "in 2019-20"),
        ("ΤΕΛΟΣ", "τέλος"),
    ],
)
def test_texts_that_a_reader_takes_for_equal(one: str, other: str) -> None:
    assert groups_of([one, other]) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("it is -3 degrees", "it is 3 degrees"),
        ("rain in the north", "rain in the south"),
        ("rain in the north", "in the north rain"),
        ("rain rain", "rain"),
        ("rain bow", "rainbow"),
        ("が", "か"),
        ("ab c", "a bc"),
        ("1.5", "15"),
    ],
)
@pytest.mark.parametrize("hash_bits", [64, 0])
def test_texts_that_differ(one: str, other: str, hash_bits: int) -> None:
    assert groups_of([one, other], hash_bits) == [0, 1]


@pytest.mark.parametrize("text", ["", " ", "…", "!?", "\u00ad", "🙂"])
def test_a_text_without_a_word_equals_none(text: str) -> None:
    assert groups_of([text, text, "rain", text, "rain"]) == [0, 1, 2, 3, 2]


def test_texts_of_one_hash_are_told_apart_by_their_words() -> None:
    texts = ["a b", "c", "A b", "C!", "d", "a", "c", "", "D", ""]
    assert groups_of(texts, hash_bits=0) == [0, 1, 0, 1, 4, 5, 1, 7, 4, 9]


@given(
    st.lists(
        st.lists(st.sampled_from(["a", "A", "b", "-3", "3", ","]), max_size=3).map(" ".join), max_size=12
    ),
    st.sampled_from([0, 1, 2, 64]),
)
def test_groups_are_those_of_the_twin_whatever_collides(texts: list[str], hash_bits: int) -> None:
    if texts:
        assert groups_of(texts, hash_bits) == exact_groups(texts)


@pytest.mark.slow
def test_more_than_a_batch_of_bytes_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.match.exact._BATCH_BYTES", 100)
    long = "rain " * 50
    texts = [long + "a", long.upper() + "A", long + "b", long.title() + "B", long + "A!", long.upper() + "b"]
    assert groups_of(texts, hash_bits=0) == [0, 0, 2, 2, 0, 2]


@given(
    st.lists(st.lists(st.sampled_from(["a", "A", "b", "c"]), max_size=8).map(" ".join), max_size=12),
    st.sampled_from([0, 1, 2, 64]),
    st.integers(1, 4),
)
def test_what_a_shared_hash_left_out_is_filled_in(texts: list[str], hash_bits: int, per_batch: int) -> None:
    intake = Intake()
    for start in range(0, len(texts), per_batch):
        batch = shingle_column(TextColumn.of([text.encode() for text in texts[start : start + per_batch]]), 5)
        intake.add_shingles(batch._replace(text_hashes=batch.text_hashes & np.uint64((1 << hash_bits) - 1)))
    table = intake.finish().table
    groups = exact_groups(texts)
    filled = fill_in(table, np.array(groups, np.int64), lambda rows: (texts[row].encode() for row in rows), 5)
    for row, group in enumerate(groups):
        if row == group:
            found = filled.hashes[filled.indptr[row] : filled.indptr[row + 1]].tolist()
            assert found == shingle_text(texts[row]).shingles
    assert len(table.hashes) <= len(filled.hashes)
    assert table.n_words.tolist() == [shingle_text(text).n_words for text in texts]


def test_exact_copies_take_no_room() -> None:
    intake = Intake()
    intake.add_shingles(shingle_column(TextColumn.of([b"one two three", b"ONE two three!", b"", b""]), 5))
    assert intake.finish().table.sizes.tolist() == [1, 0, 0, 0]
