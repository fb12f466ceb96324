"""Whether an index in a directory is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.index.runfiles import check_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dedup.index.catalogue import Catalogue

_LISTED = 100  # faults of a kind
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
    yield from (f"{line}" for (line,) in catalogue.query("PRAGMA integrity_check") if line != "ok")
    for message, query in _QUERIES:
        rows = catalogue.query(query)
        yield from (message.format(*row) for row in rows[:_LISTED])
        if len(rows) > _LISTED:
            yield f"and {len(rows) - _LISTED} more of these"
    last = catalogue.state().last
    yield from (f"recent postings {row} are not what was stored" for row in catalogue.damaged_recents(last))
    for name in catalogue.runs():
        yield from check_run(folder / name, last)
