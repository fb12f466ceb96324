"""What a command says while it reads its inputs, and before that."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.progress import progress_of
from dedup.cli.settings import key_of, origin_of
from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NAMED = 8  # kinds of files


@contextmanager
def reading(inputs: Sequence[str], quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Say what is set elsewhere, and which files of directories are left out; then draw how much has been read."""
    if not quiet:
        _echo_settings(click.get_current_context())
        _echo_others(inputs)
    with progress_of(inputs, quiet) as progress:
        yield progress


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
