"""Columns: many texts, or many rows of shingles, in one array with offsets (as Arrow does it)."""

from __future__ import annotations

import threading
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.text.codepoints import load_codepoints

#: Longest normalised form of a byte of text: U+FDFA's three bytes become words of 33 bytes.
GROWTH = 12
#: Bytes that the kernel may write behind the longest normalised text.
SLACK = 128
#: Room for the marks that wait and for the longest mapping of a character.
PENDING = 64
#: Zeros behind the last text of a column: what is read in blocks may be read beyond its end.
PADDING = 128

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Bytes, Codes, Elements, Hashes, Offsets, Rows, Table16, Table64


def spans_of(sizes: Rows, most: int) -> Iterator[slice]:
    """Cut rows into spans whose sizes are together about `most` at most; a row that is larger is one of its own.

    Examples
    --------
    >>> list(spans_of(np.array([3, 4, 9, 1, 1]), 8))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 5, None)]
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield slice(start, stop)
        start = stop


class TextColumn(NamedTuple):
    """Texts in UTF-8.

    Attributes
    ----------
    data : ndarray of uint8
        The texts, one behind the other, and zeros up to a multiple of 8 bytes, at least ``PADDING``.
    offsets : ndarray of int64 of shape (n_texts + 1,)
        Where each begins, and where the last ends.
    """

    data: Bytes
    offsets: Offsets

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> TextColumn:
        """Make a column of a batch of texts."""
        offsets = np.fromiter(accumulate(map(len, texts), initial=0), np.int64, len(texts) + 1)
        padding = bytes(padding_of(int(offsets[-1])))
        return cls(np.frombuffer(bytearray().join([*texts, padding]), np.uint8), offsets)


def padding_of(length: int) -> int:
    """Zeros behind so many bytes of texts."""
    return PADDING + -length % 8


class ShingleTable(NamedTuple):
    """Shingles of many texts.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_texts + 1,)
        Where each text's shingles begin in `hashes`.
    hashes : ndarray of uint64 of shape (nnz,)
        Distinct shingle hashes of each text, in the order of their first appearance.
    n_words : ndarray of int64 of shape (n_texts,)
        Tokens in each text.
    text_hashes : ndarray of uint64 of shape (n_texts,)
        Hash of each normalised text.
    """

    indptr: Offsets
    hashes: Hashes
    n_words: Rows
    text_hashes: Hashes

    @property
    def sizes(self) -> Rows:
        """Number of distinct shingles of each text, int64 of shape (n_texts,)."""
        return np.diff(self.indptr)

    def take(self, rows: Rows) -> ShingleTable:
        """Table of some rows, copied."""
        sizes = self.indptr[rows + 1] - self.indptr[rows]
        indptr = np.concatenate([[0], np.cumsum(sizes)])
        hashes = self.hashes[np.arange(indptr[-1]) + np.repeat(self.indptr[rows] - indptr[:-1], sizes)]
        return ShingleTable(indptr, hashes, self.n_words[rows], self.text_hashes[rows])


class Lines(NamedTuple):
    """Lines of many texts.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_texts + 1,)
        Where each text's lines begin in `hashes`.
    hashes : ndarray of uint64
        Hash of each line, see :func:`line_hashes`.
    """

    indptr: Offsets
    hashes: Hashes


class ShingledBatch(NamedTuple):
    """What :func:`shingle_column` gives for one batch; ``figures`` is uint64 of shape (n_texts, 4)."""

    hashes: Hashes
    counts: Rows
    n_words: Rows
    text_hashes: Hashes
    figures: Table64


def codepoint_arrays() -> tuple[Table16, Table16, Table16, Elements]:
    """Table of code points as arrays that kernels take."""
    stage1, stage2, starts, elements = load_codepoints()
    return (
        np.frombuffer(stage1, np.uint16),
        np.frombuffer(stage2, np.uint16),
        np.frombuffer(starts, np.uint16),
        np.frombuffer(elements, np.uint32),
    )


def shingle_column(column: TextColumn, width: int) -> ShingledBatch:
    """Shingle a batch of texts; equal to :func:`dedup.text.shingling.shingle_text` of each.

    Parameters
    ----------
    column : TextColumn
        Valid UTF-8.
    width : int
        Words in a shingle.

    Returns
    -------
    ShingledBatch

    Notes
    -----
    About 8 microseconds for a news article; the interpreter lock is released.
    """
    from dedup.kernels.shingling import shingle_texts  # noqa: PLC0415 - not needed for one pair

    n_texts = len(column.offsets) - 1
    counts, n_words = np.empty(n_texts, np.int64), np.empty(n_texts, np.int64)
    text_hashes, figures = np.empty(n_texts, np.uint64), np.empty((n_texts, 4), np.uint64)
    tables = codepoint_arrays()
    parts: list[Hashes] = []
    done, growth = 0, 1
    while done < n_texts:
        offsets = column.offsets[done:]
        room = _room_for(int(np.diff(offsets).max()), int(offsets[-1] - offsets[0]), growth)
        out = counts[done:], n_words[done:], text_hashes[done:], figures[done:]
        arguments: tuple[Any, ...] = (column.data, offsets, width, *tables, *room, *out)
        rows = shingle_texts(*arguments)
        parts.append(room.hashes[: counts[done : done + rows].sum()].copy())
        done += rows
        growth = GROWTH  # what did not fit is not ASCII: some characters become many words
    hashes = parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, np.uint64)])
    return ShingledBatch(hashes, counts, n_words, text_hashes, figures)


class WordTable(NamedTuple):
    """Words of many texts.

    Attributes
    ----------
    indptr : ndarray of int64 of shape (n_texts + 1,)
        Where each text's words begin in `codes`.
    codes : ndarray of uint32 of shape (n_words,)
        Words in the order of the text, as :func:`dedup.text.shingling.code_word` gives them.
    """

    indptr: Offsets
    codes: Codes


def code_column(column: TextColumn) -> WordTable:
    """Code the words of a batch of texts; equal to :func:`dedup.text.shingling.code_word` of each.

    Notes
    -----
    About 9 microseconds for a news article; the interpreter lock is released.
    """
    from dedup.kernels.shingling import code_texts  # noqa: PLC0415 - not needed for one pair

    n_texts = len(column.offsets) - 1
    counts = np.empty(n_texts, np.int64)
    tables = codepoint_arrays()
    parts: list[Codes] = []
    done, growth = 0, 1
    while done < n_texts:
        offsets = column.offsets[done:]
        room = _room_for(int(np.diff(offsets).max()), int(offsets[-1] - offsets[0]), growth)
        arguments: tuple[Any, ...] = (
            *tables,
            *room[:3],
            room.slots,
            room.hashes,
            counts[done:],
        )
        rows = code_texts(column.data, offsets, *arguments)
        parts.append(room.hashes[: counts[done : done + rows].sum()].astype(np.uint32))
        done += rows
        growth = GROWTH
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return WordTable(indptr, np.concatenate([*parts, np.empty(0, np.uint32)]))


def line_hashes(column: TextColumn, least: int) -> tuple[Hashes, Rows]:
    """Hash the lines of a batch of texts.

    Parameters
    ----------
    column : TextColumn
        The texts.
    least : int
        Bytes of the shortest line that counts.

    Returns
    -------
    hashes : ndarray of uint64
        Of the lines, text by text: :func:`dedup.text.shingling.hash_word` of what stands between two line feeds.
    counts : ndarray of int64 of shape (n_texts,)
        Lines of each text.
    """
    from dedup.kernels.lines import hash_lines  # noqa: PLC0415 - not needed for one pair

    counts = np.empty(len(column.offsets) - 1, np.int64)
    hashes = np.empty(int(column.offsets[-1]) // max(least, 1) + len(counts), np.uint64)
    found = hash_lines(column.data.view(np.uint64), column.offsets, least, hashes, counts)
    return hashes[:found].copy(), counts


class Room(NamedTuple):
    """Memory that :func:`dedup.kernels.shingling.shingle_texts` works in."""

    pending: Elements
    normal: Bytes
    blocks: Hashes
    words: Hashes
    slots: Hashes
    hashes: Hashes


_KEPT_BYTES = 64 << 20
_kept = threading.local()


def _room_for(longest: int, total: int, growth: int) -> Room:
    """Room for texts of these lengths; kept for the thread's next batch, unless it is very large."""
    blocks = (GROWTH * longest + 2 * SLACK) // 8
    words, hashes = growth * longest // 2 + 64, growth * total // 2 + 64
    room: Room | None = getattr(_kept, "room", None)
    if room and len(room.blocks) >= blocks and len(room.words) >= words and len(room.hashes) >= hashes:
        return room
    block_array = np.empty(blocks, np.uint64)
    room = Room(
        np.empty(PENDING, np.uint32),
        block_array.view(np.uint8),
        block_array,
        np.empty(words, np.uint64),
        np.empty(8 * words, np.uint64),
        np.empty(hashes, np.uint64),
    )
    if sum(array.nbytes for array in room) < _KEPT_BYTES:
        _kept.room = room
    return room


def equal_pairs(column: TextColumn, lefts: Rows, rights: Rows) -> NDArray[np.bool_]:
    """Whether the normalised texts of each pair of rows are equal, compared word for word."""
    from dedup.kernels.shingling import equal_texts  # noqa: PLC0415 - not needed for one pair

    lengths = np.diff(column.offsets)
    size = GROWTH * int(max(lengths[lefts].max(initial=0), lengths[rights].max(initial=0))) + SLACK
    room = np.empty(PENDING, np.uint32), np.empty(size, np.uint8), np.empty(size, np.uint8)
    equal = np.zeros(len(lefts), np.uint8)
    equal_texts(column.data, column.offsets, lefts, rights, *codepoint_arrays(), *room, equal)
    return equal.astype(np.bool_)
