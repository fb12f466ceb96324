"""Categories: columns of strings of which few are different, and the numbering of what rows have in common."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, cast

import numpy as np

from dedup.storage import MEMORY
from dedup.text.strings import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.kernels.types import Rows, Rows32
    from dedup.storage import Storage


class Categories(Column["str | None"]):
    """Strings, or None, of which few are different.

    Parameters
    ----------
    codes : ndarray of int32 of shape (n,)
        Place of each in `names`, -1 for None.
    names : sequence of str
        Different, in the order in which they come first.

    Examples
    --------
    >>> hosts = Categories.of(["b.example", None, "b.example"])
    >>> hosts.codes.tolist(), hosts.names, hosts[2]
    ([0, -1, 0], ['b.example'], 'b.example')
    """

    def __init__(self, codes: Rows32, names: Sequence[str]) -> None:
        self.codes, self.names = codes, names
        self._known: list[str | None] = [*names, None]  # -1 is the last

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Categories:
        """Column of these; itself of one."""
        if isinstance(values, Categories):
            return values
        appender = CategoriesAppender()
        appender.append(values)
        return appender.finish()

    def __len__(self) -> int:
        return len(self.codes)

    def _value(self, row: int) -> str | None:
        return self._known[int(self.codes[row])]

    def take(self, rows: Rows) -> list[str | None]:
        """Strings of these rows."""
        return [*map(self._known.__getitem__, self.codes[rows].tolist())]


class CategoriesAppender:
    """Strings of which few are different, appended batch by batch.

    Parameters
    ----------
    storage : Storage, optional
        Where the codes lie. Default: in memory.
    """

    def __init__(self, storage: Storage = MEMORY) -> None:
        self._codes = storage.appender(np.int32)
        self._index: dict[str | None, int] = defaultdict(count().__next__, {None: -1})

    def append(self, values: Sequence[str | None]) -> None:
        """Append strings."""
        self._codes.append(np.fromiter(map(self._index.__getitem__, values), np.int32, len(values)))

    @property
    def names(self) -> list[str]:
        """Different strings so far."""
        _, *names = self._index
        return cast("list[str]", names)

    def resume(self, names: Sequence[str]) -> None:
        """Go on where these are the different strings so far."""
        for name in names:
            _ = self._index[name]

    def finish(self) -> Categories:
        """Give the column away; nothing may be appended any more."""
        return Categories(self._codes.finish(), self.names)


def distinct(values: Rows) -> Rows:
    """Different values, ascending; :func:`numpy.unique` of version 2.4 takes twenty times as long.

    Examples
    --------
    >>> distinct(np.array([7, -1, 7])).tolist()
    [-1, 7]
    """
    ordered = np.sort(values)
    different: Rows = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return different


def number_together(*columns: Rows | Rows32) -> Rows:
    """Number of the values of each row taken together, int64 of shape (n,): from 0, in the order of the values.

    Examples
    --------
    >>> number_together(np.array([7, 7, -1]), np.array([0, 5, 5])).tolist()
    [1, 2, 0]
    """
    numbers = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, one = np.unique(column, return_inverse=True)
        _, numbers = np.unique(numbers * (one.max(initial=0) + 1) + one, return_inverse=True)
    return numbers


def different_pairs(ones: Categories, others: Categories) -> tuple[Rows, list[tuple[str | None, str | None]]]:
    """Number of the pair of values of each row, and the different pairs.

    Examples
    --------
    >>> different_pairs(Categories.of(["a", "a", None]), Categories.of(["x", "x", None]))
    (array([1, 1, 0]), [(None, None), ('a', 'x')])
    """
    numbers = number_together(ones.codes, others.codes)
    _, rows = np.unique(numbers, return_index=True)
    return numbers, list(zip(ones.take(rows), others.take(rows), strict=True))
