"""A file of settings: which one, and what it sets.

``dedup.toml`` in the working directory, else ``[tool.dedup]`` of ``pyproject.toml`` there; no directory above is looked
into. The top level sets an option for every command that has it, a table for its command. The whole file is checked,
whatever command runs. See docs/decisions/0025-configuration.md.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dedup.cli.options import Assignment, Size
from dedup.cli.settings import commands_below, is_shared, key_of, kind_of
from dedup.errors import ParameterError, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OFF = {"off", "none", "0", "false", "no"}
_LONGEST = 1 << 20  # bytes
_INSTEAD = "(--no-config runs without the file)"


class SettingsFile(NamedTuple):
    """A file that was read.

    Parameters
    ----------
    path : Path
        As it was named or found.
    table : mapping
        What it says to us.
    is_named : bool
        Whether the user named it; one that was found may set no place.
    """

    path: Path
    table: Mapping[str, Any]
    is_named: bool


class Setting(NamedTuple):
    """What a file sets for one command: a parameter's name, its value as click takes it, and the key it is from."""

    path: tuple[str, ...]
    name: str
    value: Any
    origin: str


def find_settings(named: str | None, *, off: bool) -> SettingsFile | None:
    """Read the file that the user named, with ``--config`` or ``DEDUP_CONFIG``, else one in the working directory.

    Raises
    ------
    ReadError
        It can't be read, or is no TOML.
    """
    given = named or os.environ.get("DEDUP_CONFIG")
    if off or (not named and given and given.lower() in _OFF):
        return None
    if given:
        path = Path(given)
        return SettingsFile(path, _ours(path, _read(path)), is_named=True)
    for path in (Path("dedup.toml"), Path("pyproject.toml")):
        if path.is_file() and (table := _ours(path, _read(path))) is not None:
            return SettingsFile(path, table, is_named=False)
    return None


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ReadError(str(path), "there is no such file")
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1)
    except OSError as error:
        raise ReadError(str(path), f"{error.strerror or error} {_INSTEAD}") from error
    if len(text) > _LONGEST:
        raise ReadError(str(path), f"is longer than {_LONGEST:,} bytes {_INSTEAD}")
    return text


def _ours(path: Path, text: bytes) -> Any:  # noqa: ANN401 - as TOML has it
    """Our part of a file; None if a pyproject.toml has none."""
    is_project = path.name == "pyproject.toml"
    if is_project and b"dedup" not in text:
        return None
    import tomllib  # noqa: PLC0415 - few have such a file

    try:
        table = tomllib.loads(text.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReadError(str(path), f"is no TOML: {error} {_INSTEAD}") from error
    if not is_project:
        return table
    tools = table.get("tool")
    return tools.get("dedup") if isinstance(tools, dict) else None


def settings_of(file: SettingsFile, group: click.Group, ctx: click.Context) -> list[Setting]:
    """Everything that a file sets; where two set the same, the later one wins.

    Raises
    ------
    ParameterError
        A key is no option, or a value is none that it takes.
    """
    if not isinstance(file.table, dict):
        raise ParameterError(f"{file.path}: tool.dedup is no table")
    return list(_walk(file, file.table, list(commands_below(group, ctx)), ()))


def as_default_map(settings: Iterable[Setting]) -> dict[str, Any]:
    """Settings as click takes them: a dict of dicts by command."""
    tree: dict[str, Any] = {}
    for setting in settings:
        table = tree
        for part in setting.path:
            table = table.setdefault(part, {})
        table[setting.name] = setting.value
    return tree


_Commands = list[tuple[tuple[str, ...], click.Command]]


def _walk(
    file: SettingsFile, table: Mapping[str, Any], commands: _Commands, path: tuple[str, ...]
) -> Iterator[Setting]:
    """What a table sets: its own keys first, for those below win."""
    depth = len(path)
    below = {where[depth] for where, _ in commands if len(where) > depth}
    tables = {key: value for key, value in table.items() if key in below and isinstance(value, dict)}
    for key, value in table.items():
        if key not in tables:
            yield from _set_all(file, (*path, key), value, commands)
    for key, inner in tables.items():
        yield from _walk(file, inner, [one for one in commands if one[0][depth] == key], (*path, key))


def _set_all(file: SettingsFile, key: tuple[str, ...], value: Any, commands: _Commands) -> Iterator[Setting]:  # noqa: ANN401
    """Set an option of all commands that a table is for: those that have it, and take the value."""
    origin = f"{file.path}: {'.'.join(key)}"
    name, is_own = key[-1].replace("_", "-"), len(key) > 1 and commands[0][0] == key[:-1]
    options = [
        (path, param)
        for path, command in commands
        for param in command.params
        if kind_of(param) != "once" and (is_own or is_shared(param, path) or key_of(param) == name)
    ]
    having = [(path, param) for path, param in options if key_of(param) == name]
    if not having:
        kind = "neither a command nor an option" if isinstance(value, dict) else "no option"
        near = _nearest(name, options, commands, len(key) - 1)
        raise ParameterError(f"{origin} is {kind}{near} {_INSTEAD}")
    if not is_own and not any(is_shared(param, path) for path, param in having):
        tables = ", ".join(sorted(f"[{'.'.join(path)}]" for path, _ in having))
        raise ParameterError(
            f"{origin} is not for all commands; it belongs into the table of one: {tables} {_INSTEAD}"
        )
    wrong: list[str] = []
    done = 0
    for path, param in having:
        if is_own or is_shared(param, path):
            taken = _taken(file, param, value)
            if isinstance(taken, str):
                wrong.append(taken)
                continue
            done += 1
            yield Setting(path, str(param.name), taken[0], origin)
    if not done:
        raise ParameterError(f"{origin}: {wrong[0]} {_INSTEAD}")


def _nearest(name: str, options: list[Any], commands: _Commands, depth: int) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for mistakes only

    known = {key_of(param) for _, param in options} | {
        path[depth] for path, _ in commands if len(path) > depth
    }
    near = get_close_matches(name, sorted(known), 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _taken(file: SettingsFile, param: click.Parameter, value: Any) -> tuple[Any] | str:  # noqa: ANN401
    """A value as click takes it, in a tuple; or what is wrong with it."""
    if kind_of(param) == "place" and not file.is_named:
        return (
            f"a file that was found may not say what is read or written; name the file: --config {file.path}, "
            "or give it on the command line"
        )
    many = param.multiple or param.nargs == -1
    if many and isinstance(value, dict) and isinstance(param.type, Assignment):
        value = [f"{field}={name}" if isinstance(name, str) else name for field, name in value.items()]
    if many and not isinstance(value, list):
        return f"{value!r} is no list; write {key_of(param)} = [{value!r}]"
    meant, kinds = _kinds(param)
    for one in value if many else [value]:
        if type(one) not in kinds:
            return f"{one!r} is not {meant}"
    if kind_of(param) == "place":
        value = [_beside(file.path, one) for one in value] if many else _beside(file.path, value)
    try:
        param.type_cast_value(click.Context(click.Command("dedup")), value)
    except click.BadParameter as error:
        return error.message.rstrip(".")
    return (value,)


def _kinds(param: click.Parameter) -> tuple[str, tuple[type, ...]]:
    """What a value is to be. Click would take true for 1.0, and 2.5 for 2."""
    if isinstance(param, click.Option) and param.is_flag:
        return "true or false", (bool,)
    if isinstance(param.type, click.types.FloatParamType):
        return "a number", (int, float)
    if isinstance(param.type, click.types.IntParamType):
        return "a whole number", (int,)
    return ("a size, as 64M", (int, str)) if isinstance(param.type, Size) else ("a text", (str,))


def _beside(file: Path, name: str) -> str:
    """A path of a file is meant from where that lies; an address and ``-`` are none."""
    return name if name == "-" or "://" in name else str(file.parent / name)
