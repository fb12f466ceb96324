"""The same story: how probable it is that two articles report one event, and what says so.

A logistic model over few features that can be read: how much of the weight of their terms two articles share, in the
whole, in head and title, in names and numbers, and how far apart they were published. What a term weighs is its rarity:
in the dump at hand, and in the shipped prior where there is no dump. The weights of the model ship as JSON, with
their provenance and their cross-validated figures (``benchmarks/train_stories.py``).
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dedup.match.storyterms import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedup.match.storyterms import Term

#: What a pair is measured by, in the order in which arrays have it; the last four by dates.
FEATURES = (
    "body",
    "head",
    "head_in_body",
    "body_in_head",
    "names",
    "numbers",
    "shared",
    "contained",
    "title",
    "names_apart",
    "title_in_body",
    "dated",
    "days",
    "week",
    "month",
)
#: Terms of an article that count, the heaviest.
TERMS = 64
#: Steps of a logarithm in the shipped prior; the share of texts of a term that it does not know; the texts it is worth.
STEPS, UNKNOWN, PRIOR_TEXTS = 32, 0.001, 500
#: Bins in which the texts that have a term are counted.
BINS = 1 << 22
#: Terms whose prior rarity is below the first are no evidence, above the second full evidence.
NO_EVIDENCE, FULL_EVIDENCE = 1.0, 4.0
#: What rarities are divided by: that of a term of one in so many texts is 1.
SCALE = math.log(10_000)
DAY = 86_400.0
_TINY = 1e-9
_NAMED = 6


class Weighed(NamedTuple):
    """A term of an article, and its rarity."""

    term: Term
    rarity: float


class SameStory(NamedTuple):
    """What :func:`same_story` says.

    Attributes
    ----------
    probability : float
        That both report one event, calibrated, to 4 decimals.
    names, numbers, words : tuple of str
        What both have, the heaviest first, as terms: beginnings of words.
    """

    probability: float
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    words: tuple[str, ...]

    def says(self) -> str:
        """The evidence in words.

        Examples
        --------
        >>> SameStory(0.9, ("lisbon",), ("14",), ()).says()
        'both name lisbon; 14'
        """
        parts = [f"both name {', '.join(self.names)}"] if self.names else []
        parts += [", ".join(found) for found in (self.numbers, self.words) if found]
        return "; ".join(parts)


def same_story(one: tuple[str, str, float | None], other: tuple[str, str, float | None]) -> SameStory:
    """How probable it is that two articles report one event.

    Parameters
    ----------
    one, other : tuple of (str, str, float or None)
        Title, text and date (epoch seconds) of each; empty or None for what is missing.

    Returns
    -------
    SameStory

    Notes
    -----
    Equal to the arrays of :mod:`dedup.stories` without a dump; about 3 milliseconds for two news articles.

    Examples
    --------
    >>> storm = ("Storm hits Lisbon", "A storm killed 14 people in Lisbon on Monday, mayor Carlos Moedas said.", None)
    >>> again = ("14 dead in Portugal", "Mayor Moedas said the storm over Lisbon had killed 14.", None)
    >>> other = ("Rates rise", "The bank raised its rates by half a point.", None)
    >>> same_story(storm, again).probability > same_story(storm, other).probability
    True
    """
    found = [terms_of(title, text) for title, text, _ in (one, other)]
    weighed = [choose(terms) for terms in found]
    features = [*compare(*weighed), *date_features(one[2], other[2])]
    return SameStory(round(probability(features), 4), *_evidence(*weighed))


def choose(terms: Mapping[str, Term]) -> dict[str, Weighed]:
    """The heaviest terms of an article with their rarity in the prior; ties by the lower code."""
    weighed = {name: Weighed(term, prior_rarity(term.code)) for name, term in terms.items()}
    heavy = sorted(weighed, key=lambda name: (-_body(weighed[name]), weighed[name].term.code))[:TERMS]
    return {name: weighed[name] for name in heavy if weighed[name].rarity > 0}


def prior_rarity(code: int) -> float:
    """What a term weighs where there is no dump, from 0 upwards."""
    share = shipped_prior().get(bin_of(code), UNKNOWN)
    return _single(rarity(share, share))


def rarity(share: float, prior: float) -> float:
    """Weight of a term: the logarithm of its rarity in the texts at hand, less where it is common everywhere."""
    evidence = (-math.log(prior) - NO_EVIDENCE) / (FULL_EVIDENCE - NO_EVIDENCE)
    return max(-math.log(share), 0.0) * min(max(evidence, 0.0), 1.0) / SCALE


def date_features(one: float | None, other: float | None) -> tuple[float, float, float, float]:
    """What the dates of two articles say; zeros if either has none."""
    if one is None or other is None:
        return 0.0, 0.0, 0.0, 0.0
    days = abs(one - other) / DAY
    return 1.0, math.log1p(days), math.exp(-days / 7), math.exp(-days / 30)


def probability(features: Sequence[float]) -> float:
    """Of the model, from the features in the order of ``FEATURES``."""
    weights, intercept = load_model()
    score = intercept + math.fsum(weight * value for weight, value in zip(weights, features, strict=True))
    return 1.0 / (1.0 + math.exp(-max(min(score, 30.0), -30.0)))


@cache
def load_model() -> tuple[tuple[float, ...], float]:
    """Weights in the order of ``FEATURES``, and the intercept."""
    read = json.loads(Path(__file__).with_name("samestory.json").read_text(encoding="utf-8"))
    return tuple(read["weights"][name] for name in FEATURES), read["intercept"]


@cache
def shipped_prior() -> dict[int, float]:
    """Share of news texts that each common term stands in, by the term's bin (``benchmarks/story_prior.py``)."""
    data = zlib.decompress(Path(__file__).with_name("storyprior.bin").read_bytes())
    n_terms = len(data) // 5
    codes = array("I", data[: 4 * n_terms])
    shares: dict[int, float] = {}
    for code, step in zip(codes, data[4 * n_terms :], strict=True):
        shares[bin_of(code)] = max(math.exp(-step / STEPS), shares.get(bin_of(code), 0.0))
    return shares


def bin_of(code: int) -> int:
    """Where the texts that have a term are counted; a few terms share a bin."""
    return code >> 1 & BINS - 1


def _single(value: float) -> float:
    """The nearest number of 32 bits, as arrays hold it."""
    return array("f", [value])[0]


def _body(weighed: Weighed) -> float:
    return weighed.rarity * math.sqrt(weighed.term.total)


def _head(weighed: Weighed) -> float:
    return weighed.rarity * math.sqrt(weighed.term.head)


def _title(weighed: Weighed) -> float:
    return weighed.rarity * math.sqrt(weighed.term.title)


def _cosine(product: float, one: float, other: float) -> float:
    return product / math.sqrt(one * other + _TINY)


def compare(left: Mapping[str, Weighed], right: Mapping[str, Weighed]) -> list[float]:
    """The features that do not depend on dates."""
    pairs = [(left[name], right[name]) for name in left if name in right]
    sides = [list(left.values()), list(right.values())]
    bodies, heads, titles = (
        [math.fsum(weigh(term) ** 2 for term in side) for side in sides] for weigh in (_body, _head, _title)
    )
    names = [math.fsum(_body(term) ** 2 for term in side if term.term.name) for side in sides]
    numbers = [math.fsum(_body(term) ** 2 for term in side if term.term.code & 1) for side in sides]
    least = min(math.fsum(term.rarity for term in side) for side in sides)
    shared = math.fsum(one.rarity for one, _ in pairs)
    body = _cosine(math.fsum(_body(one) * _body(two) for one, two in pairs), *bodies)
    in_body = (
        _cosine(math.fsum(_head(one) * _body(two) for one, two in pairs), heads[0], bodies[1]),
        _cosine(math.fsum(_body(one) * _head(two) for one, two in pairs), bodies[0], heads[1]),
    )
    both_names = math.fsum(_body(one) * _body(two) for one, two in pairs if one.term.name and two.term.name)
    return [
        body,
        _cosine(math.fsum(_head(one) * _head(two) for one, two in pairs), *heads),
        max(in_body),
        min(in_body),
        _cosine(both_names, *names) if all(names) else body,
        _cosine(math.fsum(_body(one) * _body(two) for one, two in pairs if one.term.code & 1), *numbers),
        math.log(1 + shared),
        shared / (least + _TINY),
        _cosine(math.fsum(_title(one) * _title(two) for one, two in pairs), *titles),
        _apart(sides[0], [one for one, _ in pairs]) * _apart(sides[1], [two for _, two in pairs]),
        max(
            _cosine(math.fsum(_title(one) * _body(two) for one, two in pairs), titles[0], bodies[1]),
            _cosine(math.fsum(_body(one) * _title(two) for one, two in pairs), bodies[0], titles[1]),
        ),
    ]


def _apart(terms: Iterable[Weighed], shared: Iterable[Weighed]) -> float:
    """Share of the weight of the names in an article's head that the other article does not have."""
    all_names, found = (math.fsum(_head(term) for term in some if term.term.name) for some in (terms, shared))
    return max(all_names - found, 0.0) / (all_names + 1.0)


def _evidence(
    left: Mapping[str, Weighed], right: Mapping[str, Weighed]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Shared names, numbers and other terms, the heaviest first."""
    shared = sorted(
        (name for name in left if name in right),
        key=lambda name: (-_body(left[name]) * _body(right[name]), name),
    )
    kinds: tuple[list[str], list[str], list[str]] = [], [], []
    for name in shared:
        term = left[name].term
        kinds[1 if term.code & 1 else 0 if term.name or right[name].term.name else 2].append(name)
    names, numbers, words = (tuple(kind[:_NAMED]) for kind in kinds)
    return names, numbers, words
