"""Spools: bytes appended, and read again by where they stand."""

from __future__ import annotations

from threading import Thread

from hypothesis import given
from hypothesis import strategies as st

from dedup.io.spool import Spool


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_what_is_appended_is_read_again_in_any_order(pieces: list[bytes]) -> None:
    spool = Spool()
    places = [spool.append(piece) for piece in pieces]
    for piece, place in reversed(list(zip(pieces, places, strict=True))):
        assert spool.read(*place) == piece
    spool.close()


def test_appending_goes_on_behind_what_stands_there_after_reading() -> None:
    spool = Spool()
    first = spool.append(b"rain")
    assert spool.read(*first) == b"rain"
    second = spool.append(b"sun")
    assert (spool.read(*first), spool.read(*second)) == (b"rain", b"sun")
    spool.close()


def test_threads_do_not_disturb_each_other() -> None:
    spool = Spool()
    found: list[bool] = []

    def work(letter: bytes) -> None:
        for length in range(1, 200):
            data = letter * length
            found.append(spool.read(*spool.append(data)) == data)

    threads = [Thread(target=work, args=(letter,)) for letter in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    assert len(found) == 597
    assert all(found)


def test_a_closed_spool_is_empty_and_may_be_closed_again() -> None:
    spool = Spool()
    place = spool.append(b"rain")
    spool.close()
    spool.close()
    assert spool.read(*place) == b""
