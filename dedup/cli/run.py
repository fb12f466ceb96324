"""``dedup run``."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

from dedup.blocking import WITHINS
from dedup.canonical import KEEPS
from dedup.cli.index_run import run_into
from dedup.cli.options import (
    context_option,
    granularity_option,
    json_option,
    least_words_option,
    mark_option,
    progress_option,
    quiet_option,
    reading_options,
    window_option,
    work_options,
)
from dedup.cli.reading import reading
from dedup.cli.sample import find_option, run_dry
from dedup.cli.summary import echo_added, echo_summary
from dedup.versions import VERSIONS


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--output",
    "kept",
    metavar="KEPT",
    help="Gets the kept articles: a file, or a directory for a file each. Required, but with --sample.",
)
@mark_option
@click.option("--clusters", metavar="FILE", help="Gets one JSON line for each article: its cluster, and why.")
@click.option("--duplicates", metavar="FILE", help="Gets one JSON line for each dropped article.")
@click.option("--damaged", metavar="FILE", help="Gets one JSON line for each record that could not be read.")
@click.option(
    "--boilerplate",
    metavar="FILE",
    help="Gets one JSON line for each line or stretch taken for boilerplate, and for what stands around headlines.",
)
@click.option("--passages", metavar="FILE", help="Gets one JSON line for each passage that clusters share.")
@click.option(
    "--stories",
    metavar="FILE",
    help="Gets one JSON line for each article: its story, and what it is to the one that stands for it.",
)
@granularity_option
@click.option(
    "--index",
    metavar="INDEX",
    help="Also compare with, and add to, what an index remembers; begun if absent.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="A dry run: estimate by N articles how many are copies, show ten examples, write nothing.",
)
@window_option
@click.option(
    "--within",
    type=click.Choice(WITHINS),
    multiple=True,
    help="Only articles of one source, language or day (UTC) can be copies.",
)
@context_option
@click.option(
    "--by", type=click.Choice(["text", "title"]), default="text", show_default=True, help="What is compared."
)
@click.option(
    "--threshold",
    type=float,
    help="Resemblance of two texts from which on one is a copy of the other. Default: 0.4; by title 0.75.",
)
@click.option(
    "--recall", type=float, default=0.95, show_default=True, help="Chance to find a pair at the threshold."
)
@click.option(
    "--keep", type=click.Choice(KEEPS), default="longest", show_default=True, help="Which copy is kept."
)
@click.option(
    "--versions",
    type=click.Choice(VERSIONS),
    default="all",
    show_default=True,
    help="Which articles of one URL may be kept, whatever their texts.",
)
@click.option(
    "--prefer-source",
    default="",
    metavar="A,B",
    help="Keep articles of these sources, or hosts, before others'.",
)
@reading_options
@click.option(
    "--max-perm", type=int, default=256, show_default=True, help="Most permutations of a signature."
)
@click.option(
    "--walk", type=int, default=128, show_default=True, help="Most leaders one article is compared with."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the permutations, and of --sample.")
@click.option("--threads", type=int, help="Default: one for each core.")
@least_words_option
@work_options
@json_option
@progress_option
@quiet_option
def run(  # noqa: PLR0913, PLR0917 - those that are not handed on
    inputs: tuple[str, ...],
    kept: str | None,
    sample: int | None,
    as_json: bool,
    quiet: bool,
    prefer_source: str,
    fields: tuple[tuple[str, str], ...],
    index: str | None,
    **options: Any,  # noqa: ANN401 - handed on
) -> None:
    """Deduplicate a dump of articles.

    INPUT is a file of JSON (lines, or an array), CSV, TSV, Parquet or text, a page of HTML, or a crawl (WARC), plain or compressed (.gz,
    .zst), a directory of such, a glob, or - for standard input. The kept records go to KEPT as they stand, or in the format of its suffix
    (.jsonl, .json, .csv, .tsv, .parquet); .gz and .zst compress; - is standard output; a directory (out/) gets one
    file for each input.
    """
    from dedup.deduplicator import deduplicate_files  # noqa: PLC0415 - NumPy takes 0.1 s

    gc.disable()  # a run makes many objects and no cycles: collecting took a tenth of its time (2026-11)
    sys.modules.setdefault("scipy.linalg", None)  # type: ignore[arg-type]  # numba would import it, for 0.1 s, to see if BLAS is there
    sources = [source.strip() for source in prefer_source.split(",") if source.strip()]
    ctx = click.get_current_context()
    if (sample is not None or index is not None) and (options["memory"] or options["work_dir"]):
        raise click.UsageError("--memory and --work-dir are of a run without --index and --sample", ctx)
    if sample is not None:
        run_dry(ctx)
        return
    if kept is None:
        raise click.MissingParameter(ctx=ctx, param=find_option(ctx, "kept"))
    with reading(inputs, quiet) as progress:
        if index is not None:
            echo_added(run_into(ctx, progress), as_json, quiet)
            return
        summary = deduplicate_files(
            inputs, kept, prefer_source=sources, fields=dict(fields), progress=progress, **options
        )
    if not quiet:
        echo_summary(summary, as_json)
