from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dedup
from dedup.article import Article
from dedup.errors import ParameterError, StorageError
from dedup.holding import FIRST_PAUSE, LONGEST_PAUSE, Held

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.seen import ArticleIndex

RAIN = Article("Rain is expected in the north of the island from Monday on.", id="rain")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Opener:
    """Opens a directory; counts how often it was asked to."""

    def __init__(self, path: Path) -> None:
        self.path, self.times = path, 0

    def __call__(self) -> ArticleIndex:
        self.times += 1
        return dedup.open_index(self.path)


def test_it_is_opened_when_it_is_needed_and_once(tmp_path: Path) -> None:
    opener = Opener(tmp_path / "news.dedup")
    held = Held(opener)
    assert opener.times == 0
    assert not held.add(RAIN).repeated
    assert held.add(RAIN).repeated
    assert opener.times == 1
    held.close()
    held.close()
    assert held.add(RAIN).repeated
    assert opener.times == 2
    held.close()


def test_an_index_that_is_down_is_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    path = tmp_path / "news.dedup"
    path.write_text("a file")
    clock, opener = Clock(), Opener(path)
    held = Held(opener, clock)
    for attempt in range(10):
        for _ in range(3):
            with pytest.raises(StorageError, match="is a file"):
                held.add(RAIN)
        assert opener.times == attempt + 1
        clock.now += min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
    path.unlink()
    assert held.add(RAIN).id == "rain"
    held.close()


def test_it_is_opened_anew_after_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, opener = Clock(), Opener(tmp_path / "news.dedup")
    held = Held(opener, clock)
    held.add(RAIN)

    def fail(*_: object, **__: object) -> None:
        raise StorageError("news.dedup", "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(dedup.ArticleIndex, "add", fail)
        with pytest.raises(StorageError, match="the disk is full"):
            held.add(RAIN)
    with pytest.raises(StorageError, match="the disk is full"):
        held.add(RAIN)
    clock.now += FIRST_PAUSE
    assert held.add(RAIN).repeated
    assert opener.times == 2
    held.close()


def test_an_error_of_the_caller_stands_in_nobodys_way() -> None:
    held = Held(lambda: dedup.open_index("memory://", threshold=7))
    with pytest.raises(ParameterError, match="threshold"):
        held.open()
