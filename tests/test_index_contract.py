"""The contract is tested on the model of an index, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.index_contract import IndexContract
from tests.naive_index import NaiveIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.index_places import Place


class NaivePlace:
    shared = False
    refuses = True

    def __init__(self) -> None:
        self.index = NaiveIndex()

    def open(self) -> NaiveIndex:
        return self.index

    def damage(self) -> None:
        self.index.lists[int(np.uint64(5))] = [99]


class TestNaiveIndex(IndexContract):
    @pytest.fixture
    def places(self) -> Callable[[], Place]:
        return NaivePlace
