"""A verdict for a reader: relation, scores, the passages side by side, and what would have changed it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import click

from dedup.article import Article
from dedup.cli.terminal import printable
from dedup.match.relation import Limits, turning_threshold
from dedup.match.similarity import SCALE, Overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dedup.pair import Comparison, Ground, LookAlike, Passage, Retelling, TitleMatch

_COLUMN = 48
_SHOWN = 60  # words of a passage that are shown
_EXCERPT = 84  # characters of boilerplate that are shown


def explain(verdict: Comparison, one: object, other: object) -> str:
    """All that is to be said of a pair; styled, which click takes away where there is no terminal."""
    scores = verdict.scores
    copy = "copies" if verdict.is_copy else "no copies"
    lines = [
        click.style(f"{verdict.relation} ({copy})", bold=True),
        f"resemblance {scores.resemblance:.4f}",
        f"containment {scores.containment:.4f}",
        f"coverage    {scores.coverage:.4f}",
        f"continuity  {scores.continuity:.4f}",
        *tell_titles(verdict.title_match),
        *([f"{'version':12}of one page, by its URL"] if verdict.version else ()),
        *tell_again(verdict.retelling),
        *(tell(verdict.lookalike) if verdict.lookalike is not None else ()),
        *(f"ignored     {_excerpt(text)}" for text in verdict.ignored),
        *what_would_change(verdict),
    ]
    texts = (
        Article.from_any(one).compared if not isinstance(one, str) else one,
        (Article.from_any(other).compared if not isinstance(other, str) else other),
    )
    for passage in verdict.passages:
        lines += ["", *side_by_side(passage, *texts)]
    return "\n".join(lines)


def tell_titles(found: TitleMatch | None) -> list[str]:
    """One line on headlines that match; none on others."""
    if found is None:
        return []
    return [
        f"{'titles':12}" + ("the same" if found.kind == "same" else f"nearly the same ({found.score:.4f})")
    ]


def tell_again(told: Retelling | None) -> Iterator[str]:
    """Lines on how probable it is that both tell the same, and on what speaks for it."""
    if told is None:
        return
    yield f"{'rewrite':12}{told.rewrite_probability:.4f}"
    yield f"{'same story':12}{told.same_story_probability:.4f}"
    shared = {"names": told.names, "numbers": told.numbers, "words": told.words}
    said = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in shared.items() if found)
    if said:
        yield printable(f"{'shared':12}{said}")


def _excerpt(text: str) -> str:
    """Begin of a text, on one line."""
    line = " ".join(text.split())
    return printable(line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…")


def tell(found: LookAlike) -> list[str]:
    """What differs, a line for each kind."""
    counts = {
        "other numbers in the same place": found.numbers,
        "other words in the same place": found.reworded,
        "words dropped": found.dropped,
        "words added": found.added,
    }
    apart = [] if found.hours_apart is None else [f"{found.hours_apart} hours apart"]
    rows = [f"{'differs':12}{'; '.join([f'{name}: {n}' for name, n in counts.items() if n] + apart)}"]
    rows += [f"{'template':12}{_GROUNDS[ground]}" for ground in found.grounds]
    return [*rows, *(printable(f"{'':12}{one} / {other}") for one, other in found.examples)]


_GROUNDS: Mapping[Ground, str] = {
    "numbers": "other numbers in the same places, and little else, in another report",
    "names": "each title names what its own text has and the other text lacks",
    "titles": "the titles have next to nothing in common, and each names what the other text lacks",
    "lead": "each text begins with a story of its own; what stands below is shared",
}


def what_would_change(verdict: Comparison) -> Iterator[str]:
    """Lines on the limits that are nearest to a change of the verdict."""
    scores = verdict.scores
    if verdict.relation == "exact":
        yield "the normalised texts are equal: exact at any threshold"
        return
    known = scores.resemblance, scores.containment, scores.coverage, scores.continuity or 0.0
    turning = turning_threshold(Overlap._make(round(score * SCALE) for score in known), verdict.relation)
    if verdict.relation == "template":
        yield "near by its scores: another report over one template at any threshold below"
        return
    if verdict.is_copy:
        yield f"at --threshold {turning:g} it would not be near" if turning else "near at any threshold"
        return
    yield (
        f"resemblance {scores.resemblance:.4f}: at --threshold {turning:g} it would be near"
        if turning
        else "no shared five words: near at no threshold"
    )
    if verdict.relation != "excerpt":
        yield f"containment {scores.containment:.4f}: from {Limits().excerpt:g} on it would be an excerpt"
    if verdict.relation == "unrelated":
        yield "no shared passage; with --least-words lower, shorter ones count"


def side_by_side(passage: Passage, one: str, other: str) -> Iterator[str]:
    """A passage in two columns, words that differ in colour."""
    places = f"A {passage.one.start}-{passage.one.stop}", f"B {passage.other.start}-{passage.other.stop}"
    yield click.style(
        f"{places[0]:{_COLUMN}}   {places[1]:{_COLUMN}}   {passage.n_words} words, similarity {passage.similarity:.4f}",
        bold=True,
    )
    left, right = (
        _shorten(printable(" ".join(text[span.start : span.stop].split())).split())
        for text, span in ((one, passage.one), (other, passage.other))
    )
    matcher = SequenceMatcher(
        None, [word.casefold() for word in left], [word.casefold() for word in right], autojunk=False
    )
    same_left, same_right = set[int](), set[int]()
    for block in matcher.get_matching_blocks():
        same_left.update(range(block.a, block.a + block.size))
        same_right.update(range(block.b, block.b + block.size))
    columns = _wrap(left, same_left, "red"), _wrap(right, same_right, "green")
    empty = " " * _COLUMN
    for row in range(max(map(len, columns))):
        cells = (column[row] if row < len(column) else empty for column in columns)
        yield "   ".join(cells).rstrip()


def _shorten(words: Sequence[str]) -> Sequence[str]:
    """Begin and end of a long passage."""
    if len(words) <= _SHOWN:
        return words
    return [*words[: _SHOWN - 20], "[...]", *words[-20:]]


def _wrap(words: Sequence[str], same: set[int], colour: str) -> list[str]:
    """Lines of a column's width, the words that the other side has not in a colour."""
    lines: list[str] = []
    line, width = "", 0
    for number, given in enumerate(words):
        word = given[:_COLUMN]
        if width and width + 1 + len(word) > _COLUMN:
            lines.append(line + " " * (_COLUMN - width))
            line, width = "", 0
        line += " " * bool(width) + (word if number in same else click.style(word, fg=colour))
        width += bool(width) + len(word)
    return [*lines, line + " " * (_COLUMN - width)]
