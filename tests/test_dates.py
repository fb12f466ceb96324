from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.dates import moment_of, parse_date

DAY = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["25 Nov 2026", " 25 NOVEMBER 2026 ", "Nov 25, 2026", "Nov. 25 2026", "Wed, 25 Nov 2026", "25-Nov-2026"],
)
def test_a_day_in_words(text: str) -> None:
    assert parse_date(text) == DAY
    assert parse_date(f"{text.strip()} 07:05") == DAY.replace(hour=7, minute=5)


@pytest.mark.parametrize("factor", [1, 1000, 1_000_000])
def test_an_epoch_in_any_unit(factor: int) -> None:
    number = int(DAY.timestamp()) * factor
    assert parse_date(number) == parse_date(str(number)) == parse_date(float(number)) == DAY


@pytest.mark.parametrize(
    "text", ["11/25/2026", "25/11/2026", "25.11.2026", "Nov 2026", "31 Feb 2026", "25 Now 2026"]
)
def test_what_nobody_can_tell_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("written", "year"), [("0001-01-01T00:00:00+05:00", 1), ("9999-12-31T23:59:59.5-05:00", 9999)]
)
def test_a_date_that_its_time_zone_puts_out_of_range_is_the_nearest(written: str, year: int) -> None:
    moment = parse_date(written)
    assert moment is not None
    found = moment_of(moment.timestamp())
    assert found is not None
    assert (found.year, found.tzinfo) == (year, UTC)
    assert moment_of(math.nan) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_seconds_give_the_date_again(moment: datetime) -> None:
    found = moment_of(moment.timestamp())
    assert found is not None
    assert abs(found - moment) < timedelta(seconds=1)
