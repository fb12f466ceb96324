"""Where the values of a JSON stream stand: elements of arrays, and objects one behind the other, found without parsing.

Strings are passed over whole and brackets are counted, in memory that is bounded by the longest value.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.io.batches import BATCH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase

#: The next bracket, whatever strings stand before it; or the quote of a string of which the end is not there yet.
_NEXT_BRACKET = re.compile(
    rb'(?:[^"\[\]{}]*+"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[^"\[\]{}]*+(["\[\]{}])', re.DOTALL
)
_REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
#: Where the next value most likely begins behind one that is never closed.
_NEXT_VALUE = re.compile(rb"[}\]][ \t\r\n]*,?[ \t\r\n]*(?={)")
_BETWEEN = b" \t\r\n,"
_BOM = b"\xef\xbb\xbf"
_NEVER_CLOSED = "broken JSON: it is never closed"
_ARRAY_NEVER_CLOSED = "broken JSON: the array is never closed; the file is truncated"
#: How often as much as the longest value is looked through again, for what stands behind values that are never closed.
_PATIENCE = 16
#: Bytes before the place that is looked at that are kept of a value which is too long: a line feed and a margin.
_MARGIN = 64


class Value(NamedTuple):
    """A value, and the bytes of the stream that it stands in.

    Attributes
    ----------
    start, stop : int
        In the stream.
    data : bytes or None
        None where it is longer than is read into memory.
    damage : str or None, default=None
        What is wrong with it, where that is known without parsing.
    """

    start: int
    stop: int
    data: bytes | None
    damage: str | None = None


def find_values(stream: BufferedIOBase, max_record: int) -> Iterator[Value]:
    """Elements of the arrays of a stream, and objects that stand outside of them, in their order.

    What is no object is given too, and what has a bracket of the wrong kind: whoever parses it decides. A comma may
    be missing. A value that is never closed ends where another seems to begin.
    """
    return _Finder(stream, max_record).values()


class _Finder:
    """What has been read of a stream, and how far it has been looked through; places are those of the stream."""

    def __init__(self, stream: BufferedIOBase, max_record: int) -> None:
        self._stream = stream
        self._max_record = max_record
        begin = stream.read(len(_BOM))
        self._base = len(_BOM) if begin == _BOM else 0
        self._held = b"" if begin == _BOM else begin
        self._place = self._last = self._base  # the end of the last value, or bracket outside of any
        self._start: int | None = None
        self._dropped = self._in_string = False
        self._depth = self._outside = 0  # open brackets; of these, an array that is no value itself
        self._patience = _PATIENCE * max_record
        self._margin = b""

    def values(self) -> Iterator[Value]:
        """All values."""
        while True:
            yield from self._look()
            yield from self._let_go()
            chunk = self._stream.read1(BATCH_BYTES)
            self._held += chunk
            if not chunk:
                if self._start is None:
                    break
                yield self._give_up()
        end = self._base + len(self._held)
        yield from self._gap(end)
        if self._outside:
            yield Value(end, end, b"", _ARRAY_NEVER_CLOSED)

    def _look(self) -> Iterator[Value]:
        """Look through what is held."""
        held, base = self._held, self._base
        while True:
            if self._in_string:
                found = _REST_OF_STRING.match(held, self._place - base)
                end = found.end() if found else len(held)
                self._in_string = held[end : end + 1] != b'"'
                self._place = base + end + (not self._in_string)
                if self._in_string:
                    return
            found = _NEXT_BRACKET.match(held, self._place - base)
            if found is None:
                self._place = base + len(held)
                return
            self._place = base + found.end()
            if found[1] == b'"':
                self._in_string = True
            elif found[1] in b"[{":
                yield from self._open(found[1] == b"[")
            elif self._depth:
                yield from self._close()

    def _open(self, is_array: bool) -> Iterator[Value]:
        if self._depth == self._outside:
            self._learn_margin()
            yield from self._gap(self._place - 1)
            if is_array and not self._outside:
                self._outside, self._last = 1, self._place
            else:
                self._start = self._place - 1
        self._depth += 1

    def _close(self) -> Iterator[Value]:
        self._depth -= 1
        if self._depth < self._outside:
            yield from self._gap(self._place - 1)
            self._outside, self._last = 0, self._place
        elif self._depth == self._outside:
            yield self._cut_short(self._place) or self._never_closed() or self._value(self._place)

    def _learn_margin(self) -> None:
        """What stands between the begin of a line and the first object: others that begin so stand beside it."""
        at = self._place - 1 - self._base
        if self._margin or self._held[at : at + 1] != b"{":
            return
        _, line_feed, margin = self._held[max(self._last - self._base, 0) : at].rpartition(b"\n")
        is_first = not (line_feed or self._outside or self._dropped)
        if (line_feed or is_first) and not margin.strip() and len(margin) < _MARGIN - 2:
            self._margin = b"\n%b{" % margin

    def _cut_short(self, stop: int) -> Value | None:
        """The value that is open, if it is too long and another begins in it, with which the search goes on."""
        start = self._start
        if start is None or stop - start <= self._max_record:
            return None
        following = self._line_as_the_first(max(start + 1 - self._base, 0), stop - self._base)
        told = f", or longer than {self._max_record:,} bytes; allow more with --max-record"
        return self._ended_by(following, self._max_record, f"{_NEVER_CLOSED}{told}")

    def _never_closed(self) -> Value | None:
        """The value that a bracket ends which is not its own, if another begins in it, with which the search goes on."""
        start, stop = (self._start or 0) - self._base, self._place - self._base
        if self._dropped or stop - start > self._max_record:
            return None
        if self._held[start : start + 1] + self._held[stop - 1 : stop] in (b"{}", b"[]"):
            following = self._line_as_the_first(start + 1, stop)
            if following < 0 or _is_json(self._held[start:stop]):
                return None
        else:
            following = self._next_value(start + 1, stop)
        return self._ended_by(following, stop - start, _NEVER_CLOSED)

    def _ended_by(self, following: int, cost: int, damage: str) -> Value | None:
        """The value that is open, up to where another begins; None where none does, or too much was looked through again."""
        if following < 0 or self._patience <= 0:
            return None
        self._patience -= cost
        self._place, self._depth, self._in_string = self._base + following, self._outside, False
        return self._value(self._place, damage)

    def _value(self, end: int, damage: str | None = None) -> Value:
        """The value that ends here."""
        start = end if self._start is None else self._start
        data = None if self._dropped or end - start > self._max_record else self._cut(start, end)
        self._start, self._last, self._dropped = None, end, False
        return Value(start, end, data, damage)

    def _gap(self, end: int) -> Iterator[Value]:
        """Values without brackets that stand before this place."""
        start, self._last = self._last, end
        dropped, self._dropped = self._dropped, False
        found = self._cut(start, end).lstrip(_BETWEEN)
        if dropped or len(found) > self._max_record:
            yield Value(start, end, None)
            return
        found = found.rstrip(_BETWEEN)
        if not found:
            return
        try:
            plain = [json.dumps(value).encode() for value in json.loads(b"[%s]" % found)]
        except (ValueError, RecursionError):
            plain = [found]
        for data in plain:
            yield Value(start, end, data)

    def _cut(self, start: int, end: int) -> bytes:
        return self._held[start - self._base : end - self._base]

    def _let_go(self) -> Iterator[Value]:
        """Forget what was looked through, but for the value that is not complete yet, if it is not too long."""
        while (value := self._cut_short(self._place)) is not None:
            yield value
            yield from self._look()
        if self._start is None and not self._dropped:
            blank = self._place - len(self._cut(self._last, self._place).lstrip(_BETWEEN))
            self._last = max(self._last, min(blank, self._place - _MARGIN))
        begin = self._last if self._start is None else self._start
        if self._place - begin > self._max_record:
            self._dropped = True
            begin = self._place - _MARGIN
        begin = max(begin, self._base)
        self._held = self._held[begin - self._base :]
        self._base = begin

    def _give_up(self) -> Value:
        """The value that is open when all has been read; what may be the next one is looked through again."""
        start, end = self._start or 0, self._base + len(self._held)
        following = -1 if self._dropped else self._next_value(start + 1 - self._base, len(self._held))
        self._patience -= len(self._held)
        if following >= 0 and self._patience > 0:
            end = self._base + following
        else:
            self._outside = 0  # its end is lost with the value
        self._place, self._depth, self._in_string = end, self._outside, False
        return self._value(end, None if self._dropped else _NEVER_CLOSED)

    def _next_value(self, start: int, stop: int) -> int:
        """Where in a part of what is held another value seems to begin, on a line as the first or behind a bracket; or -1."""
        found = _NEXT_VALUE.search(self._held, start, stop)
        places = self._line_as_the_first(start, stop), found.end() if found else -1
        return min((place for place in places if place >= 0), default=-1)

    def _line_as_the_first(self, start: int, stop: int) -> int:
        """Where in a part of what is held an object stands on a line with the margin of the first; or -1."""
        found = self._held.find(self._margin, start, stop) if self._margin else -1
        return found if found < 0 else found + len(self._margin) - 1


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode(errors="replace"))
    except ValueError:
        return False
    except RecursionError:
        pass
    return True
