"""Where the machine code of kernels is kept, and which of what lies there may be run.

An entry is a digest and what it is the digest of: its name, and the bytes. One that was cut off, renamed or written by
something else has another digest, counts as absent, and is written anew. The digest finds damage, not malice: against
that a directory and a file are taken only if they belong to this user, to root, or to whoever owns this package, and
nobody else may write to them. No trouble with a cache is ever an error: without one, the kernels are compiled again.
See docs/decisions/0008-object-cache.md.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

try:
    import fcntl
except ImportError:  # pragma: no cover - there is none on Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SUFFIX = ".o"
LONGEST_WAIT = 30.0  # seconds; a whole first run compiles for about 10
_PAUSE = 0.05
_LOCK = "lock"
_MAGIC = b"news-dedup kernel 1\n"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_impatient: list[bool] = []  # who has waited in vain once does not wait for each kernel


class Place(NamedTuple):
    """A directory that machine code may be kept in.

    Parameters
    ----------
    path : Path
        The directory.
    kind : str
        Who named it: ``given``, ``package``, ``user`` or ``temporary``.
    """

    path: Path
    kind: str

    @property
    def lasting(self) -> bool:
        """Whether what is put there is there tomorrow."""
        return self.kind != "temporary"


def places() -> Iterator[Place]:
    """Directories in the order in which they are looked into, and put into where the first can be written to.

    ``DEDUP_CACHE_DIR`` alone if it is set; else beside this file, the user's cache, and a private directory among
    the temporary files.
    """
    given = os.environ.get("DEDUP_CACHE_DIR")
    if given:
        yield Place(Path(given), "given")
        return
    yield Place(Path(__file__).parent / "__pycache__" / "objects", "package")
    if (folder := _cache_of_the_user()) is not None:
        yield Place(folder / "news-dedup", "user")
    if (folder := _folder_for_temporary_files()) is not None:
        yield Place(folder / f"news-dedup-{_user()}", "temporary")


def _cache_of_the_user() -> Path | None:
    """None without a home: unset, absent, or another user's, as under ``sudo``, who could not use what is put there."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")  # noqa: PTH111 - unchanged where there is no home; Path.home() raises
    # One that is relative must be ignored, says the specification.
    folder = Path(given) if os.path.isabs(given) else Path(home) / ".cache"  # noqa: PTH117
    try:
        parent = folder if folder.exists() else folder.parent
        own = folder.is_absolute() and parent.stat().st_uid == _user()
    except OSError:
        return None
    return folder if own else None


def _folder_for_temporary_files() -> Path | None:
    """None without one: Python would take the working directory then, where nobody looks for a cache."""
    with suppress(OSError):
        folder = tempfile.gettempdir()
        meant = [os.environ.get("TMPDIR"), "/tmp", "/var/tmp"]  # noqa: S108 - what is put there is private
        if folder in meant or Path(folder) != Path.cwd():
            return Path(folder)
    return None


def objection(place: Place) -> str | None:
    """Why what lies in a directory is not run; None if it may be."""
    try:
        status = place.path.stat(follow_symlinks=place.kind != "temporary")
    except OSError as error:
        return _reason(error)
    return _distrust(status, stat.S_ISDIR, "directory")


def obstacle(place: Place) -> str | None:
    """Why nothing can be put into a directory, which is made if it is absent; None if it can."""
    try:
        _make(place)
        doubt = objection(place)
        if doubt is None:
            with tempfile.TemporaryFile(dir=place.path):
                pass
    except OSError as error:
        return _reason(error)
    return doubt


def first_writable() -> Place | None:
    """The directory that the next object is put into."""
    return next((place for place in places() if obstacle(place) is None), None)


def read_object(name: str, place: Place | None = None) -> bytes | None:
    """Machine code of a name; None if no directory, or not the one asked, has it whole and from someone trusted."""
    for one in places() if place is None else [place]:
        if objection(one) is None and (data := _read_entry(one.path / name)) is not None:
            return data
    return None


def _read_entry(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            if _distrust(os.fstat(file.fileno()), stat.S_ISREG, "file") is not None:
                return None
            entry = file.read()
    except OSError:
        return None
    seal = len(_MAGIC) + blake2b.MAX_DIGEST_SIZE
    data = entry[seal:]
    return data if entry[:seal] == _seal(path.name, data) else None


def write_object(name: str, data: bytes, place: Place) -> bool:
    """Put machine code into a directory, whole or not at all; whether it is there."""
    try:
        _make(place)
        if objection(place) is not None:
            return False
        handle, temporary = tempfile.mkstemp(prefix=".", dir=place.path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_seal(name, data) + data)
            Path(temporary).chmod(0o644)  # what root compiled for all, all may read
            Path(temporary).replace(place.path / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError:
        return False
    return True


def entries(place: Place) -> list[tuple[str, int]]:
    """Names and bytes of the objects in a directory, sorted."""
    try:
        return sorted((path.name, path.stat().st_size) for path in place.path.glob(f"*{SUFFIX}"))
    except OSError:
        return []


@contextmanager
def turn(name: str, place: Place | None) -> Iterator[bytes | None]:
    """Wait until no other process compiles; what was compiled meanwhile, else None: then it is this one's turn.

    At a first start of several processes one compiles, and the others take what it has put there. Whoever waits longer
    than ``LONGEST_WAIT``, or where there are no locks, compiles as well, which costs time and harms nothing.
    """
    with nullcontext() if place is None else _lock_of(place) as lock:
        waited = time.monotonic() + LONGEST_WAIT
        while lock is not None and not _impatient and not _take(lock):
            if (data := read_object(name, place)) is not None:
                yield data
                return
            if time.monotonic() > waited:
                _impatient.append(True)
            time.sleep(_PAUSE)
        yield read_object(name, place) if lock is not None else None


@contextmanager
def _lock_of(place: Place) -> Iterator[int | None]:
    if fcntl is None:  # pragma: no cover
        yield None
        return
    try:
        lock = os.open(place.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield None
        return
    try:
        yield lock
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    """Whether a lock is ours now; what can't be locked is, too."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _make(place: Place) -> None:
    """Make a directory: for all to read beside the package, else private."""
    place.path.mkdir(mode=0o755 if place.kind == "package" else 0o700, parents=True, exist_ok=True)


def _seal(name: str, data: bytes) -> bytes:
    return _MAGIC + blake2b(name.encode() + b"\n" + data).digest()


def _distrust(status: os.stat_result, is_kind: Callable[[int], bool], kind: str) -> str | None:
    """Why a directory or a file is not trusted."""
    if not is_kind(status.st_mode):
        return f"is no {kind}"
    if not hasattr(os, "geteuid"):  # pragma: no cover - Windows has other ways, and no such mode
        return None
    if status.st_uid not in (_user(), 0, _owner()):
        return f"belongs to another user ({status.st_uid})"
    if status.st_mode & _OTHERS_WRITE:
        return f"others may write to it (mode {stat.S_IMODE(status.st_mode):o})"
    return None


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


@cache
def _owner() -> int:
    """Whoever owns the package decides anyway what this process runs."""
    return Path(__file__).stat().st_uid


def _reason(error: OSError) -> str:
    return "is absent" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
