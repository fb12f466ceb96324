"""Lexical evidence that one paragraph tells what another tells: the names, numbers and rare words that sentences share."""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from dedup.match.terms import is_number, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.match.lines import Line
    from dedup.match.terms import Terms

#: Shared words or numbers that are no names, at least, and what each weighs: one person is spoken of in many paragraphs.
_PLAIN, _PLAIN_WEIGHT = 2, 0.25
#: What a shared name or number weighs, at least, where one is asked for.
_FACT_WEIGHT = 0.1
#: Facts that differ on both sides: that much of the evidence is left.
_OTHER_FACTS = 0.4
#: Words of the shortest sentence that stands alone, and sentences of a paragraph that are looked at.
_SENTENCE_WORDS, _MOST_SENTENCES = 6, 24
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]{0,3}\s+(?=[^\sa-zа-яё])|[。！？।۔؟][」』”]?")
#: What stands around a paragraph and is not what it says: a dateline (its first word in capitals), a credit in brackets.
_DATELINE = re.compile(r"(\w{3,})[^!?\n]{0,60}?\s?[-–—]{1,2}\s")
_CREDIT = re.compile(r"\([^()]{3,160}\)\W{0,4}$")


class Demand(NamedTuple):
    """What is asked for before a paragraph is said to restate another.

    Attributes
    ----------
    strength : float
        Of the evidence, at least.
    fact : bool
        Whether a name or number must be shared, where capitals tell names.
    same_names : bool
        Whether names that differ on both sides speak against it, as numbers always do.
    where : str
        Where the paragraph stands, in words.
    """

    strength: float
    fact: bool
    same_names: bool
    where: str


class Unit(NamedTuple):
    """A sentence, or two that follow each other: its terms, and what they weigh."""

    terms: set[str]
    weight: float


class Evidence(NamedTuple):
    """How much speaks for one paragraph restating another, and the terms that do."""

    strength: float
    shared: set[str]


def split_units(line: Line, terms: Terms, place: int) -> Iterator[Unit]:
    """Sentences of a paragraph, and each two that follow each other.

    Parameters
    ----------
    line : Line
        The paragraph.
    terms : Terms
        Of its page.
    place : int
        Where it stands among the lines that `terms` was made of.

    Yields
    ------
    Unit
    """
    first, last = _inside(line)
    bounds = _bounds(line)
    sentences: list[set[str]] = [set() for _ in bounds]
    at = 0
    for term, word in terms.occurrences[place]:
        while at < len(bounds) and word >= bounds[at]:
            at += 1
        if at == len(bounds):
            break
        if first <= line.tokens[word].start < last:
            sentences[at].add(term)
    for found in (*sentences, *(one | other for one, other in pairwise(sentences))):
        yield Unit(found, total(found, terms.weights))


def weigh_evidence(one: Sequence[Unit], other: Sequence[Unit], terms: Terms, demand: Demand) -> Evidence:
    """Evidence of the best pair of sentences.

    Its strength is what their shared terms weigh, times the share of both that this is (Dice); less, where facts differ.

    Parameters
    ----------
    one, other : sequence of Unit
        Of the two paragraphs.
    terms : Terms
        Of their page.
    demand : Demand
        What is asked for.

    Returns
    -------
    Evidence
        The same, whichever comes first.
    """
    best = Evidence(0.0, set())
    for left, right in product(one, other):
        shared = left.terms & right.terms
        weight = total(shared, terms.weights)
        strength = weight * 2.0 * weight / (left.weight + right.weight) if weight else 0.0
        if strength <= best.strength or not _suffices(shared, terms, demand):
            continue
        if facts_differ(left.terms, right.terms, terms.names if demand.same_names else set()):
            strength *= _OTHER_FACTS
        if strength > best.strength:
            best = Evidence(strength, shared)
    return best


def facts_differ(one: set[str], other: set[str], names: set[str]) -> bool:
    """Whether each has a number, or one of the names, that the other lacks."""
    return all(any(term in names or is_number(term) for term in side) for side in (one - other, other - one))


def _suffices(shared: set[str], terms: Terms, demand: Demand) -> bool:
    """Whether there is more than names, and a fact if one is asked for."""
    plain = sum(terms.weights[term] >= _PLAIN_WEIGHT for term in shared if term not in terms.names)
    if plain < _PLAIN or not demand.fact or not terms.names:
        return plain >= _PLAIN
    facts = (term for term in shared if term in terms.names or is_number(term))
    return any(terms.weights[term] >= _FACT_WEIGHT for term in facts)


def _inside(line: Line) -> tuple[int, int]:
    """Part of a line that says something: without the number of an item, a dateline, a credit."""
    text = line.quote.text
    dateline, credit = _DATELINE.match(text), _CREDIT.search(text)
    first = dateline.end() if dateline and dateline[1].isupper() else 0
    if line.role == "item" and is_number(line.tokens[0].text):
        first = max(first, line.tokens[0].end)
    return first, credit.start() if credit else len(text)


def _bounds(line: Line) -> list[int]:
    """Number of the word behind each sentence; sentences of a few words are one with the next."""
    bounds: list[int] = []
    first = at = 0
    for match in _SENTENCE_END.finditer(line.quote.text):
        while at < len(line.tokens) and line.tokens[at].start < match.end():
            at += 1
        if at - first >= _SENTENCE_WORDS:
            bounds.append(at)
            first = at
    if len(line.tokens) - first >= _SENTENCE_WORDS or not bounds:
        bounds.append(len(line.tokens))
    bounds[-1] = len(line.tokens)
    return bounds[:_MOST_SENTENCES]
