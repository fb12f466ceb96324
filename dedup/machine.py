"""What a run may use of this machine: cores and memory, as Linux and its control groups tell; elsewhere less is known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNLIMITED = 1 << 60  # the first version of control groups writes a number near 2**63 for no limit


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores and memory.

    Parameters
    ----------
    cores : int
        That the machine has.
    usable_cores : int
        That this process may run on; a run takes so many threads.
    core_limit : float or None
        Cores' worth of time that a control group (a container) may use; None without a limit.
    memory : int or None
        Bytes that the machine has; None where it does not tell.
    available_memory : int or None
        Bytes that are free, or can be made so.
    memory_limit : int or None
        Bytes that a control group may use; None without a limit.
    """

    cores: int
    usable_cores: int
    core_limit: float | None
    memory: int | None
    available_memory: int | None
    memory_limit: int | None


def look_at_machine(root: Path = Path("/")) -> Machine:
    """Read what this process may use.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``sys`` are.

    Examples
    --------
    >>> look_at_machine().usable_cores >= 1
    True
    """
    total, available = _meminfo(root / "proc/meminfo")
    cores = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    groups = list(_groups(root))
    core_limits = [limit for group in groups if (limit := _core_limit(group)) is not None]
    memory_limits = [limit for group in groups if (limit := _memory_limit(group)) is not None]
    return Machine(
        cores,
        usable,
        min(core_limits, default=None),
        total,
        available,
        min(memory_limits, default=None),
    )


def _groups(root: Path) -> Iterator[Path]:
    """Folders of the control groups of this process, each with all above it, for each limits those below."""
    base = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        # In a container the path may be that of the host, and the group itself stands at the top.
        for top in [base, *(base / name for name in (controllers, *controllers.split(",")) if name)]:
            group = top.joinpath(*path.split("/"))
            yield from (one for one in (group, *group.parents) if one == top or top in one.parents)


def _core_limit(group: Path) -> float | None:
    quota, _, period = _text(group / "cpu.max").partition(" ")
    if not period:
        quota, period = _text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")
    given, length = _number(quota), _number(period)
    return given / length if given and length else None


def _memory_limit(group: Path) -> int | None:
    limit = _number(_text(group / "memory.max")) or _number(_text(group / "memory.limit_in_bytes"))
    return limit if limit and limit < _UNLIMITED else None


def _meminfo(path: Path) -> tuple[int | None, int | None]:
    """Bytes in all, and bytes available."""
    facts = {
        name: value.split() for name, _, value in (line.partition(":") for line in _text(path).splitlines())
    }
    total, available = (_number(next(iter(facts.get(name, [])), "")) for name in ("MemTotal", "MemAvailable"))
    return total and total << 10, available and available << 10


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    """None for what is none: ``max``, ``-1``, nothing."""
    return int(text) if text.isascii() and text.isdigit() else None
