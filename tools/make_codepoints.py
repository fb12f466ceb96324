"""Make ``dedup/text/codepoints.bin`` from the Unicode Character Database.

    python tools/make_codepoints.py --ucd DIRECTORY

DIRECTORY holds the files of one Unicode version (Debian: package ``unicode-data``). The table is data of the
package and not derived at run time, so that hashes do not change with the Unicode version of the Python at hand.

The file is zlib-compressed: a line with the Unicode version, a line with four lengths, then four little-endian
arrays, described in ``dedup/text/codepoints.py``, which reads them.
"""

from __future__ import annotations

import argparse
import re
import zlib
from array import array
from pathlib import Path
from typing import NamedTuple

PINNED = "15.0.0"
LIMIT = 0x110000
BLOCK = 128

SEPARATOR, IGNORED, DASH, WORD, BARE, DIGIT, SINGLE, MARK, HANGUL = range(9)
FIRST_SPECIAL = 9

BARE_SCRIPTS = {"Latin", "Greek", "Cyrillic", "Hebrew", "Arabic"}
SINGLE_SCRIPTS = {"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"}
KANA_OF_NO_SCRIPT = {0x30FC, *range(0x3031, 0x3036)}  # prolonged sound and vertical repeat marks
SIGNS = {0x2D, 0x2010, 0x2012, 0x2013, 0x2212}  # what stands for a minus before a digit
APOSTROPHES = {0x2B9, 0x2BA, 0x2BB, 0x2BC, 0x2BD}  # letters by category, quotation marks by use
TATWEEL = 0x640  # stretches an Arabic word, says nothing


class Database(NamedTuple):
    """What is needed of the Unicode Character Database, by code point."""

    category: dict[int, str]
    combining: dict[int, int]
    decomposition: dict[int, list[int]]
    folding: dict[int, list[int]]
    script: dict[int, str]
    ignorable: set[int]


def rows(path: Path) -> list[list[str]]:
    """Fields of each line of a UCD file, comments cut."""
    lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [[field.strip() for field in line.split(";")] for line in lines if line]


def span(field: str) -> range:
    """Code points of ``0041`` or ``0041..005A``."""
    first, _, last = field.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def read_database(ucd: Path) -> Database:
    """Read the five files; refuse another version than the pinned one."""
    version = re.search(r"-(\d+\.\d+\.\d+)\.txt", (ucd / "Scripts.txt").read_text("utf-8").splitlines()[0])
    if version is None or version[1] != PINNED:
        raise SystemExit(f"{ucd} holds Unicode {version and version[1]}, the table is pinned to {PINNED}")
    category, combining, decomposition = {}, {}, {}
    first_of_range = 0
    for fields in rows(ucd / "UnicodeData.txt"):
        point = int(fields[0], 16)
        if fields[1].endswith(", First>"):
            first_of_range = point
            continue
        begin = first_of_range if fields[1].endswith(", Last>") else point
        for covered in range(begin, point + 1):
            category[covered] = fields[2]
            combining[covered] = int(fields[3])
        if fields[5]:
            decomposition[point] = [int(x, 16) for x in fields[5].split() if not x.startswith("<")]
    folding = {
        int(f[0], 16): [int(x, 16) for x in f[2].split()]
        for f in rows(ucd / "CaseFolding.txt")
        if f[1] in "CF"
    }
    script = {p: f[1] for f in rows(ucd / "Scripts.txt") for p in span(f[0])}
    ignorable = {
        p
        for f in rows(ucd / "DerivedCoreProperties.txt")
        if f[1] == "Default_Ignorable_Code_Point"
        for p in span(f[0])
    }
    return Database(category, combining, decomposition, folding, script, ignorable)


def decompose(point: int, db: Database) -> list[int]:
    """Full compatibility decomposition, not yet in canonical order."""
    if point not in db.decomposition:
        return [point]
    return [p for part in db.decomposition[point] for p in decompose(part, db)]


def mapped(point: int, db: Database) -> list[int]:
    """NFKD and case folding, repeated until nothing changes."""
    now = [point]
    while True:
        folded = [f for p in now for d in decompose(p, db) for f in db.folding.get(d, [d])]
        following = [d for f in folded for d in decompose(f, db)]
        if following == now:
            return now
        now = following


def kind(point: int, db: Database) -> int:
    """What one normalised code point is to the tokeniser."""
    category = db.category.get(point, "Cn")
    if point in SIGNS:
        return DASH
    if category == "Cf" or point in db.ignorable or point == TATWEEL:
        return IGNORED
    if category[0] == "M":
        return MARK
    if category[0] not in "LN" or point in APOSTROPHES:
        return SEPARATOR
    if db.script.get(point) in SINGLE_SCRIPTS or point in KANA_OF_NO_SCRIPT:
        return SINGLE
    if category == "Nd":
        return DIGIT
    return BARE if db.script.get(point) in BARE_SCRIPTS else WORD


def build(db: Database) -> tuple[array[int], array[int], array[int], array[int]]:
    """Two-stage table and the list of special mappings."""
    codes: list[int] = []
    special: dict[tuple[int, ...], int] = {}
    for point in range(LIMIT):
        if 0xAC00 <= point <= 0xD7A3:
            codes.append(HANGUL)
            continue
        elements = tuple(p | kind(p, db) << 21 | db.combining.get(p, 0) << 24 for p in mapped(point, db))
        if elements == (point | kind(point, db) << 21,):
            codes.append(kind(point, db))
        else:
            codes.append(special.setdefault(elements, len(special)) + FIRST_SPECIAL)
    blocks: dict[tuple[int, ...], int] = {}
    stage1 = array(
        "H", [blocks.setdefault(tuple(codes[i : i + BLOCK]), len(blocks)) for i in range(0, LIMIT, BLOCK)]
    )
    stage2 = array("H", [code for block in blocks for code in block])
    starts, elements_flat = array("H", [0]), array("I")
    for elements in special:
        elements_flat.extend(elements)
        starts.append(len(elements_flat))
    return stage1, stage2, starts, elements_flat


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ucd", type=Path, required=True, help="directory with the files of the UCD")
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parents[1] / "dedup/text/codepoints.bin"
    )
    options = parser.parse_args()
    arrays = build(read_database(options.ucd))
    head = f"{PINNED}\n{' '.join(str(len(a)) for a in arrays)}\n".encode()
    data = zlib.compress(head + b"".join(a.tobytes() for a in arrays), 9)
    options.output.write_bytes(data)
    print(f"{options.output.name}: Unicode {PINNED}, {len(data):,} bytes, {[len(a) for a in arrays]}")


if __name__ == "__main__":
    main()
