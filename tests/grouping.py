"""A grouping that is given, in place of the one that the core of stories finds: what stands around it is tested alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.stories import Stories, StoryCuts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from dedup.kernels.types import Dates
    from dedup.match.storyterms import TermTable

CUTS = StoryCuts(frequent=7, neighbours=11, wordless=2)


def grouping(named: Iterable[Hashable]) -> Callable[..., Stories]:
    """Give kept articles, in input order, these stories; the last of each stands for it."""
    numbers: dict[Hashable, int] = {}
    labels = np.array([numbers.setdefault(name, len(numbers)) for name in named], np.int64)

    def group(table: TermTable, published: Dates, *, granularity: str) -> Stories:
        assert len(table.n_words) == len(published) == len(labels)
        assert granularity == "event"
        last = np.zeros(len(numbers), np.int64)
        last[labels] = np.arange(len(labels))
        return Stories(labels, last, np.bincount(labels, minlength=len(numbers)), CUTS)

    return group
