"""Exact copies: texts whose normalised words are equal, compared and not only hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from dedup.storage import MEMORY
from dedup.text.columns import ShingleTable, TextColumn, equal_pairs, shingle_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows
    from dedup.storage import Storage

_BATCH_BYTES = 1 << 20
_COPIED = 1 << 20  # shingles that are copied at once


class ReadTexts(Protocol):
    """Reads texts again."""

    def __call__(self, rows: Rows) -> Iterator[bytes]:
        """Texts of these rows, ascending, in UTF-8."""


def group_equal(table: ShingleTable, read_texts: ReadTexts, storage: Storage = MEMORY) -> Rows:
    """First row with the same normalised text, for each row.

    Parameters
    ----------
    table : ShingleTable
        Of the texts.
    read_texts : ReadTexts
        Called for the rows that share their hash with another: texts are not kept in memory for the few that need
        comparing.
    storage : Storage, optional
        Where the first text of each hash lies until its last is read.

    Returns
    -------
    ndarray of int64 of shape (n_texts,)
        A text without a word equals none but itself.
    """
    groups = np.arange(len(table.text_hashes))
    rows = np.flatnonzero(table.n_words > 0)
    while len(rows) > 1:
        _, first, inverse, sizes = np.unique(
            table.text_hashes[rows], return_index=True, return_inverse=True, return_counts=True
        )
        several = sizes[inverse] > 1
        heads = rows[first[inverse]][several]
        rows = rows[several]
        equal = _equal_to_head(rows, heads, read_texts(rows), storage)
        groups[rows[equal]] = heads[equal]
        rows = rows[~equal]  # one hash and another text, never seen yet: they are grouped among themselves
    return groups


def fill_in(
    table: ShingleTable, groups: Rows, read_texts: ReadTexts, width: int, storage: Storage = MEMORY
) -> ShingleTable:
    """Shingle the texts that lack shingles because of an earlier text with the same hash, which they do not equal.

    Parameters
    ----------
    table : ShingleTable
        Without shingles for a text whose hash an earlier one has.
    groups : ndarray of int64 of shape (n_texts,)
        Made by :func:`group_equal`.
    read_texts : ReadTexts
        Called for those texts: two with one 64-bit hash, which nobody meets who does not make them.
    width : int
        Words in a shingle.
    storage : Storage, optional
        Where the new table lies.

    Returns
    -------
    ShingleTable
        With shingles for the first text of each group.
    """
    sizes = table.sizes
    bare = np.flatnonzero((groups == np.arange(len(groups))) & (table.n_words > 0) & (sizes == 0))
    if not len(bare):
        return table
    batch = shingle_column(TextColumn.of(list(read_texts(bare))), width)
    hashes = storage.appender(np.uint64, len(table.hashes) + len(batch.hashes))
    begin, ends = 0, np.cumsum(batch.counts)
    for place, end, count in zip(
        table.indptr[bare].tolist(), ends.tolist(), batch.counts.tolist(), strict=True
    ):
        for start in range(begin, place, _COPIED):
            hashes.append(table.hashes[start : min(start + _COPIED, place)])
        hashes.append(batch.hashes[end - count : end])
        begin = place
    for start in range(begin, len(table.hashes), _COPIED):
        hashes.append(table.hashes[start : start + _COPIED])
    sizes[bare] = batch.counts
    return table._replace(indptr=np.concatenate([[0], np.cumsum(sizes)]), hashes=hashes.finish())


def equal_texts(pairs: Sequence[tuple[bytes, bytes]]) -> list[bool]:
    """Whether the normalised texts of each pair are equal, compared word for word.

    Examples
    --------
    >>> equal_texts([(b"Rain, again!", b"RAIN again"), (b"Rain", b"Snow")])
    [True, False]
    """
    equal = [one == other for one, other in pairs]
    doubtful = [place for place, same in enumerate(equal) if not same]
    if doubtful:
        found = _equal_in_turn([text for place in doubtful for text in pairs[place]])
        for place, same in zip(doubtful, found.tolist(), strict=True):
            equal[place] = same
    return equal


def _equal_to_head(rows: Rows, heads: Rows, texts: Iterator[bytes], storage: Storage) -> NDArray[np.bool_]:
    """Whether each row's text equals its head's, which comes before it."""
    equal = np.ones(len(rows), np.bool_)
    last = np.zeros(len(rows), np.bool_)  # rows behind which their head is not asked for any more
    last[len(rows) - 1 - np.unique(heads[::-1], return_index=True)[1]] = True
    places: list[int] = []
    pairs: list[bytes] = []
    size = 0
    with storage.shelf() as shelf:
        for place, text in enumerate(texts):
            row, head = int(rows[place]), int(heads[place])
            if row == head:
                shelf.put(head, text)
            elif (first := shelf.get(head)) != text:
                places.append(place)
                pairs += (first, text)
                size += len(text)
                if size > _BATCH_BYTES:
                    equal[places] = _equal_in_turn(pairs)
                    places, pairs, size = [], [], 0
            if last[place]:
                shelf.drop(head)
    if places:
        equal[places] = _equal_in_turn(pairs)
    return equal


def _equal_in_turn(texts: Sequence[bytes]) -> NDArray[np.bool_]:
    """Whether the first equals the second, the third the fourth, and so on."""
    lefts = np.arange(0, len(texts), 2)
    return equal_pairs(TextColumn.of(texts), lefts, lefts + 1)
