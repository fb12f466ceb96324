"""Cores and memory, as both versions of control groups tell them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dedup.machine import look_at_machine

if TYPE_CHECKING:
    from pathlib import Path

MEMINFO = "MemTotal:       16000000 kB\nMemFree:  1000 kB\nMemAvailable:    9000000 kB\n"


def fill(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_machine_without_limits(tmp_path: Path) -> None:
    found = look_at_machine(fill(tmp_path, {"proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/\n"}))
    assert found.usable_cores == len(os.sched_getaffinity(0)) <= found.cores
    assert (found.memory, found.available_memory) == (16000000 << 10, 9000000 << 10)
    assert found.core_limit is found.memory_limit is None


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    found = look_at_machine(tmp_path)
    assert found.memory is found.available_memory is found.memory_limit is found.core_limit is None
    assert found.cores >= 1


@pytest.mark.parametrize("base", ["sys/fs/cgroup/a/b", "sys/fs/cgroup/a", "sys/fs/cgroup"])
def test_the_second_version_limits_from_any_group_above(tmp_path: Path, base: str) -> None:
    files = {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}
    files |= {f"{base}/cpu.max": "150000 100000\n", f"{base}/memory.max": "536870912\n"}
    found = look_at_machine(fill(tmp_path, files))
    assert (found.core_limit, found.memory_limit) == (1.5, 512 << 20)


def test_the_tightest_limit_counts(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/a\n",
        "sys/fs/cgroup/a/cpu.max": "400000 100000",
        "sys/fs/cgroup/a/memory.max": "max",
        "sys/fs/cgroup/cpu.max": "200000 100000",
        "sys/fs/cgroup/memory.max": "1073741824",
    }
    found = look_at_machine(fill(tmp_path, files))
    assert (found.core_limit, found.memory_limit) == (2.0, 1 << 30)


def test_the_first_version_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/docker/x\n2:cpu,cpuacct:/docker/x\n0::/\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "268435456\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    found = look_at_machine(fill(tmp_path, files))
    assert (found.core_limit, found.memory_limit) == (0.5, 256 << 20)
    unlimited = {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n"}
    assert look_at_machine(fill(tmp_path, unlimited)).core_limit is None


def test_a_group_outside_the_folder_is_not_looked_into(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/../../x\nnonsense\n", "sys/x/memory.max": "1", "sys/fs/memory.max": "1"}
    assert look_at_machine(fill(tmp_path, files)).memory_limit is None
