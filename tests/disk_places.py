"""Where the tests of the index in a directory have it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.index.disk import DiskIndex
from tests.index_places import hashed, lists

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.index.base import Index


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


def run_files(index: DiskIndex) -> list[Path]:
    return sorted(index._directory.runs.iterdir())


def answers(index: Index, *keys: int) -> list[list[int]]:
    return lists(index.postings(hashed(*keys), 1 << 20))
