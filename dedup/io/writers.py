"""Writers: the kept lines byte for byte, and one JSON line for each article or duplicate."""

from __future__ import annotations

import json
from itertools import repeat
from typing import TYPE_CHECKING, Any

from dedup.article import RELATIONS

orjson: Any
try:
    import orjson
except ImportError:
    orjson = None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.article import Damaged
    from dedup.io.inputs import Inputs
    from dedup.result import Partition, Verdicts


def dump_line(record: Any) -> bytes:  # noqa: ANN401 - any JSON value
    r"""One JSON line; the same bytes with and without orjson.

    Examples
    --------
    >>> dump_line({"id": "é", "kept": True})
    b'{"id":"\xc3\xa9","kept":true}\n'
    """
    if orjson is not None:
        try:
            return bytes(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        except TypeError:  # a lone surrogate
            pass
    try:
        return (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(record, separators=(",", ":")) + "\n").encode()


def _rows(verdicts: Verdicts) -> Iterator[tuple[str, float, float, float, float | None]]:
    """Columns of verdicts as rows of Python values."""
    return zip(
        [RELATIONS[code] for code in verdicts.relations.tolist()],
        verdicts.resemblance.tolist(),
        verdicts.containment.tolist(),
        verdicts.coverage.tolist(),
        [None if value != value else value for value in verdicts.continuity.tolist()],  # noqa: PLR0124 - NaN
        strict=True,
    )


def cluster_lines(partition: Partition, inputs: Inputs, *, all_rows: bool) -> Iterator[bytes]:
    """One JSON line for each article, in input order; without `all_rows` for the dropped ones only.

    ``leader`` is null where the kept article leads the cluster; else it names the leader and the scores that the
    article was dropped for.
    """
    ids, names = partition.ids, inputs.names
    others = _rows(partition.to_leader) if (partition.kept != partition.leaders).any() else repeat(None)
    rows = zip(
        partition.kept.tolist(),
        partition.leaders.tolist(),
        _rows(partition.to_kept),
        others,
        inputs.places.files.tolist(),
        inputs.places.numbers.tolist(),
        strict=False,
    )
    for row, (kept, leader, scores, to_leader, file, number) in enumerate(rows):
        dropped = kept != row
        if not (dropped or all_rows):
            continue
        relation, resemblance, containment, coverage, continuity = scores if dropped else _NO_SCORES
        yield dump_line(
            {
                "id": ids[row],
                "cluster": ids[kept],
                "kept": not dropped,
                "duplicate_of": ids[kept] if dropped else None,
                "relation": relation,
                "resemblance": resemblance,
                "containment": containment,
                "coverage": coverage,
                "continuity": continuity,
                "leader": _leader(ids[leader], to_leader)
                if to_leader and dropped and leader != kept
                else None,
                "input": names[file],
                "record": number,
            }
        )


def _leader(name: str, scores: tuple[str, float, float, float, float | None]) -> dict[str, Any]:
    relation, resemblance, containment, coverage, continuity = scores
    return {
        "id": name,
        "relation": relation,
        "resemblance": resemblance,
        "containment": containment,
        "coverage": coverage,
        "continuity": continuity,
    }


_NO_SCORES = (None, None, None, None, None)


def damaged_lines(damaged: Iterable[Damaged]) -> Iterator[bytes]:
    """One JSON line for each record that could not be read."""
    for item in damaged:
        yield dump_line({"input": item.place.input, "record": item.place.record, "reason": item.reason})
