"""Formats of inputs: which there are, how one is told, and who reads it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from dedup.errors import ParameterError
from dedup.io.jsonlines import JsonLinesReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.io.reader import OnError, Reader
    from dedup.io.streams import Source

Format = Literal["jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
_READERS: Mapping[Format, type[Reader]] = MappingProxyType({"jsonl": JsonLinesReader})


def check_format(given: str) -> None:
    """Refuse what is no format."""
    if given not in FORMATS:
        raise ParameterError(f"input_format is {given!r}; it is one of {', '.join(FORMATS)}")


def reader_of(
    source: Source,
    given: Format | None,
    fields: Mapping[str, str] | None,
    on_error: OnError,
    max_record: int,
) -> Reader:
    """Reader of an input, by the format that was given, or the one that it seems to have."""
    if given is not None:
        check_format(given)
    return _READERS[given or "jsonl"](source, fields, on_error, max_record)
