"""gaoya: its native tokeniser, signatures and index; a query answers with what it has verified itself.

`python -m benchmarks.peers.gaoya_run INPUT CLUSTERS`. It uses the cores that RAYON_NUM_THREADS allows, signs every text a second
time for the query, and gives all texts of fewer than five words the same signature.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gaoya.minhash import MinHashStringIndex

from benchmarks.peers.clusters import components, write_clusters
from benchmarks.peers.texts import NGRAM, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BANDS, ROWS = 14, 9  # datasketch's choice for threshold 0.7 and 128 permutations
HASH_BITS = 32
THRESHOLD = 0.7


def verified_pairs(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give the pairs that the index answers with."""
    index = MinHashStringIndex(
        HASH_BITS,
        THRESHOLD,
        num_bands=BANDS,
        band_size=ROWS,
        analyzer="word",
        lowercase=True,
        ngram_range=(NGRAM, NGRAM),
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    for row, others in enumerate(index.par_bulk_query(texts)):
        yield from ((row, other) for other in others if other > row)


def main(articles: Path, clusters: Path) -> None:
    """Articles on disk to clusters on disk."""
    ids, texts = read(articles)
    write_clusters(clusters, ids, components(len(ids), verified_pairs(texts)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
