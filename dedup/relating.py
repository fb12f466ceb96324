"""Relating: what each article of a story is to the one that stands for it, and what speaks for it."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.dividing import known_of
from dedup.match.relation import LIKELY
from dedup.match.rewriting import load_model
from dedup.match.samestory import SameStory, same_story
from dedup.match.similarity import intactnesses
from dedup.match.templates import find_templates
from dedup.match.verification import Verifier
from dedup.match.wording import Wording
from dedup.match.written import as_written
from dedup.pair import RELATIONS
from dedup.story import Tie

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from dedup.kernels.types import Rows
    from dedup.pair import Relation
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

    @property
    def words(self) -> str:
        """What is compared."""
        return self.text or self.title


class _Evidence(NamedTuple):
    """How probable it is that two articles tell one story, what speaks for it, and whether one tells the other again."""

    probability: float
    says: str
    is_rewrite: bool


#: Of the copies of the article that stands for a story.
_COPIES = _Evidence(1.0, "copies of one text", is_rewrite=False)


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
    Each article is compared with one other by its shingles. Evidence is sought once for a cluster, in what is kept of it,
    and handed to the copies; the texts are read again for that, so many at a time.
    """
    representatives = told.representatives[told.labels]
    rows = np.flatnonzero(representatives != np.arange(len(representatives)))
    relations = _relations(dump, rows, representatives[rows], method, workers)
    titles = dump.headings.match(representatives).scores[rows]
    kept = dump.partition.kept[rows]
    told_again = np.unique(kept[relations == _UNRELATED])
    found = _evidence_of(dump, np.unique(kept), representatives, set(told_again.tolist()))
    ties: list[Tie | None] = [None] * len(representatives)
    columns = (column.tolist() for column in (rows, kept, relations, titles))
    for row, canonical, relation, title in zip(*columns, strict=True):
        evidence = found[canonical]
        name: Relation = RELATIONS[relation]
        if relation == _UNRELATED:
            name = "rewrite" if evidence.is_rewrite else "same_story"
        match = None if title != title else title  # noqa: PLR0124 - NaN
        ties[row] = Tie(name, evidence.probability, evidence.says, match)
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


def _evidence_of(
    dump: Dump, canonicals: Rows, representatives: Rows, doubtful: Container[int]
) -> dict[int, _Evidence]:
    """Evidence for each kept article that it tells the story of the one that stands for it.

    Whether it is a rewrite is asked of the doubtful only.
    """
    others = canonicals[representatives[canonicals] != canonicals]
    # By story, so that the article that stands for it is read with the others.
    order = others[np.argsort(representatives[others], kind="stable")]
    found = dict.fromkeys(canonicals.tolist(), _COPIES)
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        pages = _read_pages(dump, np.union1d(block, representatives[block]))
        pairs = zip(block.tolist(), representatives[block].tolist(), strict=True)
        for other, members in groupby(pairs, itemgetter(1)):
            told = Wording(pages[other].words)
            for row, _ in members:
                found[row] = _seek(pages[row], pages[other], told, again=row in doubtful)
    return found


def _seek(one: _Page, other: _Page, told: Wording, *, again: bool) -> _Evidence:
    """Evidence that an article tells the story of another, whose wording is given; and if it is told `again`."""
    wording = Wording(one.words)
    story = same_story(one, other)
    shared = (as_written(terms, wording.written) for terms in (story.names, story.numbers, story.words))
    is_rewrite = again and load_model().judge(wording, told).probability >= LIKELY
    return _Evidence(story.probability, SameStory(story.probability, *shared).says(), is_rewrite)


def _read_pages(dump: Dump, rows: Rows) -> dict[int, _Page]:
    """Articles of ascending rows; a title that stands in for a body is none."""
    titles, published = dump.corpus.titles, dump.corpus.published

    def pages() -> Iterator[tuple[int, _Page]]:
        for row, text in zip(rows.tolist(), dump.read_texts(rows), strict=True):
            title, date = titles[row], float(published[row])
            body = "" if text == title else text.decode()
            yield row, _Page(title.decode(), body, None if date != date else date)  # noqa: PLR0124 - NaN

    return dict(pages())
