"""Marks: what a run says of a record, as fields of the record itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.pair import RELATIONS
from dedup.text.strings import Strings, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.kernels.types import Rows
    from dedup.result import Partition
    from dedup.verdict import Verdict

    Marker = Callable[[Rows], Iterator["Mark"]]


class Mark(NamedTuple):
    """What is said of one article; all but the first two are None where it is kept.

    Attributes
    ----------
    cluster : str
        Id of its cluster.
    kept : bool
        Whether it is kept.
    duplicate_of : str or None
        Id of the article that is kept.
    relation : str or None
        To that article.
    resemblance, containment, coverage : float or None
        Scores against that article.
    version : bool or None
        Whether it is another version of its page, with another text.
    """

    cluster: str
    kept: bool
    duplicate_of: str | None = None
    relation: str | None = None
    resemblance: float | None = None
    containment: float | None = None
    coverage: float | None = None
    version: bool | None = None

    def fields(self) -> dict[str, Any]:
        """Fields of a record that say it.

        Examples
        --------
        >>> list(Mark("a", True).fields().items())[:2]
        [('dedup_cluster', 'a'), ('dedup_kept', True)]
        """
        return dict(zip(MARK_FIELDS, self, strict=True))


#: Names of the fields that marks are.
MARK_FIELDS = tuple(f"dedup_{name}" for name in Mark._fields)
_SCORES = ("resemblance", "containment", "coverage")


def without_marks(record: dict[str, Any]) -> dict[str, Any]:
    """Record without the marks of an earlier run."""
    return {name: value for name, value in record.items() if name not in MARK_FIELDS}


def run_marks(partition: Partition, rows: Rows) -> Iterator[Mark]:
    """What a run says of these rows."""
    ids, changed = Strings.of(partition.ids), partition.versions
    for span in spans_of(len(rows)):
        mine = rows[span]
        canonical, kept = partition.clusters[mine], partition.kept[mine]
        versions = np.zeros(len(mine), np.bool_) if changed is None else changed[mine]
        columns = mine, kept, versions, *(column[mine] for column in partition.to_kept[:4])
        told = zip(ids.take(canonical), ids.take(kept), *(column.tolist() for column in columns), strict=True)
        for cluster, kept_id, row, kept_row, version, relation, *scores in told:
            yield (
                Mark(kept_id, True)
                if row == kept_row
                else Mark(cluster, False, kept_id, RELATIONS[relation], *[*scores, version])
            )


def index_mark(verdict: Verdict) -> Mark:
    """What an index says of an article."""
    if not verdict.is_duplicate:
        return Mark(verdict.cluster, True)
    scores = [getattr(verdict, name) for name in (*_SCORES, "version")]
    return Mark(verdict.cluster, False, verdict.duplicate_of, verdict.relation, *scores)


def given_marks(marks: list[Mark]) -> Marker:
    """Marks that are there already, one for each row."""
    return lambda rows: map(marks.__getitem__, rows.tolist())
