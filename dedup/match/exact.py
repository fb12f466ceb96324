"""Exact copies: texts whose normalised words are equal, compared and not only hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.text.columns import ShingleTable, TextColumn, equal_pairs

if TYPE_CHECKING:
    from dedup.kernels.types import Rows


def group_equal(texts: TextColumn, table: ShingleTable) -> Rows:
    """First row with the same normalised text, for each row.

    Parameters
    ----------
    texts : TextColumn
        The texts.
    table : ShingleTable
        Their shingles.

    Returns
    -------
    ndarray of int64 of shape (n_texts,)
        A text without a word equals none but itself.
    """
    groups = np.arange(len(table.text_hashes))
    rows = np.flatnonzero(table.n_words > 0)
    while len(rows):
        # Rows of one hash are compared with the first of them; those that differ (never seen) go round again.
        _, first, inverse = np.unique(table.text_hashes[rows], return_index=True, return_inverse=True)
        heads = rows[first[inverse]]
        others = np.flatnonzero(heads != rows)
        equal = equal_pairs(texts, heads[others], rows[others])
        groups[rows[others[equal]]] = heads[others[equal]]
        rows = rows[others[~equal]]
    return groups
