"""Streams: files of any compression in."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from dedup.errors import MissingExtraError, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STANDARD_STREAM = "-"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"
_ZSTD_MODULES = ("compression.zstd", "backports.zstd")
#: Longest record that is read into memory, in bytes.
MAX_RECORD = 64 << 20
_CHUNK = 1 << 20
_SPOOL_IN_MEMORY = 64 << 20


class Source:
    """An input that can be read twice.

    Parameters
    ----------
    name : str
        Path, or ``-`` for standard input. What can't be read twice (standard input, a pipe) is kept in a temporary
        file while the object lives.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._spool: IO[bytes] | None = None
        self._spooled_bytes = 0
        self._raw: BinaryIO | None = None

    @property
    def size(self) -> int:
        """Size of the file in bytes, as it lies there; 0 where that is not known, or not yet."""
        return Path(self.name).stat().st_size if Path(self.name).is_file() else self._spooled_bytes

    @property
    def position(self) -> int:
        """How many bytes of the file, as it lies there, have been read since it was opened last; 0 when it is closed."""
        raw = self._raw
        return 0 if raw is None or raw.closed else raw.tell()

    @property
    def compression(self) -> str | None:
        """Compression of the contents, by the first bytes: "gzip", "zstd" or None."""
        raw = self._open_raw()
        try:
            head = raw.read(4)
        finally:
            if raw is not self._spool:
                raw.close()
        return _compression_of(head)

    @contextmanager
    def open(self) -> Iterator[io.BufferedIOBase]:
        """Decompressed bytes from the begin; damage to the compression is raised as `ReadError`."""
        with ExitStack() as opened:
            try:
                raw = self._raw = self._open_raw()
                if raw is not self._spool:
                    opened.enter_context(raw)
                stream = _decompressed(raw)
            except OSError as error:
                raise ReadError(self.name, f"can't be read: {error.strerror or error}") from error
            if stream is not raw:
                opened.enter_context(stream)
            try:
                yield cast("io.BufferedIOBase", stream)
            except damage_errors() as error:
                raise ReadError(self.name, describe_damage(error)) from error

    @contextmanager
    def open_raw(self) -> Iterator[BinaryIO]:
        """Bytes as they lie in the file, from the begin; seekable."""
        try:
            raw = self._open_raw()
        except OSError as error:
            raise ReadError(self.name, f"can't be read: {error.strerror or error}") from error
        try:
            yield raw
        finally:
            if raw is not self._spool:
                raw.close()

    def close(self) -> None:
        """Forget the temporary copy."""
        if self._spool is not None:
            self._spool.close()

    def _open_raw(self) -> BinaryIO:
        if self._spool is not None:
            self._spool.seek(0)
            return cast("BinaryIO", self._spool)
        if self.name == STANDARD_STREAM:
            return self._spooled(sys.stdin.buffer)
        raw = Path(self.name).open("rb", buffering=_CHUNK)  # noqa: SIM115 - closed by open()
        if raw.seekable():
            return raw
        with raw:
            return self._spooled(raw)

    def _spooled(self, stream: BinaryIO) -> BinaryIO:
        self._spool = tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY)  # noqa: SIM115 - lives as long as the source
        shutil.copyfileobj(stream, self._spool, _CHUNK)
        self._spooled_bytes = self._spool.tell()
        self._spool.seek(0)
        return cast("BinaryIO", self._spool)


def damage_errors() -> tuple[type[Exception], ...]:
    """What the decompressors raise on broken or truncated data."""
    errors: list[type[Exception]] = [EOFError, zlib.error]
    errors += [module.ZstdError for name in _ZSTD_MODULES if (module := sys.modules.get(name))]
    errors += [module.IsalError for name in ("isal.isal_zlib",) if (module := sys.modules.get(name))]
    return tuple(errors)


def describe_damage(error: Exception) -> str:
    """What to tell of a decompressor's error."""
    if isinstance(error, EOFError):
        return "the compressed data end too early; the file is truncated"
    return f"the compressed data are damaged ({error})"


def is_compressed(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a compression."""
    return _compression_of(head) is not None


def _compression_of(head: bytes) -> str | None:
    if head.startswith(_GZIP):
        return "gzip"
    is_skippable = (
        head[1:4] == _SKIPPABLE and head[0] >> 4 == 5
    )  # a frame that holds a dictionary, or padding
    return "zstd" if head.startswith(_ZSTD) or is_skippable else None


def _decompressed(raw: BinaryIO) -> BinaryIO:
    """Stream of the contents, by the first bytes of the file and not by its name."""
    head = raw.read(4)
    raw.seek(0)
    compression = _compression_of(head)
    if compression == "gzip":
        return io.BufferedReader(_Decompressing(raw, _gunzip), _CHUNK)
    if compression == "zstd":
        return io.BufferedReader(_Decompressing(raw, zstandard().ZstdDecompressor), _CHUNK)
    return raw


def _gunzip() -> Any:  # noqa: ANN401 - of zlib or isal
    """Decompressor of one gzip member: isal's, three times as fast, where it is installed."""
    try:
        from isal.isal_zlib import decompressobj  # noqa: PLC0415 - an extra
    except ImportError:
        return zlib.decompressobj(wbits=31)
    return decompressobj(wbits=31)


class _Decompressing(io.RawIOBase):
    """Contents of a compressed file, member after member, up to the very byte where it is damaged.

    The readers of gzip and isal read ahead and then lose what stood before the damage.
    """

    def __init__(self, raw: BinaryIO, new_decompressor: Callable[[], Any]) -> None:
        self._raw = raw
        self._new = new_decompressor
        self._decompressor = new_decompressor()
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go forward, by reading."""
        if whence != io.SEEK_SET or offset < self._position:
            raise io.UnsupportedOperation("compressed data can only be read forward")
        buffer = bytearray(_CHUNK)
        while self._position < offset and self.readinto(memoryview(buffer)[: offset - self._position]):
            pass
        return self._position

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Decompress as much as one step gives."""
        target = memoryview(buffer)
        while True:
            data = self._input()
            if data is None:
                return 0
            starved = getattr(self._decompressor, "needs_input", True)  # else it may hold nothing after all
            found = self._decompressor.decompress(data, len(target))
            if found:
                target[: len(found)] = found
                self._position += len(found)
                return len(found)
            if not data and starved and not self._decompressor.eof:
                raise EOFError("the compressed data end too early")

    def _input(self) -> bytes | None:
        """What the decompressor is to be given next; None at the end of the last member."""
        if self._decompressor.eof:
            rest = self._decompressor.unused_data or self._raw.read(_CHUNK)
            while rest and not rest.lstrip(b"\0"):  # padding
                rest = self._raw.read(_CHUNK)
            if rest:
                self._decompressor = self._new()
            return rest.lstrip(b"\0") or None
        if hasattr(self._decompressor, "needs_input"):  # Zstandard keeps what it could not use yet
            return self._raw.read(_CHUNK) if self._decompressor.needs_input else b""
        return self._decompressor.unconsumed_tail or self._raw.read(_CHUNK)


def new_decompressor(compression: str | None, dictionary: Any = None) -> Any:  # noqa: ANN401 - of several modules
    """Decompressor of one gzip member or Zstandard frame, perhaps with a dictionary."""
    return _gunzip() if compression == "gzip" else zstandard().ZstdDecompressor(zstd_dict=dictionary)


def dictionary_of(data: bytes, most: int) -> Any:  # noqa: ANN401 - of Zstandard
    """Dictionary that stands in a frame of its own, perhaps compressed; None where that is none, or longer than `most`."""
    module = zstandard()
    try:
        found = module.ZstdDecompressor().decompress(data, most) if data.startswith(_ZSTD) else data
        return module.ZstdDict(found)
    except ValueError:
        return None
    except damage_errors():
        return None


def zstandard() -> Any:  # noqa: ANN401 - of the standard library or the back port
    """Module of Zstandard, where there is one."""
    for name in _ZSTD_MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise MissingExtraError("Zstandard", "zstd")


def read_whole(source: Source, most: int) -> bytes:
    """All of an input that is one record, of so many bytes at most.

    Raises
    ------
    ReadError
        If it is longer, or its compression is damaged.
    """
    with source.open() as stream:
        try:
            data = stream.read(most + 1)
        except damage_errors() as error:
            raise ReadError("record", describe_damage(error)) from error
    if len(data) > most:
        raise ReadError("record", f"longer than {most:,} bytes; allow more with --max-record")
    return data


def read_spans(stream: io.BufferedIOBase, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Byte ranges of a stream, ascending."""
    for start, stop in spans:
        stream.seek(start)
        yield stream.read(stop - start)


def copy_spans(source: Source, spans: Iterable[tuple[int, int]], output: BinaryIO) -> None:
    """Copy byte ranges of an input, ascending; a last line without a line end gets one."""
    with source.open() as stream:
        last = b"\n"
        for start, stop in spans:
            stream.seek(start)
            left = stop - start
            while left and (chunk := stream.read(min(left, _CHUNK))):
                output.write(chunk)
                last = chunk[-1:]
                left -= len(chunk)
        if last != b"\n":
            output.write(b"\n")
