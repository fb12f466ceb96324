"""How kernels are compiled: cached on disk, without the interpreter lock, wrap-around arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def kernel(function: F) -> F:
    """Compile a loop over arrays on its first call, and keep it in numba's cache."""
    compiled: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


def inlined(function: F) -> F:
    """Compile a step that kernels of the same file share; LLVM inlines it."""
    compiled: F = njit(nogil=True, error_model="numpy")(function)
    return compiled
