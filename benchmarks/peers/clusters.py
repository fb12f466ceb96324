"""What every driver ends with: edges to clusters, clusters to disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def components(size: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Give each row the lowest row that it is connected with (union-find, path halving)."""
    parent = list(range(size))
    for edge in edges:
        left, right = edge
        while parent[left] != left:
            parent[left] = left = parent[parent[left]]
        while parent[right] != right:
            parent[right] = right = parent[parent[right]]
        if left < right:
            parent[right] = left
        else:
            parent[left] = right
    for row in range(size):  # a parent is never above its child, so one pass flattens
        parent[row] = parent[parent[row]]
    return parent


def write_clusters(path: Path, ids: Sequence[str], labels: Sequence[int]) -> None:
    """Write one `{"id", "cluster"}` line for each article, in input order."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(
            f'{{"id":{json.dumps(doc_id)},"cluster":{label}}}\n'
            for doc_id, label in zip(ids, labels, strict=True)
        )
