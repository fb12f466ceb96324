"""``dedup index add``."""

from __future__ import annotations

import gc
from typing import Any

import click

from dedup.cli.options import (
    index_options,
    json_option,
    mark_option,
    progress_option,
    quiet_option,
    reading_options,
)
from dedup.cli.reading import reading
from dedup.cli.summary import echo_added


@click.command()
@click.argument("index")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", "new", metavar="NEW", help="Gets the articles that are no copies, as KEPT of dedup run."
)
@mark_option
@click.option(
    "--clusters", metavar="FILE", help="Gets one JSON line for each article: what the index says of it."
)
@click.option("--duplicates", metavar="FILE", help="Gets one JSON line for each copy.")
@click.option("--damaged", metavar="FILE", help="Gets one JSON line for each record that could not be read.")
@click.option(
    "--keep-if",
    type=click.Choice(["longer", "earlier"]),
    help="Which copy is kept of its cluster from now on, instead of the article that is.",
)
@index_options
@reading_options
@json_option
@progress_option
@quiet_option
def add(
    index: str,
    inputs: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    fields: tuple[tuple[str, str], ...],
    **options: Any,  # noqa: ANN401 - handed on
) -> None:
    """Add a crawl: what is new, and whose copies the others are.

    INDEX is begun if it is absent. INPUT is as in dedup run. The records of new articles go to NEW as they stand. After
    an interruption the same command again gives what it would have given.
    """
    from dedup.crawls import add_files  # noqa: PLC0415 - NumPy takes 0.1 s

    gc.disable()  # as in dedup run
    with reading(inputs, quiet) as progress:
        summary = add_files(index, inputs, fields=dict(fields), progress=progress, **options)
    echo_added(summary, as_json, quiet)
