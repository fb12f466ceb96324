"""``dedup headlines``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import context_option, json_option, progress_option, quiet_option, reading_options
from dedup.cli.reading import reading
from dedup.cli.summary import echo_headlines
from dedup.cli.terminal import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.headline import Appearance, RepeatedHeadline


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", metavar="FILE", help="Gets one JSON line for each headline, in place of the list."
)
@click.option(
    "--near/--same",
    default=True,
    show_default=True,
    help="Whether headlines in nearly the same words belong together, or only those in the same.",
)
@click.option(
    "--min-articles",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Articles that a headline stands over, at least.",
)
@click.option(
    "--across-sources", is_flag=True, help="Only headlines that stand under different hosts or sources."
)
@click.option("--clusters", is_flag=True, help="Also say which of the texts below are copies of one another.")
@context_option
@reading_options
@click.option("--walk", type=int, default=128, show_default=True, help="Most headlines one is compared with.")
@click.option("--threads", type=int, help="Default: one for each core.")
@json_option
@progress_option
@quiet_option
def headlines(
    inputs: tuple[str, ...],
    output: str | None,
    near: bool,
    as_json: bool,
    quiet: bool,
    fields: tuple[tuple[str, str], ...],
    **options: Any,  # noqa: ANN401 - handed on
) -> None:
    """List headlines that stand over several articles.

    INPUT is as in dedup run. What outlets and wires put around a headline is left out. The commonest come first, each
    with its articles; --json gives one JSON line for each.
    """
    from dedup.headlines import list_headlines  # noqa: PLC0415 - NumPy takes 0.1 s

    to_stdout = as_json and output is None
    with reading(inputs, quiet) as progress:
        report = list_headlines(
            inputs,
            "-" if to_stdout else output,
            likeness="near" if near else "same",
            fields=dict(fields),
            progress=progress,
            **options,
        )
    if output is None and not as_json:
        for headline in report.headlines:
            click.echo("\n".join(_lines(headline)))
    if not quiet:
        echo_headlines(report, as_json)


def _lines(headline: RepeatedHeadline) -> Iterator[str]:
    """A headline, and a line for each of its articles."""
    count = counted(len(headline.articles), "article")
    texts = "" if headline.clusters is None else f", {counted(headline.clusters, 'text')}"
    yield f"{printable(headline.headline)}  ({count}{texts})"
    for article in headline.articles:
        yield f"  {_line(article)}"


def _line(article: Appearance) -> str:
    day = article.published.date().isoformat() if article.published else "undated"
    kind = "same     " if article.kind == "same" else f"near {article.score:.2f}"
    told = [day, kind, article.id, article.host or article.source or "-", article.title]
    if article.cluster is not None and article.cluster != article.id:
        told.append(f"[copy of {article.cluster}]")
    return "  ".join(map(printable, told))
