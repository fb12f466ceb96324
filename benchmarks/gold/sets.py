"""The gold sets: pairs and articles."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dedup import Article
from dedup.dates import parse_date

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and what people said of them."""

    id: str
    one: Article
    other: Article
    label: bool | None
    grade: float | None
    lang: str
    split: str


def read(shared: Path, name: str) -> list[dict[str, Any]]:
    """Records of a set."""
    with gzip.open(shared / "data/gold" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_pairs(shared: Path, name: str) -> list[Pair]:
    """Pairs of a set; a grade that people gave in words is none."""
    return [
        Pair(
            record["id"],
            side(record, "a"),
            side(record, "b"),
            None if record["label"] is None else bool(record["label"]),
            grade_of(record["grade"]),
            record["lang"],
            record["split"] or "",
        )
        for record in read(shared, name)
    ]


def side(record: dict[str, Any], name: str) -> Article:
    date = record.get(f"{name}_date")
    published = None if date is None else parse_date(date)
    return Article(record[name], title=record.get(f"{name}_title"), published=published)


def grade_of(grade: object) -> float | None:
    """The number; in assin it stands in a list, before the entailment."""
    first = grade[0] if isinstance(grade, list) else grade
    return float(first) if isinstance(first, int | float) else None


def read_articles(shared: Path, name: str) -> list[dict[str, Any]]:
    """Articles of a set as a user would give them, and their true `cluster`; what is in none is one of its own."""
    return [
        {**record, "cluster": record["id"] if record["cluster"] is None else str(record["cluster"])}
        for record in read(shared, name)
    ]


def join_ids(one: str, other: str) -> str:
    """Id of a pair that no file names."""
    return "|".join(sorted((one, other)))
