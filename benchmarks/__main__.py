"""`python -m benchmarks`: compare everyone on every corpus, and write the table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks import floor, growth
from benchmarks.corpora import NAMES, prepare
from benchmarks.machine import describe
from benchmarks.measuring import ROOT
from benchmarks.report import render
from benchmarks.rivals import contestants
from benchmarks.rounds import compare

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--shared", type=FOLDER, default=ROOT.parent / "shared", help="Corpora and floor. [../shared]")
@click.option("--work", type=FOLDER, help="Decompressed data and answers. [in the temporary folder]")
@click.option(
    "--corpus", "corpora", multiple=True, type=click.Choice(NAMES), default=NAMES, show_default=True
)
@click.option(
    "--only", multiple=True, help="A contestant, as `daft`, `dedup` or `dedup-2t`; may be repeated."
)
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True, help="Rounds.")
@click.option("--threads", multiple=True, type=click.IntRange(1), default=(1, 2), show_default=True)
@click.option("--growth", "with_growth", is_flag=True, help="Also measure how the time grows with the size.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="[benchmarks/RESULTS.md]")
def main(
    *,
    shared: Path,
    work: Path | None,
    corpora: Sequence[str],
    only: Sequence[str],
    runs: int,
    threads: Sequence[int],
    with_growth: bool,
    output: Path | None,
) -> None:
    """Measure speed, memory and quality of dedup and its rivals."""
    try:
        entrants = contestants(threads, only)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    work = work or Path(tempfile.gettempdir()) / "dedup-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    output = output or ROOT / "benchmarks" / "RESULTS.md"
    prepared = [prepare(name, shared, work) for name in dict.fromkeys(corpora)]
    program = floor.build(shared, work)
    report = ["# Results of `python -m benchmarks`\n", "\n".join(f"- {line}" for line in describe()) + "\n"]
    with tempfile.TemporaryDirectory(prefix="numba-", dir=work) as folder:
        cache = Path(folder)
        for corpus in prepared:
            built = program if isinstance(program, Path) else None
            comparison = compare(corpus, entrants, built, runs=runs, work=work, cache=cache)
            report.append(render(comparison, str(program)))
            output.write_text("\n".join(report))  # what is measured is not lost if the rest is interrupted
        if with_growth:
            chosen = contestants([1], [growth.CONTESTANT])[0]
            report.append(growth.section(chosen, runs, work, cache))
            output.write_text("\n".join(report))
    click.echo("\n".join(report))


if __name__ == "__main__":
    main()
