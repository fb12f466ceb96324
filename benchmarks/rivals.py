"""One table of the contestants: ours, our plain twin, the rivals; what each needs and how it is called."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLAIN_LIMIT = 500  # plain Python takes milliseconds an article


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way from articles to clusters.

    `call` is a command line in which {articles}, {clusters} and {kept} stand for paths. `only` is the name by which
    `--only` chooses it. A `limit` says that it reads the first articles alone.
    """

    name: str
    only: str
    call: tuple[str, ...]
    needs: tuple[str, ...] = ()
    limit: int | None = None

    def command(self, articles: Path, folder: Path) -> list[str]:
        """Fill in the paths of one run."""
        paths = {
            "articles": articles,
            "clusters": self.clusters(folder),
            "kept": folder / f"{self.name}.kept.jsonl",
        }
        return [word.format(**paths) for word in self.call]

    def clusters(self, folder: Path) -> Path:
        """Give the file that holds the answer."""
        return folder / f"{self.name}.clusters.jsonl"

    def absence(self) -> str | None:
        """Say why it cannot run here; None where it can."""
        if self.only == "dedup" and not Path(self.call[0]).exists():
            return "the console script `dedup` is not installed beside this Python"
        missing = [module for module in self.needs if find_spec(module) is None]
        return f"not installed: {', '.join(missing)}" if missing else None


def module(name: str, *more: str) -> tuple[str, ...]:
    """Give the command line of a module that is run as `INPUT CLUSTERS`."""
    return (sys.executable, "-m", name, "{articles}", "{clusters}", *more)


def ours(threads: int) -> Contestant:
    """Give `dedup run` with so many threads."""
    script = str(Path(sys.executable).with_name("dedup"))
    call = (
        script,
        "run",
        "{articles}",
        "-o",
        "{kept}",
        "--clusters",
        "{clusters}",
        "--threads",
        str(threads),
    )
    return Contestant(f"dedup-{threads}t", "dedup", call, ("dedup",))


RIVALS = (
    Contestant(
        "dedup-python",
        "dedup-python",
        module("benchmarks.plain", "--limit", str(PLAIN_LIMIT)),
        ("benchmarks.plain",),
        PLAIN_LIMIT,
    ),
    Contestant("daft", "daft", module("benchmarks.peers.daft_run"), ("daft", "numpy")),
    Contestant(
        "datasketch",
        "datasketch",
        module("benchmarks.peers.datasketch_run"),
        ("datasketch", "orjson", "xxhash"),
    ),
    Contestant(
        "datasketch-0.5",
        "datasketch",
        module("benchmarks.peers.datasketch_run", "0.5"),
        ("datasketch", "orjson", "xxhash"),
    ),
    Contestant("gaoya", "gaoya", module("benchmarks.peers.gaoya_run"), ("gaoya", "orjson")),
    Contestant("rensa", "rensa", module("benchmarks.peers.rensa_run"), ("rensa", "orjson")),
    Contestant("rensa-0.5", "rensa", module("benchmarks.peers.rensa_run", "0.5", "32"), ("rensa", "orjson")),
    Contestant(
        "text-dedup",
        "text-dedup",
        module("benchmarks.peers.text_dedup_run"),
        () if "TEXT_DEDUP_PYTHON" in os.environ else ("text_dedup",),
    ),
)


def contestants(threads: Iterable[int], only: Sequence[str]) -> list[Contestant]:
    """Give the contestants of a comparison, or those that were asked for."""
    everyone = [*(ours(count) for count in threads), *RIVALS]
    known = {name for one in everyone for name in (one.name, one.only)}
    if unknown := sorted(set(only) - known):
        raise ValueError(f"no contestant {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [one for one in everyone if not only or {one.name, one.only} & set(only)]
