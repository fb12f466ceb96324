from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Damaged, Place
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD, Source, copy_spans
from dedup.io.writers import cluster_lines, damaged_lines, dump_line
from dedup.pair import RELATIONS
from dedup.result import Partition, TitleMatches, Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dedup.pair import Relation

#: What our records are made of: scores have four decimals, counts are counts.
#: A surrogate may stand alone, but not before its other half: JSON knows the two as one character.
texts = st.text() | st.text(st.sampled_from('a"\\/\n\r\t\b\f\x00\x1f\x7f\x80\u2028é\ud83d'))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.integers(0, 10_000).map(lambda k: k / 10_000)
    | texts
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


@given(values)
def test_a_line_is_read_as_it_was_written(value: object) -> None:
    line = dump_line(value)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == value


@given(values)
def test_lines_are_the_same_with_and_without_orjson(value: object) -> None:
    line = dump_line(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.io.writers.orjson", None)
        assert dump_line(value) == line


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"id": "é", "kept": True}, '{"id":"é","kept":true}\n'.encode()),
        ({"a": None, "b": 0.5193}, b'{"a":null,"b":0.5193}\n'),
        (["\ud83d", "é"], b'["\\ud83d","\\u00e9"]\n'),
        (1.0, b"1.0\n"),
        ({}, b"{}\n"),
    ],
)
@pytest.mark.parametrize("orjson", [True, False])
def test_lines(value: object, line: bytes, orjson: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not orjson:
        monkeypatch.setattr("dedup.io.writers.orjson", None)
    assert dump_line(value) == line


# Spans


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_spans_are_copied(tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]) -> None:
    path = tmp_path_factory.mktemp("spans") / "x"
    path.write_bytes(b"." + data)  # no compression begins with a point
    bounds = sorted({min(cut, len(data)) for cut in cuts})
    spans = [(start + 1, stop + 1) for start, stop in zip(bounds[::2], bounds[1::2], strict=False)]
    output = io.BytesIO()
    copy_spans(Source(str(path)), spans, output)
    expected = b"".join((b"." + data)[start:stop] for start, stop in spans)
    assert output.getvalue() == expected + (b"\n" if expected and not expected.endswith(b"\n") else b"")


def test_long_spans_are_copied_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = b"".join(b"%09d\n" % number for number in range(400_000))
    path.write_bytes(data)
    output = io.BytesIO()
    copy_spans(Source(str(path)), [(0, 10), (10, 3_000_000), (3_000_010, 4_000_000)], output)
    assert output.getvalue() == data[:3_000_000] + data[3_000_010:]


# Clusters


@pytest.fixture
def inputs(tmp_path: Path) -> Iterator[Inputs]:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a"}\n\n{"text": "b"}\n{"text": "c"}\n')
    with Inputs([str(path)], None, "raise", MAX_RECORD) as taken:
        list(taken.batches())
        yield taken


def verdicts(*rows: tuple[Relation, float, float, float, float | None]) -> Verdicts:
    relations, resemblance, containment, coverage, continuity = zip(*rows, strict=True)
    return Verdicts(
        np.array([RELATIONS.index(relation) for relation in relations], np.int8),
        *(np.array(column, np.float64) for column in (resemblance, containment, coverage, continuity)),
    )


TO_KEPT = verdicts(
    ("unrelated", 0.25, 0.5, 0.3, 0.1234), ("exact", 1, 1, 1, 1), ("near", 0.6, 0.75, 0.7, None)
)
TO_LEADER = verdicts(("near", 0.41, 0.42, 0.43, None), ("near", 0.6, 0.75, 0.7, None), ("exact", 1, 1, 1, 1))
#: The second is kept of three, though the third leads; the same, where the second leads.
LED_BY_THIRD = Partition(
    ["a", "b", "c"], np.array([1, 1, 1]), np.array([2, 2, 2]), np.arange(3), TO_KEPT, TO_LEADER, 0, 0
)._replace(titles=TitleMatches(np.array([0.8333, np.nan, np.nan]), np.zeros(3, np.bool_)))
LED_BY_KEPT = LED_BY_THIRD._replace(leaders=np.array([1, 1, 1]), to_leader=TO_KEPT)


def lines_of(partition: Partition, inputs: Inputs, *, all_rows: bool = True) -> list[dict[str, object]]:
    return [json.loads(line) for line in cluster_lines(partition, inputs, all_rows=all_rows)]


def test_each_article_has_a_line(inputs: Inputs) -> None:
    name = inputs.names[0]
    assert lines_of(LED_BY_KEPT, inputs) == [
        {
            "id": "a",
            "cluster": "b",
            "kept": False,
            "duplicate_of": "b",
            "relation": "unrelated",
            "resemblance": 0.25,
            "containment": 0.5,
            "coverage": 0.3,
            "continuity": 0.1234,
            "title_match": 0.8333,
            "version": False,
            "leader": None,
            "input": name,
            "record": 1,
        },
        {
            "id": "b",
            "cluster": "b",
            "kept": True,
            "duplicate_of": None,
            "relation": None,
            "resemblance": None,
            "containment": None,
            "coverage": None,
            "continuity": None,
            "title_match": None,
            "version": None,
            "leader": None,
            "input": name,
            "record": 3,
        },
        {
            "id": "c",
            "cluster": "b",
            "kept": False,
            "duplicate_of": "b",
            "relation": "near",
            "resemblance": 0.6,
            "containment": 0.75,
            "coverage": 0.7,
            "continuity": None,
            "title_match": None,
            "version": False,
            "leader": None,
            "input": name,
            "record": 4,
        },
    ]


def test_titles_that_nobody_compared_are_told_as_no_match(inputs: Inputs) -> None:
    lines = lines_of(LED_BY_KEPT._replace(titles=None), inputs)
    assert [line["title_match"] for line in lines] == [None] * 3


def test_where_the_kept_does_not_lead_the_leader_is_told(inputs: Inputs) -> None:
    one, kept, leader = lines_of(LED_BY_THIRD, inputs)
    assert one["leader"] == {
        "id": "c",
        "relation": "near",
        "resemblance": 0.41,
        "containment": 0.42,
        "coverage": 0.43,
        "continuity": None,
    }
    assert kept["leader"] is None
    assert leader["leader"] == {
        "id": "c",
        "relation": "exact",
        "resemblance": 1.0,
        "containment": 1.0,
        "coverage": 1.0,
        "continuity": 1.0,
    }
    without_leader = [{**line, "leader": None} for line in (one, kept, leader)]
    assert without_leader == lines_of(LED_BY_KEPT, inputs)


@pytest.mark.parametrize("partition", [LED_BY_KEPT, LED_BY_THIRD])
def test_each_dropped_article_has_the_same_line_among_the_duplicates(
    inputs: Inputs, partition: Partition
) -> None:
    clusters = list(cluster_lines(partition, inputs, all_rows=True))
    assert list(cluster_lines(partition, inputs, all_rows=False)) == [clusters[0], clusters[2]]


def test_cluster_lines_are_the_same_without_orjson(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    with_orjson = list(cluster_lines(LED_BY_THIRD, inputs, all_rows=True))
    monkeypatch.setattr("dedup.io.writers.orjson", None)
    assert list(cluster_lines(LED_BY_THIRD, inputs, all_rows=True)) == with_orjson


def test_each_damaged_record_has_a_line() -> None:
    damaged = [Damaged(Place("a.jsonl", 3), "broken JSON: x"), Damaged(Place("b\x1b.jsonl", 1), "no text")]
    assert [json.loads(line) for line in damaged_lines(damaged)] == [
        {"input": "a.jsonl", "record": 3, "reason": "broken JSON: x"},
        {"input": "b\x1b.jsonl", "record": 1, "reason": "no text"},
    ]
    assert b"\x1b" not in b"".join(damaged_lines(damaged))
