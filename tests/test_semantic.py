from __future__ import annotations

import json
import math
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.comparison import compare
from dedup.errors import MissingExtraError, ParameterError, ReadError
from dedup.match.scoring import pool
from dedup.semantic import EmbeddingScorer, load_scorer
from tests.embeddings import VECTORS, save_model

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.match.scoring import Scorer
    from tests.shell import Shell

words = st.lists(st.sampled_from([*VECTORS, "unheard", "\ud83d", "…"]), max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def scorer(folder: Path) -> EmbeddingScorer:
    return load_scorer(folder)


def logistic(cosine: float, midpoint: float = 0.75, slope: float = 12.0) -> float:
    return 1 / (1 + math.exp(-slope * (cosine - midpoint)))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


# Scores


def test_a_model_knows_words_of_one_meaning(scorer: EmbeddingScorer) -> None:
    asked: Scorer = scorer
    same, other, opposite = asked.score([("rain", "downpour"), ("rain", "bank"), ("rain", "drought")])
    assert same == pytest.approx(logistic(0.9 / math.hypot(0.9, 0.1)))
    assert other == pytest.approx(logistic(0.0))
    assert opposite == pytest.approx(logistic(-1.0))
    assert same > 0.9
    assert opposite < other < 0.001


def test_a_text_is_the_mean_of_its_words(scorer: EmbeddingScorer) -> None:
    (said,) = scorer.score([("Rain bank", "RAIN")])
    assert said == pytest.approx(logistic(math.sqrt(0.5)))


def test_midpoint_and_slope_make_the_probability(folder: Path) -> None:
    pairs = [("rain bank", "rain")]
    assert load_scorer(folder, midpoint=math.sqrt(0.5)).score(pairs) == [pytest.approx(0.5)]
    assert load_scorer(folder, midpoint=0.2, slope=3).score(pairs) == [
        pytest.approx(logistic(math.sqrt(0.5), 0.2, 3))
    ]


@pytest.mark.parametrize("text", ["", "unheard of", "…"])
def test_a_text_without_a_known_word_says_nothing(scorer: EmbeddingScorer, text: str) -> None:
    assert scorer.score([(text, "rain"), ("rain", text), (text, text)]) == [0.5, 0.5, 0.5]


def test_no_pair_is_no_answer(scorer: EmbeddingScorer) -> None:
    assert scorer.score([]) == []


def test_long_texts_are_cut(folder: Path) -> None:
    pairs = [("rain " * 4 + "bank " * 10_000, "rain")]
    assert load_scorer(folder, max_tokens=4).score(pairs) == [pytest.approx(logistic(1.0))]
    assert load_scorer(folder, max_tokens=5).score(pairs)[0] < logistic(1.0)


@given(st.lists(st.tuples(words, words), max_size=5))
def test_scores_are_symmetric_and_those_of_the_pairs(
    scorer: EmbeddingScorer, pairs: list[tuple[str, str]]
) -> None:
    scores = scorer.score(pairs)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert scores == pytest.approx(scorer.score([(other, one) for one, other in pairs]))
    assert scores == pytest.approx([scorer.score([pair])[0] for pair in pairs])


@given(words, words)
def test_compare_asks_the_model(scorer: EmbeddingScorer, one: str, other: str) -> None:
    found = compare(one, other, scorer=scorer)
    assert found == compare(other, one, scorer=scorer)
    back = compare(other, one, scorer=scorer).retelling
    assert found.retelling is not None
    assert back is not None
    assert found.retelling.rewrite_probability == back.rewrite_probability
    assert found.retelling.same_story_probability == back.same_story_probability


# Loading


@pytest.mark.usefixtures("no_network")
def test_a_model_is_loaded_from_its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    for path in (folder, str(folder), folder.name):
        assert dedup.load_scorer(path).score([("rain", "rain")]) == [pytest.approx(logistic(1.0))]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["minishlab/potion-base-8M", "model", "no/such/folder"])
def test_nothing_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReadError, match=f"^{name}: no such folder; .* nothing is downloaded"):
        load_scorer(name)


@pytest.mark.usefixtures("no_network")
def test_a_folder_that_goes_is_not_downloaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = folder.parent / "gone"
    monkeypatch.setattr("pathlib.Path.is_dir", lambda _: True)
    with pytest.raises(ReadError, match="gone: no model that model2vec can read"):
        load_scorer(gone)


def test_a_file_is_no_model(folder: Path) -> None:
    with pytest.raises(ReadError, match="no such folder"):
        load_scorer(folder / "config.json")


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff" * 100])
def test_a_damaged_model_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    save_model(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match="no model that model2vec can read") as caught:
        load_scorer(tmp_path)
    assert caught.value.__cause__ is not None


def test_a_model_with_numbers_that_are_none_is_told(tmp_path: Path) -> None:
    save_model(tmp_path, {"rain": (math.nan, 0.0, 0.0), "bank": (0.0, 1.0, 0.0)})
    with pytest.raises(ParameterError, match="the scorer said nan"):
        compare("rain", "bank", scorer=load_scorer(tmp_path))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"midpoint": 1.5}, "midpoint is 1.5; a cosine from -1 to 1"),
        ({"midpoint": math.nan}, "midpoint is nan"),
        ({"slope": 0.0}, "slope is 0.0; a number above 0"),
        ({"slope": math.inf}, "slope is inf"),
        ({"max_tokens": 0}, "max_tokens is 0; 1 or more"),
    ],
)
def test_figures_out_of_range(folder: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        load_scorer(folder, **given)


def test_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[semantic\]'"):
        load_scorer(folder)


# The command


def test_compare_with_a_model(shell: Shell, tmp_path: Path, folder: Path) -> None:
    pairs = [("rain", "downpour"), ("rain", "bank")]
    lines = [json.dumps({"id": n, "a": a, "b": b}) + "\n" for n, (a, b) in enumerate(pairs)]
    (tmp_path / "pairs").write_text("".join(lines))
    before, after = (
        [
            json.loads(line)["rewrite_probability"]
            for line in shell("compare", "--pairs", tmp_path / "pairs", *given).out.splitlines()
        ]
        for given in ((), ("--model", folder, "--model-weight", "0.5"))
    )
    said = load_scorer(folder).score(pairs)
    assert after == [pool(own, other, 0.5) for own, other in zip(before, said, strict=True)]
    answer = shell("compare", "--text", "rain", "--text", "downpour", "--json", "--model", folder)
    assert json.loads(answer.out)["rewrite_probability"] == pool(before[0], said[0])


def test_compare_with_no_model(shell: Shell, tmp_path: Path) -> None:
    answer = shell("compare", "--text", "rain", "--text", "rain", "--model", tmp_path / "none")
    assert (answer.status, answer.out) == (2, "")
    assert "none: no such folder" in answer.err
    answer = shell("compare", "--text", "rain", "--text", "rain", "--model", tmp_path, "--model-weight", "2")
    assert answer.status == 2
    assert "--model-weight" in answer.err
