"""Records of WARC and ARC files, as they stand: cut out by their lengths, damage passed over and told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.io.members import TRUNCATED, Members
from dedup.io.recordheads import MOST_HEAD, NO_RECORD, TOLD_BY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from dedup.article import DamageKind
    from dedup.io.members import Piece
    from dedup.io.recordheads import Grammar, Head

#: How much of what is no record is kept, for it may hold the begin of one; bytes that are waited for where a head is
#: incomplete.
_KEPT, _STEP = 1 << 12, 1 << 10
_BLANK = re.compile(rb"[\r\n]*")
_WRONG_LENGTH = "its length is wrong"


class RawRecord(NamedTuple):
    """A record as it stands.

    Attributes
    ----------
    number : int
        From 1; what is damaged has one too.
    start, stop : int
        Where it stands in the decompressed contents, as far as they could be read.
    head, block : bytes
        What stands before the empty line, and behind it.
    member : tuple of int and int, or None
        Where in the file the member begins and ends that holds this record and nothing else.
    """

    number: int
    start: int
    stop: int
    head: bytes
    block: bytes
    member: tuple[int, int] | None


class Trouble(NamedTuple):
    """What can't be read, or holds no page.

    Attributes
    ----------
    number : int
        Of the record.
    offset : int
        Where it begins: in the file as it lies, where a member begins there, else in its contents.
    kind : {"damaged", "truncated", "not_html"}
    reason : str
        What is wrong with it.
    rest : RawRecord or None
        What there is of it, where its length is wrong: the length that HTTP gives may be right.
    """

    number: int
    offset: int
    kind: DamageKind
    reason: str
    rest: RawRecord | None = None


class Records:
    """Records of a file, in its order, and what can't be read of it.

    Parameters
    ----------
    raw : file object
        The file as it lies, seekable.
    compression : {"gzip", "zstd"} or None
        Its compression.
    grammar : Grammar
        How heads are written.
    max_record : int
        Longest record in bytes.

    Notes
    -----
    Of a member that is damaged the record is lost in which the damage shows; reading goes on with the next member that
    begins with a record. In plain contents it goes on with the next line that begins one. A record that ends where
    no other begins is damaged: its length is wrong, and what it seems to hold may be others. Each byte is looked at a
    bounded number of times. In memory are two records at most.
    """

    def __init__(self, raw: BinaryIO, compression: str | None, grammar: Grammar, max_record: int) -> None:
        self._members = Members(raw, compression, grammar.is_begin, max_record)
        self._compressed = compression is not None
        self._grammar = grammar
        self._max_record = max_record
        self._held = bytearray()
        self._base = 0  # of what is held, in the contents
        self._needed = 1  # how much must be held before it is looked at again
        self._number = 0
        self._lost = False  # looking for the next begin of a record
        self._waiting: RawRecord | None = None  # complete, but its member may be damaged
        self._member = self._member_base = 0  # the member: where it begins in the file, in the contents
        self._taken = 0

    def __iter__(self) -> Iterator[RawRecord | Trouble]:
        for piece in self._members.pieces():
            if piece.begins:
                yield from self._begin(piece)
            self._held += piece.data
            is_whole = piece.ends and self._members.aligned
            if is_whole or len(self._held) >= self._needed:
                yield from self._cut(is_whole=is_whole)
            if piece.damage is not None:
                yield from self._damaged(piece)
            elif piece.ends:
                yield from self._end(piece)
        yield from self._finish("the file ends within it")
        yield from self._give()

    def _begin(self, piece: Piece) -> Iterator[RawRecord | Trouble]:
        """A member begins: with a record, or with more of the one before."""
        begins_record = self._grammar.is_begin(piece.data)
        if begins_record or (piece.damage and self._members.aligned):
            yield from self._finish("it is shorter than its length says")
            self._lost = False
        elif piece.data and not self._lost and self._grammar.is_begin(bytes(self._held[:MOST_HEAD])):
            self._members.aligned = False
        self._member, self._member_base = piece.start, self._base + len(self._held)
        self._taken = 0

    def _end(self, piece: Piece) -> Iterator[RawRecord]:
        """A member has ended well."""
        waiting = self._waiting
        if waiting is not None and self._compressed and self._taken == 1 and not self._held:
            is_first = waiting.start == self._member_base
            self._waiting = waiting._replace(member=(self._member, piece.stop) if is_first else None)
        yield from self._give()

    def _damaged(self, piece: Piece) -> Iterator[RawRecord | Trouble]:
        """A member turned out to be damaged: the record that was being read is lost, or else the last one."""
        reason = piece.damage or ""
        kind: DamageKind = "truncated" if reason == TRUNCATED else "damaged"
        yield from self._cut(is_whole=True, at_end=True)
        waiting = self._waiting if self._waiting and self._waiting.stop > self._member_base else None
        if waiting is None or self._grammar.is_begin(bytes(self._held[:MOST_HEAD])):
            yield from self._give()
            yield self._trouble(kind, reason)
        else:  # nothing vouches for it: damage may hide where its member ends, too
            self._waiting = None
            yield Trouble(waiting.number, self._offset(waiting.start), kind, reason)
        self._drop(len(self._held))
        self._needed = 1
        self._lost = not self._members.aligned

    def _finish(self, reason: str) -> Iterator[RawRecord | Trouble]:
        """Nothing more belongs to what is held."""
        yield from self._cut(is_whole=True, at_end=True)
        if self._held and not self._lost:
            yield from self._give()
            yield self._trouble("truncated", reason, self._grammar.head(self._held, 0))
        self._drop(len(self._held))
        self._needed = 1

    def _cut(self, *, is_whole: bool, at_end: bool = False) -> Iterator[RawRecord | Trouble]:
        """Cut what is held into records, as far as they are complete.

        Where it `is_whole`, a record may end there; `at_end` nothing follows that belongs to it.
        """
        while True:
            if self._lost and not self._find():
                return
            self._drop(_end_of_blank(self._held, 0))
            head = self._grammar.head(self._held, 0) if self._held else None
            if head is None:
                self._needed = len(self._held) + _STEP if self._held else 1
                return
            wrong = head.wrong or self._wrong_length(head, at_end=at_end)
            if wrong is None and len(self._held) < head.stop + (0 if is_whole else TOLD_BY):
                self._needed = min(head.stop + TOLD_BY, head.end + self._max_record + 1)
                return
            if wrong is None and not self._ends(head.stop):
                wrong = _WRONG_LENGTH
            yield from self._give()
            if wrong is None:
                self._take(head)
            else:
                yield self._trouble("damaged", wrong, head if wrong == _WRONG_LENGTH else None)
                self._drop(max(head.end - 1, 1))  # its line feed stays: the next record may stand behind it
                self._lost = True

    def _wrong_length(self, head: Head, *, at_end: bool) -> str | None:
        """What is wrong with the length of a record, as far as that shows before its end."""
        is_long = min(head.stop, len(self._held)) - head.end > self._max_record
        if not is_long and not (at_end and len(self._held) < head.stop):
            return None
        if 0 <= self._grammar.find(self._held, head.end) < head.stop:
            return _WRONG_LENGTH
        return f"longer than {self._max_record:,} bytes; allow more with --max-record" if is_long else None

    def _ends(self, stop: int) -> bool:
        """Whether a record can end here: another begins, or nothing is left."""
        following = _end_of_blank(self._held, stop)
        end = self._grammar.end
        if following == len(self._held) or (end and self._held.startswith(end, stop)):
            return True
        head = self._grammar.head(self._held, following)
        return head is None or head.wrong != NO_RECORD

    def _take(self, head: Head) -> None:
        """Take the first record out of what is held."""
        self._number += 1
        self._waiting = self._record(head)
        self._taken += 1
        self._drop(head.stop)

    def _record(self, head: Head) -> RawRecord:
        """The first record that is held."""
        with memoryview(self._held) as view:
            parts = bytes(view[: head.end]), bytes(view[head.end : head.stop])
        return RawRecord(self._number, self._base, self._base + head.stop, *parts, None)

    def _give(self) -> Iterator[RawRecord]:
        """The record that waited."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            yield waiting

    def _find(self) -> bool:
        """Look for the next begin of a record in what is held; what stands before is let go."""
        found = self._grammar.find(self._held, 0)
        self._lost = found < 0
        self._drop(max(len(self._held) - _KEPT, 0) if self._lost else found)
        self._needed = len(self._held) + _STEP
        return not self._lost

    def _trouble(self, kind: DamageKind, reason: str, head: Head | None = None) -> Trouble:
        """What is wrong with the first record that is held; with its `head`, what there is of its block."""
        self._number += 1
        rest = None
        if head is not None and head.wrong is None:
            following = self._grammar.find(self._held, head.end)
            rest = self._record(head._replace(stop=following if following >= 0 else len(self._held)))
        return Trouble(self._number, self._offset(self._base), kind, reason, rest)

    def _offset(self, start: int) -> int:
        """What is told of a place in the contents."""
        return self._member if start <= self._member_base and self._compressed else start

    def _drop(self, length: int) -> None:
        """Forget the begin of what is held."""
        self._base += min(length, len(self._held))
        del self._held[:length]


def _end_of_blank(held: bytearray, place: int) -> int:
    """Where the line ends that stand here end."""
    found = _BLANK.match(held, place)
    return place if found is None else found.end()
