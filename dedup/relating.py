"""Relating: what each article of a story is to the one that stands for it, and what speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import RELATIONS
from dedup.match.similarity import intactnesses
from dedup.match.templates import find_templates
from dedup.match.verification import Verifier
from dedup.stages import known_of
from dedup.story import Tie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.kernels.types import Rows
    from dedup.stages import Method
    from dedup.telling import Dump, Told
    from dedup.workers import Workers

_NEAR, _TEMPLATE, _UNRELATED = (RELATIONS.index(name) for name in ("near", "template", "unrelated"))
#: Articles whose texts are held in memory at once.
_BLOCK = 4096


class _Page(NamedTuple):
    """An article as evidence is sought in it."""

    title: str
    text: str
    published: float | None


def relate(dump: Dump, told: Told, method: Method, workers: Workers) -> list[Tie | None]:
    """Say what each article is to the one that stands for its story.

    Parameters
    ----------
    dump : Dump
        Articles and their clusters.
    told : Told
        Their stories.
    method : Method
        How the run decided.
    workers : Workers
        Threads.

    Returns
    -------
    list of Tie or None
        None for the article that stands for a story.

    Notes
    -----
    Each article is compared with one other; the texts are read again, so many at a time.
    """
    representatives = told.representatives[told.labels]
    rows = np.flatnonzero(representatives != np.arange(len(representatives)))
    rows = rows[
        np.argsort(told.labels[rows], kind="stable")
    ]  # the article that stands for a story is read once
    relations = _relations(dump, rows, representatives[rows], method, workers)
    titles = dump.headings.match(representatives).scores
    ties: list[Tie | None] = [None] * len(representatives)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        pages = _read_pages(dump, np.union1d(block, representatives[block]))
        for row, relation in zip(block.tolist(), relations[start : start + _BLOCK].tolist(), strict=True):
            title = float(titles[row])
            match = None if title != title else title  # noqa: PLR0124 - NaN
            ties[row] = _tie(RELATIONS[relation], pages[row], pages[int(representatives[row])], match)
    return ties


def _relations(dump: Dump, rows: Rows, others: Rows, method: Method, workers: Workers) -> Rows:
    """Places in ``RELATIONS`` of what articles are to others: as the clusters have it, or by their texts."""
    partition, texts = dump.partition, dump.texts
    relations = partition.to_kept.relations[rows].astype(np.int64)
    apart = np.flatnonzero(partition.kept[rows] != others)
    lefts, rights = texts.groups[others[apart]], texts.groups[rows[apart]]
    found = Verifier(texts.table, method.limits, workers).verdicts(lefts, rights).relations.astype(np.int64)
    # What resembles and is in another cluster was refused, for it looks alike only, or was not proposed.
    near = np.flatnonzero(found == _NEAR)
    if method.by == "title":
        refused = dump.headings.contradict(others[apart[near]], rows[apart[near]])
    else:
        alike = intactnesses(texts.table, lefts[near], rights[near])
        known = known_of(dump.corpus, texts, dump.read_texts)
        refused = find_templates(known, others[apart[near]], rows[apart[near]], alike, workers)
    found[near[refused]] = _TEMPLATE
    relations[apart] = found
    return relations


def _read_pages(dump: Dump, rows: Rows) -> dict[int, _Page]:
    """Articles of ascending rows; a title that stands in for a body is none."""
    titles, published = dump.corpus.titles, dump.corpus.published

    def pages() -> Iterator[tuple[int, _Page]]:
        for row, text in zip(rows.tolist(), dump.read_texts(rows), strict=True):
            title, date = titles[row], float(published[row])
            body = "" if text == title else text.decode()
            yield row, _Page(title.decode(), body, None if date != date else date)  # noqa: PLR0124 - NaN

    return dict(pages())


def _tie(relation: str, one: _Page, other: _Page, title_match: float | None) -> Tie:
    """What one article of a story is to another, which stands for it; `relation` is that of their texts."""
    probability, evidence = _evidence(one, other)
    if relation == RELATIONS[_UNRELATED]:
        relation = "rewrite" if _is_rewrite(one, other) else "same_story"
    return Tie(relation, probability, evidence, title_match)


def _evidence(one: _Page, other: _Page) -> tuple[float | None, str | None]:
    """How probable it is that both tell one story, and what speaks for it; nothing says so yet."""
    del one, other
    return None, None


def _is_rewrite(one: _Page, other: _Page) -> bool:
    """Whether one tells the other again in other words; nothing says so yet."""
    del one, other
    return False
