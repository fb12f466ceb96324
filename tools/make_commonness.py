"""Make ``dedup/text/commonness.bin``: how common words are, counted in the texts of the labelled sets.

Run ``python tools/make_commonness.py --shared ../shared --long long.jsonl``. Only document frequencies leave the texts: word codes and levels.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import zlib
from array import array
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.text.commonness import LEVELS, RAREST
from dedup.text.shingling import code_word
from dedup.text.tokens import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parent.parent / "dedup" / "text" / "commonness.bin"
PAIRS = (
    *("mrpc", "sr-paraphrase", "pan-paraphrase", "ru-paraphraser", "sts-news", "stsb-mt-headlines", "assin"),
    *("onestop-sentences", "porsimples", "semeval22-text", "telegram-pairs"),
)
#: Characters of a text that are counted, every how manieth of the long articles, and texts that must have a word.
LONGEST, STEP, LEAST = 3000, 5, 3


def texts(shared: Path, long: Path) -> Iterator[tuple[str, str]]:
    """Language and text, each text once."""
    for name in PAIRS:
        with gzip.open(shared / "data" / "gold" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for pair in map(json.loads, lines):
                yield pair["lang"], pair["a"][:LONGEST]
                yield pair["lang"], pair["b"][:LONGEST]
    with long.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % STEP == 0:
                article = json.loads(line)
                yield "en", f"{article.get('title') or ''}\n{article['text'][:LONGEST]}"


def levels(counted: dict[str, set[str]]) -> dict[int, int]:
    """Level of each word code, in the language that has it most."""
    found: dict[int, int] = {}
    for language in sorted(counted):
        frequency = Counter(word for text in counted[language] for word in set(split_words(text)[0]))
        for word, count in frequency.items():
            weight = math.log(len(counted[language]) / count)
            if count >= LEAST and weight < RAREST:
                code, level = code_word(word), int(weight * LEVELS)
                found[code] = min(level, found.get(code, level))
    return found


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--long", type=Path, required=True, help="the long corpus, decompressed")
    given = parser.parse_args()
    counted: defaultdict[str, set[str]] = defaultdict(set)
    for language, text in texts(given.shared, given.long):
        counted[language].add(text)
    found = sorted(levels(counted).items())
    codes = array("I", [code for code, _ in found]).tobytes()
    TARGET.write_bytes(zlib.compress(codes + bytes(level for _, level in found), 9))
    print(f"{len(found):,} words, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
