"""Back ends by URI."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from dedup.errors import ParameterError, StorageError

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from dedup.index.base import Index

#: Scheme of a URI to the class that opens it. Whatever has no scheme is a directory.
BACK_ENDS = {
    "memory": "dedup.index.memory.MemoryIndex",
    "file": "dedup.index.disk.DiskIndex",
    "redis": "dedup.index.redis.RedisIndex",
    "rediss": "dedup.index.redis.RedisIndex",
    "unix": "dedup.index.redis.RedisIndex",
}


#: What is said of an index that is absent and not to be begun.
NO_INDEX = "there is no index; `dedup index add` and `dedup run --index` begin one"


def open_back_end(uri: str | os.PathLike[str], *, create: bool = True) -> Index:
    """Open what a URI names.

    Parameters
    ----------
    uri : str or path
        A directory or a URI of ``BACK_ENDS``.
    create : bool, default=True
        Whether a directory may be made. Of others `Index.stored` says whether there is an index.

    Raises
    ------
    ParameterError
        If there is no such scheme.
    StorageError
        If it can't be opened.
    MissingExtraError
        If a package for it is absent.
    """
    name = str(uri)
    scheme, separator, _ = name.partition("://")
    if not separator:
        scheme = "file"
    if scheme not in BACK_ENDS:
        raise ParameterError(
            f"{shown(name)}: no index of the kind {scheme}://; there are a directory, {', '.join(f'{kind}://' for kind in BACK_ENDS)}"
        )
    module, _, class_name = BACK_ENDS[scheme].rpartition(".")
    if scheme == "file" and not create:
        _look_for(name)
    return cast("Index", getattr(import_module(module), class_name)(name))


def directory_of(uri: str | os.PathLike[str]) -> Path | None:
    """Directory that a URI names; None for what is no directory."""
    name = str(uri)
    if "://" in name and not name.startswith("file://"):
        return None
    from dedup.index.disk import place_of  # noqa: PLC0415 - SQLite, which others do without

    return place_of(name)[0]


def shown(uri: str | os.PathLike[str]) -> str:
    """URI as it may be told: no message shows a password.

    Examples
    --------
    >>> shown("redis://user:secret@host/0")
    'redis://***@host/0'
    """
    from dedup.index.address import hide  # noqa: PLC0415 - neither a directory nor memory needs it

    return hide(str(uri)) if "://" in str(uri) else str(uri)


def _look_for(uri: str) -> None:
    """Refuse to open a directory where there is no index: opening would make one."""
    from dedup.index.directory import CATALOGUE, RUNS  # noqa: PLC0415 - they bring SQLite, which others do without
    from dedup.index.disk import place_of  # noqa: PLC0415
    from dedup.index.runfiles import SUFFIX  # noqa: PLC0415

    path, _ = place_of(uri)
    if path.is_file():
        raise StorageError(uri, "is a file; an index is a directory")
    if not (path / CATALOGUE).exists() and not any(
        (path / RUNS).glob(f"*{SUFFIX}")
    ):  # opening says what is missing
        raise StorageError(uri, NO_INDEX)
