from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dedup.errors import StorageError
from dedup.index.memory import MemoryIndex
from tests.index_contract import IndexContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.index.base import Index
    from tests.index_places import Place


class MemoryPlace:
    """One index, whoever opens it: it has no other place."""

    shared = False
    refuses = False

    def __init__(self) -> None:
        self.index = MemoryIndex()

    def open(self) -> Index:
        self.index._closed = False
        return self.index

    def damage(self) -> None:
        self.index._clusters.popitem()


class TestMemoryIndex(IndexContract):
    @pytest.fixture
    def places(self) -> Callable[[], Place]:
        return MemoryPlace


def test_what_is_closed_is_gone() -> None:
    index = MemoryIndex()
    index.close()
    index.close()
    with pytest.raises(StorageError, match="closed"), index.turn(write=False):
        pass
