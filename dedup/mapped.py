"""Arrays in files, which the system holds in its cache and takes from memory when it is short."""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import tempfile
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import WriteError
from dedup.storage import Appender, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import DTypeLike, NDArray

    from dedup.kernels.types import Offsets, Rows

_CHUNK = 1 << 20
_PAGE = mmap.PAGESIZE
_PUNCH_HOLE, _KEEP_SIZE = 2, 1  # of fallocate(2)
_maps: weakref.WeakKeyDictionary[mmap.mmap, Path] = weakref.WeakKeyDictionary()  # and their files


def create(path: Path, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Array of any contents in a new file, whose room on the disk is reserved.

    Raises
    ------
    OSError
        If the disk is full: now, and not as a signal when the array is written to.
    """
    with path.open("xb") as file:
        _reserve(file.fileno(), math.prod(np.atleast_1d(shape).tolist()) * np.dtype(dtype).itemsize)
    return open_array(path, shape, dtype)


def open_array(path: Path, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Array of the contents of a file, which is written to when the array is."""
    size = math.prod(np.atleast_1d(shape).tolist())
    if not size:
        return np.empty(shape, dtype)
    with path.open("r+b") as file:
        pages = mmap.mmap(file.fileno(), size * np.dtype(dtype).itemsize)
    _maps[pages] = path
    return np.frombuffer(pages, dtype, size).reshape(shape)


def map_of(array: NDArray[Any]) -> mmap.mmap | None:
    """The map that an array lies in, if it lies in one that was made here."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    found = base.obj if isinstance(base, memoryview) else base
    return found if isinstance(found, mmap.mmap) and found in _maps else None


def when_gone(array: NDArray[Any], act: Callable[[], object]) -> weakref.finalize[..., Any] | None:
    """Act when nothing looks into an array's file any more; None where it has none."""
    pages = map_of(array)
    return None if pages is None else weakref.finalize(pages, act)


def give_back() -> None:
    """Give back the memory of all pages of all maps: what was written stays in the system's cache, or goes to the disk."""
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for pages in list(_maps):
        pages.madvise(mmap.MADV_DONTNEED)


def take_ranges(array: NDArray[Any], starts: Offsets, stops: Offsets) -> NDArray[Any]:
    """Ranges of items, one behind the other; of a file they are read, for looking at one item maps up to 2 MB of neighbours.

    Parameters
    ----------
    array : ndarray
        In memory or in a file; in C order.
    starts, stops : ndarray of int64
        Of the ranges, in items.

    Returns
    -------
    ndarray of shape (sum of the lengths,)
    """
    lengths = stops - starts
    places = np.concatenate([[0], np.cumsum(lengths)])
    items = array.reshape(-1)
    pages = map_of(array)
    if pages is None:
        in_memory: NDArray[Any] = items[np.arange(places[-1]) + np.repeat(starts - places[:-1], lengths)]
        return in_memory
    out = np.empty(places[-1], array.dtype)
    parted = np.flatnonzero(np.append(True, starts[1:] != stops[:-1])[: len(starts)])
    ends = np.append(parted, len(starts))[1:]
    begin = items.ctypes.data - np.frombuffer(pages, np.uint8).ctypes.data
    offsets, view = begin + starts[parted] * array.itemsize, out.view(np.uint8).data
    targets = places[parted] * array.itemsize, places[ends] * array.itemsize
    with _maps[pages].open("rb", buffering=0) as file:
        columns = (column.tolist() for column in (offsets, *targets))
        for offset, start, stop in zip(*columns, strict=True):
            file.seek(offset)
            file.readinto(view[start:stop])
    return out


def take_rows(array: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """Rows of a two-dimensional array, likewise."""
    width = array.shape[1]
    return take_ranges(array, rows * width, (rows + 1) * width).reshape(-1, width)


def discard(array: NDArray[Any], start: int, stop: int) -> None:
    """Give back the disk below some items of an array that is a file, where the file system can; they read as zeros then."""
    pages = map_of(array)
    punch = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    first = -(-start * array.itemsize // _PAGE) * _PAGE
    length = stop * array.itemsize // _PAGE * _PAGE - first
    if pages is not None and length > 0 and punch is not None:
        with _maps[pages].open("r+b") as file:
            punch(file.fileno(), _PUNCH_HOLE | _KEEP_SIZE, ctypes.c_int64(first), ctypes.c_int64(length))


def _reserve(descriptor: int, size: int) -> None:
    if not size:
        return
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Say where a disk is full, if it is not that of an output.

    Raises
    ------
    WriteError
        For an `OSError` of the block.
    """
    try:
        yield
    except OSError as error:
        raise WriteError(f"{directory} can't be written: {error.strerror or error}") from error


class FileAppender(Appender):
    """Values that are appended to a file, behind those that stand there already.

    Parameters
    ----------
    path : Path
        The file.
    dtype : dtype
        Of the values.
    length : int, default=0
        How many of the values in the file count; what stands behind them is overwritten.
    """

    def __init__(self, path: Path, dtype: DTypeLike, length: int = 0) -> None:
        self._path = path
        self._dtype = np.dtype(dtype)
        self._length = length
        self._file = path.open("r+b" if length else "wb", buffering=_CHUNK)
        self._file.truncate(length * self._dtype.itemsize)
        self._file.seek(0, os.SEEK_END)

    def append(self, values: NDArray[Any]) -> None:
        """Append an array."""
        with writing(self._path.parent):
            self._file.write(np.ascontiguousarray(values, self._dtype).view(np.uint8).data)
        self._length += len(values)

    def flush(self) -> None:
        """Hand what was appended to the system, where it outlives this process."""
        with writing(self._path.parent):
            self._file.flush()

    def so_far(self) -> NDArray[Any]:
        """What was appended so far."""
        self.flush()
        return open_array(self._path, self._length, self._dtype)

    def close(self) -> None:
        """Let go of the file, wherever it has come to."""
        with suppress(OSError):  # a full disk was told of before
            self._file.close()

    def finish(self) -> NDArray[Any]:
        """The whole as an array."""
        self.flush()
        self._file.close()
        return open_array(self._path, self._length, self._dtype)


class FileShelf(Shelf):
    """Texts in a file without a name, which goes when the block ends; what is forgotten keeps its place in it till then."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = tempfile.TemporaryFile(dir=directory, buffering=_CHUNK)  # noqa: SIM115 - lives as long as the shelf
        self._places: dict[int, tuple[int, int]] = {}
        self._end = self._flushed = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget all."""
        self._file.close()

    def put(self, number: int, text: bytes) -> None:
        """Put one away."""
        with writing(self._directory):
            self._file.write(text)
        self._places[number] = self._end, len(text)
        self._end += len(text)

    def get(self, number: int) -> bytes:
        """Look at one."""
        start, length = self._places[number]
        if start + length > self._flushed:
            with writing(self._directory):
                self._file.flush()
            self._flushed = self._end
        return os.pread(self._file.fileno(), length, start)

    def drop(self, number: int) -> None:
        """Forget one."""
        del self._places[number]
