"""Strings: columns of many strings in a few arrays, for an object each would be most of the memory of a run.

A column is filled by its appender, batch by batch, and read when that is finished. The arrays lie in a
:class:`dedup.storage.Storage`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar, cast, overload

import numpy as np

from dedup.storage import MEMORY
from dedup.text.columns import TextColumn, padding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Rows32
    from dedup.storage import Storage

#: Rows that are objects at once where all are gone through.
CHUNK = 1 << 14
#: What stands for None: a byte that no UTF-8 has.
_NONE = b"\xff"

Item = TypeVar("Item")
Value = TypeVar("Value", bound="str | None")


def spans_of(length: int, size: int = CHUNK) -> list[slice]:
    """Stretches of so many rows.

    Examples
    --------
    >>> spans_of(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


class Column(Sequence[Item], Generic[Item]):
    """Values of any kind, of which a few are objects at once."""

    @abstractmethod
    def take(self, rows: Rows) -> list[Item]:
        """Values of these rows."""

    @overload
    def __getitem__(self, row: int) -> Item: ...
    @overload
    def __getitem__(self, row: slice) -> list[Item]: ...
    def __getitem__(self, row: int | slice) -> Item | list[Item]:
        places = range(len(self))[row]
        if isinstance(places, range):
            return self.take(np.arange(places.start, places.stop, places.step))
        return self._value(places)

    @abstractmethod
    def _value(self, row: int) -> Item:
        """Value of a row that there is."""

    def __iter__(self) -> Iterator[Item]:
        for span in spans_of(len(self)):
            yield from self[span]


class _Packed(Column[Item]):
    """Values that are bytes, one behind the other.

    Parameters
    ----------
    column : TextColumn
        The bytes.
    """

    def __init__(self, column: TextColumn) -> None:
        self.column = column
        self._bytes, self._places = column.data.data, column.offsets.data

    def __len__(self) -> int:
        return len(self.column.offsets) - 1

    def _raw(self, row: int) -> bytes:
        return bytes(self._bytes[self._places[row] : self._places[row + 1]])

    def _raw_of(self, rows: Rows) -> Iterator[bytes]:
        view, offsets = self._bytes, self.column.offsets
        return (
            bytes(view[start:stop])
            for start, stop in zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
        )

    @property
    def lengths(self) -> Rows:
        """Bytes of each, int64 of shape (n,)."""
        return np.diff(self.column.offsets)

    def hashes(self) -> Hashes:
        """Hash of the bytes of each, uint64 of shape (n,), see :func:`dedup.text.shingling.hash_word`."""
        from dedup.kernels.strings import hash_strings  # noqa: PLC0415 - not needed for one pair

        hashes = np.empty(len(self), np.uint64)
        hash_strings(self.column.data.view(np.uint64), self.column.offsets, hashes)
        return hashes

    def equal(self, lefts: Rows, rights: Rows) -> NDArray[np.bool_]:
        """Whether the values of each pair of rows are equal, compared byte for byte."""
        from dedup.kernels.strings import compare_strings  # noqa: PLC0415 - not needed for one pair

        found = np.empty(len(lefts), np.uint8)
        compare_strings(*self.column, lefts, rights, found)
        return found.view(np.bool_)

    def have_any(self, wanted: bytes) -> NDArray[np.bool_]:
        """Which have one of these bytes."""
        from dedup.kernels.strings import find_bytes  # noqa: PLC0415 - not needed for one pair

        is_wanted = np.zeros(256, np.uint8)
        is_wanted[list(wanted)] = 1
        found = np.empty(len(self), np.uint8)
        find_bytes(*self.column, is_wanted, found)
        return found.view(np.bool_)

    def first_rows(self) -> Rows:
        """First row of the same value, int64 of shape (n,).

        Rows of one hash are compared: it depends on no chance, and nobody can make two values one.
        """
        hashes = self.hashes()
        order = np.argsort(hashes)
        sorted_hashes = hashes[order]
        begins = np.flatnonzero(np.append(True, sorted_hashes[1:] != sorted_hashes[:-1])[: len(order)])
        firsts = np.empty(len(order), np.int64)
        if len(order):
            firsts[order] = np.repeat(
                np.minimum.reduceat(order, begins), np.diff(np.append(begins, len(order)))
            )
        rows = np.flatnonzero(firsts != np.arange(len(firsts)))
        others = rows[~self.equal(firsts[rows], rows)]
        known: dict[bytes, int] = {}
        for row in others.tolist():
            firsts[row] = known.setdefault(self._raw(row), row)
        return firsts


class ByteStrings(_Packed[bytes]):
    """Byte strings.

    Examples
    --------
    >>> titles = ByteStrings.of([b"Storm", b"", b"Storm"])
    >>> titles[0], titles.first_rows().tolist()
    (b'Storm', [0, 1, 0])
    """

    @classmethod
    def of(cls, values: Sequence[bytes]) -> ByteStrings:
        """Column of these; itself of one."""
        return values if isinstance(values, ByteStrings) else cls(TextColumn.of(values))

    def _value(self, row: int) -> bytes:
        return self._raw(row)

    def take(self, rows: Rows) -> list[bytes]:
        """Strings of these rows."""
        return list(self._raw_of(rows))


class Strings(_Packed[Value]):
    r"""Strings, or None; lone surrogates stay as they are.

    Examples
    --------
    >>> ids = Strings.of(["a", None, "\ud83d"])
    >>> list(ids) == ["a", None, "\ud83d"], ids.take(np.array([1, 0]))
    (True, [None, 'a'])
    """

    @classmethod
    def of(cls, values: Iterable[Value]) -> Strings[Value]:
        """Column of these; itself of one."""
        if isinstance(values, Strings):
            return values
        appender = StringsAppender()
        appender.append(list(values))
        return cast("Strings[Value]", appender.finish())

    def _value(self, row: int) -> Value:
        return cast("Value", _decoded(self._raw(row)))

    def take(self, rows: Rows) -> list[Value]:
        """Strings of these rows."""
        return cast("list[Value]", [*map(_decoded, self._raw_of(rows))])

    def nones(self) -> NDArray[np.bool_]:
        """Which are None."""
        short = np.flatnonzero(self.lengths == 1)
        found = np.zeros(len(self), np.bool_)
        found[short] = self.column.data[self.column.offsets[short]] == _NONE[0]
        return found


def _decoded(data: bytes) -> str | None:
    return None if data == _NONE else data.decode("utf-8", "surrogatepass")


class BytesAppender:
    """Byte strings that are appended batch by batch.

    Parameters
    ----------
    storage : Storage, optional
        Where they lie. Default: in memory.
    """

    def __init__(self, storage: Storage = MEMORY) -> None:
        self._data, self._offsets = storage.appender(np.uint8), storage.appender(np.int64)
        if not len(self._offsets):  # what an interrupted run appended may be there
            self._offsets.append(np.zeros(1, np.int64))

    def append(self, values: Sequence[bytes]) -> None:
        """Append strings."""
        self.append_joined(b"".join(values), list(map(len, values)))

    def append_joined(self, data: bytes, lengths: Sequence[int]) -> None:
        """Append strings of these lengths that stand one behind the other."""
        self._offsets.append(len(self._data) + np.cumsum(lengths, dtype=np.int64))
        self._data.append(np.frombuffer(data, np.uint8))

    def _column(self) -> TextColumn:
        self._data.append(np.zeros(padding_of(len(self._data)), np.uint8))
        return TextColumn(self._data.finish(), self._offsets.finish())

    def finish(self) -> ByteStrings:
        """Give the column away; nothing may be appended any more."""
        return ByteStrings(self._column())


class StringsAppender:
    """Strings, or None, that are appended batch by batch; see :class:`BytesAppender`."""

    def __init__(self, storage: Storage = MEMORY) -> None:
        self._encoded = BytesAppender(storage)

    def append(self, values: Sequence[str | None]) -> None:
        """Append strings."""
        if None not in values:
            whole = "".join(cast("Sequence[str]", values))
            if whole.isascii():
                self._encoded.append_joined(whole.encode(), list(map(len, cast("Sequence[str]", values))))
                return
        self._encoded.append([*map(_encoded, values)])

    def finish(self) -> Strings[str | None]:
        """Give the column away; nothing may be appended any more."""
        return Strings(self._encoded.finish().column)


def _encoded(value: str | None) -> bytes:
    return _NONE if value is None else value.encode("utf-8", "surrogatepass")


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
