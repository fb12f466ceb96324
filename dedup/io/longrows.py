"""Records of tables that are too long to be held: where they end, found by passing over them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUOTE, _LINE_FEED, _RETURN = b'"\n\r'
#: What stands before a place: nothing of a cell, a bare one, an open quote, a closed one; or what must not stand there.
_BEGIN, _BARE, _QUOTED, _CLOSED, _WRONG = range(5)


class End(NamedTuple):
    """Where a record ends: bytes that it has, and lines that it stands on."""

    size: int
    lines: int


def find_end(chunks: Iterable[bytes], delimiter: str, n_columns: int) -> End | None:
    r"""Where the record at the begin of some bytes ends.

    None where it is not what a record has to be: text stands behind a closing quote, a quote is never closed, or it
    has other cells than there are columns.

    Examples
    --------
    >>> find_end([b'1,"two\nlines ', b'of text"\r\n2,x'], ",", 2)
    End(size=23, lines=2)
    >>> find_end([b'1,"two\n2,"x"\n'], ",", 2) is None
    True
    """
    mark = ord(delimiter)
    special = re.compile(rb"[\n%c]" % mark)
    state, cells, size, lines = _BEGIN, 1, 0, 0
    for chunk in chunks:
        at = 0
        while (at := _next_stop(chunk, at, state, special)) >= 0:
            byte = chunk[at]
            at += 1
            if byte == _LINE_FEED and state != _QUOTED:
                return End(size + at, lines + chunk.count(b"\n", 0, at)) if cells == n_columns else None
            cells += byte == mark
            state = _CLOSED if state == _QUOTED else _state_behind(state, byte, mark)
            if state == _WRONG:
                return None
        size += len(chunk)
        lines += chunk.count(b"\n")
    return End(size, lines + 1) if state != _QUOTED and cells == n_columns else None


def _next_stop(chunk: bytes, at: int, state: int, special: re.Pattern[bytes]) -> int:
    """Place of the next byte that may change the state; -1 where there is none."""
    if state == _QUOTED:
        return chunk.find(b'"', at)
    if state == _BARE:
        found = special.search(chunk, at)
        return -1 if found is None else found.start()
    return at if at < len(chunk) else -1


def _state_behind(state: int, byte: int, mark: int) -> int:
    """State behind a byte that stands outside of quotes; a quote behind a closed one opens it again."""
    if byte == mark:
        return _BEGIN
    if byte == _QUOTE:
        return _QUOTED
    if state == _BEGIN:
        return _BARE
    return state if byte == _RETURN else _WRONG
