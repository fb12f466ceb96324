"""The command: ``python -m benchmarks.gold [SET...]``."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import gettempdir

import click

from benchmarks.gold.rows import render
from benchmarks.gold.table import SETS, measure_rows


@click.command()
@click.argument("sets", nargs=-1, type=click.Choice(list(SETS)), metavar="[SET...]")
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[3] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-bench",
    help="Folder with the out-of-fold predictions.",
)
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the rows here too.")
def main(sets: tuple[str, ...], shared: Path, work: Path, as_json: Path | None) -> None:
    """Print our figures on every gold set, or on those named, beside the reference results."""
    rows = measure_rows(shared, work, sets)
    click.echo(render(rows))
    if as_json is not None:
        as_json.write_text(json.dumps([row.as_dict() for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
