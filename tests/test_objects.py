from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dedup.io.marks import MARK_FIELDS, Mark
from dedup.io.objects import one_line, with_mark, without

MARKS = [Mark("x", True), Mark('a"\\\n', False, 'a"\\\n', "near", 0.5, 0.75, 0.3333)]

names = st.text(st.sampled_from('ab{}",:\\\n é')) | st.sampled_from(
    ["dedup_kept", "dedup_cluster", "dedup_x"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
    max_leaves=6,
)
objects = st.dictionaries(names, values).map(lambda record: {"text": "news", **record})
ways = st.sampled_from(
    [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"indent": "\t"}]
)


@given(objects, ways, st.sampled_from(["", "\r\n", " \n", "\n"]), st.sampled_from(MARKS))
def test_a_mark_is_put_in_and_nothing_else_changes(
    record: dict[str, Any], way: dict[str, Any], end: str, mark: Mark
) -> None:
    record = {name: value for name, value in record.items() if name not in MARK_FIELDS}
    data = (json.dumps(record, **way) + end).encode()
    marked = with_mark(data, mark)
    assert list(json.loads(marked).items()) == [*record.items(), *mark.fields().items()]
    before = marked[: marked.rindex(b',"dedup_cluster"')]
    assert data.startswith(before)
    assert marked.endswith(data[len(before) :])


@given(objects, ways, st.sampled_from(MARKS), st.sampled_from(MARKS))
def test_a_mark_takes_the_place_of_an_earlier_one(
    record: dict[str, Any], way: dict[str, Any], first: Mark, second: Mark
) -> None:
    data = json.dumps(record, **way).encode()
    marked = with_mark(with_mark(data, first), second)
    assert marked == with_mark(data, second)
    pairs = json.loads(marked, object_pairs_hook=list)
    assert len({name for name, _ in pairs}) == len(pairs)


@given(objects, ways, st.sets(names))
def test_members_are_left_out(record: dict[str, Any], way: dict[str, Any], unwanted: set[str]) -> None:
    left = {name: value for name, value in record.items() if name not in unwanted}
    assert json.loads(without(json.dumps(record, **way).encode(), unwanted)) == left


def test_digits_escapes_and_broken_utf8_stand() -> None:
    data = b'{"dedup_kept":true,"n":1.50e+3,"big":12345678901234567890.123456789, "t":"\\u00e9\xff\\/","text":"a"}\r\n'
    assert with_mark(data, MARKS[0]).startswith(
        b'{"n":1.50e+3,"big":12345678901234567890.123456789, "t":"\\u00e9\xff\\/","text":"a","dedup_cluster":"x",'
    )


def test_a_name_that_only_resembles_a_mark_stands() -> None:
    data = b'{"text":"\\"dedup_kept\\"","dedup_other":1,"in":{"dedup_kept":2}}'
    assert with_mark(data, MARKS[0]).startswith(data[:-1] + b',"dedup_cluster"')


@given(objects, ways)
def test_an_object_on_one_line_is_the_same(record: dict[str, Any], way: dict[str, Any]) -> None:
    line = one_line(json.dumps(record, **way).encode())
    assert json.loads(line) == record
    assert not {*b"\r\n"} & {*line}


def test_much_space_costs_no_more_than_much_text() -> None:
    """By squares this would take hours."""
    space = b" " * 3_000_000
    assert one_line(b'{"text":"' + space + b'"}\n') == b'{"text":"' + space + b'"}'
    assert one_line(b"{" + b"\n " * 1_000_000 + b'"text":"a"}') == b'{ "text":"a"}'
    assert with_mark(b'{"text":"a"' + space + b"}", MARKS[0]).startswith(b'{"text":"a","dedup_cluster":')


def test_what_is_nested_too_deeply_to_look_into_is_marked_nevertheless() -> None:
    data = b'{"dedup_kept":1,"text":"a","deep":' + b"[" * 900_000 + b"]" * 900_000 + b"}"
    assert with_mark(data, MARKS[0]).startswith(data[:-1])
