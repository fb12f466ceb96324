"""What ``dedup compare`` reads and shows."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dedup.article import Article
from dedup.cli.articles import parse_object, read_article
from dedup.cli.terminal import printable_json
from dedup.dates import parse_date
from dedup.errors import ParameterError, ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dedup.pair import Comparison


def read_pair(files: Sequence[str], texts: Sequence[str]) -> tuple[object, object]:
    """Return the two things to compare: files first, then texts given on the command line."""
    if len(files) + len(texts) != 2:
        raise ParameterError(f"{len(files) + len(texts)} given to compare; name two files, or give --text")
    if files.count("-") > 1:
        raise ParameterError("standard input can be only one of the two")
    given = [*map(read_article, files), *texts]
    return given[0], given[1]


def score_lines(name: str, judge: Callable[[Article, Article], Comparison], *, given: bool) -> Iterator[str]:
    """One JSON line of scores for each pair of a file, in order."""
    if given:
        raise ParameterError("--pairs takes its texts from its file; name no others")
    with _lines_of(name) as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                pair = parse_object(line.decode("utf-8-sig", errors="replace"))
                sides = _side(pair, "a"), _side(pair, "b")
                verdict = judge(*sides)
            except ReadError as error:
                raise ReadError(name, error.reason, number) from None
            yield printable_json({"id": pair.get("id"), **as_dict(verdict)})


@contextmanager
def _lines_of(name: str) -> Iterator[Iterable[bytes]]:
    """Lines of a file of any compression; those of standard input as they come."""
    from dedup.io.streams import Source, is_compressed  # noqa: PLC0415 - not for two files

    given = sys.stdin.buffer if name == "-" else None
    if isinstance(given, io.BufferedReader) and not is_compressed(given.peek(4)):
        yield given
        return
    source = Source(name)
    try:
        with source.open() as lines:
            yield lines
    finally:
        source.close()


def _side(pair: dict[str, Any], side: str) -> Article:
    text, title, date, url = (pair.get(side + name) for name in ("", "_title", "_date", "_url"))
    if not isinstance(text, str):
        raise ReadError(
            "record", f"{side!r} is {'absent' if text is None else type(text).__name__}; a string is needed"
        )
    if not isinstance(title, str | None):
        raise ReadError("record", f"'{side}_title' is {type(title).__name__}; a string is needed")
    if not isinstance(url, str | None):
        raise ReadError("record", f"'{side}_url' is {type(url).__name__}; a string is needed")
    return Article(text, url=url, title=title, published=None if date is None else parse_date(date))


def as_dict(verdict: Comparison) -> dict[str, Any]:
    """Relation, scores, titles, what differs, passages and what was ignored as JSON has them."""
    scores, found, titles, told = verdict.scores, verdict.lookalike, verdict.title_match, verdict.retelling
    return {
        "relation": verdict.relation,
        "resemblance": scores.resemblance,
        "containment": scores.containment,
        "coverage": scores.coverage,
        "continuity": scores.continuity,
        "title_match": None if titles is None else titles.score,
        "title_kind": None if titles is None else titles.kind,
        "version": verdict.version,
        "title_similarity": None if told is None else told.title_similarity,
        "rewrite_probability": None if told is None else told.rewrite_probability,
        "same_story_probability": None if told is None else told.same_story_probability,
        "shared": None
        if told is None
        else {"names": told.names, "numbers": told.numbers, "words": told.words},
        "lookalike": None if found is None else asdict(found),
        "passages": [
            {
                "a": {"start": passage.one.start, "stop": passage.one.stop},
                "b": {"start": passage.other.start, "stop": passage.other.stop},
                "n_words": passage.n_words,
                "similarity": passage.similarity,
            }
            for passage in verdict.passages
        ],
        "ignored": list(verdict.ignored),
    }
