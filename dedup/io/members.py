"""Members: a file in the pieces that it was compressed in, and where the next one begins behind a damaged one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.io.streams import damage_errors, describe_damage, dictionary_of, new_decompressor

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import BinaryIO

#: Bytes that are taken from the file, and given away, at once.
_TAKEN, _GIVEN = 1 << 15, 1 << 22
_PLAIN = 1 << 20
#: Bytes of a file in which something shows that a member begins there, and what is decompressed of them.
_PROBED, _SHOWN = 4096, 64
_MAGIC = {"gzip": b"\x1f\x8b\x08", "zstd": b"\x28\xb5\x2f\xfd"}
#: Zstandard puts what is no data into frames that begin so, behind one more byte.
_SKIPPED = b"\x2a\x4d\x18"
#: How often as much as the longest record may be decompressed again, for members that seem to stand in damaged ones.
_PATIENCE = 16
#: Bytes of the shortest member: as many NUL bytes may stand in the place of one, as a disk or a crash leaves them.
_LEAST_MEMBER, _NULS = 18, "nothing but NUL bytes stands here"
TRUNCATED = describe_damage(EOFError())


class Piece(NamedTuple):
    """Some of the contents of a member.

    Attributes
    ----------
    data : bytes
        Decompressed.
    start, stop : int
        Where in the file its member begins, and up to where the file has been read; where `ends`, the member's end.
    begins, ends : bool
        Whether it is the first, or the last, of its member.
    damage : str or None
        What is wrong with the member; what stood before it has been given.
    """

    data: bytes
    start: int
    stop: int
    begins: bool
    ends: bool
    damage: str | None = None


class Members:
    """Pieces of a file: of each gzip member or Zstandard frame, or of a plain file, which is one member.

    Parameters
    ----------
    raw : file object
        The file as it lies, seekable.
    compression : {"gzip", "zstd"} or None
        Its compression.
    is_begin : callable
        Whether decompressed bytes are the begin of a record: how the next whole member is known behind a damaged one.
    max_record : int
        Longest record in bytes; pieces are much shorter.

    Attributes
    ----------
    aligned : bool
        Whether members begin with records, as far as is known. Where they do not, any member that can be
        decompressed is taken for the next one.
    """

    def __init__(
        self, raw: BinaryIO, compression: str | None, is_begin: Callable[[bytes], bool], max_record: int
    ) -> None:
        self._raw = raw
        self._compression = compression
        self._is_begin = is_begin
        self._max_record = max_record
        self._patience = _PATIENCE * max_record
        self._dictionary: Any = None
        self._place = 0  # in the file, where what has been taken ends
        self._taken = b""  # of it, what has not been used
        self._n_nuls = 0  # that stood before the member
        self.aligned = True

    def pieces(self, start: int = 0) -> Iterator[Piece]:
        """Pieces of all members that begin at `start`, where one does, or later."""
        self._go_to(start)
        if self._compression is None:
            yield from self._plain()
            return
        while True:
            place, self._n_nuls = self._place - len(self._taken), 0
            begin = self._next_begin()
            if self._n_nuls >= _LEAST_MEMBER:
                yield Piece(b"", place, place + self._n_nuls, begins=True, ends=True, damage=_NULS)
            if begin is None:
                return
            damage = yield from self._member(begin)
            if damage:
                reached = self._place - len(self._taken)
                again = reached - begin - 1
                self._patience -= again
                if not self._resume(begin + 1 if self._patience > 0 else reached):
                    return

    def _plain(self) -> Iterator[Piece]:
        """Pieces of a plain file."""
        begins = True
        while data := self._raw.read(_PLAIN):
            self._place += len(data)
            yield Piece(data, 0, self._place, begins, ends=False)
            begins = False
        yield Piece(b"", 0, self._place, begins, ends=True)

    def _member(self, begin: int) -> Generator[Piece, None, bool]:
        """Pieces of the member that begins here; whether it is damaged."""
        begins, damage = True, None
        decompressor = new_decompressor(self._compression, self._dictionary)
        try:
            while not decompressor.eof:
                data = self._taken or self._raw.read(_TAKEN)
                self._place += 0 if self._taken else len(data)
                self._taken = b""
                if not data:
                    damage = TRUNCATED
                    break
                for found in _decompressed(decompressor, data):
                    yield Piece(found, begin, self._place, begins, ends=False)
                    begins = False
            else:
                self._taken = decompressor.unused_data
        except damage_errors() as error:
            damage = describe_damage(error)
        yield Piece(b"", begin, self._place - len(self._taken), begins, ends=True, damage=damage)
        return damage is not None

    def _next_begin(self) -> int | None:
        """Where the next member begins, behind NUL bytes; None at the end."""
        while True:
            rest = self._taken.lstrip(b"\0")
            self._n_nuls += len(self._taken) - len(rest)
            self._taken = rest
            if not self._taken:
                self._taken = self._raw.read(_TAKEN)
                self._place += len(self._taken)
                if not self._taken:
                    return None
            elif len(self._taken) < 8 and (more := self._raw.read(_TAKEN)):
                self._taken += more
                self._place += len(more)
            elif self._taken[1:4] == _SKIPPED and self._taken[0] >> 4 == 5:
                self._skip_frame()
            else:
                return self._place - len(self._taken)

    def _skip_frame(self) -> None:
        """Pass over a frame of Zstandard that holds no data; the first of a crawl may hold its dictionary."""
        begin = self._place - len(self._taken)
        length = int.from_bytes(self._taken[4:8], "little")
        if begin == 0 and length <= self._max_record:
            self._go_to(8)
            self._dictionary = dictionary_of(self._raw.read(length), self._max_record)
        self._go_to(begin + 8 + length)

    def _resume(self, place: int) -> bool:
        """Go to the next member that begins at `place` or later and can be read; whether there is one."""
        magic = _MAGIC[self._compression or "gzip"]
        self._go_to(place)
        held, base, at_end = b"", place, False
        while not at_end:
            chunk = self._raw.read(_PLAIN)
            at_end = not chunk
            held += chunk
            looked_at = len(held) if at_end else max(len(held) - _PROBED, 0)
            found = held.find(magic)
            while 0 <= found < looked_at:
                if self._is_member(held[found : found + _PROBED]):
                    self._go_to(base + found)
                    return True
                found = held.find(magic, found + 1)
            held, base = held[looked_at:], base + looked_at
        return False

    def _is_member(self, begin: bytes) -> bool:
        """Whether a member begins so, by what that decompresses to."""
        try:
            found = new_decompressor(self._compression, self._dictionary).decompress(begin, _SHOWN)
        except damage_errors():
            return False
        return self._is_begin(found) if self.aligned else bool(found)

    def _go_to(self, place: int) -> None:
        self._raw.seek(place)
        self._place, self._taken = place, b""


def _decompressed(decompressor: Any, data: bytes) -> Iterator[bytes]:  # noqa: ANN401 - of zlib, isal, or Zstandard
    """What some bytes decompress to, a little at a time."""
    while True:
        found = decompressor.decompress(data, _GIVEN)
        if found:
            yield found
        data = getattr(decompressor, "unconsumed_tail", b"")
        if decompressor.eof or (not data and len(found) < _GIVEN):
            return
