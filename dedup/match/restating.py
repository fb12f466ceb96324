"""Paragraphs of one page that tell another one again: recycled, in the same words, or restated, in others.

Restating is judged by lexical evidence alone: what the terms that two sentences share weigh, times the share of both that
this is. Sentences of one story share names and dates anyway, so how much is asked for depends on where the paragraph
stands (docs/decisions/0009-restated-paragraphs.md).
"""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import TYPE_CHECKING, Literal, NamedTuple

from dedup.match.proposing import propose
from dedup.match.terms import LONGEST_LINE, describe, is_number, total, weigh_terms
from dedup.page import Finding
from dedup.text.shingling import shingle_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dedup.match.lines import Line
    from dedup.match.terms import Terms

Setting = Literal["again", "list", "lead", "elsewhere"]

#: Words of the shortest paragraph that is looked at, and share of its 5-grams in another that makes it recycled; where
#: the numbers of the two differ, too, it takes more: bulletins on two events have one wording.
LEAST_WORDS, RECYCLED, RECYCLED_WITH_OTHER_NUMBERS = 10, 0.5, 0.8
#: Evidence that makes a paragraph restated: where the page tells its story again, in the list that ends it, where it comes
#: back to its lead, and elsewhere.
LIMITS: dict[Setting, float] = {"again": 0.35, "list": 0.6, "lead": 1.2, "elsewhere": 2.0}
_SETTINGS: dict[Setting, str] = {
    "again": "below a headline or label where the story begins again",
    "list": "in the list at the end",
    "lead": "about what the first paragraph says",
    "elsewhere": "in another paragraph",
}
#: Numbers that differ on both sides: that much of the evidence is left.
_OTHER_NUMBERS = 0.5
#: How sure a finding at the limit is; it grows from there towards 1.
_SURE_AT_LIMIT = 0.8
#: Words of the shortest sentence that stands alone, and sentences of a paragraph that are looked at.
_SENTENCE_WORDS, _MOST_SENTENCES = 6, 24
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"”’»)\]]*\s+(?=[^\sa-zа-яё])|[。！？।۔؟][」』”]?\s*)")


class Restating(NamedTuple):
    """What was found, and how many pairs with evidence in common were passed over."""

    findings: list[Finding]
    passed_over: int


class Unit(NamedTuple):
    """A sentence, or two that follow each other: its terms, and what they weigh."""

    terms: set[str]
    weight: float


class Evidence(NamedTuple):
    """How much speaks for one paragraph restating another, and the terms that do."""

    strength: float
    shared: set[str]


def find_restated(lines: Sequence[Line], again: Collection[int] = ()) -> Restating:
    """Find the paragraphs that tell an earlier one again, each with the one that it tells.

    Parameters
    ----------
    lines : sequence of Line
        Paragraphs and items of a page, without repetitions.
    again : collection of int
        Places among `lines` where the page tells its story again: below a headline that stands there a second time, or
        below a label such as "In short:".

    Returns
    -------
    Restating
    """
    terms = weigh_terms(lines)
    sets = [_terms_of(line, terms, place) for place, line in enumerate(lines)]
    proposals = propose(sets, terms.weights, min(LIMITS.values()))
    units = {place: list(_units(lines[place], terms, place)) for pair in proposals.pairs for place in pair}
    settings = _Settings(lines, again)
    best: dict[int, tuple[float, Finding]] = {}
    for one, other in proposals.pairs:
        found = _recycled(lines[one], lines[other]) or _restated(
            lines, terms, (one, other), (units[one], units[other]), settings.of(one, other)
        )
        if found and (other not in best or found[0] > best[other][0]):
            best[other] = found
    return Restating([finding for _, finding in best.values()], proposals.passed_over)


class _Settings:
    """Where pairs of paragraphs stand."""

    def __init__(self, lines: Sequence[Line], again: Collection[int]) -> None:
        self.again = again
        self.items = [line.role == "item" for line in lines]
        self.end = max((place + 1 for place, is_item in enumerate(self.items) if not is_item), default=0)

    def of(self, one: int, other: int) -> Setting | None:
        """Setting of a pair, None if it is none to judge: the items of a list are made alike."""
        if self.items[one] and self.items[other]:
            return None
        if other in self.again:
            return "again"
        if other >= self.end:
            return "list"
        return "lead" if one == 0 else "elsewhere"


def _recycled(one: Line, other: Line) -> tuple[float, Finding] | None:
    """Finding for two paragraphs that are for the most part in the same words; recycled outranks restated."""
    grams = [set(shingle_words(line.words[:LONGEST_LINE])) for line in (one, other)]
    share = len(grams[0] & grams[1]) / min(map(len, grams))
    numbers = [{word for word in line.words if is_number(word)} for line in (one, other)]
    differ = bool(numbers[0] - numbers[1] and numbers[1] - numbers[0])
    if share < (RECYCLED_WITH_OTHER_NUMBERS if differ else RECYCLED):
        return None
    why = f"{share:.0%} of the shorter one's 5-grams stand in the other"
    return 1e9 + share, Finding("recycled paragraph", (one.quote, other.quote), round(share, 4), why)


def _restated(
    lines: Sequence[Line],
    terms: Terms,
    pair: tuple[int, int],
    units: tuple[Sequence[Unit], Sequence[Unit]],
    setting: Setting | None,
) -> tuple[float, Finding] | None:
    if setting is None:
        return None
    evidence = weigh_evidence(*units, terms)
    ratio = evidence.strength / LIMITS[setting]
    if ratio < 1.0:
        return None
    why = f"{_SETTINGS[setting]}; shared {describe(evidence.shared, terms)}"
    quotes = (lines[pair[0]].quote, lines[pair[1]].quote)
    return ratio, Finding("restated paragraph", quotes, round(1.0 - (1.0 - _SURE_AT_LIMIT) ** ratio, 4), why)


def weigh_evidence(one: Sequence[Unit], other: Sequence[Unit], terms: Terms) -> Evidence:
    """Evidence of the best pair of sentences."""
    best = Evidence(0.0, set())
    for left, right in product(one, other):
        shared = left.terms & right.terms
        weight = total(shared, terms.weights)
        if not weight:
            continue
        strength = weight * 2.0 * weight / (left.weight + right.weight)
        if strength > best.strength and _numbers_differ(left.terms, right.terms):
            strength *= _OTHER_NUMBERS
        if strength > best.strength:
            best = Evidence(strength, shared)
    return best


def _numbers_differ(one: set[str], other: set[str]) -> bool:
    return any(map(is_number, one - other)) and any(map(is_number, other - one))


def _terms_of(line: Line, terms: Terms, place: int) -> set[str]:
    """Terms of a line, without the number that an item begins with."""
    number = line.role == "item" and is_number(line.tokens[0].text)
    return {term for term, word in terms.occurrences[place] if word or not number}


def _units(line: Line, terms: Terms, place: int) -> Iterator[Unit]:
    """Sentences of a paragraph, and each two that follow each other."""
    number = line.role == "item" and is_number(line.tokens[0].text)
    bounds = _bounds(line)
    sentences: list[set[str]] = [set() for _ in bounds]
    at = 0
    for term, word in terms.occurrences[place]:
        while at < len(bounds) and word >= bounds[at]:
            at += 1
        if at == len(bounds):
            break
        if word or not number:
            sentences[at].add(term)
    pairs = [one | other for one, other in pairwise(sentences)]
    for found in (*sentences, *pairs):
        yield Unit(found, total(found, terms.weights))


def _bounds(line: Line) -> list[int]:
    """Number of the word behind each sentence; sentences of a few words are one with the next."""
    ends = [match.end() for match in _SENTENCE_END.finditer(line.quote.text)]
    bounds: list[int] = []
    first = at = 0
    for end in (*ends, len(line.quote.text)):
        while at < len(line.tokens) and line.tokens[at].start < end:
            at += 1
        if at - first >= _SENTENCE_WORDS:
            bounds.append(at)
            first = at
    if first < len(line.tokens):
        bounds[-1:] = [len(line.tokens)]
    return bounds[:_MOST_SENTENCES]
