"""Outputs: whole files out, all together or none."""

from __future__ import annotations

import gzip
import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar, cast

from dedup.errors import DedupError, ParameterError, WriteError
from dedup.io.streams import STANDARD_STREAM, zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

_Item = TypeVar("_Item")
_CHUNK = 1 << 20
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}


def check_outputs(
    outputs: Iterable[str | os.PathLike[str]], inputs: Iterable[str], index: Path | None = None
) -> None:
    """Refuse to write two outputs to one file, to a file that is read, or into the directory of an index.

    Raises
    ------
    ParameterError
        If something would be lost.
    """
    read = {_identity(name) for name in inputs if name != STANDARD_STREAM}
    home = None if index is None else Path(os.path.realpath(index))
    written: set[str] = set()
    for name in [os.fspath(output) for output in outputs]:
        path = name if name == STANDARD_STREAM else os.path.realpath(name)
        stream = path == STANDARD_STREAM
        if not stream and not _is_device(path):
            if _identity(path) in read:
                raise ParameterError(f"{name} is an input and would be overwritten; write to another file")
            if home is not None and home in (Path(path), *Path(path).parents):
                raise ParameterError(f"{name} lies in the index {index}; write to a file outside of it")
        if path in written and (stream or not _is_device(path)):
            raise ParameterError(f"{name} is given for two outputs; write each to a file of its own")
        written.add(path)


def _identity(name: str) -> tuple[int, int] | str:
    """What two names of one file have in common."""
    try:
        found = Path(name).stat()
    except OSError:
        return os.path.realpath(name)
    return found.st_dev, found.st_ino


def _is_device(path: str) -> bool:
    return Path(path).exists() and not Path(path).is_file()


class Outputs:
    """Files that appear whole, all together, or not at all.

    A context manager: what is written goes to temporary names beside the files, which are renamed when the block
    ends without an error and removed when it does not. ``-`` is standard output; the compression follows the suffix
    (``.gz``, ``.zst``).

    Parameters
    ----------
    note : callable, optional
        Called with each temporary name before anything is written to it.
    """

    def __init__(self, note: Callable[[Path], None] | None = None) -> None:
        self._note = note
        self._files = ExitStack()
        self._renames: list[tuple[Path, Path]] = []
        self._made: list[Path] = []
        self._last = Path(STANDARD_STREAM)

    def create(self, name: str | os.PathLike[str], *, compress: bool = True) -> BinaryIO:
        """Open an output for writing; it is closed with all others. Without `compress` it gets bytes as they are."""
        if os.fspath(name) == STANDARD_STREAM:
            return sys.stdout.buffer
        path = self._last = Path(name)
        compression = compression_of(path) if compress else None
        if path.is_dir():
            raise WriteError(f"{path} can't be written: it is a directory; name a file")
        if path.exists() and not path.is_file():
            with _as_write_error(path):  # a pipe or a device is written to, never replaced
                raw = self._files.enter_context(path.open("wb"))
                return self._files.enter_context(_compressed(raw, compression))
        return self._files.enter_context(self._temporary(path, compression))

    @contextmanager
    def writing(self, path: Path, compression: str | None) -> Iterator[BinaryIO]:
        """Write one of many files, which is closed when the block ends and renamed with all others."""
        self.make_directory(path.parent)
        with self._temporary(path, compression) as stream:
            yield stream

    def make_directory(self, path: Path) -> None:
        """Make a directory, with those above it; what was made is removed after an error."""
        if path.exists() and not path.is_dir():
            raise WriteError(f"{path} can't be written: it is no directory; name another one")
        with _as_write_error(path):
            absent = [place for place in (path, *path.parents) if not place.exists()]
            for place in reversed(absent):
                with _listed(self._made, place):
                    place.mkdir()

    @contextmanager
    def _temporary(self, path: Path, compression: str | None) -> Iterator[BinaryIO]:
        """A stream into a file beside `path`, that is renamed to it in the end."""
        self._last = path
        temporary = path.parent / f".{path.name[:40]}.{os.urandom(8).hex()}.part"
        with ExitStack() as opened:
            with _as_write_error(path):
                if self._note is not None:
                    self._note(Path(os.path.abspath(temporary)))  # noqa: PTH100 - resolve() follows links
                with _listed(self._renames, (temporary, path)):
                    file = opened.enter_context(temporary.open("xb", buffering=_CHUNK))
                stream = opened.enter_context(_compressed(file, compression))
            yield stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        whole = False
        try:
            with _as_write_error(self._last):
                self._files.close()
                if error is None:
                    for temporary, path in self._renames:
                        temporary.replace(path)
                    whole = True
        finally:
            if not whole:
                self._remove()
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError | DedupError):
            raise WriteError(f"{self._last} can't be written: {error.strerror or error}") from error

    def _remove(self) -> None:
        """Leave nothing of what was written, nor of the directories made for it."""
        for temporary, _ in self._renames:
            temporary.unlink(missing_ok=True)
        for made in reversed(self._made):
            with suppress(OSError):  # somebody else has put something into it
                made.rmdir()


@contextmanager
def _listed(items: list[_Item], item: _Item) -> Iterator[None]:
    """List what a block makes before it is there, as an interrupt may follow at once; not if it can't be made."""
    items.append(item)
    try:
        yield
    except OSError:
        items.remove(item)
        raise


@contextmanager
def _as_write_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path} can't be written: {error.strerror or error}") from error


def compression_of(path: Path) -> str | None:
    """Compression that a suffix stands for.

    Examples
    --------
    >>> compression_of(Path("kept.jsonl.gz"))
    'gzip'
    """
    return _COMPRESSIONS.get(path.suffix.lower())


def _compressed(raw: BinaryIO, compression: str | None) -> BinaryIO:
    """Stream that compresses; deterministic: no name and no time in a gzip header."""
    if compression == "gzip":
        return cast("BinaryIO", gzip.GzipFile("", "wb", 6, raw, mtime=0))
    if compression == "zstd":
        return cast("BinaryIO", zstandard().open(raw, "wb"))
    return raw
