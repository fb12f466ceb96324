"""Reading ahead: readers that begin before it is their turn."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.io.reader import Reader

#: Readers that have begun before it is their turn, and the bytes that they hold together.
_AHEAD, _AHEAD_BYTES = 64, 64 << 20


def begun(readers: Iterable[Reader], first: int = 0) -> Iterator[Reader]:
    """Readers in their order; some that come next have begun to read, where they can do so beside other work.

    Parameters
    ----------
    readers : iterable of Reader
        All of them.
    first : int, default=0
        Those before it are read by nobody, and not begun.

    Yields
    ------
    Reader
        In the same order.
    """
    waiting: deque[tuple[Reader, int]] = deque()
    held = 0
    for number, reader in enumerate(readers):
        waiting.append((reader, reader.begin() if number >= first else 0))
        held += waiting[-1][1]
        while len(waiting) > _AHEAD or held > _AHEAD_BYTES:
            come, size = waiting.popleft()
            held -= size
            yield come
    for come, _ in waiting:
        yield come
