"""How kernels are compiled: once for an installation, by numba; loaded afterwards without it.

Importing numba and waking it takes 0.4 s, loading machine code through llvmlite 0.05 s (2026-11). So the first call
of a kernel compiles it and puts the object code into a cache; every later process loads the object and calls it
with the arrays' addresses, in the calling convention of numba's compiled functions (an array is seven words and more:
no owner, no parent, length, item size, address, shape, strides). See docs/decisions/0008-object-cache.md.

A kernel takes arrays and 64-bit integers, returns nothing or a 64-bit integer, allocates no memory and raises
nothing. The interpreter lock is released while it runs. With ``NUMBA_DISABLE_JIT=1`` it is plain Python.
"""

from __future__ import annotations

import ctypes
import logging
import os
from functools import cache, update_wrapper
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

import numpy as np

from dedup.kernels.caching import (
    SUFFIX,
    Place,
    first_writable,
    obstacle,
    places,
    read_object,
    turn,
    write_object,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

F = TypeVar("F", bound="Callable[..., Any]")
_log = logging.getLogger(__name__)
_inlined: list[Callable[..., Any]] = []
_jitted: dict[Callable[..., Any], Any] = {}  # steps that numba knows, by what they were
kernels: list[Kernel] = []  # all that were made, in whatever module
_compiling = Lock()
_engines: list[Any] = []  # machine code lives as long as its engine
PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


class Decorator(Protocol):
    """Makes a kernel of a function, and leaves its type."""

    def __call__(self, function: F, /) -> F:
        """Decorate."""


class ArrayType(NamedTuple):
    """An argument: array of a dtype with so many dimensions; a 64-bit integer has none."""

    dtype: np.dtype[Any]
    ndim: int


def kernel(signature: str) -> Decorator:
    """Make a kernel of a function.

    Parameters
    ----------
    signature : str
        Types of its arguments in order: ``i8`` is an integer, ``u1[]`` an array of uint8, ``u8[,]`` a
        two-dimensional array of uint64; arrays are in C order.

    Returns
    -------
    Decorator
        What it returns is called as the function was.
    """

    def decorate(function: F, /) -> F:
        return cast("F", Kernel(function, signature))

    return decorate


def inlined(function: F) -> F:
    """Mark a step that kernels share; LLVM inlines it."""
    _inlined.append(function)
    return function


def lowest_bit(mask: np.uint64) -> np.uint64:
    """Number of the lowest bit set, 64 where none is; one instruction in a kernel.

    Examples
    --------
    >>> int(lowest_bit(np.uint64(40)))
    3
    """
    value = int(mask)
    return np.uint64((value & -value).bit_length() - 1 if value else 64)


class Kernel:
    """A compiled loop over arrays.

    Parameters
    ----------
    function : callable
        What it computes, in the part of Python that numba compiles.
    signature : str
        See :func:`kernel`.
    """

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        update_wrapper(self, function)
        self.plain = function
        self._types = [_parse(token) for token in signature.split()]
        self._entry: Callable[..., int] | None = None
        kernels.append(self)

    def __call__(self, *arguments: Any) -> int:  # noqa: ANN401 - checked below
        """Run it; an argument of another type than declared is an error, for there is no safety net below."""
        if PLAIN:
            with np.errstate(over="ignore"):  # wrap-around is meant
                return int(self.plain(*arguments) or 0)
        if self._entry is None:
            self._entry = self._load()
        words: list[int] = []
        for argument, expected in zip(arguments, self._types, strict=True):
            if expected.ndim:
                _add_words(argument, expected, words)
            else:
                words.append(int(argument))
        result, error = ctypes.c_int64(), ctypes.c_int64()
        status = self._entry(ctypes.addressof(result), ctypes.addressof(error), *words)
        if status not in (0, _RETURNED_NOTHING):
            raise RuntimeError(f"{self.plain.__name__} ended with status {status}")
        return result.value

    @property
    def object_name(self) -> str:
        """Name of its machine code in a cache: what was made of other sources, or for another processor, has another."""
        return f"{self.plain.__module__}.{self.plain.__name__}.{stamp()}{SUFFIX}"

    def keep_in(self, place: Place) -> bool:
        """Put its machine code into a directory, compiled if it is in none; whether it is there."""
        name = self.object_name
        with _compiling:
            if read_object(name, place) is not None:
                return True
            data = read_object(name) or self._compile_at(place)
            return read_object(name, place) is not None or write_object(name, data, place)

    def _load(self) -> Callable[..., int]:
        """Machine code from the cache, or newly compiled and put there."""
        with _compiling:
            data = read_object(self.object_name) or self._compile_at(first_writable())
        symbol, _, code = data.partition(b"\n")
        n_words = sum(5 + 2 * kind.ndim if kind.ndim else 1 for kind in self._types)
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_int64] * (2 + n_words))
        return cast("Callable[..., int]", prototype(_link(symbol.decode(), code)))

    def _compile_at(self, place: Place | None) -> bytes:
        """Machine code, by this process or by another one that was sooner, put into a directory."""
        with turn(self.object_name, place) as data:
            if data is not None:
                return data
            _say_compiling(place)
            made = _compile(self.plain, self._types)
            if not any(write_object(self.object_name, made, one) for one in places()):
                _say_unkept(None)
            return made


_said: list[str] = []


def _say_compiling(place: Place | None) -> None:
    """Say once that this takes a while: nobody expects it of a program that is installed."""
    if not _said:
        lasting = place is not None and place.lasting
        _said.append("compiling")
        _log.info("compiling kernels%s (about 10 s) ...", ", once for this installation" if lasting else "")
        if not lasting:
            _say_unkept(place)


def _say_unkept(place: Place | None) -> None:
    """Say once that there is no cache, why, and what to do."""
    if "unkept" not in _said:
        _said.append("unkept")
        reasons = "; ".join(f"{one.path}: {why}" for one in places() if (why := obstacle(one)) is not None)
        _log.warning(
            "they %s (%s); DEDUP_CACHE_DIR names a directory that keeps them",
            "can't be kept, so every process compiles them"
            if place is None
            else f"are kept in {place.path} for now",
            reasons or "there is no room",
        )


_RETURNED_NOTHING = -2  # numba's status for None


def _parse(token: str) -> ArrayType:
    code, bracket, rest = token.partition("[")
    return ArrayType(np.dtype(code), len(rest) if bracket else 0)


def _add_words(array: Any, expected: ArrayType, words: list[int]) -> None:  # noqa: ANN401 - checked here
    """Add an array as the words that numba passes for it."""
    if array.dtype != expected.dtype or array.ndim != expected.ndim or not array.flags.c_contiguous:
        raise TypeError(
            f"an array of {array.dtype}, {array.ndim}-d; {expected.dtype}, {expected.ndim}-d, C order needed"
        )
    words += 0, 0, array.size, array.itemsize, array.__array_interface__["data"][0]
    words += array.shape
    words += array.strides


def _compile(function: Callable[..., Any], kinds: list[ArrayType]) -> bytes:
    """Symbol and object code of a function, made by numba and LLVM for this processor."""
    _log.debug("compiling %s", function.__name__)
    import numba  # noqa: PLC0415 - 0.4 s that only the first run pays

    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "no_cpython_wrapper": True,
        "no_cfunc_wrapper": True,
    }
    _know_lowest_bit()
    for step in _inlined:
        _jitted[step] = numba.njit(**options)(step)
    for scope in [step.__globals__ for step in (*_inlined, function)]:
        for name, value in list(scope.items()):
            if callable(value) and value.__hash__ is not None and value in _jitted:
                scope[name] = _jitted[value]
    _inlined.clear()
    signature = tuple(
        numba.types.Array(numba.from_dtype(kind.dtype), kind.ndim, "C") if kind.ndim else numba.types.int64
        for kind in kinds
    )
    compiled: Any = numba.njit(signature, **options)(function)
    symbol = compiled.overloads[signature].fndesc.llvm_func_name
    llvm, machine = _machine()
    return bytes(
        symbol.encode() + b"\n" + machine.emit_object(llvm.parse_assembly(compiled.inspect_llvm(signature)))
    )


@cache
def _know_lowest_bit() -> None:
    """Tell numba how to compile :func:`lowest_bit`."""
    from llvmlite import ir  # noqa: PLC0415
    from numba import types  # noqa: PLC0415 - numba is only imported to compile
    from numba.extending import intrinsic, overload  # noqa: PLC0415

    @intrinsic
    def count(_context: Any, mask: Any) -> Any:  # noqa: ANN401 - numba's types
        def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

        return types.uint64(mask), emit

    counting: Any = count

    @overload(lowest_bit)
    def _(mask):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001 - numba compares bare signatures
        return lambda mask: counting(mask)  # noqa: PLW0108 - and wants a function of its own


@cache
def _machine() -> tuple[ModuleType, Any]:
    """LLVM, and code generation for this very processor."""
    import llvmlite.binding as llvm  # noqa: PLC0415 - not needed without compiled kernels

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # Called where the last reference to memory of numba's own goes away; kernels have none.
    llvm.add_symbol(
        "NRT_MemInfo_call_dtor", ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value
    )
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )
    return llvm, machine


def _link(symbol: str, code: bytes) -> int:
    """Address of a function in object code.

    Each has an engine of its own: one that links another object later takes away, for a moment, the right to run what
    it linked before, and other threads may be running it.
    """
    llvm, _ = _machine()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address(symbol))


@cache
def stamp() -> str:
    """What machine code depends on: the sources of all kernels, the compiler and the processor."""
    import llvmlite  # noqa: PLC0415 - not needed without compiled kernels

    llvm, _ = _machine()
    digest = blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for fact in (llvmlite.__version__, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()):
        digest.update(fact.encode())
    return digest.hexdigest()
