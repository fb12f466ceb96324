from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.shingling import hash_shingle, hash_word, hash_words, shingle_text, shingle_words
from dedup.text.tokens import tokenise
from tests.strategies import text

HEADLINE = "Fed adds reserves via customer repurchases, Fed adds"

WORD_HASHES = {
    b"": 0x1C903550E321AD79,
    b"a": 0x8E6E70837790B9ED,
    b"fed": 0xBA5AA6A9E431A5DB,
    b"reserve": 0x572D99A9C8DA1BFA,
    b"reserves": 0x7963141BDB949648,
    b"customers": 0x4D0A58F37AC073FC,
    b"-3": 0x53B566F61D69625E,
    b"repurchase-made": 0x1C9535E116626BDF,
    b"repurchases-made": 0x09EA1528EBC4077D,
    b"repurchases-made-x": 0x988FB504AB340A11,
    b"\xff" * 8: 0xA2CA41DCC712839C,
    b"\x00": 0xD34402EDF2A39352,
    "中".encode(): 0x55F52CCD243E1CA9,
}


@pytest.mark.parametrize(("word", "expected"), WORD_HASHES.items(), ids=map(str, WORD_HASHES))
def test_word_hashes_never_change(word: bytes, expected: int) -> None:
    assert hash_word(word) == expected


SHINGLE_HASHES: list[tuple[list[int], int]] = [
    ([], 0x0000000000000001),
    ([0], 0x0000000000000001),
    ([1], 0xD6E8FEB8B0B1032B),
    ([1, 2], 0xB4BDB30E1648E508),
    ([2, 1], 0x33AF4C85775D370D),
    ([1, 2, 3, 4, 5], 0x1F46E680224A506D),
    ([2**64 - 1] * 5, 0x7063A112B503E6E6),
    ([hash_word(word) for word in b"fed adds reserves via customer".split()], 0xC35E057B7E8DF643),
]


@pytest.mark.parametrize(("words", "expected"), SHINGLE_HASHES)
def test_shingle_hashes_never_change(words: list[int], expected: int) -> None:
    assert hash_words(words) == expected


TEXT_HASHES = {
    "": (0x0, []),
    "Fed": (0x7AE92214E2958662, [0x7AE92214E2958662]),
    HEADLINE: (
        0x5AA849CD47505E4F,
        [0xC35E057B7E8DF643, 0x4D415F1C548F97B6, 0x870E952B24E14CB1, 0xD01E9B2279565DA2],
    ),
    "−3 % in Köln: 中央 ガ, क़ीमतें, 한국 ΤΗΣ": (
        0x994E2227266BFFF8,
        [0xCE39DEA7356CE0AF, 0x8FDEEFC100DEC369, 0xE725AD7F77626554, 0x024AE77840834406, 0x57A905008E0A65F5],
    ),
}


@pytest.mark.parametrize(("written", "expected"), TEXT_HASHES.items(), ids=map(ascii, TEXT_HASHES))
def test_hashes_of_texts_never_change(written: str, expected: tuple[int, list[int]]) -> None:
    shingled = shingle_text(written)
    assert (shingled.text_hash, shingled.shingles) == expected


def test_hashes_for_datasketch_never_change() -> None:
    assert hash_shingle(b"fed adds reserves via customer") == 0x7E8DF643
    assert hash_shingle("中 央 ガ".encode()) == 0x77A5EF34


@given(st.lists(st.text(min_size=1, max_size=9).filter(lambda word: " " not in word), min_size=1, max_size=5))
def test_a_shingles_hash_for_datasketch_is_the_low_half_of_ours(words: list[str]) -> None:
    encoded = [word.encode(errors="replace") for word in words]
    assert hash_shingle(b" ".join(encoded)) == hash_words(map(hash_word, encoded)) & 0xFFFFFFFF


@given(st.binary(max_size=40))
def test_a_hash_has_64_bits(word: bytes) -> None:
    assert 0 <= hash_word(word) < 1 << 64
    assert 0 < hash_words([hash_word(word)]) < 1 << 64


@given(st.lists(st.binary(max_size=40), unique=True, min_size=2, max_size=20))
def test_different_words_have_different_hashes(words: list[bytes]) -> None:
    """But for zero bytes at the end of a word's last block, which no word has."""
    words = list({word.rstrip(b"\0"): word.rstrip(b"\0") for word in words})
    assert len({hash_word(word) for word in words}) == len(words)


def test_the_order_of_words_matters() -> None:
    assert hash_words([1, 2, 3]) != hash_words([3, 2, 1])
    assert shingle_text("one two").text_hash != shingle_text("two one").text_hash
    assert shingle_text("one two").shingles != shingle_text("two one").shingles


@pytest.mark.parametrize("width", [1, 2, 5, 7])
def test_a_text_without_a_word_has_no_shingle(width: int) -> None:
    assert shingle_text(" … 🙂 \u200b", width).shingles == []
    assert shingle_text("", width).n_words == 0
    assert shingle_words([], width) == []


@pytest.mark.parametrize("n_words", [1, 2, 4])
def test_a_text_shorter_than_the_window_is_one_shingle(n_words: int) -> None:
    words = ["fed", "adds", "reserves", "via"][:n_words]
    shingled = shingle_text(" ".join(words))
    assert shingled.shingles == [hash_words(hash_word(word.encode()) for word in words)]
    assert shingled.n_words == n_words
    assert shingle_words(words) == [" ".join(words)]


def test_short_texts_are_told_apart() -> None:
    headlines = ["Fed", "Fed adds", "adds Fed", "Fed adds reserves", "Fed -3", "Fed 3", "か", "が"]
    shingles = [tuple(shingle_text(headline).shingles) for headline in headlines]
    assert len(set(shingles)) == len(headlines)


def test_shingles_are_windows_over_the_words() -> None:
    assert shingle_words(["a", "b", "c", "d"], 2) == ["a b", "b c", "c d"]
    assert shingle_words(["a", "b", "c"], 3) == ["a b c"]
    assert shingle_words(["a", "a", "a"], 1) == ["a", "a", "a"]
    assert shingle_words(list("abcdef")) == ["a b c d e", "b c d e f"]


def test_repeated_shingles_count_once_where_they_come_first() -> None:
    shingled = shingle_text("a b a b c a b", width=2)
    expected = [hash_words(map(hash_word, pair.encode().split())) for pair in ("a b", "b a", "b c", "c a")]
    assert shingled.shingles == expected
    assert shingled.n_words == 7


@given(text, st.integers(1, 7))
def test_shingles_are_the_distinct_hashes_of_the_windows(written: str, width: int) -> None:
    words = [token.text for token in tokenise(written)]
    windows = [
        hash_words(map(hash_word, shingle.encode().split(b" "))) for shingle in shingle_words(words, width)
    ]
    shingled = shingle_text(written, width)
    assert shingled.shingles == list(dict.fromkeys(windows))
    assert shingled.n_words == len(words)


@given(st.lists(text, min_size=2, max_size=5))
def test_text_hashes_are_equal_where_the_words_are(texts: list[str]) -> None:
    """The texts, their upper case and their words alone: many are equal in words, few as written."""
    texts = texts + [written.lower() for written in texts]
    texts += [" ".join(token.text for token in tokenise(written)) for written in texts]
    words = [tuple(token.text for token in tokenise(written)) for written in texts]
    hashes = [shingle_text(written).text_hash for written in texts]
    assert all(
        (words[i] == words[j]) == (hashes[i] == hashes[j])
        for i in range(len(texts))
        for j in range(len(texts))
    )


@given(text)
def test_the_width_does_not_touch_the_text_hash(written: str) -> None:
    assert len({shingle_text(written, width).text_hash for width in (1, 2, 5)}) == 1
