"""Remembering: what an index is told to store of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.base import Change, Entry
from dedup.index.keys import cluster_keys, id_keys, text_keys
from dedup.match.payload import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.kernels.types import Hashes, Rows
    from dedup.placing import Placed, Walked
    from dedup.verdict import Verdict


def remember(
    walked: Walked, placed: Sequence[Placed], verdicts: Sequence[Verdict], *, compress: bool
) -> Change:
    """What to store.

    Parameters
    ----------
    walked : Walked
        The batch.
    placed : list of Placed
        One for each new article.
    verdicts : list of Verdict
        One for each arrival.
    compress : bool
        Whether the payloads are compressed.
    """
    arrivals, joined = walked.arrivals, walked.joined
    rows = np.array([one.row for one in placed], np.int64)
    numbers = np.array([one.member.number for one in placed], np.int64)
    leaders = np.array([one.cluster.leader for one in placed], np.int64)
    table = arrivals.sketches.table
    own_text = ~joined.by_text & (table.n_words[rows] > 0)
    followers = leaders != numbers
    published = arrivals.published.tolist()
    entries = [
        Entry(
            one.member.number,
            one.member.doc_id,
            one.cluster.leader,
            published[one.row],
            arrivals.seen,
            verdicts[one.row].pack(),
            pack(arrivals.kept[one.row], compress=compress),
        )
        for one in placed
    ]
    clusters = {one.cluster.leader: one.cluster for one in placed}
    return Change(
        keys=np.concatenate(
            [
                _id_keys(walked, placed, rows),
                text_keys(table.text_hashes[rows[own_text]]),
                cluster_keys(leaders[followers]),
                joined.keys,
            ]
        ),
        numbers=np.concatenate([numbers, numbers[own_text], numbers[followers], joined.listed]),
        entries=entries,
        clusters=[cluster.state() for cluster in clusters.values()],
        counts={
            "articles": len(placed),
            "clusters": len(placed) - int(followers.sum()),
            "duplicates": sum(verdicts[one.row].is_duplicate for one in placed),
            "walks_cut": int(joined.cut.sum()),
        },
    )


def _id_keys(walked: Walked, placed: Sequence[Placed], rows: Rows) -> Hashes:
    """Keys of the ids under which the articles are stored."""
    keys = walked.arrivals.id_keys[rows]
    for place, one in enumerate(placed):
        if one.member.doc_id is not walked.arrivals.ids[one.row]:  # told apart by its number
            keys[place] = id_keys([one.member.doc_id])[0]
    return keys
