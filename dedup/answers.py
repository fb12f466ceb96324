"""What a walk was told of its pairs: scores, and which copies were refused. It asks part by part, and notes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from dedup.scored_pairs import ScoredPairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.kernels.types import Flags, Rows, Rows32
    from dedup.storage import Storage

_NOTE = "lead"  # the step of a run that a walk is
_PARTS, _LEAST_PART = 8, 1 << 15  # in pairs: an eighth of the texts, if that is more
_VERIFIED_AT_ONCE = 1 << 18
_MOST_REFUSED = 8  # then a text is asked about 65,535 leaders at once


class Verify(Protocol):
    """Scores pairs of texts exactly."""

    def __call__(self, leaders: Rows, members: Rows) -> Rows:
        """Score of each pair, higher for a better leader, below 0 for no copy; int64, below 2**31."""


class Refuse(Protocol):
    """Looks closer at pairs that were scored as copies, before one joins the other."""

    def __call__(self, leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        """Whether each pair is no copy after all."""


def refuse_none(leaders: Rows, members: Rows) -> NDArray[np.bool_]:  # noqa: ARG001
    """Where what is verified needs no closer look."""
    return np.zeros(len(members), np.bool_)


class Answers:
    """Scores of pairs and refusals, as far as they are known; a walk that was interrupted goes on from what was noted.

    Whatever was noted of them is true of the texts. So it makes no difference to the leaders that are found in the end
    when it was noted, nor in which parts it was asked for.

    Parameters
    ----------
    n_texts : int
        Texts that walk.
    remembered : ndarray of int64
        Leaders of the first of them, which are not asked about.
    verify, refuse : Verify, Refuse
        Who is asked. A pair is verified at most once.
    storage : Storage
        Where it is noted.

    Attributes
    ----------
    pairs : ScoredPairs
        All pairs that were verified.
    refused : ndarray of uint8 of shape (n_texts,)
        Times that each text was refused a leader since one was not.
    confirmed : ndarray of int32 of shape (n_texts,)
        The leader for which it was asked last, if that was not refused.
    doubted : ndarray of int32 of shape (n_texts,)
        The leader that it would join, if it is not refused; else below 0.
    """

    def __init__(
        self, n_texts: int, remembered: Rows, verify: Verify, refuse: Refuse, storage: Storage
    ) -> None:
        self._verify, self._refuse, self._storage = verify, refuse, storage
        self._part = max(_LEAST_PART, n_texts // _PARTS)
        self._not_noted = 0  # pairs that were asked about since it was noted what is known
        self.pairs = ScoredPairs()
        self.refused: Flags = np.zeros(n_texts, np.uint8)
        self.confirmed: Rows32 = np.full(n_texts, -1, np.int32)
        self.doubted: Rows32 = np.full(n_texts, -1, np.int32)
        noted = storage.noted(_NOTE)
        if noted is not None:
            self.refused[:], self.confirmed[:] = noted.pop("refused"), noted.pop("confirmed")
            self.pairs.resume(**noted)
        self.confirmed[: len(remembered)] = remembered

    def verify(self, wanted: Rows32) -> None:
        """Have pairs of a leader and a member scored, members ascending; none of them is known yet."""
        by_leader = np.argsort(wanted[:, 0], kind="stable")  # those of one leader are verified together
        for part in _parts(len(wanted), min(self._part, _VERIFIED_AT_ONCE)):
            places = by_leader[part]
            found = self._verify(*wanted[places].T.astype(np.int64)).astype(np.int32)
            again = np.argsort(places)
            pairs = wanted[places[again]]
            self.pairs.add(pairs[:, 0], pairs[:, 1], found[again])
            self._told(len(places))

    def ask(self, leaders: Rows, equal: Rows) -> Rows:
        """Ask about all who would join another; texts that are refused a leader, or may join the one they doubted.

        A text that joined its equal is not asked about: there is nothing in which they differ.
        """
        doubts = self.doubted >= 0
        joining = np.where(doubts, self.doubted, leaders)
        rows: Rows = np.flatnonzero(joining != self.confirmed)
        rows = rows[joining[rows] != rows]
        rows = rows[doubts[rows] | ~joined_equal(leaders, equal, rows)]
        anew: NDArray[np.bool_] = doubts[rows]
        for part in _parts(len(rows), self._part):
            some = rows[part]
            anew[part] |= self._ask(some, joining, leaders)
        found: Rows = rows[anew]
        return found

    def _ask(self, rows: Rows, joining: Rows, leaders: Rows) -> NDArray[np.bool_]:
        """Ask about some texts, each with the leader that it would join; whether it is refused."""
        no = self._refuse(joining[rows], rows)
        self.confirmed[rows] = np.where(no, -1, joining[rows])
        refused = rows[no]
        self.refused[rows[~no]] = 0
        self.refused[refused] = np.minimum(self.refused[refused] + 1, _MOST_REFUSED)
        places = self.pairs.of(refused)
        self.pairs.refuse(places[self.pairs.leaders[places] == joining[self.pairs.members[places]]])
        self._told(len(rows))
        self._ask_further(places, leaders)
        return no

    def _ask_further(self, places: Rows, leaders: Rows) -> None:
        """Ask about the next best leaders of texts that were refused one, of each about four times as many as the time before.

        Else a series of look-alikes, each the next best of all, would take a pass for every one of them.
        """
        pairs = self.pairs
        further = pairs.best(places, leaders, self.refused)
        of_text = np.searchsorted(pairs.members[further], pairs.members[further])
        cuts = np.flatnonzero(np.diff(of_text // self._part)) + 1  # all pairs of a text are in one part
        for some in np.split(further, cuts) if len(further) else ():
            no = self._refuse(pairs.leaders[some].astype(np.int64), pairs.members[some].astype(np.int64))
            pairs.refuse(some[no])
            best = some[~no][::-1]  # of each text the best is put down last
            self.confirmed[pairs.members[best]] = pairs.leaders[best]
            self.refused[pairs.members[best]] = 0
            self._told(len(some))

    def _told(self, pairs: int) -> None:
        """Note what is known, after so many pairs more, if those are many."""
        self._not_noted += pairs
        if self._not_noted >= self._part:
            self._not_noted = 0
            asked: dict[str, Rows32 | Flags] = {"refused": self.refused, "confirmed": self.confirmed}
            self._storage.note(_NOTE, {**self.pairs.state(), **asked})


def _parts(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))


def joined_equal(leaders: Rows, equal: Rows, rows: Rows) -> NDArray[np.bool_]:
    """Whether each row has the leader of an earlier row with the same text; `equal` is the latest earlier one."""
    joined, twins = np.zeros(len(rows), np.bool_), equal[rows]
    while (twins >= 0).any():
        joined |= (twins >= 0) & (leaders[twins] == leaders[rows])
        twins = np.where(twins >= 0, equal[twins], -1)
    return joined
