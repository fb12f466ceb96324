"""Who is a copy of whom: the stages of a run from its texts to a partition; what computes stands in the wings below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.answers import Refuse, Verify, refuse_none
from dedup.blocking import Columns, Walkers, split
from dedup.canonical import Traits, choose, choose_first, prefer
from dedup.clustering import Agreement, assign, mark, order_texts
from dedup.index.buckets import Buckets, group_band_by_band
from dedup.index.keys import block_keys
from dedup.io.intake import Corpus, name_apart
from dedup.mapped import take_rows
from dedup.match.templates import Known, find_templates
from dedup.match.verification import Verifier
from dedup.result import Partition, Verdicts
from dedup.storage import MEMORY
from dedup.versions import choose_versions, supersede

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Signatures
    from dedup.match.exact import ReadTexts
    from dedup.match.headings import Headings
    from dedup.sketch.recipe import Recipe
    from dedup.stages import Method, Texts
    from dedup.storage import Storage
    from dedup.workers import Workers


_SIGNATURES_AT_ONCE = 1 << 14


def divide(  # noqa: PLR0913, PLR0917 - all that is known
    corpus: Corpus,
    texts: Texts,
    read_texts: ReadTexts,
    headings: Headings,
    place_of: Callable[[int], str],
    method: Method,
    workers: Workers,
) -> Partition:
    """Find the leaders of the distinct texts, choose who is kept, and say why."""
    groups, table = texts.groups, texts.table
    verifier = Verifier(table, method.limits, workers)
    ids, repeated = name_apart(corpus.ids, table.text_hashes, place_of, method.storage)
    line_up = _line_up(corpus, texts, ids, method)
    traits = line_up.traits
    known = known_of(corpus, texts, read_texts, method.storage)

    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        alike = verifier.intactness(groups[leaders], groups[members])
        return find_templates(known, leaders, members, alike, workers)

    def rank_headlines(leaders: Rows, members: Rows) -> Rows:
        return headings.rank(verifier, groups[leaders], groups[members])

    def rank_texts(leaders: Rows, members: Rows) -> Rows:
        return verifier.rank(groups[leaders], groups[members])

    by_title = method.by == "title"
    ways = (rank_headlines, refuse_none) if by_title else (rank_texts, refuse)
    storage = method.storage
    led = storage.once("lead", lambda: _lead(corpus, texts, line_up, *ways, method))
    leaders, walks_cut = led["leaders"], led["walks_cut"]
    chosen = choose_versions(corpus.pages, traits, table.text_hashes, method.versions)
    preferred = traits if chosen is None else traits.after(chosen)
    kept = storage.once("keep", lambda: {"rows": choose(leaders, preferred, method.keep)})["rows"]

    def judge(name: str, rows: Rows) -> Verdicts:
        return Verdicts(**storage.once(name, lambda: _judge(verifier, groups, rows, storage)._asdict()))

    to_leader = to_kept = judge("to_leader", groups[leaders])
    if not np.array_equal(groups[kept], groups[leaders]):
        to_kept = judge("to_kept", groups[kept])
    # A cluster may keep a near copy of what another keeps: of one template, or never proposed.
    alike = headings.contradict if by_title else refuse
    superseded = supersede(
        chosen, kept, lambda rows, others: _judge(verifier, groups[rows], groups[others], storage), alike
    )
    return Partition(
        ids,
        kept,
        leaders,
        groups,
        to_kept,
        to_leader,
        repeated,
        walks_cut,
        untitled=int((table.n_words == 0).sum()) if by_title else 0,
        unblocked=line_up.unblocked,
        undated=method.blocking.count_undated(corpus.published),
        absent_sources=line_up.absent_sources,
        superseded=superseded,
    )


class _LineUp(NamedTuple):
    """Who walks, what is known of the articles for it, and what was not found.

    Attributes
    ----------
    walkers : Walkers
        They look for a leader.
    traits : Traits
        Of all articles; their rank is that of their text in their block.
    salt : ndarray of uint64 of shape (n_walkers,), or None
        What keeps blocks apart, where there are several.
    unblocked : int
        Articles without what the blocks are told by.
    absent_sources : tuple of str
        Preferred sources that no article has.
    """

    walkers: Walkers
    traits: Traits
    salt: Hashes | None
    unblocked: int
    absent_sources: tuple[str, ...]


def _line_up(corpus: Corpus, texts: Texts, ids: Sequence[str], method: Method) -> _LineUp:
    """Part the texts by blocks, and say which articles of each look for a leader."""
    blocking = method.blocking
    blocks = blocking.blocks(Columns(corpus.sources, corpus.hosts, corpus.languages, corpus.published))
    parted = split(texts.groups, blocks)
    order = texts.order if blocks is None else order_texts(parted, texts.table, corpus.published)
    rank = np.full(len(parted), len(order))
    rank[order] = np.arange(len(order))
    preference = prefer(corpus.sources, corpus.hosts, method.prefer_source)
    traits = Traits(rank[parted], corpus.published, preference.places, ids)
    if blocking.window < 0:
        walkers = Walkers.first_of(order, traits, choose_first(parted, traits))
    else:
        walkers = Walkers.apart(len(order), traits, blocking)
    if blocks is None:
        return _LineUp(walkers, traits, None, 0, preference.absent)
    salt = block_keys(blocks.numbers[walkers.rows])
    return _LineUp(walkers, traits, salt, blocks.unknown, preference.absent)


def known_of(corpus: Corpus, texts: Texts, read_texts: ReadTexts, storage: Storage = MEMORY) -> Known:
    """What look-alikes are told by; the texts are read without boilerplate."""
    altered = texts.altered[texts.groups]

    def read_news(rows: Rows) -> Iterator[bytes]:
        for row, text in zip(rows.tolist(), read_texts(rows), strict=True):
            yield texts.context.without(text) if altered[row] else text

    return Known(
        texts.least_words[texts.groups],
        corpus.figures,
        altered,
        texts.context.figures(),
        corpus.titles,
        corpus.published,
        read_news,
        storage,
    )


def _lead(
    corpus: Corpus, texts: Texts, line_up: _LineUp, verify: Verify, refuse: Refuse, method: Method
) -> dict[str, Any]:
    """Leader of each article; one without a word leads itself. And the walks cut."""
    recipe, limits, walkers = method.recipe, method.limits, line_up.walkers
    rows = walkers.rows
    agreement = Agreement.of(limits.least_resemblance, limits.resemblance, method.recall, recipe.num_perm)
    storage = method.storage
    signatures = _signatures_of(texts, rows, storage)
    method.tell("grouping")
    buckets = Buckets(
        **storage.once(
            "buckets",
            lambda: group_band_by_band(
                _keys_of(recipe, signatures, line_up.salt), len(rows), recipe.bands, storage
            )._asdict(),
        )
    )
    # Who meets nobody leads itself: in most dumps half of all, or more.
    meeting, buckets = buckets.without_loners()
    walking = walkers.only(meeting)
    rows = walking.rows
    method.tell("verifying")
    compared = 0

    def ask(leaders: Rows, members: Rows) -> Rows:
        nonlocal compared
        compared += len(leaders)
        method.tell("verifying", compared)
        return verify(rows[leaders], rows[members])

    found = assign(
        buckets,
        mark(signatures, meeting, storage),
        texts.table.sizes[texts.groups[rows]],
        agreement,
        ask,
        lambda leaders, members: refuse(rows[leaders], rows[members]),
        method.walk,
        walking.before(corpus.published, method.blocking, len(buckets.starts) - 1),
        storage,
    )
    leaders = np.arange(len(walkers.rows))
    leaders[meeting] = meeting[found.leaders]
    return {"leaders": walkers.leaders(leaders), "walks_cut": int(found.cut.sum())}


def _keys_of(recipe: Recipe, signatures: Signatures, salt: Hashes | None) -> Iterator[Hashes]:
    """Band keys, a few bands at a time; those of different blocks are others, whatever the texts."""
    for keys in recipe.key_parts(signatures):
        yield keys if salt is None else keys ^ salt


def _signatures_of(texts: Texts, rows: Rows, storage: Storage) -> Signatures:
    """Signatures of the texts of some articles; they are not copied where all are asked for."""
    if np.array_equal(texts.groups[rows], texts.order):
        return texts.signatures
    place = np.empty(len(texts.groups), np.int64)
    place[texts.order] = np.arange(len(texts.order))
    places = place[texts.groups[rows]]
    signatures: Signatures = storage.empty((len(rows), texts.signatures.shape[1]), np.uint32)
    for start in range(0, len(rows), _SIGNATURES_AT_ONCE):
        some = slice(start, start + _SIGNATURES_AT_ONCE)
        signatures[some] = take_rows(texts.signatures, places[some])
    return signatures


def _judge(verifier: Verifier, rows: Rows, others: Rows, storage: Storage) -> Verdicts:
    """Verdict on each row against another; rows of equal texts have the same number."""
    verdicts = Verdicts.exact(len(rows), storage)
    different = np.flatnonzero(rows != others)
    verdicts.put(different, verifier.verdicts(others[different], rows[different]))
    return verdicts
