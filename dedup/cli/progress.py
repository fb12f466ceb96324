"""How far a command has come, on standard error: a bar on a terminal, lines where they are asked for, or nothing."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.progress import Progress

#: What ``--progress`` may be.
MODES = ("auto", "plain", "off")
_EVERY_S = 10.0
_IN_BYTES = "reading"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_SHOWN_S = 1.0  # a rate of less than this is none


@contextmanager
def progress_of(mode: str) -> Iterator[Callable[[Progress], None] | None]:
    """What is to be told of progress; None where nothing is shown."""
    if mode == "plain":
        yield Lines()
    elif mode == "auto" and sys.stderr.isatty():
        with _bar() as draw:
            yield draw
    else:
        yield None


class Pace:
    """What is said of the stage that a command is in.

    Parameters
    ----------
    clock : callable, default=time.monotonic
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.started = self._began = clock()
        self._stage = ""
        self._first = 0

    def enter(self, progress: Progress) -> bool:
        """Whether a stage begins with this; the pace of one is counted from then on."""
        if progress.stage == self._stage:
            return False
        self._stage, self._began, self._first = progress.stage, self._clock(), progress.done
        return True

    def describe(self, progress: Progress) -> str:
        """How much is done, how fast, and how long the rest will take."""
        told = []
        if progress.total:
            told.append(_amount(progress))
            told.append(f"{progress.share:.0%}")
        elif progress.done:
            told.append(_amount(progress))
        seconds, done = self._clock() - self._began, progress.done - self._first
        if seconds >= _SHOWN_S and done > 0:
            if progress.stage == _IN_BYTES:
                told.append(f"{_bytes(done / seconds)}/s")
            if progress.total and progress.total > progress.done:
                told.append(f"{spell_time((progress.total - progress.done) * seconds / done)} left")
        return ", ".join(told)


class Lines:
    """A line when a stage begins, and every ten seconds while it lasts.

    Parameters
    ----------
    clock : callable, default=time.monotonic
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = Pace(clock)
        self._told = clock()

    def __call__(self, progress: Progress) -> None:
        """Tell, if it is time."""
        now = self._clock()
        if not self._pace.enter(progress) and now - self._told < _EVERY_S:
            return
        self._told = now
        line = f"{spell_time(now - self._pace.started)} {progress.stage}: {self._pace.describe(progress)}"
        click.echo(line.removesuffix(": "), err=True)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """Draw one bar for each stage in turn, and wipe it away at the end."""
    from rich.console import Console  # noqa: PLC0415 - 0.1 s that only a terminal needs
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    pace = Pace()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("starting", total=None, told="")

        def draw(progress: Progress) -> None:
            if pace.enter(progress):
                bars.reset(task, total=progress.total)
            bars.update(
                task,
                description=progress.stage,
                total=progress.total,
                completed=progress.done,
                told=pace.describe(progress),
            )

        yield draw


def _amount(progress: Progress) -> str:
    """How much is done, of how much."""
    spell = _bytes if progress.stage == _IN_BYTES else "{:,}".format
    done = spell(progress.done)
    return done if progress.total is None else f"{done} of {spell(progress.total)}"


def _bytes(count: float) -> str:
    """Bytes in the unit that suits them.

    Examples
    --------
    >>> _bytes(999), _bytes(12_100_000_000)
    ('999 B', '12.1 GB')
    """
    power = 0
    while count >= 999.95 and power < len(_UNITS) - 1:
        count, power = count / 1000, power + 1
    return f"{count:.1f} {_UNITS[power]}" if power else f"{count:.0f} B"


def spell_time(seconds: float) -> str:
    """Seconds as a clock shows them.

    Examples
    --------
    >>> spell_time(9.4), spell_time(3725)
    ('0:09', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
