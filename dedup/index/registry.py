"""Back ends by URI."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from dedup.errors import ParameterError

if TYPE_CHECKING:
    import os

    from dedup.index.base import Index

#: Scheme of a URI to the class that opens it. Whatever has no scheme is a directory.
BACK_ENDS = {
    "memory": "dedup.index.memory.MemoryIndex",
    "file": "dedup.index.disk.DiskIndex",
    "redis": "dedup.index.redis.RedisIndex",
    "rediss": "dedup.index.redis.RedisIndex",
    "unix": "dedup.index.redis.RedisIndex",
}


def open_back_end(uri: str | os.PathLike[str]) -> Index:
    """Open what a URI names.

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
            f"{name}: no index of the kind {scheme}://; there are a directory, {', '.join(f'{kind}://' for kind in BACK_ENDS)}"
        )
    module, _, class_name = BACK_ENDS[scheme].rpartition(".")
    return cast("Index", getattr(import_module(module), class_name)(name))
