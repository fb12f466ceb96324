"""Joining: new articles walk over what an index remembers, and each joins a cluster or leads one.

The walk is that of a run (:mod:`dedup.clustering`): its first rows are the remembered texts that the new ones lead
to, its buckets list from before what the index has under their keys, so that a batch, articles one by one, and a run
that is fed in the same order all give the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.answers import joined_equal
from dedup.clustering import Assignment, Before, assign, mark
from dedup.incremental.arrivals import Sketches
from dedup.index.buckets import Buckets
from dedup.match.similarity import intactnesses
from dedup.match.templates import Known, find_templates
from dedup.match.verification import Verifier
from dedup.workers import Workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.incremental.arrivals import Arrivals
    from dedup.incremental.manifest import Manifest
    from dedup.incremental.recognising import Opened, Recognised
    from dedup.index.base import Found
    from dedup.kernels.types import Hashes, Offsets, Rows, Rows32
    from dedup.match.payload import Kept

#: Numbers of articles that are asked about and not stored: above all that an index gives.
ASKED = 1 << 40


class Texts(NamedTuple):
    """Texts that take part in the walk, in the order in which they may lead: those remembered, then the new ones.

    Attributes
    ----------
    numbers : ndarray of int64
        Numbers of their entries, ascending.
    begin : int
        Row of the first new one.
    arrivals : ndarray of int64
        Which arrival each new one is.
    kept : list of Kept
        What is kept of each.
    sketches : Sketches
        Of each.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    """

    numbers: Rows
    begin: int
    arrivals: Rows
    kept: list[Kept]
    sketches: Sketches
    published: NDArray[np.float64]


class Joined(NamedTuple):
    """Where the new articles went.

    Attributes
    ----------
    texts : Texts
        Those that took part.
    leaders : ndarray of int64
        Leader of each, as a row of the texts.
    by_text : ndarray of bool
        Whether a new one joined a text equal to its own.
    cut : ndarray of bool
        Whether it met more leaders than were walked.
    keys, listed : ndarray of uint64, ndarray of int64
        Keys of bands, and the numbers of leaders that are new under them; in order for each key.
    verifier : Verifier
        Knows the scores of the texts.
    """

    texts: Texts
    leaders: Rows
    by_text: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    keys: Hashes
    listed: Rows
    verifier: Verifier


def join(
    arrivals: Arrivals,
    found: Found,
    opened: Opened,
    recognised: Recognised,
    manifest: Manifest,
    *,
    together: bool,
) -> Joined:
    """Give each new article its leader.

    Parameters
    ----------
    arrivals : Arrivals
        A batch.
    found : Found
        What the index has under ``arrivals.keys()``.
    opened : Opened
        Its payloads.
    recognised : Recognised
        What is known of the batch already; articles that are repeated take no part.
    manifest : Manifest
        Of the index.
    together : bool
        Whether an article may join those before it in the batch.
    """
    texts, before = _gather(arrivals, found, opened, recognised, manifest)
    equal = _chain(texts, arrivals, recognised, together=together)
    listing = _Listing.of(arrivals, found, texts, before, together=together)
    dates = np.concatenate([np.full(texts.begin, np.nan), arrivals.dated[texts.arrivals]])
    past = Before(
        before, listing.listed, listing.given, equal, dates, _spans(texts, found), manifest.window, together
    )
    sketches = texts.sketches
    verifier = Verifier(sketches.table, manifest.limits, Workers(1))
    known = _known(texts, manifest)

    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        alike = intactnesses(sketches.table, leaders, members)
        return find_templates(known, leaders, members, alike, Workers(1))

    assigned = assign(
        listing.buckets,
        mark(sketches.signatures),
        sketches.table.sizes,
        manifest.agreement,
        verifier.rank,
        refuse,
        manifest.walk,
        past,
    )
    by_text = joined_equal(assigned.leaders, equal, np.arange(texts.begin, len(equal)))
    keys, listed = listing.added(arrivals, texts, assigned, by_text)
    return Joined(texts, assigned.leaders, by_text, assigned.cut[texts.begin :], keys, listed, verifier)


def _gather(
    arrivals: Arrivals, found: Found, opened: Opened, recognised: Recognised, manifest: Manifest
) -> tuple[Texts, Rows]:
    """Texts that take part, and the leaders of those that are remembered."""
    entries, clusters = found.entries, found.clusters
    indptr, posted, _ = found.postings
    members = set(np.unique(posted[indptr[arrivals.n_named] :]).tolist())
    members.update(number for numbers in recognised.equal.values() for number in numbers)
    members = {number for number in members if number in entries and entries[number].leader in clusters}
    members |= {entries[number].leader for number in members}
    numbers = sorted(number for number in members if number in entries)
    place = {number: row for row, number in enumerate(numbers)}
    new = np.array([row for row in range(len(arrivals.ids)) if row not in recognised.repeats], np.int64)
    kept = [opened[number] for number in numbers]
    sketches = arrivals.sketches.take(new)
    if numbers:
        sketches = Sketches.of([one.text for one in kept], manifest).followed_by(sketches)
    texts = Texts(
        np.concatenate([np.array(numbers, np.int64), (found.first or ASKED) + new]),
        len(numbers),
        new,
        kept + [arrivals.kept[row] for row in new.tolist()],
        sketches,
        np.concatenate([[entries[number].published for number in numbers], arrivals.published[new]]),
    )
    return texts, np.array([place[entries[number].leader] for number in numbers], np.int64)


def _chain(texts: Texts, arrivals: Arrivals, recognised: Recognised, *, together: bool) -> Rows:
    """Latest earlier row with the same text, for each row, -1 where there is none."""
    place = {number: row for row, number in enumerate(texts.numbers[: texts.begin].tolist())}
    equal = np.full(len(texts.numbers), -1, np.int64)
    last: dict[int, int] = {}
    for head, numbers in recognised.equal.items():
        for number in numbers:
            if number in place:
                equal[place[number]] = last.get(head, -1)
                last[head] = place[number]
    groups = arrivals.groups[texts.arrivals].tolist()
    for row, head in enumerate(groups, texts.begin):
        equal[row] = last.get(head, -1)
        if together:
            last[head] = row
    return equal


def _spans(texts: Texts, found: Found) -> NDArray[np.float64]:
    """Earliest and latest date of the cluster that each remembered text leads."""
    spans = np.full((len(texts.numbers), 2), np.nan)
    for row, number in enumerate(texts.numbers[: texts.begin].tolist()):
        if number in found.clusters:
            spans[row] = found.clusters[number].first, found.clusters[number].last
    return spans


def _known(texts: Texts, manifest: Manifest) -> Known:
    def read(row: int) -> bytes:
        text = texts.kept[row].text
        return manifest.context.without(text) if texts.sketches.altered[row] else text

    return Known(
        texts.sketches.least_words,
        texts.sketches.figures,
        texts.sketches.altered,
        manifest.context.figures(),
        [kept.title for kept in texts.kept],
        texts.published,
        lambda rows: map(read, rows.tolist()),
    )


class _Listing(NamedTuple):
    """Buckets of the walk.

    Attributes
    ----------
    buckets : Buckets
        Of the texts, with room for what they list from before.
    listed, given : ndarray of int32, ndarray of int64
        As in :class:`dedup.clustering.Before`.
    keys : ndarray of int64
        Place among the arrivals' keys of each bucket.
    """

    buckets: Buckets
    listed: Rows32
    given: Rows
    keys: Rows

    @classmethod
    def of(cls, arrivals: Arrivals, found: Found, texts: Texts, leaders: Rows, *, together: bool) -> _Listing:
        """Buckets with a leader from before, or that two texts share."""
        indptr, listed = _listed_before(arrivals, found, texts, leaders)
        given = np.diff(indptr)
        worded = texts.sketches.table.n_words[texts.begin :] > 0
        bands = np.where(worded[:, None], arrivals.bands[texts.arrivals], -1)
        shared = given.copy()
        if together:
            shared += np.bincount(bands[bands >= 0], minlength=len(given)) - 1
        is_bucket = (bands >= 0) & (shared[bands] > 0)
        per_row = np.concatenate([np.zeros(texts.begin, np.int64), is_bucket.sum(axis=1)])
        row_starts = np.concatenate([[0], np.cumsum(per_row)])
        if together:
            keys, row_buckets, members = np.unique(bands[is_bucket], return_inverse=True, return_counts=True)
        else:
            keys = bands[is_bucket]
            row_buckets, members = np.arange(len(keys)), np.ones(len(keys), np.int64)
        starts = np.concatenate([[0], np.cumsum(given[keys] + members)])
        places = np.repeat(indptr[keys] - np.cumsum(given[keys]) + given[keys], given[keys])
        before = listed[places + np.arange(len(places))]
        buckets = Buckets(row_starts, row_buckets.astype(np.int32), starts)
        return cls(buckets, before.astype(np.int32), given[keys], keys)

    def added(
        self, arrivals: Arrivals, texts: Texts, assigned: Assignment, by_text: NDArray[np.bool_]
    ) -> tuple[Hashes, Rows]:
        """Keys and leaders to post: what the buckets list anew, and the leaders of texts alone with a key."""
        counts = assigned.stops - assigned.starts - self.given
        first = np.repeat(assigned.starts + self.given - np.cumsum(counts) + counts, counts)
        new = assigned.listed[first + np.arange(len(first))]
        open_rows = np.flatnonzero(~by_text & (texts.sketches.table.n_words[texts.begin :] > 0))
        bands = arrivals.bands[texts.arrivals[open_rows]]
        alone = np.ones(len(arrivals.band_keys), np.bool_)
        alone[self.keys] = False
        is_alone = alone[bands]
        leaders = np.repeat(assigned.leaders[texts.begin + open_rows], is_alone.sum(axis=1))
        keys = np.concatenate([np.repeat(self.keys, counts), bands[is_alone]])
        return arrivals.band_keys[keys], texts.numbers[np.concatenate([new.astype(np.int64), leaders])]


def _listed_before(arrivals: Arrivals, found: Found, texts: Texts, leaders: Rows) -> tuple[Offsets, Rows]:
    """Leaders that the index lists under each key of a band, as rows of the texts."""
    start = arrivals.n_named
    indptr, numbers, _ = found.postings
    numbers = numbers[indptr[start] :]
    key = np.repeat(np.arange(len(arrivals.band_keys)), np.diff(indptr[start:]))
    remembered = texts.numbers[: texts.begin]
    if not len(remembered):
        return np.zeros(len(arrivals.band_keys) + 1, np.int64), np.empty(0, np.int64)
    rows = np.searchsorted(remembered, numbers).clip(max=len(remembered) - 1)
    known = remembered[rows] == numbers
    counts = np.bincount(key[known], minlength=len(arrivals.band_keys))
    return np.concatenate([[0], np.cumsum(counts)]), leaders[rows[known]]
