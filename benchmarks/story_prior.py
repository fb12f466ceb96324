"""Make the shipped prior of same_story: in what share of news texts common terms stand, language by language.

``python -m benchmarks.story_prior`` reads the gold sets (benchmarks/corpora.py says where) and writes
``dedup/match/storyprior.bin``. Only shares of hashed terms are kept: no text can be told from them.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.gold.sets import read
from dedup.match import samestory
from dedup.match.storyterms import read_terms
from dedup.text.columns import TextColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Terms in a smaller share of a language's texts are left to the dump; a language with fewer texts says nothing.
LEAST_SHARE, LEAST_TEXTS = 0.004, 200
LEAST_COUNT = 5
ARTICLES = ("reuters21578", "bbc-docs-exactdup", "gva-news")
PAIRS = (
    "semeval22-text",
    "stsb-mt-headlines",
    "sts-news",
    "assin",
    "ru-paraphraser",
    "sr-paraphrase",
    "mrpc",
)


def texts(shared: Path) -> Iterator[tuple[str, str]]:
    """Kind of text (its language and set) and text."""
    for name in ARTICLES:
        for row in read(shared, name):
            yield f"{row['lang']} {name}", f"{row['title'] or ''}\n{row['text'] or ''}"
    for name in PAIRS:
        for row in read(shared, name):
            for side in "ab":
                yield f"{row['lang']} {name}", row[side]


def count(shared: Path) -> dict[int, float]:
    """Share of the texts of each term, the greatest over the kinds of text."""
    kinds: defaultdict[str, list[bytes]] = defaultdict(list)
    for kind, text in texts(shared):
        kinds[kind].append(text.encode())
    shares: dict[int, float] = {}
    for found in kinds.values():
        if len(found) < LEAST_TEXTS:
            continue
        column, empty = TextColumn.of(found), TextColumn.of([b""] * len(found))
        codes: Counter[int] = Counter(read_terms(empty, column).codes.tolist())
        for code, number in codes.items():
            if number >= LEAST_COUNT and number >= LEAST_SHARE * len(found):
                shares[code] = max(shares.get(code, 0.0), number / len(found))
    return shares


def pack(shares: dict[int, float]) -> bytes:
    """The prior as it ships: codes in order, and minus the logarithm of each share in steps of 1 / ``STEPS``."""
    codes: NDArray[np.uint32] = np.array(sorted(shares), "<u4")
    steps = [round(-np.log(shares[code]) * samestory.STEPS) for code in codes.tolist()]
    return zlib.compress(codes.tobytes() + np.array(steps, np.uint8).tobytes(), 9)


def main() -> None:
    """Write the prior."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    shares = count(parser.parse_args().shared)
    data = pack(shares)
    Path(samestory.__file__).with_name("storyprior.bin").write_bytes(data)
    print(f"{len(shares)} terms, {len(data)} bytes")


if __name__ == "__main__":
    main()
