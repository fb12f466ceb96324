"""The pairs that a walk has verified, and which of them it may come to ask for next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dedup.kernels.types import Flags, Offsets, Rows, Rows32


class ScoredPairs:
    """Pairs of a leader and a member with their scores, members ascending: 12 bytes each.

    Attributes
    ----------
    leaders, members, scores : ndarray of int32 of shape (n_pairs,)
        Below 0 for a pair that is no copy.
    """

    def __init__(self) -> None:
        self.leaders: Rows32 = np.empty(0, np.int32)
        self.members: Rows32 = np.empty(0, np.int32)
        self.scores: Rows32 = np.empty(0, np.int32)

    def state(self) -> dict[str, Rows32]:
        """All of it, as :meth:`resume` takes it."""
        return {"leaders": self.leaders, "members": self.members, "scores": self.scores}

    def resume(self, leaders: Rows32, members: Rows32, scores: Rows32) -> None:
        """Go on from there."""
        self.leaders, self.members, self.scores = leaders, members, scores

    def add(self, leaders: Rows32, members: Rows32, scores: Rows32) -> None:
        """Add pairs that are not there yet, members ascending."""
        places = np.searchsorted(self.members, members, side="right")
        self.leaders = np.insert(self.leaders, places, leaders)
        self.scores = np.insert(self.scores, places, scores)
        self.members = np.insert(self.members, places, members)

    def starts(self, n_texts: int) -> Offsets:
        """Where the pairs of each member begin; int64 of shape (n_texts + 1,)."""
        return np.searchsorted(self.members, np.arange(n_texts + 1, dtype=np.int32))

    def refuse(self, places: Rows) -> None:
        """Take some pairs for no copies."""
        self.scores[places] = -1

    def of(self, members: Rows) -> Rows:
        """Places of all pairs of some members, which ascend."""
        wanted = members.astype(np.int32)
        starts, stops = (np.searchsorted(self.members, wanted, side=side) for side in ("left", "right"))
        lengths = stops - starts
        ends = np.cumsum(lengths)
        places: Rows = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
        return places

    def best(self, places: Rows, leaders: Rows, most: Flags) -> Rows:
        """Of some pairs the copies that would be joined first.

        Parameters
        ----------
        places : ndarray of int64
            Of the pairs.
        leaders : ndarray of int64 of shape (n_texts,)
            Leader of each text: who does not lead now is passed over.
        most : ndarray of uint8 of shape (n_texts,)
            Of each member ``4 ** most - 1`` pairs are asked for.

        Returns
        -------
        ndarray of int64
            Places, member by member, of each the best first.
        """
        of_pair = self.leaders[places]
        places = places[(self.scores[places] >= 0) & (leaders[of_pair] == of_pair)]
        keys = self.leaders[places], -self.scores[places], self.members[places]
        places = places[np.lexsort(keys)]
        members = self.members[places]
        nth = np.arange(len(places)) - np.searchsorted(members, members)
        first: Rows = places[nth + 1 < 4 ** most[members].astype(np.int64)]
        return first
