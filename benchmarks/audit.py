"""No copy below the limits: ``python -m benchmarks.audit INPUT CLUSTERS [--boilerplate FILE]``.

Every dropped article of a run is compared with the article it is called a copy of, in plain Python: equal words for
``exact``, scores within the limits and the resemblance that was told for ``near``. What the run took for boilerplate is
left out of the shingles here too.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import click

from dedup.match.relation import Limits, is_near
from dedup.match.similarity import SCALE, overlap
from dedup.text.shingling import shingle_text
from dedup.text.tokens import tokenise


def disagreement(boilerplate: frozenset[int], pair: tuple[str, str, str, float]) -> str | None:
    """What the plain twin says against a verdict; None if it agrees."""
    text, kept, relation, resemblance = pair
    if relation == "exact":
        same = [token.text for token in tokenise(text)] == [token.text for token in tokenise(kept)]
        return None if same else f"exact, but the words differ: {text[:80]!r}"
    one, other = (
        [shingle for shingle in shingle_text(side).shingles if shingle not in boilerplate]
        for side in (text, kept)
    )
    scores = overlap(one, other)
    if relation == "near" and is_near(scores, Limits()) and scores.resemblance / SCALE == resemblance:
        return None
    return f"{relation} {resemblance} should be {scores}: {text[:80]!r}"


@click.command()
@click.argument("articles", type=click.Path(path_type=Path))
@click.argument("clusters", type=click.Path(path_type=Path))
@click.option("--boilerplate", type=click.Path(path_type=Path), help="What the run wrote with --boilerplate.")
def main(articles: Path, clusters: Path, boilerplate: Path | None) -> None:
    """Check every verdict of a run at the default threshold; exit with 1 if one is wrong."""
    with articles.open() as stream:
        texts = {record["id"]: record["text"] for record in map(json.loads, stream)}
    with clusters.open() as stream:
        dropped = [record for record in map(json.loads, stream) if not record["kept"]]
    lines = boilerplate.read_text("utf-8").splitlines() if boilerplate else []
    left_out = frozenset(
        shingle for line in lines for shingle in shingle_text(json.loads(line)["text"]).shingles
    )
    pairs = [
        (texts[one["id"]], texts[one["duplicate_of"]], one["relation"], one["resemblance"]) for one in dropped
    ]
    with ProcessPoolExecutor() as pool:
        found = pool.map(partial(disagreement, left_out), pairs, chunksize=200)
        wrong = [problem for problem in found if problem]
    for problem in wrong[:20]:
        click.echo(problem)
    click.echo(f"{len(pairs):,} copies checked, {len(wrong):,} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
