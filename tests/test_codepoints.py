"""The table against the running Python's Unicode database, which it was not made from."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
import zlib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from dedup.text.codepoints import (
    BARE,
    DASH,
    DIGIT,
    IGNORED,
    MARK,
    SEPARATOR,
    SINGLE,
    WORD,
    load_codepoints,
    map_character,
    pack,
)

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "dedup" / "text" / "codepoints.bin"
GRAPHIC_IN_15 = 149_186  # characters of Unicode 15.0, without controls, private use and surrogates

DASHES = set("-\u2010\u2012\u2013\u2212")
APOSTROPHES = set("\u02b9\u02ba\u02bb\u02bc\u02bd")
TATWEEL = "\u0640"
IGNORABLE = set(  # Default_Ignorable_Code_Point, DerivedCoreProperties.txt
    map(
        chr,
        chain(
            (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
            *(range(0x180B, 0x1810), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070)),
            *(range(0xFE00, 0xFE10), range(0xFFF0, 0xFFF9), range(0x1BCA0, 0x1BCA4), range(0x1D173, 0x1D17B)),
            range(0xE0000, 0xE1000),
        ),
    )
)
BARE_NAMES = ("LATIN ", "GREEK ", "CYRILLIC ", "HEBREW ", "ARABIC ")
SINGLE_NAMES = ("CJK UNIFIED ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")


def point_of(element: int) -> int:
    return element & 0x1FFFFF


def kind_of(element: int) -> int:
    return element >> 21 & 7


def normal_form(character: str) -> str:
    """NFKD and full case folding by the running Python, until nothing changes."""
    while True:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        if folded == character:
            return folded
        character = folded


@cache
def assigned() -> list[str]:
    """Characters that the running Python knows."""
    every = map(chr, chain(range(0xD800), range(0xE000, 0x110000)))
    return [character for character in every if unicodedata.category(character) != "Cn"]


@cache
def later() -> set[str]:
    """Characters that the running Python treats as such and the table does not know: they came after Unicode 15.0."""
    return {
        character
        for character in assigned()
        if map_character(character) == (pack(ord(character), SEPARATOR),)
        and (
            normal_form(character) != character
            or (unicodedata.category(character)[0] in "LNM" and character not in APOSTROPHES)
            or unicodedata.category(character) == "Cf"
        )
    }


@cache
def elements() -> set[int]:
    """Whatever a character of both versions becomes."""
    return {
        element
        for character in assigned()
        if character not in later()
        for element in map_character(character)
    }


def test_only_characters_of_later_versions_are_unknown() -> None:
    graphic = sum(unicodedata.category(character) not in {"Cc", "Co"} for character in assigned())
    assert len(later()) <= max(0, graphic - GRAPHIC_IN_15)


def test_every_character_becomes_its_decomposed_and_folded_form() -> None:
    wrong = [
        character
        for character in assigned()
        if character not in later()
        and "".join(chr(point_of(element)) for element in map_character(character)) != normal_form(character)
    ]
    assert not wrong


def test_combining_classes_are_unicodes() -> None:
    wrong = [e for e in elements() if e >> 24 != unicodedata.combining(chr(point_of(e)))]
    assert not wrong


def kinds_allowed(character: str) -> set[int]:
    """Kinds that the category allows, and the script as the character's name tells it."""
    category = unicodedata.category(character)
    if character in DASHES:
        return {DASH}
    if category == "Cf" or character in IGNORABLE or character == TATWEEL:
        return {IGNORED}
    if category[0] == "M":
        return {MARK}
    if category[0] not in "LN" or character in APOSTROPHES:
        return {SEPARATOR}
    return kinds_of_letter(category, unicodedata.name(character, ""))


def kinds_of_letter(category: str, name: str) -> set[int]:
    if name.startswith(SINGLE_NAMES):
        return {SINGLE}
    if category == "Nd":
        return {DIGIT}
    return {BARE} if name.startswith(BARE_NAMES) else {WORD, BARE, SINGLE}


def test_kinds_follow_category_and_script() -> None:
    wrong = [
        (hex(point_of(element)), kind_of(element))
        for element in elements()
        if kind_of(element) not in kinds_allowed(chr(point_of(element)))
    ]
    assert not wrong


def test_mapping_twice_is_mapping_once() -> None:
    wrong = [element for element in elements() if map_character(chr(point_of(element))) != (element,)]
    assert not wrong


@pytest.mark.parametrize("point", [0, 0x378, 0xD800, 0xDFFF, 0xE000, 0xF0000, 0x10FFFF])
def test_what_is_no_character_separates(point: int) -> None:
    assert map_character(chr(point)) == (pack(point, SEPARATOR),)


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", BARE),
        ("ж", BARE),
        ("7", DIGIT),
        ("٣", DIGIT),
        ("๓", SINGLE),
        ("क", WORD),
        ("中", SINGLE),
        ("か", SINGLE),
        ("ー", SINGLE),
        ("々", SINGLE),
        ("〇", SINGLE),
        ("\u094d", MARK),
        ("-", DASH),
        ("−", DASH),
        ("—", SEPARATOR),
        ("'", SEPARATOR),
        ("\u02bc", SEPARATOR),
        ("_", SEPARATOR),
        ("🙂", SEPARATOR),
        ("\u00ad", IGNORED),
        ("\u0640", IGNORED),
        ("\u3164", IGNORED),
    ],
)
def test_kind(character: str, kind: int) -> None:
    assert [kind_of(element) for element in map_character(character)] == [kind]


@pytest.mark.parametrize("syllable", ["가", "각", "힣", "한", "값"])
def test_hangul_syllables_are_taken_apart(syllable: str) -> None:
    jamo = unicodedata.normalize("NFD", syllable)
    assert map_character(syllable) == tuple(pack(ord(part), WORD) for part in jamo)


def test_packing() -> None:
    assert pack(0x1F600, SINGLE, 230) == 0x1F600 | SINGLE << 21 | 230 << 24


def test_the_table_is_read_once() -> None:
    assert load_codepoints() is load_codepoints()


def test_the_table_is_what_its_tool_makes(tmp_path: Path) -> None:
    ucd = Path(os.environ.get("DEDUP_UCD", "/usr/share/unicode"))
    if not (ucd / "Scripts.txt").is_file():
        pytest.skip(f"no Unicode Character Database in {ucd}; DEDUP_UCD says where")
    shipped = TABLE.read_bytes()
    version = zlib.decompress(shipped).split(b"\n", 1)[0].decode()
    with (ucd / "Scripts.txt").open(encoding="utf-8") as scripts:
        if f"-{version}.txt" not in scripts.readline():
            pytest.skip(f"{ucd} is not Unicode {version}, which the table is made from")
    made = tmp_path / "codepoints.bin"
    tool = ROOT / "tools" / "make_codepoints.py"
    command = [sys.executable, str(tool), "--ucd", str(ucd), "--output", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    assert zlib.decompress(made.read_bytes()) == zlib.decompress(shipped)
    if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng compresses to other bytes
        assert made.read_bytes() == shipped
