"""Reworked text: when short stretches are enough, and that swapped texts give swapped passages."""

from __future__ import annotations

import gzip
import json
import math
import random
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from dedup.match import reworking
from dedup.match.passages import LEAST_WORDS, find_passages
from dedup.match.reworking import find_reworked
from dedup.match.seeding import Run
from dedup.pair import Passage
from dedup.text.tokens import tokenise
from tests import strategies
from tests.dumps import texts as pieced_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LETTERS = "abcdefghij"
#: 500 words, all different, without a digit or a capital.
SOURCE = [f"{one}{two}{three}" for one in LETTERS for two in LETTERS for three in "klmno"]


def own(number: int, length: int) -> list[str]:
    """Words that stand nowhere else."""
    return [f"x{LETTERS[number // 10 % 10]}{LETTERS[number % 10]}{chr(97 + k)}" for k in range(length)]


def rework(n_stretches: int, length: int = 5, gap: int = 5, skipped: int = 5) -> list[str]:
    """Stretches of the source, the words between them replaced by so many others."""
    words: list[str] = []
    for number in range(n_stretches):
        start = number * (length + skipped)
        words += SOURCE[start : start + length] + own(number, gap)
    return words


def is_told(one: Sequence[str], other: Sequence[str], least_words: int = LEAST_WORDS) -> bool:
    return bool(find_reworked(" ".join(one), " ".join(other), least_words=least_words))


@st.composite
def reworked(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts with short stretches of one source, in lines of their own."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    size = draw(st.sampled_from([6, 60, 500]))

    def text() -> str:
        words: list[str] = []
        place = chance.randrange(20)
        for number in range(draw(st.integers(0, 9))):
            length = chance.randrange(2, 9)
            words += [*SOURCE[place % size :][:length], *own(chance.randrange(100), chance.randrange(5))]
            place += length + chance.randrange(-2, 6)
            words[-1] += chance.choice(["", "", ".\n", "7"]) if number else ""
        return " ".join(word.title() if chance.random() < 0.1 else word for word in words)

    return text(), text()


pairs = reworked() | st.tuples(pieced_texts, pieced_texts) | st.tuples(strategies.text, strategies.text)
lengths = st.sampled_from([1, 8, LEAST_WORDS])


@given(pairs, lengths)
def test_swapped_texts_give_swapped_passages(pair: tuple[str, str], least_words: int) -> None:
    passages = find_reworked(*pair, least_words=least_words)
    assert list(passages) == sorted(passages)
    swapped = find_reworked(*pair[::-1], least_words=least_words)
    assert list(swapped) == sorted(Passage(p.other, p.one, p.n_words, p.similarity) for p in passages)


@given(pairs)
def test_every_passage_is_as_similar_as_it_says(pair: tuple[str, str]) -> None:
    for passage in find_reworked(*pair, least_words=1):
        spans = (pair[0], passage.one), (pair[1], passage.other)
        sides = [[token.text for token in tokenise(text[span.start : span.stop])] for text, span in spans]
        assert passage.n_words == min(map(len, sides)) > 0
        assert Indel.normalized_similarity(*sides) >= passage.similarity > 0


@given(pairs)
def test_there_is_reworked_text_where_the_plain_sum_says_so(pair: tuple[str, str]) -> None:
    """The stretches of the best chains, without cuts for lines, by the definition: all that is told is that much."""
    passages = find_reworked(*pair, least_words=1)
    if passages:
        words = [[token.text for token in tokenise(text)] for text in pair]
        grams = [{tuple(side[k : k + 3]) for k in range(len(side) - 2)} for side in words]
        # Each stretch of n words holds n - 2 shared trigrams and counts for n - 1 at most: twice as many.
        places = sum(tuple(words[0][k : k + 3]) in grams[1] for k in range(len(words[0]) - 2))
        assert 2 * places >= 8


def naive_score(runs: Sequence[Run]) -> float:
    """Score of the best chain, by trying all ways to choose its runs, where no two have a word in common."""
    best = 0.0
    for chosen in range(1, 1 << len(runs)):
        chain = [run for number, run in enumerate(runs) if chosen >> number & 1]
        score = 0.0
        for before, run in zip([None, *chain], chain, strict=False):
            score += min(run.length, 6) - 1
            if before:
                gaps = run.one - before.one - before.length, run.other - before.other - before.length
                score -= 0.25 * max(gaps) if min(gaps) >= 0 and max(gaps) <= 20 else math.inf
        best = max(best, score)
    return best


@given(st.lists(st.tuples(st.integers(3, 9), st.integers(0, 25), st.integers(0, 25)), min_size=1, max_size=7))
def test_the_best_chain_is_that_of_all_ways_to_choose(steps: list[tuple[int, int, int]]) -> None:
    runs, one, other = [], 0, 0
    for length, gap, other_gap in steps:
        runs.append(Run(one, other, length))
        one, other = one + length + gap, other + length + other_gap
    weights = [float(place) for place in range(one + 1)]
    links = reworking._link_runs(runs, weights)
    assert max(link.score for link in links) == naive_score(runs)


def test_several_stretches_are_enough_and_a_few_are_not() -> None:
    assert is_told(SOURCE[:200], rework(9))
    assert not is_told(SOURCE[:200], rework(3))


def test_stretches_far_from_each_other_or_in_another_order_say_less() -> None:
    near = rework(4)
    assert is_told(SOURCE[:400], near)
    assert not is_told(SOURCE[:400], rework(4, gap=19))
    parts = [near[start : start + 10] for start in (30, 20, 10, 0)]
    assert not is_told(SOURCE[:400], [word for part in parts for word in part])


def test_a_quotation_of_any_length_is_one_stretch() -> None:
    quoted = [*own(1, 9), *SOURCE[:19], *own(2, 9)]
    assert not is_told([*own(3, 9), *SOURCE[:19], *own(4, 9)], quoted)
    assert not is_told(SOURCE[:300], [*own(1, 9), *SOURCE[:200]])


@pytest.mark.parametrize("light", [str.title, lambda word: word + "7"])
def test_names_and_numbers_count_for_half(light: object) -> None:
    assert callable(light)
    names = [light(word) for word in SOURCE[:200]]
    told = [light(word) if not word.startswith("x") else word for word in rework(5)]
    assert is_told(SOURCE[:200], rework(5))
    assert not is_told(names, told)


def test_characters_of_a_script_without_spaces_count_for_half() -> None:
    source = "".join(chr(0x4E00 + place) for place in range(200))
    told = "".join(
        source[start : start + 5] + "".join(chr(0x5E00 + start + k) for k in range(5))
        for start in range(0, 50, 10)
    )
    assert find_reworked(source, told, least_words=20) == ()
    more = "".join(source[start : start + 14] + chr(0x5E00 + start) for start in range(0, 90, 15))
    assert find_reworked(source, more, least_words=20)


def test_lines_that_stand_in_both_say_nothing() -> None:
    lines = [SOURCE[10 * k : 10 * k + 6] for k in range(8)]
    sides = [[" ".join([*line, *own(10 * k + n, n)]) for k, line in enumerate(lines)] for n in (4, 5)]
    assert find_reworked("\n".join(sides[0]), "\n".join(sides[1]), least_words=20)
    alike = ["\n".join(" ".join([*line, *own(k, n)]) for k, line in enumerate(lines)) for n in (0, 1)]
    assert find_reworked(*alike, least_words=20) == ()


def test_lines_with_a_phrase_of_boilerplate_say_nothing() -> None:
    one, other = " ".join(SOURCE[:60]), " ".join(rework(5)[:38])
    assert find_reworked(f"News.\n{one}", f"Other news.\n{other}", least_words=20)
    cut = " ".join(SOURCE[:38])
    assert find_reworked(f"News.\n{cut}", f"More.\nSign up for our {other[:100]}", least_words=15) == ()


def test_no_two_of_hundreds_of_news_articles_rework_each_other(shared_dir: Path) -> None:
    with gzip.open(shared_dir / "data" / "gold" / "bbc-containment.jsonl.gz", "rt") as stream:
        texts = [json.loads(line)["a"] for line in islice(stream, 400)]
    told = [pair for pair in pairwise(texts) if find_reworked(*pair, least_words=LEAST_WORDS)]
    assert all(find_passages(*pair) for pair in told)


@pytest.mark.parametrize("n_words", [(300, 300), (300, 30_000), (10_000, 10_000)])
def test_length_alone_makes_no_reworked_text(n_words: tuple[int, int]) -> None:
    chance = random.Random(1)
    vocabulary = ["".join(word) for word in product(LETTERS, repeat=4)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]  # Zipf's law
    one, other = (" ".join(chance.choices(vocabulary, weights, k=n)) for n in n_words)
    assert find_reworked(one, other, least_words=1) == ()


def test_texts_that_repeat_themselves_end_quickly() -> None:
    alternating = " ".join(f"x x x {LETTERS[k % 10]}{k}" for k in range(5_000))
    assert find_reworked(alternating, "x " * 20_000, least_words=20) == ()
    assert find_reworked("x " * 5_000, "y " * 5_000, least_words=20) == ()
    assert find_reworked("", "x", least_words=1) == ()


def test_a_stretch_that_begins_its_text_keeps_its_place_in_the_other() -> None:
    before = " ".join(own(50, 9))
    (passage,) = find_reworked(" ".join(SOURCE[:45]), " ".join([before, *rework(5)]), least_words=20)
    assert (passage.one.start, passage.other.start) == (0, len(before) + 1)
