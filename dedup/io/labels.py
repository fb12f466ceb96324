"""Labels: what is known, and what was said, of articles or of pairs, from files about the same ones."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from sys import float_info
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from dedup.errors import ReadError
from dedup.io.lines import read_lines
from dedup.io.streams import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator, Sequence

    from dedup.io.streams import Source

CLUSTER = "cluster"
#: Fields that a score is looked for in, the best for labelled pairs first.
SCORES = ("rewrite_probability", "same_story_probability", "title_similarity", "resemblance")
#: The same for pairs that have a grade alone.
GRADED_SCORES = ("title_similarity", *(name for name in SCORES if name != "title_similarity"))
_SHOWN = 40  # characters of a value that is none
_LABELS = {"0": False, "0.0": False, "false": False, "1": True, "1.0": True, "true": True}


class Label(NamedTuple):
    """What is known of a pair: whether it is positive, its grade, the value of a field to tell figures by."""

    label: bool | None
    grade: float | None
    group: str


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Pairs that both files have, in the order of the truth.

    Attributes
    ----------
    labels : list of bool or None
    grades : list of float or None
    groups : list of str
        Value of the field that was asked for; "" where there is none.
    scores : list of float or None
        For relations: whether the pair has one of these.
    score : str
        Name of the field that the scores are from.
    unsaid : int
        Pairs of the truth that the predictions do not have.
    unknown : int
        Predictions of pairs that the truth does not have.
    """

    labels: list[bool | None]
    grades: list[float | None]
    groups: list[str]
    scores: list[float | None]
    score: str
    unsaid: int
    unknown: int


def is_about_pairs(truth: Source) -> bool:
    """Whether a file is about pairs: its first line has a `label` or a `grade`, and no cluster."""
    record = _first(truth)
    return record.get(CLUSTER) is None and ("label" in record or "grade" in record)


def read_labels(truth: Source, predicted: Source, field: str = CLUSTER) -> tuple[list[str], list[str]]:
    """Clusters of the articles in the order of the truth.

    Parameters
    ----------
    truth, predicted : Source
        Files of JSON lines ``{"id", "cluster"}``.
    field : str, default="cluster"
        What stands in place of `cluster`; the truth may do with `cluster` if its first line has no such field.

    Returns
    -------
    tuple of two lists of str

    Raises
    ------
    ReadError
        If a line can't be read, an id stands twice, or one file has an article that the other has not.
    """
    true_clusters, predicted_clusters = (
        _clusters(truth, field if field in _first(truth) else CLUSTER),
        _clusters(predicted, field),
    )
    for one, other, name in (
        (true_clusters, predicted_clusters, predicted.name),
        (predicted_clusters, true_clusters, truth.name),
    ):
        absent = one.keys() - other.keys()
        if absent:
            raise ReadError(
                name, f"{len(absent):,} articles of the other file are absent, e.g. {min(absent)!r}"
            )
    return list(true_clusters.values()), [predicted_clusters[name] for name in true_clusters]


def read_pairs(
    truth: Source,
    predicted: Source,
    *,
    score: str | None = None,
    relations: Collection[str] = (),
    by: str | None = None,
) -> LabelledPairs:
    """Labels, grades and scores of the pairs in the order of the truth.

    Parameters
    ----------
    truth : Source
        JSON lines ``{"id", "label", "grade"}``: true, false, 1, 0, "1", "0" or null; a number. A grade that is none
        counts as absent.
    predicted : Source
        JSON lines with `id` and scores; may be the same file.
    score : str, optional
        Field of the score: a number or null. Default: the first of `SCORES` that stands in every line; of
        `GRADED_SCORES` where no pair has a label.
    relations : collection of str, optional
        In place of a score, whether `relation` is one of these.
    by : str, optional
        Field of the truth for `groups`.

    Returns
    -------
    LabelledPairs

    Raises
    ------
    ReadError
        If a line can't be read, an id stands twice, a label or score is something else, or there is no pair in both.
    """
    known = dict(_known(truth, by))
    graded = all(one.label is None for one in known.values())
    if relations:
        name, said = "relation", dict[str, "float | None"](_related(predicted, frozenset(relations)))
    else:
        name, said = _scored(predicted, (score,) if score else GRADED_SCORES if graded else SCORES)
    common = [pair for pair in known if pair in said]
    if not common:
        raise ReadError(
            predicted.name, f"none of its {len(said):,} pairs is one of the {len(known):,} of {truth.name}"
        )
    return LabelledPairs(
        labels=[known[pair].label for pair in common],
        grades=[known[pair].grade for pair in common],
        groups=[known[pair].group for pair in common],
        scores=[said[pair] for pair in common],
        score=name,
        unsaid=len(known) - len(common),
        unknown=len(said) - len(common),
    )


def _clusters(source: Source, field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, record in _records(source):
        if record.get(field) is None:
            raise ReadError(source.name, f'an object with "id" and "{field}" is needed', number)
        found[str(record["id"])] = str(record[field])
    return found


def _known(source: Source, by: str | None) -> Iterator[tuple[str, Label]]:
    for number, record in _records(source):
        given, grade, group = record.get("label"), record.get("grade"), record.get(by or "")
        label = None if given is None else _LABELS.get(str(given).lower())
        if given is not None and label is None:
            raise ReadError(
                source.name, f"the label is {_shown(given)}; it is 1, 0, true, false or null", number
            )
        yield (
            str(record["id"]),
            Label(label, float(grade) if _is_number(grade) else None, "" if group is None else str(group)),
        )


def _scored(source: Source, names: Sequence[str]) -> tuple[str, dict[str, float | None]]:
    """Which of the fields stands first in every line, and its values."""
    standing = list(names)
    rows: list[tuple[int, str, list[Any]]] = []
    for number, record in _records(source):
        absent = [name for name in standing if name not in record]
        standing = [name for name in standing if name in record]
        if not standing:
            named = " or ".join(map(repr, absent))
            raise ReadError(
                source.name, f"{named} is absent; --score names a field that stands in every line", number
            )
        rows.append((number, str(record["id"]), [record.get(name) for name in names]))
    name = standing[0]
    place = names.index(name)
    found: dict[str, float | None] = {}
    for number, pair, values in rows:
        value = values[place]
        if value is not None and not _is_number(value):
            raise ReadError(source.name, f"{name!r} is {_shown(value)}; a number or null is needed", number)
        found[pair] = value
    return name, found


def _related(source: Source, relations: frozenset[str]) -> Iterator[tuple[str, bool]]:
    for number, record in _records(source):
        if not isinstance(record.get("relation"), str):
            raise ReadError(source.name, 'an object with "id" and "relation" is needed', number)
        yield str(record["id"]), record["relation"] in relations


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number that can be reckoned with; NaN is one, and told as absent later."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) > float_info.max


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _first(source: Source) -> dict[str, Any]:
    with closing(_records(source)) as records:
        return next((record for _, record in records), {})


def _records(source: Source) -> Generator[tuple[int, dict[str, Any]], None, None]:
    """Objects with an id, each once, and their lines."""
    seen: set[str] = set()
    with source.open() as stream:
        for line in read_lines(stream, MAX_RECORD):
            if line.is_blank:
                continue
            record = _record(source.name, line.number, line.data)
            article = str(record["id"])
            if article in seen:
                raise ReadError(source.name, f"the id {article!r} stands twice", line.number)
            seen.add(article)
            yield line.number, record


def _record(name: str, number: int, data: bytes | None) -> dict[str, Any]:
    try:
        record = json.loads(data or b"")
    except (ValueError, RecursionError) as error:
        raise ReadError(name, f"broken JSON: {error}", number) from error
    if not isinstance(record, dict) or record.get("id") is None:
        raise ReadError(name, 'an object with "id" is needed', number)
    return record
