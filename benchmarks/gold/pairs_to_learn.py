"""What the pair model learns from: labelled and graded pairs of the gold sets, each with its group."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.gold.sets import join_ids, read, read_pairs
from benchmarks.gold.translations import find_originals, group_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.gold.sets import Pair


class Example(NamedTuple):
    """A pair to learn from.

    Attributes
    ----------
    set, id : str
        Where it is from.
    group : str
        What is never parted between folds.
    one, other : str
        The texts.
    label : float or None
        Whether one tells the other again, from 0 to 1; None if the pair is only graded, or only judged by the model.
    grade : float or None
        Likeness as people graded it, from 0 to 1.
    weight : float
        What it counts.
    """

    set: str
    id: str
    group: str
    one: str
    other: str
    label: float | None
    grade: float | None
    weight: float


#: What a pair of a set counts, so that neither many pairs nor one language decide for all.
WEIGHTS = {
    "mrpc": 2.5,
    "sr-paraphrase": 4.0,
    "pan-paraphrase": 1.0,
    "ru-paraphraser": 1.0,
    "sts-news": 0.7,
    "stsb-mt-headlines": 0.4,
    "assin": 0.7,
}
#: Grades are from 0 to 5, in assin from 1. Below the first no is meant, above the second yes, and in part in between.
_NO, _YES = 2.0, 4.0
_LEAST_PART = 0.05


def examples(shared: Path) -> Iterator[Example]:
    """All pairs to learn from."""
    sets = {name: read_pairs(shared, name) for name in WEIGHTS}
    originals = find_originals(sets["stsb-mt-headlines"], sets["sts-news"])
    for name, pairs in sets.items():
        for pair in pairs:
            yield _sentences(name, pair, group_of(pair, originals))
        yield from _strangers(name, pairs, originals)
    yield from _articles(shared)


def _sentences(name: str, pair: Pair, group: str) -> Example:
    graded = name in {"sts-news", "stsb-mt-headlines", "assin"}
    grade = None
    label = None if pair.label is None else float(pair.label)
    if name == "ru-paraphraser":  # near paraphrases are of the class that tells the other again
        label = float(pair.grade is not None and pair.grade >= 0)
    if graded and pair.grade is not None:
        grade = (pair.grade - 1) / 4 if name == "assin" else pair.grade / 5
        if label is None or name == "assin":  # its labels are of entailment both ways, which is more
            label = min(max((5 * grade - _NO) / (_YES - _NO), _LEAST_PART), 1 - _LEAST_PART)
    return Example(name, pair.id, group, pair.one.text, pair.other.text, label, grade, WEIGHTS[name])


def _strangers(name: str, pairs: Sequence[Pair], originals: Mapping[str, str]) -> Iterator[Example]:
    """Sentences that nobody would ask about: the pairs that people labelled all have much in common."""
    for one, other in zip(pairs[::_EVERY], pairs[_EVERY::_EVERY], strict=False):
        if one.lang == other.lang:
            yield Example(
                "strangers",
                join_ids(one.id, other.id),
                group_of(one, originals),
                one.one.text,
                other.other.text,
                0.0,
                None,
                WEIGHTS[name],
            )


#: Of so many pairs one gives a sentence to a pair of strangers.
_EVERY = 5
#: What a pair of articles counts, and of those that tell of different things, how many each article is in.
_ARTICLE_WEIGHT, _STRANGERS = 4.0, 3
#: What a pair of paragraphs counts, and words of the shortest.
_LEAD_WEIGHT, _LEAST_WORDS = 3.0, 10


def _articles(shared: Path) -> Iterator[Example]:
    """Articles rewritten for learners, and answers written from a source; against others about different things."""
    yield from _rewritten(shared)
    yield from _leads(shared)
    for pair in read_pairs(shared, "clough-stevenson"):
        label = None if pair.label is None else float(pair.label)
        # The answers of a task are written from one source.
        group = pair.id[-1] if pair.label else pair.id
        yield Example(
            "clough-stevenson",
            pair.id,
            f"clough {group}",
            pair.one.text,
            pair.other.text,
            label,
            None,
            _ARTICLE_WEIGHT,
        )
    yield from _lookalike_events(shared)


def _rewritten(shared: Path) -> Iterator[Example]:
    articles = read(shared, "onestop-docs")
    clusters: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for article in articles:
        clusters[article["cluster"]].append(article)
    names = sorted(clusters)
    for place, name in enumerate(names):
        for one, other in combinations(clusters[name], 2):
            yield _pair_of("onestop-docs", name, one, other, label=1.0)
        for shift in range(1, _STRANGERS + 1):
            stranger = clusters[names[(place + shift) % len(names)]][0]
            yield _pair_of("onestop-docs", name, clusters[name][0], stranger, label=0.0)


def _leads(shared: Path) -> Iterator[Example]:
    """First paragraphs of one article's versions, which tell each other again; and its later ones, which do not."""
    clusters: defaultdict[str, list[list[str]]] = defaultdict(list)
    for article in read(shared, "onestop-docs"):
        paragraphs = article["text"].split("\n")
        clusters[article["cluster"]].append([p for p in paragraphs if len(p.split()) >= _LEAST_WORDS])
    for name in sorted(clusters):
        for (place, one), (_, other) in combinations(enumerate(filter(None, clusters[name])), 2):
            for at, paragraph in [(0, other[0]), *list(enumerate(other))[2 : 2 + _STRANGERS]]:
                pair_id = f"onestop-leads:{name}-{place}-{len(other)}-{at}"
                label = float(at == 0)
                group = f"onestop-docs {name}"
                yield Example("onestop-leads", pair_id, group, one[0], paragraph, label, None, _LEAD_WEIGHT)


def _lookalike_events(shared: Path) -> Iterator[Example]:
    """Articles about two events of one topic: an earthquake, and another one."""
    topics: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for article in read(shared, "ecbplus"):
        topics["".join(filter(str.isdigit, article["cluster"]))].append(article)
    for topic in sorted(topics):
        articles = topics[topic]
        for place, one in enumerate(articles):
            others = [article for article in articles[place + 1 :] if article["cluster"] != one["cluster"]]
            for other in others[-_STRANGERS:]:
                yield _pair_of("ecbplus", topic, one, other, label=0.0)


def _pair_of(name: str, group: str, one: dict[str, str], other: dict[str, str], label: float) -> Example:
    pair_id = join_ids(one["id"], other["id"])
    return Example(name, pair_id, f"{name} {group}", one["text"], other["text"], label, None, _ARTICLE_WEIGHT)
