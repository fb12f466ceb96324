"""Whether an index in a directory is whole."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from dedup.index.runfiles import check_run, map_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dedup.index.catalogue import Catalogue

_LISTED = 100  # faults of a kind
_STEP = 1 << 20  # postings that are looked through at once
#: What must find no row: what is wrong, and a query for it.
_QUERIES = (
    (
        "entry {}: its cluster {} is not known",
        "SELECT number, leader FROM entries WHERE leader NOT IN (SELECT leader FROM clusters)",
    ),
    (
        "cluster {}: its leader is not remembered",
        "SELECT leader FROM clusters WHERE leader NOT IN (SELECT number FROM entries)",
    ),
    ("entry {}: no payload", "SELECT number FROM entries WHERE number NOT IN (SELECT number FROM payloads)"),
    ("payload {}: no entry", "SELECT number FROM payloads WHERE number NOT IN (SELECT number FROM entries)"),
    (
        # A member that was removed, but leads, may be counted or not.
        "cluster {}: {} members are counted, there are {}",
        """SELECT c.leader, size, n FROM clusters c JOIN (SELECT leader, count(*) n, sum(length(id) > 0) named
        FROM entries GROUP BY leader) e ON e.leader = c.leader WHERE size > n OR size < named""",
    ),
    (
        "entry {}: numbers were given up to {} only",
        "SELECT number, last FROM entries, state WHERE number > last",
    ),
)


def check(catalogue: Catalogue, folder: Path) -> Iterator[str]:
    """What is wrong, a line each: in the catalogue, in the files of the runs, between them; in a turn."""
    try:
        yield from _check_catalogue(catalogue)
        yield from _check_runs(catalogue, folder)
    except sqlite3.DatabaseError as error:
        yield f"catalog.sqlite can't be read further ({error}); restore the directory from a copy"


def _check_catalogue(catalogue: Catalogue) -> Iterator[str]:
    yield from (
        f"catalog.sqlite: {line}" for (line,) in catalogue.query("PRAGMA integrity_check") if line != "ok"
    )
    for message, query in _QUERIES:
        rows = catalogue.query(query)
        yield from (message.format(*row) for row in rows[:_LISTED])
        if len(rows) > _LISTED:
            yield f"and {len(rows) - _LISTED} more of these"
    damaged = catalogue.damaged_recents(catalogue.state().last)
    yield from (f"recent postings {row} are not what was stored" for row in damaged)


def _check_runs(catalogue: Catalogue, folder: Path) -> Iterator[str]:
    """What is wrong with each run, and what is lost by that."""
    last, whole, lost = catalogue.state().last, [], 0
    for name in catalogue.runs():
        wrong = _check_run(folder / name, last)
        yield from (f"{folder.name}/{name} {reason}" for reason in wrong)
        if wrong:
            lost += 1
        else:
            whole.append(folder / name)
    if lost:
        files = "this file" if lost == 1 else f"these {lost} files"
        yield (
            f"{_count_lost(catalogue, whole, last)} stand in {files} only: restore {'it' if lost == 1 else 'them'}"
            " from a copy, else neither they nor their copies are recognised"
        )


def _check_run(path: Path, last: int) -> list[str]:
    try:
        return check_run(path, last)
    except FileNotFoundError:
        return ["is missing"]
    except OSError as error:
        return [f"can't be read: {error.strerror}"]
    except ValueError as error:
        return [str(error)]


def _count_lost(catalogue: Catalogue, whole: Iterable[Path], last: int) -> str:
    """How many articles stand neither in a run that is whole nor in what is recent, and of how many."""
    stand = np.zeros(last + 1, np.bool_)
    for path in whole:
        posted = map_run(path).numbers
        for begin in range(0, len(posted), _STEP):
            stand[posted[begin : begin + _STEP]] = True
    with suppress(ValueError):  # damage was told
        for _, recent in catalogue.recents(0):
            stand[recent[recent <= last]] = True
    lost = articles = 0
    for part in catalogue.outlines():
        numbers = part.numbers[~part.removed & (part.numbers <= last)]
        articles += len(numbers)
        lost += int(np.count_nonzero(~stand[numbers]))
    return f"{lost:,} of {articles:,} articles"
