"""Commands as a shell runs them, for the tests of the command line."""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest

from dedup.cli.main import main
from dedup.kernels import compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
NEWS = [f"fixtures/news/{name}.jsonl" for name in ("monday", "tuesday", "wires")]


class Answer(NamedTuple):
    """What a command gave."""

    status: int
    out: str
    err: str


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands set what outlives them: they expect to have the process for themselves."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", os.environ.get("OPENBLAS_NUM_THREADS", "1"))
    monkeypatch.delenv("DEDUP_TRACEBACK", raising=False)
    monkeypatch.setattr(
        compiling, "_said", ["compiling", "unkept"]
    )  # kernels may have changed since the last test
    monkeypatch.chdir(ROOT)
    yield
    gc.enable()
    for name in [name for name, module in sys.modules.items() if module is None]:
        del sys.modules[name]


class Shell:
    """Runs commands in this process, as ``dedup`` would."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self.capture = capture
        self.patch = patch

    def __call__(self, *arguments: object, stdin: bytes | None = None) -> Answer:
        if stdin is not None:
            self.patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = self.capture.readouterr()
        assert isinstance(ended.value.code, int)
        return Answer(ended.value.code, out.decode(), err.decode())


@pytest.fixture
def shell(
    as_before: None, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    return Shell(capsysbinary, monkeypatch)


def spawn(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    options = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE} | options
    command = [sys.executable, "-W", "error", "-m", "dedup", *map(str, arguments)]
    done: Any = subprocess.run(command, check=False, cwd=ROOT, **options)
    return cast("subprocess.CompletedProcess[bytes]", done)


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def golden(name: str) -> str:
    return (GOLDEN / name).read_text("utf-8")
