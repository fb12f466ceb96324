"""Find the news that is the same news.

>>> import dedup
>>> dedup.compare("Rain in the north.", "Rain in the North").relation
'exact'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.article import (
        Affix,
        Article,
        Boilerplate,
        Cluster,
        Counts,
        Damaged,
        Match,
        Occurrence,
        Place,
        ReusedPassage,
    )
    from dedup.comparison import compare
    from dedup.crawls import add_files, check_files, deduplicate_into, export_articles
    from dedup.deduplicator import deduplicate, deduplicate_files
    from dedup.errors import (
        DedupError,
        MissingExtraError,
        ParameterError,
        ReadError,
        StorageError,
        WriteError,
    )
    from dedup.estimation import Estimate, estimate
    from dedup.evaluation import Evaluation, evaluate
    from dedup.examples import Example
    from dedup.feeding import AddCounts, AddSummary
    from dedup.headline import Appearance, HeadlineCounts, HeadlineReport, RepeatedHeadline
    from dedup.headlines import list_headlines, repeated_headlines
    from dedup.inspection import inspect
    from dedup.match.context import Context
    from dedup.match.passages import find_passages, find_repeats
    from dedup.match.relation import Limits
    from dedup.match.scoring import Scorer
    from dedup.opening import open_index
    from dedup.page import Finding, PageReport, Quote
    from dedup.pair import Comparison, Passage, Scores, Span
    from dedup.pair_evaluation import Bin, PairEvaluation, Reliability, calibrate, evaluate_pairs
    from dedup.progress import Progress
    from dedup.result import DedupResult
    from dedup.seen import ArticleIndex
    from dedup.semantic import load_scorer
    from dedup.sketch.recipe import Recipe
    from dedup.sketch.signatures import from_datasketch, to_datasketch
    from dedup.story import Story, StoryCounts, StoryResult, StorySummary
    from dedup.storytelling import group_stories, list_stories
    from dedup.summary import Summary
    from dedup.text.shingling import hash_shingle
    from dedup.tuned import Between, Borderline, Cut, Effect, Impossible, ResemblanceBin, Survey, Tuning
    from dedup.tuning import tune, tune_files
    from dedup.url import canonical_url
    from dedup.verdict import IndexInfo, Verdict

_HOMES = {
    "dedup.article": (
        "Affix",
        "Article",
        "Boilerplate",
        "Cluster",
        "Counts",
        "Damaged",
        "Match",
        "Occurrence",
        "Place",
        "ReusedPassage",
    ),
    "dedup.pair": ("Comparison", "Passage", "Scores", "Span"),
    "dedup.comparison": ("compare",),
    "dedup.crawls": ("add_files", "check_files", "deduplicate_into", "export_articles"),
    "dedup.deduplicator": ("deduplicate", "deduplicate_files"),
    "dedup.summary": ("Summary",),
    "dedup.errors": (
        "DedupError",
        "MissingExtraError",
        "ParameterError",
        "ReadError",
        "StorageError",
        "WriteError",
    ),
    "dedup.estimation": ("Estimate", "estimate"),
    "dedup.examples": ("Example",),
    "dedup.evaluation": ("Evaluation", "evaluate"),
    "dedup.feeding": ("AddCounts", "AddSummary"),
    "dedup.headline": ("Appearance", "HeadlineCounts", "HeadlineReport", "RepeatedHeadline"),
    "dedup.headlines": ("list_headlines", "repeated_headlines"),
    "dedup.inspection": ("inspect",),
    "dedup.match.context": ("Context",),
    "dedup.match.passages": ("find_passages", "find_repeats"),
    "dedup.match.relation": ("Limits",),
    "dedup.match.scoring": ("Scorer",),
    "dedup.page": ("Finding", "PageReport", "Quote"),
    "dedup.pair_evaluation": ("Bin", "PairEvaluation", "Reliability", "calibrate", "evaluate_pairs"),
    "dedup.progress": ("Progress",),
    "dedup.result": ("DedupResult",),
    "dedup.opening": ("open_index",),
    "dedup.seen": ("ArticleIndex",),
    "dedup.semantic": ("load_scorer",),
    "dedup.sketch.recipe": ("Recipe",),
    "dedup.sketch.signatures": ("from_datasketch", "to_datasketch"),
    "dedup.story": ("Story", "StoryCounts", "StoryResult", "StorySummary"),
    "dedup.storytelling": ("group_stories", "list_stories"),
    "dedup.text.shingling": ("hash_shingle",),
    "dedup.tuned": (
        "Between",
        "Borderline",
        "Cut",
        "Effect",
        "Impossible",
        "ResemblanceBin",
        "Survey",
        "Tuning",
    ),
    "dedup.tuning": ("tune", "tune_files"),
    "dedup.url": ("canonical_url",),
    "dedup.verdict": ("IndexInfo", "Verdict"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AddCounts",
    "AddSummary",
    "Affix",
    "Appearance",
    "Article",
    "ArticleIndex",
    "Between",
    "Bin",
    "Boilerplate",
    "Borderline",
    "Cluster",
    "Comparison",
    "Context",
    "Counts",
    "Cut",
    "Damaged",
    "DedupError",
    "DedupResult",
    "Effect",
    "Estimate",
    "Evaluation",
    "Example",
    "Finding",
    "HeadlineCounts",
    "HeadlineReport",
    "Impossible",
    "IndexInfo",
    "Limits",
    "Match",
    "MissingExtraError",
    "Occurrence",
    "PageReport",
    "PairEvaluation",
    "ParameterError",
    "Passage",
    "Place",
    "Progress",
    "Quote",
    "ReadError",
    "Recipe",
    "Reliability",
    "RepeatedHeadline",
    "ResemblanceBin",
    "ReusedPassage",
    "Scorer",
    "Scores",
    "Span",
    "StorageError",
    "Story",
    "StoryCounts",
    "StoryResult",
    "StorySummary",
    "Summary",
    "Survey",
    "Tuning",
    "Verdict",
    "WriteError",
    "add_files",
    "calibrate",
    "canonical_url",
    "check_files",
    "compare",
    "deduplicate",
    "deduplicate_files",
    "deduplicate_into",
    "estimate",
    "evaluate",
    "evaluate_pairs",
    "export_articles",
    "find_passages",
    "find_repeats",
    "from_datasketch",
    "group_stories",
    "hash_shingle",
    "inspect",
    "list_headlines",
    "list_stories",
    "load_scorer",
    "open_index",
    "repeated_headlines",
    "to_datasketch",
    "tune",
    "tune_files",
]


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: numba takes 0.3 s, and most of us can wait (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that few need

        return version("news-dedup")
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
