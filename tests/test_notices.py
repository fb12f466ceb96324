"""The first run says that it compiles, once, and on standard error."""

from __future__ import annotations

import logging
import os
from threading import Thread
from typing import TYPE_CHECKING

import click
import pytest

from dedup.cli.notices import hush, notices
from dedup.kernels.caching import Place
from dedup.kernels.compiling import PLAIN
from dedup.kernels.warming import all_kernels
from tests.shell import NEWS, spawn

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = b"compiling kernels, once for this installation (about 10 s) ...\n"
LOG = logging.getLogger("dedup.kernels.compiling")


def test_what_is_logged_in_any_thread_is_echoed_while_a_command_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with click.Context(click.Command("x")) as context, notices(context):
        thread = Thread(target=LOG.info, args=("in %s", "\x1b[31mred"))
        thread.start()
        thread.join()
        LOG.debug("details")
    LOG.info("later")
    assert capsys.readouterr() == ("", "in \\x1b[31mred\n")
    assert logging.getLogger("dedup.kernels").handlers == []
    assert not LOG.isEnabledFor(logging.INFO)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_quiet_command_says_nothing(capsys: pytest.CaptureFixture[str], quiet: bool) -> None:
    root = click.Context(click.Group("dedup"))
    with notices(root):
        command = click.Command("run", params=[click.Option(["--quiet"], is_flag=True, callback=hush)])
        with command.make_context("run", ["--quiet"] * quiet, parent=root):
            LOG.warning("compiling")
    assert capsys.readouterr().err == ("" if quiet else "compiling\n")


@pytest.mark.slow
@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
def test_a_run_says_it_once_if_something_is_compiled(tmp_path: Path) -> None:
    place = Place(tmp_path / "cache", "given")
    assert all(one.keep_in(place) for one in all_kernels())
    missing = [
        next(place.path.glob(f"dedup.kernels.minhash.{name}.*")) for name in ("sign_rows", "key_bands")
    ]
    environment = os.environ | {"DEDUP_CACHE_DIR": str(place.path)}
    for quiet, notice_count in ([], 1), ([], 0), (["-q"], 0):
        if quiet or notice_count:
            for path in missing:
                path.unlink()
        done = spawn("run", *NEWS, "-o", tmp_path / "kept", *quiet, env=environment)
        assert done.returncode == 0
        assert done.stderr.count(b"compiling") == done.stderr.count(NOTICE) == notice_count
        assert all(path.exists() for path in missing)
