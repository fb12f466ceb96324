"""No copy below the limits: ``python -m benchmarks.audit INPUT CLUSTERS``.

Every dropped article of a run is compared with the article it is called a copy of, in plain Python.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from dedup import compare


def disagreement(pair: tuple[str, str, str, float]) -> str | None:
    """What the plain twin says against a verdict; None if it agrees."""
    text, kept, relation, resemblance = pair
    verdict = compare(text, kept)
    if verdict.is_copy and (verdict.relation, verdict.scores.resemblance) == (relation, resemblance):
        return None
    return f"{relation} {resemblance} should be {verdict}"


@click.command()
@click.argument("articles", type=click.Path(path_type=Path))
@click.argument("clusters", type=click.Path(path_type=Path))
def main(articles: Path, clusters: Path) -> None:
    """Check every verdict of a run; exit with 1 if one is wrong."""
    with articles.open() as stream:
        texts = {record["id"]: record["text"] for record in map(json.loads, stream)}
    with clusters.open() as stream:
        dropped = [record for record in map(json.loads, stream) if not record["kept"]]
    pairs = [
        (texts[one["id"]], texts[one["duplicate_of"]], one["relation"], one["resemblance"]) for one in dropped
    ]
    with ProcessPoolExecutor() as pool:
        wrong = [problem for problem in pool.map(disagreement, pairs, chunksize=200) if problem]
    for problem in wrong[:20]:
        click.echo(problem)
    click.echo(f"{len(pairs):,} copies checked, {len(wrong):,} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
