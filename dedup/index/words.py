"""Rare words: short texts that share one of their rarest words, as buckets.

A band of a signature finds a pair with a chance; of texts as short as headlines all can be found. Two sets of which
`threshold` is shared can't differ in more than a few members, so of the rarest few of each, one at least is shared
(the prefix filter of S. Chaudhuri, V. Ganti, R. Kaushik, A primitive operator for similarity joins, ICDE 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.buckets import Buckets

if TYPE_CHECKING:
    from dedup.kernels.types import Rows
    from dedup.text.columns import ShingleTable


def group_by_rare_words(table: ShingleTable, rows: Rows, threshold: float, least: int = 1) -> Buckets:
    """Group texts by their rarest words.

    Parameters
    ----------
    table : ShingleTable
        Shingles of one word.
    rows : ndarray of int64 of shape (n_texts,)
        The texts, in the order in which the buckets have them.
    threshold : float
        Resemblance (Jaccard) from which on each pair shares a bucket: above 0.
    least : int, default=1
        Different words of the shortest text that shares any.

    Returns
    -------
    Buckets
        The rarest word of each text first.

    Notes
    -----
    Sorts the words: about 0.5 microseconds for each. A word that many texts have stands in a bucket only for those
    that have few rarer ones.
    """
    sizes = table.sizes[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    texts = np.repeat(np.arange(len(rows)), sizes)
    places = np.arange(starts[-1]) - starts[texts] + table.indptr[rows][texts]
    hashes = table.hashes[places]
    _, words, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    # np.unique numbers the words by their hashes, which settles ties.
    order = np.lexsort((words, counts[words], texts))
    rank = np.arange(len(order)) - starts[texts]
    needed = sizes - np.ceil(threshold * sizes - _SLACK).astype(np.int64) + 1
    chosen = (rank < needed[texts]) & (sizes >= least)[texts]
    texts, words = texts[chosen], words[order][chosen]
    shared = np.bincount(words, minlength=len(counts)) > 1
    kept = shared[words]
    texts, words = texts[kept], words[kept]
    buckets, numbers = np.unique(words, return_inverse=True)
    row_starts = np.concatenate([[0], np.cumsum(np.bincount(texts, minlength=len(rows)))])
    listed = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(buckets)))])
    return Buckets(row_starts, numbers.astype(np.int32), listed)


_SLACK = 1e-9  # 0.8 times 5 is not to be 5
