from __future__ import annotations

from collections import defaultdict
from statistics import median_high
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.boilerplate import LEAST_BYTES, Recurrence, Recurring, find_recurring, read_lines_again
from dedup.match.leaving_out import boilerplate_shingles, leave_out
from dedup.sketch.recipe import Recipe
from dedup.text.columns import Lines, ShingleTable, TextColumn, line_hashes, shingle_column
from dedup.text.shingling import hash_word, shingle_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.kernels.types import Rows, Signatures

FOOTER = "Sign up for our free newsletter and never miss a story."
EASY = Recurrence(articles=3, share=0.0, dump_articles=1000, dump_share=1.0)


def story(seed: int, n_words: int = 60) -> str:
    """A text that shares no five words with one of another seed."""
    return " ".join(f"w{seed}x{place}" for place in range(n_words))


def found_in(
    texts: Sequence[str], hosts: Sequence[int], recurrence: Recurrence
) -> list[tuple[str, int, int]]:
    """Text, host and number of different articles of each line that is boilerplate."""
    encoded = [text.encode() for text in texts]
    column = TextColumn.of(encoded)
    hashes, counts = line_hashes(column, LEAST_BYTES)
    lines = Lines(np.concatenate([[0], np.cumsum(counts)]), hashes)
    table = table_of(texts)
    rows = np.arange(len(texts))

    def read(rows: Rows) -> Iterator[bytes]:
        assert rows.tolist() == sorted(set(rows.tolist()))
        return (encoded[row] for row in rows)

    def sign_without(lines: Recurring, places: Rows) -> Signatures:
        shingles = boilerplate_shingles(read_lines_again(lines, read), 5)
        return Recipe().sign(leave_out(table_of(texts), shingles), places)

    signatures = Recipe().sign(table, rows)
    found = find_recurring(lines, np.array(hosts, np.int64), rows, signatures, sign_without, recurrence)

    again = [line.decode() for line in read_lines_again(found, read)]
    return list(zip(again, found.hosts.tolist(), found.articles.tolist(), strict=True))


def table_of(texts: Sequence[str]) -> ShingleTable:
    batch = shingle_column(TextColumn.of([text.encode() for text in texts]), 5)
    indptr = np.concatenate([[0], np.cumsum(batch.counts)])
    return ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)


def test_a_line_of_many_articles_of_a_host_is_boilerplate() -> None:
    texts = [f"{story(seed)}\n{FOOTER}" for seed in range(6)]
    assert found_in(texts, [0] * 6, EASY) == [(FOOTER, 0, 6)]


def test_a_line_that_another_host_prints_counts_for_each_host_alone() -> None:
    texts = [f"{story(seed)}\n{FOOTER}" for seed in range(6)]
    assert found_in(texts, [0, 0, 0, 0, 1, 1], EASY) == [(FOOTER, 0, 4)]
    assert found_in(texts, [0, 0, 1, 1, 2, 2], EASY) == []


def test_a_wire_story_that_many_print_is_no_boilerplate() -> None:
    wire = story(99, 200)
    texts = [f"{wire}\n{FOOTER[place:]}" for place in range(12)]
    everywhere = Recurrence(articles=3, share=0.0, dump_articles=3, dump_share=0.0)
    assert found_in(texts, [0] * 12, everywhere) == []
    assert found_in(texts, list(range(12)), everywhere) == []


def test_versions_of_one_story_are_one_article() -> None:
    lead = story(7, 80)
    texts = [f"{lead}\n{story(seed, 5)}" for seed in range(10)]
    assert found_in(texts, [0] * 10, EASY) == []


def test_without_hosts_it_is_judged_over_the_dump() -> None:
    texts = [f"{story(seed)}\n{FOOTER}" for seed in range(6)]
    rule = Recurrence(articles=3, share=0.0, dump_articles=5, dump_share=0.5)
    assert found_in(texts, [-1] * 6, rule) == [(FOOTER, -1, 6)]
    assert found_in([*texts, *(story(seed) for seed in range(50, 57))], [-1] * 13, rule) == []


def test_a_block_far_longer_than_the_news_beside_it_is_boilerplate() -> None:
    block = story(5, 400)
    texts = [f"{story(100 + seed)}\n{block}" for seed in range(30)]
    assert {(line, host) for line, host, _ in found_in(texts, [0] * 30, Recurrence())} == {
        (block, 0),
        (block, -1),
    }
    assert found_in(texts[:15], [0] * 15, Recurrence()) == []


def test_a_dump_of_one_story_in_many_versions_has_no_boilerplate() -> None:
    paragraphs = [story(seed, 20) for seed in range(12)]
    texts = [
        "\n".join(
            paragraph.replace("x7", f"x{version}") if place == version % 12 else paragraph
            for place, paragraph in enumerate(paragraphs)
        )
        for version in range(100, 160)
    ]
    assert found_in(texts, [0] * 60, Recurrence()) == []


@pytest.mark.parametrize("line", ["too short", "x" * (LEAST_BYTES - 1)])
def test_short_lines_are_not_looked_at(line: str) -> None:
    assert found_in([f"{story(seed)}\n{line}" for seed in range(6)], [0] * 6, EASY) == []


def naive(texts: Sequence[str], hosts: Sequence[int], least: int) -> set[tuple[str, int, int]]:
    """The same by dictionaries, for hosts that are known."""
    recipe = Recipe()
    values = recipe.sign(table_of(texts), np.arange(len(texts)))[:, :8].tolist()
    articles: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, (text, host) in enumerate(zip(texts, hosts, strict=True)):
        for line in dict.fromkeys(text.split("\n")):
            if len(line.encode()) >= LEAST_BYTES:
                articles[line, host].append(row)
    found = set()
    for (line, host), rows in articles.items():
        different = median_high(len({values[row][place] for row in rows}) for place in range(8))
        if host >= 0 and different >= least:
            found.add((line, host, different))
    return found


lines = st.sampled_from([FOOTER, FOOTER.upper(), story(1, 6), story(2, 9), story(3, 30), "short", ""])


@given(st.lists(st.tuples(st.lists(lines, max_size=4), st.integers(-1, 2)), max_size=20), st.randoms())
def test_it_finds_what_the_twin_finds_in_any_order(
    articles: list[tuple[list[str], int]], random: np.random.Generator
) -> None:
    rows = [("\n".join([story(100 + row, 8), *chosen]), host) for row, (chosen, host) in enumerate(articles)]
    random.shuffle(rows)
    texts, hosts = [text for text, _ in rows], [host for _, host in rows]
    assert set(found_in(texts, hosts, EASY)) == naive(texts, hosts, 3)


@given(
    st.lists(st.lists(st.sampled_from(["a b c d e", "f g h i j k", "l m", "n o p q r s t"]), max_size=4)),
    st.sets(st.sampled_from(["a b c d e", "f g h i j k", "n o p q r s t", "u v w x y"])),
)
def test_what_is_left_out_is_no_part_of_a_row(texts: list[list[str]], dropped: set[str]) -> None:
    written = [" ".join(parts) for parts in texts]
    shingles = boilerplate_shingles([line.encode() for line in sorted(dropped)], 5)
    table = leave_out(table_of(written), shingles)
    for row, text in enumerate(written):
        found = table.hashes[table.indptr[row] : table.indptr[row + 1]].tolist()
        assert found == [
            shingle for shingle in shingle_text(text).shingles if shingle not in set(shingles.tolist())
        ]


texts = st.lists(st.text(st.sampled_from("ab\n é中"), max_size=200), max_size=5)


@given(texts, st.sampled_from([1, 3, 24, 65]))
def test_hashes_of_lines_are_those_of_the_twin(texts: list[str], least: int) -> None:
    encoded = [text.encode() for text in texts]
    expected = [[hash_word(line) for line in text.split(b"\n") if len(line) >= least] for text in encoded]
    hashes, counts = line_hashes(TextColumn.of(encoded), least)
    assert counts.tolist() == list(map(len, expected))
    assert hashes.tolist() == [value for row in expected for value in row]
