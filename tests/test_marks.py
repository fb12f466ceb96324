from __future__ import annotations

import numpy as np

from dedup.io.marks import MARK_FIELDS, Mark, given_marks, index_mark, run_marks, without_marks
from dedup.pair import Scores
from dedup.verdict import Verdict
from tests.test_writers import LED_BY_THIRD

DROPPED = Mark("b", False, "b", "unrelated", 0.25, 0.5, 0.3, version=False)


def test_a_run_says_of_each_row_what_it_is_to_the_kept_one() -> None:
    last = Mark("b", False, "b", "near", 0.6, 0.75, 0.7, version=False)
    assert list(run_marks(LED_BY_THIRD, np.arange(3))) == [DROPPED, Mark("b", True), last]
    assert list(run_marks(LED_BY_THIRD, np.array([2]))) == [last]
    assert list(run_marks(LED_BY_THIRD, np.array([], np.int64))) == []


def test_an_index_says_nothing_but_the_cluster_of_what_it_keeps() -> None:
    copy = Verdict("x", "c", "k", "near", Scores(0.5, 0.9, 0.6, None))
    assert index_mark(copy) == Mark("c", False, "k", "near", 0.5, 0.9, 0.6, version=False)
    version = Verdict("x", "c", None, "overlap", Scores(0.2, 0.3, 0.1, None), version=True)
    assert index_mark(version) == Mark("c", True)


def test_marks_are_found_by_their_rows() -> None:
    marks = [Mark(name, True) for name in "abc"]
    assert list(given_marks(marks)(np.array([0, 2]))) == [marks[0], marks[2]]


def test_fields_of_a_mark_are_those_that_are_left_out() -> None:
    assert tuple(DROPPED.fields()) == MARK_FIELDS
    assert MARK_FIELDS == (
        "dedup_cluster",
        "dedup_kept",
        "dedup_duplicate_of",
        "dedup_relation",
        "dedup_resemblance",
        "dedup_containment",
        "dedup_coverage",
        "dedup_version",
    )
    assert without_marks({"id": 1} | DROPPED.fields() | {"dedup_other": 2}) == {"id": 1, "dedup_other": 2}
