"""`python -m benchmarks`: measure every part, and write the report and its plots."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmarks import floor, growth, plots, provoking, recall
from benchmarks.corpora import prepare
from benchmarks.gold import table as gold
from benchmarks.machine import describe
from benchmarks.measuring import ROOT
from benchmarks.parts import Part, read_parts, render_report, replace_table
from benchmarks.report import figures, render
from benchmarks.rivals import contestants
from benchmarks.rounds import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FOLDER = click.Path(file_okay=False, path_type=Path)
LONG_SIZES = (50_000, 100_000, 200_000, 400_000)
SHORT_SIZES = (250_000, 500_000, 1_000_000, 2_000_000)
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
QUICK = 4  # with --quick, sizes are divided by it


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for, and the folder of compiled code."""

    shared: Path
    work: Path
    only: Sequence[str]
    runs: int
    threads: Sequence[int]
    quick: bool
    keep: bool
    cache: Path


def comparison(name: str, asked: Run) -> Part:
    """Everyone on a corpus."""
    program = floor.build(asked.shared, asked.work)
    found = compare(
        prepare(name, asked.shared, asked.work),
        contestants(asked.threads, asked.only),
        program if isinstance(program, Path) else None,
        runs=asked.runs,
        work=asked.work,
        cache=asked.cache,
    )
    text = render(found, str(program))
    if asked.only:
        text += f"\nOnly {', '.join(asked.only)} were asked for.\n"
    return Part(name, text, figures(found))


def growing(name: str, corpus: str, sizes: Sequence[int], asked: Run) -> Part:
    """Ours on larger and larger dumps in the likeness of a corpus."""
    measured = growth.measure(
        prepare(corpus, asked.shared, asked.work),
        [size // QUICK if asked.quick else size for size in sizes],
        contestants(asked.threads, ["dedup"]),
        runs=1,
        work=asked.work,
        cache=asked.cache,
        keep=asked.keep,
    )
    heading = f"## Growth: {sizes_of(measured)} articles in the likeness of `{corpus}`"
    return Part(name, f"{heading}\n\n{growth.render(measured)}", growth.as_figures(measured))


def sizes_of(measured: Sequence[growth.Size]) -> str:
    """Give the range of the sizes."""
    return f"{measured[0].size:,} to {measured[-1].size:,}"


def provoked(asked: Run) -> Part:
    """Dumps made to provoke quadratic work."""
    one = contestants([1], [provoking.CONTESTANT])[0]
    return Part("provoked", provoking.section(one, asked.runs, asked.work, asked.cache))


def resemblance(asked: Run) -> Part:
    """Recall by true resemblance."""
    return Part("recall", recall.section(asked.shared, asked.work, quick=asked.quick))


def gold_sets(asked: Run) -> Part:
    """Every gold set."""
    return Part("gold", f"## Gold sets\n\n{gold.measure(asked.shared, asked.work)}")


PARTS: Mapping[str, Callable[[Run], Part]] = {
    "long": lambda asked: comparison("long", asked),
    "short": lambda asked: comparison("short", asked),
    "growth": lambda asked: growing("growth", "long", LONG_SIZES, asked),
    "items": lambda asked: growing("items", "short", SHORT_SIZES, asked),
    "provoked": provoked,
    "recall": resemblance,
    "gold": gold_sets,
}
SLOW = ("gold",)


def chosen_parts(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str]:
    """Read the names of parts."""
    names = (
        [name.strip() for name in value.split(",")] if value else [name for name in PARTS if name not in SLOW]
    )
    if unknown := [name for name in names if name not in PARTS]:
        raise click.BadParameter(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


@click.command()
@click.option("--shared", type=FOLDER, default=ROOT.parent / "shared", help="Corpora and floor. [../shared]")
@click.option("--work", type=FOLDER, help="Data, answers and measured parts. [in the temporary folder]")
@click.option(
    "--parts", "names", callback=chosen_parts, help=f"Of {','.join(PARTS)}. [all but {','.join(SLOW)}]"
)
@click.option(
    "--only", multiple=True, help="A contestant, as `daft`, `dedup` or `dedup-2t`; may be repeated."
)
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True, help="Rounds of comparisons.")
@click.option("--threads", multiple=True, type=click.IntRange(1), default=(1, 2), show_default=True)
@click.option("--quick", is_flag=True, help="Growth to a quarter of the size, recall on part of the corpora.")
@click.option("--keep", is_flag=True, help="Leave the larger dumps in --work, and take those that lie there.")
@click.option("--render-only", is_flag=True, help="Measure nothing; write the report of the parts in --work.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="[benchmarks/RESULTS.md]")
def main(
    *,
    work: Path | None,
    names: Sequence[str],
    render_only: bool,
    output: Path | None,
    **asked: Any,  # noqa: ANN401 - the fields of Run, by their names
) -> None:
    """Measure speed, memory and quality of dedup and its rivals; write RESULTS.md and plots/ beside it."""
    try:
        contestants(asked["threads"], asked["only"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    work = work or Path(tempfile.gettempdir()) / "dedup-benchmarks"
    work.mkdir(parents=True, exist_ok=True)
    output = output or RESULTS
    machine = describe()  # once: the load is that of the start, and the report itself makes the tree dirty
    with tempfile.TemporaryDirectory(prefix="numba-", dir=work) as folder:
        run = Run(work=work, cache=Path(folder), **asked)
        for name in () if render_only else names:
            click.echo(f"part {name}", err=True)
            replace(PARTS[name](run), machine=machine).write(work)
            write_report(work, output)  # what is measured is not lost if the rest is interrupted
    write_report(work, output)
    click.echo(output.read_text("utf-8"))


def write_report(work: Path, output: Path) -> None:
    """Write the report and the plots of all parts that were measured."""
    parts = read_parts(work, list(PARTS))
    if not parts:
        raise click.UsageError(f"no part was measured yet below {work}; leave --render-only out")
    output.write_text(render_report(parts, list(PARTS)), encoding="utf-8")
    if output == RESULTS and "long" in parts:
        page = ROOT / "README.md"
        page.write_text(replace_table(page.read_text("utf-8"), parts["long"]), encoding="utf-8")
    folder = output.parent / "plots"
    compared = {name: parts[name].figures for name in ("long", "short") if name in parts}
    if any(compared.values()):
        plots.speed_quality(folder / "speed-quality.svg", compared)
    grown = {
        corpus: parts[name].figures
        for name, corpus in (("growth", "long"), ("items", "short"))
        if name in parts
    }
    if grown:
        plots.growth(folder / "growth.svg", grown)


if __name__ == "__main__":
    main()
