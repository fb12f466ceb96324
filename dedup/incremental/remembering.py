"""Remembering: what an index is told to store of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.base import Change, ClusterState, Entry
from dedup.index.keys import cluster_keys, id_keys, pair_keys, text_keys
from dedup.match.payload import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.incremental.placing import Placed, Placing, Walked
    from dedup.kernels.types import Hashes, Rows
    from dedup.verdict import Verdict


def remember(walked: Walked, placing: Placing, verdicts: Sequence[Verdict], *, compress: bool) -> Change:
    """What to store.

    Parameters
    ----------
    walked : Walked
        The batch.
    placing : Placing
        Where its articles were put.
    verdicts : list of Verdict
        One for each arrival.
    compress : bool
        Whether the payloads are compressed.
    """
    arrivals, joined, placed = walked.arrivals, walked.joined, placing.placed
    rows = np.array([one.row for one in placed], np.int64)
    numbers = np.array([one.member.number for one in placed], np.int64)
    leaders = np.array([one.leader for one in placed], np.int64)
    table = arrivals.sketches.table
    own_text = ~joined.by_text & (table.n_words[rows] > 0)
    followers = leaders != numbers
    published = arrivals.published.tolist()
    ids = _id_keys(walked, placed, rows)
    entries = [
        Entry(
            one.member.number,
            one.member.doc_id,
            one.leader,
            published[one.row],
            arrivals.seen,
            verdicts[one.row].pack(),
            pack(arrivals.kept[one.row], compress=compress),
        )
        for one in placed
    ]
    clusters = [
        ClusterState(number, one.name, number, one.member.dated, one.member.dated, 1)
        for number, one in zip(numbers.tolist(), placed, strict=True)
        if one.leader == number and number not in placing.joined
    ]
    clusters += (cluster.state() for cluster in placing.joined.values())
    return Change(
        keys=np.concatenate(
            [
                ids,
                pair_keys(ids, table.text_hashes[rows]),
                text_keys(table.text_hashes[rows[own_text]]),
                cluster_keys(leaders[followers]),
                joined.keys,
            ]
        ),
        numbers=np.concatenate([numbers, numbers, numbers[own_text], numbers[followers], joined.listed]),
        entries=entries,
        clusters=clusters,
        counts={
            "articles": len(placed),
            "clusters": len(placed) - int(followers.sum()),
            "duplicates": sum(verdicts[one.row].is_duplicate for one in placed if one.against),
            "walks_cut": int(joined.cut.sum()),
        },
    )


def _id_keys(walked: Walked, placed: Sequence[Placed], rows: Rows) -> Hashes:
    """Keys of the ids under which the articles are stored."""
    keys = walked.arrivals.id_keys[rows]
    for place, one in enumerate(placed if any(walked.arrivals.anonymous) else ()):
        if one.member.doc_id is not walked.arrivals.ids[one.row]:  # told apart by its number
            keys[place] = id_keys([one.member.doc_id])[0]
    return keys
