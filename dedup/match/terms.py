"""What the words of one page weigh as evidence: names, numbers and long words that stand in few of its paragraphs.

One page has no document frequencies, and no language is asked for. What is left is rarity within the page, and shape.
Inflected forms are one term: words of the page that begin alike for the greater part of their length.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dedup.match.lines import SENTENCE_ENDS
from dedup.text.codepoints import SINGLE, map_character

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dedup.match.lines import Line
    from dedup.text.tokens import Token

#: Characters that two forms of one word begin with, at least, and as a share of the longer form.
_STEM, _STEM_SHARE = 4, 0.6
#: Share of capitals inside sentences above which they do not tell names: German has a third, a shouted text all.
_CAPITALS = 0.28
#: A word of this length weighs all that a word can; one of two letters weighs nothing.
_LONG_WORD, _SMALL_WORD = 6, 2
#: A page of fewer paragraphs is weighed as one of so many: in three paragraphs everything is frequent.
_LEAST_PARAGRAPHS = 8
#: From here on, scripts without spaces write a word in about two characters; before it (Thai, Khmer, ...) in four.
_FIRST_IDEOGRAPH = "\u2e80"
#: What a term in hiragana weighs, in which Japanese writes its endings and small words.
_HIRAGANA = 0.2
#: Words of a line whose terms are looked at; what stands behind them is compared in the exact forms only.
LONGEST_LINE = 2000
#: Terms that an explanation names.
_NAMED = 8
#: What a word may stand behind and have its capital for that.
_ENDS = frozenset(f"{SENTENCE_ENDS}:：;\"“„«‘'")


class Occurrence(NamedTuple):
    """A term, and the number of the word that it begins with."""

    term: str
    word: int


class Terms(NamedTuple):
    """The vocabulary of a page as evidence.

    Attributes
    ----------
    occurrences : list of list of Occurrence
        Terms of each line, in its order.
    shapes : mapping of str to float
        How much each term looks like evidence, from 0 to 1.
    weights : mapping of str to float
        The same, less what is frequent on the page.
    names : set of str
        Terms that are names, as far as capitals tell.
    small : set of str
        Terms that stand without a capital somewhere.
    written : mapping of str to str
        How each term is written where it stands first.
    frequency : mapping of str to int
        Lines that have each term, headlines aside.
    """

    occurrences: list[list[Occurrence]]
    shapes: Mapping[str, float]
    weights: Mapping[str, float]
    names: set[str]
    small: set[str]
    written: Mapping[str, str]
    frequency: Mapping[str, int]

    def of_line(self, place: int) -> set[str]:
        """Terms of one line."""
        return {occurrence.term for occurrence in self.occurrences[place]}


def weigh_terms(lines: Sequence[Line]) -> Terms:
    """Weigh the terms of a page by their shape and their rarity in it.

    Parameters
    ----------
    lines : sequence of Line
        What counts as the page: without boilerplate and without repetitions, which would make rare terms frequent.

    Returns
    -------
    Terms

    Notes
    -----
    Linear in the length of the page, but for sorting its vocabulary.
    """
    stems = _stem({token.text for line in lines for token in line.tokens})
    occurrences = [list(_occurrences(line.tokens[:LONGEST_LINE], stems)) for line in lines]
    names, small = _cases(lines, stems)
    written = _written(lines, occurrences)
    runs = _runs(lines, occurrences, names)
    shapes = {term: _shape(term, term in names) / runs.get(term, 1.0) for term in written}
    bodies = [found for line, found in zip(lines, occurrences, strict=True) if line.role != "headline"]
    frequency = Counter(term for found in bodies for term in {occurrence.term for occurrence in found})
    weights = {term: shape * _rarity(frequency[term], len(bodies)) for term, shape in shapes.items()}
    return Terms(occurrences, shapes, weights, names, small, written, frequency)


def total(terms: Iterable[str], weights: Mapping[str, float]) -> float:
    """Sum of the weights, the same in whichever order."""
    return math.fsum(weights[term] for term in terms)


def is_number(term: str) -> bool:
    """Whether a term has a digit."""
    return any(character.isdigit() for character in term)


def describe(shared: Iterable[str], terms: Terms, names: AbstractSet[str] = frozenset()) -> str:
    """Say in words what is shared: the heaviest terms, sorted into names, numbers and others.

    Parameters
    ----------
    shared : iterable of str
        Terms.
    terms : Terms
        Of the page.
    names : set of str, optional
        Those of them that are names beside ``terms.names``.

    Returns
    -------
    str
        For example ``names: Istanbul; numbers: 2022; words: swap, progress``.
    """
    heaviest = sorted(shared, key=lambda term: (-terms.weights[term], -terms.shapes[term], term))[:_NAMED]
    kinds: dict[str, list[str]] = {"names": [], "numbers": [], "words": []}
    for term in heaviest:
        if len(term) <= _SMALL_WORD and not is_number(term) and not _is_unspaced(term[0]):
            continue
        kind = "numbers" if is_number(term) else "names" if term in names | terms.names else "words"
        kinds[kind].append(terms.written[term])
    return "; ".join(f"{kind}: {', '.join(found)}" for kind, found in kinds.items() if found)


def _shape(term: str, is_name: bool) -> float:
    if is_name or is_number(term):
        return 1.0
    if _is_unspaced(term[0]):
        return _HIRAGANA if all("\u3040" <= character <= "\u309f" for character in term) else 1.0
    return max(0.0, min(1.0, (len(term) - _SMALL_WORD) / (_LONG_WORD - _SMALL_WORD)))


def _rarity(frequency: int, lines: int) -> float:
    """From 1 for a term of one line to 0 for a term of all; what three lines have is a formula, on the longest page too."""
    if frequency < 2:
        return 1.0
    bulk = math.log(max(lines, _LEAST_PARAGRAPHS) + 1)
    return max(0.0, min(1.0 - math.log(frequency) / bulk, 1.0 / math.sqrt(frequency - 1)))


def _stem(vocabulary: set[str]) -> dict[str, str]:
    """First of the words, in sorted order, that each begins like."""
    stems: dict[str, str] = {}
    head = ""
    for word in sorted(vocabulary):
        if is_number(word):
            stems[word] = word
            continue
        if _shared_beginning(head, word) < max(_STEM, _STEM_SHARE * max(len(head), len(word))):
            head = word
        stems[word] = head
    return stems


def _shared_beginning(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _occurrences(tokens: Sequence[Token], stems: Mapping[str, str]) -> Iterator[Occurrence]:
    """Terms of a line; where words are single characters, runs of them make terms."""
    for place, token in enumerate(tokens):
        if not _is_unspaced(token.text[0]):
            yield Occurrence(stems[token.text], place)
            continue
        length = 2 if token.text[0] >= _FIRST_IDEOGRAPH else 4
        run = tokens[place : place + length]
        if len(run) == length and all(
            left.end == right.start and _is_unspaced(right.text[0]) for left, right in pairwise(run)
        ):
            yield Occurrence("".join(part.text for part in run), place)


@lru_cache(maxsize=65536)
def _is_unspaced(character: str) -> bool:
    """Whether this script has no spaces, so that each character is a word of its own."""
    return map_character(character)[0] >> 21 & 7 == SINGLE


def _written(lines: Sequence[Line], occurrences: Sequence[Sequence[Occurrence]]) -> dict[str, str]:
    written: dict[str, str] = {}
    for line, found in zip(lines, occurrences, strict=True):
        for term, word in found:
            if term not in written:
                token = line.tokens[word]
                written[term] = term if _is_unspaced(term[0]) else line.quote.text[token.start : token.end]
    return written


def _runs(
    lines: Sequence[Line], occurrences: Sequence[Sequence[Occurrence]], names: set[str]
) -> dict[str, float]:
    """Mean length of the runs that names and numbers stand in: a name of three words, or a date, is one evidence."""
    lengths: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for line, found in zip(lines, occurrences, strict=True):
        marked = [
            occurrence for occurrence in found if occurrence.term in names or is_number(occurrence.term)
        ]
        run: list[Occurrence] = []
        for occurrence in marked:
            if run and not _continues(line, run[-1], occurrence):
                _count_run(run, lengths, counts)
                run = []
            run.append(occurrence)
        _count_run(run, lengths, counts)
    return {term: lengths[term] / count for term, count in counts.items()}


def _continues(line: Line, one: Occurrence, other: Occurrence) -> bool:
    if other.word != one.word + 1:
        return False
    gap = line.quote.text[line.tokens[one.word].end : line.tokens[other.word].start]
    return len(gap) <= 2 and ("," not in gap or (is_number(one.term) and is_number(other.term)))


def _count_run(run: Sequence[Occurrence], lengths: Counter[str], counts: Counter[str]) -> None:
    for term, _ in run:
        lengths[term] += len(run)
        counts[term] += 1


def _cases(lines: Sequence[Line], stems: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Terms that stand with a capital inside sentences, more often than not; and terms that stand without one."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for line in lines:
        inside = list(_inside_sentences(line.quote.text, line.tokens))
        high = [token for token in inside if line.quote.text[token.start].isupper()]
        if line.role == "headline" and len(high) > len(inside) / 2:
            continue  # A Headline With Capitals Tells No Names
        capital.update(stems[token.text] for token in high)
        small.update(stems[token.text] for token in inside if not line.quote.text[token.start].isupper())
    if capital.total() > _CAPITALS * (capital.total() + small.total()):
        return set(), set(small)
    names = {term for term, count in capital.items() if count > small[term] and not is_number(term)}
    return names, set(small)


def _inside_sentences(text: str, tokens: Sequence[Token]) -> Iterator[Token]:
    for before, token in pairwise(tokens):
        if not _ENDS.intersection(text[before.end : token.start]):
            yield token
