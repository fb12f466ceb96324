"""``dedup config``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import json_option
from dedup.cli.settings import ORIGINS, commands_below, key_of, kind_of, variable_that_sets
from dedup.cli.terminal import printable, printable_json
from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Variables that are no options.
_OTHERS = {"DEDUP_CACHE_DIR", "DEDUP_CONFIG", "DEDUP_TRACEBACK"}


@click.command()
@click.argument("command", nargs=-1, metavar="[COMMAND]")
@json_option
@click.pass_context
def config(ctx: click.Context, command: tuple[str, ...], as_json: bool) -> None:
    """Say what every option is set to, and where that comes from.

    Of all commands, or of one, as in dedup config index add. The command line wins over the environment, that over
    dedup.toml or pyproject.toml in the working directory, and that over the defaults.
    """
    root = ctx.find_root()
    group = root.command
    commands = list(commands_below(group, root)) if isinstance(group, click.Group) else []
    shown = [one for one in commands if one[0][: len(command)] == command]
    if not shown:
        raise ParameterError(
            f"{' '.join(command)!r} is no command; there are {', '.join(' '.join(path) for path, _ in commands)}"
        )
    known = {name for _, one in commands for param in one.params for name in param.envvar or ()}
    found = {" ".join(path): dict(_options(root, path, one)) for path, one in shown}
    ignored = sorted(name for name in os.environ.keys() - known - _OTHERS if name.startswith("DEDUP_"))
    if as_json:
        click.echo(printable_json({"commands": found, "ignored": ignored}))
        return
    for line in _lines(found, ignored):
        click.echo(printable(line))


def _options(
    root: click.Context, path: tuple[str, ...], command: click.Command
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Options of a command that can be set, with what they are set to, and by whom."""
    table: Any = root.default_map or {}
    value: Any
    for part in path:
        table = table.get(part, {})
    for param in command.params:
        if kind_of(param) == "once":
            continue
        if (variable := variable_that_sets(param)) is not None:
            value, source = os.environ[variable], variable
        elif param.name in table:
            value, source = table[param.name], root.meta[ORIGINS][path, param.name]
        else:
            value, source = param.to_info_dict().get("default"), "default"
        yield key_of(param), {"value": value, "source": source}


def _lines(found: dict[str, dict[str, dict[str, Any]]], ignored: list[str]) -> Iterator[str]:
    for command, options in found.items():
        yield f"dedup {command}"
        for key, told in options.items():
            value = "" if told["value"] is None else str(told["value"])
            yield f"    {key:16}{value:16}{told['source']}"
    yield from (f"note: {name} is no option, and sets none" for name in ignored)
