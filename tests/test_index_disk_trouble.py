from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedup.errors import StorageError
from dedup.index import directory, runs, tidying
from dedup.index.catalogue import APPLICATION, FORMAT
from dedup.index.disk import DiskIndex
from tests.disk_places import answers, run_files
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


# What is none


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(StorageError, match=r"file: is a file; an index is a directory"):
        DiskIndex(file)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("")
    with pytest.raises(StorageError, match="holds other files and no index"):
        DiskIndex(tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE TABLE t (x)", "another program's database"),
        ("PRAGMA application_id = 7", "another program's database"),
        (
            f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 9",
            f"has format 9; this release reads format {FORMAT}",
        ),
    ],
)
def test_another_catalogue_is_refused(tmp_path: Path, statement: str, reason: str) -> None:
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
        database.executescript(statement)
    with pytest.raises(StorageError, match=reason):
        DiskIndex(tmp_path)


def test_garbage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.raises(StorageError, match=r"is damaged: catalog.sqlite .*restore the directory"):
        DiskIndex(tmp_path)


@pytest.mark.parametrize("bytes_left", [0, 4096])
def test_what_was_begun_is_finished(tmp_path: Path, bytes_left: int) -> None:
    """A process was killed after it had made the directory, or the head of the catalogue."""
    for name in ("turn", "door"):
        (tmp_path / name).write_text("")
    if bytes_left:
        with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
            database.execute("PRAGMA journal_mode = WAL")
    with closing(DiskIndex(tmp_path)) as index:
        index.setup({}, b"")
        fill(index, 3, hashed(1))
        assert index._directory.catalogue.query("PRAGMA auto_vacuum") == [(2,)]
        assert index.verify() == []


def test_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "network_type", lambda _: "nfs4")
    with pytest.raises(StorageError, match=r"network file system \(nfs4\).*redis://"):
        DiskIndex(tmp_path / "index")
    assert not (tmp_path / "index").exists()
    DiskIndex(f"{tmp_path / 'index'}?network=allow").close()


# Interruptions


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", ["add_recent", "add_run", "apply", "set_state", "commit"])
@pytest.mark.parametrize("size", [2, 50])
def test_a_commit_that_is_interrupted_is_none(
    index: DiskIndex, monkeypatch: pytest.MonkeyPatch, step: str, size: int
) -> None:
    fill(index, 3, hashed(1))
    before = len(run_files(index))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if (step, size) in {("add_recent", 50), ("add_run", 2)}:
        pytest.skip("another step")
    with monkeypatch.context() as patch:
        patch.setattr(index._directory.catalogue, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill(index, size, hashed(1))
    assert answers(index, 1) == [[1, 2, 3]]
    assert len(run_files(index)) == before
    fill(index, size, hashed(1))
    assert len(answers(index, 1)[0]) == 3 + size
    assert index.verify() == []


def test_a_commit_that_is_interrupted_afterwards_is_one(
    index: DiskIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index, 3, hashed(1))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(index._directory.postings.recent, "add", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fill(index, 2, hashed(1))
    assert answers(index, 1) == [[1, 2, 3, 4, 5]]
    assert index.verify() == []


# Disks that are full, or can't be written to


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root can mount one")
    folder = tmp_path / "tight"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False
    ).returncode:
        pytest.skip("none can be mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.usefixtures("small")
def test_a_full_disk_is_told_and_survived(tight: Path, size: int) -> None:
    with closing(DiskIndex(tight / "index")) as index:
        index.setup({}, b"")
        told = fill_up(index, size)
        (tight / "index" / "ballast").unlink()
        assert told < len(fillings(index))
        assert index.verify() == []
        index.compact()
        assert index.verify() == []


def fillings(index: DiskIndex) -> list[int]:
    """Add a little, and give all that is there."""
    fill(index, 1, hashed(1))
    return answers(index, 1)[0]


def fill_up(index: DiskIndex, size: int) -> int:
    """Add until the disk is full; how many were added."""
    (index._directory.path / "ballast").write_bytes(bytes(700_000))
    added = 0
    try:
        while added < 100_000:
            fill(index, size, hashed(1, 2, 3))
            added += size
    except StorageError as error:
        assert "disk is full" in error.reason  # noqa: PT017 - it is not known which time
    assert 0 < added < 100_000
    assert answers(index, 1) == [list(range(1, added + 1))]
    assert len(run_files(index)) == len(index._directory.catalogue.runs())
    return added


@pytest.mark.parametrize("size", [1, 50])
@pytest.mark.usefixtures("small")
def test_a_limit_of_file_sizes_is_told_and_survived(index: DiskIndex, size: int) -> None:
    fill(index, 100, hashed(1))
    index.compact()
    before = answers(index, 1)
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageError, match="may not grow"):
            fill(index, size, hashed(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert answers(index, 1) == before
    fill(index, size, hashed(1))
    assert len(answers(index, 1)[0]) == 100 + size
    assert index.verify() == []


@pytest.mark.usefixtures("small")
def test_runs_that_can_not_be_merged_are_told_and_kept(
    index: DiskIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tidying, "merge", fail)
        for _ in range(6):
            fill(index, 50, hashed(1))
    assert "runs are not merged" in caplog.text
    assert len(run_files(index)) == 6
    fill(index, 50, hashed(1))
    assert len(run_files(index)) < 6
    assert answers(index, 1) == [list(range(1, 351))]


READ_ONLY = """
import os, sys
from dedup.errors import StorageError
from dedup.index.disk import DiskIndex
if os.geteuid() == 0:
    os.setuid(65534)
for name in sys.argv[1:]:
    try:
        DiskIndex(name)
    except StorageError as error:
        print(error.reason)
"""


def test_what_may_not_be_written_to_is_told(tmp_path: Path, index: DiskIndex) -> None:
    fill(index, 3)
    tmp_path.chmod(0o555)
    (tmp_path / "index").chmod(0o555)
    for parent in tmp_path.parents[:3]:  # pytest's, which nobody else may look into
        if parent.stat().st_uid == os.getuid() and parent != Path("/tmp"):
            parent.chmod(0o755)
    try:
        names = [str(tmp_path / "index"), str(tmp_path / "new")]
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, *names], check=False, capture_output=True, text=True
        )
    finally:
        tmp_path.chmod(0o755)
        (tmp_path / "index").chmod(0o755)
    assert done.stdout.count("can't be written to, which reading needs too") == 2, done.stderr
