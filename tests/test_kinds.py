from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.io.kinds import Kind, Many, Named, check_columns, common, join, kind_of

numbers = st.sampled_from([0, -1, 2**53, 2**53 + 1, -(2**63), 2**63, 2**63 - 1, 1.5, -0.0])
scalars = st.none() | st.booleans() | numbers | st.text(max_size=2)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)
kinds = values.map(kind_of)


@given(kinds, kinds, kinds)
def test_joining_is_the_same_in_any_order_and_grouping(one: Kind, other: Kind, third: Kind) -> None:
    assert join(one, other) == join(other, one)
    assert join(join(one, other), third) == join(one, join(other, third))
    assert join(one, one) == one
    assert join(one, "nothing") == one


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "nothing"),
        ([None, "a"], "text"),
        ([True, None], "bool"),
        ([True, 1], "text"),
        ([1, 2**60], "long"),
        ([1, 2.5], "float"),
        ([2**60, 2.5], "text"),
        ([2**64], "text"),
        ([1, "1"], "text"),
        ([["a"], []], Many("text")),
        ([[1], [2.5], [None]], Many("float")),
        ([[1], "a"], "text"),
        ([{"a": 1}, {"b": [True]}], Named({"a": "int", "b": Many("bool")})),
        ([{"a": 1}, {"a": "x"}], Named({"a": "text"})),
        ([{}], "text"),
        ([{"a": 1}, [1]], "text"),
        ([{str(number): 1 for number in range(300)}], "text"),
        ([{str(number): 1} for number in range(300)], "text"),
    ],
)
def test_kinds_of_columns(values: list[Any], kind: Kind) -> None:
    assert common(map(kind_of, values)) == kind
    for some in list(permutations(values))[:6] if len(values) < 4 else [values[::-1]]:
        assert (
            common(map(kind_of, some)) in (kind, Named(dict(reversed(kind.members.items()))))
            if isinstance(kind, Named)
            else kind
        )


def test_what_is_nested_too_deeply_is_text() -> None:
    kind = kind_of(json.loads("[" * 400 + "]" * 400))
    depth = 0
    while isinstance(kind, Many):
        kind, depth = kind.of, depth + 1
    assert (kind, depth) == ("text", 16)


def test_keys_without_end_are_no_columns() -> None:
    check_columns(10_000)
    with pytest.raises(
        ParameterError, match="more than 10,000 fields, too many for columns; write to JSON lines"
    ):
        check_columns(10_001)
