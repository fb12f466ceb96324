from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Article, Place
from dedup.blocking import Blocking
from dedup.incremental.manifest import Manifest
from dedup.io.batches import Batch
from dedup.match.relation import is_near
from dedup.probing import Pairs, Probes, draw
from tests.dumps import dumps
from tests.naive import are_templates, band_keys, scores_of, sign, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Rows

MANIFEST = Manifest()


def placed(count: int, length: int) -> Iterator[tuple[Batch, str, Rows]]:
    for start in range(0, count, length):
        rows = range(start, min(start + length, count))
        yield Batch.of(Article(f"text {row}", str(row)) for row in rows), "dump", np.array(rows) + 1


@pytest.mark.parametrize("length", [1, 7, 40, 1000])
def test_the_sample_does_not_depend_on_the_batches(length: int) -> None:
    sample = draw(placed(300, length), 20, 5)
    expected = draw(placed(300, 300), 20, 5)
    assert sample == expected
    assert sample.read == 300
    numbers = [int(name or "") for name in sample.batch.ids]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 20
    assert sample.places == [Place("dump", number + 1) for number in numbers]
    assert sample.batch.texts == [f"text {number}".encode() for number in numbers]


def test_every_article_is_drawn_as_often() -> None:
    counts = Counter[str | None]()
    for seed in range(2000):
        counts.update(draw(placed(20, 3), 5, seed).batch.ids)
    assert len(counts) == 20
    assert all(500 - 5 * 19.4 < count < 500 + 5 * 19.4 for count in counts.values())  # 5 standard deviations


def test_pairs_are_drawn_as_often_too() -> None:
    pairs = Counter[tuple[str | None, ...]]()
    for seed in range(3000):
        pairs.update([tuple(draw(placed(5, 2), 2, seed).batch.ids)])
    assert len(pairs) == 10
    assert all(300 - 5 * 16.5 < count < 300 + 5 * 16.5 for count in pairs.values())


def test_a_small_dump_is_drawn_whole() -> None:
    assert draw(placed(5, 2), 9, 1).batch.ids == list("01234")
    assert draw(placed(5, 2), 5, 1).batch.ids == list("01234")
    nothing = draw(placed(0, 1), 5, 1)
    assert (nothing.batch.ids, nothing.places, nothing.read) == ([], [], 0)


def search(articles: Sequence[Article], blocking: Blocking = Blocking(), length: int = 3) -> list[Pairs]:  # noqa: B008 - frozen
    """All articles as the sample, in all of them."""
    probes = Probes(Batch.of(articles), MANIFEST, blocking)
    parts = [articles[start : start + length] for start in range(0, len(articles), length)]
    return [
        probes.search((Batch.of(part), "dump", np.arange(len(part)) + number * length))
        for number, part in enumerate(parts)
    ]


def found(results: Sequence[Pairs]) -> dict[tuple[int, int], tuple[bool, float, bool]]:
    """Sampled article and other, to whether they are equal, their resemblance, and who would lead."""
    return {
        (int(probe), int(pairs.numbers[row])): (bool(equal), int(resemblance) / 10_000, bool(outranks))
        for pairs in results
        for probe, row, equal, resemblance, outranks in zip(
            pairs.probes,
            pairs.rows,
            pairs.equal,
            pairs.scores.resemblance,
            pairs.outranks,
            strict=True,
        )
    }


def naive_search(articles: Sequence[Article]) -> dict[tuple[int, int], tuple[bool, float, bool]]:
    """Each article that is the first of its text, against all that share a band with it."""
    words = [words_of(article.text) for article in articles]
    keys = [set(band_keys(sign(article.text, MANIFEST.recipe), MANIFEST.recipe)) for article in articles]
    pairs = {}
    for one, article in enumerate(articles):
        if not words[one] or words.index(words[one]) < one:
            continue
        for other, copy in enumerate(articles):
            if not words[other] or not keys[one] & keys[other]:
                continue
            scores = scores_of(article.text, copy.text)
            equal = words[one] == words[other]
            near = is_near(scores, MANIFEST.limits) and not are_templates(article, copy)
            if equal or near:
                pairs[one, other] = equal, scores.resemblance / 10_000, len(words[other]) > len(words[one])
    return pairs


@settings(max_examples=50, deadline=None)
@given(dumps(), st.integers(1, 4))
def test_the_copies_are_those_of_the_twin(articles: list[Article], length: int) -> None:
    told, expected = found(search(articles, length=length)), naive_search(articles)
    assert {pair: values[:2] for pair, values in told.items()} == {
        pair: values[:2] for pair, values in expected.items()
    }
    lengths = [len(words_of(article.text)) for article in articles]
    for pair, values in told.items():
        if lengths[pair[0]] != lengths[pair[1]]:
            assert values[2] == expected[pair][2]


@given(dumps())
def test_of_two_near_copies_one_would_lead(articles: list[Article]) -> None:
    told = found(search(articles))
    for (one, other), (equal, _, outranks) in told.items():
        if equal:
            assert not outranks
        elif (other, one) in told:
            assert outranks != told[other, one][2]


def test_too_many_sampled_articles_are_cut_and_counted() -> None:
    words = [f"w{place}" for place in range(40)]
    articles = [Article(" ".join([*words, f"x{number}"]), str(number)) for number in range(6)]
    batch = Batch.of(articles)
    pairs = Probes(batch, Manifest(walk=4), Blocking()).search((batch, "dump", np.arange(6)))
    assert pairs.cut == 6
    assert Counter(pairs.rows.tolist()) == dict.fromkeys(range(6), 4)
    assert Probes(batch, Manifest(walk=6), Blocking()).search((batch, "dump", np.arange(6))).cut == 0


def test_blocks_and_windows_are_heeded() -> None:
    text = " ".join(f"w{place}" for place in range(40))
    articles = [Article(text, str(n), source=source) for n, source in enumerate(["a", "b", "A", None, "c"])]
    told = found(search(articles, Blocking(within=("source",))))
    assert set(told) == {(0, 0), (0, 2), (1, 1), (3, 3), (4, 4)}
    batch = Batch.of(articles)
    dated = batch._replace(published=[0.0, 5.0, 10.0, np.nan, 17.5])
    blocking = Blocking(window=5, now=12.0)
    pairs = Probes(dated, MANIFEST, blocking).search((dated, "dump", np.arange(5)))
    near = {(0, 1), (1, 2), (2, 3)}
    assert set(zip(pairs.probes.tolist(), pairs.rows.tolist(), strict=True)) == {
        *near,
        *((other, one) for one, other in near),
        *((row, row) for row in range(5)),
    }


def test_nothing_is_found_of_nothing() -> None:
    batch = Batch.of([Article("!"), Article("?")])
    assert len(Probes(batch, MANIFEST, Blocking()).search((batch, "dump", np.arange(2))).rows) == 0
    nothing = Batch.of([])
    assert len(Probes(nothing, MANIFEST, Blocking()).search((batch, "dump", np.arange(2))).rows) == 0
