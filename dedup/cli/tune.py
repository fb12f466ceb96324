"""``dedup tune``."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import context_option, json_option, progress_option, quiet_option, reading_options
from dedup.cli.reading import reading

if TYPE_CHECKING:
    from dedup.io.extracting import Extractor
    from dedup.io.formats import Format


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT...]")
@click.option(
    "--threshold",
    "thresholds",
    type=float,
    multiple=True,
    metavar="FLOAT",
    help="Resemblance of two texts from which on one is a copy of the other. Default: 0.3 to 0.9.",
)
@click.option(
    "--recall",
    "recalls",
    type=float,
    multiple=True,
    metavar="FLOAT",
    help="Chance to find a pair at the threshold. Default: 0.95.",
)
@click.option(
    "--max-perm", type=int, default=256, show_default=True, help="Most permutations of a signature."
)
@click.option(
    "--plot", metavar="FILE", help="Gets the S-curves, and the histogram of INPUT: .svg, .png or .pdf."
)
@click.option(
    "--max-pairs",
    type=int,
    default=1_000_000,
    show_default=True,
    help="Most meetings of two texts in a band that the histogram looks at; beyond it, a sample.",
)
@click.option(
    "--examples",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="Articles shown on each side of a threshold; --json has all.",
)
@context_option
@reading_options
@click.option(
    "--walk", type=int, default=128, show_default=True, help="Most leaders one article is compared with."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the permutations, and of a sample.")
@click.option("--threads", type=int, help="Default: one for each core.")
@json_option
@progress_option
@quiet_option
def tune(  # noqa: PLR0913, PLR0917 - those that are not handed on
    inputs: tuple[str, ...],
    thresholds: tuple[float, ...],
    recalls: tuple[float, ...],
    examples: int,
    as_json: bool,
    quiet: bool,
    fields: tuple[tuple[str, str], ...],
    on_error: str,
    max_record: int,
    input_format: Format | None,
    extractor: Extractor,
    **options: Any,  # noqa: ANN401 - handed on
) -> None:
    """Say what thresholds cost, what they miss and would drop.

    Without INPUT: the bands for each threshold and recall, the share of pairs that they miss, and how many unrelated
    pairs they propose. With INPUT, which is read as by dedup run: also how much the texts of this dump resemble each
    other, what each threshold would drop, and articles to read that one threshold drops and the next one keeps.
    """
    from dedup.cli.curves import echo_survey, echo_tuning  # noqa: PLC0415 - not for --help
    from dedup.cli.terminal import printable_json  # noqa: PLC0415
    from dedup.tuning import RECALLS, THRESHOLDS, tune, tune_files  # noqa: PLC0415

    options |= {"thresholds": thresholds or THRESHOLDS, "recalls": recalls or RECALLS}
    if inputs:
        gc.disable()  # as in a run: many objects and no cycles
        with reading(inputs, quiet) as progress:
            options |= {"on_error": on_error, "max_record": max_record, "input_format": input_format}
            options["extractor"] = extractor
            shown = None if as_json else examples
            tuning = tune_files(inputs, fields=dict(fields), progress=progress, examples=shown, **options)
    else:
        tuning = tune(**options)
    if as_json:
        click.echo(printable_json(tuning.as_dict()))
    else:
        echo_tuning(tuning)
    if tuning.survey is not None:
        echo_survey(tuning.survey, examples, as_json=as_json, quiet=quiet)
