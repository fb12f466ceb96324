from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

import dedup
from dedup.cli.main import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

#: Runs a command in this process, and prints which modules that has imported on the last line.
COMMAND = """
import json, sys
from dedup.cli.main import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as ended:
    print()
    print(json.dumps({"status": ended.code, "modules": sorted(sys.modules)}))
"""


def imported(code: str, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def top_level(modules: object) -> set[str]:
    assert isinstance(modules, list)
    return {module.partition(".")[0] for module in modules}


def run_command(*arguments: str) -> tuple[object, set[str]]:
    found = imported(COMMAND, json.dumps(arguments))
    return found["status"], top_level(found["modules"])


HEAVY = {"numba", "llvmlite", "sklearn", "scipy", "datasketch", "rich", "rapidfuzz", "model2vec"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"], []])
def test_help_waits_for_nothing(arguments: list[str]) -> None:
    status, modules = run_command(*arguments)
    assert status == (0 if arguments else 2)
    assert modules & (HEAVY | {"numpy", "orjson", "isal", "concurrent", "asyncio"}) == set()
    assert "click" in modules


@pytest.mark.parametrize("command", ["run", "compare", "inspect", "headlines", "stories", "tune", "evaluate"])
def test_help_of_a_command_waits_for_nothing(command: str) -> None:
    status, modules = run_command(command, "--help")
    assert status == 0
    assert modules & (HEAVY - {"rich"}) == set()
    assert "rich" not in modules


def test_help_shows_every_command_without_importing_it() -> None:
    found = imported(COMMAND, json.dumps(["--help"]))
    modules = found["modules"]
    assert isinstance(modules, list)
    assert {file for file, _ in COMMANDS.values()} & set(modules) == set()
    assert not any(module.startswith(("dedup.io", "dedup.text", "dedup.kernels")) for module in modules)


@pytest.mark.parametrize("form", ["text", "files", "pairs"])
def test_compare_waits_for_no_kernel(tmp_path: Path, form: str) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Rain in the north.")
    (tmp_path / "pairs").write_text('{"id": 1, "a": "Rain", "b": "rain"}\n')
    arguments = {
        "text": ["compare", "--text", "Rain", "--text", "rain"],
        "files": ["compare", str(tmp_path / "a.txt"), str(tmp_path / "b.txt")],
        "pairs": ["compare", "--pairs", str(tmp_path / "pairs")],
    }[form]
    status, modules = run_command(*arguments)
    assert status == (0 if form == "pairs" else 1)
    assert modules & HEAVY == {"rapidfuzz"}


def test_inspect_waits_for_no_array(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Rain in the north.\n" * 2)
    status, modules = run_command("inspect", str(tmp_path / "page.txt"))
    assert status == 0
    assert modules & (HEAVY | {"numpy"}) == set()


def test_tune_without_an_input_waits_for_no_array() -> None:
    status, modules = run_command("tune")
    assert status == 0
    assert modules & (HEAVY | {"numpy", "matplotlib"}) == set()


def test_run_waits_for_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('{"text": "Rain"}\n{"text": "rain"}\n')
    status, modules = run_command("run", str(tmp_path / "x"), "-o", str(tmp_path / "kept"), "-q")
    assert status == 0
    assert modules & {"sklearn", "datasketch", "rich", "rapidfuzz", "backports"} == set()


def test_the_face_is_imported_without_anything_behind_it() -> None:
    found = imported("import json, sys, dedup\nprint(json.dumps({'modules': sorted(sys.modules)}))")
    assert top_level(found["modules"]) & (HEAVY | {"numpy", "click"}) == set()


def test_a_pair_needs_no_kernel() -> None:
    code = "import json, sys, dedup\ndedup.compare('a', 'b')\nprint(json.dumps({'modules': sorted(sys.modules)}))"
    assert top_level(imported(code)["modules"]) & (HEAVY | {"click"}) == {"rapidfuzz"}


# The face


def test_all_is_what_is_there() -> None:
    assert sorted(dedup.__all__) == dedup.__all__
    assert len(set(dedup.__all__)) == len(dedup.__all__)
    for name in dedup.__all__:
        value = getattr(dedup, name)
        assert value.__name__ == name
        assert value.__module__.startswith("dedup.")


def test_dir_shows_the_face() -> None:
    assert {*dedup.__all__, "__version__"} <= set(dir(dedup))
    assert all(hasattr(dedup, name) for name in dir(dedup))


def test_what_is_documented_is_there() -> None:
    face = {
        "Article",
        "DedupResult",
        "compare",
        "deduplicate",
        "deduplicate_files",
        "from_datasketch",
        "inspect",
        "to_datasketch",
    }
    assert face <= set(dedup.__all__)


def test_errors_have_one_root() -> None:
    errors = [getattr(dedup, name) for name in dedup.__all__ if name.endswith("Error")]
    assert len(errors) == 6
    assert all(issubclass(error, dedup.DedupError) for error in errors)
    assert issubclass(dedup.ParameterError, ValueError)
    assert issubclass(dedup.ReadError, ValueError)
    assert issubclass(dedup.WriteError, OSError)
    assert issubclass(dedup.StorageError, OSError)
    assert issubclass(dedup.MissingExtraError, ImportError)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'dedup' has no attribute 'nothing'"):
        _ = dedup.nothing


def test_the_version_is_that_of_the_distribution() -> None:
    assert dedup.__version__ == version("news-dedup")


def test_the_module_can_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dedup", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"dedup {dedup.__version__}\n")
