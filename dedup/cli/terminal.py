"""What may be written to a terminal."""

from __future__ import annotations

import json
from typing import Any


def printable(text: str) -> str:
    r"""Text that can't steer a terminal: what is not printable as escapes.

    Examples
    --------
    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def printable_json(record: Any) -> str:  # noqa: ANN401 - any JSON value
    r"""JSON that can't steer a terminal either, and means the same.

    Examples
    --------
    >>> print(printable_json({"id": "é\x9b"}))
    {"id": "é\u009b"}
    """
    text = json.dumps(record, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def counted(count: int, noun: str) -> str:
    """Say how many there are of something.

    Examples
    --------
    >>> counted(1, "fault"), counted(2000, "fault")
    ('1 fault', '2,000 faults')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
