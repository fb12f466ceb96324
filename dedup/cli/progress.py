"""A bar on the terminal, and nowhere else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.settings import key_of, origin_of
from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NAMED = 8  # kinds of files


@contextmanager
def progress_of(inputs: Sequence[str], quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Draw how much of the inputs has been read, if standard error is a terminal; else None.

    What is set by a file or by the environment is told first, and which files in a directory are not read.
    """
    if not quiet:
        _echo_settings(click.get_current_context())
        _echo_others(inputs)
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - 0.1 s that only a terminal needs
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = TextColumn("reading"), BarColumn(), DownloadColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=_known_size(inputs))
        yield lambda step: bar.advance(task, step)


def _echo_settings(ctx: click.Context) -> None:
    """Say which options are not as the command line has them, for a file may lie about that nobody thinks of."""
    origins = [(key_of(param), origin_of(ctx, param)) for param in ctx.command.params]
    told = [f"{key} by {printable(origin)}" for key, origin in origins if origin is not None]
    if told:
        click.echo(f"set: {', '.join(told)}", err=True)


def _echo_others(inputs: Sequence[str]) -> None:
    """Say which files of the directories are left out."""
    directories = [name for name in inputs if Path(name).is_dir()]
    if directories:
        from dedup.io.files import other_files  # noqa: PLC0415 - few name a directory

        others = other_files(directories)
        if others:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in others.most_common(_NAMED))
            click.echo(f"not read, being of other kinds: {printable(kinds)}", err=True)


def _known_size(inputs: Sequence[str]) -> int | None:
    """Bytes of plain files together; None if one is compressed, a glob or standard input."""
    paths = [Path(name) for name in inputs]
    if all(path.is_file() and path.suffix not in (".gz", ".zst", ".zstd") for path in paths):
        return sum(path.stat().st_size for path in paths)
    return None
