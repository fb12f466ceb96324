"""``dedup evaluate``."""

from __future__ import annotations

import json

import click

from dedup.cli.options import json_option


@click.command()
@click.argument("truth")
@click.argument("predicted")
@json_option
def evaluate(truth: str, predicted: str, as_json: bool) -> None:
    """Compare predicted clusters with true ones.

    TRUTH and PREDICTED are JSON lines {"id", "cluster"}, as dedup run --clusters writes them.
    """
    from dedup.evaluation import evaluate as evaluate_labels  # noqa: PLC0415 - scikit-learn takes 1 s
    from dedup.io.labels import read_labels  # noqa: PLC0415

    figures = evaluate_labels(*read_labels(truth, predicted)).as_dict()
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        click.echo(f"{name:20}{value:>12,}" if isinstance(value, int) else f"{name:20}{value:>12.4f}")
