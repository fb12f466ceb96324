from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.index import runfiles
from dedup.index.runfiles import check_run, delete_run, map_run, write_run
from dedup.index.runs import Run, sorted_run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=[0, 1, 500])
def run(request: pytest.FixtureRequest) -> Run:
    keys = np.random.default_rng(2).integers(0, 1 << 64, request.param, np.uint64)
    return sorted_run(keys, np.arange(1, request.param + 1))


def write(folder: Path, run: Run) -> Path:
    half = len(run.keys) // 2
    parts = [(run.keys[:half], run.numbers[:half]), (run.keys[half:], run.numbers[half:])]
    return folder / write_run(folder, len(run.keys), iter(parts))


def test_a_run_comes_back_as_it_was(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path, run)
    back = map_run(path)
    for one, other in zip(back[:3], run[:3], strict=True):
        np.testing.assert_array_equal(one, other)
    assert back.bits == run.bits
    assert list(tmp_path.iterdir()) == [path]
    assert check_run(path, 500) == []
    delete_run(tmp_path, path.name)
    assert list(tmp_path.iterdir()) == []
    assert len(back.keys) == len(run.keys)  # still mapped
    assert back.keys.sum() == run.keys.sum()


@pytest.mark.parametrize("fails", ["pwrite", "fsync"])
def test_what_is_not_whole_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, fail)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, sorted_run(np.array([5], np.uint64), np.array([1])))
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_is_cut_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda handle, data, place: whole(handle, data[:100], place))
    assert check_run(write(tmp_path, sorted_run(np.arange(90, dtype=np.uint64), np.arange(90))), 90) == []


def test_another_count_than_announced_is_refused(tmp_path: Path) -> None:
    run = sorted_run(np.array([5], np.uint64), np.array([1]))
    with pytest.raises(ValueError, match="2 postings were announced, 1 came"):
        write_run(tmp_path, 2, iter([(run.keys, run.numbers)]))
    assert list(tmp_path.iterdir()) == []


def spoil(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(("place", "word"), [(-4 * 90 - 1, "keys"), (-1, "numbers")])
def test_a_bit_that_has_changed_is_told(tmp_path: Path, place: int, word: str) -> None:
    path = write(tmp_path, sorted_run(np.arange(90, dtype=np.uint64), np.arange(90)))
    spoil(path, place)
    assert f"is damaged: its {word} are not what was written" in check_run(path, 1 << 32)


def test_no_byte_of_the_head_or_the_directory_may_change(tmp_path: Path) -> None:
    path = write(tmp_path, sorted_run(np.arange(200, dtype=np.uint64) << np.uint64(56), np.arange(200)))
    data = path.read_bytes()
    _, keys, _, _ = runfiles.Header(*runfiles._HEADER.unpack_from(data)).sections
    for place in (*range(24), 24, *range(64, keys)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x80]) + data[place + 1 :])
        with pytest.raises(ValueError, match=r"is no run|format|header says|its directory is not"):
            map_run(path)


@pytest.mark.parametrize("directory", [(0, 5000, 90), (1, 45, 90), (0, 45, 89), (0, -3, 90)])
def test_a_directory_that_leads_nowhere_is_refused(tmp_path: Path, directory: tuple[int, ...]) -> None:
    """Even with the right checksum."""
    path = write(tmp_path, sorted_run(np.arange(45, dtype=np.uint64) << np.uint64(57), np.arange(45)))
    data = bytearray(path.read_bytes())
    made = np.array(directory, np.int64)
    made[made == 90] = 45
    header = runfiles.Header(*runfiles._HEADER.unpack_from(data))
    data[64 : 64 + made.nbytes] = made.tobytes()
    data[:36] = runfiles._HEADER.pack(*header._replace(directory_sum=zlib.crc32(made.data)))
    path.write_bytes(data)
    with pytest.raises(ValueError, match="its directory is not"):
        map_run(path)


def test_wrong_order_and_numbers_are_told(tmp_path: Path) -> None:
    keys, numbers = np.array([9, 5], np.uint64), np.array([1, 70], np.uint32)
    path = tmp_path / write_run(tmp_path, 2, iter([(keys, numbers)]))
    assert check_run(path, 69) == [
        "has keys out of order",
        "has numbers beyond 69, the last that was given",
    ]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:0], "is no run"),
        (lambda data: b"x" + data[1:], "is no run"),
        (lambda data: data[:8] + b"\x63" + data[9:], "has format 99, 1 can be read"),
        (lambda data: data[:-1], "bytes, not those that its header says"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path: Path, damage: object, reason: str) -> None:
    path = write(tmp_path, sorted_run(np.arange(90, dtype=np.uint64), np.arange(90)))
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=reason):
        map_run(path)
    with pytest.raises(ValueError, match=reason):
        check_run(path, 90)
    assert runfiles.VERSION == 1
