"""How alike two wordings are: the features of the pair model, each of which a reader can check.

Where a figure has two directions, the lower and the higher one are features, so that it is all the same which text comes first.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel, LCSseq, Levenshtein
from rapidfuzz.fuzz import partial_ratio

from dedup.match.wording import MOST_CHARACTERS, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from dedup.match.wording import Wording

#: Two words are forms of one if they begin with the same letters and are this similar.
_SAME_BEGINNING, _SAME_FORM = 3, 0.6
#: Terms without a counterpart that are looked at one by one.
_HEAVIEST = 3
#: What a share says where neither text has anything of the kind.
_NOTHING_SAID = 0.5
#: Characters of the window in which one text is looked for in the other.
_WINDOW = 600


def likeness(one: Wording, other: Wording) -> dict[str, float]:
    """Say how alike two wordings are.

    Parameters
    ----------
    one, other : Wording
        Either may come first.

    Returns
    -------
    dict of str to float
        Each feature by its name, always in the same order.

    Notes
    -----
    Half a millisecond for two headlines. Linear in the number of words, but for the forms of words that begin alike
    and the edit distances, which are quadratic over bounded lengths.
    """
    found = dict(_grams(one, other))
    found.update(_weighted(one, other))
    found.update(_forms(one, other))
    found.update(_names(one, other))
    found.update(_numbers(one, other))
    found.update(_order(one, other))
    found.update(_edits(one, other))
    found.update(_shape(one, other))
    return found


def _grams(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Resemblance and containment of runs of words and of characters."""
    for length in (1, 2, 3, 4):
        yield from _compare_sets(f"words {length}", one.word_grams(length), other.word_grams(length))
    for length in (2, 3, 4, 5):
        grams = one.character_grams(length), other.character_grams(length)
        yield from _compare_sets(f"characters {length}", *grams)
    yield from _compare_sets("stems", one.stems, other.stems)
    trigrams = [
        Counter(side.joined[at : at + 3] for at in range(max(1, len(side.joined) - 2)))
        for side in (one, other)
    ]
    yield "character cosine", _cosine(*trigrams)


def _compare_sets(
    name: str, one: AbstractSet[object], other: AbstractSet[object]
) -> Iterator[tuple[str, float]]:
    shared = len(one & other)
    low, high = sorted((share(shared, len(one)), share(shared, len(other))))
    yield name, share(shared, len(one) + len(other) - shared)
    yield f"{name} low", low
    yield f"{name} high", high


def _weighted(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """What is shared, by what it weighs."""
    both = one.terms.keys() & other.terms.keys()
    # Of a text in one script and one in two, the same term may have two weights.
    shared = math.fsum(min(one.weights[term], other.weights[term]) for term in both)
    totals = math.fsum(one.weights.values()), math.fsum(other.weights.values())
    low, high = sorted(share(shared, total) for total in totals)
    yield "weight", share(shared, sum(totals) - shared)
    yield "weight low", low
    yield "weight high", high
    vectors = [
        {term: count * side.weights[term] for term, count in side.terms.items()} for side in (one, other)
    ]
    yield "weight cosine", _cosine(*vectors)
    yield "mean weight", share(sum(totals), len(one.weights) + len(other.weights))


def _forms(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """What each text has that has no counterpart in the other, forms of one word being counterparts."""
    covered, missing, heaviest = [], [], []
    for side, opposite in ((one, other), (other, one)):
        alone = _without_counterpart(side, opposite)
        total = math.fsum(side.weights.values())
        missing.append(math.fsum(alone))
        covered.append(1.0 - share(missing[-1], total) if total else 0.0)
        heaviest.append((sorted(alone, reverse=True) + [0.0] * _HEAVIEST)[:_HEAVIEST])
    yield "covered low", min(covered)
    yield "covered high", max(covered)
    yield "covered", share(2.0 * covered[0] * covered[1], sum(covered))
    yield "missing low", min(missing)
    yield "missing high", max(missing)
    for rank, pair in enumerate(zip(*heaviest, strict=True)):
        yield f"heaviest {rank} low", min(pair)
        yield f"heaviest {rank} high", max(pair)


def _without_counterpart(side: Wording, opposite: Wording) -> list[float]:
    """Weights of the terms that the other text lacks; of a term whose form differs, what is left of it."""
    beginnings: defaultdict[str, list[str]] = defaultdict(list)
    if not side.unspaced:
        for term in opposite.terms:
            beginnings[term[:_SAME_BEGINNING]].append(term)
    alone = (term for term in side.terms if term not in opposite.terms)
    return [side.weights[term] * (1.0 - _nearest(term, beginnings)) for term in alone]


def _nearest(word: str, beginnings: Mapping[str, list[str]]) -> float:
    """Similarity of the word to the form of it that is most like it; 0 where there is none."""
    if len(word) < _SAME_BEGINNING or is_number(word):
        return 0.0
    forms = beginnings.get(word[:_SAME_BEGINNING], ())
    best = max((Indel.normalized_similarity(word, form) for form in forms), default=0.0)
    return best if best > _SAME_FORM else 0.0


def _names(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Names that agree, and that stand in one text alone."""
    missing = len(missing_names(one, other)), len(missing_names(other, one))
    shared = max(len(one.names) - missing[0], len(other.names) - missing[1])
    alone = sorted(missing)
    every = len(one.names | other.names)
    yield "names", every
    yield "names shared", shared
    yield "names share", share(shared, shared + sum(alone)) if every else _NOTHING_SAID
    yield "names missing low", alone[0]
    yield "names missing high", alone[1]


def missing_names(side: Wording, opposite: Wording) -> set[str]:
    """Names of a text that the other does not have, in no form."""
    beginnings: defaultdict[str, list[str]] = defaultdict(list)
    for name in opposite.names:
        beginnings[name[:_SAME_BEGINNING]].append(name)
    words = set(opposite.words)
    return {name for name in side.names if name not in words and not _nearest(name, beginnings)}


def _numbers(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Numbers and denials that agree, and that stand in one text alone."""
    shared = len(one.numbers & other.numbers)
    alone = sorted((len(one.numbers) - shared, len(other.numbers) - shared))
    every = shared + sum(alone)
    yield "numbers", min(len(one.numbers), len(other.numbers))
    yield "numbers shared", shared
    yield "numbers share", share(shared, every) if every else _NOTHING_SAID
    yield "numbers missing low", alone[0]
    yield "numbers missing high", alone[1]
    yield "denials", abs(one.denials - other.denials)
    yield "denied by one", float(bool(one.denials) != bool(other.denials))


def _order(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Order of the shared words."""
    lengths = sorted((len(one.words), len(other.words)))
    common = LCSseq.similarity(one.words, other.words) if lengths[0] else 0
    yield "order", share(2 * common, sum(lengths))
    yield "order low", share(common, lengths[1])
    yield "order high", share(common, lengths[0])
    places = [_shared_places(*sides) for sides in ((one, other), (other, one))]
    steps = [(left, right) for found in places for left, right in itertools.pairwise(found)]
    yield "inversions", share(sum(right < left for left, right in steps), len(steps))
    yield "adjacent", share(sum(right == left + 1 for left, right in steps), len(steps))
    ends = bool(lengths[0])
    yield "first word", float(ends and one.words[0] == other.words[0])
    yield "last word", float(ends and one.words[-1] == other.words[-1])


def _shared_places(side: Wording, opposite: Wording) -> list[int]:
    """Where the words of a text stand first in the other, in the order of this one."""
    places: dict[str, int] = {}
    for place, word in enumerate(opposite.words):
        places.setdefault(word, place)
    return [places[word] for word in dict.fromkeys(side.words) if word in places]


def _edits(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Edit distances."""
    joined = one.joined[:MOST_CHARACTERS], other.joined[:MOST_CHARACTERS]
    yield "word edits", Levenshtein.normalized_similarity(one.words, other.words)
    yield "character edits", Levenshtein.normalized_similarity(*joined)
    yield "character insertions", Indel.normalized_similarity(*joined)
    windows = sorted((joined[0][:_WINDOW], joined[1][:_WINDOW]))  # the first decides where lengths are equal
    yield "window", partial_ratio(*windows) / 100.0


def _shape(one: Wording, other: Wording) -> Iterator[tuple[str, float]]:
    """Lengths, and what kind of text it is."""
    lengths = sorted((len(one.words), len(other.words)))
    yield "length low", math.log1p(lengths[0])
    yield "length high", math.log1p(lengths[1])
    yield "length share", share(lengths[0], lengths[1])
    yield "length difference", math.log1p(lengths[1] - lengths[0])
    letters = sorted((len(one.joined), len(other.joined)))
    yield "letters share", share(letters[0], letters[1])
    yield "unspaced", float(one.unspaced or other.unspaced)
    yield "asked by one", float(("?" in one.text) != ("?" in other.text))
    yield "quoted by one", float(_quotes(one) != _quotes(other))
    yield "full stops", sum(side.text.rstrip()[-1:] in {".", "!", "?"} for side in (one, other)) / 2.0
    yield (
        "latin",
        share(sum("a" <= letter <= "z" for side in (one, other) for letter in side.joined), sum(letters)),
    )


def _quotes(side: Wording) -> bool:
    return any(mark in side.text for mark in '"“«')


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    product = math.fsum(value * other[key] for key, value in one.items() if key in other)
    norms = [math.sqrt(math.fsum(value * value for value in side.values())) for side in (one, other)]
    return share(product, norms[0] * norms[1])


def share(part: float, whole: float) -> float:
    """Part by whole; 0 of nothing."""
    return part / whole if whole else 0.0
