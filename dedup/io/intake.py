"""Intake: batches become the corpus of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from dedup.storage import Appender
from dedup.text.columns import Lines, ShingledBatch, ShingleTable, TextColumn
from dedup.url import url_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.io.batches import Batch
    from dedup.kernels.types import Hashes, Offsets, Rows, Table64


class Corpus(NamedTuple):
    """All that is known of the articles of a run, one entry for each.

    Attributes
    ----------
    ids : list of str or None
        As given, or what the page is known by.
    sources : list of str or None
        Who published it.
    hosts : list of str or None
        Where it was published.
    languages : list of str or None
        As given.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    lines : Lines
        Lines of the texts.
    table : ShingleTable
        Shingles of what is compared; none for a text whose hash an earlier one had.
    replaced : int
        Articles whose text could not be encoded as it was (lone surrogates).
    pages : ndarray of uint64 of shape (n_articles, 2)
        Key of the page of each; without rows where nobody asks for it.
    """

    ids: list[str | None]
    sources: list[str | None]
    hosts: list[str | None]
    languages: list[str | None]
    published: NDArray[np.float64]
    lines: Lines
    table: ShingleTable
    figures: Table64
    titles: list[bytes]
    replaced: int
    pages: Table64


class Intake:
    """Collects batches of articles into a corpus.

    Parameters
    ----------
    expected_bytes : int, default=0
        How long the texts may be together, if that is known.
    pages : bool, default=False
        Whether to tell pages apart by their URLs, which takes 2 microseconds for each.
    """

    def __init__(self, expected_bytes: int = 0, *, pages: bool = False) -> None:
        self._pages = Appender(np.uint64) if pages else None
        self._ids: list[str | None] = []
        self._sources: list[str | None] = []
        self._hosts: list[str | None] = []
        self._languages: list[str | None] = []
        self._published: list[float] = []
        self._figures: list[Table64] = []
        self._titles: list[bytes] = []
        self._replaced = 0
        self._seen: set[int] = set()
        self._hashes = Appender(np.uint64, expected_bytes // 4)
        self._counts = Appender(np.int64)
        self._n_words = Appender(np.int64)
        self._text_hashes = Appender(np.uint64)
        self._line_hashes, self._line_counts = Appender(np.uint64), Appender(np.int64)

    def columns(self, batches: Iterable[Batch]) -> Iterator[TextColumn]:
        """Take batches in; yields their texts."""
        for batch in batches:
            self._ids += batch.ids
            self._sources += batch.sources
            self._hosts += batch.hosts
            self._languages += batch.languages
            self._published += batch.published
            self._titles += batch.titles
            self._replaced += batch.replaced
            if self._pages is not None:
                self._pages.append(url_keys(batch.urls).ravel())
            yield TextColumn.of(batch.texts)

    def add_lines(self, hashes: Hashes, counts: Rows) -> None:
        """Take in the lines of a batch, in the order of the batches."""
        self._line_hashes.append(hashes)
        self._line_counts.append(counts)

    def add_shingles(self, batch: ShingledBatch) -> None:
        """Take in what the kernel made of a batch, in the order of the batches.

        A text whose hash an earlier one had is most likely its exact copy and gets no shingles: they would be a
        quarter of the memory of a usual dump (see :func:`dedup.match.exact.fill_in`).
        """
        fresh = []
        for n_words, text_hash in zip(batch.n_words.tolist(), batch.text_hashes.tolist(), strict=True):
            fresh.append(n_words == 0 or text_hash not in self._seen)
            self._seen.add(text_hash)
        is_fresh = np.array(fresh, np.bool_)
        self._hashes.append(batch.hashes[np.repeat(is_fresh, batch.counts)])
        self._counts.append(batch.counts * is_fresh)
        self._n_words.append(batch.n_words)
        self._text_hashes.append(batch.text_hashes)
        self._figures.append(batch.figures)

    def finish(self) -> Corpus:
        """Give the corpus away."""
        indptr = _starts(self._counts)
        return Corpus(
            self._ids,
            self._sources,
            self._hosts,
            self._languages,
            np.array(self._published, np.float64),
            Lines(_starts(self._line_counts), self._line_hashes.finish()),
            ShingleTable(indptr, self._hashes.finish(), self._n_words.finish(), self._text_hashes.finish()),
            np.concatenate([*self._figures, np.empty((0, 4), np.uint64)]),
            self._titles,
            self._replaced,
            np.empty((0, 2), np.uint64) if self._pages is None else self._pages.finish().reshape(-1, 2),
        )


def _starts(counts: Appender) -> Offsets:
    return np.concatenate([[0], np.cumsum(counts.finish())])


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
    if None not in ids and len(set(ids)) == len(ids):
        return cast("list[str]", ids), 0
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
