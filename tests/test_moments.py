from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dedup.errors import ParameterError
from dedup.moments import moment_of, seconds_of


@pytest.mark.parametrize(
    ("length", "seconds"),
    [
        ("90s", 90),
        ("2m", 120),
        ("1.5h", 5400),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
        (60, 60),
        (timedelta(1), 86400),
    ],
)
def test_lengths_of_time(length: str | timedelta | float, seconds: int) -> None:
    assert seconds_of(length) == seconds


@pytest.mark.parametrize(
    "length", ["", "30", "d", "-1d", "1.2.3d", "0s", "30 days", "²d", 0, -5, 1e15, timedelta(0)]
)
def test_what_is_no_length_of_time(length: str | timedelta | float) -> None:
    with pytest.raises(ParameterError, match="is no length of time"):
        seconds_of(length)


def test_moments() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    now = noon.timestamp()
    assert moment_of(noon, 0.0) == now
    assert moment_of("2026-03-01T13:00+01:00", 0.0) == now
    assert moment_of("1d", now) == moment_of(timedelta(days=1), now) == now - 86400
    assert moment_of("20260301", 0.0) == moment_of("2026-03-01", 0.0)
    assert moment_of("1772366400", 0.0) == moment_of("1772366400.0", 0.0) == now
    for wrong in ("yesterday", "", "xd"):
        with pytest.raises(ParameterError):
            moment_of(wrong, now)


@pytest.mark.parametrize("before", ["30", " 30", "30.5", "-30", "0", "99999999.5", "9999999", "99999999"])
def test_a_bare_small_number_is_no_moment(before: str) -> None:
    with pytest.raises(ParameterError, match=r"a number without a unit; write how long ago, e\.g\."):
        moment_of(before, 2e9)
