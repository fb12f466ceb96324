"""Holding an index for a host that must go on while the index is down."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from dedup.errors import DedupError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.article import Article
    from dedup.seen import ArticleIndex
    from dedup.verdict import Verdict

#: Seconds for which an index is left alone after it failed once, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class Held:
    """An index that is opened when it is needed, and left alone for a while after it failed.

    Parameters
    ----------
    opener : callable
        Opens it.
    clock : callable, optional
        Seconds that never go back.
    """

    def __init__(
        self, opener: Callable[[], ArticleIndex], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._opener, self._clock = opener, clock
        self._index: ArticleIndex | None = None
        self._pause, self._again = 0.0, -1.0
        self._why: StorageError | None = None

    def open(self) -> ArticleIndex:
        """Open it, unless it is open.

        Raises
        ------
        StorageError
            If it can't be opened, or failed a moment ago.
        """
        if self._why is not None and self._clock() < self._again:
            raise StorageError(self._why.uri, self._why.reason)
        try:
            if self._index is None:
                self._index = self._opener()
        except StorageError as error:
            self._leave_alone(error)
            raise
        return self._index

    def add(self, article: Article) -> Verdict:
        """Ask about an article and remember it; see :meth:`dedup.ArticleIndex.add`."""
        index = self.open()
        try:
            verdict = index.add(article)
        except StorageError as error:
            self._leave_alone(error)
            raise
        self._why, self._pause = None, 0.0
        return verdict

    def close(self) -> None:
        """Let go of it."""
        index, self._index = self._index, None
        if index is not None:
            index.close()

    def _leave_alone(self, error: StorageError) -> None:
        """Open it anew later: what is there then may be another directory, or another server."""
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._again, self._why = self._clock() + self._pause, error
        with suppress(DedupError):
            self.close()
