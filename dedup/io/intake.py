"""Intake: batches become the corpus of a run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from dedup.storage import MEMORY
from dedup.text.categories import Categories, CategoriesAppender
from dedup.text.columns import Lines, ShingledBatch, ShingleTable, TextColumn
from dedup.text.hashset import HashSet
from dedup.text.strings import BytesAppender, Strings, StringsAppender, spans_of
from dedup.url import url_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dedup.io.batches import Batch
    from dedup.kernels.types import Dates, Hashes, Offsets, Rows, Table64
    from dedup.storage import Appender, Storage
    from dedup.text.strings import ByteStrings


#: Stands between an id and the place that tells it from another.
_MARK = "#"


class About(NamedTuple):
    """What is said of the articles of a run beside their texts, one entry for each.

    Attributes
    ----------
    ids : Strings
        As given, or the URL; None where there is neither.
    sources, hosts, languages : Categories
        Who published it, where it was published, and in which language; None where that is not known.
    titles : ByteStrings
        In UTF-8, empty without one.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    """

    ids: Strings[str | None]
    sources: Categories
    hosts: Categories
    languages: Categories
    titles: ByteStrings
    published: Dates

    @classmethod
    def of(cls, corpus: Corpus) -> About:
        """What a corpus has of it."""
        return cls(*(getattr(corpus, name) for name in cls._fields))


class Corpus(NamedTuple):
    """All that is known of the articles of a run, one entry for each.

    Attributes
    ----------
    ids, sources, hosts, languages, titles, published
        As in :class:`About`.
    lines : Lines
        Lines of the texts.
    table : ShingleTable
        Shingles of what is compared; none for a text whose hash an earlier one had.
    figures : ndarray of uint64 of shape (n_articles, 4)
        Numbers of the text.
    replaced : int
        Articles whose text could not be encoded as it was (lone surrogates).
    pages : ndarray of uint64 of shape (n_articles, 2)
        Key of the page of each; without rows where nobody asks for it.
    """

    ids: Strings[str | None]
    sources: Categories
    hosts: Categories
    languages: Categories
    titles: ByteStrings
    published: Dates
    lines: Lines
    table: ShingleTable
    figures: Table64
    replaced: int
    pages: Table64


class Intake:
    """Collects batches of articles into a corpus.

    Parameters
    ----------
    expected_bytes : int, default=0
        How long the texts may be together, if that is known.
    storage : Storage, optional
        Where the columns lie. Default: in memory.
    pages : bool, default=False
        Whether to tell pages apart by their URLs, which takes 2 microseconds for each.

    Attributes
    ----------
    replaced : int
        Articles whose text could not be encoded as it was.
    """

    def __init__(self, expected_bytes: int = 0, storage: Storage = MEMORY, *, pages: bool = False) -> None:
        self.replaced = 0
        self._pages = storage.appender(np.uint64) if pages else None
        self._ids, self._titles = StringsAppender(storage), BytesAppender(storage)
        self._sources, self._hosts, self._languages = (CategoriesAppender(storage) for _ in range(3))
        self._published = storage.appender(np.float64)
        self._figures = storage.appender(np.uint64)
        self._seen = HashSet()
        self._hashes = storage.appender(np.uint64, expected_bytes // 4)
        self._counts = storage.appender(np.int64)
        self._n_words = storage.appender(np.int64)
        self._text_hashes = storage.appender(np.uint64)
        self._line_hashes, self._line_counts = storage.appender(np.uint64), storage.appender(np.int64)

    def add(self, batch: Batch) -> None:
        """Take in what is said of a batch beside its texts."""
        self._ids.append(batch.ids)
        self._sources.append(batch.sources)
        self._hosts.append(batch.hosts)
        self._languages.append(batch.languages)
        self._titles.append(batch.titles)
        self._published.append(np.array(batch.published, np.float64))
        self.replaced += batch.replaced
        if self._pages is not None:
            self._pages.append(url_keys(batch.urls).ravel())

    def columns(self, batches: Iterable[Batch]) -> Iterator[TextColumn]:
        """Take batches in; yields their texts."""
        for batch in batches:
            self.add(batch)
            yield TextColumn.of(batch.texts)

    def state(self) -> dict[str, Any]:
        """What is known beside what was appended, as :meth:`resume` takes it."""
        named = self._sources, self._hosts, self._languages
        return {"replaced": self.replaced, "names": [column.names for column in named]}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what an interrupted run appended, which lies in the storage."""
        self.replaced = state["replaced"]
        for column, names in zip((self._sources, self._hosts, self._languages), state["names"], strict=True):
            column.resume(names)
        self._seen.add(self._text_hashes.so_far())

    def add_lines(self, hashes: Hashes, counts: Rows) -> None:
        """Take in the lines of a batch, in the order of the batches."""
        self._line_hashes.append(hashes)
        self._line_counts.append(counts)

    def add_shingles(self, batch: ShingledBatch) -> None:
        """Take in what the kernel made of a batch, in the order of the batches.

        A text whose hash an earlier one had is most likely its exact copy and gets no shingles: they would be a
        quarter of the memory of a usual dump (see :func:`dedup.match.exact.fill_in`).
        """
        is_fresh = self._seen.add(batch.text_hashes)
        self._hashes.append(batch.hashes[np.repeat(is_fresh, batch.counts)])
        self._counts.append(batch.counts * is_fresh)
        self._n_words.append(batch.n_words)
        self._text_hashes.append(batch.text_hashes)
        self._figures.append(batch.figures.ravel())

    @cached_property
    def about(self) -> About:
        """What was said of all articles; nothing may be added any more."""
        return About(
            self._ids.finish(),
            self._sources.finish(),
            self._hosts.finish(),
            self._languages.finish(),
            self._titles.finish(),
            self._published.finish(),
        )

    def finish(self) -> Corpus:
        """Give the corpus away."""
        indptr = _starts(self._counts)
        return Corpus(
            *self.about,
            Lines(_starts(self._line_counts), self._line_hashes.finish()),
            ShingleTable(indptr, self._hashes.finish(), self._n_words.finish(), self._text_hashes.finish()),
            self._figures.finish().reshape(-1, 4),
            self.replaced,
            np.empty((0, 2), np.uint64) if self._pages is None else self._pages.finish().reshape(-1, 2),
        )


def _starts(counts: Appender) -> Offsets:
    return np.concatenate([[0], np.cumsum(counts.finish())])


def name_apart(
    ids: Strings[str | None], text_hashes: Hashes, place_of: Callable[[int], str], storage: Storage = MEMORY
) -> tuple[Strings[str], int]:
    """Give every article an id of its own.

    Parameters
    ----------
    ids : Strings
        As given; without one an article is called by the hash of its text.
    text_hashes : ndarray of uint64
        Hash of each normalised text.
    place_of : callable
        Place of a row, which is put behind an id that an earlier article had.
    storage : Storage, optional
        Where the new ids lie. Default: in memory.

    Returns
    -------
    Strings
        No id stands twice. Those given, if they are so already.
    int
        How many of the given ids stood in an earlier article.
    """
    is_given = ~ids.nones()
    named = cast("Strings[str]", ids) if is_given.all() else _named(ids, text_hashes, storage)
    firsts = named.first_rows()
    if np.array_equal(firsts, np.arange(len(firsts))):
        return named, 0
    appender, repeated = StringsAppender(storage), 0
    changes = _told_apart(named, firsts, place_of)
    row, name = next(changes)
    for span in spans_of(len(named)):
        names = named[span]
        while row < span.stop:
            names[row - span.start] = name
            repeated += int(is_given[row])
            row, name = next(changes, (len(named), ""))
        appender.append(names)
    return cast("Strings[str]", appender.finish()), repeated


def _told_apart(
    names: Strings[str], firsts: Rows, place_of: Callable[[int], str]
) -> Iterator[tuple[int, str]]:
    """Rows whose name an earlier article has, ascending, and their new names.

    A new name has a mark in it, so only names with one can be in its way.
    """
    rows = np.flatnonzero((firsts != np.arange(len(firsts))) | names.have_any(_MARK.encode()))
    marked: set[str] = set()
    for span in spans_of(len(rows)):
        mine = rows[span]
        for row, first, name in zip(mine.tolist(), firsts[mine].tolist(), names.take(mine), strict=True):
            told = name
            if name in marked if _MARK in name else first != row:
                told = f"{name}{_MARK}{place_of(row)}"
                while told in marked:
                    told += "+"
                yield row, told
            marked.add(told)


def _named(ids: Strings[str | None], text_hashes: Hashes, storage: Storage) -> Strings[str]:
    """Ids, and hashes of texts where there are none."""
    appender = StringsAppender(storage)
    for span in spans_of(len(ids)):
        pairs = zip(ids[span], text_hashes[span].tolist(), strict=True)
        appender.append([f"{text_hash:016x}" if name is None else name for name, text_hash in pairs])
    return cast("Strings[str]", appender.finish())
