"""Runs are merged and rewritten beside the work of others: only the exchange of their names takes a turn."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from dedup.errors import StorageError
from dedup.index.runfiles import delete_run, write_run
from dedup.index.runs import Alive, count_alive, due, merge, sorted_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dedup.index.directory import Directory
    from dedup.kernels.types import Hashes, Rows, Rows32U

_PAGES = 2000  # given back in one turn
_BUSY = "another {} is compacting or verifying it; wait until that is done"
_log = logging.getLogger(__name__)


class Tidier:
    """Keeps the runs of a directory few, and gives space back.

    Parameters
    ----------
    directory : Directory
        Whose.
    wait : float
        Seconds to wait for another that does the same.
    """

    def __init__(self, directory: Directory, wait: float) -> None:
        self._directory, self._wait = directory, wait
        directory.on_growth = self.tidy

    def write(self, keys: Hashes, numbers: Rows) -> str:
        """Write a run of what is recent and of some more; it is not listed yet."""
        directory = self._directory
        run = sorted_run(*directory.postings.recent.drain(keys, numbers))
        return write_run(directory.runs, len(run.keys), iter([(run.keys, run.numbers)]))

    def tidy(self) -> None:
        """Merge runs of which there are many, unless somebody is at it. If it can't be done, it is not urgent."""
        directory = self._directory
        if not due([len(run.keys) for run in directory.postings.runs]):
            return
        if not directory.merger.acquire(blocking=False):
            return
        try:
            if directory.merging.try_acquire():
                try:
                    while self._merge():
                        pass
                finally:
                    directory.merging.release()
        except OSError as error:
            _log.warning("%s: runs are not merged: %s", directory.uri, error)
        finally:
            directory.merger.release()

    def _merge(self) -> bool:
        """Merge the runs that are due; False if none are."""
        directory = self._directory
        with directory.turn(write=False):
            runs, names = directory.postings.runs, directory.names
        count = due([len(run.keys) for run in runs])
        if count:
            merged = runs[-count:]
            name = self._write_merged(sum(len(run.keys) for run in merged), merge(merged))
            self._exchange(names[-count:], name)
        return count > 0

    def _write_merged(self, count: int, parts: Iterator[tuple[Hashes, Rows32U]]) -> str:
        """Write what runs hold together; where their keys are damaged, it is not what they announce."""
        directory = self._directory
        try:
            with directory.guard:
                return write_run(directory.runs, count, parts)
        except ValueError as error:
            raise StorageError(
                directory.uri,
                f"a run is damaged ({error}); `dedup index verify` names it, restore it from a copy",
            ) from error

    def _exchange(self, names: Sequence[str], by: str | None) -> None:
        """List one run in the place of others, and delete those. Readers have them mapped, or ask again."""
        directory = self._directory
        try:
            with directory.turn(write=True):
                directory.resume()
                directory.catalogue.replace_runs(names, by)
                directory.commit(directory.state._replace(layout=directory.state.layout + 1))
        except BaseException:
            directory.undo()
            if by is not None:
                directory.forget(by)
            raise
        with directory.guard:
            directory.catalogue.sync()  # else a power cut might undo the exchange, but not this
            for name in names:
                delete_run(directory.runs, name)

    def compact(self) -> None:
        """Make one run of all, without the postings of what was dropped, and give space back."""
        with self.alone():
            self._flush()
            self._rewrite()
            self._give_back()
            self._delete_unlisted()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else replace runs until the end of the block."""
        directory = self._directory
        directory.check_open()
        if not directory.merger.acquire(timeout=self._wait):
            raise StorageError(directory.uri, _BUSY.format("thread"))
        try:
            if not directory.merging.acquire(self._wait):
                raise StorageError(directory.uri, _BUSY.format("process"))
            try:
                yield
            finally:
                directory.merging.release()
        finally:
            directory.merger.release()

    def _flush(self) -> None:
        """Make a run of what is recent."""
        directory = self._directory
        with directory.turn(write=True):
            if directory.postings.recent.count == 0:
                return
            directory.resume()
            name = self.write(np.empty(0, np.uint64), np.empty(0, np.int64))
            try:
                directory.list_run(name)
                directory.commit(directory.state.flush())
            except BaseException:
                directory.undo()
                directory.forget(name)
                raise

    def _rewrite(self) -> None:
        directory = self._directory
        with directory.turn(write=False):
            runs, names, last = directory.postings.runs, directory.names, directory.state.last
            alive = self._alive(last)
        kept = count_alive(runs, alive)
        if not runs or (len(runs) == 1 and kept == len(runs[0].keys)):
            return
        name = None
        if kept:
            name = self._write_merged(kept, merge(runs, alive))
        self._exchange(names, name)

    def _alive(self, last: int) -> Alive:
        """Which of the numbers up to the last are remembered; in a turn."""
        first, flags = last + 1, np.empty(0, np.uint8)
        for part in self._directory.catalogue.outlines():
            if not len(flags):
                first = int(part.numbers[0])
                flags = np.zeros(last + 1 - first, np.uint8)
            flags[part.numbers - first] = 1
        return Alive(first, flags)

    def _give_back(self) -> None:
        """Cut off what the catalogue no longer needs, a bit in each turn, so that others are not kept waiting."""
        directory, more = self._directory, True
        while more:
            with directory.turn(write=True):
                directory.resume()
                more = directory.catalogue.give_back(_PAGES)
                directory.commit(directory.state)
                if not more:
                    directory.catalogue.checkpoint()

    def sweep(self) -> None:
        """Delete the files of runs that nobody lists: of a process that was killed."""
        directory = self._directory
        if not self._unlisted() or not directory.merging.try_acquire():  # somebody is about to list one
            return
        try:
            self._delete_unlisted()
        finally:
            directory.merging.release()

    def _delete_unlisted(self) -> None:
        with self._directory.turn(write=True, bare=True):
            for path in self._unlisted():
                path.unlink(missing_ok=True)

    def _unlisted(self) -> list[Path]:
        directory = self._directory
        with directory.turn(write=False, bare=True):
            files = list(directory.runs.iterdir())
            listed = set(directory.catalogue.runs())
            return [path for path in files if path.name not in listed]
