from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given

from dedup.text.tokens import Token, tokenise
from tests.strategies import DASHES, SAMPLES, text


def words(written: str) -> list[str]:
    return [token.text for token in tokenise(written)]


EXAMPLES = {
    "empty": ("", []),
    "no word": ("… — !? \u200b\u00ad (·)", []),
    "separators at both ends": (" , one. ", ["one"]),
    "curly quotes": ("“Fed” ‘adds’ «bln»", ["fed", "adds", "bln"]),
    "apostrophes": ("didn't didn’t didn\u02bct", ["didn", "t"] * 3),
    "hyphens of every length": ("a-b a‐b a‑b a–b a—b a―b a−b", ["a", "b"] * 7),
    "hyphens between words and figures": ("covid-19 B-52", ["covid", "19", "b", "52"]),
    "underscore": ("snake_case", ["snake", "case"]),
    "control characters": ("a\x00b\x1fc\x7fd\x85e", ["a", "b", "c", "d", "e"]),
    "line ends and odd spaces": ("a\r\nb\u2028c\u00a0d\u3000e", ["a", "b", "c", "d", "e"]),
    "soft hyphen": ("re\u00adserves", ["reserves"]),
    "zero-width space": ("re\u200bserves", ["reserves"]),
    "figures with separators": ("$1,234.50", ["1", "234", "50"]),
    "figures with letters": ("2nd m² G7", ["2nd", "m2", "g7"]),
    "fraction": ("1½ ½", ["11", "2", "1", "2"]),
    "full-width": ("ＦＥＤ，２０２５", ["fed", "2025"]),
    "sharp s": ("Straße STRASSE", ["strasse", "strasse"]),
    "dotted and dotless i": ("İLK ılık I", ["ilk", "ılık", "i"]),
    "final sigma": ("ΤΗΣ της", ["τησ", "τησ"]),
    "Cyrillic": ("Ёлка, Йод", ["елка", "иод"]),
    "Hebrew with gershayim": ("צה״ל שָׁלוֹם", ["צה", "ל", "שלום"]),
    "Arabic": ("الرَّئِيسُ، الاقتصـــاد", ["الرييس", "الاقتصاد"]),
    "Arabic decimals": ("٣٫٥٪", ["٣", "٥"]),
    "Devanagari": ("हिन्दी में।", ["हिन्दी", "में"]),
    "Thai": ("ไม้ใหม่", ["ไ", "ม้", "ใ", "ห", "ม่"]),
    "Lao": ("ນ້ຳ", ["ນ້ໍ", "າ"]),
    "Khmer": ("ភ្នំពេញ", ["ភ្", "នំ", "ពេ", "ញ"]),
    "Burmese": ("မြန်မာ", ["မြ", "န်", "မာ"]),
    "Thai figures": ("๒๕๖๗", ["๒", "๕", "๖", "๗"]),
    "Chinese": ("央行，下調。", ["央", "行", "下", "調"]),
    "Chinese beyond the basic plane": ("𠮷野", ["𠮷", "野"]),
    "Chinese and Latin": ("用iPhone看", ["用", "iphone", "看"]),
    "Chinese and figures": ("第25年", ["第", "25", "年"]),
    "Japanese": ("ガが々ー", ["ガ", "が", "々", "ー"]),
    "half-width kana": ("ｶﾞｽ", ["ガ", "ス"]),
    "square word": ("㌔当たり", ["キ", "ロ", "当", "た", "り"]),
    "Korean": ("한국은행이 0.25%", ["한국은행이", "0", "25"]),
    "Georgian": ("ᲙᲐᲜᲝᲜᲘ კანონი", ["კანონი", "კანონი"]),
    "Amharic": ("ዝናብ፤ ይጠበቃል።", ["ዝናብ", "ይጠበቃል"]),
    "emoji": ("Goal 👨‍👩‍👧 ⚽️🇩🇪!", ["goal"]),
    "keycaps": ("3️⃣-1️⃣ #️⃣", ["3", "1"]),
    "ligatures": ("ﬁnance ﷲ", ["finance", "الله"]),
    "one character, four words": ("ﷺ", ["صلى", "الله", "عليه", "وسلم"]),
    "Vietnamese": ("Tiếng Việt đã", ["tieng", "viet", "đa"]),
    "marks upon nothing": ("\u0301 \u094d a", ["a"]),
    "lone surrogate": ("a\ud800b", ["a", "b"]),
}


@pytest.mark.parametrize(("written", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_words(written: str, expected: list[str]) -> None:
    assert words(written) == [unicodedata.normalize("NFD", word) for word in expected]


def test_words_are_spelt_in_decomposed_lower_case() -> None:
    assert words("Été, 한 ガ ﬃ") == ["ete", "\u1112\u1161\u11ab", "カ\u3099", "ffi"]


SIGNS = {
    "-3": ["-3"],
    "-3 %": ["-3"],
    "−3": ["-3"],
    "–3": ["-3"],
    "‐3": ["-3"],
    "‑3": ["-3"],
    "‒3": ["-3"],
    "－３": ["-3"],
    "⁻³": ["-3"],
    "-٣": ["-٣"],
    "-१२": ["-१२"],
    "(-3)": ["-3"],
    "$-3": ["-3"],
    "a -3": ["a", "-3"],
    "5 -3": ["5", "-3"],
    "-3.5": ["-3", "5"],
    "-3-5": ["-3", "5"],
    "-3 -5": ["-3", "-5"],
    "-\u200b3": ["-3"],
    "-3rd": ["-3rd"],
    "中 -3": ["中", "-3"],
    "3 %": ["3"],
    "− 3": ["3"],
    "-\u00a03": ["3"],
    "5-3": ["5", "3"],
    "5 - 3": ["5", "3"],
    "5–3": ["5", "3"],
    "2019–20": ["2019", "20"],
    "2019-20": ["2019", "20"],
    "10⁻³": ["10", "3"],
    "--3": ["3"],
    "---3": ["3"],
    "a--3": ["a", "3"],
    "-–3": ["3"],
    "—3": ["3"],
    "+3": ["3"],
    "-$3": ["3"],
    "-.5": ["5"],
    "中-3": ["中", "3"],
    "か-3": ["か", "3"],
    "é-3": ["e", "3"],
    "covid-19": ["covid", "19"],
    "-a": ["a"],
    "-a3": ["a3"],
    "-Ⅷ": ["viii"],
    "3-": ["3"],
    "-": [],
    "- -3": ["-3"],
    "-,-3": ["-3"],
}


@pytest.mark.parametrize(("written", "expected"), SIGNS.items(), ids=map(ascii, SIGNS))
def test_a_dash_is_a_minus_before_a_figure_and_behind_no_word(written: str, expected: list[str]) -> None:
    assert words(written) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-3 %", "3 %"),
        ("か", "が"),
        ("ไม้", "ไม่"),
        ("कि", "की"),
        ("ab", "a b"),
        ("값", "갑"),
        ("キロ", "キ口"),
    ],
)
def test_minimal_pairs_stay_apart(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_places() -> None:
    assert tokenise("  Straße, −3 % か\u3099!") == [
        Token("strasse", 2, 8),
        Token("-3", 10, 12),
        Token("か\u3099", 15, 17),
    ]


def test_the_words_of_one_character_share_its_place() -> None:
    assert [(token.start, token.end) for token in tokenise("a ½ ㌔")] == [
        (0, 1),
        (2, 3),
        (2, 3),
        (4, 5),
        (4, 5),
    ]


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("क\u094d\u093c", 3),
        ("ก\u0e49\u0e38", 3),
        ("か\u0301\u3099 x", 3),
        ("한\u0301\u0323", 3),
        ("か\u0301", 2),
    ],
)
def test_a_place_spans_all_marks_in_whatever_order(written: str, end: int) -> None:
    assert (tokenise(written)[0].start, tokenise(written)[0].end) == (0, end)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_each_place_of_a_sample_holds_its_word(sample: str) -> None:
    for token in tokenise(sample):
        assert token.text in words(sample[token.start : token.end])


@given(text)
@example("क\u094d\u093c")
def test_each_place_holds_its_word(written: str) -> None:
    """And it alone, unless one character of it stands for more words than one."""
    tokens = tokenise(written)
    for token in tokens:
        alone = all(
            other is token or other.end <= token.start or token.end <= other.start for other in tokens
        )
        found = words(written[token.start : token.end])
        assert (found == [token.text]) if alone else (token.text in found)


@given(text)
def test_places_follow_one_another(written: str) -> None:
    tokens = tokenise(written)
    assert all(0 <= token.start < token.end <= len(written) for token in tokens)
    assert all(one.start <= other.start and one.end <= other.end for one, other in pairwise(tokens))


@given(text)
def test_words_are_words_again(written: str) -> None:
    """Signs included: a minus stands behind the space that joins."""
    found = words(written)
    assert words(" ".join(found)) == found


@given(text, text)
def test_a_white_space_parts(one: str, other: str) -> None:
    assert words(f"{one} {other}") == words(one) + words(other)


@given(text)
def test_no_word_is_empty_or_has_white_space(written: str) -> None:
    assert all(word and word.split() == [word] for word in words(written))


@pytest.mark.parametrize("dash", DASHES, ids=map(ascii, DASHES))
def test_no_dash_joins_words(dash: str) -> None:
    assert words(f"one{dash}two") == ["one", "two"]


def test_a_thousand_marks_are_one_word_or_none() -> None:
    assert words("a" + "\u0301" * 1000) == ["a"]
    assert words("क" + "\u094d" * 1000) == ["क" + "\u094d" * 1000]
    assert words("\u0301" * 1000) == []
