"""Streams: files of any compression in, whole files out."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from glob import glob, has_magic
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self, cast

from dedup.errors import DedupError, MissingExtraError, ReadError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType, TracebackType

STANDARD_STREAM = "-"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZSTD_MODULES = ("compression.zstd", "backports.zstd")
_CHUNK = 1 << 20
_SPOOL_IN_MEMORY = 64 << 20


def expand_inputs(inputs: Iterable[str | os.PathLike[str]]) -> list[str]:
    """File names that the inputs stand for: globs expanded and sorted, the rest as given.

    Raises
    ------
    ReadError
        If one is a directory, does not exist or matches nothing.
    """
    names: list[str] = []
    for given in [os.fspath(name) for name in inputs]:
        if given == STANDARD_STREAM or Path(given).is_file():
            names.append(given)
        elif Path(given).is_dir():
            raise ReadError(given, f"is a directory; name the files in it, e.g. '{given}/*.jsonl'")
        elif has_magic(given):
            matches = sorted(
                match
                for match in glob(given, recursive=True)  # noqa: PTH207 - absolute or not, as given
                if Path(match).is_file()
            )
            if not matches:
                raise ReadError(given, "matches no file")
            names += matches
        elif Path(given).exists():
            names.append(given)  # a pipe or a device
        else:
            raise ReadError(given, "no such file")
    if not names:
        raise ReadError("inputs", "none given; name at least one file, or - for standard input")
    return names


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

    @property
    def size(self) -> int:
        """Size of the file in bytes, as it lies there; 0 where that is not known."""
        return Path(self.name).stat().st_size if Path(self.name).is_file() else 0

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Decompressed bytes from the begin; damage to the compression is raised as `ReadError`."""
        try:
            raw = self._open_raw()
            stream = _decompressed(raw)
        except OSError as error:
            raise ReadError(self.name, f"can't be read: {error.strerror or error}") from error
        try:
            yield stream
        except damage_errors() as error:
            raise ReadError(self.name, describe_damage(error)) from error
        finally:
            if stream is not raw:
                stream.close()
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
        self._spool.seek(0)
        return cast("BinaryIO", self._spool)


def damage_errors() -> tuple[type[Exception], ...]:
    """What the decompressors raise on broken or truncated data."""
    errors = [EOFError, zlib.error, gzip.BadGzipFile]
    errors += [module.ZstdError for name in _ZSTD_MODULES if (module := sys.modules.get(name))]
    errors += [module.IsalError for name in ("isal.isal_zlib",) if (module := sys.modules.get(name))]
    return tuple(errors)


def describe_damage(error: Exception) -> str:
    """What to tell of a decompressor's error."""
    if isinstance(error, EOFError):
        return "the compressed data end too early; the file is truncated"
    return f"the compressed data are damaged ({error})"


def _decompressed(raw: BinaryIO) -> BinaryIO:
    """Stream of the contents, by the first bytes of the file and not by its name."""
    head = raw.read(4)
    raw.seek(0)
    if head.startswith(_GZIP):
        return io.BufferedReader(_optional("isal.igzip", gzip).open(raw, "rb"), _CHUNK)
    if head == _ZSTD:
        return io.BufferedReader(_zstd().open(raw, "rb"), _CHUNK)
    return raw


def _optional(name: str, substitute: ModuleType) -> Any:  # noqa: ANN401 - a module of either kind
    try:
        return import_module(name)
    except ImportError:
        return substitute


def _zstd() -> Any:  # noqa: ANN401 - of the standard library or the back port
    for name in _ZSTD_MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise MissingExtraError("Zstandard", "zstd")


class Outputs:
    """Files that appear whole, all together, or not at all.

    A context manager: what is written goes to temporary names beside the files, which are renamed when the block
    ends without an error and removed when it does not. ``-`` is standard output; the compression follows the suffix
    (``.gz``, ``.zst``).
    """

    def __init__(self) -> None:
        self._files = ExitStack()
        self._renames: list[tuple[Path, Path]] = []

    def create(self, name: str | os.PathLike[str]) -> BinaryIO:
        """Open an output for writing."""
        if os.fspath(name) == STANDARD_STREAM:
            return sys.stdout.buffer
        path = Path(name)
        with _as_write_error(path):
            handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
            self._renames.append((Path(temporary), path))
            Path(temporary).chmod(0o666 & ~_umask())
            raw = self._files.enter_context(os.fdopen(handle, "wb"))
            return self._files.enter_context(_compressed(raw, path.suffix))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        last = self._renames[-1][1] if self._renames else Path(STANDARD_STREAM)
        try:
            with _as_write_error(last):
                self._files.close()
                if error is None:
                    for temporary, path in self._renames:
                        temporary.replace(path)
        finally:
            for temporary, _ in self._renames:
                temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError | DedupError):
            raise WriteError(f"{last} can't be written: {error.strerror or error}") from error


@contextmanager
def _as_write_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path} can't be written: {error.strerror or error}") from error


def _compressed(raw: BinaryIO, suffix: str) -> BinaryIO:
    """Stream that compresses by the suffix; deterministic: no name and no time in a gzip header."""
    if suffix == ".gz":
        return cast("BinaryIO", gzip.GzipFile("", "wb", 6, raw, mtime=0))
    if suffix in (".zst", ".zstd"):
        return cast("BinaryIO", _zstd().open(raw, "wb"))
    return raw


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
