"""A pool of threads for kernels, which run without the interpreter lock; with one thread, no pool."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Self, TypeVar

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor
    from types import TracebackType

A = TypeVar("A")
T = TypeVar("T")


class Workers:
    """Threads that call kernels.

    Parameters
    ----------
    threads : int, optional
        How many; default: one for each core that this process may use.
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ParameterError(f"threads is {threads}; at least 1 is needed")
        self.threads = threads or usable_cores()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.threads > 1:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - not needed for one thread

            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="dedup")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map_in_order(self, function: Callable[[A], T], arguments: Iterable[A]) -> Iterator[T]:
        """Results in the order of the arguments; at most two arguments for each thread are drawn ahead."""
        if self._pool is None:
            yield from map(function, arguments)
            return
        waiting: deque[Future[T]] = deque()
        for argument in arguments:
            waiting.append(self._pool.submit(function, argument))
            if len(waiting) > 2 * self.threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def spans(self, length: int, least: int, most: int | None = None) -> list[slice]:
        """Cut a length into one span for each thread, none shorter than `least` but the only one; more, if one would be longer than `most`."""
        parts = max(1, min(self.threads, length // least), -(-length // (most or length or 1)))
        return [slice(length * k // parts, length * (k + 1) // parts) for k in range(parts)]


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
