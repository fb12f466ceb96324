"""Dumps of articles whose texts are pieced together from a few sources, so that many pairs lie near the limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from dedup.article import Article

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Longest span of a source that a text takes over, in words.
LONGEST = 40
SOURCES = ("herald.example", "post.example", "wire.example", None)

spans = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, LONGEST))
edits = st.sets(st.integers(0, 3 * LONGEST), max_size=6)


def piece(source: int, start: int, length: int) -> list[str]:
    """Words of a source; all its words differ, and differ from those of the others."""
    return [f"{'abc'[source]}{place}" for place in range(start, start + length)]


def write(parts: Sequence[tuple[int, int, int]], edited: set[int]) -> str:
    """Text of some spans, with some words replaced."""
    words = [word for part in parts for word in piece(*part)]
    return " ".join(f"x{place}" if place in edited else word for place, word in enumerate(words))


texts = st.builds(write, st.lists(spans, min_size=1, max_size=3), edits) | st.builds(
    # Whole sources, cut and edited only a little: most of these are copies of one another.
    lambda source, start, length, edited: write([(source, start, length)], edited),
    st.integers(0, 1),
    st.integers(0, 4),
    st.integers(20, LONGEST),
    edits,
)
dates = st.none() | st.integers(1, 4).map(lambda day: datetime(2026, 3, day, tzinfo=UTC))


@st.composite
def dumps(draw: st.DrawFn, max_size: int = 9) -> list[Article]:
    """Articles with ids of their own; some repeat a text, some have no word."""
    written = draw(st.lists(texts, max_size=max_size))
    return [
        Article(text, id=f"n{place}", published=draw(dates), source=draw(st.sampled_from(SOURCES)))
        for place, text in enumerate(written)
    ]
