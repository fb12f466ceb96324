"""What is given for a parameter: the kinds that Python would take for another one, and nobody means."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from dedup.errors import ParameterError

Item = TypeVar("Item")


def check_many(name: str, value: object, meant: str) -> None:
    """Refuse one thing where many are meant: a text would be taken for its letters, a dict for its keys.

    Raises
    ------
    ParameterError
        It says what is meant.

    Examples
    --------
    >>> check_many("inputs", "dump.jsonl", "files")
    Traceback (most recent call last):
    ...
    dedup.errors.ParameterError: inputs is one str; a list of files is meant, so put it into one: inputs=[...]
    """
    one = isinstance(value, str | bytes | bytearray | os.PathLike) or hasattr(value, "keys")
    if one or not isinstance(value, Iterable):
        kind = type(value).__name__
        raise ParameterError(
            f"{name} is one {kind}; a list of {meant} is meant, so put it into one: {name}=[...]"
        )


def many(name: str, value: Iterable[Item], meant: str) -> list[Item]:
    """Make a list of what is given, which may be an iterator; see :func:`check_many`."""
    check_many(name, value, meant)
    return list(value)


def check_id(value: object) -> None:
    """Refuse what is not one id.

    Raises
    ------
    ParameterError
        It says what is meant.
    """
    if not isinstance(value, str):
        raise ParameterError(
            f"doc_id is of type {type(value).__name__}; one id is meant, a string. Of several, call it for each"
        )


def check_callable(name: str, value: object, meant: str) -> None:
    """Refuse what is no function.

    Raises
    ------
    ParameterError
        It says what is meant.
    """
    if value is not None and not callable(value):
        raise ParameterError(f"{name} is {value!r}; a function is meant: {meant}")
