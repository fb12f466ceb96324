"""Runs of postings as files: written once, whole or not at all, then mapped into memory.

A file is a header of 64 bytes, the directory, the keys, the numbers, in the byte order of the machine. A checksum of
each stands in the header. See :mod:`dedup.index.runs`.
"""

from __future__ import annotations

import mmap
import os
import secrets
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.index.runs import Run, directory_bits
from dedup.kernels.postings import count_slots, is_ascending

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Offsets, Rows32U

MAGIC = b"dedupRUN"
VERSION = 1
SUFFIX = ".run"
_HEADER = struct.Struct("=8s I I Q III")  # magic, version, bits, postings, checksums
_HEADER_BYTES = 64
_UNFINISHED = ".part"
_STEP = 1 << 22  # bytes of a file that are read at once


class Header(NamedTuple):
    """What stands at the beginning of the file.

    Attributes
    ----------
    magic, version : bytes, int
        Of which format it is.
    bits : int
        Bits of the directory.
    postings : int
        How many there are.
    directory_sum, keys_sum, numbers_sum : int
        Checksums.
    """

    magic: bytes
    version: int
    bits: int
    postings: int
    directory_sum: int
    keys_sum: int
    numbers_sum: int

    @property
    def sections(self) -> tuple[int, int, int, int]:
        """Where directory, keys and numbers begin, and the end of the file."""
        keys = _HEADER_BYTES + 8 * ((1 << self.bits) + 1)
        numbers = keys + 8 * self.postings
        return _HEADER_BYTES, keys, numbers, numbers + 4 * self.postings


def write_run(folder: Path, count: int, parts: Iterator[tuple[Hashes, Rows32U]]) -> str:
    """Write a run.

    Parameters
    ----------
    folder : Path
        Where to.
    count : int
        Postings in all parts together.
    parts : iterator of (ndarray of uint64, ndarray of uint32)
        Ascending keys, and numbers.

    Returns
    -------
    str
        Name of the file, which is on the disk. Should anything fail, there is none.
    """
    name = f"{secrets.token_hex(8)}{SUFFIX}"
    temporary = folder / (name + _UNFINISHED)
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            _fill(handle, count, parts)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.rename(folder / name)
        sync(folder)
    except BaseException:
        delete_run(folder, name)
        raise
    return name


def _fill(handle: int, count: int, parts: Iterator[tuple[Hashes, Rows32U]]) -> None:
    header = Header(MAGIC, VERSION, directory_bits(count), count, 0, 0, 0)
    directory = np.zeros((1 << header.bits) + 1, np.int64)
    first, keys_place, numbers_place, end = header.sections
    keys_sum = numbers_sum = 0
    for keys, numbers in parts:
        count_slots(keys, header.bits, directory)
        keys_sum, numbers_sum = zlib.crc32(keys.data, keys_sum), zlib.crc32(numbers.data, numbers_sum)
        keys_place = _put(handle, keys, keys_place)
        numbers_place = _put(handle, numbers, numbers_place)
    if numbers_place != end:
        raise ValueError(f"{count} postings were announced, {(numbers_place - end) // 4 + count} came")
    directory = np.cumsum(directory)
    _put(handle, directory, first)
    header = header._replace(
        directory_sum=zlib.crc32(directory.data), keys_sum=keys_sum, numbers_sum=numbers_sum
    )
    _put(handle, np.frombuffer(_HEADER.pack(*header).ljust(_HEADER_BYTES, b"\0"), np.uint8), 0)


def _put(handle: int, array: NDArray[Any], place: int) -> int:
    """Write an array, all of it; where it ends. A disk that is nearly full takes a part first."""
    data = array.data.cast("B") if len(array) else memoryview(b"")
    while data:
        written = os.pwrite(handle, data, place)
        data, place = data[written:], place + written
    return place


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def delete_run(folder: Path, name: str) -> None:
    """Delete a run, finished or not. Who has it mapped keeps it."""
    for path in (folder / name, folder / (name + _UNFINISHED)):
        path.unlink(missing_ok=True)


def map_run(path: Path) -> Run:
    """Map a run into memory.

    Raises
    ------
    FileNotFoundError
        If it isn't there: another process may have merged it.
    ValueError
        If it is none, or not whole, or its directory is damaged: nobody could look up in it.

    Notes
    -----
    Keys and numbers are not read: whatever they are, looking them up stays within the file.
    """
    with path.open("rb") as file:
        header = _read_header(file.read(_HEADER_BYTES), os.fstat(file.fileno()).st_size)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    first, keys, numbers, _ = header.sections
    directory = np.frombuffer(mapped, np.int64, (1 << header.bits) + 1, first)
    _check_directory(directory, header)
    return Run(
        np.frombuffer(mapped, np.uint64, header.postings, keys),
        np.frombuffer(mapped, np.uint32, header.postings, numbers),
        directory,
        header.bits,
    )


def _check_directory(directory: Offsets, header: Header) -> None:
    """Refuse a directory that is not what was written: 5 ms for a million articles."""
    if (
        _checksum(directory) != header.directory_sum
        or directory[0] != 0
        or directory[-1] != header.postings
        or (directory[1:] < directory[:-1]).any()
    ):
        raise ValueError("is damaged: its directory is not what was written")


def _read_header(data: bytes, size: int) -> Header:
    if len(data) < _HEADER_BYTES or not data.startswith(MAGIC):
        raise ValueError("is no run")
    header = Header(*_HEADER.unpack_from(data))
    if header.version != VERSION:
        raise ValueError(f"has format {header.version}, {VERSION} can be read")
    if not 0 < header.bits < 48 or header.sections[-1] != size:
        raise ValueError(f"has {size} bytes, not those that its header says")
    return header


def check_run(path: Path, last: int) -> list[str]:
    """What is wrong with a run: its checksums, its order, numbers higher than `last`. Raises what `map_run` does."""
    run = map_run(path)
    with path.open("rb") as file:
        header = Header(*_HEADER.unpack_from(file.read(_HEADER_BYTES)))
    wrong = []
    if _checksum(run.keys) != header.keys_sum:
        wrong.append("is damaged: its keys are not what was written")
    if _checksum(run.numbers) != header.numbers_sum:
        wrong.append("is damaged: its numbers are not what was written")
    if not is_ascending(run.keys):
        wrong.append("has keys out of order")
    if len(run.numbers) and int(run.numbers.max()) > last:
        wrong.append(f"has numbers beyond {last}, the last that was given")
    return wrong


def _checksum(array: NDArray[Any]) -> int:
    total, step = 0, _STEP // array.itemsize
    for begin in range(0, len(array), step):
        total = zlib.crc32(array[begin : begin + step].data, total)
    return total
