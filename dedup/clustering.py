"""Clusters by leaders: a text joins the text that it is a copy of, never a chain of neighbours.

The texts are walked longest first. Each considers the leaders found so far in its buckets, those of the texts it
shares a bucket with included, joins the best that it is verified to be a copy of (the one that holds most of it), or leads itself.

Verifying one text at a time would keep the kernels waiting, so the walk is repeated: what one pass lacked is
verified together before the next, and a pass that lacked nothing is the walk as defined. Usually the fourth is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.answers import Answers
from dedup.mapped import take_rows
from dedup.sketch.banding import least_agreement
from dedup.storage import MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dedup.answers import Refuse, Verify
    from dedup.kernels.types import Bytes, Offsets, Rows, Rows32, Signatures
    from dedup.storage import Storage
    from dedup.text.columns import ShingleTable

#: Steps in which the size ratio of two texts is told apart.
RATIOS = 100
_MARKED_AT_ONCE = 1 << 14
_WANTED_PER_TEXT = 16  # pairs verified after one pass; more wait for the next


class Agreement(NamedTuple):
    """Which pairs deserve verification, by the number of equal values in their signatures.

    Attributes
    ----------
    hopeful : ndarray of int64 of shape (RATIOS + 1,)
        For each size ratio of the shorter to the longer text, in steps of 1 / RATIOS: below, a pair is not verified.
        The least alike of copies of that ratio would pass with the promised recall.
    likely : int
        From here on a pair is presumed a copy in the first pass.
    """

    hopeful: Rows
    likely: int

    @classmethod
    def of(
        cls, least: Callable[[float, float], float], threshold: float, recall: float, num_perm: int
    ) -> Agreement:
        """Limits that follow from the least resemblance of a copy in a range of size ratios, and from the threshold."""
        least_of_steps = [least(step / RATIOS, min(step + 1, RATIOS) / RATIOS) for step in range(RATIOS + 1)]
        hopeful = [_agreement(resemblance, recall, num_perm) for resemblance in least_of_steps]
        return cls(np.array(hopeful, np.int64), _agreement(threshold, recall, num_perm))


class Assignment(NamedTuple):
    """What the walk found.

    Attributes
    ----------
    leaders : ndarray of int64 of shape (n_texts,)
        Leader of each text: its own row, if it leads.
    cut : ndarray of bool of shape (n_texts,)
        Whether a text met more leaders than were walked.
    starts, stops : ndarray of int of shape (n_buckets,)
        Where the leaders that a bucket lists begin and end in `listed`, those from before included.
    listed : ndarray of int32
        Leaders, in the order in which they were listed.
    """

    leaders: Rows
    cut: NDArray[np.bool_]
    starts: Offsets | Rows32
    stops: Offsets | Rows32
    listed: Rows32


class Before(NamedTuple):
    """What an index remembers, and when its articles were published; a run starts without.

    Attributes
    ----------
    leaders : ndarray of int64 of shape (n_before,)
        Leaders of the first rows, which are texts that are remembered.
    listed : ndarray of int32
        Leaders listed from before, bucket by bucket.
    given : ndarray of int64 of shape (n_buckets,)
        How many of them each bucket has.
    equal : ndarray of int64 of shape (n_texts,)
        Latest earlier row with the same text, -1 if there is none.
    dates : ndarray of float64 of shape (n_texts,)
        Epoch seconds, NaN for undated.
    spans : ndarray of float64 of shape (n_texts, 2)
        Earliest and latest date of the cluster of a leader from before, NaN for other rows.
    window : int, default=-1
        Seconds that a text is away from a date of its cluster at most, below 0 for any.
    together : bool, default=True
        Whether a text that joins a cluster gives it its date: not where each text is asked about for itself.
    """

    leaders: Rows
    listed: Rows32
    given: Rows
    equal: Rows
    dates: NDArray[np.float64]
    spans: NDArray[np.float64]
    window: int = -1
    together: bool = True

    @classmethod
    def nothing(cls, n_texts: int, n_buckets: int) -> Before:
        """Nothing from before, and no dates."""
        return cls(
            np.empty(0, np.int64),
            np.empty(0, np.int32),
            np.zeros(n_buckets, np.int64),
            np.full(n_texts, -1, np.int64),
            np.empty(0),
            np.empty((0, 2)),
        )


def _agreement(resemblance: float, recall: float, num_perm: int) -> int:
    return num_perm + 1 if resemblance > 1.0 else least_agreement(resemblance, recall, num_perm)


def mark(signatures: Signatures, rows: Rows | None = None, storage: Storage = MEMORY) -> Bytes:
    """Marks of signatures: a byte of each value.

    It tells two values apart but for one time in 256, and four times as many fit into the memory.

    Parameters
    ----------
    signatures : ndarray of uint32 of shape (n_texts, num_perm)
        They are read from the begin to the end.
    rows : ndarray of int64, optional
        Whose marks are made, ascending; all by default.
    storage : Storage, optional
        Where they lie.

    Returns
    -------
    ndarray of uint8 of shape (n_rows, num_perm)
    """
    n_rows = len(signatures) if rows is None else len(rows)
    marks: Bytes = storage.scattered((n_rows, signatures.shape[1]), np.uint8)
    for start in range(0, n_rows, _MARKED_AT_ONCE):
        some = slice(start, start + _MARKED_AT_ONCE)
        marks[some] = (signatures[some] if rows is None else take_rows(signatures, rows[some])).astype(
            np.uint8
        )
    return marks


def assign(  # noqa: PLR0913, PLR0917 - all that the walk looks at
    buckets: tuple[Offsets, Rows32, Offsets],
    marks: Bytes,
    sizes: Rows,
    agreement: Agreement,
    verify: Verify,
    refuse: Refuse,
    walk: int,
    before: Before | None = None,
    storage: Storage = MEMORY,
) -> Assignment:
    """Give each text its leader.

    Parameters
    ----------
    buckets : tuple of three ndarrays
        Buckets of the texts, longest first: where each text's begin, their numbers, and the running sum of their
        sizes (:class:`dedup.index.buckets.Buckets`).
    marks : ndarray of uint8 of shape (n_texts, num_perm)
        In the same order (:func:`mark`).
    sizes : ndarray of int64 of shape (n_texts,)
        Shingles of each.
    agreement : Agreement
        Limits for the equal values of two signatures.
    verify : Verify
        Called with pairs of rows, at most once for a pair.
    refuse : Refuse
        Called with pairs that would be joined, or may be next. A text whose leader is refused joins the next best, or leads.
    walk : int
        Most leaders that one text considers; those in its emptiest buckets first, in a bucket the latest first.
    before : Before, optional
        What an index remembers. `buckets` then have room for what they list from before.
    storage : Storage, optional
        Where what the walk notes lies: about 10 bytes for each bucket of a text, and 400 for the text, most of which are seldom touched.

    Returns
    -------
    Assignment

    Notes
    -----
    Linear in the number of texts for a given `walk`, however large a bucket is.
    """
    from dedup.kernels.leading import assign_leaders  # noqa: PLC0415 - numba takes 0.3 s

    n_texts, num_perm = marks.shape
    row_starts, _, starts = buckets
    before = before or Before.nothing(n_texts, len(starts) - 1)
    begin = len(before.leaders)
    leaders = np.concatenate([before.leaders, np.arange(begin, n_texts)])
    if not row_starts[-1] and (before.equal < 0).all():  # nobody meets anybody
        return Assignment(
            leaders, np.zeros(n_texts, np.bool_), starts[:-1], starts[1:], _preset(before, starts, storage)
        )
    leaders[begin:] = -1
    stale, cut = np.ones(n_texts, np.uint8), np.zeros(n_texts, np.uint8)
    answers = Answers(n_texts, before.leaders, verify, refuse, storage)
    room = (
        _preset(before, starts, storage),
        storage.scattered((len(starts) - 1, 3), np.int32),
        np.empty((3, n_texts), np.int32),
        np.empty(np.diff(row_starts).max(initial=0), np.int64),
        np.empty(min(walk, n_texts), np.int64),
        storage.empty((_WANTED_PER_TEXT * n_texts, 2), np.int32),
        np.empty_like(before.spans),
    )
    past = before.given, before.equal, before.dates, before.spans, before.window, before.together
    hopeful, likely = agreement
    while True:
        walking = begin, *buckets, *past, marks, sizes, walk, hopeful, likely
        pairs = answers.pairs.starts(n_texts), answers.pairs.leaders, answers.pairs.scores
        told = *pairs, answers.refused, answers.confirmed
        arguments: tuple[Any, ...] = (*walking, *told, stale, cut, leaders, answers.doubted, *room)
        n_wanted = assign_leaders(*arguments)
        presuming = likely <= num_perm and n_wanted
        anew = leaders[:0] if presuming else answers.ask(leaders, before.equal)
        if not n_wanted and not len(anew):
            return Assignment(leaders, cut.astype(np.bool_), room[1][:, 0], room[1][:, 1], room[0])
        stale[anew] = 1
        answers.verify(room[5][:n_wanted])
        # Presumed once only: texts that are alike but no copies would else be found out one in each pass.
        likely = num_perm + 1


def _preset(before: Before, starts: Offsets, storage: Storage) -> Rows32:
    """Room for what the buckets list, with what they list from before."""
    listed: Rows32 = storage.scattered(int(starts[-1]), np.int32)
    places = np.repeat(starts[:-1] - np.cumsum(before.given) + before.given, before.given)
    listed[places + np.arange(len(before.listed))] = before.listed
    return listed


def order_texts(groups: Rows, table: ShingleTable, published: NDArray[np.float64]) -> Rows:
    """Distinct texts in the order in which they may lead: longest first, then earliest, then by content.

    Parameters
    ----------
    groups : ndarray of int64 of shape (n_articles,)
        First row with the same text, for each article.
    table : ShingleTable
        Words and hashes of the texts.
    published : ndarray of float64 of shape (n_articles,)
        Epoch seconds, NaN for undated, which come last. A text is as old as its earliest article.

    Returns
    -------
    ndarray of int64 of shape (n_texts,)
        Rows of the distinct texts that have a word.
    """
    earliest = np.full(len(groups), np.inf)
    np.minimum.at(earliest, groups, np.where(np.isnan(published), np.inf, published))
    rows = np.flatnonzero((groups == np.arange(len(groups))) & (table.n_words > 0))
    return rows[np.lexsort((table.text_hashes[rows], earliest[rows], -table.n_words[rows]))]
