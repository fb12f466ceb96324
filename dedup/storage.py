"""Storage: where the large arrays of a run lie, and what of it outlives an interruption.

Here all lies in memory, and nothing does; :mod:`dedup.workdir` keeps both in a directory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import DTypeLike, NDArray


#: The step that notes when a run began; of another there is nothing yet.
BEGIN = "begin"


class Appender:
    """Values that are appended bit by bit to one array.

    Parameters
    ----------
    dtype : dtype
        Of the values.
    expected : int, default=0
        How many there may be. The system gives memory when it is first written to, so too many cost nothing, and
        more are taken in; but a good guess saves a fifth of the time of the appending (2026-11).
    """

    def __init__(self, dtype: DTypeLike, expected: int = 0) -> None:
        self._values: NDArray[Any] = np.empty(max(expected, 1 << 12), dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, values: NDArray[Any]) -> None:
        """Append an array; it is copied."""
        end = self._length + len(values)
        if end > len(self._values):
            # By an eighth, because resizing writes zeros; without a check, because no view has left this object.
            self._values.resize(max(end, len(self._values) * 9 // 8), refcheck=False)
        self._values[self._length : end] = values
        self._length = end

    def so_far(self) -> NDArray[Any]:
        """What was appended so far; a view that must be gone when more is."""
        return self._values[: self._length]

    def finish(self) -> NDArray[Any]:
        """Give the array away; nothing may be appended any more."""
        self._values.resize(self._length, refcheck=False)
        return self._values


class Shelf:
    """Texts that are put away by number, and asked for again while the block lasts."""

    def __init__(self) -> None:
        self._texts: dict[int, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget all."""

    def put(self, number: int, text: bytes) -> None:
        """Put one away."""
        self._texts[number] = text

    def get(self, number: int) -> bytes:
        """Look at one."""
        return self._texts[number]

    def drop(self, number: int) -> None:
        """Forget one."""
        del self._texts[number]


class Resumable(Protocol):
    """Something with a state, beside what it appended, that goes on where it was interrupted."""

    def state(self) -> Mapping[str, Any]:
        """Its state, as JSON can hold it."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""


class Storage:
    """Large arrays in memory."""

    #: How many bytes are worked on before what was done is put down; None where it never is.
    leg: int | None = None

    @property
    def memory_beyond(self) -> int | None:
        """Bytes that were held at the most, if a limit was given and they are more."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """What is kept for the next run is kept unless the block ends without an error."""

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents."""
        return np.empty(shape, dtype)

    def scattered(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Array of any contents, whose items are asked for in no order."""
        return np.empty(shape, dtype)

    def appender(self, dtype: DTypeLike, expected: int = 0) -> Appender:
        """One-dimensional array that grows."""
        return Appender(dtype, expected)

    def shelf(self) -> Shelf:
        """Texts that are put away."""
        return Shelf()

    def once(self, name: str, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:  # noqa: ARG002
        """What a step makes: arrays, and values that JSON can hold; taken from where it was kept if it was made before."""
        return dict(make())

    def noted(self, name: str) -> dict[str, NDArray[Any]] | None:  # noqa: ARG002
        """What was noted of a step that is not done, in memory; None where nothing was."""
        return None

    def note(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Note arrays that a step can go on from, in place of what was noted of it before; forgotten when it is done."""

    def journal(self, name: str) -> Journal:  # noqa: ARG002
        """A step that is done bit by bit."""
        return Journal()

    def log(self, name: str) -> Path | None:  # noqa: ARG002
        """A file for what is done one by one, which outlives an interruption; None where none does."""
        return None

    def discard(self, array: NDArray[Any], start: int, stop: int) -> None:
        """Say that some items of an array are never asked for again."""

    def note_temporary(self, path: Path) -> None:
        """Remember a file that is to be removed if this process can't do so."""


class Journal(Storage):
    """A step that is done bit by bit: what it appends, and the states of those who work on it, stay together."""

    def attach(self, name: str, worker: Resumable) -> None:
        """Name somebody whose state belongs to it; goes on from what was put down, at once."""

    def commit(self) -> None:
        """Put down how far it has come."""


#: The one that is used where no other is given.
MEMORY = Storage()
