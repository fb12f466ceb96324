"""Groups of commands that are imported when they are called: help must not wait for them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.settings import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called.

    Parameters
    ----------
    table : mapping of str to tuple of str and str
        Commands, the files they live in, and what the help of the group says of them without importing them.
    path : sequence of str
        Names of the group and of those it is in, without that of the program.
    """

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        table: Mapping[str, tuple[str, str]],
        path: Sequence[str] = (),
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        self.table = table
        self.path = path

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the file that the command lives in."""
        if cmd_name not in self.table:
            return None
        command: click.Command = getattr(importlib.import_module(self.table[cmd_name][0]), cmd_name)
        prepare(command, (*self.path, cmd_name))
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands and options that begin like this; no command is imported for it."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - shells ask, nobody else

        names = [(name, text) for name, (_, text) in self.table.items() if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=text) for name, text in names]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.table.items()])
