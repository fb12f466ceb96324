from __future__ import annotations

import gzip
import json
import math
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Affix, Article, Boilerplate
from dedup.comparison import compare
from dedup.deduplicator import deduplicate, deduplicate_files
from dedup.errors import ReadError
from dedup.match.context import BLOCK_WORDS, LINE_WORDS, Context
from dedup.match.leaving_out import boilerplate_shingles, leave_out_counted
from dedup.match.templates import set_figures_of
from dedup.pair import Span
from dedup.text.columns import ShingleTable, TextColumn, code_column, shingle_column
from dedup.text.shingling import code_word, set_figures, shingle_text
from dedup.text.tokens import tokenise
from tests import strategies as some

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.pair import Scores
    from dedup.result import DedupResult

LINE = "Sign up for our free newsletter and never miss a story."
BLOCK = (
    " ".join(f"b{place}" for place in range(30))
    + " and all rights are reserved by the owner of these 2026 pages."
)
CONTEXT = Context([Boilerplate(LINE, "valley.example", 31), Boilerplate(BLOCK, None, 99)])

boilerplates = st.builds(
    Boilerplate,
    st.text(st.characters(codec="utf-8"), min_size=1),
    st.none() | st.text(st.characters(codec="utf-8")),
    st.integers(0),
)
affixes = st.builds(
    Affix,
    st.text(st.characters(codec="utf-8"), min_size=1),
    st.none() | st.text(st.characters(codec="utf-8")),
    st.sampled_from(["end", "start"]),
    st.integers(0),
)
contexts = st.builds(Context, st.lists(boilerplates, max_size=4), st.lists(affixes, max_size=3))


# Kept and read again


@given(contexts)
def test_it_is_read_as_it_was_written(context: Context) -> None:
    assert Context.from_lines(context.dump()) == context
    assert Context.from_bytes(context.to_bytes()) == context
    assert Context.from_bytes(context.to_bytes()).fingerprint == context.fingerprint
    assert hash(Context(context.boilerplate, context.affixes.items)) == hash(context)


def test_it_reads_what_a_run_writes(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text(
        "".join(
            json.dumps({"id": item.id, "url": item.url, "text": item.text}) + "\n" for item in generated()
        )
    )
    for name in ("learnt", "learnt.gz"):
        deduplicate_files([dump], tmp_path / "kept", boilerplate=tmp_path / name)
    context = Context.load(tmp_path / "learnt")
    assert context.boilerplate == tuple(deduplicate(generated()).boilerplate)
    assert context.boilerplate
    assert b"".join(context.dump()) == (tmp_path / "learnt").read_bytes()
    assert Context.load(str(tmp_path / "learnt.gz")) == context
    again = tmp_path / "again"
    deduplicate_files([dump], tmp_path / "kept", context=context, boilerplate=again)
    assert again.read_bytes() == (tmp_path / "learnt").read_bytes()


def test_an_empty_file_is_an_empty_context(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    context = Context.load(tmp_path / "empty")
    assert context == Context()
    assert not context
    assert context.without(LINE) is LINE
    assert context.shingles().tolist() == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no line of a context: Expecting"),
        ("[]", "a JSON object is needed"),
        ("[" * 100_000, "no line of a context"),
        ('{"host":null,"articles":1}', "'text' must be a string"),
        ('{"text":"","host":null,"articles":1}', "not empty"),
        ('{"text":"\\ud83d","host":null,"articles":1}', "surrogates"),
        ('{"text":"a","host":7,"articles":1}', "'host' must be"),
        ('{"text":"a","host":null,"articles":"1"}', "'articles' must be"),
        ('{"text":"a","host":null,"articles":true}', "'articles' must be"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "context"
    path.write_text('{"text":"a b","host":null,"articles":1}\n' + line + "\n")
    with pytest.raises(ReadError, match=r"context:2: no line of a context") as raised:
        Context.load(path)
    assert reason in str(raised.value)


def test_what_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"".join(CONTEXT.dump()))[:-9])
    for name in ("absent", "cut.gz", "."):
        with pytest.raises(ReadError, match="can't be read"):
            Context.load(tmp_path / name)


def test_what_has_no_affixes_is_as_it_was() -> None:
    old = b'{"context": 1}\n{"text":"Rain","host":null,"articles":8}\n'
    assert Context.from_bytes(old).to_bytes() == old
    new = Context([Boilerplate("Rain", None, 8)], [Affix("Hill", "valley.example", "end", 9)])
    assert new.to_bytes().startswith(b'{"context": 2}\n')
    assert new.fingerprint != Context(new.boilerplate).fingerprint
    assert bool(Context((), new.affixes.items))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"affix":"","host":null,"at":"end","articles":1}', "'affix' must be a string that is not empty"),
        (b'{"affix":"x","host":1,"at":"end","articles":1}', "'host' must be a string or null"),
        (b'{"affix":"x","host":null,"at":"middle","articles":1}', "'at' must be 'end' or 'start'"),
        (b'{"affix":"x","host":null,"articles":1}', "'at' must be"),
        (b'{"affix":"x","host":null,"at":"end","articles":true}', "'articles' must be a whole number"),
    ],
)
def test_a_damaged_affix_is_refused(line: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        Context.from_lines([line])


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"context":3}\n', b"\xff"])
def test_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="version"):
        Context.from_bytes(data)


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        CONTEXT.boilerplate = ()  # type: ignore[misc]


def test_fingerprints_tell_contexts_apart() -> None:
    one, other = CONTEXT.boilerplate
    assert Context([other, one]).fingerprint == CONTEXT.fingerprint
    others = [Context(), Context([one]), Context([other]), Context([replace(one, articles=32), other])]
    assert len({context.fingerprint for context in [CONTEXT, *others]}) == 5
    assert Context([Boilerplate("Rain", None, 8)]).fingerprint == "7149a96998ce9c3c679feb7437366e4f"


# What it leaves out


@given(st.lists(some.text, max_size=4), st.sampled_from([1, 3, 5]))
def test_shingles_are_those_of_the_kernel(texts: list[str], width: int) -> None:
    texts = [text for text in texts if text and text.isprintable()]
    context = Context([Boilerplate(text, None, 8) for text in texts])
    expected = boilerplate_shingles([text.encode() for text in texts], width)
    assert context.shingles(width).tolist() == expected.tolist()
    assert context.leave_out([1, 2, *expected.tolist(), 3], width) == [1, 2, 3]


def test_a_line_is_dropped_where_it_is_a_line() -> None:
    assert CONTEXT.without(f"Rain.\n{LINE}\nSnow.").split("\n") == ["Rain.", "", "", "Snow."]
    assert CONTEXT.without(f"Rain. {LINE}") == f"Rain. {LINE}"
    assert CONTEXT.without(LINE.encode()).strip() == b""


def test_a_long_one_is_dropped_wherever_it_stands() -> None:
    for text in (
        f"Rain. {BLOCK} Snow.",
        f"Rain.{BLOCK}Snow.",
        f"Rain.\n{BLOCK}\nSnow.",
        f"{BLOCK}Rain.{BLOCK}{BLOCK}Snow.",
    ):
        assert CONTEXT.without(text).split() == ["Rain.", "Snow."]
        assert CONTEXT.without(text.encode()).split() == [b"Rain.", b"Snow."]


@pytest.mark.parametrize("text", ["x{}", "{}x", "5{}", "-{}"])
def test_no_word_is_cut(text: str) -> None:
    block = f"7 {' '.join(words('w', 30))}"
    context = Context([Boilerplate(block, None, 8)])
    assert context.without(text.format(block)) == text.format(block)
    assert context.without(f"a-{block}-7") == f"a-{block}-7"
    assert context.without(f"中{block}中") == "中\n中"
    assert context.without(f"({block})") == "(\n)"


def test_fewer_than_five_words_are_never_dropped() -> None:
    few = "Kommunikationsabteilungsleiter Unterberger"
    assert Context([Boilerplate(few, None, 8)]).without(few) == few


def test_places_count_in_characters() -> None:
    text = f"Größe 中 {BLOCK}.\n{LINE}\n\ud83d é {BLOCK}"
    found = CONTEXT.find(text)
    assert [text[span.start : span.stop] for span, _ in found] == [BLOCK, LINE, BLOCK]
    assert [line for _, line in found] == [BLOCK, LINE, BLOCK]
    assert CONTEXT.find(f"{BLOCK}\n{LINE}") == [
        (Span(0, len(BLOCK)), BLOCK),
        (Span(len(BLOCK) + 1, len(BLOCK) + 1 + len(LINE)), LINE),
    ]


pieces = st.sampled_from([LINE, BLOCK, "\n", " ", " x. ", "Größe", "中文", BLOCK[:40], LINE[3:], "\r\n"])


@given(st.lists(pieces, max_size=8).map("".join))
def test_text_and_bytes_are_treated_alike_and_nothing_is_left(text: str) -> None:
    left = CONTEXT.without(text)
    assert CONTEXT.without(text.encode()) == left.encode()
    assert all(before[-1:].isalnum() for before in left.split(BLOCK)[:-1])  # written together with a word
    assert LINE not in left.split("\n")
    assert CONTEXT.without(left) == left
    found = CONTEXT.find(text)
    assert [text[span.start : span.stop] for span, _ in found] == [line for _, line in found]
    assert bool(found) == (left != text)


def test_how_many_words_make_a_line_and_a_block() -> None:
    for count in (LINE_WORDS - 1, LINE_WORDS, BLOCK_WORDS - 1, BLOCK_WORDS):
        text = " ".join(f"word{place}" for place in range(count))
        context = Context([Boilerplate(text, None, 8)])
        assert (context.without(text).strip() == "") == (count >= LINE_WORDS)
        assert (context.without(f"x {text} y").split() == ["x", "y"]) == (count >= BLOCK_WORDS)


def test_many_blocks_are_found_as_few_are() -> None:
    blocks = [" ".join(f"b{number}x{place}" for place in range(BLOCK_WORDS)) for number in range(50)]
    unspaced = "".join(chr(0x4E00 + place) for place in range(40))
    text = f"Rain.{blocks[7]} snow {blocks[49]}. {unspaced}\n{blocks[20]}"
    for chosen in (blocks, blocks[:10], blocks[40:]):
        texts = [*chosen, unspaced]
        context = Context([Boilerplate(block, None, 8) for block in texts])
        assert [line for _, line in context.find(text)] == sorted(
            (block for block in texts if block in text), key=text.index
        )


parts = st.sampled_from([LINE, BLOCK, "\n", " ", "12", "a b c 7", "d 2026 e f g", "h", "\n\n"])


@given(st.lists(st.lists(parts, max_size=10).map("".join), min_size=1, max_size=5))
def test_words_and_numbers_that_are_left_are_within_their_bounds(texts: list[str]) -> None:
    """What a run rules pairs out by before it reads them again."""
    batch = shingle_column(TextColumn.of([text.encode() for text in texts]), 5)
    indptr = np.concatenate([[0], np.cumsum(batch.counts)])
    whole = ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)
    left, least = leave_out_counted(whole, CONTEXT.shingles(), 5)
    assert left.sizes.tolist() == [len(CONTEXT.leave_out(shingle_text(text).shingles)) for text in texts]
    codes = code_column(TextColumn.of([CONTEXT.without(text).encode() for text in texts]))
    assert (least <= np.diff(codes.indptr)).all()
    figures, possible = set_figures_of(codes), batch.figures
    certain = possible & ~CONTEXT.figures()
    assert (figures & ~possible == 0).all()
    assert (certain & ~figures == 0).all()
    for row, text in enumerate(texts):
        expected = set_figures(code_word(token.text) for token in tokenise(CONTEXT.without(text)))
        assert sum(int(part) << 64 * place for place, part in enumerate(figures[row])) == expected


# Pairs and runs


def words(name: str, length: int) -> list[str]:
    return [f"{name}{place}" for place in range(length)]


def generated() -> list[Article]:
    """Articles of two hosts under their footers; some reprinted by the other, edited, cut, or with other numbers."""
    feet = {host: [" ".join(words(f"{host}foot{line}w", 6 + 9 * line)) for line in range(3)] for host in "ab"}
    articles = []
    for number in range(40):
        body = words(f"s{number}w", 40 + 3 * number)
        for host in "ab" if number % 2 else "a":
            told = list(body)
            if host == "b":
                told[number % 40 :: 50] = [f"edit{number}"] * len(told[number % 40 :: 50])
                told = told[: max(len(told) - number // 2, 30)]
                if number % 3 == 0:
                    told[20:30:4] = [f"{number}{place}" for place in range(3)]
            elif number % 3 == 0:
                told[20:30:4] = [f"9{number}{place}" for place in range(3)]
            middle = len(told) // 2
            articles.append(
                Article(
                    "\n".join(
                        [" ".join(told[:middle]), feet[host][0], " ".join(told[middle:]), *feet[host][1:]]
                    ),
                    id=f"{host}{number}",
                    url=f"https://{host}.example/{number}",
                    published=datetime(2026, 3, 1 + (number + (host == "b")) % 28, tzinfo=UTC),
                )
            )
    return articles


def agree(run: Scores, pair: Scores) -> bool:
    known = run.continuity is None or math.isclose(run.continuity, pair.continuity or 0)
    return (run.resemblance, run.containment, run.coverage) == (
        pair.resemblance,
        pair.containment,
        pair.coverage,
    ) and known


def check_pairs(result: DedupResult, articles: dict[str, Any]) -> int:
    """Each verdict of a run is that on the pair with the run's context; how many there are."""
    context = Context(result.boilerplate)
    for match in result.duplicates:
        pair = compare(articles[match.id], articles[match.leader], context=context)
        assert agree(match.leader_verdict.scores, pair.scores)
        assert match.leader_verdict.relation == pair.relation
        assert pair == compare(articles[match.leader], articles[match.id], context=context)
        pair = compare(articles[match.id], articles[match.duplicate_of], context=context)
        assert agree(match.verdict.scores, pair.scores)
    return len(result.duplicates)


@pytest.mark.parametrize("keep", ["longest", "latest"])
def test_pairs_have_the_scores_of_the_run(keep: Any) -> None:
    articles = generated()
    result = deduplicate(articles, keep=keep)
    assert len(result.boilerplate) >= 6
    assert check_pairs(result, {str(article.id): article for article in articles}) > 5


def test_pairs_of_the_fixtures_have_the_scores_of_the_run(fixtures_dir: Path) -> None:
    lines = [
        line
        for path in (fixtures_dir / "news").glob("[mtw]*s*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    articles = {item["id"]: item for item in map(json.loads, lines) if "text" in item or "body" in item}
    for item in articles.values():
        item["url"], name = "https://a.example/", "text" if "text" in item else "body"
        item[name] = f"{item[name]}\n{LINE}\n{BLOCK}"
    result = deduplicate(articles.values())
    assert {LINE, BLOCK} <= {line.text for line in result.boilerplate}
    assert check_pairs(result, articles) > 10


def test_two_articles_alone_are_judged_as_a_pair() -> None:
    articles = generated()
    context = Context(deduplicate(articles).boilerplate)
    by_id = {str(article.id): article for article in articles}
    relations = set()
    for number in range(1, 40, 2):
        pair = by_id[f"a{number}"], by_id[f"b{number}"]
        verdict = compare(*pair, context=context)
        relations.add(verdict.relation)
        assert len(deduplicate(pair, context=context, threads=1).duplicates) == verdict.is_copy
    assert {"near", "template"} <= relations


def test_a_run_with_the_context_of_another_is_that_run(fixtures_dir: Path) -> None:
    articles = generated()
    first = deduplicate(articles)
    again = deduplicate(articles, context=Context.from_bytes(Context(first.boilerplate).to_bytes()))
    assert again.duplicates == first.duplicates
    assert again.boilerplate == first.boilerplate
    without = deduplicate(articles, context=Context())
    assert without.boilerplate == ()
    assert without.duplicates != first.duplicates


def test_what_was_ignored_is_told() -> None:
    one, other = f"{' '.join(words('a', 30))} {BLOCK}", f"{' '.join(words('b', 30))}\n{LINE}\n{BLOCK}"
    assert compare(one, other).relation == "template"  # each with a lead of its own
    verdict = compare(one, other, context=CONTEXT)
    assert (verdict.relation, verdict.passages) == ("unrelated", ())
    assert verdict.ignored == tuple(sorted([LINE, BLOCK]))
    assert compare(one, one, context=CONTEXT).relation == "exact"
    assert compare(BLOCK, f"{BLOCK}!", context=CONTEXT).relation == "exact"
    assert compare(BLOCK, f"{BLOCK} {LINE}", context=CONTEXT).relation == "unrelated"
    assert compare(one, other, context=Context()) == compare(one, other)


def test_a_passage_goes_on_over_what_was_ignored() -> None:
    told = words("a", 60)
    one, other = " ".join(told), " ".join([*told[:30], BLOCK, *told[30:]])
    (passage,) = compare(one, other, context=CONTEXT).passages
    assert (passage.one, passage.other) == (Span(0, len(one)), Span(0, len(other)))
    assert (passage.n_words, passage.similarity) == (60, 1.0)


def test_a_title_that_is_compared_is_looked_at_without_it() -> None:
    title = f"{' '.join(words('a', 40))} {BLOCK}"
    verdict = compare({"title": title}, {"text": title.replace("a39", "x"), "title": "Rain"}, context=CONTEXT)
    assert verdict.relation == "near"
    assert verdict.lookalike is not None
    assert verdict.lookalike.reworded == 1
