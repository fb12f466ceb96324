"""An index in a directory whose files are damaged or lost."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dedup.errors import StorageError
from dedup.index import runs
from dedup.index.disk import DiskIndex
from dedup.index.registry import open_back_end
from tests.disk_places import DiskPlace, answers, run_files
from tests.index_places import fill, hashed

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("lost", ["missing", "empty", "blank"])
def test_nothing_is_begun_beside_the_runs_of_a_lost_catalogue(tmp_path: Path, lost: str) -> None:
    path = tmp_path / "index"
    with closing(DiskIndex(path)) as index:
        index.setup({}, b"")
        fill(index, 50, hashed(1))
        files = run_files(index)
    catalogue = path / "catalog.sqlite"
    catalogue.unlink()
    if lost == "empty":
        catalogue.touch()
    elif lost == "blank":
        with closing(sqlite3.connect(catalogue)) as database:
            database.execute("PRAGMA journal_mode = WAL")
    for create in (True, False):
        with pytest.raises(
            StorageError, match=r"catalog.sqlite is missing or empty beside a run file; restore"
        ):
            open_back_end(path, create=create)
    assert list((path / "runs").iterdir()) == files
    for file in files:
        file.rename(tmp_path / file.name)
    DiskIndex(path).close()


@pytest.mark.usefixtures("small")
def test_damage_to_runs_is_told(index: DiskIndex) -> None:
    fill(index, 50, hashed(1))
    (file,) = run_files(index)
    data = bytearray(file.read_bytes())
    data[-1] ^= 255
    file.write_bytes(data)
    assert any("numbers are not what was written" in line for line in index.verify())
    file.write_bytes(data[:-1])
    with closing(DiskIndex(index.uri)) as other:
        with pytest.raises(StorageError, match="not those that its header says; restore it"):
            answers(other, 1)
        assert any("header" in line for line in other.verify())
    file.unlink()
    with closing(DiskIndex(index.uri)) as other:
        with pytest.raises(StorageError, match=rf"runs/{file.name} is missing; restore it from a copy"):
            answers(other, 1)
        missing, lost = other.verify()
        assert missing == f"runs/{file.name} is missing"
        assert lost.startswith(
            "50 of 50 articles stand in this file only: restore it from a copy, else neither"
        )


@pytest.mark.usefixtures("small")
def test_what_is_lost_with_runs_is_counted(index: DiskIndex) -> None:
    for _ in range(3):
        fill(index, 50, hashed(1))
    fill(index, 2, hashed(1))
    first, second, _ = (index._directory.runs / name for name in index._directory.catalogue.runs())
    first.unlink()
    data = second.read_bytes()
    second.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with closing(DiskIndex(index.uri)) as other:
        missing, *damaged, lost = other.verify()
    assert missing == f"runs/{first.name} is missing"
    assert damaged[0] == f"runs/{second.name} is damaged: its numbers are not what was written"
    assert lost.startswith("100 of 152 articles stand in these 2 files only: restore them")


def test_a_catalogue_that_can_not_be_read_is_told(index: DiskIndex) -> None:
    fill(index, 3000)
    index.close()
    file = Path(index.uri) / "catalog.sqlite"
    data = bytearray(file.read_bytes())
    data[4096 * 20 :] = b"x" * (len(data) - 4096 * 20)
    file.write_bytes(data)
    with closing(DiskIndex(index.uri)) as other:
        assert any(line.startswith("catalog.sqlite") for line in other.verify())


@pytest.mark.usefixtures("small")
def test_a_damaged_directory_of_a_run_is_told(index: DiskIndex) -> None:
    fill(index, 500, hashed(*range(9)))
    (file,) = run_files(index)
    data = file.read_bytes()
    for place in (71, 300, 607):
        file.write_bytes(data[:place] + bytes([data[place] ^ 0x80]) + data[place + 1 :])
        with closing(DiskIndex(index.uri)) as other:
            with pytest.raises(
                StorageError, match=rf"runs/{file.name} is damaged: .* restore it from a copy"
            ):
                answers(other, 1)
            assert any(f"{file.name} is damaged" in line for line in other.verify())


@pytest.mark.usefixtures("small")
def test_garbage_in_keys_and_numbers_is_survived(index: DiskIndex) -> None:
    for _ in range(3):
        fill(index, 50, hashed(*range(9)))
    file = index._directory.runs / index._directory.catalogue.runs()[0]
    data = file.read_bytes()
    noise = np.random.default_rng(1).bytes(12 * 450)
    file.write_bytes(data[: -len(noise)] + noise)
    with closing(DiskIndex(index.uri)) as other:
        for key in range(9):
            found = other.find(hashed(key), 1 << 20)
            assert set(range(51, 151)) <= set(found.entries) <= set(range(1, 151))
        with contextlib.suppress(StorageError):
            other.compact()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM clusters WHERE leader = 2", "entry 2: its cluster 2 is not known"),
        ("DELETE FROM entries WHERE number = 2", "cluster 2: its leader is not remembered"),
        ("DELETE FROM payloads WHERE number = 2", "entry 2: no payload"),
        ("INSERT INTO payloads VALUES (9, x'')", "payload 9: no entry"),
        ("UPDATE clusters SET size = 2 WHERE leader = 2", "cluster 2: 2 members are counted, there are 1"),
        ("UPDATE state SET last = 2", "entry 3: numbers were given up to 2 only"),
        ("UPDATE recents SET numbers = x'09000000'", "recent postings 1 are not what was stored"),
    ],
)
def test_what_does_not_agree_is_told(index: DiskIndex, statement: str, problem: str) -> None:
    fill(index, 3, hashed(1))
    with closing(sqlite3.connect(index._directory.path / "catalog.sqlite")) as database:
        database.execute(statement)
        database.commit()
    assert problem in index.verify()


def test_what_is_wrong_often_is_told_briefly(index: DiskIndex) -> None:
    fill(index, 150, hashed(1))
    with closing(sqlite3.connect(index._directory.path / "catalog.sqlite")) as database:
        database.execute("DELETE FROM payloads")
        database.commit()
    assert len(index.verify()) == 101
    assert "and 50 more of these" in index.verify()


def test_damage_to_what_is_recent_is_told(tmp_path: Path, index: DiskIndex) -> None:
    fill(index, 3, hashed(1))
    DiskPlace(tmp_path / "index").damage()
    with (
        closing(DiskIndex(index.uri)) as other,
        pytest.raises(StorageError, match="recent postings 1 are not what was stored; restore"),
    ):
        answers(other, 1)
