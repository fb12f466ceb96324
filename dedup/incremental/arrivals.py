"""Articles on their way into an index: what is compared of them, by columns, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.index.keys import id_keys, pair_keys, text_keys
from dedup.io.batches import encode_all
from dedup.match.exact import group_equal
from dedup.match.leaving_out import leave_out_counted
from dedup.match.payload import Kept
from dedup.text.columns import ShingleTable, TextColumn, shingle_column
from dedup.url import url_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.incremental.manifest import Manifest
    from dedup.io.batches import Batch
    from dedup.kernels.types import Hashes, Rows, Signatures, Table64


class Sketches(NamedTuple):
    """What some texts are compared by, one entry for each.

    Attributes
    ----------
    table : ShingleTable
        Shingles, without boilerplate.
    signatures : ndarray of uint32 of shape (n_texts, num_perm)
        Of what is compared, and of the whole text where nothing is.
    figures : ndarray of uint64 of shape (n_texts, 4)
        Numbers of the text.
    altered : ndarray of bool of shape (n_texts,)
        Whether boilerplate was left out.
    least_words : ndarray of int64 of shape (n_texts,)
        Words of what is compared, at least.
    """

    table: ShingleTable
    signatures: Signatures
    figures: Table64
    altered: NDArray[np.bool_]
    least_words: Rows

    @classmethod
    def of(cls, texts: Sequence[bytes], manifest: Manifest) -> Sketches:
        """Sketch texts in UTF-8, as a run with the same context does."""
        recipe = manifest.recipe
        batch = shingle_column(TextColumn.of(texts), recipe.width)
        indptr = np.concatenate([[0], np.cumsum(batch.counts)])
        table = ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)
        rows = np.arange(len(texts))
        signatures = recipe.sign(table, rows)
        if not manifest.context:
            return cls(table, signatures, batch.figures, np.zeros(len(texts), np.bool_), batch.n_words)
        mine = table._replace(hashes=table.hashes.copy())  # they are overwritten
        compared, least_words = leave_out_counted(mine, manifest.context.shingles(recipe.width), recipe.width)
        altered = compared.sizes != table.sizes
        changed = np.flatnonzero(altered & (compared.sizes > 0))
        signatures[changed] = recipe.sign(compared, changed)
        return cls(compared, signatures, batch.figures, altered, least_words)

    def followed_by(self, others: Sketches) -> Sketches:
        """These texts and, behind them, others."""
        mine, theirs = self.table, others.table
        table = ShingleTable(
            np.concatenate([mine.indptr, theirs.indptr[1:] + mine.indptr[-1]]),
            np.concatenate([mine.hashes, theirs.hashes]),
            np.concatenate([mine.n_words, theirs.n_words]),
            np.concatenate([mine.text_hashes, theirs.text_hashes]),
        )
        return Sketches(
            table,
            np.concatenate([self.signatures, others.signatures]),
            np.concatenate([self.figures, others.figures]),
            np.concatenate([self.altered, others.altered]),
            np.concatenate([self.least_words, others.least_words]),
        )

    def take(self, rows: Rows) -> Sketches:
        """Some of these texts, ascending."""
        if len(rows) == len(self.altered):
            return self
        table = self.table
        counts = table.sizes[rows]
        indptr = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(indptr[-1]) + np.repeat(table.indptr[rows] - indptr[:-1], counts)
        taken = ShingleTable(indptr, table.hashes[places], table.n_words[rows], table.text_hashes[rows])
        columns: list[Any] = [column[rows] for column in self[1:]]
        return Sketches(taken, *columns)


def _with_urls_as_given(batch: Batch) -> list[str | None]:
    """Ids where those that were made of URLs are made of these as they stand."""
    return [_as_given(name, url) for name, url in zip(batch.ids, batch.urls, strict=True)]


def _as_given(name: str | None, url: str | None) -> str | None:
    page = url_id(url)
    if not (url and page and name):
        return name
    # A run puts the place behind an id that an earlier article had.
    return url + name.removeprefix(page) if name == page or name.startswith(f"{page}#") else name


class Arrivals(NamedTuple):
    """A batch of articles, one entry for each.

    Attributes
    ----------
    ids : list of str
        As given, or what the page is known by, or else the hash of the text.
    anonymous : list of bool
        Whether the id was made.
    kept : list of Kept
        What is kept of them.
    published, dated : ndarray of float64
        Epoch seconds: NaN for undated; when they were seen for these.
    seen : float
        Now.
    sketches : Sketches
        Of their texts.
    groups : ndarray of int64
        First arrival with the same text.
    id_keys : ndarray of uint64
        Key of each id.
    band_keys : ndarray of uint64
        Distinct, ascending.
    bands : ndarray of int64 of shape (n_articles, bands)
        Place of each key in `band_keys`.
    """

    ids: list[str]
    anonymous: list[bool]
    kept: list[Kept]
    published: NDArray[np.float64]
    dated: NDArray[np.float64]
    seen: float
    sketches: Sketches
    groups: Rows
    id_keys: Hashes
    band_keys: Hashes
    bands: Rows

    @classmethod
    def of(cls, batch: Batch, seen: float, manifest: Manifest) -> Arrivals:
        """Take a batch in."""
        sketches = Sketches.of(batch.texts, manifest)
        groups = group_equal(sketches.table, lambda rows: (batch.texts[row] for row in rows.tolist()))
        hashes = sketches.table.text_hashes.tolist()
        published = np.array(batch.published, np.float64)
        heads, place = np.unique(groups, return_inverse=True)
        keys, bands = np.unique(manifest.recipe.key(sketches.signatures[heads]), return_inverse=True)
        given = batch.ids if manifest.canonical_urls else _with_urls_as_given(batch)
        ids = [name or f"{text:016x}" for name, text in zip(given, hashes, strict=True)]
        return cls(
            ids,
            [not name for name in given],
            list(map(Kept, batch.texts, batch.titles, encode_all(batch.urls), encode_all(batch.sources))),
            published,
            np.where(np.isnan(published), seen, published),
            seen,
            sketches,
            groups,
            id_keys(ids),
            keys,
            bands.reshape(len(heads), -1)[place],
        )

    @property
    def n_named(self) -> int:
        """How many of the keys are of no band."""
        return 3 * len(self.ids)

    def keys(self) -> Hashes:
        """All that is looked up: a key for each id, each text, and both together, and those of the bands."""
        hashes = self.sketches.table.text_hashes
        return np.concatenate(
            [self.id_keys, text_keys(hashes), pair_keys(self.id_keys, hashes), self.band_keys]
        )
