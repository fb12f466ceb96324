"""Kinds: which one type fits all values of a column, whatever batches they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXACT = 1 << 53  # from here on a float is not every whole number
_LONG = 1 << 63
#: Depth and width from which on a nested value is text: no file has a column for every key somebody thought of.
_DEEPEST, _WIDEST = 16, 256

#: Columns from which on a table is none any more, but somebody's keys.
MOST_COLUMNS = 10_000

Scalar = Literal["nothing", "bool", "int", "long", "float", "text"]


@dataclass(frozen=True, slots=True)
class Many:
    """Lists of values of one kind."""

    of: Kind


@dataclass(frozen=True, slots=True)
class Named:
    """Objects, by the kinds of their members."""

    members: dict[str, Kind]


#: What the values of a column are; "text" is also what is made of values that have no kind in common.
Kind = Scalar | Many | Named


def kind_of(value: Any, depth: int = 0) -> Kind:  # noqa: ANN401 - any JSON value
    """Kind of a JSON value.

    Examples
    --------
    >>> kind_of([1, 2.5, None])
    Many(of='float')
    >>> kind_of([1, "a"])
    Many(of='text')
    """
    if isinstance(value, dict | list) and depth < _DEEPEST:
        if isinstance(value, list):
            return Many(common(kind_of(inner, depth + 1) for inner in value))
        if 0 < len(value) <= _WIDEST:
            return Named({name: kind_of(inner, depth + 1) for name, inner in value.items()})
        return "text"
    if type(value) is int:
        return "int" if abs(value) <= _EXACT else "long" if -_LONG <= value < _LONG else "text"
    return _SCALARS.get(type(value), "text")


_SCALARS: dict[type, Scalar] = {type(None): "nothing", bool: "bool", float: "float"}


def common(kinds: Iterable[Kind]) -> Kind:
    """Kind that fits them all."""
    found: Kind = "nothing"
    for kind in kinds:
        found = join(found, kind)
    return found


def join(one: Kind, other: Kind) -> Kind:
    """Narrowest kind that loses nothing of two.

    Examples
    --------
    >>> join("int", "float"), join("long", "float"), join("bool", "int")
    ('float', 'text', 'text')
    """
    if other in (one, "nothing"):
        return one
    if one == "nothing":
        return other
    if isinstance(one, Many) and isinstance(other, Many):
        return Many(join(one.of, other.of))
    if isinstance(one, Named) and isinstance(other, Named):
        return _merged(one.members, other.members)
    return _NUMBERS.get((one, other), "text") if isinstance(one, str) and isinstance(other, str) else "text"


_NUMBERS: dict[tuple[str, str], Scalar] = {
    ("int", "long"): "long",
    ("long", "int"): "long",
    ("int", "float"): "float",
    ("float", "int"): "float",
}


def _merged(one: dict[str, Kind], other: dict[str, Kind]) -> Kind:
    """Kind of objects that have the members of two."""
    names = dict.fromkeys((*one, *other))
    if len(names) > _WIDEST:
        return "text"
    return Named({name: join(one.get(name, "nothing"), other.get(name, "nothing")) for name in names})


def check_columns(count: int) -> None:
    """Refuse to make a table of records whose keys are without end.

    Raises
    ------
    ParameterError
        If there are too many.
    """
    if count > MOST_COLUMNS:
        raise ParameterError(
            f"the records have more than {MOST_COLUMNS:,} fields, too many for columns; write to JSON lines"
        )
