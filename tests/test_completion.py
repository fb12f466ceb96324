"""What shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.test_imports import HEAVY

SHOW = """
import sys
from dedup.cli.main import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def complete(words: str, position: int) -> tuple[list[str], set[str]]:
    """What is offered for the word at a position, and what was imported for it."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(position), "_DEDUP_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines(), set(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "position", "offered"),
    [
        ("dedup in", 1, ["plain,index", "plain,inspect"]),
        ("dedup --no", 1, ["plain,--no-config"]),
        ("dedup index ex", 2, ["plain,expire", "plain,export"]),
        ("dedup run --ke", 2, ["plain,--keep"]),
        ("dedup run --keep l", 3, ["plain,longest", "plain,latest", "plain,last"]),
        ("dedup run mon", 2, ["file,mon"]),
        ("dedup run monday.jsonl -o k", 4, ["file,k"]),
        ("dedup index add month", 3, ["file,month"]),
    ],
)
def test_commands_options_choices_and_files_are_completed(
    words: str, position: int, offered: list[str]
) -> None:
    assert complete(words, position)[0] == offered


def test_names_of_commands_need_none_of_them() -> None:
    _, modules = complete("dedup in", 1)
    assert "dedup.cli.main" in modules
    assert "dedup.cli.run" not in modules
    assert modules & (HEAVY | {"numpy", "tomllib"}) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_that_it_can_read(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dedup"],
        env=os.environ | {"_DEDUP_COMPLETE": f"{shell}_source"},
        capture_output=True,
        check=True,
    )
    assert b"_DEDUP_COMPLETE" in done.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.stdout, check=True)
