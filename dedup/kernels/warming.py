"""All kernels, compiled ahead: for an image that is built once and run by others, who can't write to it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.kernels import compiling
from dedup.kernels.caching import Place, obstacle, places, read_object

if TYPE_CHECKING:
    from dedup.kernels.compiling import Kernel


def all_kernels() -> list[Kernel]:
    """Every kernel of the package, by module and name.

    Examples
    --------
    >>> all_kernels()[0].object_name.partition(".")[0]
    'dedup'
    """
    folder = Path(__file__).parent
    names = {f"{__package__}.{path.stem}" for path in folder.glob("[!_]*.py")}
    for name in sorted(names):
        import_module(name)
    found = [one for one in compiling.kernels if one.plain.__module__ in names]
    return sorted(found, key=lambda one: (one.plain.__module__, one.plain.__name__))


def count_compiled(place: Place) -> int:
    """How many kernels a directory has, whole and for this processor."""
    return sum(read_object(one.object_name, place) is not None for one in all_kernels())


def warm() -> Place | None:
    """Put all kernels into the first directory that takes and keeps them, compiled where need be.

    Returns
    -------
    Place or None
        The directory; None if there is none, or no room in it.
    """
    place = next((one for one in places() if one.lasting and obstacle(one) is None), None)
    if place is None or not all(one.keep_in(place) for one in all_kernels()):
        return None
    return place
