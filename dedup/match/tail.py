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

_COPYRIGHT = re.compile(
    r"©|(?:\(c\)|copyright\b)\W{0,4}(?:(?:©|\(c\)|by\b)\W{0,4})?(?:19|20)\d\d\b", re.IGNORECASE
)


def find_boilerplate(lines: Sequence[Line]) -> dict[int, str]:
    """Lines that are boilerplate, each with the reason.

    Parameters
    ----------
    lines : sequence of Line
        Of one page. Its title is none.

    Returns
    -------
    dict of int to str
        Place of the line among `lines` to what gives it away. Where a cue stands below the last sentence of the page, it
        opens the tail: all that stands below it, the headlines under "Read also".
    """
    found = {}
    for place, line in enumerate(lines):
        if line.quote.part == "text" and (reason := _reason(line)):
            found[place] = reason
    body = max(
        (place for place, line in enumerate(lines) if _is_body(line) and place not in found), default=-1
    )
    opening = min((place for place in found if place > body), default=len(lines))
    for place in range(opening + 1, len(lines)):
        found.setdefault(place, f"below line {lines[opening].quote.line}")
    return found


def _is_body(line: Line) -> bool:
    return line.role in ("paragraph", "item")


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
