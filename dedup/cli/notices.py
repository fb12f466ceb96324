"""What the library logs about its kernels, told on standard error: the first run compiles, and takes a while."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET = "dedup.quiet"


class _Notices(logging.Handler):
    """Echoes, unless the command was told to be quiet."""

    def __init__(self, context: click.Context) -> None:
        super().__init__()
        self.meta = context.meta  # of the command too; kernels are compiled in threads that have no context

    def emit(self, record: logging.LogRecord) -> None:
        if not self.meta.get(_QUIET):
            click.echo(printable(record.getMessage()), err=True)


@contextmanager
def notices(context: click.Context) -> Iterator[None]:
    """Tell them while a command runs."""
    log = logging.getLogger("dedup.kernels")
    level, handler = log.level, _Notices(context)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def hush(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Callback of ``--quiet``."""
    ctx.meta[_QUIET] = value
    return value
