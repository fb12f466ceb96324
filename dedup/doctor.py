"""What state an installation is in: versions, extras, compiled kernels, the machine, and whether it works."""

from __future__ import annotations

import platform
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from dedup.kernels import warming
from dedup.kernels.caching import entries, objection, obstacle, places
from dedup.machine import Machine, look_at_machine
from dedup.selftest import Trial, try_out

if TYPE_CHECKING:
    from dedup.kernels.caching import Place

#: Extras, and the packages that each brings.
EXTRAS: dict[str, tuple[str, ...]] = {
    "zstd": ("backports.zstd",) if sys.version_info < (3, 14) else (),
    "fast": ("isal", "orjson"),
    "redis": ("redis",),
    "scrapy": ("scrapy", "itemadapter"),
    "semantic": ("model2vec",),
    "parquet": ("pyarrow",),
    "report": ("matplotlib",),
    "warc": ("fastwarc",),
    "html": ("resiliparse", "trafilatura", "lxml-html-clean"),
}
CORE = ("numpy", "scikit-learn", "datasketch", "click", "numba", "llvmlite", "rapidfuzz", "rich")


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional part.

    Parameters
    ----------
    name : str
        Its name.
    packages : dict of str to str or None
        Versions of the packages that it brings; None for one that is absent.
    """

    name: str
    packages: dict[str, str | None]

    @property
    def install(self) -> str | None:
        """What installs it; None if it is there."""
        return None if all(self.packages.values()) else f"pip install 'news-dedup[{self.name}]'"


@dataclass(frozen=True, slots=True)
class CacheDirectory:
    """A directory that compiled kernels may be in.

    Parameters
    ----------
    path : str
        The directory.
    kind : str
        ``given`` by ``DEDUP_CACHE_DIR``, ``package``, ``user`` or ``temporary``.
    ignored : str or None
        Why what lies there is not run; None if it may be.
    read_only : str or None
        Why nothing can be put there; None if it can.
    compiled : int
        Kernels that it has for this version and this processor.
    stale : int
        Objects of other versions and processors, and damaged ones. They may be deleted.
    bytes : int
        Of all objects.
    """

    path: str
    kind: str
    ignored: str | None
    read_only: str | None
    compiled: int
    stale: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What :func:`diagnose` found.

    Parameters
    ----------
    versions : dict of str to str or None
        Of this package, Python and what is always needed; None for what is absent.
    extras : tuple of Extra
        What is optional.
    kernels : int
        Kernels there are.
    caches : tuple of CacheDirectory
        Directories in the order in which they are looked into.
    machine : Machine
        Cores and memory.
    trial : Trial
        The self-test.
    """

    versions: dict[str, str | None]
    extras: tuple[Extra, ...]
    kernels: int
    caches: tuple[CacheDirectory, ...]
    machine: Machine
    trial: Trial

    @property
    def written_to(self) -> CacheDirectory | None:
        """The directory that the next compiled kernel is put into."""
        return next((cache for cache in self.caches if cache.read_only is None), None)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {
            **asdict(self),
            "extras": [{**asdict(extra), "install": extra.install} for extra in self.extras],
            "written_to": self.written_to and self.written_to.path,
            "trial": {**asdict(self.trial), "passed": self.trial.passed},
        }


def diagnose() -> Diagnosis:
    """Look at everything, then run the self-test.

    Returns
    -------
    Diagnosis
        The caches are as they were before the self-test, which compiles the kernels that it needs.

    Notes
    -----
    A fifth of a second; where the kernels are not compiled yet, ten seconds more. A cache directory that is absent is
    made, to see if it can be.

    Examples
    --------
    >>> diagnose().trial.passed
    True
    """
    ours = {"news-dedup": _version("news-dedup"), "python": platform.python_version()}
    return Diagnosis(
        ours | {name: _version(name) for name in CORE},
        tuple(Extra(name, {one: _version(one) for one in packages}) for name, packages in EXTRAS.items()),
        len(warming.all_kernels()),
        tuple(_look_into(place) for place in places()),
        look_at_machine(),
        try_out(),
    )


def warm() -> str | None:
    """Compile all kernels ahead; the directory that has them now, None if there is none that keeps them.

    Notes
    -----
    About 13 seconds where no kernel is compiled yet.
    """
    place = warming.warm()
    return None if place is None else str(place.path)


def _look_into(place: Place) -> CacheDirectory:
    read_only, ignored = obstacle(place), objection(place)
    found = entries(place)
    compiled = 0
    if not ignored:
        with suppress(ImportError, OSError):  # of an LLVM that can't be loaded the self-test tells
            compiled = warming.count_compiled(place)
    return CacheDirectory(
        str(place.path),
        place.kind,
        ignored,
        read_only,
        compiled,
        len(found) - compiled,
        sum(size for _, size in found),
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
