"""``dedup stories``."""

from __future__ import annotations

import gc
from typing import Any

import click

from dedup.cli.options import (
    context_option,
    granularity_option,
    json_option,
    progress_option,
    quiet_option,
    reading_options,
)
from dedup.cli.reading import reading
from dedup.cli.summary import echo_stories


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", required=True, metavar="OUT", help="Gets one JSON line for each article: its story."
)
@granularity_option
@context_option
@reading_options
@click.option(
    "--walk", type=int, default=128, show_default=True, help="Most leaders one article is compared with."
)
@click.option("--threads", type=int, help="Default: one for each core.")
@json_option
@progress_option
@quiet_option
def stories(
    inputs: tuple[str, ...],
    output: str,
    as_json: bool,
    quiet: bool,
    fields: tuple[tuple[str, str], ...],
    **options: Any,  # noqa: ANN401 - handed on
) -> None:
    """Group articles into stories.

    A story is what is about one event, whatever its wording. INPUT is as in dedup run. Copies are collapsed
    first, as by dedup run. OUT gets a line for each article, in input order; compression follows the suffix; - is
    standard output.
    """
    from dedup.storytelling import list_stories  # noqa: PLC0415 - NumPy takes 0.1 s

    gc.disable()  # as in a run: many objects and no cycles
    with reading(inputs, quiet) as progress:
        summary = list_stories(inputs, output, fields=dict(fields), progress=progress, **options)
    if not quiet:
        echo_stories(summary, as_json)
