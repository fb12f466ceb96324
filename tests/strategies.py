"""Texts for the laws: many scripts, and what stands between, upon and inside their words. And rows of shingles."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from dedup.text.columns import ShingleTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

SAMPLES = {
    "english": "Fed adds $2.5 bln reserves via “customer” repurchases; rates didn't move, it said on Tuesday.",
    "german": "Die Straße in Köln bleibt gesperrt: Überflutung, −3 °C und 1.200 m² Eis, sagt die Feuerwehr.",
    "french": "Après l’élection, le cœur de l'Île-de-France a voté à 54,3 % pour la réforme, selon la préfecture.",
    "turkish": "İstanbul'da ışıklar söndü; Diyarbakır ILIK geçecek, yağış bekleniyor, dedi yetkililer.",
    "vietnamese": "Tiếng Việt: mưa lớn ở miền Trung làm ngập hàng nghìn ngôi nhà, giao thông tê liệt.",
    "greek": "Ο πρωθυπουργός ΤΗΣ ΕΛΛΆΔΑΣ είπε ότι οι φόροι θα μειωθούν το 2025, ΐ και ΰ.",
    "russian": "Ёлка в Йошкар-Оле упала на дом; пострадавших нет, сообщил её мэр, всё спокойно.",
    "hebrew": "שָׁלוֹם עוֹלָם: ראש הממשלה אמר כי צה״ל נערך, והדו״ח יפורסם ביום ג׳.",
    "arabic": "قَالَ الرَّئِيسُ إنّ الاقتصـــاد نما بنسبة ٣٫٥٪ في العام الماضي، وفقاً للبيانات.",
    "hindi": "प्रधानमंत्री ने कहा कि क़ीमतें १२ प्रतिशत बढ़ी हैं और हिन्दी में ज़्यादा समाचार छपेंगे।",
    "bengali": "বাংলাদেশে বন্যায় ২০ জেলার মানুষ পানিবন্দী, ত্রাণ পৌঁছায়নি বলে জানিয়েছে কর্তৃপক্ষ।",
    "tamil": "தமிழ்நாட்டில் கனமழை காரணமாக பள்ளிகளுக்கு விடுமுறை அறிவிக்கப்பட்டுள்ளது, கோ கொ.",
    "thai": "รัฐมนตรีกล่าวว่าน้ำท่วมใหญ่ในปี ๒๕๖๗ ทำให้ข้าวเสียหาย ไม้ใหม่ไม่ไหม้",
    "lao": "ປະເທດລາວ ຈະເປີດທາງລົດໄຟ ໃນປີ ໒໐໒໕ ນຳ້ຖ້ວມ",
    "khmer": "រាជធានីភ្នំពេញ មានភ្លៀងធ្លាក់ខ្លាំង ២០២៥",
    "burmese": "မြန်မာနိုင်ငံတွင် မိုးသည်းထန်စွာ ရွာသွန်းခဲ့သည် ၂၀၂၅",
    "chinese": "央行周二宣布下調利率０．２５個百分點，市場反應平淡；〇二五年，「金融」穩定。",
    "japanese": "ガソリン価格は㌔当たり１２円上昇した。がぎぐ、かきく、ｶﾞｷﾞ、コーヒー々〆を日本で。",
    "korean": "한국은행이 기준금리를 0.25%포인트 내렸다. 값, 닭, 뷁 그리고 서울-부산.",
    "georgian": "საქართველოს პარლამენტმა ᲙᲐᲜᲝᲜᲘ მიიღო, განაცხადა თავმჯდომარემ.",
    "armenian": "Երևանում անձրև է, և ՋԵՐՄԱՍՏԻՃԱՆԸ կնվազի, ասել են օդերևութաբանները։",
    "amharic": "ኢትዮጵያ ውስጥ ዝናብ ይጠበቃል፤ የአየር ንብረት ባለሙያዎች ተናገሩ።",
    "emoji": "Goal! 👨‍👩‍👧‍👦 ⚽️ 3️⃣-1️⃣ 🇩🇪🇫🇷 #️⃣winners ♥️ ½ ㎯ ﷺ ﷲ ﬃ Ⅷ ⑳ ㋿ 𝔘𝔫𝔦 ⁻³ x² ｱｽﾞ.",
    "nothing": "… — !? \u200b\u00ad\ufeff\u2060 \t\r\n\x00 ❤️ ( ) · • ¿¡",
}
"""A sentence of news, or what is told of it, in two dozen ways of writing."""

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u207b\u208b\ufe58\ufe63\uff0d\u301c\u05be"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u2060\ufeff\ufe0f\u034f\u0640\u115f\u180e\U000e0100"
MARKS = (
    "\u0300\u0301\u0308\u0316\u0323\u0327\u0328\u0338\u0345\u0360\u20dd\u20e3"  # Latin and Greek, enclosing
    "\u05b0\u05b8\u05c1\u064b\u0651\u0655\u0670"  # Hebrew, Arabic
    "\u093c\u093f\u094d\u0903\u09cd\u09d7\u0bbe\u0bcd"  # Indic
    "\u0e31\u0e34\u0e38\u0e48\u0e49\u0eb8\u0ec8\u1039\u103a\u17d2\u17c6"  # Thai, Lao, Burmese, Khmer
    "\u3099\u309a\u302a\uff9e\uff9f\U0001d165"  # kana, Hangul, music
)
LETTERS = "abzABZéßİıſςΣёйאבئاकखতกขຮកမ中国かカガ한한ㄱᏴꮿ𐐀𝒜ǅﬀ\u0f40"
DIGITS = "0379٣۴०๓໓១၂０⑨½²Ⅷ𝟗"
SEPARATORS = " .,'\"“”’…%/()\n\t\x00\u00a0\u3000。、、।፤·🙂"

_WORDS = sorted(set(chain.from_iterable(sample.split() for sample in SAMPLES.values())))
_ATOMS = LETTERS + DIGITS + SEPARATORS + DASHES + INVISIBLE + MARKS

any_text: SearchStrategy[str] = st.text(st.characters(codec="utf-8"), max_size=40)
"""Whatever can be written in UTF-8."""

atoms: SearchStrategy[str] = st.text(st.sampled_from(_ATOMS), max_size=30)
"""Letters, digits, dashes, marks and the invisible, all of them as likely."""

ascii_text: SearchStrategy[str] = st.text(st.sampled_from("abcXYZ019-- .\n"), max_size=80)
"""Few letters and many dashes."""

mixed_text: SearchStrategy[str] = st.lists(
    st.one_of(
        st.sampled_from(_WORDS).map(lambda word: word + " "),
        st.sampled_from(_WORDS),
        st.text(st.sampled_from(_ATOMS), min_size=1, max_size=6),
        st.text(st.sampled_from(DASHES + "-- 13a"), min_size=1, max_size=5),
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=4),
    ),
    max_size=10,
).map("".join)
"""Words of all samples, glued together or not, between anything."""


@st.composite
def border_text(draw: st.DrawFn) -> str:
    """Anything, at and around the borders of 32 bytes (a stride of ASCII) and of 64 (a block of the word mask)."""
    length = draw(st.sampled_from((32, 64, 96, 128))) + draw(st.integers(-4, 3))
    filler = draw(st.sampled_from(("a", "ab ", "abcdefg ", "ab-1 ", "x" * 31 + " ")))
    head = (filler * length)[:length]
    return head + draw(st.one_of(atoms, mixed_text, ascii_text))


text: SearchStrategy[str] = st.one_of(mixed_text, atoms, ascii_text, any_text)
"""A text of any of these kinds, seldom longer than a hundred characters."""

shingle_row: SearchStrategy[list[int]] = st.lists(
    st.one_of(
        st.integers(1, 24), st.sampled_from([1 << 32, (1 << 32) + 1, 1 << 63, (1 << 64) - 1, (1 << 64) - 15])
    ),
    unique=True,
    max_size=20,
)
"""Distinct shingles of one text, few enough that two rows share some."""


def table_of(rows: Sequence[Sequence[int]]) -> ShingleTable:
    """Table of rows of shingles; words and text hashes are not told."""
    indptr = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    hashes = np.array(list(chain.from_iterable(rows)), np.uint64)
    return ShingleTable(indptr, hashes, np.zeros(len(rows), np.int64), np.zeros(len(rows), np.uint64))
