from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dedup.dates import parse_date

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
