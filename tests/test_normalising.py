from __future__ import annotations

import random
import unicodedata
from typing import Literal

import pytest
from hypothesis import given

from dedup.text.codepoints import IGNORED, MARK
from dedup.text.normalising import MAX_MARKS, normalise
from tests.strategies import SAMPLES, text

YPOGEGRAMMENI = "\u0345"  # a mark that folds to a letter: Unicode orders it before it folds, we need not
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


def normal(written: str) -> str:
    """The normalised characters alone."""
    return "".join(chr(element & 0x1FFFFF) for _, element in normalise(written))


SAME = {
    "composed and decomposed": ("café", "cafe\u0301"),
    "accents in French": ("Élève à Nîmes, garçon", "eleve a nimes, garcon"),
    "accents in Vietnamese": ("Tiếng Việt miền", "tieng viet mien"),
    "sharp s": ("STRASSE", "Straße"),
    "capital sharp s": ("STRA\u1e9eE", "strasse"),
    "dotted capital i": ("İstanbul", "istanbul"),
    "final sigma": ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    "accents in Greek": ("Ελλάδα ΐ", "ελλαδα ι"),
    "polytonic Greek": ("ᾧ Ἑλλάς", "ωι ελλας"),
    "Cyrillic yo": ("Ёлка", "елка"),
    "Cyrillic short i": ("Йошкар", "иошкар"),
    "Arabic harakat": ("قَالَ الرَّئِيسُ", "قال الرئيس"),
    "Arabic tatweel": ("الاقتصـــاد", "الاقتصاد"),
    "Arabic presentation forms": ("\ufefb", "لا"),
    "Hebrew points": ("שָׁלוֹם", "שלום"),
    "Hebrew presentation forms": ("\ufb2a", "ש"),
    "Hangul in jamo": ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    "kana with a separate mark": ("が", "か\u3099"),
    "half-width kana": ("ｶﾞｿﾘﾝ", "ガソリン"),
    "full-width forms": ("ＦＥＤ ２０２５％", "fed 2025%"),
    "ligatures": ("ﬁnance eﬀect oﬃce", "finance effect office"),
    "digraphs": ("ǅ", "dž"),
    "long s": ("Congreſs", "congress"),
    "Kelvin and Angstrom": ("\u212a\u212b", "kå"),
    "mathematical letters": ("𝔘𝔫𝔦𝕔𝐨𝐝𝑒", "unicode"),
    "circled and raised figures": ("⑳ x² ₂", "20 x2 2"),
    "Roman numerals": ("Ⅷ", "viii"),
    "keycap": ("3\ufe0f\u20e3", "3"),
    "soft hyphen": ("re\u00adserves", "reserves"),
    "zero-width space": ("re\u200bserves", "reserves"),
    "zero-width joiners": ("re\u200dser\u200cves", "reserves"),
    "byte order mark": ("\ufeffreserves", "reserves"),
    "direction marks": ("\u200ereserves\u202c\u2069", "reserves"),
    "variation selector": ("葛\U000e0100", "葛"),
    "Hangul filler": ("\u3164한", "한"),
    "nukta in either form": ("\u095b", "\u091c\u093c"),
    "marks in any order": ("क\u094d\u093c", "क\u093c\u094d"),
    "CJK compatibility ideographs": ("\uf900", "豈"),
    "Kangxi radicals": ("⼀", "一"),
    "square words": ("㌔ ㎏", "キロ kg"),
    "Georgian capitals": ("ᲙᲐᲜᲝᲜᲘ", "კანონი"),
    "Armenian ligature": ("և", "եւ"),
    "Cherokee small letters": ("ꭰ", "Ꭰ"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_the_same_text(one: str, other: str) -> None:
    assert normal(one) == normal(other)


DIFFERENT = {
    "kana, voiced or not": ("か", "が"),
    "kana, half voiced or voiced": ("ぱ", "ば"),
    "hiragana and katakana": ("か", "カ"),
    "kana, long or not": ("ビル", "ビール"),
    "Devanagari vowel signs": ("कि", "की"),
    "Devanagari vowel sign or none": ("क", "का"),
    "Devanagari nukta": ("ज", "ज़"),
    "Devanagari virama": ("कष", "क्ष"),
    "Bengali vowel signs": ("কি", "কী"),
    "Tamil vowel signs": ("கொ", "கோ"),
    "Thai tones": ("ไม้", "ไม่"),
    "Thai tone or none": ("ขาว", "ข้าว"),
    "Thai vowels": ("ปี", "ปิ"),
    "Lao tones": ("ນ້າ", "ນ່າ"),
    "Burmese tones": ("က", "ကး"),
    "Khmer subscript": ("កក", "ក្ក"),
    "Hangul final consonant": ("값", "갑"),
    "dotless i": ("ı", "i"),
    "stroke through d": ("đ", "d"),
    "stroke through o": ("ø", "o"),
    "Hebrew letters": ("ב", "כ"),
    "Arabic alef and its wasla": ("ا", "ٱ"),
    "simplified and traditional": ("调", "調"),
    "Latin and Cyrillic a": ("a", "а"),
    "digits of two scripts": ("3", "٣"),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_different_text(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_unicode_normal_forms_make_no_difference_to_a_sample(sample: str) -> None:
    for form in FORMS:
        assert normal(unicodedata.normalize(form, sample)) == normal(sample)


@given(text)
def test_unicode_normal_forms_make_no_difference(written: str) -> None:
    written = written.replace(YPOGEGRAMMENI, "")
    for form in FORMS:
        assert normal(unicodedata.normalize(form, written)) == normal(written)


@given(text)
def test_case_makes_no_difference(written: str) -> None:
    assert normal(written.casefold()) == normal(written.lower()) == normal(written)


@given(text)
def test_normalising_twice_is_normalising_once(written: str) -> None:
    assert normal(normal(written)) == normal(written)


@given(text)
def test_no_invisible_character_is_left(written: str) -> None:
    assert all(element >> 21 & 7 != IGNORED for _, element in normalise(written))


@given(text)
def test_the_parts_say_what_the_whole_says(written: str) -> None:
    """A white space keeps both sides apart: neither marks nor order reach over it."""
    assert normal(written + " " + written) == normal(written) + " " + normal(written)


@given(text)
def test_offsets_name_the_character_that_an_element_comes_from(written: str) -> None:
    for offset, element in normalise(written):
        assert element in [part for _, part in normalise("क" + written[offset])]


def test_offsets() -> None:
    assert [(offset, chr(element & 0x1FFFFF)) for offset, element in normalise("É\u00adß½")] == [
        (0, "e"),
        (2, "s"),
        (2, "s"),
        (3, "1"),
        (3, "\u2044"),
        (3, "2"),
    ]


def test_a_mark_that_stands_upon_nothing_is_dropped() -> None:
    assert normal("\u094d\u3099 \u0e49.\u0301") == " ."


ZALGO = "\u0316\u0301\u0323\u0327\u0338\u0308" * 167


@pytest.mark.parametrize("base", ["a", "ω", "я", "א", "ب", "5"])
def test_a_thousand_marks_on_a_letter_that_drops_them(base: str) -> None:
    assert normal(base + ZALGO + "z") == base + "z"


@pytest.mark.parametrize("base", ["क", "か", "ก", "한"])
def test_a_thousand_marks_on_a_letter_that_keeps_them(base: str) -> None:
    """All are kept; none is moved further than the run that is put in order at once."""
    bare = len(normal(base))
    marked = list(normalise(base + ZALGO))
    assert len(marked) == bare + len(ZALGO)
    assert all(
        abs(place - bare - (offset - 1)) < MAX_MARKS for place, (offset, _) in enumerate(marked) if offset
    )
    assert list(normalise(base + ZALGO)) == marked


def test_marks_of_one_run_are_in_canonical_order() -> None:
    for first in range(0, len(ZALGO), MAX_MARKS):
        run = [element >> 24 for _, element in normalise("क" + ZALGO)][1:][first : first + MAX_MARKS]
        assert run == sorted(run)


def test_order_within_a_run_makes_no_difference() -> None:
    marks = [chr(point) for point in range(0x300, 0x370) if 0 < unicodedata.combining(chr(point)) < 240]
    first_of_class = {unicodedata.combining(mark): mark for mark in marks}
    few = list(first_of_class.values())
    shuffled = random.Random(1).sample(few, len(few))
    assert len(few) > 5
    assert shuffled != few
    assert normal("क" + "".join(shuffled)) == normal("क" + "".join(few))


def test_marks_of_class_zero_stay_where_they_are() -> None:
    """A vowel sign between two marks parts them: what stands before it stays before it."""
    assert normal("क\u094d\u093f\u093c") == "क\u094d\u093f\u093c"
    assert [element >> 21 & 7 for _, element in normalise("क\u094d\u093f\u093c")][1:] == [MARK] * 3
