"""Where our scores and stories come from: files of out-of-fold predictions, or what is shipped.

What trained on a set has seen its answers, so the scripts that train write what the models of the other folds said
of each pair and article that they trained on, into the folder given as ``--work``:

=============================  ======================================================================
``rewriting.oof.jsonl``        ``{"id", "rewrite_probability", "title_similarity", "label"}``
``same_story.oof.jsonl``       ``{"id", "same_story_probability", "label"}``
``stories.oof.jsonl``          ``{"id", "story"}``, a line for each article
=============================  ======================================================================

The id of a pair is that of its set, or those of two articles, sorted, with a ``|`` between them. `title_similarity` and `label` (what
the pair was trained as) may be absent. A pair that stands in no file was not trained on: what is shipped says its scores.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import dedup
from dedup.cli.pairs import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.gold.sets import Pair
    from dedup import Article

REWRITE, SAME_STORY, TITLE = "rewrite_probability", "same_story_probability", "title_similarity"
CROSS_VALIDATED, SHIPPED, DEFAULTS = "cross-validated", "as shipped", "defaults"
NOT_TRAINED = "not trained yet"
#: Score to the file that has it.
FILES = {
    REWRITE: "rewriting.oof.jsonl",
    TITLE: "rewriting.oof.jsonl",
    SAME_STORY: "same_story.oof.jsonl",
}


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the models of the other folds said, by the id of a pair or an article."""

    pairs: dict[str, dict[str, dict[str, Any]]]  # by file
    stories: dict[str, str]

    @classmethod
    def read(cls, work: Path) -> Predictions:
        """Read the files that are there."""
        pairs = {name: {line["id"]: line for line in lines_of(work / name)} for name in set(FILES.values())}
        stories = {line["id"]: str(line["story"]) for line in lines_of(work / "stories.oof.jsonl")}
        return cls(pairs, stories)

    def out_of_fold(self, name: str) -> dict[str, dict[str, Any]]:
        """Lines that have this score, by the id of the pair."""
        lines = self.pairs[FILES[name]]
        return {pair: line for pair, line in lines.items() if line.get(name) is not None}

    def score(self, pairs: Sequence[Pair], name: str) -> tuple[list[float | None], str]:
        """Score of each pair, None where there is none yet, and where they come from."""
        lines = self.out_of_fold(name)
        folds = sum(pair.id in lines for pair in pairs)
        rest = shipped if is_shipped(name) else no_score
        scores = [
            lines[pair.id][name] if pair.id in lines else rest(pair.one, pair.other, name) for pair in pairs
        ]
        if folds == len(pairs):
            return scores, CROSS_VALIDATED
        others = SHIPPED if rest is shipped else NOT_TRAINED
        return scores, f"{folds:,} {CROSS_VALIDATED}, others {others}" if folds else others

    def group(self, articles: Sequence[dict[str, Any]]) -> tuple[list[str], str]:
        """Story of each article, and where they come from."""
        if all(article["id"] in self.stories for article in articles):
            return [self.stories[article["id"]] for article in articles], CROSS_VALIDATED
        return stories_of(articles), SHIPPED


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Records of a file; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stories_of(articles: Sequence[dict[str, Any]]) -> list[str]:
    """Story of each article by the default setting."""
    given = ({name: value for name, value in one.items() if name != "cluster"} for one in articles)
    return list(dedup.group_stories(given).story_ids)


def shipped(one: Article, other: Article, name: str) -> float | None:
    """What ``dedup compare --pairs`` says of two articles; of headlines where a text without a title is one."""
    if name == TITLE and one.title is None and other.title is None:
        one, other = (replace(side, text="", title=side.text) for side in (one, other))
    return told(one, other).get(name)


def no_score(_one: Article, _other: Article, _name: str) -> None:
    """Of a pair that no file has, while the package has no such score."""


@cache
def is_shipped(name: str) -> bool:
    """Whether the package has this score."""
    return name in as_dict(dedup.compare("rain in the north", "rain in the south"))


def told(one: Article, other: Article) -> dict[str, Any]:
    return as_dict(dedup.compare(one, other))
