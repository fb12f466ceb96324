"""Lengths of time and moments, as a user writes them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from dedup.dates import parse_date
from dedup.errors import ParameterError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
#: Seconds since 1970 that are taken for some.
_LEAST = 10**8


def seconds_of(length: str | timedelta | float) -> int:
    """Whole seconds of a length of time.

    Raises
    ------
    ParameterError
        If it is none, or not above 0.

    Examples
    --------
    >>> seconds_of("30d"), seconds_of("12h"), seconds_of(90)
    (2592000, 43200, 90)
    """
    if isinstance(length, bool) or not isinstance(length, (str, timedelta, int, float)):
        raise ParameterError(f"{length!r} is no length of time; e.g. '30d', a timedelta or seconds are")
    if isinstance(length, timedelta):
        seconds = length.total_seconds()
    elif isinstance(length, str):
        number, unit = length[:-1], length[-1:]
        if unit not in _UNITS or not (number.isascii() and number.replace(".", "", 1).isdigit()):
            raise ParameterError(
                f"{length!r} is no length of time; write a number and s, m, h, d or w, e.g. 30d"
            )
        seconds = float(number) * _UNITS[unit]
    else:
        seconds = float(length)
    if not 1 <= seconds < 1 << 40:
        raise ParameterError(f"{length!r} is no length of time; at least a second is needed")
    return int(seconds)


def _is_small(before: object) -> bool:
    """Whether it is a bare number that nobody means as seconds since 1970; 20260301 is a date."""
    if isinstance(before, str):
        number = before.strip().removeprefix("-").replace(".", "", 1)
        if not (number.isascii() and number.isdigit()):
            return False
        with suppress(ValueError):
            datetime.fromisoformat(before)
            return False
        return float(before) < _LEAST
    return isinstance(before, (int, float)) and not isinstance(before, bool) and before < _LEAST


def moment_of(before: datetime | str | timedelta, now: float) -> float:
    """Epoch seconds of a moment, or of a length of time ago.

    Raises
    ------
    ParameterError
        If it is neither: a small number without a unit isn't either.

    Examples
    --------
    >>> moment_of("1970-01-02", 0.0), moment_of("1h", 7200.0)
    (86400.0, 3600.0)
    """
    if isinstance(before, timedelta) or (isinstance(before, str) and before[-1:] in _UNITS):
        return now - seconds_of(before)
    if _is_small(before):
        raise ParameterError(
            f"before is {before!r}, a number without a unit; write how long ago, e.g. '30d', or a date."
            f" A number alone is seconds since 1970, {_LEAST:,} (March 1973) or more"
        )
    moment = parse_date(before)
    if moment is None:
        raise ParameterError(f"before is {before!r}; a date, or how long ago, e.g. '30d', is needed")
    return moment.timestamp()
