"""rensa: full-set MinHash and its LSH index, candidates verified by their estimated resemblance.

`python -m benchmarks.peers.rensa_run INPUT CLUSTERS [THRESHOLD BANDS]`. The library takes sets of tokens, so the 5-grams are
made in Python; its bands must divide the number of permutations.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rensa import RMinHash, RMinHashLSH

from benchmarks.peers.clusters import components, write_clusters
from benchmarks.peers.texts import grams, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PERMUTATIONS = 128
SEED = 42
THRESHOLD, BANDS = 0.7, 16
BATCH = 2_000


def sign(texts: Sequence[str]) -> tuple[list[int], list[RMinHash]]:
    """Sign the texts that have a word, in batches, so that only one batch of 5-grams is in memory; and their rows."""
    rows: list[int] = []
    signatures: list[RMinHash] = []
    for start in range(0, len(texts), BATCH):
        sets = {row: grams(text) for row, text in enumerate(texts[start : start + BATCH], start)}
        filled = [row for row, tokens in sets.items() if tokens]
        rows += filled
        signatures += RMinHash.from_token_sets([list(sets[row]) for row in filled], PERMUTATIONS, SEED)
    return rows, signatures


def verified_pairs(signatures: Sequence[RMinHash], threshold: float, bands: int) -> Iterator[tuple[int, int]]:
    """Give the candidate pairs whose estimated resemblance reaches the threshold."""
    index = RMinHashLSH(threshold, PERMUTATIONS, bands)
    index.insert_many(signatures)
    for row, others in enumerate(index.query_all(signatures)):
        signature = signatures[row]
        for other in others:
            if other > row and signature.jaccard(signatures[other]) >= threshold:
                yield row, other


def main(articles: Path, clusters: Path, threshold: float = THRESHOLD, bands: int = BANDS) -> None:
    """Articles on disk to clusters on disk; an article without a word is left alone."""
    ids, texts = read(articles)
    rows, signatures = sign(texts)
    edges = verified_pairs(signatures, threshold, bands)
    write_clusters(clusters, ids, components(len(ids), ((rows[one], rows[other]) for one, other in edges)))


if __name__ == "__main__":
    settings = (float(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (THRESHOLD, BANDS)
    main(Path(sys.argv[1]), Path(sys.argv[2]), *settings)
