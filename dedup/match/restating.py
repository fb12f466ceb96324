"""Paragraphs of one page that tell another one again: recycled, in the same words, or restated, in others.

Sentences of one story share names and dates anyway; how much evidence is asked for depends on where a paragraph stands
(docs/decisions/0009-restated-paragraphs.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from dedup.match.evidence import Demand, facts_differ, split_units, weigh_evidence
from dedup.match.proposing import propose
from dedup.match.terms import LONGEST_LINE, describe, is_number, weigh_terms
from dedup.page import Finding
from dedup.text.shingling import shingle_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.match.lines import Line
    from dedup.page import Kind

Setting = Literal["again", "list", "lead", "beside", "elsewhere"]

#: Words of the shortest paragraph that is looked at.
LEAST_WORDS = 10
#: Share of the shorter paragraph's 5-grams that makes it recycled. Where the numbers of the two differ, too, it takes more:
#: in between is a form that was filled in twice, which tells nothing again.
RECYCLED, RECYCLED_WITH_OTHER_NUMBERS = 0.5, 0.8
#: What is asked for where the page tells its story again, in the list that ends it, where it comes back to its lead, in a
#: paragraph soon after the other (these are often made alike, about different things), and elsewhere.
DEMANDS: dict[Setting, Demand] = {
    "again": Demand(0.35, True, False, "below {!r}, where the story begins again"),
    "list": Demand(0.6, False, False, "in the list at the end"),
    "lead": Demand(1.3, False, False, "about what the first paragraph says"),
    "beside": Demand(3.0, True, True, "soon after"),
    "elsewhere": Demand(2.0, True, True, "in another paragraph"),
}
#: Paragraphs from one to another that stands soon after it.
_BESIDE = 2
#: Where the page tells its story again it has nothing new to say: at most this share of the names and numbers of such a
#: paragraph stands nowhere else.
_NEW = 0.25
#: How sure a finding with just the evidence that is asked for is, and how sure one can be by words alone.
_SURE, _SUREST = 0.8, 0.99


class Restating(NamedTuple):
    """What was found, and how many pairs with evidence in common were passed over."""

    findings: list[Finding]
    passed_over: int


class _Candidate(NamedTuple):
    """A finding and its rank among those about one paragraph: recycled before restated, then by the evidence."""

    rank: tuple[bool, float]
    finding: Finding


def find_restated(lines: Sequence[Line], again: Mapping[int, str] | None = None) -> Restating:
    """Find the paragraphs that tell an earlier one again, each with the one that it tells most of.

    Parameters
    ----------
    lines : sequence of Line
        Paragraphs and items of a page, without repetitions.
    again : mapping of int to str, optional
        Places among `lines` where the page tells its story again, and what it stands below there: a headline that stands
        there a second time, or a label such as "In short:".

    Returns
    -------
    Restating
    """
    page = _Page(lines, again or {})
    proposals = propose(page.sets, page.terms.weights, min(demand.strength for demand in DEMANDS.values()))
    best: dict[int, _Candidate] = {}
    for one, other in proposals.pairs:
        found = page.compare(one, other)
        if found and (other not in best or found.rank > best[other].rank):
            best[other] = found
    return Restating([candidate.finding for candidate in best.values()], proposals.passed_over)


class _Page:
    """Paragraphs, what their terms weigh, and where they stand."""

    def __init__(self, lines: Sequence[Line], again: Mapping[int, str]) -> None:
        self.lines = lines
        self.terms = weigh_terms(lines)
        self.units = [list(split_units(line, self.terms, place)) for place, line in enumerate(lines)]
        self.sets = [set[str]().union(*(unit.terms for unit in units)) for units in self.units]
        self.again = again
        self.end = max((place + 1 for place, line in enumerate(lines) if line.role != "item"), default=0)

    def compare(self, one: int, other: int) -> _Candidate | None:
        """Say whether a paragraph tells an earlier one again."""
        share = share_grams(self.lines[one], self.lines[other])
        if share >= RECYCLED:
            return self._recycled(one, other, share)
        setting = self._setting(one, other)
        return self._restated(one, other, DEMANDS[setting]) if setting else None

    def _recycled(self, one: int, other: int, share: float) -> _Candidate | None:
        if share < RECYCLED_WITH_OTHER_NUMBERS and facts_differ(self.sets[one], self.sets[other], set()):
            return None
        why = f"{share:.0%} of the shorter one's 5-grams stand in the other"
        quotes = (self.lines[one].quote, self.lines[other].quote)
        return _Candidate((True, share), Finding("recycled paragraph", quotes, round(share, 4), why))

    def _restated(self, one: int, other: int, demand: Demand) -> _Candidate | None:
        evidence = weigh_evidence(self.units[one], self.units[other], self.terms, demand)
        ratio = evidence.strength / demand.strength
        if ratio < 1.0:
            return None
        from dedup.match.rewriting import rewriting  # noqa: PLC0415 - most pages restate nothing

        where = demand.where.format(self.again.get(other, ""))
        why = f"{where}; shared {describe(evidence.shared, self.terms)}"
        quotes = (self.lines[one].quote, self.lines[other].quote)
        # The place and the shared terms speak for it, or the wording does: it takes one of the two.
        wording = rewriting(*(quote.text for quote in quotes)).probability
        doubt = (1.0 - _SURE) ** ratio * (1.0 - wording)
        kind: Kind = "restated paragraph" if one else "rewritten lead"
        return _Candidate((False, ratio), Finding(kind, quotes, round(min(_SUREST, 1.0 - doubt), 4), why))

    def _setting(self, one: int, other: int) -> Setting | None:
        """Where a pair stands; None for two items, which are made alike."""
        if self.lines[one].role == self.lines[other].role == "item":
            return None
        if other in self.again and self._says_nothing_new(other):
            return "again"
        if other >= self.end and self._says_nothing_new(other):
            return "list"
        if one == 0:
            return "lead"
        return "beside" if other - one <= _BESIDE else "elsewhere"

    def _says_nothing_new(self, place: int) -> bool:
        facts = [term for term in self.sets[place] if term in self.terms.names or is_number(term)]
        return sum(self.terms.frequency[term] < 2 for term in facts) <= _NEW * len(facts)


def share_grams(one: Line, other: Line) -> float:
    """Share of the 5-grams of the shorter paragraph that stand in the other."""
    grams = [set(shingle_words(line.words[:LONGEST_LINE])) for line in (one, other)]
    return len(grams[0] & grams[1]) / min(map(len, grams))
