"""The dumps that growth is measured on: the same for a seed, and what their truth says of them is so."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.growing import learn, write_dump
from benchmarks.growth import beyond_linear
from benchmarks.publishing import LONG_KINDS, copy_article, copy_item, edit, retitle, set_text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

    from benchmarks.growing import Model

WORDS = [f"word{number}" for number in range(400)]


def draw(rng: Generator, count: int) -> list[str]:
    return [f"drawn{number}" for number in rng.integers(9, size=count)]


@pytest.fixture(params=[False, True], ids=["long", "short"])
def corpus(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Model]:
    rng = np.random.default_rng(7)
    articles, truth = tmp_path / "c.jsonl", tmp_path / "c.truth.jsonl"
    with articles.open("w") as stream, truth.open("w") as answers:
        for number in range(40):
            title = " ".join(rng.choice(WORDS, 6))
            text = " ".join(" ".join(rng.choice(WORDS, 12)) + "." for _ in range(12))
            text = f"{title}. {text}" if request.param else text
            stream.write(json.dumps({"id": str(number), "title": title, "text": text}) + "\n")
            kinds = "orig", "copy", "copy", "copy", "single"
            cluster = number // 5 * 2 + (number % 5 == 4)
            answers.write(
                json.dumps({"id": str(number), "cluster": cluster, "kind": kinds[number % 5]}) + "\n"
            )
    return "short" if request.param else "long", learn(articles, truth, titled=request.param)


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_seed_gives_the_same_dump_and_another_seed_another(
    corpus: tuple[str, Model], tmp_path: Path
) -> None:
    name, model = corpus
    paths = [tmp_path / one for one in "abc"]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        write_dump(path, path.with_suffix(".truth"), name, model, 60, seed)
    first, again, other = (path.read_bytes() for path in paths)
    assert first == again
    assert first != other
    assert len({one["id"] for one in read(paths[0])}) == 60


def test_a_smaller_dump_has_the_first_clusters_of_a_larger_one(
    corpus: tuple[str, Model], tmp_path: Path
) -> None:
    name, model = corpus
    found = []
    for size in (30, 90):
        path = tmp_path / str(size)
        write_dump(path, path.with_suffix(".truth"), name, model, size)
        truths = read(path.with_suffix(".truth"))
        texts = [one["text"] for one in read(path)]
        found.append({(one["cluster"], text) for one, text in zip(truths, texts, strict=True)})
    assert found[0] < found[1]


def test_an_exact_copy_has_the_text_of_its_original_and_no_two_originals_share_one(
    corpus: tuple[str, Model], tmp_path: Path
) -> None:
    name, model = corpus
    path = tmp_path / "d"
    write_dump(path, path.with_suffix(".truth"), name, model, 200)
    texts = defaultdict[tuple[str, str], list[str]](list)
    for one, record in zip(read(path.with_suffix(".truth")), read(path), strict=True):
        assert one["id"] == record["id"]
        texts[one["cluster"], one["kind"]].append(record["text"])
    exact = [(key[0], text) for key, found in texts.items() if key[1] == "exact" for text in found]
    assert exact
    assert all(text == texts[cluster, "orig"][0] for cluster, text in exact)
    originals = [found for key, found in texts.items() if key[1] in {"orig", "single"}]
    assert all(len(found) == 1 for found in originals)
    assert len({found[0] for found in originals}) == len(originals)


def test_an_edit_changes_the_share_of_words_that_was_asked_for() -> None:
    edited = edit(WORDS, 0.05, np.random.default_rng(3), draw)
    assert len(set(WORDS) - set(" ".join(edited).split())) <= 20
    assert edited != WORDS


@pytest.mark.parametrize("kind", LONG_KINDS)
def test_copies_of_a_kind_keep_most_words(kind: str) -> None:
    text = copy_article(kind, WORDS, "dailypost", np.random.default_rng(5), draw)
    kept = len(set(WORDS) & set(text.lower().split())) / len(WORDS)
    assert kept >= (0.59 if kind == "truncated" else 0.9)
    assert kind == "reflow" or (text == set_text(WORDS)) == (kind == "exact")
    if kind in {"boilerplate", "boiler+edit"}:
        assert "dailypost" in text


def test_items_keep_their_headline_unless_they_are_retitled() -> None:
    title = WORDS[:9]
    rng = np.random.default_rng(5)
    assert copy_item("cut", title, WORDS, rng, draw)[0] == title
    assert copy_item("retitled", title, WORDS, rng, draw)[1] == WORDS
    assert sum(one != other for one, other in zip(retitle(title, rng, draw), title, strict=True)) == 3


def test_growth_is_told_for_each_doubling() -> None:
    assert beyond_linear(8.0, 1.0, 800, 100) == pytest.approx(1.0)
    assert beyond_linear(64.0, 1.0, 800, 100) == pytest.approx(2.0)
