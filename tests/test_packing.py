from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.index.base import ClusterState, Entry
from dedup.index.packing import (
    before_payload,
    key_bytes,
    pack_cluster,
    pack_entry,
    pack_keys,
    pack_number,
    pack_numbers,
    unpack_cluster,
    unpack_entry,
    unpack_numbers,
)

numbers = st.integers(1, 2**32 - 1)
dates = st.floats(allow_nan=False)
names = st.text(st.characters())


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(8, 24))
def test_a_key_is_cut_in_two_and_nothing_is_lost(keys: list[int], spread: int) -> None:
    width = key_bytes(spread)
    packed = pack_keys(np.array(keys, np.uint64), spread)
    assert len(packed) == width * len(keys)
    for row, key in enumerate(keys):
        one = packed[row * width : (row + 1) * width]
        high, low = divmod(key, 2 ** (64 - spread))
        assert int.from_bytes(one[:3], "big") == high << (24 - spread)
        assert int.from_bytes(one[3:], "big") == low


@given(st.lists(numbers))
def test_numbers_return(some: list[int]) -> None:
    packed = pack_numbers(np.array(some, np.int64))
    assert unpack_numbers(packed).tolist() == some
    assert packed == b"".join(map(pack_number, some))


@given(st.builds(Entry, numbers, names, numbers, dates, dates, st.binary(), st.binary()))
def test_an_entry_returns(entry: Entry) -> None:
    content = pack_entry(entry)
    assert unpack_entry(entry.number, content) == entry
    assert before_payload(content) == pack_entry(entry._replace(payload=b""))


def test_no_date_returns() -> None:
    content = pack_entry(Entry(1, "", 1, math.nan, 2.0, b"", b""))
    assert math.isnan(unpack_entry(1, content).published)
    assert pack_entry(unpack_entry(1, content)) == content


def test_an_entry_that_is_cut_is_refused() -> None:
    content = pack_entry(Entry(1, "id", 1, 1.0, 2.0, b"verdict", b""))
    with pytest.raises(ValueError, match="entry 1 is cut"):
        unpack_entry(1, content[:-1])


@given(st.builds(ClusterState, numbers, names, numbers, dates, dates, numbers))
def test_a_cluster_returns(state: ClusterState) -> None:
    assert unpack_cluster(state.leader, pack_cluster(state)) == state
