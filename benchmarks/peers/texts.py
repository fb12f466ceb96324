"""What the drivers of libraries that take sets of tokens begin with: articles, and their 5-grams made in Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pathlib import Path

NGRAM = 5
WORDS = re.compile(r"\w+")


def grams(text: str) -> set[str]:
    """Lower-cased word 5-grams; a shorter text is one gram."""
    words = WORDS.findall(text.lower())
    if len(words) <= NGRAM:
        return {" ".join(words)} if words else set()
    return set(map(" ".join, zip(*(words[start:] for start in range(NGRAM)), strict=False)))


def read(path: Path) -> tuple[list[str], list[str]]:
    """Ids and texts of a JSON lines file."""
    with path.open("rb") as stream:
        records = [orjson.loads(line) for line in stream]
    return [record["id"] for record in records], [record["text"] for record in records]
