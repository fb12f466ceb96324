"""Dates of pages: what of all that is said is the day of publication."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.pagedates import day_in_url, first_date, said_in, written_day

FETCHED = datetime(2026, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-09", "2026-03-09"),
        ("Updated 2026/3/9 at noon", "2026-03-09"),
        ("2026年3月9日（月）", "2026-03-09"),
        ("9.3.2026, 18.30 Uhr", "2026-03-09"),
        ("9 March 2026", "2026-03-09"),
        ("Monday, March 9th, 2026, 6:30 PM", "2026-03-09"),
        ("09-Mar-2026", "2026-03-09"),
        ("Sept. 1, 2025", "2025-09-01"),
        ("03/09/2026", None),
        ("30 February 2026", None),
        ("2026-13-01", None),
        ("version 1.2.2026.4", None),
        ("March 2026", None),
        ("call 12026-03-09", None),
        ("", None),
    ],
)
def test_days_as_people_write_them(text: str, day: str | None) -> None:
    assert written_day(text) == day


@given(st.dates(datetime(1990, 1, 1, tzinfo=UTC).date(), datetime(2089, 12, 31, tzinfo=UTC).date()))
def test_every_day_is_read_in_each_way(day: datetime) -> None:
    ways = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d %b %Y")
    assert {written_day(day.strftime(way)) for way in ways} == {day.isoformat()}
    assert day_in_url(f"https://a.example{day.strftime('/%Y/%m/%d/')}pool") == day.isoformat()


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    day = written_day(text)
    assert day is None or datetime.fromisoformat(day)
    assert first_date([text], FETCHED) is None or datetime.fromisoformat(first_date([text], FETCHED) or "")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["2026-03-09T18:30:00+01:00", "2026-03-10"], "2026-03-09T18:30:00+01:00"),
        (["2026-03-09T18:30:00"], "2026-03-09T18:30:00+00:00"),
        (["Mon, 09 Mar 2026 18:30:00 +0100"], "2026-03-09T18:30:00+01:00"),
        (["1773077400"], "2026-03-09T17:30:00+00:00"),
        (["2026-03-09"], "2026-03-09"),
        ([None, "", "yesterday", "2026-03-09"], "2026-03-09"),
        (["1970-01-01T00:00:00Z", "2026-03-09"], "2026-03-09"),
        (["2026-03-20", "2026-03-09"], "2026-03-09"),
        (["soon"], None),
        ([], None),
    ],
)
def test_the_first_that_can_be_is_taken(said: list[str | None], found: str | None) -> None:
    assert first_date(said, FETCHED) == found


def test_names_of_meta_elements_have_an_order() -> None:
    metas = {
        "date": "c",
        "lastmod-date": "x",
        "pubdate": "b",
        "article:published_time": "a",
        "story-created": "d",
    }
    assert said_in(metas) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2026/03/09/pool.html", "2026-03-09"),
        ("https://a.example/pool-2026-03-09", "2026-03-09"),
        ("https://a.example/20260309/pool", "2026-03-09"),
        ("https://a.example/world/2026/mar/09/pool", "2026-03-09"),
        ("https://a.example/2026/03/pool", None),
        ("https://a.example/2026/03-09/pool", None),
        ("https://a.example/id/120260309", None),
        (None, None),
    ],
)
def test_days_in_addresses(url: str | None, day: str | None) -> None:
    assert day_in_url(url) == day
