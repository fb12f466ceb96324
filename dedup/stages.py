"""The stages of a run, in their order: articles in, a partition out; what computes stands in the wings below."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.blocking import Blocking, Columns, Walkers, split
from dedup.canonical import Traits, choose, choose_first, prefer
from dedup.clustering import Agreement, Refuse, Verify, assign, order_texts, refuse_none
from dedup.errors import ParameterError
from dedup.index.buckets import group_band_by_band
from dedup.index.keys import block_keys
from dedup.io.intake import Corpus, Intake, name_apart
from dedup.match.blocks import Dump, describe_blocks, find_blocks, read_blocks_again
from dedup.match.boilerplate import (
    LEAST_BYTES,
    VALUES,
    Recurring,
    boilerplate_shingles,
    describe,
    find_recurring,
    leave_out,
    leave_out_counted,
    number_hosts,
    read_lines_again,
)
from dedup.match.context import Context
from dedup.match.exact import ReadTexts, fill_in, group_equal
from dedup.match.headings import Headings
from dedup.match.relation import Limits
from dedup.match.similarity import intactnesses
from dedup.match.templates import Known, find_templates
from dedup.match.verification import Verifier
from dedup.result import Partition, Verdicts
from dedup.sketch.recipe import Recipe
from dedup.text.columns import line_hashes, shingle_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.article import ReusedPassage
    from dedup.canonical import Keep
    from dedup.io.batches import Batch
    from dedup.kernels.types import Hashes, Rows, Signatures
    from dedup.match.suffixes import Affixes
    from dedup.match.titles import By
    from dedup.text.columns import ShingledBatch, ShingleTable, TextColumn
    from dedup.workers import Workers

#: Texts that are worth a thread of their own.
_TEXTS_PER_THREAD = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a run decides and what it may use; the parameters of :func:`dedup.deduplicate`, checked."""

    by: By
    recipe: Recipe
    limits: Limits
    recall: float
    keep: Keep
    prefer_source: Sequence[str]
    walk: int
    workers: Workers
    context: Context | None
    blocking: Blocking = Blocking()  # noqa: RUF009 - frozen

    @classmethod
    def usual(cls, workers: Workers, *, walk: int = 128, context: Context | None = None) -> Method:
        """How :func:`dedup.deduplicate` decides where nothing else is asked for."""
        if walk < 1:
            raise ParameterError(f"walk is {walk}; at least 1 leader must be considered")
        Context.check(context)
        recall, limits = 0.95, Limits()
        recipe = Recipe.for_target(limits.resemblance, recall)
        return cls.plain(recipe, limits, recall, workers, walk=walk, context=context)

    @classmethod
    def plain(
        cls,
        recipe: Recipe,
        limits: Limits,
        recall: float,
        workers: Workers,
        *,
        walk: int,
        context: Context | None = None,
    ) -> Method:
        """By text, the longest kept, whoever published it."""
        return cls(
            by="text",
            recipe=recipe,
            limits=limits,
            recall=recall,
            keep="longest",
            prefer_source=(),
            walk=walk,
            workers=workers,
            context=context,
        )


class Texts(NamedTuple):
    """What the articles of a run are compared by.

    Attributes
    ----------
    groups : ndarray of int64 of shape (n_articles,)
        First row with the same text.
    order : ndarray of int64 of shape (n_texts,)
        Rows of the distinct texts in the order in which they may lead.
    signatures : ndarray of uint32 of shape (n_texts, num_perm)
        In this order; of what is compared, and of the whole text where nothing is.
    table : ShingleTable
        Shingles of each article's text, without boilerplate.
    altered : ndarray of bool of shape (n_articles,)
        Whether boilerplate was left out.
    least_words : ndarray of int64 of shape (n_articles,)
        Words of what is compared, at least.
    context : Context
        What was left out.
    """

    groups: Rows
    order: Rows
    signatures: Signatures
    table: ShingleTable
    altered: NDArray[np.bool_]
    least_words: Rows
    context: Context


def take_in(
    batches: Iterable[Batch], expected_bytes: int, method: Method, workers: Workers
) -> tuple[Corpus, Headings]:
    """Read all articles and shingle what is compared, batch by batch while reading goes on; and their headlines."""
    intake = Intake(expected_bytes)
    least = LEAST_BYTES
    known = None if method.context is None else method.context.affixes
    headings = None
    if method.by == "title":
        # What the outlets print around their headlines is known when all titles are.
        held = [batch._replace(texts=[]) for batch in batches]
        headings = headings_of(held, known)
        batches = with_headlines(held, headings)
        least = sys.maxsize  # a headline that many articles have is no boilerplate

    def work(column: TextColumn) -> tuple[ShingledBatch, tuple[Hashes, Rows]]:
        return shingle_column(column, method.recipe.width), line_hashes(column, least)

    for shingles, lines in workers.map_in_order(work, intake.columns(batches)):
        intake.add_shingles(shingles)
        intake.add_lines(*lines)
    corpus = intake.finish()
    return corpus, headings or Headings(corpus.titles, corpus.sources, corpus.hosts, known)


def headings_of(batches: Sequence[Batch], known: Affixes | None = None) -> Headings:
    """Headlines of batches, stripped of what is known, or learnt from them."""
    titles = [*chain.from_iterable(batch.titles for batch in batches)]
    sources = [*chain.from_iterable(batch.sources for batch in batches)]
    hosts = [*chain.from_iterable(batch.hosts for batch in batches)]
    return Headings(titles, sources, hosts, known)


def with_headlines(batches: Iterable[Batch], headings: Headings) -> Iterator[Batch]:
    """Batches with the stripped headlines for texts."""
    start = 0
    for batch in batches:
        rows = np.arange(start, start + len(batch.titles))
        yield batch._replace(texts=list(headings.read(rows)))
        start += len(rows)


def prepare(
    corpus: Corpus, read_texts: ReadTexts, method: Method, workers: Workers, groups: Rows | None = None
) -> Texts:
    """Collapse exact copies (unless their `groups` are known), sign the distinct texts, and leave boilerplate out of what is compared."""
    recipe = method.recipe
    if groups is None:
        groups = group_equal(corpus.table, read_texts)
    table = fill_in(corpus.table, groups, read_texts, recipe.width)
    order = order_texts(groups, table, corpus.published)
    signatures = np.empty((len(order), recipe.num_perm), np.uint32)

    def sign(span: slice) -> None:
        recipe.sign(table, order[span], signatures[span])

    list(workers.map_in_order(sign, workers.spans(len(order), _TEXTS_PER_THREAD)))

    context = Context() if method.by == "title" else method.context
    if context is None:
        context = _learn(corpus, order, signatures, table, read_texts, recipe)
    lines = dict.fromkeys(item.text.encode() for item in context.boilerplate)
    shingles = boilerplate_shingles([*lines], recipe.width)
    compared, least_words = leave_out_counted(table, shingles, recipe.width)
    altered = compared.sizes != table.sizes
    changed = np.flatnonzero(altered[order] & (compared.sizes[order] > 0))

    def mend(span: slice) -> None:
        recipe.sign_again(compared, order[changed[span]], shingles, signatures, changed[span])

    list(workers.map_in_order(mend, workers.spans(len(changed), _TEXTS_PER_THREAD)))
    return Texts(groups, order, signatures, compared, altered, least_words, context)


def _learn(
    corpus: Corpus,
    order: Rows,
    signatures: Signatures,
    table: ShingleTable,
    read_texts: ReadTexts,
    recipe: Recipe,
) -> Context:
    """Learn what recurs over different articles."""

    def sign_without(lines: Recurring) -> Signatures:
        shingles = boilerplate_shingles(read_lines_again(lines, read_texts), recipe.width)
        return recipe.sign(leave_out(table._replace(hashes=table.hashes.copy()), shingles), order)

    hosts = number_hosts(corpus.hosts)
    found = find_recurring(corpus.lines, hosts, order, signatures, sign_without)
    lines = read_lines_again(found, read_texts)
    dump = Dump(table, order, hosts, signatures, boilerplate_shingles([*dict.fromkeys(lines)], recipe.width))
    blocks = find_blocks(dump, replace(recipe, num_perm=VALUES, bands=1, rows=VALUES).sign)
    texts = read_blocks_again(blocks, read_texts, recipe.width)
    return Context([*describe(found, lines, corpus.hosts), *describe_blocks(blocks, texts, corpus.hosts)])


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
    ids, repeated = name_apart(corpus.ids, table.text_hashes, place_of)
    line_up = _line_up(corpus, texts, ids, method)
    traits = line_up.traits
    known = known_of(corpus, texts, read_texts)

    def refuse(leaders: Rows, members: Rows) -> NDArray[np.bool_]:
        alike = intactnesses(table, groups[leaders], groups[members])
        return find_templates(known, leaders, members, alike, workers)

    def rank_headlines(leaders: Rows, members: Rows) -> Rows:
        return headings.rank(verifier, groups[leaders], groups[members])

    def rank_texts(leaders: Rows, members: Rows) -> Rows:
        return verifier.rank(groups[leaders], groups[members])

    by_title = method.by == "title"
    if by_title:
        leaders, walks_cut = _lead(corpus, texts, line_up, rank_headlines, refuse_none, method)
    else:
        leaders, walks_cut = _lead(corpus, texts, line_up, rank_texts, refuse, method)
    kept = choose(leaders, traits, method.keep)
    to_leader = to_kept = _judge(verifier, groups, groups[leaders])
    if not np.array_equal(groups[kept], groups[leaders]):
        to_kept = _judge(verifier, groups, groups[kept])
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


def known_of(corpus: Corpus, texts: Texts, read_texts: ReadTexts) -> Known:
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
    )


def gather_reuse(
    corpus: Corpus,
    texts: Texts,
    partition: Partition,
    read_texts: ReadTexts,
    method: Method,
    least_words: int,
) -> tuple[ReusedPassage, ...]:
    """Passages that articles of different clusters share."""
    from dedup.reuse import Dump, find_reuse  # noqa: PLC0415 - few runs ask for it

    dump = Dump(texts.table, partition, corpus.published, corpus.hosts, read_texts)
    return find_reuse(dump, method.limits, least_words=least_words)


def _lead(
    corpus: Corpus, texts: Texts, line_up: _LineUp, verify: Verify, refuse: Refuse, method: Method
) -> tuple[Rows, int]:
    """Leader of each article; one without a word leads itself. And the walks cut."""
    recipe, limits, walkers = method.recipe, method.limits, line_up.walkers
    rows = walkers.rows
    agreement = Agreement.of(limits.least_resemblance, limits.resemblance, method.recall, recipe.num_perm)
    signatures = _signatures_of(texts, rows)
    buckets = group_band_by_band(_keys_of(recipe, signatures, line_up.salt), len(rows), recipe.bands)
    found = assign(
        buckets,
        signatures,
        texts.table.sizes[texts.groups[rows]],
        agreement,
        lambda leaders, members: verify(rows[leaders], rows[members]),
        lambda leaders, members: refuse(rows[leaders], rows[members]),
        method.walk,
        walkers.before(corpus.published, method.blocking, len(buckets.starts) - 1),
    )
    return walkers.leaders(found.leaders), int(found.cut.sum())


def _keys_of(recipe: Recipe, signatures: Signatures, salt: Hashes | None) -> Iterator[Hashes]:
    """Band keys, a few bands at a time; those of different blocks are others, whatever the texts."""
    for keys in recipe.key_parts(signatures):
        yield keys if salt is None else keys ^ salt


def _signatures_of(texts: Texts, rows: Rows) -> Signatures:
    """Signatures of the texts of some articles; they are not copied where all are asked for."""
    if np.array_equal(texts.groups[rows], texts.order):
        return texts.signatures
    place = np.empty(len(texts.groups), np.int64)
    place[texts.order] = np.arange(len(texts.order))
    return texts.signatures[place[texts.groups[rows]]]


def _judge(verifier: Verifier, rows: Rows, others: Rows) -> Verdicts:
    """Verdict on each row against another; rows of equal texts have the same number."""
    verdicts = Verdicts.exact(len(rows))
    different = np.flatnonzero(rows != others)
    verdicts.put(different, verifier.verdicts(others[different], rows[different]))
    return verdicts
