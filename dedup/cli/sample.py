"""``dedup run --sample``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from dedup.cli.reading import reading
from dedup.cli.summary import echo_read
from dedup.cli.terminal import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.estimation import Estimate
    from dedup.examples import Example, Side

#: Options of a run that a dry run heeds; who is kept and what is written makes no difference to it.
_HEEDED = (
    "sample",
    "on_error",
    "max_record",
    "input_format",
    "extractor",
    "context",
    "threshold",
    "recall",
    "window",
    "within",
    "max_perm",
    "walk",
    "seed",
    "threads",
)
#: What a run would write, or how.
_WRITTEN = ("kept", "mark", "clusters", "duplicates", "damaged", "boilerplate", "passages", "stories")
_COUNTS = ("exact", "near", "kept")


def run_dry(ctx: click.Context) -> None:
    """Estimate what the run would do, and say it on standard output."""
    from dedup.estimation import estimate  # noqa: PLC0415 - NumPy takes 0.1 s

    params = ctx.params
    if params["index"] is not None:
        raise click.UsageError("--index can't be used with --sample: a dry run asks no index")
    if params["by"] != "text":
        raise click.UsageError("--by can only be text with --sample")
    unwritten = [name for name in _WRITTEN if params[name]]
    if unwritten and not params["quiet"]:
        told = ", ".join(find_option(ctx, name).opts[-1] for name in unwritten)
        click.echo(f"note: a dry run writes nothing; left aside: {told}", err=True)
    heeded = {name: params[name] for name in _HEEDED}
    with reading(params["inputs"], params["quiet"]) as progress:
        found = estimate(params["inputs"], fields=dict(params["fields"]), progress=progress, **heeded)
    if not params["quiet"]:
        echo_read(found)
    click.echo(show_estimate(found, params["as_json"]))


def find_option(ctx: click.Context, name: str) -> click.Parameter:
    """Option that sets a parameter."""
    return next(option for option in ctx.command.params if option.name == name)


def show_estimate(found: Estimate, as_json: bool) -> str:
    """Examples and counts for a reader, or all of it as one JSON object."""
    if as_json:
        return printable_json(found.as_dict())
    lines = [line for example in found.examples for line in _tell(example)]
    lines += [f"{name:8}{getattr(found, name):>12,}" for name in ("read", "sampled")]
    lines += [f"{'rate':8}{found.rate:>12.2%}", f"{'at least':8}{found.low:>12.2%}"]
    lines.append(f"{'at most':8}{found.high:>12.2%}")
    lines += [f"{name:8}{getattr(found, name):>12,}" for name in _COUNTS]
    lines += [f"{'damaged':8}{len(found.damaged):>12,}", f"{'seconds':8}{found.seconds:>12.1f}"]
    return "\n".join(lines)


def _tell(example: Example) -> Iterator[str]:
    scores = asdict(example.verdict.scores).items()
    told = ", ".join(f"{name} {value:.4f}" for name, value in scores if value is not None)
    yield click.style(f"{example.verdict.relation}: {told}", bold=True)
    for side in (example.sampled, example.other):
        yield f"    {_place(side)}: {printable(side.opening)}"


def _place(side: Side) -> str:
    place = f"{printable(side.place.input)}:{side.place.record}"
    return place if side.id is None else f"{printable(side.id)} ({place})"
