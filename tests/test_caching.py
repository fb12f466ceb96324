"""The cache of machine code: what it takes, where, and that no trouble with it is an error."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dedup.kernels import caching
from dedup.kernels.caching import (
    Place,
    entries,
    first_writable,
    objection,
    obstacle,
    places,
    read_object,
    turn,
    write_object,
)

KEY = """
import logging, sys
import numpy as np
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=logging.INFO)
from dedup.sketch.recipe import Recipe
keys = Recipe(num_perm=4, bands=2, rows=2).key(np.arange(4, dtype=np.uint32).reshape(1, 4))
print(keys.tolist(), "numba" in sys.modules)
"""
ONCE = "compiling kernels, once for this installation (about 10 s) ..."


def start_key(**variables: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    return subprocess.Popen(
        [sys.executable, "-c", KEY], env=environment | variables, stdout=subprocess.PIPE, text=True
    )


def run_key(cache: Path) -> list[str]:
    """What a new process prints that keys one signature, its cache being there."""
    with start_key(DEDUP_CACHE_DIR=str(cache)) as process:
        out, _ = process.communicate()
    assert process.returncode == 0
    return out.splitlines()


def objects(cache: Path) -> list[str]:
    return [name for name, _ in entries(Place(cache, "given"))]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "cache", "given")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No cache is named, and temporary files have a directory of their own."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for name in ("DEDUP_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return temporary


def kinds() -> list[str]:
    return [place.kind for place in places()]


@pytest.mark.slow
def test_the_first_process_compiles_and_says_so_and_the_next_one_loads(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    notice, first = run_key(cache)
    (entry,) = objects(cache)
    assert notice == ONCE
    assert first.endswith("True")
    assert run_key(cache) == [first.replace("True", "False")]
    assert objects(cache) == [entry]


@pytest.mark.slow
def test_without_a_cache_it_still_runs_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    notice, warning, answer = run_key(blocked / "cache")
    assert notice == "compiling kernels (about 10 s) ..."
    assert "can't be kept" in warning
    assert "DEDUP_CACHE_DIR" in warning
    assert answer.endswith("True")


@pytest.mark.slow
def test_of_several_processes_that_start_at_once_one_compiles(tmp_path: Path) -> None:
    started = [start_key(DEDUP_CACHE_DIR=str(tmp_path)) for _ in range(3)]
    told = [process.communicate()[0].splitlines() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sum(ONCE in lines for lines in told) == 1
    assert len({lines[-1].rpartition(" ")[0] for lines in told}) == 1
    assert len(objects(tmp_path)) == 1


@pytest.mark.slow
def test_a_cut_or_foreign_object_is_compiled_anew(tmp_path: Path) -> None:
    _, first = run_key(tmp_path)
    (entry,) = tmp_path.glob("*.o")
    whole = entry.read_bytes()
    for damaged in (b"", whole[:-1], whole[:200], b"sign\n\x7fELF not one of ours", whole + b"\0"):
        entry.write_bytes(damaged)
        assert run_key(tmp_path) == [ONCE, first]
        assert entry.read_bytes() == whole


def test_an_object_comes_back_under_its_own_name_only(place: Place) -> None:
    assert write_object("a.o", b"code", place)
    assert read_object("a.o", place) == b"code"
    (place.path / "b.o").write_bytes((place.path / "a.o").read_bytes())
    assert read_object("b.o", place) is None
    assert entries(place)[0][0] == "a.o"


def test_the_cache_is_where_the_user_says_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEDUP_CACHE_DIR", str(tmp_path))
    assert list(places()) == [Place(tmp_path, "given")]


def test_a_home_is_used_as_far_as_there_is_one(
    homeless: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # HOME unset, and no entry for this user
    assert kinds() == ["package", "temporary"]
    monkeypatch.undo()
    monkeypatch.delenv("DEDUP_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")
    assert kinds() == ["package", "temporary"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kinds() == ["package", "user", "temporary"]
    assert list(places())[1].path == tmp_path / ".cache" / "news-dedup"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert list(places())[1].path == tmp_path / ".cache" / "news-dedup"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert list(places())[1].path == tmp_path / "xdg" / "news-dedup"


def test_a_home_of_another_user_is_left_alone(
    homeless: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert kinds() == ["package", "temporary"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kinds() == ["package", "temporary"]


def test_there_may_be_no_directory_for_temporary_files(
    homeless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.chdir(homeless)  # which Python falls back on
    monkeypatch.delenv("TMPDIR", raising=False)
    assert kinds() == ["package"]
    monkeypatch.setenv("TMPDIR", str(homeless))
    assert kinds() == ["package", "temporary"]
    monkeypatch.setattr(tempfile, "gettempdir", fail)
    assert kinds() == ["package"]


def test_the_directory_of_last_resort_is_private_and_no_link(homeless: Path, tmp_path: Path) -> None:
    last = list(places())[-1]
    assert last.path.parent == homeless
    assert obstacle(last) is None
    assert last.path.stat().st_mode & 0o777 == 0o700
    assert write_object("a.o", b"code", last)
    last.path.rename(tmp_path / "elsewhere")
    last.path.symlink_to(tmp_path / "elsewhere")
    assert objection(last) == "is no directory"
    assert read_object("a.o", last) is None
    assert not write_object("b.o", b"code", last)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o775, 0o757])
def test_what_others_can_write_is_never_run(place: Place, mode: int) -> None:
    assert write_object("a.o", b"code", place)
    place.path.chmod(mode)
    assert read_object("a.o", place) is None
    assert not write_object("b.o", b"code", place)
    assert str(objection(place)).startswith("others may write to it")
    place.path.chmod(0o755)
    assert read_object("a.o", place) == b"code"
    (place.path / "a.o").chmod(0o666)
    assert read_object("a.o", place) is None


def test_what_belongs_to_a_stranger_is_never_run(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_object("a.o", b"code", place)
    mine = place.path.stat().st_uid
    if mine == 0:  # root is trusted by all
        if not hasattr(os, "chown"):
            pytest.skip("files have no owners here")
        mine = 54321
        os.chown(place.path, mine, -1)
        os.chown(place.path / "a.o", mine, -1)
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    monkeypatch.setattr(caching, "_owner", lambda: 0)
    assert objection(place) == f"belongs to another user ({mine})"
    assert read_object("a.o", place) is None
    monkeypatch.setattr(caching, "_owner", lambda: mine)  # who owns the package is believed
    assert read_object("a.o", place) == b"code"


def test_a_full_disk_leaves_nothing_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert obstacle(place) is None

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "chmod", full)
    assert not write_object("a.o", b"code", place)
    assert list(place.path.iterdir()) == []


def test_what_the_package_keeps_all_may_read(tmp_path: Path) -> None:
    place = Place(tmp_path / "package" / "objects", "package")
    before = os.umask(0o002)
    try:
        assert write_object("a.o", b"code", place)
    finally:
        os.umask(before)
    assert place.path.stat().st_mode & 0o777 == 0o755
    assert (place.path / "a.o").stat().st_mode & 0o777 == 0o644
    assert objection(place) is None


def test_the_first_that_takes_files_is_written_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    candidates = [Place(tmp_path / "file" / "cache", "package"), Place(tmp_path / "user", "user")]
    monkeypatch.setattr(caching, "places", lambda: iter(candidates))
    assert obstacle(candidates[0]) == "not a directory"
    assert first_writable() == candidates[1]


def test_a_turn_gives_what_another_compiled_meanwhile(place: Place) -> None:
    assert obstacle(place) is None
    with turn("a.o", place) as data:
        assert data is None
        write_object("a.o", b"code", place)
        with turn("a.o", place) as other:  # the lock is taken, but what it is waited for is there
            assert other == b"code"
    with turn("a.o", place) as data:
        assert data == b"code"


def test_who_waits_too_long_compiles_and_does_not_wait_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "LONGEST_WAIT", 0.0)
    monkeypatch.setattr(caching, "_impatient", [])
    assert obstacle(place) is None
    with turn("a.o", place), turn("b.o", place) as data:
        assert data is None
        assert caching._impatient == [True]


def test_without_a_place_or_without_locks_everybody_compiles(place: Place) -> None:
    with turn("a.o", None) as data:
        assert data is None
    with turn("a.o", place) as data:  # the directory is absent, and so is its lock
        assert data is None
