"""The warden: gives pages of files back before a process and its children hold more memory than was promised.

The system would keep pages of mapped files for as long as nobody else asks for memory, and they count as memory of
the process. Once given back they still lie in the system's cache, and cost little to be mapped again.
"""

from __future__ import annotations

import mmap
import os
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from dedup.mapped import give_back

if TYPE_CHECKING:
    from types import TracebackType

#: Share of the limit from which on pages are given back: the rest is what comes between two looks, on a busy machine too.
_SHARE = 0.6
_SECONDS = 0.005
_TIMES = 4  # as long as giving back takes, it is not done again, unless so much of the limit was held
_URGENT = 0.85
_PROC = Path("/proc")


class Warden:
    """Looks at the memory now and then, while the block lasts.

    Parameters
    ----------
    limit : int
        Bytes that this process and its children may hold.

    Attributes
    ----------
    most : int
        The most bytes that were seen.
    """

    def __init__(self, limit: int) -> None:
        self._limit = int(_SHARE * limit)
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="dedup-warden", daemon=True)
        self.most = 0

    def __enter__(self) -> Self:
        if (_PROC / "self" / "statm").exists():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
            self.most = max(self.most, resident_bytes())

    def _watch(self) -> None:
        pause = _SECONDS
        while not self._ended.wait(pause):
            held = resident_bytes()
            self.most = max(self.most, held)
            pause = _SECONDS
            if held > self._limit:
                begun = time.monotonic()
                give_back()
                if held < _URGENT * self._limit / _SHARE:
                    pause = max(pause, _TIMES * (time.monotonic() - begun))


def resident_bytes() -> int:
    """Memory that this process and its children hold, as the system counts it; 0 where it does not tell."""
    own = os.getpid()
    children: list[str] = []
    with suppress(OSError):
        children = (_PROC / "self" / "task" / str(own) / "children").read_text().split()
    return sum(_resident_of(process) for process in (str(own), *children))


def _resident_of(process: str) -> int:
    try:
        return int((_PROC / process / "statm").read_text().split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError):
        return 0
