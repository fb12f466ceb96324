"""Dates of articles, as machines and people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905 - a table
)
_MONTH_OF = {
    **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
#: As old wires and mail servers write it; what follows the minutes is of no weight.
_DAY_FIRST = re.compile(r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4})(?:[ T](\d{2}:\d{2}))?(?![\d-])")
#: As it stands on a page: ``25 Nov 2026``, ``November 25, 2026 10:30``.
_WRITTEN = re.compile(
    r"\s*(?:[A-Za-z]{3,9},?\s+)?"
    r"(?:(?P<day>\d{1,2})\s+(?P<month>[A-Za-z]{3,9})|(?P<month_first>[A-Za-z]{3,9})\.?\s+(?P<day_next>\d{1,2}))"
    r"[.,]?\s+(?P<year>\d{4})(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*",
    re.ASCII,
)
#: From here on a number counts milliseconds, or microseconds: as seconds it would be a date after the year 5138.
_MILLISECONDS, _MICROSECONDS = 10**11, 10**14
#: The first second of the year 1, and the last of the year 9999, in UTC.
_FIRST, _LAST = -62_135_596_800.0, 253_402_300_799.0


def epoch_of(moment: datetime | None) -> float | None:
    """Seconds since 1970; a naive time is UTC, no time has none."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def parse_date(value: object) -> datetime | None:
    """Read a date; naive means UTC; None if it is none.

    ISO 8601, RFC 2822, ``26-FEB-1987 15:10``, ``25 Nov 2026``, ``November 25, 2026 10:30``; epoch seconds, and
    milliseconds or microseconds where the number is too large for seconds.

    Examples
    --------
    >>> parse_date("Sun, 22 Nov 2026 10:00:00 +0100").isoformat()
    '2026-11-22T10:00:00+01:00'
    >>> parse_date("Nov 25, 2026") == parse_date("25 November 2026") == parse_date(1795564800000)
    True
    >>> parse_date(0).year, parse_date("yesterday"), parse_date("11/25/2026")
    (1970, None, None)
    """
    moment: datetime | None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = _parse_other(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = _of_epoch(value)
        else:
            return None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def moment_of(seconds: float) -> datetime | None:
    """Date in UTC of epoch seconds; None for NaN, which stands for undated.

    What a time zone puts before the year 1, or behind 9999, is the first or the last second that can be written.

    Examples
    --------
    >>> moment_of(0.0), moment_of(float("nan"))
    (datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return None
    return datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC)


def _of_epoch(number: float) -> datetime:
    size = abs(number)
    parts = 1_000_000 if size > _MICROSECONDS else 1000 if size > _MILLISECONDS else 1
    return datetime.fromtimestamp(number / parts if parts > 1 else number, UTC)


def _parse_other(value: str) -> datetime:
    """RFC 2822, as people write it, or a number written as text."""
    if value.strip().lstrip("-").replace(".", "", 1).isdigit():
        return _of_epoch(float(value))
    written = _WRITTEN.fullmatch(value)
    if written is not None:
        found = written.groupdict("0")
        month = _MONTH_OF.get((written["month"] or written["month_first"]).lower())
        if month is not None:
            day = int(written["day"] or written["day_next"])
            hour, minute, second = (int(found[name]) for name in ("hour", "minute", "second"))
            return datetime(int(found["year"]), month, day, hour, minute, second, tzinfo=UTC)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 10 ms that few inputs need

    day_first = _DAY_FIRST.match(value)
    return parsedate_to_datetime(" ".join(day_first.groups("00:00")) if day_first else value)
