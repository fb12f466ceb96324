"""What state the installation is in."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedup import doctor
from dedup.doctor import CORE, EXTRAS, Extra, diagnose
from dedup.kernels import caching, compiling, warming
from dedup.kernels.caching import Place
from dedup.kernels.warming import all_kernels
from dedup.selftest import Trial

if TYPE_CHECKING:
    from tests.shell import Shell

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]


def name_of(requirement: str) -> str:
    return requirement.partition(">")[0].partition("[")[0]


def test_extras_and_dependencies_are_those_of_the_project() -> None:
    told = {
        name: tuple(map(name_of, wanted))
        for name, wanted in PROJECT["optional-dependencies"].items()
        if name not in {"all", "dev", "bench"}
    }
    assert EXTRAS | {"zstd": told["zstd"]} == told  # of which Python has its own from 3.14 on
    assert sorted(CORE) == sorted(map(name_of, PROJECT["dependencies"]))


def test_a_missing_extra_says_exactly_what_installs_it() -> None:
    assert Extra("parquet", {"pyarrow": None}).install == "pip install 'news-dedup[parquet]'"
    assert Extra("fast", {"isal": "1.7", "orjson": None}).install == "pip install 'news-dedup[fast]'"
    assert Extra("fast", {"isal": "1.7", "orjson": "3"}).install is None
    assert Extra("zstd", {}).install is None


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    """No self-test, which compiles."""
    monkeypatch.setattr(doctor, "try_out", lambda: Trial((), 0.1))


def test_cache_directories_are_told_with_what_is_in_them(
    well: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    blocked, open_to_all, home = (
        Place(tmp_path / "file" / "x", "package"),
        Place(tmp_path / "all", "user"),
        Place(tmp_path / "home", "temporary"),
    )
    open_to_all.path.mkdir()
    open_to_all.path.chmod(0o777)
    first = all_kernels()[0].object_name
    assert caching.write_object(first, b"code", home)
    (home.path / "old.o").write_bytes(b"old")
    monkeypatch.setattr(doctor, "places", lambda: iter([blocked, open_to_all, home]))
    found = diagnose()
    told = [(one.compiled, one.stale, one.ignored, one.read_only) for one in found.caches]
    assert told == [
        (0, 0, "not a directory", "not a directory"),
        (0, 0, *["others may write to it (mode 777)"] * 2),
        (1, 1, None, None),
    ]
    assert found.written_to == found.caches[2]
    assert found.as_dict()["written_to"] == str(home.path)


def test_the_command_says_it_for_readers_and_in_json(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, well: None
) -> None:
    monkeypatch.setenv("DEDUP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor, "EXTRAS", {"parquet": ("no-such-package",), "report": ("click",)})
    answer = shell("doctor")
    assert answer.status == 0
    lines = dict(line.split(maxsplit=1) for line in answer.out.splitlines() if line)
    assert lines["parquet"] == "pip install 'news-dedup[parquet]'"
    assert lines["report"].startswith("click ")
    assert lines["kernels"] == str(len(all_kernels()))
    assert lines["cache"] == f"{tmp_path}/cache (0 compiled, 0 stale, 0 bytes)"
    assert lines["self-test"].startswith("passed in ")
    record = json.loads(shell("doctor", "--json").out)
    assert record["extras"][0] == {
        "name": "parquet",
        "packages": {"no-such-package": None},
        "install": "pip install 'news-dedup[parquet]'",
    }
    assert record["trial"]["passed"] is True


def test_a_failed_self_test_is_status_2(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "try_out", lambda: Trial(("clusters: all wrong",), 0.1))
    answer = shell("doctor")
    assert answer.status == 2
    assert "fault         clusters: all wrong\n" in answer.out
    assert answer.out.endswith("self-test     failed in 0.1 seconds\n")


def test_warm_tells_where_and_fails_where_nothing_keeps_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, well: None
) -> None:
    monkeypatch.setattr(warming, "warm", lambda: Place(tmp_path, "package"))
    answer = shell("doctor", "--warm")
    assert (answer.status, answer.err) == (0, f"all {len(all_kernels())} kernels are in {tmp_path}\n")
    (tmp_path / "file").write_text("")
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "try_out", lambda: Trial((), 0.1))
    monkeypatch.setenv("DEDUP_CACHE_DIR", str(tmp_path / "file"))
    answer = shell("doctor", "--warm")
    assert answer.status == 2
    assert "set DEDUP_CACHE_DIR" in answer.out
    assert answer.err == "dedup: no cache directory keeps the kernels; name one with DEDUP_CACHE_DIR\n"


def test_a_broken_compiler_is_found_and_the_rest_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEDUP_CACHE_DIR", str(tmp_path))
    compiling.stamp.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setattr(compiling, "PLAIN", False)
    monkeypatch.setattr(compiling.Kernel, "__call__", lambda self, *_: self.object_name)
    answer = shell("doctor")
    assert answer.status == 2
    assert "fault         clusters: ModuleNotFoundError: import of llvmlite halted" in answer.out
    assert f"cache         {tmp_path} (0 compiled, 0 stale, 0 bytes)" in answer.out
