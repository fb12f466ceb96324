"""Headlines of one page: those that stand there again, and those that are about the same thing."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from dedup.match.proposing import propose
from dedup.match.terms import describe, is_number, total, weigh_terms
from dedup.page import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.match.lines import Line
    from dedup.match.terms import Terms

#: Share of the words of the longer headline that stand in the other, from which on it is one headline.
NEAR = 0.75
#: Words with which two headlines begin alike, where the one goes on with the name of the site.
_BEGINNING = 5
#: Headlines above the second paragraph that are compared with one another; a page with more begins with a list.
MOST_HEADLINES = 8
#: Names in common that make two headlines one, if the one with fewer has no other.
_NAMES = 2
#: Or the share of what the terms of the lighter headline weigh, and the number of terms that weigh at least half.
_SHARE, _TERMS = 0.5, 3

#: Lines with one headline, by their places.
Group = list[int]


def group_headlines(lines: Sequence[Line]) -> list[Group]:
    """Headlines of a page, equal and nearly equal ones together.

    Parameters
    ----------
    lines : sequence of Line
        Of one page; only its headlines count.

    Returns
    -------
    list of list of int
        Places among `lines`, ascending; groups in the order of their first.
    """
    equal: defaultdict[tuple[str, ...], Group] = defaultdict(list)
    for place, line in enumerate(lines):
        if line.role == "headline":
            equal[line.words].append(place)
    wordings = list(equal)
    leader = list(range(len(wordings)))
    weights = {word: 1.0 for words in wordings for word in words}
    for one, other in propose([set(words) for words in wordings], weights, 2.0).pairs:
        if leader[other] == other and leader[one] == one and likeness(wordings[one], wordings[other]) >= NEAR:
            leader[other] = one
    groups: defaultdict[int, Group] = defaultdict(list)
    for place, words in enumerate(wordings):
        groups[leader[place]] += equal[words]
    return sorted(sorted(group) for group in groups.values())


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of the words of the longer headline that stand in the other; 0 if their numbers differ.

    A headline that goes on, as with the name of the site, is taken for the same: what both begin with counts.

    Examples
    --------
    >>> likeness("storm hits the north".split(), "storm hits the far north".split())
    0.8
    >>> likeness("storm kills 3 in the north".split(), "storm kills 4 in the north".split())
    0.0
    """
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _BEGINNING and list(longer[: len(shorter)]) == list(shorter):
        return max(NEAR, len(shorter) / len(longer))
    numbers = [sorted(word for word in words if is_number(word)) for words in (one, other)]
    shared = (Counter(one) & Counter(other)).total()
    return shared / len(longer) if numbers[0] == numbers[1] else 0.0


def report_repeated(lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Finding]:
    """One finding for each headline that stands on several lines."""
    for group in groups:
        if len(group) < 2:
            continue
        first = lines[group[0]].words
        score = min(likeness(first, lines[place].words) for place in group[1:])
        alike = "in the same words" if score == 1.0 else "in nearly the same words"
        quotes = tuple(lines[place].quote for place in group)
        yield Finding("repeated headline", quotes, round(score, 4), f"stands {len(group)} times {alike}")


def report_same_matter(lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Finding]:
    """One finding for each two headlines above the second paragraph that are about the same thing."""
    paragraphs = [place for place, line in enumerate(lines) if line.role in ("paragraph", "item")]
    head = paragraphs[1] if len(paragraphs) > 1 else len(lines)
    places = [group[0] for group in groups if group[0] < head]
    if not 2 <= len(places) <= MOST_HEADLINES:
        return
    terms = weigh_terms(lines)
    for one, other in combinations(places, 2):
        found = _same_matter(lines, terms, one, other)
        if found:
            score, shared, shared_names = found
            quotes = (lines[one].quote, lines[other].quote)
            why = f"shared {describe(shared, terms, shared_names)}"
            yield Finding("same headline in other words", quotes, round(score, 4), why)


def _same_matter(lines: Sequence[Line], terms: Terms, one: int, other: int) -> tuple[float, set[str], set[str]] | None:
    """How sure, by which terms, and by which names, two headlines are about the same thing."""
    first, second = terms.of_line(one), terms.of_line(other)
    shared = first & second
    names = [_names(lines[place], terms, place) for place in (one, other)]
    both = names[0] & names[1]
    if len(both) >= _NAMES and len(both) == min(map(len, names)):
        return (1.0 + len(both) / len(names[0] | names[1])) / 2.0, both, both
    lighter = min(total(found, terms.shapes) for found in (first, second))
    strong = {term for term in shared if terms.shapes[term] >= 0.5}
    if len(strong) >= _TERMS and total(shared, terms.shapes) >= _SHARE * lighter:
        return min(1.0, total(shared, terms.shapes) / lighter), strong, both
    return None


def _names(line: Line, terms: Terms, place: int) -> set[str]:
    """Names in a headline: its first word too, if the page has it with a capital only."""
    return {
        term
        for term, word in terms.occurrences[place]
        if term in terms.names
        or (line.quote.text[line.tokens[word].start].isupper() and term not in terms.small and terms.names)
    }
