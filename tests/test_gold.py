"""The benchmark of gold sets, on sets of a few pairs made here."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from benchmarks.gold import predictions
from benchmarks.gold.grouped import components, stories
from benchmarks.gold.labelled import graded, labelled, paraphrases, ru_paraphraser, shifted, simplified
from benchmarks.gold.lexical import average_link, jaccard, jaccard_components
from benchmarks.gold.predictions import REWRITE, SAME_STORY, TITLE, Predictions
from benchmarks.gold.rows import Row, render
from benchmarks.gold.sets import Pair, join_ids, read_pairs
from dedup import Article

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROWS: list[dict[str, Any]] = [
    {"id": "m:1", "a": "rain fell on Orrin", "b": "Orrin saw rain fall", "label": 1, "grade": 1},
    {"id": "m:2", "a": "the mayor resigned", "b": "the mayor of Dunmere resigned", "label": 1, "grade": 1},
    {"id": "m:3", "a": "a ferry ran late", "b": "a ferry sank", "label": 0, "grade": -1},
    {"id": "m:4", "a": "prices of oak rose", "b": "the choir sang", "label": 0, "grade": -1},
    {"id": "m:5", "a": "fog over Marl", "b": "wind over Marl", "label": None, "grade": 0},
]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder of gold sets."""
    (tmp_path / "data/gold").mkdir(parents=True)
    for name in ("mrpc", "ru-paraphraser", "porsimples"):
        write(tmp_path / f"data/gold/{name}.jsonl.gz", ({**row, "lang": "en", "split": "1"} for row in ROWS))
    return tmp_path


def write(path: Path, records: Iterable[object]) -> None:
    text = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.fixture
def unshipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without scores of its own."""
    monkeypatch.setattr(predictions, "is_shipped", lambda _name: False)


@pytest.fixture
def constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that says 0.25 of every pair."""
    monkeypatch.setattr(predictions, "is_shipped", lambda _name: True)
    monkeypatch.setattr(
        predictions, "told", lambda _one, _other: dict.fromkeys((REWRITE, SAME_STORY, TITLE), 0.25)
    )


def folds_of(work: Path, said: dict[str, float], **more: Any) -> Predictions:
    write(
        work / "rewriting.oof.jsonl", ({"id": pair, REWRITE: score, **more} for pair, score in said.items())
    )
    return Predictions.read(work)


def figures(rows: Iterable[Row]) -> dict[str, float | None]:
    return {row.measure: row.ours for row in rows}


@pytest.mark.usefixtures("unshipped")
def test_without_scores_there_is_no_figure_but_that_of_lexical_methods(shared: Path, tmp_path: Path) -> None:
    rows = list(paraphrases("mrpc")(shared, Predictions.read(tmp_path / "nothing")))
    assert {(row.ours, row.scores) for row in rows} == {(None, "not trained yet")}
    assert rows[0].lexical["word"] == pytest.approx(0.75)
    assert "| mrpc | accuracy | 4 |  | not trained yet | 0.770 |" in render(rows)


@pytest.mark.usefixtures("constant")
def test_out_of_fold_scores_come_before_those_of_what_is_shipped(shared: Path, tmp_path: Path) -> None:
    scores = {"m:1": 0.9, "m:2": 0.8, "m:3": 0.6, "m:4": 0.1}
    rows = list(paraphrases("mrpc")(shared, folds_of(tmp_path, scores)))
    assert {row.scores for row in rows} == {"cross-validated"}
    assert figures(rows)["accuracy"] == pytest.approx(0.75)
    assert figures(rows)["calibration error"] == pytest.approx((0.1 + 0.2 + 0.6 + 0.1) / 4)


@pytest.mark.usefixtures("constant")
def test_what_was_not_trained_on_is_said_by_what_is_shipped(shared: Path, tmp_path: Path) -> None:
    some = list(paraphrases("mrpc")(shared, folds_of(tmp_path, {"m:1": 0.9})))
    assert {row.scores for row in some} == {"1 cross-validated, others as shipped"}
    assert figures(some)["accuracy"] == pytest.approx(0.75)
    none = list(paraphrases("mrpc")(shared, folds_of(tmp_path, {"x": 0.9})))
    assert {row.scores for row in none} == {"as shipped"}
    assert figures(none)["accuracy"] == pytest.approx(0.5)


@pytest.mark.usefixtures("unshipped")
def test_folds_that_are_not_whole_are_told(shared: Path, tmp_path: Path) -> None:
    rows = list(paraphrases("mrpc")(shared, folds_of(tmp_path, {"m:1": 0.9, "m:3": 0.2})))
    assert {row.scores for row in rows} == {"2 cross-validated, others not trained yet"}
    assert figures(rows)["accuracy"] == pytest.approx(1.0)


@pytest.mark.usefixtures("unshipped")
def test_near_pairs_are_one_class_with_the_same_or_left_out(shared: Path, tmp_path: Path) -> None:
    scores = {f"m:{n}": score for n, score in enumerate((0.9, 0.8, 0.2, 0.1, 0.3), 1)}
    rows = list(ru_paraphraser(shared, folds_of(tmp_path, scores)))
    found = {(row.set, row.measure): (row.size, round(row.ours or 0, 4)) for row in rows}
    assert found["ru-paraphraser two-class", "accuracy"] == (5, 0.8)
    assert found["ru-paraphraser, near left out", "accuracy"] == (4, 1.0)


@pytest.mark.usefixtures("constant")
def test_sentences_are_shifted_within_their_part(shared: Path, tmp_path: Path) -> None:
    pairs = read_pairs(shared, "porsimples")
    moved = list(shifted([*pairs[:3], replace(pairs[3], split="2"), replace(pairs[4], split="2")]))
    assert [(pair.one.text, pair.other.text, pair.label) for pair in moved] == [
        ("rain fell on Orrin", "the mayor of Dunmere resigned", False),
        ("the mayor resigned", "a ferry sank", False),
        ("prices of oak rose", "wind over Marl", False),
    ]
    assert not list(shifted([pairs[0], replace(pairs[0], id="again")]))
    said = folds_of(tmp_path, {"m:1": 0.9, moved[0].id: 0.7})
    rows = list(simplified("porsimples")(shared, said))
    assert rows[0].scores == "2 cross-validated, others as shipped"
    assert figures(rows)["recall"] == pytest.approx(1 / 2)


@pytest.mark.usefixtures("unshipped")
def test_grades_may_run_the_other_way(tmp_path: Path) -> None:
    texts = ["a b", "b c", "c d"]
    pairs = [
        Pair(text, Article(text), Article("a b"), None, 1.0 + place, "es", "")
        for place, text in enumerate(texts)
    ]
    write(
        tmp_path / "same_story.oof.jsonl",
        ({"id": text, SAME_STORY: 0.9 - n / 3} for n, text in enumerate(texts)),
    )
    row = graded("semeval22-text es", pairs, Predictions.read(tmp_path), SAME_STORY, -1)
    assert row.ours == pytest.approx(1.0)
    assert row.lexical["word"] > 0.9
    assert row.is_met


def test_headlines_are_compared_as_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Article, Article]] = []

    def told(one: Article, other: Article) -> dict[str, float]:
        asked.append((one, other))
        return {TITLE: 1.0}

    monkeypatch.setattr(predictions, "told", told)
    predictions.shipped(Article("x"), Article("y"), TITLE)
    predictions.shipped(Article("x"), Article("y"), REWRITE)
    predictions.shipped(Article("x", title="t"), Article("y"), TITLE)
    assert [(one.text, one.title) for one, _ in asked] == [("", "x"), ("x", None), ("x", "t")]


def test_a_target_is_met_by_the_figure_that_is_shown() -> None:
    row = Row("mrpc", "accuracy", 1, 0.7696, "cross-validated")
    assert row.is_met is True
    assert replace(row, ours=0.7694).is_met is False
    assert replace(row, ours=None).is_met is None
    assert replace(row, measure="AUC").is_met is None
    assert "0.770 missed" in render([replace(row, ours=0.5)])
    errors = Row("all folds", f"calibration error: {REWRITE}", 1, 0.04, "cross-validated")
    assert errors.is_met is True
    assert replace(errors, ours=0.06).is_met is False


def test_lexical_methods_by_hand() -> None:
    pairs = [("Rain, rain!", "rain in Orrin"), ("", ""), ("ab", "ab")]
    assert jaccard(pairs, "word") == pytest.approx([1 / 3, 0.0, 1.0])
    # " ab " is one 4-gram, " ac " another.
    assert jaccard([("ab", "ab"), ("ab", "ac"), ("abc", "abd")], "char-4") == pytest.approx([1.0, 0.0, 0.0])


TEXTS = [
    "the ferry sank off Skerrin",
    "a ferry sank off Skerrin",
    "oak prices rose in Orrin",
    "oak prices fell in Orrin",
]
TRUTH = ["f", "f", "o", "o"]


def test_average_link_finds_what_is_plain() -> None:
    assert max(cut.pair_f1 for cut in average_link(TEXTS, TRUTH)) == 1.0
    assert min(cut.predicted_clusters for cut in average_link(TEXTS, TRUTH)) >= 2


def test_components_of_resembling_texts() -> None:
    assert jaccard_components(TEXTS, TRUTH, 1, 0.5).pair_f1 == 1.0
    assert jaccard_components(TEXTS, TRUTH, 1, 0.9).pair_recall == 0.0
    assert components(4, [(0, 2)]) == [0, 1, 0, 2]
    assert components(2, []) == [0, 1]


def test_stories_of_held_out_models_come_first(tmp_path: Path) -> None:
    articles = [
        {"id": str(n), "title": None, "text": text, "cluster": cluster}
        for n, (text, cluster) in enumerate(zip(TEXTS, TRUTH, strict=True))
    ]
    write(tmp_path / "stories.oof.jsonl", ({"id": str(n), "story": n // 2} for n in range(4)))
    rows = list(stories("gva-news", articles, Predictions.read(tmp_path)))
    assert {row.scores for row in rows} == {"cross-validated"}
    assert figures(rows) == {"pair F1": 1.0, "ARI": 1.0, "B-cubed F1": 1.0}


def test_the_command_writes_a_table_and_its_rows(shared: Path, tmp_path: Path) -> None:
    command = import_module("benchmarks.gold.__main__").main
    folds_of(tmp_path, {"m:1": 0.9, "m:2": 0.8, "m:3": 0.3, "m:4": 0.1}, label=1)
    told = tmp_path / "rows.json"
    answer = CliRunner().invoke(
        command, ["--shared", str(shared), "--work", str(tmp_path), "--json", str(told), "mrpc", "folds"]
    )
    assert answer.exit_code == 0
    assert "| mrpc | accuracy | 4 | 1.000 | cross-validated | 0.770 |" in answer.stdout
    rows = {(row["set"], row["measure"]): row for row in json.loads(told.read_text())}
    assert rows["mrpc", "F1"]["met"] is True
    error = rows["all folds", f"calibration error: {REWRITE}"]
    assert (error["size"], error["ours"], error["met"]) == (
        4,
        pytest.approx((0.1 + 0.2 + 0.7 + 0.9) / 4),
        False,
    )


def test_pairs_without_a_name_are_called_by_both() -> None:
    assert join_ids("b", "a") == join_ids("a", "b") == "a|b"


def test_unlabelled_pairs_are_left_out(shared: Path, tmp_path: Path) -> None:
    said = folds_of(tmp_path, {f"m:{n}": 0.9 for n in range(1, 5)})
    (row,) = labelled("mrpc", read_pairs(shared, "mrpc"), said, REWRITE, ["accuracy"])
    assert (row.size, row.ours) == (4, 0.5)
