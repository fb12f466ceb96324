"""Leaving out: texts without the shingles of boilerplate, by which they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.mapped import take_ranges
from dedup.text.columns import ShingleTable, TextColumn, shingle_column, spans_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.kernels.types import Hashes, Rows
    from dedup.storage import Storage

_AT_ONCE = 1 << 22  # shingles that are looked through at once


def boilerplate_shingles(lines: list[bytes], width: int) -> Hashes:
    """Distinct shingles of lines, ascending: those that are kept out of a comparison.

    Equal to :meth:`dedup.match.context.Context.shingles`, which needs no kernel.
    """
    return np.unique(shingle_column(TextColumn.of(lines), width).hashes) if lines else np.empty(0, np.uint64)


def leave_out(table: ShingleTable, shingles: Hashes) -> ShingleTable:
    """Table without these shingles.

    Parameters
    ----------
    table : ShingleTable
        Its hashes are overwritten: they are most of the memory of a run.
    shingles : ndarray of uint64
        Distinct.

    Returns
    -------
    ShingleTable
    """
    return _drop(table, shingles)[0]


def leave_out_counted(table: ShingleTable, shingles: Hashes, width: int) -> tuple[ShingleTable, Rows]:
    """The same, and how many words each row is made of at least.

    A row of as many shingles in a row as its text has makes ``width - 1`` words more; each stretch that was left out
    cost as many fewer shingles. A shingle that stands twice may hide a stretch that does.
    """
    sizes = table.sizes
    left, stretches = _drop(table, shingles)
    return left, _least_words(sizes, table.n_words, left.sizes, stretches, width)


def leave_out_in_legs(
    table: ShingleTable, shingles: Hashes, width: int, storage: Storage
) -> tuple[ShingleTable, Rows]:
    """The same where the table is too large for the memory: what is left is another array, and the table is given up on the way."""
    if not len(shingles):
        return leave_out_counted(table, shingles, width)
    journal, done = storage.journal("without"), _Rows()
    hashes, sizes, stretches = (journal.appender(kind) for kind in (np.uint64, np.int64, np.int64))
    journal.attach("rows", done)
    begin, before = done.count, table.sizes
    for span in spans_of(before[begin:], _AT_ONCE):
        left, lost = _drop(take_texts(table, np.arange(begin + span.start, begin + span.stop)), shingles)
        hashes.append(left.hashes)
        sizes.append(left.sizes)
        stretches.append(lost)
        done.count = begin + span.stop
        journal.commit()
        storage.discard(table.hashes, int(table.indptr[begin + span.start]), int(table.indptr[done.count]))
    after = sizes.finish()
    least_words = _least_words(before, table.n_words, after, stretches.finish(), width)
    indptr = np.concatenate([[0], np.cumsum(after)])
    return table._replace(indptr=indptr, hashes=hashes.finish()), least_words


def take_texts(table: ShingleTable, rows: Rows) -> ShingleTable:
    """Table of some rows, in memory."""
    starts, stops = table.indptr[rows], table.indptr[rows + 1]
    indptr = np.concatenate([[0], np.cumsum(stops - starts)])
    hashes = take_ranges(table.hashes, starts, stops)
    return ShingleTable(indptr, hashes, table.n_words[rows], table.text_hashes[rows])


class _Rows:
    """How many rows are done."""

    def __init__(self) -> None:
        self.count = 0

    def state(self) -> dict[str, int]:
        return {"count": self.count}

    def resume(self, state: Mapping[str, int]) -> None:
        self.count = state["count"]


def _least_words(sizes: Rows, n_words: Rows, left: Rows, stretches: Rows, width: int) -> Rows:
    """Words of rows that lost so many stretches, at least."""
    hidden = np.maximum(n_words - (width - 1) - sizes, 0)
    least = np.maximum(left + (width - 1) * (1 - stretches - hidden), 0)
    return np.where(stretches == 0, n_words, least)


def _drop(table: ShingleTable, shingles: Hashes) -> tuple[ShingleTable, Rows]:
    """Table without these shingles, and the stretches that each row lost."""
    if not len(shingles):
        return table, np.zeros(len(table.n_words), np.int64)
    from dedup.kernels.overlap import drop_shingles  # noqa: PLC0415 - not needed for one pair

    indptr = np.empty_like(table.indptr)
    slots = np.empty(1 << (16 * len(shingles)).bit_length(), np.uint64)
    marks = np.empty(1 << 10, np.uint64)
    stretches = np.empty(len(table.n_words), np.int64)
    kept = drop_shingles(table.indptr, table.hashes, shingles, marks, slots, indptr, stretches)
    return table._replace(indptr=indptr, hashes=table.hashes[:kept]), stretches
