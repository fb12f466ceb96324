"""text-dedup: its own command line for MinHash, on all cores; its union-find is what it answers with.

`python -m benchmarks.peers.text_dedup_run INPUT CLUSTERS`. The package asks for older versions of what others here need, so it may live
in an environment of its own: TEXT_DEDUP_PYTHON names the interpreter. All candidates are linked, as it does itself.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import IO

from benchmarks.peers.clusters import components, write_clusters
from benchmarks.peers.texts import read

INTERPRETER = "TEXT_DEDUP_PYTHON"
SETTINGS = {"ngram": 5, "num_perm": 128, "threshold": 0.7, "hash_func": "xxh3", "num_proc": 2}


class UnionFind:
    """Stands for the class of that name: `parent` maps rows to rows."""

    parent: dict[int, int]


class Answer(pickle.Unpickler):
    """Reads the union-find, which is pickled, and nothing else."""

    def find_class(self, module: str, name: str) -> type:
        """Give the two classes that it is made of."""
        known = {"UnionFind": UnionFind, "Counter": Counter}
        if name not in known:
            raise pickle.UnpicklingError(f"the union-find has a {module}.{name}")
        return known[name]


def read_edges(stream: IO[bytes]) -> list[tuple[int, int]]:
    """Give each row that was linked, and the row that stands for it."""
    answer: UnionFind = Answer(stream).load()
    return [*answer.parent.items()]


def command(articles: Path, folder: Path) -> list[str]:
    """Give the command line of the package."""
    interpreter = os.environ.get(INTERPRETER, sys.executable)
    options = [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    place = ["--path", "json", "--data_files", str(articles), "--split", "train", "--column", "text"]
    output = ["--cache_dir", str(folder / "cache"), "--output", str(folder / "kept"), "--debug"]
    return [interpreter, "-m", "text_dedup.minhash", *place, *options, *output]


def main(articles: Path, clusters: Path) -> None:
    """Articles on disk to clusters on disk."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    with tempfile.TemporaryDirectory(dir=clusters.parent) as name:
        folder = Path(name)
        subprocess.run(command(articles.resolve(), folder), env=os.environ | offline, cwd=folder, check=True)
        with (folder / "kept" / "uf.pkl").open("rb") as stream:
            edges = read_edges(stream)
    ids, _ = read(articles)
    write_clusters(clusters, ids, components(len(ids), edges))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
