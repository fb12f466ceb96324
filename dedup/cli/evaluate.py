"""``dedup evaluate``."""

from __future__ import annotations

import json
from contextlib import closing, nullcontext

import click

from dedup.cli.options import json_option


@click.command()
@click.argument("truth")
@click.argument("predicted", required=False)
@click.option(
    "--field", metavar="NAME", help="Clusters: the field that has them, e.g. story. Default: cluster."
)
@click.option("--score", metavar="NAME", help="Pairs: the field that has the score. See below for which.")
@click.option(
    "--threshold",
    type=float,
    default=0.5,
    show_default=True,
    help="Pairs: score from which on one is called positive.",
)
@click.option(
    "--relation",
    metavar="NAMES",
    help="Pairs: call positive what has one of these relations, e.g. near,exact.",
)
@click.option(
    "--positive-from", type=float, metavar="GRADE", help="Pairs: take grades from this on as positive."
)
@click.option("--by", metavar="NAME", help="Pairs: figures for each value of this field of TRUTH too.")
@json_option
def evaluate(  # noqa: PLR0913, PLR0917 - one for each option
    truth: str,
    predicted: str | None,
    field: str | None,
    score: str | None,
    threshold: float,
    relation: str | None,
    positive_from: float | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Compare predicted clusters, or scores of pairs, with the truth.

    TRUTH has JSON lines {"id", "cluster"}, or {"id", "label", "grade"} for pairs; PREDICTED has clusters as dedup run --clusters writes
    them, or scores as dedup compare --pairs does. Without PREDICTED, TRUTH has the scores too.
    """
    from dedup.cli.agreement import Asked, judge_clusters, judge_pairs, lines_of  # noqa: PLC0415 - not for --help
    from dedup.io.labels import is_about_pairs  # noqa: PLC0415
    from dedup.io.streams import Source  # noqa: PLC0415

    asked = Asked(score, threshold, relation, positive_from, by)
    with (
        closing(Source(truth)) as known,
        closing(Source(predicted)) if predicted else nullcontext(known) as said,
    ):
        if field is None and is_about_pairs(known):
            figures = judge_pairs(known, said, asked)
        else:
            figures = judge_clusters(known, said, field, asked)
    click.echo(json.dumps(figures) if as_json else "\n".join(lines_of(figures)))
