from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

from dedup.deduplicator import deduplicate
from dedup.errors import ParameterError, ReadError
from dedup.match.relation import Limits
from dedup.progress import Progress
from dedup.sketch.banding import choose_bands
from dedup.tuned import DEFAULT
from dedup.tuning import THRESHOLDS, tune, tune_files
from tests.shell import NEWS, ROOT, write

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The council voted on Monday to close the old swimming pool at the end of the season."


def test_the_default_is_that_of_a_run() -> None:
    assert (Limits().resemblance, signature(deduplicate).parameters["recall"].default) == DEFAULT
    for name in ("max_perm", "walk", "seed"):
        defaults = {signature(face).parameters[name].default for face in (deduplicate, tune, tune_files)}
        assert len(defaults) == 1


def test_cuts_come_by_threshold_then_by_recall_each_once() -> None:
    cuts = tune(thresholds=[0.7, 0.4, 0.7], recalls=[0.99, 0.9]).cuts
    assert [(cut.threshold, cut.recall) for cut in cuts] == [(0.4, 0.9), (0.4, 0.99), (0.7, 0.9), (0.7, 0.99)]
    assert tuple(cut.threshold for cut in tune().cuts) == THRESHOLDS


def test_without_articles_there_is_no_survey() -> None:
    assert tune().survey is None
    assert tune([]).survey is not None


def test_what_can_not_be_met_is_told_beside_what_can() -> None:
    tuning = tune(thresholds=[0.05, 0.4], max_perm=40, recalls=[0.9])
    assert [cut.threshold for cut in tuning.cuts] == [0.4]
    (one,) = tuning.impossible
    assert (one.threshold, one.recall) == (0.05, 0.9)
    with pytest.raises(ParameterError) as refused:
        choose_bands(0.05, 0.9, 40)
    assert one.reason == str(refused.value)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"thresholds": [0.0]}, "threshold is 0.0"),
        ({"thresholds": [0.4, 1.5]}, "threshold is 1.5"),
        ({"thresholds": [float("nan")]}, "threshold is nan"),
        ({"recalls": [1.0]}, "recall is 1.0"),
        ({"max_perm": 0}, "max_perm is 0"),
        ({"thresholds": []}, "at least one of each"),
        ({"recalls": []}, "at least one of each"),
        ({"thresholds": "0.4"}, "thresholds is one str"),
        ({"thresholds": 0.4}, "thresholds is one float"),
        ({"thresholds": [0.01], "max_perm": 8}, "possible: max_perm"),
        ({"max_pairs": 0}, "max_pairs is 0"),
        ({"examples": -1}, "examples is -1"),
        ({"walk": 0}, "walk is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"plot": "plot.gif"}, "no name of a plot"),
    ],
)
def test_what_is_out_of_range_is_refused_before_anything_is_read(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        tune_files(["no such file"], **asked)
    articles = iter([TEXT])
    with pytest.raises(ParameterError, match=message):
        tune(articles, **asked)
    assert list(articles) == [TEXT]


def test_files_say_what_articles_in_memory_do(tmp_path: Path) -> None:
    records = [{"id": "a", "text": TEXT}, {"id": "b", "text": f"{TEXT} More."}, {"id": "c", "text": "Rain."}]
    of_files = tune_files([write(tmp_path / "d.jsonl", *records)], thresholds=[0.5, 0.9]).survey
    in_memory = tune(records, thresholds=[0.5, 0.9]).survey
    assert of_files is not None
    assert in_memory is not None
    told = {"fields", "damaged", "unread_date"}
    one, other = (
        {name: value for name, value in survey.as_dict().items() if name not in told}
        for survey in (of_files, in_memory)
    )
    assert one == other
    assert list(of_files.fields) == [str(tmp_path / "d.jsonl")]


@pytest.mark.slow
def test_examples_are_the_nearest_to_each_threshold() -> None:
    names = [ROOT / name for name in NEWS[:2]]
    whole, some = (
        tune_files(names, thresholds=[0.4, 0.9], examples=examples).survey for examples in (None, 1)
    )
    assert whole is not None
    assert some is not None
    gap, shown = whole.between[0], some.between[0]
    assert len(gap.articles) == gap.count == shown.count > 3
    held = [one for one in gap.articles if one.holds_to < 0.9]
    assert shown.articles == (gap.articles[0], held[-1])


def test_damaged_records_are_counted_and_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", {"text": TEXT}, {"text": 3}, {"text": TEXT, "date": "11/25/2026"})
    with pytest.raises(ReadError, match="text is of type int"):
        tune_files([path])
    survey = tune_files([path], on_error="skip").survey
    assert survey is not None
    assert [item.place.record for item in survey.damaged] == [2]
    assert {effect.counts.damaged for effect in survey.effects} == {1}
    assert {effect.counts.unread_dates for effect in survey.effects} == {1}
    assert survey.unread_date == "'11/25/2026'"


def test_a_plot_is_not_written_over_an_input(tmp_path: Path) -> None:
    path = write(tmp_path / "d.svg", {"text": TEXT})
    with pytest.raises(ParameterError, match="is an input and would be overwritten"):
        tune_files([path], plot=path)


def test_progress_is_told() -> None:
    steps: list[Progress] = []
    names = [ROOT / name for name in NEWS]
    tune_files(names, thresholds=[0.5], progress=steps.append)
    size = sum(name.stat().st_size for name in names)
    assert Progress("reading", size, size) in steps
    stages = dict.fromkeys(step.stage for step in steps)
    assert [*stages] == ["reading", "signing", "learning", "grouping", "verifying"]
