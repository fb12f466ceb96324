"""Intake: articles become columns, their texts batches for the kernels."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.text.columns import Appender, ShingledBatch, ShingleTable, TextColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.article import Article
    from dedup.kernels.types import Hashes

#: Bytes of text in a batch: enough to keep a kernel busy for some milliseconds, few enough to stay in the cache.
BATCH_BYTES = 1 << 21


class Corpus(NamedTuple):
    """All that is known of the articles of a run, one entry for each.

    Attributes
    ----------
    ids : list of str or None
        As given, or the URL.
    sources : list of str or None
        Who published it.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    table : ShingleTable
        Shingles of what is compared.
    replaced : int
        Articles whose text could not be encoded as it was (lone surrogates).
    """

    ids: list[str | None]
    sources: list[str | None]
    published: NDArray[np.float64]
    table: ShingleTable
    replaced: int


class Intake:
    """Collects articles into a corpus.

    Parameters
    ----------
    expected_bytes : int, default=0
        How long the texts may be together, if that is known.
    """

    def __init__(self, expected_bytes: int = 0) -> None:
        self._ids: list[str | None] = []
        self._sources: list[str | None] = []
        self._published: list[float] = []
        self._replaced = 0
        self._hashes = Appender(np.uint64, expected_bytes // 4)
        self._counts = Appender(np.int64)
        self._n_words = Appender(np.int64)
        self._text_hashes = Appender(np.uint64)

    def batches(self, articles: Iterable[Article]) -> Iterator[TextColumn]:
        """Take articles in; yields their texts, a batch at a time."""
        texts: list[bytes] = []
        pending = 0
        for article in articles:
            self._ids.append(article.id or article.url)
            self._sources.append(article.source)
            self._published.append(_seconds(article.published))
            text, replaced = to_utf8(article.compared)
            self._replaced += replaced
            texts.append(text)
            pending += len(text)
            if pending >= BATCH_BYTES:
                yield TextColumn.of(texts)
                texts, pending = [], 0
        if texts:
            yield TextColumn.of(texts)

    def add_shingles(self, batch: ShingledBatch) -> None:
        """Take in what the kernel made of a batch, in the order of the batches."""
        self._hashes.append(batch.hashes)
        self._counts.append(batch.counts)
        self._n_words.append(batch.n_words)
        self._text_hashes.append(batch.text_hashes)

    def finish(self) -> Corpus:
        """Give the corpus away."""
        indptr = np.concatenate([[0], np.cumsum(self._counts.finish())])
        return Corpus(
            self._ids,
            self._sources,
            np.array(self._published, np.float64),
            ShingleTable(indptr, self._hashes.finish(), self._n_words.finish(), self._text_hashes.finish()),
            self._replaced,
        )


def _seconds(moment: datetime | None) -> float:
    """Epoch seconds; a naive time is UTC, no time is NaN."""
    if moment is None:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def to_utf8(text: str) -> tuple[bytes, bool]:
    r"""Text in UTF-8, and whether lone surrogates in it had to be replaced.

    Examples
    --------
    >>> to_utf8("a\ud83db")
    (b'a\xef\xbf\xbdb', True)
    """
    try:
        return text.encode(), False
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode(), True


def name_apart(
    ids: Sequence[str | None], text_hashes: Hashes, place_of: Callable[[int], str]
) -> tuple[list[str], int]:
    """Give every article an id of its own.

    Parameters
    ----------
    ids : sequence of str or None
        As given; without one an article is called by the hash of its text.
    text_hashes : ndarray of uint64
        Hash of each normalised text.
    place_of : callable
        Place of a row, which is put behind an id that an earlier article had.

    Returns
    -------
    list of str
        No id stands twice.
    int
        How many of the given ids stood in an earlier article.
    """
    names: list[str] = []
    seen: set[str] = set()
    repeated = 0
    for row, given in enumerate(ids):
        name = given if given is not None else f"{text_hashes[row]:016x}"
        if name in seen:
            repeated += given is not None
            name = f"{name}#{place_of(row)}"
            while name in seen:
                name += "+"
        seen.add(name)
        names.append(name)
    return names, repeated
