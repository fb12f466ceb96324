from __future__ import annotations

import numpy as np
import pytest

from dedup.article import Article, Place
from dedup.examples import EXAMPLES, OPENING, Examples
from dedup.io.batches import Batch
from dedup.match.similarity import Overlaps
from dedup.match.verification import UNKNOWN
from dedup.probing import Pairs, Sample

LONG = "word " * 40


def batch_of(count: int) -> Batch:
    return Batch.of(Article(f"text {row} {LONG}", f"a{row}") for row in range(count))


def sample_of(count: int) -> Sample:
    return Sample(batch_of(count), [Place("dump", row) for row in range(count)], count)


def pairs_of(triples: list[tuple[int, int, int]]) -> Pairs:
    """Pairs of sampled article, other and resemblance in ten-thousandths; 10000 stands for equal texts."""
    probes, rows, scores = (np.array(column, np.int64) for column in zip(*triples, strict=True))
    batch = batch_of(int(rows.max()) + 1)
    overlaps = Overlaps(scores, scores, scores, np.full(len(scores), UNKNOWN))
    equal = scores == 10_000
    return Pairs(
        batch, "dump", np.arange(len(batch.ids)), probes, rows, overlaps, equal, np.zeros_like(equal), 0
    )


def chosen(triples: list[tuple[int, int, int]], seed: int = 1) -> list[tuple[int, int, float]]:
    examples = Examples(seed)
    for start in range(0, len(triples), 7):
        examples.add(pairs_of(triples[start : start + 7]), sample_of(100))
    return [
        (one.sampled.place.record, one.other.place.record, one.verdict.scores.resemblance)
        for one in examples.chosen()
    ]


def test_borderline_ones_are_among_them_though_they_are_few() -> None:
    common = [(place, 50 + place % 40, 9500) for place in range(40)]
    rare = [(41, 90, 4000), (42, 91, 2700), (43, 92, 10_000)]
    told = chosen(common + rare)
    assert len(told) == EXAMPLES
    assert [pair[2] for pair in told] == [0.27, 0.4, *[0.95] * 7, 1.0]
    assert told[0][:2] == (42, 91)


def test_each_range_gives_as_many() -> None:
    triples = [(place, 99, 3000 + 700 * (place % 10)) for place in range(90)]
    told = [score for *_, score in chosen(triples)]
    assert told == sorted(told)
    assert {int(10 * score) for score in told} == set(range(3, 10))


def test_any_of_a_range_may_be_shown() -> None:
    triples = [(place, 99, 5500) for place in range(30)]
    drawn = {pair[0] for seed in range(40) for pair in chosen(triples, seed)}
    assert drawn == set(range(30))
    assert chosen(triples, 3) == chosen(triples, 3)


def test_an_article_is_no_example_of_itself_and_no_pair_stands_twice() -> None:
    assert chosen([(5, 5, 10_000)]) == []
    assert len(chosen([(5, 6, 7000), (6, 5, 7000)])) == 1
    assert Examples(1).chosen() == ()


def test_what_an_example_tells() -> None:
    examples = Examples(1)
    examples.add(pairs_of([(0, 1, 4321), (2, 3, 10_000)]), sample_of(4))
    near, exact = (example.as_dict() for example in examples.chosen())
    assert near["sampled"].pop("text") == f"text 0 {LONG}"[: OPENING - 1] + "…"
    assert near["sampled"] == {"id": "a0", "input": "dump", "record": 0}
    assert near["other"]["record"] == 1
    assert (near["relation"], near["resemblance"], near["continuity"]) == ("near", 0.4321, None)
    assert (exact["relation"], exact["resemblance"], exact["continuity"]) == ("exact", 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n\n b\tc", "a b c"),
        ("x" * OPENING, "x" * OPENING),
        ("x" * (OPENING + 1), "x" * (OPENING - 1) + "…"),
        ("𠮷" * 500, "𠮷" * (OPENING - 1) + "…"),
    ],
)
def test_an_opening_is_one_line(text: str, shown: str) -> None:
    batch = Batch.of([Article(text), Article(text)])
    pairs = pairs_of([(0, 1, 10_000)])._replace(batch=batch)
    examples = Examples(1)
    examples.add(pairs, Sample(batch, [Place("dump", row) for row in range(2)], 2))
    assert examples.chosen()[0].other.opening == shown
