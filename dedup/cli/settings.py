"""Options as settings: what each is called in a file and in the environment, and which may stand where.

A number, a choice, a size or a switch says how something is done, and may be set anywhere. A text mostly names a place
that is read or written: it may be set in a file only if the user names that file, for a file that was merely found may
be somebody else's. See docs/decisions/0025-configuration.md.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from click.shell_completion import CompletionItem

Kind = Literal["setting", "place", "once"]
#: Types, by the names that they have, whose values name no place.
_HARMLESS = {"boolean", "choice", "field=name", "float", "float range", "integer", "integer range", "size"}
#: Texts that name none.
_WORDS = {"by", "field", "prefer-source", "relation", "score", "window"}
#: What is meant for one call: it can be set nowhere.
_ONCE = {"before", "command", "ids", "sample", "text", "warm"}
#: Commands whose options have names of others and mean something else: they have settings of their own only.
_APART = {"evaluate"}
ORIGINS = "dedup.origins"  #: in a context's meta: which key of which file an option comes from


def key_of(param: click.Parameter) -> str:
    """Name of an option in a file: as on the command line, without dashes before it."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len).lstrip("-")
    return str(param.name).replace("_", "-")


def kind_of(param: click.Parameter) -> Kind:
    """What an option is."""
    key = key_of(param)
    if key in _ONCE:
        return "once"
    harmless = param.type.name in _HARMLESS or key in _WORDS
    return "setting" if isinstance(param, click.Option) and harmless else "place"


def is_shared(param: click.Parameter, path: Sequence[str]) -> bool:
    """Whether what is set for all commands is set for an option of this one."""
    return kind_of(param) == "setting" and path[0] not in _APART


def variables_of(param: click.Parameter, path: Sequence[str]) -> list[str]:
    """Names of an option in the environment, the one that wins first."""
    if kind_of(param) == "once":
        return []
    names = ["_".join((*path, key_of(param)))]
    if is_shared(param, path):
        names.append(key_of(param))
    return [f"DEDUP_{name.replace('-', '_').upper()}" for name in names]


class _Name(click.types.StringParamType):
    """Name of a file, or of a directory: shells complete it."""

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Leave it to the shell."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - shells ask, nobody else

        return [CompletionItem(incomplete, type="file")]


def prepare(command: click.Command, path: Sequence[str]) -> None:
    """Tell click by which variables the options of a command are set, and which of them name files."""
    for param in command.params:
        param.envvar = variables_of(param, path) or None
        if kind_of(param) == "place" and isinstance(param.type, click.types.StringParamType):
            param.type = _Name()


def variable_that_sets(param: click.Parameter) -> str | None:
    """The variable that an option would be taken from; an empty one counts as none."""
    names = [param.envvar] if isinstance(param.envvar, str) else param.envvar or []
    return next((name for name in names if os.environ.get(name)), None)


def is_said(ctx: click.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def origin_of(ctx: click.Context, param: click.Parameter) -> str | None:
    """Where the value of an option comes from, if from a file or the environment."""
    source = ctx.get_parameter_source(str(param.name))
    if source is ParameterSource.ENVIRONMENT:
        return variable_that_sets(param)
    if source is ParameterSource.DEFAULT_MAP:
        origin: str = ctx.meta[ORIGINS][path_of(ctx), param.name]
        return origin
    return None


def path_of(ctx: click.Context) -> tuple[str, ...]:
    """Names of a command and of the groups it is in, without ``dedup`` itself."""
    return () if ctx.parent is None else (*path_of(ctx.parent), str(ctx.info_name))


def commands_below(
    group: click.Group, ctx: click.Context, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of a group and of the groups in it, with its path; each file is imported."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from commands_below(command, ctx, (*path, name))
        elif command is not None:
            yield (*path, name), command
