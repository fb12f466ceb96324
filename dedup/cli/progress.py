"""A bar on the terminal, and nowhere else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@contextmanager
def progress_of(inputs: Sequence[str], quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Draw how much of the inputs has been read, if standard error is a terminal; else None."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - 0.1 s that only a terminal needs
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = TextColumn("reading"), BarColumn(), DownloadColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=_known_size(inputs))
        yield lambda step: bar.advance(task, step)


def _known_size(inputs: Sequence[str]) -> int | None:
    """Bytes of plain files together; None if one is compressed, a glob or standard input."""
    paths = [Path(name) for name in inputs]
    if all(path.is_file() and path.suffix not in (".gz", ".zst", ".zstd") for path in paths):
        return sum(path.stat().st_size for path in paths)
    return None
