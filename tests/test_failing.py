from __future__ import annotations

import errno
import sqlite3

import pytest

from dedup.errors import StorageError
from dedup.index.failing import Guard, explain


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "can't be written to"),
        (errno.EMFILE, "too many files"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_system_call_is_explained(number: int, words: str) -> None:
    assert words in explain(OSError(number, "Input/output error"))


def test_an_error_without_a_number_is_told() -> None:
    assert explain(OSError("odd")) == "odd"
    assert explain(sqlite3.ProgrammingError("odd")) == "odd"


def test_sqlite_is_explained() -> None:
    database = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("SELECT * FROM absent")
    database.close()
    assert explain(caught.value) == "no such table: absent"


def test_what_is_ours_stays_and_what_is_not_storage_passes() -> None:
    guard = Guard("news.dedup")
    with pytest.raises(StorageError, match=r"^news.dedup: the disk is full") as caught, guard:
        raise OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(caught.value.__cause__, OSError)
    ours = StorageError("other", "reason")
    with pytest.raises(StorageError) as again, guard:
        raise ours
    assert again.value is ours
    with pytest.raises(ZeroDivisionError), guard:
        raise ZeroDivisionError
