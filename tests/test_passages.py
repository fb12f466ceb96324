"""Passages: what two texts share, and what one repeats."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from dedup.errors import ParameterError
from dedup.match import alignment, seeding
from dedup.match.passages import LEAST_WORDS, Words, find_passages, find_repeats, passages_of
from dedup.pair import Passage, Span
from dedup.text.tokens import tokenise
from tests import strategies
from tests.dumps import texts as pieced_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def words_of(text: str) -> list[str]:
    return [token.text for token in tokenise(text)]


def numbered(start: int, stop: int, letter: str = "w") -> str:
    return " ".join(f"{letter}{place}" for place in range(start, stop))


def cut(text: str, span: Span) -> str:
    return text[span.start : span.stop]


def check(one: str, other: str, passages: Sequence[Passage], least_words: int) -> None:
    """What is promised of every passage, by the two originals alone."""
    for passage in passages:
        sides = words_of(cut(one, passage.one)), words_of(cut(other, passage.other))
        assert passage.n_words == min(map(len, sides)) >= least_words
        assert round(Indel.normalized_similarity(*sides), 9) >= passage.similarity > 0.6


def swapped(passages: Sequence[Passage]) -> list[Passage]:
    return sorted(Passage(p.other, p.one, p.n_words, p.similarity) for p in passages)


@st.composite
def edited(draw: st.DrawFn, vocabularies: tuple[int, ...] = (3, 12, 10_000)) -> tuple[str, str]:
    """Two texts of pieces from one source, with words replaced, put in and left out."""
    vocabulary = draw(st.sampled_from(vocabularies))
    chance = random.Random(draw(st.integers(0, 10**6)))
    source = [f"v{chance.randrange(vocabulary)}" for _ in range(200)]

    def text() -> str:
        words: list[str] = []
        for _ in range(draw(st.integers(0, 4))):
            start, length = chance.randrange(180), chance.randrange(60)
            for word in source[start : start + length]:
                fate = chance.random()
                words += [word] if fate > 0.08 else [f"x{chance.randrange(9)}", word][: chance.randrange(3)]
            words += [f"y{chance.randrange(vocabulary)}" for _ in range(chance.randrange(10))]
        return chance.choice([" ", ", ", "\n"]).join(words)

    return text(), text()


pairs = edited() | st.tuples(pieced_texts, pieced_texts) | st.tuples(strategies.text, strategies.text)
lengths = st.sampled_from([1, 2, 3, 5, 8, LEAST_WORDS])


@given(pairs, lengths)
def test_every_passage_is_as_similar_as_it_says(pair: tuple[str, str], least_words: int) -> None:
    check(*pair, find_passages(*pair, least_words=least_words), least_words)


@given(pairs, lengths)
def test_swapped_texts_give_swapped_passages(pair: tuple[str, str], least_words: int) -> None:
    passages = find_passages(*pair, least_words=least_words)
    assert list(passages) == sorted(passages)
    assert list(find_passages(*pair[::-1], least_words=least_words)) == swapped(passages)


@given(
    edited((200, 10_000)) | st.tuples(pieced_texts, pieced_texts), lengths.filter(lambda length: length > 2)
)
def test_what_stands_in_both_word_for_word_is_part_of_a_passage(
    pair: tuple[str, str], least_words: int
) -> None:
    one, other = pair
    passages = find_passages(one, other, least_words=least_words)
    mine, theirs = tokenise(one), " ".join(words_of(other)).join("  ")
    for place in range(len(mine) - least_words + 1):
        stretch = mine[place : place + least_words]
        if f" {' '.join(token.text for token in stretch)} " in theirs:
            assert any(
                passage.one.start < stretch[-1].end and stretch[0].start < passage.one.stop
                for passage in passages
            )


@given(pairs, lengths)
def test_repeats_lie_apart(pair: tuple[str, str], least_words: int) -> None:
    text = " ".join(pair)
    repeats = find_repeats(text, least_words=least_words)
    check(text, text, repeats, least_words)
    assert all(passage.one.stop <= passage.other.start for passage in repeats)


@given(st.one_of(pieced_texts, strategies.text), lengths)
def test_a_text_is_one_passage_of_itself(text: str, least_words: int) -> None:
    passages = find_passages(text, text, least_words=least_words)
    assert [(p.one, p.n_words, p.similarity) for p in passages] == [
        (p.other, len(words_of(text)), 1.0) for p in passages
    ]
    assert len(passages) == (len(words_of(text)) >= least_words)


def test_offsets_are_those_of_the_originals() -> None:
    one = f"«Intro», he said. {numbered(0, 30)}. The end"
    other = f"Ünrelated — {numbered(0, 30).upper()}!"
    (passage,) = find_passages(one, other)
    assert cut(one, passage.one) == numbered(0, 30)
    assert cut(other, passage.other) == numbered(0, 30).upper()


@pytest.mark.parametrize(
    ("changed", "similarity"),
    [
        (f"{numbered(0, 15)} x {numbered(16, 40)}", 78 / 80),
        (f"{numbered(0, 15)} {numbered(16, 40)}", 78 / 79),
        (f"{numbered(0, 15)} x x x {numbered(15, 40)}", 80 / 83),
        (f"{numbered(0, 4)} x {numbered(5, 40)}", 78 / 80),
        (f"{numbered(0, 36)} x {numbered(37, 40)}", 78 / 80),
        (" ".join("x" if place % 8 == 7 else f"w{place}" for place in range(40)), 70 / 80),
    ],
)
def test_a_few_changed_words_do_not_break_a_passage(changed: str, similarity: float) -> None:
    (passage,) = find_passages(f"before it {numbered(0, 40)} behind it", f"else {changed} more")
    assert passage.similarity == pytest.approx(similarity, abs=1e-4) or changed.endswith("x")


def test_a_paragraph_between_breaks_a_passage() -> None:
    one = f"{numbered(0, 30)} {numbered(0, 25, 'x')} {numbered(30, 60)}"
    assert [p.n_words for p in find_passages(numbered(0, 60), one)] == [30, 30]


def test_passages_in_another_order_are_found() -> None:
    one = f"{numbered(0, 30)} {numbered(30, 60)}"
    other = f"{numbered(30, 60)} {numbered(0, 30)}"
    assert [cut(other, p.other) for p in find_passages(one, other)] == [numbered(0, 30), numbered(30, 60)]


def test_all_places_of_a_repeated_paragraph_are_found() -> None:
    paragraph = numbered(0, 25)
    other = "\n".join(f"{paragraph} {numbered(100 * k, 100 * k + 5)}" for k in range(30))
    passages = find_passages(f"so {paragraph} it was", other)
    assert len(passages) == 30
    assert {cut(other, p.other) for p in passages} == {paragraph}


def test_the_shortest_passage() -> None:
    assert find_passages(numbered(0, 20), f"x {numbered(0, 20)} y")
    assert not find_passages(numbered(0, 20), f"x {numbered(0, 19)} y")
    assert find_passages(numbered(0, 20), f"x {numbered(0, 19)} y", least_words=19)
    for least_words in (0, -1):
        with pytest.raises(ParameterError, match="at least 1"):
            find_passages("a", "b", least_words=least_words)
        with pytest.raises(ParameterError, match="at least 1"):
            find_repeats("a", least_words=least_words)


def test_repeats_of_a_page() -> None:
    headline, lead = "Mayor to leave office in April", numbered(0, 22)
    page = f"{headline}\n\n{lead}\n\n{numbered(50, 90)}\n\n{headline}\n\n{lead.replace('w7', 'w8')}"
    assert {cut(page, p.other).split("\n")[0] for p in find_repeats(page, least_words=6)} <= {headline, lead}
    assert find_repeats(page, least_words=6)[0].one.start == 0
    assert not find_repeats(numbered(0, 100), least_words=2)


def test_words_that_share_a_character_are_not_torn_apart() -> None:
    one, other = f"ﷺ {numbered(0, 20)}", f"عليه وسلم {numbered(0, 20)}"
    check(one, other, find_passages(one, other, least_words=5), 5)


def test_a_tokenised_text_will_do() -> None:
    one, other = f"a {numbered(0, 30)}", f"{numbered(0, 30)} b"
    assert passages_of(Words.of(one), Words.of(other)) == find_passages(one, other)


@pytest.mark.parametrize(
    ("one", "other", "most"),
    [
        ("x " * 30_000, "x " * 30_000, 1),
        ("x " * 30_000, "x " * 1_000, 40),
        ((numbered(0, 60) + "\n") * 500, (numbered(0, 60) + "\n") * 500, 1),
        (("x " * 10 + "y ") * 3_000, "x " * 30_000, 1_500),
        ("a b " * 15_000, "a b c " * 10_000, 0),
    ],
)
def test_texts_that_repeat_themselves_give_few_passages(one: str, other: str, most: int) -> None:
    """They would have millions of seeds, if every place of a word were paired with every other."""
    passages = find_passages(one, other)
    assert len(passages) <= most
    check(one[:0] + one, other, passages[:20], LEAST_WORDS)


def test_a_phrase_that_a_page_repeats_costs_no_pair_for_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a page would cost a thousand times as much for each of a thousand articles."""
    tried: list[int] = []
    join = seeding.join_seeds

    def counting(seeds: list[seeding.Seed]) -> list[seeding.Run]:
        tried.append(len(seeds))
        return join(seeds)

    monkeypatch.setattr("dedup.match.alignment.join_seeds", counting)
    paragraphs = [f"the spokesman said on monday that {numbered(40 * n, 40 * n + 30)}" for n in range(1_000)]
    (passage,) = find_passages(paragraphs[600], "\n".join(paragraphs))
    assert passage.n_words == 36
    assert passage.similarity == 1.0
    assert tried[0] <= 36


@pytest.mark.parametrize(("name", "n_pairs"), [("bbc-containment", 100), ("clough-stevenson", 95)])
def test_passages_of_real_pairs_are_as_similar_as_they_say(shared_dir: Path, name: str, n_pairs: int) -> None:
    with gzip.open(shared_dir / "data" / "gold" / f"{name}.jsonl.gz", "rt") as stream:
        for line, _ in zip(stream, range(n_pairs), strict=False):
            pair = json.loads(line)
            for least_words in (8, LEAST_WORDS):
                passages = find_passages(pair["a"], pair["b"], least_words=least_words)
                check(pair["a"], pair["b"], passages, least_words)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_a_planted_passage_is_found(seed: int) -> None:
    chance = random.Random(seed)
    ground = [f"g{chance.randrange(5_000)}" for _ in range(400)]
    planted = [f"p{place}" for place in range(chance.randrange(24, 90))]
    copy = [f"x{place}" if place % 11 == 9 else word for place, word in enumerate(planted)]
    place = chance.randrange(400)
    one = " ".join([*ground[:place], *planted, *ground[place:]])
    other = " ".join([*(f"h{k}" for k in range(100)), *copy])
    (passage,) = find_passages(one, other)
    assert passage.n_words >= len(planted) - 4


@given(edited() | st.tuples(pieced_texts, pieced_texts), st.data(), lengths)
def test_a_text_that_stands_in_the_other_is_found_as_by_alignment(
    pair: tuple[str, str], data: st.DataObject, least_words: int
) -> None:
    words = [*words_of(" ".join(pair))]
    start = data.draw(st.integers(0, len(words)))
    one = words[start : start + data.draw(st.integers(0, 60))]
    width = seeding.seed_width(least_words)
    found = alignment.align(one, words, least_words)
    assert found == alignment.align(one, words, least_words, seeding.Places(words, width))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "_stands_once", lambda *_: -1)
        assert found == alignment.align(one, words, least_words)


@given(pairs, lengths)
def test_a_text_that_is_aligned_often_has_the_same_passages(pair: tuple[str, str], least_words: int) -> None:
    often = [Words.of(text, often=True) for text in pair]
    for _ in range(2):
        assert passages_of(*often, least_words=least_words) == find_passages(*pair, least_words=least_words)
