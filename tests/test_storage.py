"""Law: where the arrays of a run lie changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup.dividing import divide
from dedup.io.inputs import Inputs
from dedup.io.streams import MAX_RECORD
from dedup.io.writers import cluster_lines
from dedup.stages import Method, prepare, take_in
from dedup.storage import Appender, Journal
from dedup.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray

    from dedup.match.titles import By


class Mapped(Journal):
    """Arrays in files; counts them."""

    def __init__(self, directory: Path, leg: int | None) -> None:
        self.directory, self.leg = directory, leg
        self.made = 0

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        self.made += 1
        if not np.prod(shape):
            return np.empty(shape, dtype)
        sizes = shape if isinstance(shape, tuple) else (shape,)
        return np.memmap(self.directory / str(self.made), dtype, "w+", shape=sizes)

    def appender(self, dtype: DTypeLike, expected: int = 0) -> Appender:  # noqa: ARG002
        return InFile(self, dtype)


class InFile(Appender):
    def __init__(self, storage: Mapped, dtype: DTypeLike) -> None:
        super().__init__(dtype)
        self._storage = storage

    def finish(self) -> NDArray[Any]:
        values = super().finish()
        found = self._storage.empty(len(values), values.dtype)
        found[:] = values
        return found


def lines_of(names: list[str], by: By, storage: Journal, *, repeat: bool) -> list[bytes]:
    """What a run says of each article; of its inputs, given twice, every id is repeated."""
    workers = Workers(1)
    method = replace(Method.usual(workers), by=by, storage=storage)
    with Inputs(names * (1 + repeat), None, "skip", MAX_RECORD, storage=storage) as taken:
        corpus, headings = take_in(taken.batches(), taken.size, method, workers, storage)
        read_texts = headings.read if by == "title" else taken.texts
        texts = prepare(corpus, read_texts, method, workers)
        partition = divide(corpus, texts, read_texts, headings, taken.place_of, method, workers)
        partition = partition._replace(titles=headings.match(partition.kept))
        return list(cluster_lines(partition, taken, all_rows=True))


@pytest.mark.slow
@pytest.mark.parametrize("leg", [None, 10_000])
@pytest.mark.parametrize("repeat", [False, True])
@pytest.mark.parametrize("by", ["text", "title"])
def test_where_arrays_lie_changes_nothing(
    fixtures_dir: Path, tmp_path: Path, by: By, leg: int | None, *, repeat: bool
) -> None:
    names = sorted(map(str, (fixtures_dir / "news").glob("*.jsonl")))
    mapped = Mapped(tmp_path, leg if by == "text" else None)
    expected = lines_of(names, by, Journal(), repeat=repeat)
    assert lines_of(names, by, mapped, repeat=repeat) == expected
    assert mapped.made > 20
    assert len(expected) > 50
