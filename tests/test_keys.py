from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.index.keys import cluster_keys, id_keys, text_keys

MANY = 20_000


def test_keys_are_those_of_indexes_that_are_there() -> None:
    assert id_keys(["a", "https://post.example/é"]).tolist() == [17827269624770022834, 9255192449145681685]
    assert text_keys(np.array([1], np.uint64)).tolist() == [5882483776389684841]
    assert cluster_keys(np.array([1, 2])).tolist() == [16294208416658607535, 7960286522194355700]


def test_keys_are_spread_evenly() -> None:
    for keys in (cluster_keys(np.arange(1, MANY)), id_keys(f"n{number}" for number in range(MANY))):
        assert len(np.unique(keys)) == len(keys)
        counts = np.bincount((keys >> np.uint64(60)).astype(np.int64), minlength=16)
        assert abs(counts - MANY / 16).max() < 6 * (MANY / 16) ** 0.5


@given(st.lists(st.text(max_size=5)))
def test_an_id_has_one_key(ids: list[str]) -> None:
    assert id_keys(ids).tolist() == [int(id_keys([name])[0]) for name in ids]


def test_a_lone_surrogate_is_an_id_too() -> None:
    assert id_keys(["\ud800"])[0] != id_keys(["\ud801"])[0]


def test_texts_of_one_hash_have_one_key() -> None:
    hashes = np.array([1, 2, 1], np.uint64)
    one, other, again = text_keys(hashes).tolist()
    assert one == again != other
