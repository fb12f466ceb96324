"""Kernels over columns of texts equal their plain twins, text by text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.storage import Appender
from dedup.text.columns import ShingleTable, TextColumn, equal_pairs, shingle_column
from dedup.text.shingling import ShingledText, shingle_text
from dedup.text.tokens import tokenise
from tests.strategies import SAMPLES, any_text, ascii_text, atoms, border_text, mixed_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

any_batch = st.lists(st.one_of(text, border_text()), max_size=4)


def column_of(texts: Sequence[str]) -> TextColumn:
    return TextColumn.of([written.encode() for written in texts])


def shingled(texts: Sequence[str], width: int = 5) -> list[ShingledText]:
    """What the kernel says of each text."""
    batch = shingle_column(column_of(texts), width)
    ends = np.cumsum(batch.counts).tolist()
    assert len(batch.hashes) == sum(batch.counts.tolist())
    assert len(batch.counts) == len(batch.n_words) == len(batch.text_hashes) == len(texts)
    return [
        ShingledText(batch.hashes[end - count : end].tolist(), n_words, text_hash)
        for count, end, n_words, text_hash in zip(
            batch.counts.tolist(), ends, batch.n_words.tolist(), batch.text_hashes.tolist(), strict=True
        )
    ]


def check(texts: Sequence[str], width: int = 5) -> None:
    assert shingled(texts, width) == [shingle_text(written, width) for written in texts]


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("width", [1, 5])
def test_samples(sample: str, width: int) -> None:
    check([sample], width)


def test_all_samples_in_one_batch() -> None:
    check(list(SAMPLES.values()))


EDGES = {
    "empty": "",
    "one separator": " ",
    "one letter": "a",
    "one dash": "-",
    "one figure with its sign": "-3",
    "zero byte": "\0",
    "zero bytes between words": "a\0\0b\0",
    "only invisible": "\u200b\u00ad",
    "only marks": "\u0301\u094d",
    "separators at both ends": " , one two. ",
    "ends inside a word": "one tw",
    "ends with a dash": "one -",
    "ends with an invisible": "one\u00ad",
    "ends with a mark to be kept": "एक\u094d",
    "ends with a mark to be dropped": "one\u0301",
    "ends with a single": "one か",
    "a single, then ASCII": "かone",
    "a single with a mark, then ASCII": "か\u3099one",
    "marks wait for ASCII": "क\u094d\u093c 5",
    "marks wait for the end": "क\u094d\u093c",
    "a sign waits over an invisible": "-\u200b3",
    "a sign waits over a dropped mark": "-\u03013",
    "signs of all kinds": "-3 −3 –3 --3 -–3 5-3 か-3 é-3 -か -é - 3 -",
    "the widest characters": "ﷺㅤ㌖㍖㍊㌴" * 9,
    "one wide character": "ﷺ",
    "last code point": "a\U0010ffffb",
    "last of one, two and three bytes": "a\x7fb\u07ffc\uffffd",
    "Hangul with and without a final": "가각힣",
    "marks beyond one run": "क" + "\u0301\u0316" * 40 + "ख",
    "exactly one run of marks": "क" + "\u0301\u0316" * 16,
    "very long word": "supercalifragilistic" * 60,
    "very long word of letters in two bytes": "щи" * 300,
    "many short words": "a b " * 150,
    "one word again and again": "news " * 40,
}


@pytest.mark.parametrize("written", EDGES.values(), ids=EDGES)
def test_edges(written: str) -> None:
    for width in (1, 2, 5):
        check([written, written + " ", " " + written], width)


@pytest.mark.parametrize("n_bytes", [31, 32, 33, 63, 64, 65, 95, 96, 97, 127, 128, 129, 255, 256, 257])
def test_lengths_around_the_strides(n_bytes: int) -> None:
    fillers = ("a", "a ", " a", "abcdefg ", "ab-1 ", "- ", "é", "か", "x" * 31 + " ", "-\x003")
    texts = [(filler * n_bytes).encode()[:n_bytes].decode(errors="ignore") for filler in fillers]
    check(texts)
    check(texts, 1)


@pytest.mark.parametrize("n_bytes", [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 63, 64, 65])
def test_lengths_of_words(n_bytes: int) -> None:
    """Wherever they begin, in the block of eight and in the one of sixty-four."""
    word = ("abcdefghijklmnopqrstuvwxyz" * 3)[:n_bytes]
    check([" " * before + word + after for before, after in product(range(9), ("", " ", " z"))], 1)
    check([" " * before + word + " z" for before in range(52, 66)], 1)


@pytest.mark.parametrize("tail", ["é", "-", "-3", "か", "\u0301", "한", "\u00ad", "०", "–3", "ﷺ"])
def test_what_is_not_plain_ascii_around_the_stride(tail: str) -> None:
    check(["a" * n + tail + "b 1" for n in range(28, 36)] + ["a b" * 9 + " " * n + tail for n in range(8)], 1)


@given(any_text, st.integers(1, 7))
def test_anything(written: str, width: int) -> None:
    check([written], width)


@given(st.one_of(atoms, mixed_text), st.integers(1, 7))
@example("か\u3099-3", 1)
def test_mixed_scripts(written: str, width: int) -> None:
    check([written], width)


@given(ascii_text, st.integers(1, 7))
def test_ascii_with_dashes(written: str, width: int) -> None:
    check([written], width)


@given(border_text(), st.integers(1, 7))
def test_borders(written: str, width: int) -> None:
    check([written], width)


@given(any_batch, st.integers(1, 7))
def test_batches(texts: list[str], width: int) -> None:
    check(texts, width)


@given(text, st.sampled_from(["a", "z9", "-", "3", "か", "\u0301", "\u094d", " "]), text)
def test_neighbours_do_not_matter(before: str, written: str, after: str) -> None:
    alone = shingled([written])
    assert shingled([before, written, after])[1] == alone[0]
    assert shingled([before + "-", written, "3" + after])[1] == alone[0]
    assert shingled([before + "क", written, "\u094d" + after])[1] == alone[0]


WIDE = "ﷺ" * 60
NARROW = "fed adds reserves via customer repurchases " * 4


@pytest.mark.parametrize(
    "texts",
    [
        [WIDE],
        [WIDE, NARROW, WIDE],
        [NARROW, WIDE, NARROW, "㌖" * 90, NARROW],
        ["", WIDE, "", NARROW],
        ["x"] * 300,
        ["か"] * 300 + ["ﷺ"] * 30 + ["x y"] * 30,
        [""] * 300,
    ],
    ids=["wide", "wide outside", "wide inside", "empty too", "one letter", "one character", "empty"],
)
def test_texts_of_many_words_for_their_bytes(texts: list[str]) -> None:
    """They need more room than texts in ASCII, alone and in the midst of others; each time with none kept."""
    with ThreadPoolExecutor(1) as thread:
        for batch in (texts, texts[::-1]):
            thread.submit(check, batch, 1).result()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(check, texts).result()


@given(any_batch, st.integers(1, 7))
def test_batches_in_a_thread_of_their_own(texts: list[str], width: int) -> None:
    """Whose room is new, and no larger than the batch needs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(check, texts, width).result()


def test_threads_do_not_share_their_room() -> None:
    samples = [*SAMPLES.values(), *EDGES.values()]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(check, samples[k:] + samples[:k], 2) for k in range(8)]:
            done.result()


def test_a_small_batch_after_a_large_one() -> None:
    check([NARROW * 50, WIDE * 5])
    check(["one two", "", "-3"])


def test_a_word_is_not_continued_in_the_next_text() -> None:
    check(["one tw", "o three", "", "-", "3", "क", "\u094d", "か", "\u3099"])


def test_a_batch_that_begins_behind_the_column() -> None:
    """Offsets need not begin at 0: a slice of a column is a column."""
    whole = column_of(["one two three", "vier fünf sechs", "семь восемь"])
    part = TextColumn(whole.data, whole.offsets[1:])
    batch = shingle_column(part, 1)
    assert batch.n_words.tolist() == [3, 2]
    assert (
        batch.hashes.tolist()
        == shingle_text("vier fünf sechs", 1).shingles + shingle_text("семь восемь", 1).shingles
    )


def test_an_empty_batch() -> None:
    batch = shingle_column(column_of([]), 5)
    assert [len(array) for array in batch] == [0, 0, 0, 0, 0]


def test_types_of_a_batch() -> None:
    batch = shingle_column(column_of(["one two", ""]), 5)
    assert [array.dtype for array in batch] == [np.uint64, np.int64, np.int64, np.uint64, np.uint64]


def test_a_column_holds_the_texts() -> None:
    texts = ["one", "", "zwölf", "か"]
    data, offsets = column_of(texts)
    assert offsets.tolist() == [0, 3, 3, 9, 12]
    assert data.dtype == np.uint8
    assert offsets.dtype == np.int64
    assert [bytes(data[a:b]).decode() for a, b in pairwise(offsets.tolist())] == texts


def test_sizes_of_a_table() -> None:
    hashes = np.arange(1, 6, dtype=np.uint64)
    table = ShingleTable(np.array([0, 2, 2, 5]), hashes, np.zeros(3, np.int64), np.zeros(3, np.uint64))
    assert table.sizes.tolist() == [2, 0, 3]


def words(written: str) -> list[str]:
    return [token.text for token in tokenise(written)]


def all_pairs(texts: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Whether each pair is equal, says the kernel; and so says the comparison of words."""
    lefts, rights = (np.array(rows) for rows in zip(*product(range(len(texts)), repeat=2), strict=True))
    found = equal_pairs(column_of(texts), lefts, rights)
    assert found.dtype == np.bool_
    spelt = [words(written) for written in texts]
    return found.tolist(), [one == other for one, other in product(spelt, repeat=2)]


@given(st.lists(st.one_of(text, border_text()), min_size=1, max_size=3))
def test_equal_pairs_are_equal_in_words(texts: list[str]) -> None:
    variants = [*texts, *map(str.lower, texts), *(" ".join(words(written)) for written in texts)]
    found, expected = all_pairs([*variants, *(f" … {written}!" for written in texts)])
    assert found == expected


def test_equal_pairs_by_example() -> None:
    texts = [
        "One, two",
        "one two.",
        " ONE\u00ad — two",
        "onetwo",
        "one two three",
        "one",
        "",
        "…",
        "-3",
        "3",
        "か",
        "が",
    ]
    found, expected = all_pairs(texts)
    assert found == expected
    assert sum(found) == 9 + 4 + 7


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_a_sample_equals_its_words(sample: str) -> None:
    found, expected = all_pairs(
        [sample, " ".join(words(sample)), sample + " more", sample[: len(sample) // 2]]
    )
    assert found == expected
    assert found[1]


def test_no_pair() -> None:
    none = np.empty(0, np.int64)
    assert equal_pairs(column_of(["one"]), none, none).tolist() == []


@given(
    st.sampled_from([np.uint8, np.int64, np.uint64, np.float64]),
    st.integers(0, 9000),
    st.lists(st.integers(0, 3000), max_size=12),
)
@example(np.int64, 0, [4096])
@example(np.int64, 0, [4096, 1])
@example(np.int64, 5000, [5000, 1])
@example(np.int64, 0, [20000])
def test_appending_is_concatenating(dtype: Any, expected: int, sizes: list[int]) -> None:
    start = np.cumsum([0, *sizes])
    chunks = [np.arange(first, first + size).astype(dtype) for first, size in zip(start, sizes, strict=False)]
    appender = Appender(dtype, expected)
    for chunk in chunks:
        appender.append(chunk)
    values = appender.finish()
    assert values.dtype == dtype
    np.testing.assert_array_equal(values, np.concatenate([np.empty(0, dtype), *chunks]))


def test_what_is_appended_is_copied() -> None:
    chunk = np.array([1, 2, 3])
    appender = Appender(np.int64)
    appender.append(chunk)
    chunk[:] = 9
    assert appender.finish().tolist() == [1, 2, 3]
