"""The plain-Python path on a sample: ``python -m benchmarks.plain INPUT CLUSTERS --limit 2000``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dedup import Limits, Recipe
from tests.naive import naive_clusters


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("clusters", type=click.Path(path_type=Path))
@click.option("--limit", default=2000, show_default=True, help="Articles, from the first.")
def main(source: Path, clusters: Path, limit: int) -> None:
    """Deduplicate the first articles of a file without any kernel."""
    with source.open("rb") as stream:
        articles = [json.loads(line) for _, line in zip(range(limit), stream, strict=False)]
    texts = [article["text"] for article in articles]
    undated = [None] * len(texts)
    leaders = naive_clusters(texts, undated, Recipe(), Limits(), recall=0.95, walk=128)
    with clusters.open("w") as output:
        for article, leader in zip(articles, leaders, strict=True):
            output.write(json.dumps({"id": article["id"], "cluster": articles[leader]["id"]}) + "\n")


if __name__ == "__main__":
    main()
