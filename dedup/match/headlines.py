"""Headlines of one page: those that stand there again, and those that are about the same thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
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
#: Words that a headline has at least where it is found whole in another.
_WHOLE = 4
#: What stands between a title and the name of the site.
_SITE = re.compile(r"\s[-–—|•·»]\s")
#: Headlines above the second paragraph that are compared with one another; a page with more begins with a list.
MOST_HEADLINES = 8
#: Names in common that make two headlines one, if the one with fewer has no other.
_NAMES = 2
#: Or the share of what the terms of the lighter headline weigh, and the number of terms that weigh at least half.
_SHARE, _TERMS = 0.5, 3
#: How sure it is at best that two headlines in other words are about the same thing.
_SURE = 0.9

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
            equal[_own_words(line)].append(place)
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


def _own_words(line: Line) -> tuple[str, ...]:
    """Words of a headline; of a title, those before the name of the site."""
    site = _SITE.search(line.quote.text) if line.quote.part == "title" else None
    words = tuple(token.text for token in line.tokens if site is None or token.start < site.start())
    return words if len(words) >= _WHOLE else line.words


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of the words of the longer headline that stand in the other; 0 if their numbers differ.

    A headline that goes on, or that something stands before, is taken for the same: "News in brief: ...".

    Examples
    --------
    >>> likeness("storm hits the north".split(), "storm hits the far north".split())
    0.8
    >>> likeness("storm kills 3 in the north".split(), "storm kills 4 in the north".split())
    0.0
    """
    shorter, longer = sorted((one, other), key=len)
    beginnings = range(len(longer) - len(shorter) + 1)
    if len(shorter) >= _WHOLE and any(longer[at : at + len(shorter)] == shorter for at in beginnings):
        return max(NEAR, len(shorter) / len(longer))
    numbers = [sorted(word for word in words if is_number(word)) for words in (one, other)]
    shared = (Counter(one) & Counter(other)).total()
    return shared / len(longer) if numbers[0] == numbers[1] else 0.0


def report_repeated(lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Finding]:
    """One finding for each headline that stands on several lines."""
    for group in groups:
        if len(group) < 2:
            continue
        first = _own_words(lines[group[0]])
        score = min(likeness(first, _own_words(lines[place])) for place in group[1:])
        alike = "in the same words" if score == 1.0 else "in nearly the same words"
        quotes = tuple(lines[place].quote for place in group)
        yield Finding("repeated headline", quotes, round(score, 4), f"stands {len(group)} times {alike}")


def report_same_matter(lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Finding]:
    """One finding for each headline above the second paragraph that is about the same thing as the first."""
    paragraphs = [place for place, line in enumerate(lines) if line.role in ("paragraph", "item")]
    head = paragraphs[1] if len(paragraphs) > 1 else len(lines)
    places = [group[0] for group in groups if group[0] < head]
    if not 2 <= len(places) <= MOST_HEADLINES:
        return
    terms = weigh_terms(lines)
    for one, other in ((places[0], place) for place in places[1:]):
        found = _same_matter(lines, terms, one, other)
        if found:
            score, shared, shared_names = found
            quotes = (lines[one].quote, lines[other].quote)
            why = f"shared {describe(shared, terms, shared_names)}"
            yield Finding("same headline in other words", quotes, round(score, 4), why)


def _same_matter(
    lines: Sequence[Line], terms: Terms, one: int, other: int
) -> tuple[float, set[str], set[str]] | None:
    """How sure, by which terms, and by which names, two headlines are about the same thing."""
    first, second = terms.of_line(one), terms.of_line(other)
    shared = first & second
    names = [_names(lines[place], terms, place) for place in (one, other)]
    both = names[0] & names[1]
    if _count_names(terms, one, both) >= _NAMES and len(both) == min(map(len, names)):
        return _SURE * (1.0 + len(both) / len(names[0] | names[1])) / 2.0, both, both
    lighter = min(total(found, terms.shapes) for found in (first, second))
    strong = {term for term in shared if terms.shapes[term] >= 0.5}
    if len(strong) >= _TERMS and total(shared, terms.shapes) >= _SHARE * lighter:
        return _SURE * min(1.0, total(shared, terms.shapes) / lighter), strong, both
    return None


def _names(line: Line, terms: Terms, place: int) -> set[str]:
    """Names in a headline: its first word too, if the page has it with a capital only."""
    return {
        term
        for term, word in terms.occurrences[place]
        if term in terms.names
        or (line.quote.text[line.tokens[word].start].isupper() and term not in terms.small and terms.names)
    }


def _count_names(terms: Terms, place: int, names: set[str]) -> int:
    """Names that a headline has; words that follow each other are one."""
    words = {word for term, word in terms.occurrences[place] if term in names}
    return sum(word - 1 not in words for word in words)
