"""The corpora: where they lie, and their decompressed copies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

NAMES = ("long", "short")
SAMPLE = 2_000  # articles of the sample that starts every contestant: enough that every kernel has work


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus on disk, decompressed."""

    name: str
    articles: Path
    truth: Path
    sample: Path


def prepare(name: str, shared: Path, work: Path) -> Corpus:
    """Decompress a corpus below the work folder, unless it is there already."""
    source = shared / "data" / "bench"
    corpus = Corpus(name, work / f"{name}.jsonl", work / f"{name}.truth.jsonl", work / f"{name}.sample.jsonl")
    decompress(source / f"{name}.jsonl.zst", corpus.articles)
    decompress(source / f"{name}.truth.jsonl.zst", corpus.truth)
    with corpus.articles.open("rb") as whole, corpus.sample.open("wb") as sample:
        sample.writelines(islice(whole, SAMPLE))
    return corpus


def decompress(source: Path, target: Path) -> None:
    """Decompress one zstd file; a target newer than its source is left alone."""
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    part = target.with_suffix(".part")
    with part.open("wb") as stream:
        if (opened := open_zstd(source)) is not None:
            with opened as plain:
                shutil.copyfileobj(plain, stream, 1 << 20)
        else:
            subprocess.run(["zstd", "-dcq", str(source)], stdout=stream, check=True)
    part.replace(target)


def open_zstd(source: Path) -> AbstractContextManager[IO[bytes]] | None:
    """Open a zstd file for reading in Python; None where no module can, and the command must."""
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        zstd = import_module(name)
    except ImportError:
        return None
    opened: AbstractContextManager[IO[bytes]] = zstd.open(source, "rb")
    return opened


def count_lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in blocks(stream))


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Read a stream block by block."""
    while block := stream.read(1 << 20):
        yield block
