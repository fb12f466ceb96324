from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dedup import ParameterError
from dedup.index.disk import DiskIndex
from dedup.index.memory import MemoryIndex
from dedup.index.registry import BACK_ENDS, open_back_end

if TYPE_CHECKING:
    from pathlib import Path


def test_a_scheme_names_the_kind(tmp_path: Path) -> None:
    assert isinstance(open_back_end("memory://"), MemoryIndex)
    for uri in (tmp_path / "one", str(tmp_path / "two"), f"file://{tmp_path}/three"):
        back_end = open_back_end(uri)
        assert isinstance(back_end, DiskIndex)
        back_end.close()


def test_an_unknown_scheme_is_told_with_those_there_are() -> None:
    with pytest.raises(ParameterError) as told:
        open_back_end("mysql://host/db")
    assert all(f"{scheme}://" in str(told.value) for scheme in BACK_ENDS)
