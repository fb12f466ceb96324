"""Reading ahead: who begins before it is their turn, and who does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from dedup.io import ahead
from dedup.io.ahead import begun

if TYPE_CHECKING:
    from dedup.io.reader import Reader


class Holding:
    """A reader that holds so many bytes when it has begun."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.has_begun = False

    def begin(self) -> int:
        self.has_begun = True
        return self.size


def readers(*sizes: int) -> tuple[list[Holding], list[Reader]]:
    made = [Holding(size) for size in sizes]
    return made, cast("list[Reader]", made)


@pytest.mark.parametrize("number", [0, 1, 64, 65, 200])
def test_all_come_in_their_order_and_have_begun(number: int) -> None:
    made, given = readers(*[1] * number)
    come = cast("list[Holding]", list(begun(given)))
    assert come == made
    assert all(reader.has_begun for reader in made)


def test_some_begin_before_it_is_their_turn() -> None:
    made, given = readers(*[1] * 200)
    next(begun(given))
    assert sum(reader.has_begun for reader in made) == 65


def test_what_they_hold_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_AHEAD_BYTES", 100)
    made, given = readers(*[40] * 10, 500, 40)
    turns = begun(given)
    for turn in range(12):
        next(turns)
        waiting = [reader.size for reader in made[turn + 1 :] if reader.has_begun]
        assert sum(waiting[:-1]) <= 100


def test_those_that_nobody_reads_do_not_begin() -> None:
    made, given = readers(1, 1, 1)
    list(begun(given, 2))
    assert [reader.has_begun for reader in made] == [False, False, True]
