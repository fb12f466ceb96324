"""Turns among processes: locks on files, which end with the process that holds them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from dedup.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without them
    fcntl = None  # type: ignore[assignment]

#: Seconds between looks at a lock that is about to be given up, and at one that is not.
_SOON, _LATER = 5e-5, 5e-3


class FileLock:
    """A lock that one process holds at a time.

    Parameters
    ----------
    path : Path
        A file, made if it is absent. It is never deleted: another process may be waiting for it.
    """

    def __init__(self, path: Path) -> None:
        if fcntl is None:  # pragma: no cover
            raise StorageError(str(path), "this system has no file locks; use redis:// or memory://")
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def try_acquire(self) -> bool:
        """Take it, unless another holds it or it was closed."""
        if self._handle < 0:
            return False
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def acquire(self, wait: float) -> bool:
        """Take it as soon as it is free; False if it wasn't for so many seconds."""
        if self.try_acquire():
            return True
        begin = time.monotonic()
        pause = _SOON
        while not self.try_acquire():
            passed = time.monotonic() - begin
            if passed > wait:
                return False
            time.sleep(pause)
            pause = min(max(_SOON, passed / 8), _LATER)
        return True

    def block(self) -> None:
        """Take it as soon as it is free, however long that takes."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def release(self) -> None:
        """Give it up, unless it was closed."""
        if self._handle >= 0:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; if it is held, and no fork has it too, it is given up."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class TurnLock:
    """A lock that is passed on in turn: who holds it and comes again stands behind who waits.

    One waits at the door, the others, woken by the kernel, for the place at the door: each of them as long as those
    before it may. With a bare lock, who has just released it would mostly be the first to take it again.

    Parameters
    ----------
    turn, door : Path
        Two files.
    """

    def __init__(self, turn: Path, door: Path) -> None:
        self._turn, self._door = FileLock(turn), FileLock(door)

    def acquire(self, wait: float) -> bool:
        """Take it when it is free and others have had their turn; False if it wasn't for so many seconds at the door."""
        self._door.block()
        try:
            return self._turn.acquire(wait)
        finally:
            self._door.release()

    def release(self) -> None:
        """Give it up."""
        self._turn.release()

    def close(self) -> None:
        """Close the files."""
        self._turn.close()
        self._door.close()
