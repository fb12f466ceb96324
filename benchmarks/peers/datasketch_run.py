"""datasketch: MinHash and MinHashLSH at its own choice of bands for a threshold, candidates verified.

`python -m benchmarks.peers.datasketch_run INPUT CLUSTERS [THRESHOLD]`. The 5-grams are made in Python, which is what a scraper's
author would write: the library takes sets of tokens. xxh3 is used in place of its SHA-1, which costs twice the time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from datasketch import MinHash, MinHashLSH
from xxhash import xxh3_64_intdigest  # type: ignore[import-not-found, unused-ignore]

from benchmarks.peers.clusters import components, write_clusters
from benchmarks.peers.texts import grams, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PERMUTATIONS = 128
THRESHOLD = 0.7  # the optimiser of MinHashLSH makes 14 bands of 9 rows of it; of 0.5, 25 of 5
BATCH = 2_000


def hash_gram(gram: str) -> int:
    """Low 32 bits of xxh3: what the scheme affine32 takes."""
    digest: int = xxh3_64_intdigest(gram.encode())
    return digest & 0xFFFFFFFF


def sign(texts: Sequence[str]) -> list[MinHash]:
    """Sign in batches, so that only one batch of 5-grams is in memory."""
    signatures: list[MinHash] = []
    for start in range(0, len(texts), BATCH):
        sets = [grams(text) for text in texts[start : start + BATCH]]
        signatures += MinHash.generator(sets, num_perm=PERMUTATIONS, hashfunc=hash_gram, scheme="affine32")
    return signatures


def verified_pairs(signatures: Sequence[MinHash], threshold: float) -> Iterator[tuple[int, int]]:
    """Give the candidate pairs whose estimated resemblance reaches the threshold."""
    rows = [row for row, signature in enumerate(signatures) if not signature.is_empty()]
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    with index.insertion_session() as session:
        for row in rows:
            session.insert(row, signatures[row], check_duplication=False)
    for row in rows:
        signature = signatures[row]
        for other in index.query(signature):
            if other > row and signature.jaccard(signatures[other]) >= threshold:
                yield row, other


def main(articles: Path, clusters: Path, threshold: float = THRESHOLD) -> None:
    """Articles on disk to clusters on disk."""
    ids, texts = read(articles)
    write_clusters(clusters, ids, components(len(ids), verified_pairs(sign(texts), threshold)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
