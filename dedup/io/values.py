"""Values: what a field of one format is in another that has no such type."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from datetime import date, time, timedelta
from typing import Any

_PLAIN = {str, int, bool, float}
_DEEPEST = 100
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_json(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any value of any format
    """Value as JSON has it.

    Dates and times are ISO 8601, decimals their digits, bytes base64; a number that is none is null, for JSON has
    no other. Whole numbers keep all their digits. What is nested more than 100 deep is a string of JSON.

    Examples
    --------
    >>> from decimal import Decimal
    >>> as_json({"at": date(2026, 11, 26), "price": Decimal("1.10"), "raw": b"news", "n": 2**70})
    {'at': '2026-11-26', 'price': '1.10', 'raw': 'bmV3cw==', 'n': 1180591620717411303424}
    """
    if depth == _DEEPEST and isinstance(value, dict | list | tuple):
        return _deep_text(value)
    if isinstance(value, dict):
        return {str(name): as_json(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner, depth + 1) for inner in value]
    return _scalar(value)


class _Written(str):
    """A piece of JSON, unlike a string that is to be written."""

    __slots__ = ()


def _deep_text(value: Any) -> str:  # noqa: ANN401 - any value of any format
    """Value as JSON without recursion, which is limited, and records are hostile."""
    pieces: list[str] = []
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, _Written):
            pieces.append(item)
            continue
        following: list[Any] = []
        if isinstance(item, dict):
            for name, inner in item.items():
                following += [_Written(f"{',' if following else '{'}{_dump(str(name))}:"), inner]
            following.append(_Written("}" if item else "{}"))
        elif isinstance(item, list | tuple):
            for inner in item:
                following += [_Written("," if following else "["), inner]
            following.append(_Written("]" if item else "[]"))
        else:
            following.append(_Written(_dump(_scalar(item))))
        todo += reversed(following)
    return "".join(pieces)


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
    return plain if type(plain) is str else _dump(plain)
