"""Where a run keeps its arrays, by what was asked for; and what tells one run from another."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import ParameterError
from dedup.io.streams import STANDARD_STREAM
from dedup.storage import BEGIN, MEMORY, Journal, Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dedup.stages import Method

_SUFFIX = ".work"


def storage_of(
    kept: str | os.PathLike[str],
    memory: int | None,
    work_dir: str | os.PathLike[str] | None,
    key: Callable[[], Mapping[str, Any]],
    files: Iterable[str | os.PathLike[str]],
    *,
    restart: bool,
) -> Storage:
    """In memory, where neither a limit nor a directory is given; else in a work directory: beside `kept`, if none is named.

    Raises
    ------
    ParameterError
        If it can't be used, see :class:`dedup.workdir.WorkDirectory`; or if one of the `files`, which are read or written, lies in
        it, for it is removed at the end.
    """
    if memory is None and work_dir is None:
        if restart:
            raise ParameterError("restart is of a run with a work directory; give --work-dir, or --memory")
        return MEMORY
    from dedup.workdir import WorkDirectory  # noqa: PLC0415 - few runs ask for it

    target = os.fspath(kept)
    if work_dir is not None:
        place = Path(work_dir)
    elif target == STANDARD_STREAM or (Path(target).exists() and not _is_plain(Path(target))):
        place = Path(tempfile.mkdtemp(prefix="dedup-"))  # nobody will look for it again
    else:
        place = Path(target.rstrip("/" + os.sep) + _SUFFIX)
    _check_outside(place, files)
    made = key()
    return WorkDirectory(place, made, memory, restart=restart or not _can_be_read_again(made["inputs"]))


def _check_outside(place: Path, files: Iterable[str | os.PathLike[str]]) -> None:
    home = Path(os.path.realpath(place))
    for name in [os.fspath(file) for file in files]:
        if name != STANDARD_STREAM and _is_in(home, name):
            raise ParameterError(
                f"{name} lies in the work directory {place}, which is removed at the end; name another --work-dir"
            )


def _is_in(home: Path, name: str) -> bool:
    path = Path(os.path.realpath(name))
    return home in (path, *path.parents)


def placed_in(method: Method, storage: Storage) -> Method:
    """The method with this storage; what is published now was published when the run began, however often it goes on."""
    begun = storage.once(BEGIN, lambda: {"now": method.blocking.now})
    return replace(method, storage=storage, blocking=replace(method.blocking, now=begun["now"]))


def journal_of(method: Method) -> Journal:
    """Where it is put down how far reading has come. By title, all titles are read before any is compared: at once."""
    return Journal() if method.by == "title" else method.storage.journal("read")


def key_of(names: Sequence[str], settings: Mapping[str, Any], method: Method) -> dict[str, Any]:
    """What a run is: its inputs as they lie there, and all that its result depends on."""
    return {
        "version": version("news-dedup"),
        "inputs": [_traits_of(name) for name in names],
        **settings,
        "recipe": method.recipe.manifest(),
        "limits": asdict(method.limits),
        "by": method.by,
        "recall": method.recall,
        "walk": method.walk,
        "keep": method.keep,
        "prefer_source": list(method.prefer_source),
        "versions": method.versions,
        "pages": method.pages,
        "window": method.blocking.window,
        "within": list(method.blocking.within),
        "context": None if method.context is None else method.context.fingerprint,
    }


def _is_plain(path: Path) -> bool:
    return path.is_file() or path.is_dir()


def _traits_of(name: str) -> list[Any]:
    """What tells whether an input is still the same; of a pipe nothing does."""
    if name == STANDARD_STREAM or not Path(name).is_file():
        return [name, secrets.token_hex(8)]
    found = Path(name).stat()
    return [os.path.realpath(name), found.st_size, found.st_mtime_ns]


def _can_be_read_again(inputs: Sequence[Sequence[Any]]) -> bool:
    return all(len(traits) == len(("path", "size", "time")) for traits in inputs)
