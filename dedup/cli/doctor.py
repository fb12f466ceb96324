"""``dedup doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dedup.cli.options import json_option
from dedup.cli.terminal import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.doctor import CacheDirectory, Diagnosis
    from dedup.machine import Machine


@click.command()
@click.option(
    "--warm", is_flag=True, help="First compile all kernels into the first cache directory that keeps them."
)
@json_option
@click.pass_context
def doctor(ctx: click.Context, warm: bool, as_json: bool) -> None:
    """Say what state this installation is in, and try it out.

    Versions, extras and what installs those that are missing, where compiled kernels are kept, cores and memory, and a
    self-test on a few articles. Exit status: 0 if the self-test passes, else 2; 2 too if --warm finds no directory.
    """
    from dedup import doctor as library  # noqa: PLC0415 - not for --help
    from dedup.errors import WriteError  # noqa: PLC0415

    kept = library.warm() if warm else None
    found = library.diagnose()
    click.echo(printable_json(found.as_dict()) if as_json else "\n".join(_lines(found)))
    if warm and kept is None:
        raise WriteError("no cache directory keeps the kernels; name one with DEDUP_CACHE_DIR")
    if kept is not None:
        click.echo(printable(f"all {found.kernels} kernels are in {kept}"), err=True)
    ctx.exit(0 if found.trial.passed else 2)


def _lines(found: Diagnosis) -> Iterator[str]:
    for name, version in found.versions.items():
        yield _line(name, version or "missing")
    yield ""
    for extra in found.extras:
        told = ", ".join(f"{name} {version}" for name, version in extra.packages.items() if version)
        yield _line(extra.name, extra.install or told or "part of Python")
    yield ""
    yield _line("kernels", f"{found.kernels}")
    for cache in found.caches:
        yield _line("cache", f"{cache.path} ({_state(cache)})")
    used = found.written_to
    yield _line("written to", "nothing; set DEDUP_CACHE_DIR" if used is None else used.path)
    yield ""
    yield from _resources(found.machine)
    yield ""
    for fault in found.trial.faults:
        yield _line("fault", fault)
    told = "passed" if found.trial.passed else "failed"
    yield _line("self-test", f"{told} in {found.trial.seconds:.1f} seconds")


def _state(cache: CacheDirectory) -> str:
    """What is to be said of a directory."""
    if cache.ignored is not None:
        return f"not used: {cache.ignored}"
    counts = f"{cache.compiled} compiled, {cache.stale} stale, {cache.bytes:,} bytes"
    return counts if cache.read_only is None else f"{counts}; read only: {cache.read_only}"


def _resources(machine: Machine) -> Iterator[str]:
    limit = "" if machine.core_limit is None else f", limited to {machine.core_limit:g} cores' worth of time"
    yield _line("cores", f"{machine.usable_cores} of {machine.cores}{limit}")
    given = (
        ("", machine.memory),
        ("available", machine.available_memory),
        ("limit of the container", machine.memory_limit),
    )
    told = [f"{size / (1 << 30):.1f} GB {what}".strip() for what, size in given if size is not None]
    yield _line("memory", ", ".join(told) or "unknown")


def _line(name: str, value: str) -> str:
    return f"{name:14}{printable(value)}"
