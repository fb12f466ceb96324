r"""Objects: records of JSON as they stand in bytes, with members put in or left out and no other byte touched."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from dedup.io.marks import MARK_FIELDS
from dedup.io.writers import dump_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from dedup.io.marks import Mark

_SPACE = b" \t\r\n"
_BREAKS = re.compile(rb"[\r\n][ \t\r\n]*")
_GAP = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


def one_line(data: bytes) -> bytes:
    r"""Object without line breaks; inside of strings JSON has none.

    Examples
    --------
    >>> one_line(b'{\n  "text": "a\\nb"\n}\n')
    b'{ "text": "a\\nb" }'
    """
    return _BREAKS.sub(b" ", data.strip(_SPACE))


def with_mark(data: bytes, mark: Mark) -> bytes:
    """Object with a mark before its closing brace, in the place of an earlier one.

    Examples
    --------
    >>> from dedup.io.marks import Mark
    >>> with_mark(b'{"text": "a" }', Mark("x", True))[:33]
    b'{"text": "a","dedup_cluster":"x",'
    """
    if b'"dedup_' in data:
        with suppress(RecursionError):  # a name that stands twice: the last one, which is ours, counts
            data = without(data, MARK_FIELDS)
    end = data.rindex(b"}")
    inside = data[:end].rstrip(_SPACE)
    joint = b"" if inside.endswith(b"{") else b","
    return b"".join((inside, joint, dump_line(mark.fields())[1:-2], data[len(inside) :]))


def without(data: bytes, names: Collection[str]) -> bytes:
    """Object without some members; every other byte stands.

    Examples
    --------
    >>> without(b'{"a": 1.50, "b": [2], "c":3}', ["b"])
    b'{"a": 1.50, "c":3}'
    """
    text = data.decode(errors="surrogateescape")
    begin = text.index("{") + 1
    end = place = begin
    members: list[str] = []
    while text[_skip(text, place)] != "}":
        start = place
        name, place = _decode(text, _skip(text, start))
        _, end = _decode(text, _skip(text, _skip(text, place) + 1))
        if name not in names:
            members.append(text[start:end])
        place = _skip(text, end)
        place += text[place] == ","
    return f"{text[:begin]}{','.join(members)}{text[end:]}".encode(errors="surrogateescape")


def _skip(text: str, place: int) -> int:
    found = _GAP.match(text, place)
    return place if found is None else found.end()
