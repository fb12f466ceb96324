from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.errors import ParameterError, StorageError
from dedup.index import directory, runfiles, runs
from dedup.index.base import Change
from dedup.index.disk import DiskIndex
from tests.disk_places import DiskPlace, answers, run_files
from tests.index_contract import IndexContract
from tests.index_places import array, drop, entry, fill, hashed, lists, posted, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.index_places import Place


class TestDiskIndex(IndexContract):
    @pytest.fixture
    def places(self, tmp_path: Path) -> Callable[[], Place]:
        numbers = count()
        return lambda: DiskPlace(tmp_path / f"index {next(numbers)}")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DiskIndex]:
    with closing(DiskIndex(tmp_path / "index")) as opened:
        opened.setup({"bands": 46}, b"")
        yield opened


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few postings are a run."""
    monkeypatch.setattr(runs, "DIRECT", 40)
    monkeypatch.setattr(runs, "FLUSH", 60)


# Options


def test_a_uri_has_options(tmp_path: Path) -> None:
    with closing(DiskIndex(f"{tmp_path / 'a'}?durable=1&wait=2.5")) as index:
        assert index._directory.catalogue.query("PRAGMA synchronous") == [(2,)]
        assert index._directory._wait == 2.5
    with closing(DiskIndex(str(tmp_path / "b"))) as index:
        assert index._directory.catalogue.query("PRAGMA synchronous") == [(1,)]


@pytest.mark.parametrize(
    ("uri", "name"),
    [("{}/c", "c"), ("file://{}/c%20d", "c d"), ("{}/why?", "why?"), ("{}/c%20d?wait=1", "c%20d")],
)
def test_a_uri_names_a_directory(tmp_path: Path, uri: str, name: str) -> None:
    with closing(DiskIndex(uri.format(tmp_path))) as index:
        assert index.uri == uri.format(tmp_path)
    assert (tmp_path / name / "catalog.sqlite").exists()


def test_a_path_is_a_path(tmp_path: Path) -> None:
    DiskIndex(tmp_path / "a?durable=7").close()
    assert (tmp_path / "a?durable=7" / "catalog.sqlite").exists()


@pytest.mark.parametrize("query", ["durable=2", "wait=soon", "wait=", "speed=1", "network="])
def test_an_option_that_is_none_is_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(ParameterError, match=r"there are durable=0\|1, wait=SECONDS"):
        DiskIndex(f"{tmp_path}?{query}")


# Runs


@pytest.mark.usefixtures("small")
def test_what_is_much_becomes_a_run(tmp_path: Path, index: DiskIndex) -> None:
    with closing(DiskIndex(tmp_path / "index")) as other:
        for _ in range(6):
            fill(index, 5, hashed(1))
        assert run_files(index) == []
        fill(index, 40, hashed(1))
        assert len(run_files(index)) == 1
        assert answers(other, 1) == [list(range(1, 71))]
        for _ in range(20):
            fill(other, 45, hashed(1, 2))
        assert len(run_files(index)) < 10
        assert answers(index, 1) == answers(other, 1) == [list(range(1, 971))]
        assert index.verify() == []
    with closing(DiskIndex(tmp_path / "index")) as later:
        assert answers(later, 2) == [list(range(71, 971))]


@pytest.mark.usefixtures("small")
def test_a_reader_keeps_what_it_reads(tmp_path: Path, index: DiskIndex) -> None:
    fill(index, 50, hashed(1))
    fill(index, 3, hashed(1))
    with closing(DiskIndex(tmp_path / "index")) as reader, reader.turn(write=False):
        before = reader.find(hashed(1), 100)
        drop(index, range(1, 40))
        fill(index, 50, hashed(1))
        index.compact()
        after = reader.find(hashed(1), 100)
        assert after.entries == before.entries
        assert lists(after.postings) == lists(before.postings) == [list(range(1, 54))]
        assert len(next(iter(reader.outline())).numbers) == 53
    with closing(DiskIndex(tmp_path / "index")) as reader:
        assert answers(reader, 1) == [list(range(40, 104))]


@pytest.mark.usefixtures("small")
def test_a_list_that_is_outdated_is_read_again(index: DiskIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that learns of a run, which is then merged before it is mapped, asks again."""
    with closing(DiskIndex(index._directory.path)) as reader:
        fill(index, 50, hashed(1))
        mapped, missed = runfiles.map_run, list[Path]()

        def late(path: Path) -> runs.Run:
            if not missed:
                missed.append(path)
                drop(index, [1])
                index.compact()
            return mapped(path)

        monkeypatch.setattr(directory, "map_run", late)
        assert answers(reader, 1) == [list(range(2, 51))]
        assert not missed[0].exists()


@pytest.mark.usefixtures("small")
def test_files_that_nobody_lists_are_swept(index: DiskIndex) -> None:
    fill(index, 50, hashed(1))
    (listed,) = run_files(index)
    for name in ("0123456789abcdef.run", "0123456789abcdef.run.part"):
        (listed.parent / name).write_bytes(b"x")
    with index._tidier.alone():
        DiskIndex(index.uri).close()
        assert len(run_files(index)) == 3  # whoever replaces runs may be about to list one
    DiskIndex(index.uri).close()
    assert run_files(index) == [listed]


# Turns


def test_a_turn_to_read_does_not_write(index: DiskIndex) -> None:
    with index.turn(write=False), pytest.raises(StorageError, match="begin it with write=True"):
        index.reserve(1)
    assert index.reserve(1) == 1


def test_who_waits_too_long_is_told(index: DiskIndex) -> None:
    fill(index, 2, hashed(1))
    with closing(DiskIndex(index.uri, wait=0.1)) as other, index.turn(write=True):
        with pytest.raises(StorageError, match=r"has held it for 0.1 s; end it, or wait longer"):
            fill(other, 1)
        assert answers(other, 1) == [[1, 2]]  # who reads does not wait
        DiskIndex(index.uri, wait=0.1).close()
    with closing(DiskIndex(index.uri, wait=0.1)) as other:
        with index._tidier.alone(), pytest.raises(StorageError, match="another process is compacting"):
            other.compact()
        other.compact()
        other._directory.merger.acquire()
        with pytest.raises(StorageError, match="another thread is compacting"):
            other.verify()


def test_a_catalogue_that_another_program_locks(index: DiskIndex) -> None:
    with closing(DiskIndex(index.uri, wait=0.1)) as other:
        with closing(sqlite3.connect(index._directory.path / "catalog.sqlite")) as database:
            database.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="another program keeps the catalogue locked"):
                fill(other, 1)
        fill(other, 1)


def test_what_is_closed_says_so(index: DiskIndex) -> None:
    index.close()
    for act in (index.stored, index.compact, index.verify, lambda: fill(index, 1)):
        with pytest.raises(StorageError, match="was closed; open it again"):
            act()


def test_an_error_in_a_turn_is_the_callers(index: DiskIndex) -> None:
    def reserve_and_fail() -> None:
        with index.turn(write=True):
            assert index.reserve(2) == 1
            raise FileNotFoundError("mine")

    with pytest.raises(FileNotFoundError, match="mine"):
        reserve_and_fail()
    assert index.reserve(1) == 3


def test_numbers_end(index: DiskIndex) -> None:
    assert index.reserve(2**32 - 3) == 1
    assert index.reserve(1) == 2**32 - 2
    with pytest.raises(StorageError, match="numbers of articles are used up"):
        index.reserve(2)
    number = index.reserve(1)
    assert number == 2**32 - 1
    assert index.commit(posted(hashed(1), entry(number)))
    assert answers(index, 1) == [[number]]
    assert index.verify() == []


def test_ids_may_be_any_text(index: DiskIndex) -> None:
    odd = entry(index.reserve(1), doc_id="half \ud83d a pair")
    index.commit(posted(hashed(1), odd, clusters=[state(1, name="half \ud83d a pair")]))
    found = index.find(hashed(1), 1)
    assert found.entries == {1: odd}
    assert found.clusters[1].name == "half \ud83d a pair"


FORKED = """
import os, sys
from tests.disk_places import DiskPlace, answers, run_files
from tests.index_places import fill, hashed
from dedup.index.disk import DiskIndex
index = DiskIndex(sys.argv[1])
index.setup({}, b"")
fill(index, 2, hashed(1))
child = os.fork()
for _ in range(100):
    fill(index, 1, hashed(1))
if child == 0:
    index.close()
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
with index.turn(write=True):
    if os.fork() == 0:  # in the midst of a turn, which stays the parent's
        assert index.postings(hashed(1), 500).lengths.tolist() == [202]
        raise SystemExit
    os.wait()
    fill(index, 1, hashed(1))
assert index.postings(hashed(1), 500).lengths.tolist() == [203]
assert index.verify() == []
index.close()
if os.fork() == 0:
    try:
        index.stored()
    except OSError as error:
        assert "was closed" in str(error), error
        os._exit(7)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 7
"""


def test_a_fork_connects_anew(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path / "index")], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


# Space


def test_space_comes_back(index: DiskIndex) -> None:
    """After most articles have gone, the files are as large as those of an index that never had them."""
    payload = bytes(range(256)) * 2
    for _ in range(20):
        with index.turn(write=True):
            first = index.reserve(200)
            numbers = range(first, first + 200)
            assert index.commit(
                Change(
                    keys=np.random.default_rng(first).integers(0, 1 << 64, 48 * 200, np.uint64),
                    numbers=np.repeat(array(*numbers), 48),
                    entries=[entry(n, payload=payload) for n in numbers],
                    clusters=[state(n) for n in numbers],
                )
            )
    index.compact()
    full = sum(path.stat().st_size for path in index._directory.path.rglob("*") if path.is_file())
    drop(index, range(1, 3601))
    index.compact()
    left = sum(path.stat().st_size for path in index._directory.path.rglob("*") if path.is_file())
    assert left < full * 0.13
    assert index.verify() == []
