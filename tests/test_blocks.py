from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Boilerplate
from dedup.comparison import compare
from dedup.deduplicator import deduplicate
from dedup.kernels.overlap import find_often, sample_rows, span_others
from dedup.match.context import Context
from tests.strategies import shingle_row, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.result import DedupResult

Articles = list[dict[str, Any]]


def words(name: object, n_words: int) -> str:
    return " ".join(f"w{name}x{place}" for place in range(n_words))


BLOCK = f"All the news of the valley: {words('block', 300)}"


def glue(own: str, block: str, where: str) -> str:
    told = own.split()
    place = {"start": 0, "middle": len(told) // 2, "end": len(told)}[where]
    return " ".join([*told[:place], block, *told[place:]])


def dump(n_articles: int, own: int, where: str = "end", hosts: int = 0, block: str = BLOCK) -> Articles:
    """Articles that share nothing but a block in their only line."""
    return [
        {"id": f"a{number}", "text": glue(words(number, own), block, where)}
        | ({"url": f"https://h{number % hosts}.example/{number}"} if hosts else {})
        for number in range(n_articles)
    ]


def learnt(result: DedupResult) -> list[tuple[str, str | None]]:
    return [(item.text, item.host) for item in result.boilerplate]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["start", "middle", "end"])
@pytest.mark.parametrize("own", [60, 200])
@pytest.mark.parametrize("hosts", [0, 1, 7, 120])
def test_a_block_inside_a_line_links_nobody_and_is_reported(where: str, own: int, hosts: int) -> None:
    result = deduplicate(dump(120, own, where, hosts))
    assert result.counts.kept == 120
    assert (BLOCK, None) in learnt(result)
    assert all(text == BLOCK for text, _ in learnt(result))


@pytest.mark.parametrize("own", [60, 200])
def test_a_block_of_one_host_among_others_is_learnt(own: int) -> None:
    others = [
        {"id": f"o{number}", "url": f"https://o.example/{number}", "text": words(f"o{number}", 90)}
        for number in range(300)
    ]
    result = deduplicate(dump(20, own, hosts=1) + others)
    assert result.counts.kept == 320
    assert learnt(result) == [(BLOCK, "h0.example")]


def test_copies_are_found_beside_the_block() -> None:
    articles = dump(60, 60, "middle", 3)
    copies = [
        {"id": f"c{number}", "text": words(number, 60).replace("x7 ", "x-7 ")} for number in range(0, 60, 6)
    ]
    result = deduplicate(articles + copies)
    assert {frozenset(cluster.members) for cluster in result.clusters if len(cluster.members) > 1} == {
        frozenset({f"a{number}", f"c{number}"}) for number in range(0, 60, 6)
    }


def test_copies_do_not_make_a_block_longer() -> None:
    articles = dump(60, 80, "end")
    articles += [
        {**articles[7], "id": f"c{number}", "text": f"{articles[7]['text']} {number}"} for number in range(20)
    ]
    result = deduplicate(articles)
    assert learnt(result) == [(BLOCK, None)]
    assert result.counts.kept == 60


def test_several_blocks_are_learnt() -> None:
    blocks = {name: words(name, 80) for name in "abc"}
    articles = [
        {
            "id": f"{name}{number}",
            "url": f"https://{name}.example/{number}",
            "text": f"{words(f'{name}{number}', 50)} {block}",
        }
        for name, block in blocks.items()
        for number in range(30)
    ]
    result = deduplicate(articles)
    assert result.counts.kept == 90
    assert set(learnt(result)) == {(block, f"{name}.example") for name, block in blocks.items()}


@pytest.mark.slow
def test_it_is_the_same_in_any_order() -> None:
    articles = dump(90, 60, "middle", 4) + dump(40, 90, "end", 3, block=words("other", 120))
    for number, article in enumerate(articles):
        article["id"] = f"a{number}"
    expected = deduplicate(articles)
    assert len(expected.boilerplate) > 1
    for seed in range(3):
        shuffled = random.Random(seed).sample(articles, len(articles))
        result = deduplicate(shuffled)
        assert set(result.boilerplate) == set(expected.boilerplate)
        assert {frozenset(cluster.members) for cluster in result.clusters} == {
            frozenset(cluster.members) for cluster in expected.clusters
        }


@pytest.mark.slow
def test_a_pair_has_the_scores_of_the_run() -> None:
    articles = dump(60, 60, "middle", 3)
    articles += [
        {"id": f"c{number}", "text": glue(words(number, 60).replace("x40 ", "edited "), BLOCK, "start")}
        for number in range(0, 60, 5)
    ]
    result = deduplicate(articles)
    context = Context.from_bytes(Context(result.boilerplate).to_bytes())
    assert len(result.duplicates) == 12
    by_id = {article["id"]: article for article in articles}
    for match in result.duplicates:
        pair = compare(by_id[match.id], by_id[match.leader], context=context)
        assert pair.relation == match.leader_verdict.relation == "near"
        assert pair.scores.resemblance == match.leader_verdict.scores.resemblance
        assert pair.ignored == (BLOCK,)
    assert deduplicate(articles, context=context).duplicates == result.duplicates


# News


def test_few_articles_make_no_block() -> None:
    assert deduplicate(dump(7, 60, hosts=1)).boilerplate == ()
    assert deduplicate(dump(19, 60)).boilerplate == ()


@pytest.mark.slow
@pytest.mark.parametrize("hosts", [True, False])
def test_a_wire_story_that_every_outlet_prints_with_something_of_its_own_is_news(hosts: bool) -> None:
    story = words("story", 300)
    articles: Articles = [
        {"id": f"s{number}", "text": f"{story} {words(f'foot{number}', 40)}"} for number in range(90)
    ]
    articles += [{"id": f"o{number}", "text": words(f"o{number}", 90)} for number in range(150)]
    if hosts:
        for number, article in enumerate(articles):
            article["url"] = f"https://h{number % 90}.example/{number}"
    result = deduplicate(articles)
    assert result.boilerplate == ()
    assert result.counts.kept == 151


@pytest.mark.slow
def test_versions_of_one_story_are_no_block() -> None:
    chance = random.Random(5)
    told = words("story", 400).split()
    articles = []
    for number in range(200):
        version = list(told)
        for place in chance.sample(range(400), 8):
            version[place] = f"edit{number}x{place}"
        articles.append(
            {"id": str(number), "url": f"https://h{number % 5}.example/{number}", "text": " ".join(version)}
        )
    result = deduplicate(articles)
    assert result.boilerplate == ()
    assert result.counts.kept == 1


@pytest.mark.slow
@pytest.mark.parametrize("hosts", [0, 1])
def test_bulletins_over_one_template_are_no_block(hosts: int) -> None:
    template = (
        "The Penny Lock gauge showed a level of {} metres above datum at seven this morning, the rivers board said in its daily "
        "bulletin on {} March. The flow over the weir was {} cubic metres a second. Skippers are asked to keep to the "
        "left bank between the lock and the old mill, and to call the lock keeper on channel ten before they enter the cut."
    )
    articles = [
        {
            "id": str(number),
            "text": template.format(number + 100, number % 30 + 1, 3 * number),
            "published": f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}",
        }
        | ({"url": f"https://h.example/{number}"} if hosts else {})
        for number in range(100)
    ]
    assert deduplicate(articles).boilerplate == ()


def test_a_story_that_grows_is_no_block() -> None:
    """A live page is fetched again and again, each time with a paragraph more above the others."""
    parts = [words(f"part{number}", 40) for number in range(40)]
    articles = [
        {
            "id": str(number),
            "url": f"https://h.example/{number}",
            "text": " ".join(reversed(parts[: number + 4])),
        }
        for number in range(36)
    ]
    assert deduplicate(articles).boilerplate == ()


# Kernels


@given(st.lists(shingle_row, max_size=6), st.sets(st.integers(1, 24)), st.integers(0, 3))
def test_kernels_do_what_their_twins_do(rows: list[list[int]], known: set[int], bits: int) -> None:
    table = table_of(rows)
    chosen = np.arange(len(rows))[::-1].copy()
    mask = (1 << bits) - 1
    sampled, places = np.empty(200, np.uint64), np.empty(200, np.int64)
    found = sample_rows(table.indptr, table.hashes, chosen, mask, sampled, places)
    expected = [
        (shingle, place)
        for place, row in enumerate(chosen.tolist())
        for shingle in rows[row]
        if shingle & mask == 0
    ]
    assert list(zip(sampled[:found].tolist(), places[:found].tolist(), strict=True)) == expected

    longest = np.empty(len(rows), np.int64)
    marks, slots = np.empty(4, np.uint64), np.empty(1024, np.uint64)
    span_others(table.indptr, table.hashes, chosen, np.array(sorted(known), np.uint64), marks, slots, longest)
    assert longest.tolist() == [longest_stretch(rows[row], known) for row in chosen.tolist()]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5))),
    st.lists(st.integers(-1, 2), min_size=6, max_size=6),
    st.integers(1, 4),
)
def test_no_shingle_that_is_often_is_lost(
    entries: list[tuple[int, int]], hosts: list[int], least: int
) -> None:
    shingles, texts = (np.array([entry[side] for entry in entries], np.int64) for side in (0, 1))
    often = np.empty(len(entries), np.int64)
    arguments = (shingles.astype(np.uint64) << np.uint64(30), texts, np.array(hosts, np.int64))
    found = find_often(*arguments, least, np.empty(1 << 16, np.uint32), often)
    pairs = [(shingle, hosts[text]) for shingle, text in entries]
    assert often[:found].tolist() == [
        place for place, pair in enumerate(pairs) if pair[1] >= 0 and pairs.count(pair) >= least
    ]


def longest_stretch(row: Sequence[int], known: set[int]) -> int:
    best = length = 0
    for shingle in row:
        length = 0 if shingle in known else length + 1
        best = max(best, length)
    return best


@pytest.mark.slow
@settings(max_examples=10)
@given(st.integers(0, 2**32), st.sampled_from(["start", "middle", "end"]))
def test_any_block_is_found_and_any_news_beside_it(seed: int, where: str) -> None:
    chance = random.Random(seed)
    letters = "aeioubcdfgé中"

    def write(n_words: int) -> str:
        return " ".join("".join(chance.choices(letters, k=chance.randint(4, 9))) for _ in range(n_words))

    block = write(chance.randint(60, 300))
    articles = [{"id": str(number), "text": glue(write(50), block, where)} for number in range(40)]
    result = deduplicate(articles)
    assert result.counts.kept == 40
    assert [item.text for item in result.boilerplate] == [block]
    assert isinstance(result.boilerplate[0], Boilerplate)
