from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup.kernels.compiling import PLAIN, Kernel, cache_directories, kernel

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.kernels.types import Count, Hashes, Rows

KEY = """
import logging, sys
import numpy as np
logging.basicConfig(format="%(message)s", stream=sys.stdout)
from dedup.sketch.recipe import Recipe
keys = Recipe(num_perm=4, bands=2, rows=2).key(np.arange(4, dtype=np.uint32).reshape(1, 4))
print(keys.tolist(), "numba" in sys.modules)
"""


def run_key(cache: Path) -> list[str]:
    """What a new process prints that keys one signature, its cache being there."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
    done = subprocess.run(
        [sys.executable, "-c", KEY],
        env=environment | {"DEDUP_CACHE_DIR": str(cache)},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_the_first_process_compiles_and_the_next_one_loads(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (first,) = run_key(cache)
    (entry,) = cache.iterdir()
    assert first.endswith("True")
    assert run_key(cache) == [first.replace("True", "False")]
    assert list(cache.iterdir()) == [entry]


@pytest.mark.slow
def test_without_a_cache_it_still_runs_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    warning, answer = run_key(blocked / "cache")
    assert "set DEDUP_CACHE_DIR" in warning
    assert answer.endswith("True")


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEDUP_CACHE_DIR", str(tmp_path))
    assert cache_directories() == [tmp_path]
    monkeypatch.delenv("DEDUP_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directories()[-1] == tmp_path / "news-dedup"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert [place.name for place in cache_directories()] == ["__pycache__"]


@kernel("u8[] i8[,] i8")
def add_up(values: Hashes, table: Rows, factor: Count) -> Count:
    total = 0
    for k in range(len(values)):
        total += np.int64(values[k]) * factor
    table[0, 1] = total
    return total


def test_a_kernel_computes_and_writes_into_its_arrays() -> None:
    values, table = np.array([1, 2, 3], np.uint64), np.zeros((2, 3), np.int64)
    assert add_up(values, table, -2) == -12
    assert table.tolist() == [[0, -12, 0], [0, 0, 0]]


@pytest.mark.skipif(PLAIN, reason="plain Python checks no types")
@pytest.mark.parametrize(
    ("values", "table"),
    [
        (np.zeros(3, np.int64), np.zeros((2, 3), np.int64)),
        (np.zeros((3, 1), np.uint64), np.zeros((2, 3), np.int64)),
        (np.zeros(6, np.uint64)[::2], np.zeros((2, 3), np.int64)),
        (np.zeros(3, np.uint64), np.zeros((3, 2), np.int64).T),
    ],
)
def test_an_array_of_another_kind_is_refused(values: Any, table: Any) -> None:
    with pytest.raises(TypeError, match="C order needed"):
        add_up(values, table, 1)


@pytest.mark.skipif(PLAIN, reason="plain Python counts its arguments itself")
def test_too_few_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        add_up(np.zeros(3, np.uint64))  # type: ignore[call-arg]


def test_a_kernel_keeps_its_name() -> None:
    assert isinstance(add_up, Kernel)
    assert add_up.__dict__["__name__"] == "add_up"
