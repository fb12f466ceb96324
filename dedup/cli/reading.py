"""What a command says while it reads its inputs, and before that."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.options import progress_mode
from dedup.cli.progress import progress_of
from dedup.cli.settings import key_of, origin_of
from dedup.cli.terminal import printable
from dedup.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dedup.progress import Progress

_NAMED = 8  # kinds of files
#: Parameters that are files which are written.
_OUTPUTS = ("kept", "output", "clusters", "duplicates", "damaged", "boilerplate", "passages", "stories")


@contextmanager
def reading(inputs: Sequence[str], quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Say what is set elsewhere, and which files of directories are left out; then show how far it has come.

    Where a record that can't be read ends the command, what would go on without it is said too.
    """
    ctx = click.get_current_context()
    if not quiet:
        _echo_settings(ctx)
        _echo_others(inputs)
        _echo_outputs(inputs, ctx)
    try:
        with progress_of("off" if quiet else progress_mode()) as progress:
            yield progress
    except ReadError as error:
        if error.record is None or ctx.params.get("on_error") != "raise":
            raise
        reason = f"{error.reason} (--on-error skip leaves such records out, and counts them)"
        raise ReadError(error.path, reason, error.record) from error


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
        from dedup.io.files import missing_extras, other_files  # noqa: PLC0415 - few name a directory

        others = other_files(directories)
        if others:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in others.most_common(_NAMED))
            needed = [
                f"; pages need pip install 'news-dedup[{extra}]'" for extra in missing_extras(directories)
            ]
            click.echo(f"not read, being of other kinds: {printable(kinds)}{''.join(needed)}", err=True)


def _echo_outputs(inputs: Sequence[str], ctx: click.Context) -> None:
    """Say which outputs lie where the next run looks for inputs."""
    directories = [Path(os.path.realpath(name)) for name in inputs if Path(name).is_dir()]
    if not directories:
        return
    from dedup.io.formats import suffix_format  # noqa: PLC0415 - few name a directory

    for name in filter(None, map(ctx.params.get, _OUTPUTS)):
        above = Path(os.path.realpath(name)).parents
        if suffix_format(name) is not None and any(directory in above for directory in directories):
            told = f"note: {name} lies in a directory of the inputs: the next run takes it for one; write elsewhere"
            click.echo(printable(told), err=True)
