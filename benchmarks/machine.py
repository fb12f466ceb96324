"""What a figure was measured with: the machine, and the version of everything."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from benchmarks.measuring import ROOT

DISTRIBUTIONS = (
    "news-dedup",
    "numpy",
    "numba",
    "scikit-learn",
    "scipy",
    "rapidfuzz",
    "orjson",
    "isal",
    "daft",
    "pyarrow",
    "datasketch",
    "gaoya",
    "rensa",
    "text-dedup",
    "xxhash",
    "matplotlib",
    "psutil",
)


def describe() -> list[str]:
    """Describe the machine and the versions, a line each."""
    memory = psutil.virtual_memory().total / 2**30
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"CPU: {cpu_model()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory",
        f"Load average at the start: {os.getloadavg()[0]:.2f}",
        f"System: {platform.system()} {platform.release()}, {first_line('gcc', '--version') or 'no gcc'}",
        f"Python {platform.python_version()}; " + ", ".join(versions()),
        f"Commit: {first_line('git', 'describe', '--always', '--dirty') or 'none'}",
    ]


def cpu_model() -> str:
    """Name the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def versions() -> list[str]:
    """Give the version of each distribution, absent ones too."""
    return [f"{name} {installed(name) or apart(name) or 'absent'}" for name in DISTRIBUTIONS]


def installed(name: str) -> str | None:
    """Give the version of a distribution; None where it is absent."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def apart(name: str) -> str | None:
    """Give the version of a distribution that has an environment of its own: `NAME_PYTHON` is its interpreter."""
    interpreter = os.environ.get(f"{name.upper().replace('-', '_')}_PYTHON")
    ask = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return first_line(interpreter, "-c", ask, name) if interpreter else None


def first_line(*command: str) -> str | None:
    """Give the first line that a command prints; None where it fails."""
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.splitlines()[0]
