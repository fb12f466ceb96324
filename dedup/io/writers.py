"""Writers: the kept lines byte for byte, and one JSON line for each article or duplicate."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from dedup.article import RELATIONS

try:
    import orjson
except ImportError:
    orjson = None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from dedup.article import Damaged
    from dedup.io.inputs import Inputs
    from dedup.io.streams import Source
    from dedup.result import Partition, Verdicts

_CHUNK = 1 << 20


def dump_line(record: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """One JSON line; the same bytes with and without orjson.

    Examples
    --------
    >>> dump_line({"id": "é", "kept": True})
    b'{"id":"\\xc3\\xa9","kept":true}\\n'
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


def copy_spans(source: Source, spans: Iterable[tuple[int, int]], output: BinaryIO) -> None:
    """Copy byte ranges of an input, ascending; a last line without a line end gets one."""
    with source.open() as stream:
        last = b"\n"
        for start, stop in _joined(spans):
            stream.seek(start)
            left = stop - start
            while left and (chunk := stream.read(min(left, _CHUNK))):
                output.write(chunk)
                last = chunk[-1:]
                left -= len(chunk)
        if last != b"\n":
            output.write(b"\n")


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges that touch, as one."""
    begin = end = -1
    for start, stop in spans:
        if start == end:
            end = stop
            continue
        if begin >= 0:
            yield begin, end
        begin, end = start, stop
    if begin >= 0:
        yield begin, end


def _scores(verdicts: Verdicts) -> Iterator[tuple[str, float, float, float, float | None]]:
    """Columns of verdicts as rows of Python values."""
    continuity = [None if math.isnan(value) else value for value in verdicts.continuity.tolist()]
    relations = [RELATIONS[code] for code in verdicts.relations.tolist()]
    return zip(
        relations,
        verdicts.resemblance.tolist(),
        verdicts.containment.tolist(),
        verdicts.coverage.tolist(),
        continuity,
        strict=True,
    )


def cluster_lines(partition: Partition, inputs: Inputs, *, all_rows: bool) -> Iterator[bytes]:
    """One JSON line for each article, in input order; without `all_rows` for the dropped ones only."""
    ids = partition.ids
    rows = zip(
        partition.kept.tolist(),
        partition.leaders.tolist(),
        _scores(partition.to_kept),
        _scores(partition.to_leader),
        inputs.files,
        inputs.numbers,
        strict=True,
    )
    for row, (kept, leader, to_kept, to_leader, file, number) in enumerate(rows):
        dropped = kept != row
        if not (dropped or all_rows):
            continue
        relation, resemblance, containment, coverage, continuity = to_kept if dropped else _NO_SCORES
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
                "leader": ids[leader],
                "leader_relation": to_leader[0] if leader != row else None,
                "leader_resemblance": to_leader[1] if leader != row else None,
                "leader_containment": to_leader[2] if leader != row else None,
                "leader_coverage": to_leader[3] if leader != row else None,
                "input": inputs.names[file],
                "record": number,
            }
        )


_NO_SCORES = (None, None, None, None, None)


def damaged_lines(damaged: Iterable[Damaged]) -> Iterator[bytes]:
    """One JSON line for each record that could not be read."""
    for item in damaged:
        yield dump_line({"input": item.place.input, "record": item.place.record, "reason": item.reason})
