from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.hashset import HashSet

#: Few of them, and those that stand in one slot of a small table.
hashes = st.sampled_from([0, 1, 2, 1 << 32, 1 << 12, 1 << 44, 2**64 - 1]) | st.integers(0, 2**64 - 1)


@given(st.lists(st.lists(hashes, max_size=20), max_size=8))
def test_a_hash_is_new_once(batches: list[list[int]]) -> None:
    seen, known = HashSet(), set[int]()
    for batch in batches:
        expected = []
        for value in batch:
            expected.append(value not in known)
            known.add(value)
        assert seen.add(np.array(batch, np.uint64)).tolist() == expected
        assert len(seen) == len(known)


def test_what_is_there_stays_when_the_table_grows() -> None:
    many = np.arange(20_000, dtype=np.uint64) << np.uint64(8)
    seen = HashSet()
    for start in range(0, len(many), 999):
        assert seen.add(many[start : start + 999]).all()
    assert not seen.add(many).any()
    assert seen.add(many + np.uint64(1)).all()
    assert len(seen) == 2 * len(many)
