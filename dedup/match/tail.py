"""Boilerplate of a single page: the lines that a cue gives away, and the tail that such a line opens."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from dedup.match.cues import LONGEST_LINE, find_cue
from dedup.page import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.match.lines import Line

_COPYRIGHT = re.compile(r"\s*(?:©|\(c\)\s|copyright\b)\W*(?:©|\(c\)|by\b)?\W*(?:19|20)\d\d\b|\s*©", re.IGNORECASE)


def find_boilerplate(lines: Sequence[Line]) -> dict[int, str]:
    """Lines that are boilerplate, each with the reason.

    Parameters
    ----------
    lines : sequence of Line
        Of one page. Its title is none.

    Returns
    -------
    dict of int to str
        Place of the line among `lines` to what gives it away. Below the last line that a cue gives away, lines that
        are no sentences are its tail: the headlines under "Read also".
    """
    found = {}
    for place, line in enumerate(lines):
        if line.quote.part == "text" and (reason := _reason(line)):
            found[place] = reason
    if found:
        last = max(found)
        below = range(last + 1, len(lines))
        if not any(lines[place].role in ("paragraph", "item") for place in below):
            found.update(dict.fromkeys(below, f"stands below line {lines[last].quote.line}"))
    return found


def report_boilerplate(lines: Sequence[Line], reasons: dict[int, str]) -> Iterator[Finding]:
    """One finding for each run of boilerplate lines; the less else its first line says, the surer."""
    runs = groupby(enumerate(sorted(reasons)), key=lambda pair: pair[1] - pair[0])
    for _, run in runs:
        places = [place for _, place in run]
        longest = len(lines[places[0]].tokens)
        score = round(1.0 - min(longest, LONGEST_LINE) / (4 * LONGEST_LINE), 4)
        why = "; ".join(dict.fromkeys(reasons[place] for place in places))
        yield Finding("boilerplate", tuple(lines[place].quote for place in places), score, why)


def _reason(line: Line) -> str | None:
    cue = find_cue(line.words)
    if cue is not None:
        return f'the phrase "{cue}"'
    if len(line.tokens) <= LONGEST_LINE and _COPYRIGHT.match(line.quote.text):
        return "a copyright line"
    return None
