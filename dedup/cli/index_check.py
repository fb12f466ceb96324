"""``dedup index check``."""

from __future__ import annotations

from typing import Any

import click

from dedup.cli.options import json_option, reading_options

DUPLICATE = 1


@click.command()
@click.argument("index")
@click.argument("file", required=False)
@click.option("--text", help="A text instead of a file.")
@click.option(
    "--lines", is_flag=True, help="FILE has JSON lines: say it of each. So it is read if it ends in .jsonl."
)
@click.option(
    "--passages", is_flag=True, help="Show the passages that it shares with the article it is a copy of."
)
@reading_options
@json_option
@click.option("--exit-zero", is_flag=True, help="Exit with 0 for duplicates too.")
@click.pass_context
def check(  # noqa: PLR0913, PLR0917 - one for each option
    ctx: click.Context,
    /,
    index: str,
    file: str | None,
    text: str | None,
    lines: bool,
    passages: bool,
    as_json: bool,
    exit_zero: bool,
    **reading: Any,  # noqa: ANN401 - handed on
) -> None:
    """Say whether an article was seen before.

    FILE is a text, a page of HTML, or a JSON object with one article, compressed or not; - is standard input. Nothing is stored. Exit status: 0 for
    new, 1 for a duplicate, 2 for trouble; with --lines, or a file of JSON lines (.jsonl), 0.
    """
    from dedup.cli.indexed import echo_lines, is_lines, read_one, show  # noqa: PLC0415 - not for --help
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        if file is not None and text is None and (lines or reading["input_format"] or is_lines(file)):
            echo_lines(there, file, passages=passages, **reading)
            return
        article = read_one(file, text, reading["fields"], reading["max_record"])
        verdict = there.check(article, passages=passages)
        click.echo(show(verdict, article, there, as_json))
    ctx.exit(DUPLICATE if verdict.is_duplicate and not exit_zero else 0)
