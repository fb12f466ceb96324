"""Values: what a field of one format is in another that has no such type."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from datetime import date, time, timedelta
from typing import Any

_PLAIN = {str, int, bool, float}


def as_json(value: Any) -> Any:  # noqa: ANN401 - any value of any format
    """Value as JSON has it.

    Dates and times are ISO 8601, decimals their digits, bytes base64; a number that is none is null, for JSON has
    no other. Whole numbers keep all their digits.

    Examples
    --------
    >>> from decimal import Decimal
    >>> as_json({"at": date(2026, 11, 26), "price": Decimal("1.10"), "raw": b"news", "n": 2**70})
    {'at': '2026-11-26', 'price': '1.10', 'raw': 'bmV3cw==', 'n': 1180591620717411303424}
    """
    try:
        if isinstance(value, dict):
            return {str(name): as_json(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [as_json(inner) for inner in value]
    except RecursionError:  # only JSON is nested that deeply
        return value
    return _scalar(value)


def _scalar(value: Any) -> Any:  # noqa: ANN401 - any value of any format
    if value is None or type(value) in _PLAIN:
        return value if type(value) is not float or math.isfinite(value) else None
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return str(value)


def _duration(value: timedelta) -> str:
    """Length of time in ISO 8601: seconds, with six decimals where there are any."""
    micros = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}PT{seconds}{f'.{rest:06d}' if rest else ''}S"


def as_text(value: Any) -> str:  # noqa: ANN401 - any value of any format
    """Value as a cell of a table of text has it: nothing for none, JSON for what is nested.

    Examples
    --------
    >>> [as_text(value) for value in (None, "a b", True, 1.5, ["a", None])]
    ['', 'a b', 'true', '1.5', '["a",null]']
    """
    if type(value) is str:
        return value
    plain = as_json(value)
    if plain is None:
        return ""
    return plain if type(plain) is str else json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
