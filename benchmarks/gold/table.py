"""Which sets there are, and all of them in one table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from benchmarks.gold import labelled
from benchmarks.gold.copies import COPIES
from benchmarks.gold.grouped import STORIES, googlenews, onestop_docs
from benchmarks.gold.predictions import Predictions
from benchmarks.gold.rows import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

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


def measure_rows(shared: Path, work: Path, sets: Iterable[str] = ()) -> list[Row]:
    """Measure the sets that are named, or all."""
    said = Predictions.read(work)
    rows: list[Row] = []
    for name in sets or SETS:
        begin = time.process_time()
        rows += SETS[name](shared, said)
        click.echo(f"{name}: {time.process_time() - begin:.0f} s of CPU", err=True)
    return rows


def measure(shared: Path, work: Path) -> str:
    """Give the table of all sets."""
    return render(measure_rows(shared, work))
