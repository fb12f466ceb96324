"""Opening an index of articles: what is asked for meets what it was set up with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dedup.incremental.manifest import Manifest
from dedup.incremental.settling import settle
from dedup.index.registry import open_back_end, shown
from dedup.moments import seconds_of
from dedup.seen import ArticleIndex

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import timedelta

    from dedup.match.context import Context


def open_index(  # noqa: PLR0913 - the face
    uri: str | os.PathLike[str],
    *,
    create: bool = True,
    threshold: float | None = None,
    recall: float | None = None,
    window: str | timedelta | float | None = None,
    max_perm: int | None = None,
    walk: int | None = None,
    seed: int | None = None,
    context: Context | None = None,
    clock: Callable[[], float] = time.time,
) -> ArticleIndex:
    """Open an index of articles, or begin one.

    Parameters
    ----------
    uri : str or path
        A directory; ``redis://host:port/db?prefix=name``; ``memory://``, which is gone when it is closed.
    create : bool, default=True
        Whether to begin an index where there is none; else that is an error.
    threshold, recall, max_perm, walk, seed : optional
        As in :func:`dedup.deduplicate`. An index keeps what it was set up with from the first article on; asking for
        something else is then an error.
    window : str, timedelta or number, optional
        How far apart, by their publication, an article and some member of its cluster may be at most: ``"30d"``,
        ``"12h"``, or seconds. Undated articles count from when they are seen. Default: any distance.
    context : Context, optional
        What a run learnt, left out of every comparison. It is stored with the index.
    clock : callable, optional
        Gives the present, in epoch seconds.

    Returns
    -------
    ArticleIndex
        A context manager.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, or not that of the index, or there is no such kind of index.
    StorageError
        If it can't be opened, or is absent and not to be begun.
    MissingExtraError
        If a package that it needs is absent.

    Examples
    --------
    >>> import dedup
    >>> with dedup.open_index("memory://", window="30d") as index:
    ...     index.add({"id": "a", "text": "Rain is expected in the north.", "date": "2026-03-01"}).is_duplicate
    ...     index.add({"id": "b", "text": "Rain is expected in the north.", "date": "2026-03-08"}).is_duplicate
    ...     index.add({"id": "c", "text": "Rain is expected in the north.", "date": "2026-09-01"}).is_duplicate
    False
    True
    False
    """
    given: dict[str, Any] = {
        "threshold": threshold,
        "recall": recall,
        "window": None if window is None else seconds_of(window),
        "max_perm": max_perm,
        "walk": walk,
        "seed": seed,
        "context": context,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    Manifest(**asked)  # a parameter out of its range is told before anything is opened
    back_end = open_back_end(uri, create=create)
    try:
        settled = bool(back_end.counts())  # before what is settled is read
        manifest = settle(back_end, shown(uri), asked, create=create)
    except BaseException:
        back_end.close()
        raise
    return ArticleIndex(shown(uri), back_end, manifest, clock, settled=settled)
