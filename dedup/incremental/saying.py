"""Saying: the verdict on each article that was placed, with its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.incremental.arrivals import Sketches
from dedup.match.exact import equal_texts
from dedup.match.headings import Headings
from dedup.match.passages import LEAST_WORDS, Words, passages_of
from dedup.match.verification import Verifier
from dedup.result import TitleMatches, Verdicts
from dedup.url import host_of, url_id
from dedup.verdict import Verdict
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.incremental.manifest import Manifest
    from dedup.incremental.placing import Placed, Placing, Walked
    from dedup.kernels.types import Hashes, Rows
    from dedup.match.context import Context
    from dedup.match.payload import Kept
    from dedup.pair import Comparison, Passage, Relation


def say(walked: Walked, placing: Placing, manifest: Manifest, *, passages: bool) -> list[Verdict]:
    """Verdict on each arrival, in order.

    Parameters
    ----------
    walked : Walked
        The batch.
    placing : Placing
        Where its articles were put.
    manifest : Manifest
        Of the index.
    passages : bool
        Whether to look for the passages that two share.
    """
    ids, placed, _ = placing
    beside = [one for one in placed if one.against is not None]
    to_kept, to_leader = _judge(walked, beside, manifest)
    verdicts = {one.row: Verdict(ids[one.row], one.name) for one in placed}
    sides = [
        (walked.kept(one.member.number), walked.kept(one.against.number)) for one in beside if one.against
    ]
    titles = _match_titles(sides, manifest.context)
    for place, one in enumerate(beside):
        verdict = _verdict(walked, one, to_kept[place], to_leader[place])
        shared = _passages(*sides[place], manifest.context) if passages else ()
        changed = verdict.version or _is_version(*sides[place], verdict.relation)
        verdicts[one.row] = verdict._replace(title_match=titles.of(place), passages=shared, version=changed)
    for row in walked.recognised.versions:
        if verdicts[row].scores is None:
            verdicts[row] = Verdict(ids[row], verdicts[row].cluster, version=True)
    for row, number in walked.recognised.repeats.items():
        verdicts[row] = _again(walked, ids[row], number, verdicts)
    return [verdicts[row] for row in range(len(ids))]


def _judge(
    walked: Walked, beside: Sequence[Placed], manifest: Manifest
) -> tuple[list[Comparison], list[Comparison]]:
    """Verdict on each against the article that it is put beside, and against the leader of its cluster."""
    if not beside:
        return [], []
    texts, verifier = walked.joined.texts, walked.joined.verifier
    numbers = np.array([one.member.number for one in beside], np.int64)
    against = np.array([one.against.number for one in beside if one.against], np.int64)
    leaders = np.array([one.leader for one in beside], np.int64)
    table, kept, known = texts.sketches.table, texts.kept, texts.numbers
    absent = np.setdiff1d(against, known)
    if len(absent):
        others = [walked.opened[number] for number in absent.tolist()]
        table = texts.sketches.followed_by(Sketches.of([one.text for one in others], manifest)).table
        verifier = Verifier(table, manifest.limits, Workers(1))
        kept, known = kept + others, np.concatenate([known, absent])
    order = np.argsort(known)

    def rows_of(wanted: Rows) -> Rows:
        rows: Rows = order[np.searchsorted(known, wanted, sorter=order)]
        return rows

    def judge(lefts: Rows, rights: Rows) -> list[Comparison]:
        verdicts = verifier.verdicts(lefts, rights)
        equal = _are_equal(table.text_hashes, table.n_words, kept, lefts, rights)
        verdicts.put(equal, Verdicts.exact(len(equal)))
        return [verdicts.of(row) for row in range(len(lefts))]

    rows = rows_of(numbers)
    to_kept = judge(rows_of(against), rows)
    return to_kept, to_kept if np.array_equal(against, leaders) else judge(rows_of(leaders), rows)


def _are_equal(hashes: Hashes, n_words: Rows, kept: list[Kept], lefts: Rows, rights: Rows) -> Rows:
    """Which of the pairs have equal texts."""
    possible = np.flatnonzero((hashes[lefts] == hashes[rights]) & (n_words[lefts] > 0))
    pairs = [(kept[lefts[pair]].text, kept[rights[pair]].text) for pair in possible.tolist()]
    return possible[np.array(equal_texts(pairs), np.bool_)]


def _verdict(walked: Walked, one: Placed, kept: Comparison, leader: Comparison) -> Verdict:
    """Verdict on an article beside another, by their scores."""
    against = one.against
    if against is None:
        raise TypeError("a new article has no counterpart")
    itself = against.doc_id == one.member.doc_id
    return Verdict(
        one.member.doc_id,
        one.name,
        None if itself else against.doc_id,
        kept.relation,
        kept.scores,
        None if against.number == one.leader else leader.scores,
        version=one.row in walked.recognised.versions,
        replaces=one.replaces,
    )


def _is_version(one: Kept, other: Kept, relation: Relation | None) -> bool:
    """Whether two articles are of one page, and their texts differ; ids do not matter."""
    return relation != "exact" and bool(one.url) and url_id(one.url.decode()) == url_id(other.url.decode())


def _match_titles(sides: Sequence[tuple[Kept, Kept]], context: Context) -> TitleMatches:
    """Match of the headlines of each pair; what is behind the pairs has none."""
    if not sides:
        return TitleMatches(np.empty(0), np.empty(0, np.bool_))
    kept = [*(one for one, _ in sides), *(other for _, other in sides)]
    differs = [one.title != other.title for one, other in sides]  # else nobody asks where they stood
    headings = Headings(
        [one.title for one in kept],
        [one.source.decode() or None for one in kept],
        [
            host_of(one.url.decode()) if different else None
            for one, different in zip(kept, differs * 2, strict=True)
        ],
        context.affixes,
    )
    others = np.arange(len(sides), len(kept))
    return headings.match(np.concatenate([others, others]))


def _passages(one: Kept, other: Kept, context: Context) -> tuple[Passage, ...]:
    words = []
    for kept in (one, other):
        text = kept.text.decode()
        whole = Words.of(text)
        words.append(whole.without([span for span, _ in context.find(text)]) if context else whole)
    return passages_of(*words, least_words=LEAST_WORDS)


def _again(walked: Walked, doc_id: str, number: int, verdicts: dict[int, Verdict]) -> Verdict:
    """What was said of an article when it came first."""
    if number < 0:
        first = verdicts[-1 - number]
        return Verdict.unpack(first.pack(), doc_id, first.cluster)
    entry = walked.opened.entries[number]
    return Verdict.unpack(entry.verdict, doc_id, walked.found.clusters[entry.leader].name)
