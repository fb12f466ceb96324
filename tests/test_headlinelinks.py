"""Headlines by their neighbours, and by what is worth saying in a dump of them."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.stories import GRANULARITIES, StoryTerms, group
from dedup.text.columns import TextColumn

DAY = 86_400.0


def labels(
    titles: list[str], dates: list[float | None] | None = None, granularity: str = "event"
) -> list[int]:
    terms = StoryTerms()
    terms.add(
        terms.read(TextColumn.of([title.encode() for title in titles]), TextColumn.of([b""] * len(titles)))
    )
    published = np.array([np.nan if date is None else date for date in dates or [None] * len(titles)])
    return [int(label) for label in group(terms.finish(), published, granularity=granularity).labels]


HEADLINES = [
    "Storm kills 14 in Lisbon",
    "Lisbon storm: 14 dead",
    "14 people die as storm hits Lisbon",
    "Lisbon mourns 14 storm dead",
    "Pilots of Nordavia strike in Oslo",
    "Nordavia pilots walk out in Oslo",
    "Strike of Nordavia pilots grounds Oslo flights",
    "Oslo flights grounded by Nordavia strike",
    "",
]


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_few_headlines_are_grouped_as_texts_are(granularity: str) -> None:
    found = labels(HEADLINES, granularity=granularity)
    storms, strikes = set(found[:4]), set(found[4:8])
    assert not storms & strikes
    assert found[8] not in storms | strikes


def test_many_headlines_are_grouped_by_what_their_neighbours_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.stories.FEWEST", len(HEADLINES))
    found = labels(HEADLINES, granularity="incident")
    assert [found.index(label) for label in found] == [0, 0, 0, 0, 4, 4, 4, 4, 8]
    apart = [0.0, 0.0, 0.0, 3000 * DAY, *[None] * 5]
    assert len(set(labels(HEADLINES, apart, granularity="incident")[:4])) == 2
    merged = labels(HEADLINES, granularity="topic")
    assert len(set(merged)) <= len(set(found))
    assert merged[8] not in merged[:8]


def test_the_order_of_headlines_says_nothing() -> None:
    order = [6, 2, 8, 0, 5, 7, 1, 4, 3]
    plain = labels(HEADLINES)
    moved = labels([HEADLINES[place] for place in order])
    assert len({*zip([plain[place] for place in order], moved, strict=True)}) == len(set(plain))
