"""Spools: bytes appended, and read again by where they stand."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import WriteError
from dedup.io.spool import Entry, Spool


def put(spool: Spool, data: bytes, number: int = 1) -> tuple[int, int]:
    """Place and length of what is appended."""
    return spool.append(Entry(0, True, number, 0, 9, len(data)), data), len(data)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_what_is_appended_is_read_again_in_any_order(pieces: list[bytes]) -> None:
    spool = Spool()
    places = [put(spool, piece) for piece in pieces]
    for piece, place in reversed(list(zip(pieces, places, strict=True))):
        assert spool.read(*place) == piece
    spool.close()


def test_appending_goes_on_behind_what_stands_there_after_reading() -> None:
    spool = Spool()
    first = put(spool, b"rain")
    assert spool.read(*first) == b"rain"
    second = put(spool, b"sun")
    assert (spool.read(*first), spool.read(*second)) == (b"rain", b"sun")
    spool.close()


def test_threads_do_not_disturb_each_other() -> None:
    spool = Spool()
    found: list[bool] = []

    def work(letter: bytes) -> None:
        for length in range(1, 200):
            data = letter * length
            found.append(spool.read(*put(spool, data)) == data)

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
    place = put(spool, b"rain")
    spool.close()
    spool.close()
    assert spool.read(*place) == b""


def test_a_file_is_gone_on_from_without_the_entry_that_is_cut(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "log")
    assert list(spool.entries()) == []
    first, second = put(spool, b"rain", 1), put(spool, b"", 2)
    put(spool, b"sun", 3)
    spool.close()
    whole = (tmp_path / "log").read_bytes()
    for cut in range(1, 40):
        (tmp_path / "log").write_bytes(whole[:-cut])
        spool = Spool(tmp_path / "log")
        found = list(spool.entries())
        assert [(entry.number, place, entry.length) for entry, place in found] == [(1, *first), (2, *second)]
        assert spool.read(*first) == b"rain"
        third = put(spool, b"snow", 3)
        assert spool.read(*third) == b"snow"
        spool.close()


def test_what_was_appended_outlives_a_process_that_does_not_come_to_close_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "log")
    places = [put(spool, b"rain"), put(spool, b"sun")]
    left = Spool(tmp_path / "log")
    assert [(place, entry.length) for entry, place in left.entries()] == places
    left.close()
    spool.close()


def test_a_full_disk_is_told_with_its_directory() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no such file")
    spool = Spool(Path("/dev/full"))
    with pytest.raises(WriteError, match="/dev can't be written: No space left"):
        put(spool, b"rain")
    spool.close()
