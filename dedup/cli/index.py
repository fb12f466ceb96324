"""``dedup index``."""

from __future__ import annotations

import click

from dedup.cli.lazy import LazyGroup

COMMANDS = {
    "add": ("dedup.cli.index_add", "Add a crawl: what is new, and whose copies the others are."),
    "check": ("dedup.cli.index_check", "Say whether an article was seen before."),
    "info": ("dedup.cli.index_care", "Say what an index is and how much is in it."),
    "expire": ("dedup.cli.index_care", "Forget what was published before a moment."),
    "remove": ("dedup.cli.index_care", "Forget articles by their ids."),
    "compact": ("dedup.cli.index_care", "Give back the space of what was forgotten."),
    "verify": ("dedup.cli.index_care", "Say what is wrong with what is stored."),
    "export": ("dedup.cli.index_care", "Write all articles as JSON lines."),
}


@click.group(cls=LazyGroup, table=COMMANDS, path=("index",))
def index() -> None:
    """Remember articles, and say which were seen before.

    INDEX is a directory, which is the index of one machine, or redis://host:port/db?prefix=name, which many share.
    """
