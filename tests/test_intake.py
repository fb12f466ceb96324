from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.intake import name_apart
from dedup.text.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Sequence

names = st.sampled_from(
    ["a", "b", "a#2", "a#3", "b#2", "a#2#3", "a#4+", "a#4++", "\ud83d", "c" * 16, "#", ""]
)


def told_apart(ids: Sequence[str | None], hashes: Sequence[int]) -> tuple[list[str], int]:
    """One by one, with all names that were given before."""
    seen: set[str] = set()
    told: list[str] = []
    repeated = 0
    for row, given_ in enumerate(ids):
        name = f"{hashes[row]:016x}" if given_ is None else given_
        if name in seen:
            repeated += given_ is not None
            name = f"{name}#{row % 4}"
            while name in seen:
                name += "+"
        seen.add(name)
        told.append(name)
    return told, repeated


@given(st.lists(st.tuples(st.none() | names, st.sampled_from([7, 0xCCCCCCCCCCCCCCCC])), max_size=20))
def test_ids_are_told_apart_as_one_by_one(rows: list[tuple[str | None, int]]) -> None:
    ids, hashes = [name for name, _ in rows], [text_hash for _, text_hash in rows]
    found, repeated = name_apart(Strings.of(ids), np.array(hashes, np.uint64), lambda row: str(row % 4))
    assert (list(found), repeated) == told_apart(ids, hashes)
    assert len(set(found)) == len(ids)


def test_ids_that_are_apart_are_not_copied() -> None:
    ids: Strings[str | None] = Strings.of(["a", "b#1", "c"])
    assert name_apart(ids, np.zeros(3, np.uint64), str)[0] is ids
