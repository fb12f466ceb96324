from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.values import as_json, as_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(values)
def test_what_json_has_stays_as_it_is(value: Any) -> None:
    assert as_json(value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC), "2026-11-26T01:02:03+00:00"),
        (
            datetime(2026, 11, 26, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-26T01:02:03.000004+02:00",
        ),
        (date(2026, 1, 2), "2026-01-02"),
        (time(1, 2, 3), "01:02:03"),
        (timedelta(days=1, microseconds=5), "PT86400.000005S"),
        (timedelta(seconds=-1.5), "-PT1.500000S"),
        (Decimal("123456789012345678901234567890.10"), "123456789012345678901234567890.10"),
        (b"\x00\xff", "AP8="),
        (float("nan"), None),
        (float("-inf"), None),
        (2**200, 2**200),
        ([("k", b"a")], [["k", "YQ=="]]),
        ({1: date(2026, 1, 2)}, {"1": "2026-01-02"}),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_what_json_has_not(value: Any, expected: Any) -> None:
    assert as_json(value) == expected
    json.dumps(as_json(value), allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("a", "a"),
        (False, "false"),
        (1, "1"),
        (2**70, "1180591620717411303424"),
        (0.1, "0.1"),
        (float("nan"), ""),
        (Decimal("1.10"), "1.10"),
        (["é", 1], '["é",1]'),
        ({"a": {"b": None}}, '{"a":{"b":null}}'),
    ],
)
def test_cells(value: Any, text: str) -> None:
    assert as_text(value) == text


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@given(nested)
def test_what_is_too_deep_is_the_same_as_a_string_of_json(value: Any) -> None:
    deep: Any = value if isinstance(value, dict | list) else [value]
    expected = as_json(deep)
    for _ in range(100):
        deep = [deep]
    found = as_json(deep)
    for _ in range(100):
        (found,) = found
    assert json.loads(found) == expected
    assert found == json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
