"""Passage index: which texts may share a passage, though they resemble each other little.

Of each text a few shingles are kept, by winnowing (Schleimer, Wilkerson and Aiken 2003): of every `window` shingles in
a row the one with the lowest hash. So two texts with `window` shingles in a row in common have a fingerprint in
common. Texts that share a fingerprint are proposed as a star about the earliest of them: linear, however many they are.
See docs/decisions/0010-passage-index.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows
    from dedup.text.columns import ShingleTable

#: Shingles of which one becomes a fingerprint.
WINDOW = 8
#: Texts of one source, on average, that may share a fingerprint before it is taken for boilerplate.
COMMON = 20
_BLOCK = 1 << 20  # shingles winnowed at once


class Fingerprints(NamedTuple):
    """Fingerprints of many texts.

    Attributes
    ----------
    hashes : ndarray of uint64
        Distinct in a text.
    texts : ndarray of int64
        Number of the text that each belongs to, ascending.
    """

    hashes: Hashes
    texts: Rows


class SharedPrints(NamedTuple):
    """Fingerprints that several texts share.

    Attributes
    ----------
    hashes : ndarray of uint64
        Ascending.
    heads : ndarray of int64
        The first of the texts that have it.
    common : ndarray of bool
        Whether so many texts have it that it says nothing.
    """

    hashes: Hashes
    heads: Rows
    common: NDArray[np.bool_]

    def find(self, hashes: Hashes) -> SharedPrints:
        """Those of these hashes that are shared fingerprints."""
        _, places = _look_up(self.hashes, hashes)
        return SharedPrints(self.hashes[places], self.heads[places], self.common[places])


def _look_up(ascending: Hashes, hashes: Hashes) -> tuple[Rows, Rows]:
    """Which of the hashes stand in an ascending array, and where."""
    places = np.searchsorted(ascending, hashes)
    found = np.flatnonzero(places < len(ascending))
    found = found[ascending[places[found]] == hashes[found]]
    return found, places[found]


def winnow(table: ShingleTable, rows: Rows, window: int = WINDOW) -> Fingerprints:
    """Choose the fingerprints of texts.

    Parameters
    ----------
    table : ShingleTable
        Shingles of the texts, in the order of the text.
    rows : ndarray of int64 of shape (n_texts,)
        Which of its texts.
    window : int, default=8
        Of so many shingles in a row, the lowest is a fingerprint; a text with fewer has one.

    Returns
    -------
    Fingerprints
        Numbered as in `rows`.

    Notes
    -----
    About 40 microseconds and 1.2 kB for a news article, for a window of 8.

    Examples
    --------
    >>> from dedup.text.columns import ShingleTable
    >>> table = ShingleTable(np.array([0, 6]), np.array([9, 4, 7, 8, 5, 6], np.uint64), np.array([10]), np.array([1]))
    >>> winnow(table, np.array([0]), window=3).hashes
    array([4, 5], dtype=uint64)
    """
    sizes = table.sizes[rows]
    cuts = np.searchsorted(np.cumsum(sizes), np.arange(0, sizes.sum() + _BLOCK, _BLOCK), "right")
    hashes, texts = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        places, owners = _lowest(table, rows[begin:end], window)
        hashes.append(table.hashes[places])
        texts.append(begin + owners)
    return Fingerprints(np.concatenate(hashes), np.concatenate(texts))


def _lowest(table: ShingleTable, rows: Rows, window: int) -> tuple[Rows, Rows]:
    """Places of the lowest shingles in the windows of some rows, and the number of the row each is in."""
    starts, sizes = table.indptr[rows], table.sizes[rows]
    windows = np.where(sizes > 0, np.maximum(sizes - window + 1, 1), 0)
    owners = np.repeat(np.arange(len(rows)), windows)
    first = np.repeat(
        starts - np.concatenate([[0], np.cumsum(windows)[:-1]])[: len(rows)], windows
    ) + np.arange(len(owners))
    last = (starts + sizes - 1)[owners]
    lowest = first
    for shift in range(1, window):
        other = np.minimum(first + shift, last)
        lowest = np.where(table.hashes[other] < table.hashes[lowest], other, lowest)
    fresh = np.ones(len(lowest), np.bool_)
    fresh[1:] = lowest[1:] != lowest[:-1]
    return lowest[fresh], owners[fresh]


def share(
    prints: Fingerprints, sources: Rows, boilerplate: Hashes | None = None, common: int = COMMON
) -> SharedPrints:
    """Fingerprints that several texts share, with the first text that has each.

    Parameters
    ----------
    prints : Fingerprints
        Of texts in the order in which they may be a head: the earliest first.
    sources : ndarray of int64 of shape (n_texts,)
        Number of each text's source; -1 for those of which it is not known, which count as one.
    boilerplate : ndarray of uint64, optional
        Shingles that are no news: left out.
    common : int, default=20
        A fingerprint is common if more texts than this have it for each source that prints it: not if five thousand
        outlets print one story, but if each of them prints it under everything.

    Returns
    -------
    SharedPrints
    """
    order = np.argsort(prints.hashes, kind="stable")  # so the texts stay ascending
    hashes, texts = prints.hashes[order], prints.texts[order]
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])[: len(hashes)])
    n_texts = np.diff(np.append(starts, len(hashes)))
    is_common = np.zeros(len(starts), np.bool_)
    for k in np.flatnonzero(n_texts > common).tolist():
        n_sources = len(np.unique(sources[texts[starts[k] : starts[k] + n_texts[k]]]))
        is_common[k] = n_texts[k] > common * n_sources
    chosen = n_texts > 1
    if boilerplate is not None:
        chosen &= ~np.isin(hashes[starts], boilerplate)
    return SharedPrints(hashes[starts[chosen]], texts[starts[chosen]], is_common[chosen])


def propose(prints: Fingerprints, shared: SharedPrints) -> Rows:
    """Pairs of texts that share a fingerprint which is not common: its head and another.

    Parameters
    ----------
    prints : Fingerprints
        Of the texts.
    shared : SharedPrints
        What :func:`share` made of them.

    Returns
    -------
    ndarray of int64 of shape (n_pairs, 2)
        The head before the other; sorted, no pair twice.
    """
    found, places = _look_up(shared.hashes, prints.hashes)
    telling = ~shared.common[places]
    heads, others = shared.heads[places[telling]], prints.texts[found[telling]]
    apart = heads != others
    return np.unique(np.stack([heads[apart], others[apart]], axis=1), axis=0)
