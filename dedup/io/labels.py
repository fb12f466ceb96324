"""Labels: which cluster each article is in, from two files about the same articles."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dedup.errors import ReadError
from dedup.io.readers import read_lines
from dedup.io.streams import MAX_RECORD, Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_labels(truth: str, predicted: str) -> tuple[list[str], list[str]]:
    """Clusters of the articles in the order of the truth.

    Parameters
    ----------
    truth, predicted : str
        Files of JSON lines ``{"id", "cluster"}``.

    Returns
    -------
    tuple of two lists of str

    Raises
    ------
    ReadError
        If a line can't be read, an id stands twice, or one file has an article that the other has not.
    """
    true_clusters, predicted_clusters = dict(_labels(truth)), dict(_labels(predicted))
    for one, other, name in (
        (true_clusters, predicted_clusters, predicted),
        (predicted_clusters, true_clusters, truth),
    ):
        absent = one.keys() - other.keys()
        if absent:
            raise ReadError(
                name, f"{len(absent):,} articles of the other file are absent, e.g. {min(absent)!r}"
            )
    return list(true_clusters.values()), [predicted_clusters[name] for name in true_clusters]


def _labels(name: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    with closing(Source(name)) as source, source.open() as stream:
        for line in read_lines(stream, MAX_RECORD):
            if line.is_blank:
                continue
            record = _record(name, line.number, line.data)
            article = str(record["id"])
            if article in seen:
                raise ReadError(name, f"the id {article!r} stands twice", line.number)
            seen.add(article)
            yield article, str(record["cluster"])


def _record(name: str, number: int, data: bytes | None) -> dict[str, Any]:
    try:
        record = json.loads(data or b"")
    except (ValueError, RecursionError) as error:
        raise ReadError(name, f"broken JSON: {error}", number) from error
    if not isinstance(record, dict) or record.get("id") is None or record.get("cluster") is None:
        raise ReadError(name, 'an object with "id" and "cluster" is needed', number)
    return record
