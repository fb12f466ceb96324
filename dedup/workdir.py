"""A work directory: the large arrays of a run in files, and a manifest of the steps that are done.

A step is done once: its arrays and values are kept under its name, and the next run of the same command takes them.
What a step makes on its way lies in ``scratch``, which is emptied when the directory is opened.
"""

from __future__ import annotations

import json
import math
import shutil
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dedup.errors import ParameterError
from dedup.mapped import FileAppender, FileShelf, create, discard, map_of, open_array, when_gone, writing
from dedup.storage import BEGIN, Appender, Journal, Resumable, Shelf, Storage
from dedup.warden import Warden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from numpy.typing import DTypeLike, NDArray

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without them
    fcntl = None  # type: ignore[assignment]

_MANIFEST, _LOCK, _SCRATCH, _TEMPORARIES = "manifest", "lock", "scratch", "temporaries"
_LOG = "log"
_LEG = 128 << 20
#: Share of the memory that arrays may take together whose items are asked for in no order.
_SCATTERED = 0.4
#: Least memory that may be asked for, in bytes. A few articles take 115 MB, 50,000 take 300 whatever is asked for (2026-11).
LEAST_MEMORY = 384 << 20


class WorkDirectory(Storage):
    """Large arrays in files of a directory.

    Parameters
    ----------
    path : Path
        The directory; made where it is absent, removed when the run is whole.
    key : mapping of str to any JSON value
        What the run is: its inputs and settings. Where the directory has another run, nothing of it is used.
    memory : int, optional
        Bytes that this process and its children may hold.
    restart : bool, default=False
        Whether what another run left is thrown away; else it is refused.

    Raises
    ------
    ParameterError
        If another run uses the directory, or has left something in it, or it has other files.
    WriteError
        If it can't be written.
    """

    leg = _LEG

    def __init__(
        self, path: Path, key: Mapping[str, Any], memory: int | None = None, *, restart: bool = False
    ) -> None:
        if memory is not None and memory < LEAST_MEMORY:
            raise ParameterError(
                f"memory is {memory:,} bytes; a run needs {LEAST_MEMORY:,} at least, e.g. --memory 1G"
            )
        self.path = path
        self._key = json.loads(json.dumps(key))
        self._memory = memory
        self._warden = None if memory is None else Warden(memory)
        self._restart = restart
        self._open = ExitStack()
        self._manifest: dict[str, Any] = {}
        self._scratch: dict[int, tuple[Path, weakref.finalize[..., Any] | None]] = {}
        self._made = self._n_scattered = 0  # scratch files so far, and bytes of scattered arrays

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            with writing(self.path):
                self._take_over(opened)
            if self._warden is not None:
                opened.enter_context(self._warden)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None or not self._has_begun():
            self._remove_temporaries()
            shutil.rmtree(self.path, ignore_errors=True)
        self._open.close()

    @property
    def memory_beyond(self) -> int | None:
        """Bytes that were held at the most, if a limit was given and they are more."""
        most = 0 if self._warden is None else self._warden.most
        return most if self._memory is not None and most > self._memory else None

    def _take_over(self, opened: ExitStack) -> None:
        """Lock the directory, and see what an earlier run has left."""
        if fcntl is None:  # pragma: no cover
            raise ParameterError("this system has no file locks; leave out --memory and --work-dir")
        self.path.mkdir(parents=True, exist_ok=True)
        lock = opened.enter_context((self.path / _LOCK).open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ParameterError(
                f"{self.path} is used by another run; wait for it, or name another --work-dir"
            ) from error
        manifest = self.path / _MANIFEST
        if manifest.exists():
            if not self._restart:
                self._manifest = _read_manifest(manifest)
            if not self._has_begun():
                self._manifest = {}
            if self._manifest.get("key", self._key) != self._key:
                told = _differences(self._manifest["key"], self._key)
                raise ParameterError(
                    f"{self.path} holds an interrupted run with other settings or inputs ({told}); give --restart "
                    f"to throw it away, or name another --work-dir"
                )
        elif any(entry.name not in (_LOCK, _SCRATCH) for entry in self.path.iterdir()):
            raise ParameterError(f"{self.path} has other files; name an empty or new --work-dir")
        self._remove_temporaries()
        self._clear_but_known()
        self._manifest = {"key": self._key, "steps": {}, "journals": {}, "notes": {}} | self._manifest
        self._put_down()

    def _remove_temporaries(self) -> None:
        """Remove files beside outputs that a process did not come to remove."""
        noted = self.path / _TEMPORARIES
        for name in noted.read_text(errors="surrogateescape").split("\0") if noted.exists() else ():
            if name:
                Path(name).unlink(missing_ok=True)

    def _has_begun(self) -> bool:
        """Whether there is anything that the next run could go on from."""
        done = {name for name in self._manifest.get("steps", {}) if name != BEGIN}
        kept = self._manifest.get("journals") or self._manifest.get("notes")
        return bool(done or kept or [*self.path.glob(f"{_LOG}.*")])

    def _clear_but_known(self) -> None:
        """Remove what no step that is done has kept."""
        known = {_MANIFEST, _LOCK, *(entry.name for entry in self.path.glob(f"{_LOG}.*") if self._manifest)}
        for step in (*self._manifest.get("steps", {}).values(), *self._manifest.get("notes", {}).values()):
            known |= {field["file"] for field in step.values() if "file" in field}
        for journal in self._manifest.get("journals", {}).values():
            known |= set(journal["files"])
        for entry in self.path.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name not in known:
                entry.unlink()
        (self.path / _SCRATCH).mkdir()

    def _put_down(self) -> None:
        """Replace the manifest."""
        new = self.path / f"{_MANIFEST}.new"
        new.write_text(json.dumps(self._manifest))
        new.replace(self.path / _MANIFEST)

    def _scratch_path(self) -> Path:
        self._made += 1
        return self.path / _SCRATCH / f"{self._made}"

    def _own(self, path: Path, array: NDArray[Any]) -> NDArray[Any]:
        """Remove the file of an array when nothing looks into it any more."""
        pages = map_of(array)
        if pages is None:
            path.unlink()
            return array
        mark = id(pages)

        def remove() -> None:
            self._scratch.pop(mark, None)
            path.unlink(missing_ok=True)

        self._scratch[mark] = path, when_gone(array, remove)
        return array

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents, in a file that goes when nothing looks into it any more."""
        path = self._scratch_path()
        with writing(self.path):
            return self._own(path, create(path, shape, dtype))

    def scattered(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents, whose items are asked for in no order: in memory, unless they would be much of it together.

        Looking at one item of a file maps up to 2 MB of its neighbours, sooner than anybody can give them back.
        """
        size = math.prod(np.atleast_1d(shape).tolist()) * np.dtype(dtype).itemsize
        if self._memory is not None and self._n_scattered + size > _SCATTERED * self._memory:
            return self.empty(shape, dtype)
        made = np.empty(shape, dtype)
        self._n_scattered += size
        weakref.finalize(made, self._let_go, size)
        return made

    def _let_go(self, size: int) -> None:
        self._n_scattered -= size

    def appender(self, dtype: DTypeLike, expected: int = 0) -> Appender:  # noqa: ARG002
        """One-dimensional array that grows, likewise."""
        made = _ScratchAppender(self, self._scratch_path(), dtype)
        self._open.callback(made.close)
        return made

    def shelf(self) -> Shelf:
        """Texts that are put away, in a file."""
        return FileShelf(self.path / _SCRATCH)

    def once(self, name: str, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """What a step makes, from where it was kept if it was made before."""
        steps = self._manifest.setdefault("steps", {})
        if name not in steps:
            made = make()
            with writing(self.path):
                steps[name] = {field: self._keep(f"{name}.{field}", value) for field, value in made.items()}
                self._replace_note(name, None)
        return {field: self._look_up(kept) for field, kept in steps[name].items()}

    def noted(self, name: str) -> dict[str, NDArray[Any]] | None:
        """What was noted of a step that is not done, in memory; None where nothing was."""
        kept = self._manifest["notes"].get(name)
        return None if kept is None else {field: self._look_up(one).copy() for field, one in kept.items()}

    def note(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Note arrays that a step can go on from, in place of what was noted of it before; forgotten when it is done."""
        before = self._manifest["notes"].get(name, {}).values()
        turn = 1 + max((int(kept["file"].split(".")[1]) for kept in before), default=0)
        with writing(self.path):
            made = {field: self._keep(f"{name}.{turn}.{field}", array) for field, array in arrays.items()}
            self._replace_note(name, made)

    def _replace_note(self, name: str, made: Mapping[str, Any] | None) -> None:
        """Put down a note, or none, and remove the files of the one before."""
        before = self._manifest["notes"].pop(name, {})
        if made is not None:
            self._manifest["notes"][name] = made
        self._put_down()
        for kept in before.values():
            (self.path / kept["file"]).unlink(missing_ok=True)

    def _keep(self, name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - an array or a JSON value
        if not isinstance(value, np.ndarray):
            return {"value": value}
        path = self.path / name
        pages = map_of(value)
        if pages is not None and id(pages) in self._scratch and len(pages) == value.nbytes:
            scratch, finalizer = self._scratch.pop(id(pages))
            if finalizer is not None:
                finalizer.detach()
            scratch.replace(path)
        else:
            with path.open("wb") as file:
                np.ascontiguousarray(value).tofile(file)
        return {"file": name, "dtype": value.dtype.str, "shape": list(value.shape)}

    def _look_up(self, kept: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an array or a JSON value
        if "value" in kept:
            return kept["value"]
        return open_array(self.path / kept["file"], tuple(kept["shape"]), kept["dtype"])

    def journal(self, name: str) -> Journal:
        """A step that is done bit by bit."""
        return _DirectoryJournal(self, name)

    def log(self, name: str) -> Path:
        """A file for what is done one by one, which outlives an interruption."""
        return self.path / f"{_LOG}.{name}"

    def discard(self, array: NDArray[Any], start: int, stop: int) -> None:
        """Give back the disk below some items of an array that are never asked for again."""
        discard(array, start, stop)

    def note_temporary(self, path: Path) -> None:
        """Remember a file beside an output: the next run removes it."""
        with (self.path / _TEMPORARIES).open("a", errors="surrogateescape") as file:
            file.write(f"{path}\0")


class _ScratchAppender(FileAppender):
    """Grows in a file that goes with its array."""

    def __init__(self, directory: WorkDirectory, path: Path, dtype: DTypeLike) -> None:
        super().__init__(path, dtype)
        self._directory = directory

    def finish(self) -> NDArray[Any]:
        """The whole as an array."""
        return self._directory._own(self._path, super().finish())  # noqa: SLF001 - its other half


class _DirectoryJournal(Journal):
    """Its appenders have names by the order in which they are asked for, so that the next run finds them again."""

    def __init__(self, directory: WorkDirectory, name: str) -> None:
        self._directory = directory
        self._name = name
        known = directory._manifest.get("journals", {}).get(name)  # noqa: SLF001 - its other half
        self._known: dict[str, Any] = known or {"files": [], "lengths": [], "states": {}}
        self._appenders: list[FileAppender] = []
        self._workers: dict[str, Resumable] = {}
        self.leg = directory.leg

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents, which nothing keeps."""
        return self._directory.empty(shape, dtype)

    def scattered(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents, whose items are asked for in no order."""
        return self._directory.scattered(shape, dtype)

    def shelf(self) -> Shelf:
        """Texts that are put away, which nothing keeps."""
        return self._directory.shelf()

    def log(self, name: str) -> Path:
        """A file that outlives an interruption, whatever was put down."""
        return self._directory.log(name)

    def appender(self, dtype: DTypeLike, expected: int = 0) -> Appender:  # noqa: ARG002
        """One-dimensional array that grows, with what it had when the journal was put down last."""
        place = len(self._appenders)
        lengths = self._known["lengths"]
        path = self._directory.path / f"{self._name}.{place}"
        made = FileAppender(path, dtype, lengths[place] if place < len(lengths) else 0)
        self._appenders.append(made)
        self._directory._open.callback(made.close)  # noqa: SLF001 - its other half
        return made

    def attach(self, name: str, worker: Resumable) -> None:
        """Name somebody whose state belongs to it; goes on from what was put down, at once."""
        self._workers[name] = worker
        if name in self._known["states"]:
            worker.resume(self._known["states"][name])

    def commit(self) -> None:
        """Put down how far it has come."""
        for appender in self._appenders:
            appender.flush()
        journals = self._directory._manifest.setdefault("journals", {})  # noqa: SLF001 - its other half
        journals[self._name] = {
            "files": [f"{self._name}.{place}" for place in range(len(self._appenders))],
            "lengths": [len(appender) for appender in self._appenders],
            "states": {name: dict(worker.state()) for name, worker in self._workers.items()},
        }
        with writing(self._directory.path):
            self._directory._put_down()  # noqa: SLF001


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text())
        return {name: dict(manifest[name]) for name in ("key", "steps", "journals", "notes")}
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            f"{path} is damaged; give --restart to begin anew, or name another --work-dir"
        ) from error


def _differences(kept: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """What two runs differ in, in a few words."""
    named = [name for name in {**kept, **asked} if kept.get(name) != asked.get(name)]
    told = [
        f"{name} was {_shown(kept.get(name))}, is {_shown(asked.get(name))}"
        if name != "inputs"
        else "an input has changed"
        for name in named
    ]
    return "; ".join(told[:3])


def _shown(value: object) -> str:
    return json.dumps(value)[:60]
