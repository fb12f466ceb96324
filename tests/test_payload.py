from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import DedupError
from dedup.match.payload import Kept, pack, unpack

parts = st.text(max_size=300).map(str.encode) | st.just(b"Rain in the north. " * 40)


@given(st.builds(Kept, parts, parts, parts, parts), st.booleans())
def test_what_is_packed_comes_out(kept: Kept, compress: bool) -> None:
    assert unpack(pack(kept, compress=compress)) == kept


def test_news_is_compressed() -> None:
    kept = Kept(b"The council voted on Monday to close the pool. " * 20, b"", b"", b"")
    assert len(pack(kept)) < len(pack(kept, compress=False)) / 4


@pytest.mark.parametrize("compress", [True, False])
def test_damage_is_told(compress: bool) -> None:
    data = pack(Kept(b"Rain in the north. " * 40, b"Rain", b"", b""), compress=compress)
    for damaged in (data[:-3], data[:1], data[:9], b"", b"\1" + bytes(len(data))):
        with pytest.raises(DedupError, match="damaged"):
            unpack(damaged)
