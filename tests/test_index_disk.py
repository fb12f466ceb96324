from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest

from dedup.index.disk import DiskIndex
from tests.index_contract import IndexContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.index_places import Place


@dataclass
class DiskPlace:
    path: Path
    shared: bool = True
    refuses: bool = True

    def open(self) -> DiskIndex:
        return DiskIndex(self.path)

    def damage(self) -> None:
        with closing(sqlite3.connect(self.path / "catalog.sqlite")) as database:
            database.execute("UPDATE recents SET keys = zeroblob(length(keys)) WHERE number = 1")
            database.commit()


class TestDiskIndex(IndexContract):
    @pytest.fixture
    def places(self, tmp_path: Path) -> Callable[[], Place]:
        numbers = count()
        return lambda: DiskPlace(tmp_path / f"index {next(numbers)}")
