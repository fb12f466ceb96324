"""``dedup inspect``."""

from __future__ import annotations

import click

from dedup.cli.options import json_option


@click.command()
@click.argument("page")
@json_option
def inspect(page: str, as_json: bool) -> None:
    """Say what one page repeats within itself.

    PAGE is a text, a page of HTML, or a JSON object with one article, compressed or not; - is standard input. Found are headlines and paragraphs that
    stand there again, paragraphs that restate another one in other words, and boilerplate. Exit status: 0 for whatever
    is found, 2 for trouble.
    """
    from dedup.cli.articles import read_article  # noqa: PLC0415 - not for --help
    from dedup.cli.page import show  # noqa: PLC0415
    from dedup.inspection import inspect as inspect_article  # noqa: PLC0415

    click.echo(show(inspect_article(read_article(page)), as_json))
