"""What a walk was told, part by part: it goes on from whatever was noted, and asks for nothing of that again."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.clustering import Agreement, assign, mark
from dedup.index.buckets import group_by_key
from dedup.storage import MEMORY, Storage
from tests.interrupting import Interrupted
from tests.test_clustering import Verifier, Walk, walks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows


class Notes(Storage):
    """Keeps the last note; an interruption follows when there were so many."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.last: dict[str, NDArray[Any]] | None = None

    def noted(self, name: str) -> dict[str, NDArray[Any]] | None:
        assert name == "lead"
        return None if self.last is None else dict(self.last)

    def note(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        assert name == "lead"
        self.last = {field: array.copy() for field, array in arrays.items()}
        self.left -= 1
        if self.left == 0:
            raise Interrupted


class Refuser:
    """Refuses what a table says, and remembers what it was asked, and what it refused."""

    def __init__(self, refused: list[list[bool]]) -> None:
        self.table = np.array(refused, np.bool_)
        self.asked: list[tuple[int, int]] = []
        self.refused: set[tuple[int, int]] = set()

    def __call__(self, leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        no: NDArray[np.bool_] = self.table[leaders, members]
        pairs = list(zip(leaders.tolist(), members.tolist(), strict=True))
        self.asked += pairs
        self.refused |= {pair for pair, refused in zip(pairs, no.tolist(), strict=True) if refused}
        return no


def walked(
    texts: Walk, likely: int, walk: int, storage: Storage
) -> tuple[list[int] | None, Verifier, Refuser]:
    """Leaders, None if it was interrupted; and who was asked."""
    verify, refuse = Verifier(texts.scores), Refuser(texts.refused)
    buckets = group_by_key(np.array(texts.keys, np.uint64))
    marks, sizes = mark(np.array(texts.signatures, np.uint32)), np.array(texts.sizes, np.int64)
    agreement = Agreement(np.zeros(3, np.int64), likely)
    try:
        found = assign(buckets, marks, sizes, agreement, verify, refuse, walk, storage=storage)
    except Interrupted:
        return None, verify, refuse
    return found.leaders.tolist(), verify, refuse


@given(walks(), st.integers(1, 4), st.integers(0, 8))
def test_a_walk_goes_on_from_whatever_was_noted(texts: Walk, walk: int, likely: int) -> None:
    whole, _, _ = walked(texts, likely, walk, MEMORY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.answers._LEAST_PART", 1)
        for notes in count(1):
            storage = Notes(notes)
            found, verified, refused = walked(texts, likely, walk, storage)
            if found is not None:
                assert found == whole
                break
            again, verified_again, refused_again = walked(texts, likely, walk, storage)
            assert again == whole
            assert not set(verified.asked) & set(verified_again.asked)
            assert not refused.refused & refused_again.refused


@pytest.mark.parametrize("least", [1, 5, 1000])
@pytest.mark.parametrize("score", [-1, 1])
def test_nothing_is_asked_twice_whatever_the_parts(
    monkeypatch: pytest.MonkeyPatch, least: int, score: int
) -> None:
    """Of forty texts in one bucket none is a copy, or each is one of the first but for a third, which is refused."""
    monkeypatch.setattr("dedup.answers._LEAST_PART", least)
    n_texts = 40
    texts = Walk(
        [[0]] * n_texts,
        [[1] * 6] * n_texts,
        [1] * n_texts,
        [[score] * n_texts] * n_texts,
        [[member % 3 == 0 for member in range(n_texts)]] * n_texts,
    )
    expected = [row if row % 3 == 0 or score < 0 else 0 for row in range(n_texts)]
    for notes in count(1):
        storage = Notes(notes)
        found, verify, refuse = walked(texts, 7, n_texts, storage)
        if found is None:
            found, verified, refused = walked(texts, 7, n_texts, storage)
            verify.asked += verified.asked
            refuse.asked += refused.asked
        assert found == expected
        for asked in (verify.asked, refuse.asked):
            assert len(set(asked)) == len(asked)
        if storage.left > 0:
            break
    assert (notes > 1) == (least < 1000)
