"""``dedup run --index``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dedup.cli.settings import origin_of
from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.feeding import AddSummary
    from dedup.progress import Progress

#: Options that an index has a say in: what is not given is as the index has it.
_OF_THE_INDEX = ("threshold", "recall", "window", "max_perm", "walk", "seed", "context")
_OF_THE_RUN = (
    "kept",
    "mark",
    "clusters",
    "duplicates",
    "damaged",
    "boilerplate",
    "on_error",
    "max_record",
    "input_format",
    "extractor",
    "threads",
)
#: What an index compares, and keeps: what came first, which is the longest of a run.
_ONLY = {"by": "text", "keep": "longest", "versions": "all"}
_OF_THE_COMMAND = ("inputs", "index", "fields", "as_json", "quiet")


def run_into(ctx: click.Context, progress: Callable[[Progress], None] | None) -> AddSummary:
    """Run with an index."""
    from dedup.crawls import deduplicate_into  # noqa: PLC0415 - NumPy takes 0.1 s

    given = {
        name: value
        for name, value in ctx.params.items()
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    for note in _refuse(ctx, given):
        if not ctx.params["quiet"]:
            click.echo(note, err=True)
    return deduplicate_into(
        ctx.params["index"],
        ctx.params["inputs"],
        fields=dict(ctx.params["fields"]),
        progress=progress,
        **{name: ctx.params[name] for name in _OF_THE_RUN},
        **{name: value for name, value in given.items() if name in _OF_THE_INDEX},
    )


def _refuse(ctx: click.Context, given: dict[str, Any]) -> Iterator[str]:
    """Refuse what an index can't do. What is set for other runs too is left aside; yields a note of it."""
    known = {*_OF_THE_INDEX, *_OF_THE_RUN, *_OF_THE_COMMAND}
    for option in ctx.command.params:
        if option.name in given and option.name not in known and given[option.name] != _ONLY.get(option.name):
            only = _ONLY.get(option.name)
            can = "can't be used" if only is None else f"can only be {only}"
            origin = origin_of(ctx, option)
            if origin is None:
                raise click.UsageError(f"{option.opts[-1]} {can} with --index")
            yield printable(f"note: {option.opts[-1]} {can} with --index; {origin} is left aside")
