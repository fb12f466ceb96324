"""What an index is set up with is settled by the first article: until then, who asks for something else gets it.

Whoever opened the index before that learns of it when it adds: see :func:`check_unchanged`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.errors import ParameterError, StorageError
from dedup.incremental.manifest import Manifest
from dedup.index.registry import NO_INDEX
from dedup.match.context import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.index.base import Index


def settle(index: Index, uri: str, asked: Mapping[str, Any], *, create: bool) -> Manifest:
    """Manifest of an index, which is set up with what is asked for if it never was, or holds nothing yet.

    Parameters
    ----------
    index : Index
        Just opened.
    uri : str
        The index, as it may be told.
    asked : mapping of str to object
        Parameters of a manifest that are asked for.
    create : bool
        Whether an index that was never set up is set up.

    Raises
    ------
    ParameterError
        If it was set up with something else, and some article was added.
    StorageError
        If it was never set up, and is not to be.
    """
    wanted = Manifest(**asked)
    known = index.stored()
    if known is None:
        if not create:
            raise StorageError(uri, NO_INDEX)
        known = index.setup(wanted.as_dict(), wanted.context.to_bytes())
        manifest = _read(known)
    else:
        manifest = _read(known)
        if not _agrees(manifest, asked):
            manifest = _read(index.setup(wanted.as_dict(), wanted.context.to_bytes(), instead_of=known))
    manifest.check_asked(asked)
    return manifest


def check_unchanged(index: Index, manifest: Manifest) -> None:
    """Refuse to go on with what an index was set up with before another process set it up anew.

    Whoever is about to add calls it after numbers were reserved: from then on it can't be set up anew.

    Raises
    ------
    ParameterError
        It names both.
    """
    known = index.stored()
    if known is not None and known[0] != manifest.as_dict():
        manifest.check_same(known[0])


def _read(known: tuple[dict[str, Any], bytes]) -> Manifest:
    return Manifest.of(known[0], Context.from_bytes(known[1]))


def _agrees(manifest: Manifest, asked: Mapping[str, Any]) -> bool:
    try:
        manifest.check_asked(asked)
    except ParameterError:
        return False
    return True
