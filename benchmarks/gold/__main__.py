"""The command: ``python -m benchmarks.gold [SET...]``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import click

from benchmarks.gold import labelled
from benchmarks.gold.copies import COPIES
from benchmarks.gold.grouped import STORIES, googlenews, onestop_docs
from benchmarks.gold.predictions import Predictions
from benchmarks.gold.rows import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.gold.rows import Row

SETS: dict[str, Callable[[Path, Predictions], Iterator[Row]]] = {
    **COPIES,
    **{name: labelled.paraphrases(name) for name in ("mrpc", "sr-paraphrase", "pan-paraphrase")},
    "ru-paraphraser": labelled.ru_paraphraser,
    "sts-news": labelled.sts_news,
    "stsb-mt-headlines": labelled.stsb_mt,
    "assin": labelled.assin,
    **{name: labelled.simplified(name) for name in ("onestop-sentences", "porsimples")},
    "onestop-docs": onestop_docs,
    **STORIES,
    "googlenews-ts": googlenews,
    "semeval22-text": labelled.semeval22,
    "telegram-pairs": labelled.telegram,
    "folds": labelled.folds,
}


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
    said = Predictions.read(work)
    rows: list[Row] = []
    for name in sets or SETS:
        begin = time.process_time()
        rows += SETS[name](shared, said)
        click.echo(f"{name}: {time.process_time() - begin:.0f} s of CPU", err=True)
    click.echo(render(rows))
    if as_json is not None:
        as_json.write_text(json.dumps([row.as_dict() for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
