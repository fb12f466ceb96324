"""What the processes that share an index in a directory do in turn, and what each of them has of it in memory.

::

    news.dedup/
    ├── catalog.sqlite     all but the sorted postings, and the postings that are not sorted yet
    ├── runs/*.run         sorted postings, mapped into memory; a file never changes
    └── turn, door, merge  locks
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import StorageError
from dedup.index.catalogue import Catalogue, State
from dedup.index.failing import Guard
from dedup.index.filesystems import network_type
from dedup.index.locking import FileLock, TurnLock
from dedup.index.runfiles import SUFFIX, delete_run, map_run
from dedup.index.runs import Recent, RunSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dedup.index.runs import Run
    from dedup.kernels.types import Hashes, Rows

CATALOGUE, RUNS, TURN, DOOR, MERGE = "catalog.sqlite", "runs", "turn", "door", "merge"
_OURS = {CATALOGUE, f"{CATALOGUE}-wal", f"{CATALOGUE}-shm", f"{CATALOGUE}-journal", RUNS, TURN, DOOR, MERGE}
_ATTEMPTS = 50  # to map all runs of a list before one of them has been merged
_abandoned: list[Catalogue] = []  # connections of a parent process: closing them would disturb it


class Turn:
    """Begins and ends a turn. Errors of the disk in its block leave as ours if it is `guarded`."""

    __slots__ = ("_bare", "_directory", "_guarded", "_ticket", "_write")

    def __init__(self, directory: Directory, *, write: bool, guarded: bool, bare: bool) -> None:
        self._directory, self._write, self._guarded, self._bare = directory, write, guarded, bare

    def __enter__(self) -> None:
        self._ticket = self._directory.enter(write=self._write, bare=self._bare)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._directory.leave(self._ticket) and kind is None:
            self._directory.on_growth()
        if self._guarded:
            self._directory.guard.__exit__(kind, error, trace)


class Directory:
    """The directory of an index, and the turns on it.

    Parameters
    ----------
    path : Path
        The directory; made if it is absent.
    uri : str
        The index, as the user named it.
    durable : bool
        Whether a commit waits until it is on the disk.
    wait : float
        Seconds to wait for a turn.
    network : bool
        Whether it may lie on a network file system.

    Attributes
    ----------
    catalogue : Catalogue
        Connection of this process.
    state : State
        That the memory is at.
    postings : RunSet
        In memory: runs that are mapped, and recent postings.
    names : list of str
        Of the runs.
    merging, merger : FileLock, Lock
        Held by the process, and the thread of it, that replaces runs or looks for files that nobody lists.
    on_growth : callable
        Called after a turn in which runs were added.
    """

    def __init__(self, path: Path, uri: str, *, durable: bool, wait: float, network: bool) -> None:
        self.path, self.uri, self.runs = path, uri, path / RUNS
        self.guard = Guard(uri)
        self.on_growth: Callable[[], None] = lambda: None
        self._durable, self._wait = durable, wait
        with self.guard:
            if not network and (kind := network_type(path)):
                raise StorageError(
                    uri,
                    f"lies on a network file system ({kind}), where processes can't share it safely; use a local"
                    " directory, redis:// for several machines, or ?network=allow if one process alone uses it",
                )
            self._make()
            self._connect()

    def _make(self) -> None:
        """Make the directory, unless something else is there."""
        if self.path.exists() and not self.path.is_dir():
            raise StorageError(self.uri, "is a file; an index is a directory")
        self.path.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in self.path.iterdir()}
        if CATALOGUE not in names and names - _OURS:
            raise StorageError(self.uri, "holds other files and no index; name an index, or a new directory")
        self.runs.mkdir(exist_ok=True)

    def _connect(self) -> None:
        """Connect this process."""
        self._pid, self._mutex, self._closed = os.getpid(), threading.RLock(), False
        self._depth, self._writing, self._reserved, self._grew = 0, False, False, False
        self.state, self._next = State(), 0
        self.postings, self.names = RunSet(), list[str]()
        self._turn = TurnLock(self.path / TURN, self.path / DOOR)
        self.merging, self.merger = FileLock(self.path / MERGE), threading.Lock()
        try:
            self._check_kept()
            self.catalogue = Catalogue(self.path / CATALOGUE, durable=self._durable, wait=self._wait)
        except BaseException:
            self._close_locks()
            raise
        try:
            if not self.catalogue.is_ready(self.uri):
                self._take_turn()
                if not self.catalogue.is_ready(self.uri):
                    self._refuse_runs()
                    self.catalogue.prepare(self.uri)
                self._turn.release()
        except BaseException:
            self.close()
            raise

    def _check_kept(self) -> None:
        """Look whether the catalogue was lost before SQLite makes a new one, and deletes the log of the old."""
        if not self._is_begun():
            self._take_turn()
            if not self._is_begun():  # nobody was just beginning it
                self._refuse_runs()
            self._turn.release()

    def _is_begun(self) -> bool:
        catalogue = self.path / CATALOGUE
        return catalogue.exists() and catalogue.stat().st_size > 0

    def _refuse_runs(self) -> None:
        """Refuse to begin an index where there was one: its runs would be forgotten."""
        count = sum(1 for _ in self.runs.glob(f"*{SUFFIX}"))
        if count:
            files = "a run file" if count == 1 else f"{count} run files"
            raise StorageError(
                self.uri,
                f"is damaged: {CATALOGUE} is missing or empty beside {files}; restore it from a copy,"
                " or move the directory away to begin anew",
            )

    def close(self) -> None:
        """Let go of files and connections. Twice is once."""
        if self._pid != os.getpid():
            return
        with self._mutex, self.guard:
            if not self._closed:
                self._closed = True
                self._close_locks()
                self.postings = RunSet()
                self.catalogue.close()

    def _leave_parent(self) -> None:
        """Connect anew in a forked child: neither locks nor connections can be shared with the parent."""
        _abandoned.append(self.catalogue)
        if self._closed:
            self._pid = os.getpid()
            return
        self._close_locks()
        with self.guard:
            self._connect()

    def _close_locks(self) -> None:
        self._turn.close()
        self.merging.close()

    def turn(self, *, write: bool, guarded: bool = True, bare: bool = False) -> Turn:
        """Hold still what is read until the end of the block; with `write`, no other process commits meanwhile.

        A `bare` one is for the catalogue alone: it works where runs are missing or damaged.
        """
        return Turn(self, write=write, guarded=guarded, bare=bare)

    def _take_turn(self) -> None:
        if not self._turn.acquire(self._wait):
            raise StorageError(
                self.uri,
                f"another process has held it for {self._wait:g} s; end it, or wait longer (?wait=SECONDS)",
            )

    def enter(self, *, write: bool, bare: bool = False) -> object:
        """Begin a turn, or one within another; what it is ended with."""
        self.check_open()
        self._mutex.acquire()
        try:
            self._check(write=write)  # it may have been closed meanwhile
            if self._depth == 0 or (self.state.layout < 0 and not bare):
                with self.guard:
                    self._begin(write=write, bare=bare)
            self._depth += 1
        except BaseException:
            self._mutex.release()
            raise
        return self._mutex

    def check_open(self) -> None:
        """Refuse to do anything once it is closed; connect anew after a fork."""
        if self._pid != os.getpid():
            self._leave_parent()
        if self._closed:
            raise StorageError(self.uri, "was closed; open it again")

    def _check(self, *, write: bool) -> None:
        """Refuse what can't be."""
        if self._closed:
            raise StorageError(self.uri, "was closed; open it again")
        if self._depth and write and not self._writing:
            raise StorageError(self.uri, "a turn to read can't write; begin it with write=True")

    def _begin(self, *, write: bool, bare: bool) -> None:
        """Take the turn, begin a transaction, and take over what others have done."""
        first = self._depth == 0
        if write and first:
            self._take_turn()
        try:
            if bare:
                self.catalogue.begin(write=write)
            else:
                self._read(write=write)
        except BaseException:
            self.catalogue.undo()
            if write and first:
                self._turn.release()
            raise
        if first:
            self._writing, self._next = write, self.state.last

    def _read(self, *, write: bool) -> None:
        """Begin a transaction, unless there is one, with all that belongs to it."""
        for _ in range(_ATTEMPTS):
            if not self.catalogue.active:
                self.catalogue.begin(write=write)
            try:
                self._follow(self.catalogue.state())
            except FileNotFoundError as error:  # merged by another process since this state
                self.catalogue.undo()
                missing = Path(error.filename).name
            else:
                return
        raise StorageError(
            self.uri,
            f"is damaged: {RUNS}/{missing} is missing; restore it from a copy, `dedup index verify` says what is lost"
            " without it",
        )

    def leave(self, ticket: object) -> bool:
        """End a turn; numbers that were reserved stay so. Whether it was the outermost, and runs were added."""
        if ticket is not self._mutex or self._pid != os.getpid():  # forked inside the turn, the parent's
            return False
        try:
            self._depth -= 1
            if self._depth:
                return False
            grew, self._grew = self._grew, False
            with self.guard:
                self._end()
            return grew
        finally:
            self._mutex.release()

    def _end(self) -> None:
        try:
            if self._reserved:
                self._read(write=True)  # a commit that failed has left nothing to rely on
                self.commit(self.state._replace(last=max(self._next, self.state.last)))
            self.catalogue.undo()
        finally:
            if self._writing:
                self._turn.release()
            self._writing = self._reserved = False

    def _follow(self, state: State) -> None:
        """Have in memory what a state says."""
        before, self.state = self.state, State()  # so that all is read again if this is interrupted
        if state.layout != before.layout:
            # If this was interrupted before, the lists may not belong together.
            held: dict[str, Run] = dict(zip(self.names, self.postings.runs, strict=False))
            names = self.catalogue.runs()
            runs = [held.get(name) if before.layout >= 0 else None for name in names]
            self.postings.runs = [run or self._map(name) for run, name in zip(runs, names, strict=True)]
            self.names = names
        after = before.recent
        if before.layout < 0 or state.flushed != before.flushed:
            self.postings.recent, after = Recent(), state.flushed
        if state.recent != after:
            try:
                for keys, numbers in self.catalogue.recents(after):
                    self.postings.recent.add(keys, numbers)
            except ValueError as error:
                raise StorageError(self.uri, f"{error}; restore the catalogue from a copy") from error
        self.state = state

    def _map(self, name: str) -> Run:
        try:
            return map_run(self.runs / name)
        except ValueError as error:
            raise StorageError(
                self.uri,
                f"{RUNS}/{name} {error}; restore it from a copy, `dedup index verify` says what is lost without it",
            ) from error

    def reserve(self, count: int) -> int:
        """First of `count` numbers that nobody had; they stay reserved after the turn."""
        first, self._next = self._next + 1, self._next + count
        self._reserved = True
        return first

    @property
    def reserved(self) -> int:
        """Highest number that was reserved."""
        return max(self._next, self.state.last)

    def resume(self) -> None:
        """Begin another transaction in a turn to write, if the last one has ended."""
        if not self.catalogue.active:
            self.catalogue.begin(write=True)

    def commit(self, state: State, posted: tuple[Hashes, Rows] | None = None) -> None:
        """End the transaction with a new state; `posted` is what its new row of recent postings holds.

        What fails after that is tried again at the next turn: it is committed.
        """
        self.catalogue.set_state(state)
        before, self.state = self.state, State()
        self.catalogue.commit()
        self._reserved = False
        if posted is not None:
            self.postings.recent.add(*posted)
            before = before._replace(recent=state.recent)
        self.state = before
        with suppress(OSError):
            self._follow(state)

    def list_run(self, name: str) -> None:
        """List a run that holds all that was recent."""
        self.catalogue.add_run(name)
        self.catalogue.clear_recents()
        self._grew = True

    def undo(self) -> None:
        """End the transaction as if nothing had been done; what is in memory is read again."""
        self.state = State()
        with suppress(Exception):
            self.catalogue.undo()

    def forget(self, name: str) -> None:
        """Delete a file of a run, unless the catalogue lists it."""
        with suppress(Exception):
            if name not in self.catalogue.runs():
                delete_run(self.runs, name)
