"""Keep the documentation true: what it shows is what the program does.

    python tools/check_docs.py            # exit status 1, and what is stale
    python tools/check_docs.py --write    # rewrite what is generated and the output that is shown

Parts between ``<!-- begin: NAME -->`` and ``<!-- end -->`` are generated. Blocks marked ``python`` run, as doctests
where they have prompts. Blocks marked ``console`` run too: a line behind ``$ `` is a command, and what it prints stands
below it (times, and the bytes of an index, aside). Both run in a temporary folder that has ``fixtures``; the blocks
of a page share it, and their names. Relative links lead to a file, and so do the pages that comments name.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import doctest
import inspect
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.index import COMMANDS as INDEX_COMMANDS
from dedup.cli.main import COMMANDS, cli
from dedup.fields import FIELD_NAMES
from dedup.kernels.warming import warm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
LINKED = [
    *ROOT.glob("*.md"),
    *(page for name in ("docs", "fixtures", "benchmarks") for page in ROOT.glob(f"{name}/**/*.md")),
]
RUN = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]

GENERATED = re.compile(r"(<!-- begin: (?P<name>[^>]+?) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"docs/[\w/.-]+\.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TIME = re.compile(r"^(seconds|\w+ bytes|before|after) +[\d.,]+$", re.MULTILINE)


def command_reference(name: str) -> str:
    """Usage, help and options of a command, as Markdown."""
    command: click.Command | None = cli
    for part in name.split():
        group = command
        command = group.get_command(click.Context(group), part) if isinstance(group, click.Group) else None
    if command is None:
        raise SystemExit(f"there is no command {name!r}")
    usage = " ".join(["dedup", name, *command.collect_usage_pieces(click.Context(command))])
    options = [_option_row(option) for option in command.params if isinstance(option, click.Option)]
    table = ["| option | value | default | |", "|---|---|---|---|", *options]
    shown = [*table, ""] if options else []
    return "\n".join(["```text", usage, "```", "", inspect.cleandoc(command.help or ""), "", *shown])


def _option_row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f"`{option.metavar or option.type.name.upper()}`"
    if isinstance(option.type, click.Choice):
        value = ", ".join(f"`{choice}`" for choice in option.type.choices)
    shown = (
        (option.opts if option.default else option.secondary_opts)[0]
        if option.secondary_opts
        else option.default
    )
    default = f"`{shown}`" if option.show_default else "required" if option.required else ""
    repeated = " May be repeated." if option.multiple else ""
    return f"| {names} | {value} | {default} | {option.help}{repeated} |"


def field_reference() -> str:
    """Names under which the fields of an article are looked for, as Markdown."""
    rows = [
        f"| `{field}` | {', '.join(f'`{name}`' for name in names)} |" for field, names in FIELD_NAMES.items()
    ]
    return "\n".join(["| field | looked for under |", "|---|---|", *rows, ""])


GENERATORS: dict[str, Callable[[], str]] = {
    "fields": field_reference,
    **{
        f"dedup {name}": lambda name=name: command_reference(name)  # type: ignore[misc]
        for name in (*COMMANDS, *(f"index {name}" for name in INDEX_COMMANDS))
        if name != "index"  # it has no options of its own
    },
}


def regenerate(text: str) -> str:
    """Page with its generated parts made anew."""
    return GENERATED.sub(lambda part: f"{part[1]}\n{GENERATORS[part['name']]()}\n{part[4]}", text)


def rerun(text: str, folder: Path) -> str:
    """Page with the output below each command made anew."""

    def replace(block: re.Match[str]) -> str:
        if block["language"] != "console":
            return block[0]
        commands = [line for line in block["body"].splitlines() if line.startswith("$ ")]
        body = "".join(f"{line}\n{_output_of(line[2:], folder)}" for line in commands)
        return block[0] if _without_times(body) == _without_times(block["body"]) else f"```console\n{body}```"

    return BLOCK.sub(replace, text)


def _output_of(command: str, folder: Path) -> str:
    """Run a command in a shell, our own ``dedup`` before any other; what it prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S602 - the commands stand in our own pages
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def _without_times(text: str) -> str:
    return TIME.sub(r"\1", text)


def run_python(page: Path, text: str) -> Iterator[str]:
    """Run the Python blocks of a page in the current folder; yields what went wrong."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        if block["language"] == "python":
            line = text.count("\n", 0, block.start("body"))
            check = _doctest if ">>> " in block["body"] else _execute
            yield from check(block["body"], names, f"{page.relative_to(ROOT)}", line)


def _doctest(body: str, names: dict[str, object], page: str, line: int) -> Iterator[str]:
    test = doctest.DocTestParser().get_doctest(body, names, page, page, line)
    test.globs = names  # a test gets a copy; the blocks of a page share one
    report: list[str] = []
    doctest.DocTestRunner().run(test, out=report.append, clear_globs=False)
    if report:
        yield "".join(report)


def _execute(body: str, names: dict[str, object], page: str, line: int) -> Iterator[str]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile("\n" * line + body, page, "exec"), names)  # noqa: S102 - our own pages
    except Exception:  # noqa: BLE001 - whatever it is, the example does not run
        yield f"{page}:{line + 1}: the example does not run\n{traceback.format_exc()}"


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Yield the relative links of a page that lead nowhere."""
    for target in LINK.findall(BLOCK.sub("", text)):
        path = target.partition("#")[0]
        if path and ":" not in path and not (page.parent / path).exists():
            yield f"{page.relative_to(ROOT)}: the link to {target} leads nowhere"


def missing_pages() -> Iterator[str]:
    """Yield the pages that sources name and that do not exist."""
    for source in (
        source
        for name in ("dedup", "tests", "tools", "benchmarks")
        for source in ROOT.glob(f"{name}/**/*.py")
    ):
        for page in NAMED.findall(source.read_text("utf-8")):
            if not (ROOT / page).exists():
                yield f"{source.relative_to(ROOT)}: there is no {page}"


def missing_sections() -> Iterator[str]:
    """Yield the generated parts that no page shows."""
    shown = {part["name"] for page in RUN for part in GENERATED.finditer(page.read_text("utf-8"))}
    yield from (f"no page has the part {name!r}" for name in GENERATORS.keys() - shown)


def check_page(page: Path, *, write: bool) -> Iterator[str]:
    """Check one page, or rewrite it; yields what is wrong."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        (folder / "fixtures").symlink_to(ROOT / "fixtures")
        fresh = rerun(regenerate(text), folder)
        yield from run_python(page, text)
    if fresh != text and write:
        page.write_text(fresh, "utf-8")
        print(f"rewritten: {page.relative_to(ROOT)}")
    elif fresh != text:
        yield f"{page.relative_to(ROOT)} is stale; python tools/check_docs.py --write rewrites it"
        yield from difflib.unified_diff(text.splitlines(), fresh.splitlines(), "shown", "true", "", "", 0, "")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="rewrite instead of complaining")
    write = parser.parse_args().write
    warm()  # or the first command would say that it compiles
    wrong = [message for page in sorted(RUN) for message in check_page(page, write=write)]
    wrong += [message for page in sorted(LINKED) for message in broken_links(page, page.read_text("utf-8"))]
    wrong += [*missing_sections(), *missing_pages()]
    print("\n".join(wrong) or f"{len(LINKED)} pages are true")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
