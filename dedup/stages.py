"""The stages of a run up to its texts, as they are compared; :mod:`dedup.dividing` goes on. What computes stands below."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.blocking import Blocking
from dedup.clustering import order_texts
from dedup.errors import ParameterError
from dedup.io.intake import About, Corpus, Intake
from dedup.mapped import take_rows
from dedup.match.blocks import Dump, describe_blocks, find_blocks, read_blocks_again
from dedup.match.boilerplate import LEAST_BYTES, VALUES, Recurring, describe, find_recurring, read_lines_again
from dedup.match.context import Context
from dedup.match.exact import ReadTexts, fill_in, group_equal
from dedup.match.headings import Headings
from dedup.match.leaving_out import (
    boilerplate_shingles,
    leave_out,
    leave_out_counted,
    leave_out_in_legs,
    take_texts,
)
from dedup.match.relation import Limits
from dedup.progress import SILENT, Teller
from dedup.sketch.recipe import Recipe
from dedup.storage import MEMORY, Journal
from dedup.text.columns import line_hashes, shingle_column, spans_of
from dedup.versions import Versions, check_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.article import ReusedPassage
    from dedup.canonical import Keep
    from dedup.io.batches import Batch
    from dedup.kernels.types import Hashes, Rows, Signatures
    from dedup.match.suffixes import Affixes
    from dedup.match.titles import By
    from dedup.result import Partition
    from dedup.storage import Storage
    from dedup.text.columns import ShingledBatch, ShingleTable, TextColumn
    from dedup.workers import Workers

#: Texts that are worth a thread of their own.
_TEXTS_PER_THREAD = 256
_SIGNED_AT_ONCE = 1 << 14
_SHINGLES_AT_ONCE = 1 << 22


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
    storage: Storage = MEMORY
    tell: Teller = SILENT
    versions: Versions = "all"
    pages: bool = False

    def of_pages(self, versions: Versions, *, told: bool) -> Method:
        """The same, of which versions of a page may be kept, and whether it is told which articles are versions."""
        check_versions(versions)
        return replace(self, versions=versions, pages=told or versions != "all")

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
    batches: Iterable[Batch],
    expected_bytes: int,
    method: Method,
    workers: Workers,
    journal: Journal | None = None,
) -> tuple[Corpus, Headings]:
    """Read all articles and shingle what is compared, batch by batch while reading goes on; and their headlines.

    How far that has come is put down in the `journal`.
    """
    journal = journal or Journal()
    intake = Intake(expected_bytes, journal, pages=method.pages)
    journal.attach("intake", intake)
    by_title = method.by == "title"
    least = LEAST_BYTES
    known = None if method.context is None else method.context.affixes
    headings = None
    if by_title:
        # What the outlets print around their headlines is known when all titles are.
        for batch in batches:
            intake.add(batch)
        headings = headings_of(intake.about, known)
        legs = iter([headings.columns()])
        least = sys.maxsize  # a headline that many articles have is no boilerplate
    else:
        legs = (intake.columns(leg) for leg in in_legs(batches, journal.leg))

    def work(column: TextColumn) -> tuple[ShingledBatch, tuple[Hashes, Rows]]:
        return shingle_column(column, method.recipe.width), line_hashes(column, least)

    for leg in legs:
        for shingles, lines in workers.map_in_order(work, leg):
            intake.add_shingles(shingles)
            intake.add_lines(*lines)
        journal.commit()
    return intake.finish(), headings or headings_of(intake.about, known)


def in_legs(batches: Iterable[Batch], leg: int | None) -> Iterator[Iterable[Batch]]:
    """Cut batches into legs of about so many bytes of text, if at all; nothing of the next is read before one is used up."""
    if leg is None:
        yield batches
        return
    waiting = iter(batches)
    while (first := next(waiting, None)) is not None:
        yield _leg(first, waiting, leg)


def _leg(first: Batch, waiting: Iterator[Batch], leg: int) -> Iterator[Batch]:
    batch: Batch | None = first
    while batch is not None:
        leg -= sum(map(len, batch.texts))
        yield batch
        batch = next(waiting, None) if leg > 0 else None


def headings_of(about: About, known: Affixes | None = None) -> Headings:
    """Headlines of articles, stripped of what is known, or learnt from them."""
    return Headings(about.titles, about.sources, about.hosts, known)


def prepare(
    corpus: Corpus, read_texts: ReadTexts, method: Method, workers: Workers, groups: Rows | None = None
) -> Texts:
    """Collapse exact copies (unless their `groups` are known), sign the distinct texts, and leave boilerplate out of what is compared."""
    recipe, storage = method.recipe, method.storage
    if groups is None:
        groups = storage.once("equal", lambda: {"groups": group_equal(corpus.table, read_texts, storage)})[
            "groups"
        ]
    table = fill_in(corpus.table, groups, read_texts, recipe.width, storage)
    order = storage.once("order", lambda: {"rows": order_texts(groups, table, corpus.published)})["rows"]
    method.tell("signing", 0, len(order))
    signed = storage.once("sign", lambda: {"signatures": _sign(table, order, method, workers)})
    signatures = signed["signatures"]

    def learn() -> dict[str, str]:
        learnt = _learn(corpus, order, signatures, table, read_texts, method)
        return {"context": learnt.to_bytes().decode()}

    method.tell("learning")
    context = Context() if method.by == "title" else method.context
    if context is None:
        context = Context.from_bytes(storage.once("learn", learn)["context"].encode())
    lines = dict.fromkeys(item.text.encode() for item in context.boilerplate)
    shingles = boilerplate_shingles([*lines], recipe.width)
    sizes = table.sizes
    if storage.leg is None:
        compared, least_words = leave_out_counted(table, shingles, recipe.width)
    else:
        compared, least_words = leave_out_in_legs(table, shingles, recipe.width, storage)
    altered = compared.sizes != sizes
    changed = np.flatnonzero(altered[order] & (compared.sizes[order] > 0))
    changed = changed[np.argsort(order[changed])]

    def mend() -> dict[str, int]:
        def mend_some(span: slice) -> None:
            mended = take_rows(signatures, changed[span])
            recipe.sign_again(compared, order[changed[span]], shingles, mended, np.arange(len(mended)))
            signatures[changed[span]] = mended

        list(workers.map_in_order(mend_some, workers.spans(len(changed), _TEXTS_PER_THREAD, _SIGNED_AT_ONCE)))
        return {"mended": len(changed)}

    storage.once("mend", mend)
    return Texts(groups, order, signatures, compared, altered, least_words, context)


def _sign(table: ShingleTable, order: Rows, method: Method, workers: Workers) -> Signatures:
    """Signatures of rows, in this order."""
    signatures: Signatures = method.storage.empty((len(order), method.recipe.num_perm), np.uint32)
    places = np.argsort(order)  # the table is read from its begin to its end

    def sign(span: slice) -> None:
        signatures[places[span]] = method.recipe.sign(table, order[places[span]])

    list(workers.map_in_order(sign, workers.spans(len(order), _TEXTS_PER_THREAD, _SIGNED_AT_ONCE)))
    return signatures


def _learn(
    corpus: Corpus,
    order: Rows,
    signatures: Signatures,
    table: ShingleTable,
    read_texts: ReadTexts,
    method: Method,
) -> Context:
    """Learn what recurs over different articles."""
    recipe, storage = method.recipe, method.storage

    def sign_without(lines: Recurring, places: Rows) -> Signatures:
        shingles = boilerplate_shingles(read_lines_again(lines, read_texts), recipe.width)
        signed = np.empty((len(places), VALUES), np.uint32)
        for span in spans_of(table.sizes[order[places]], _SHINGLES_AT_ONCE):
            left = leave_out(take_texts(table, order[places[span]]), shingles)
            signed[span] = recipe.sign(left, np.arange(len(left.n_words)))[:, :VALUES]
        return signed

    hosts = corpus.hosts.codes.astype(np.int64)
    values = np.empty((len(order), VALUES), np.uint32)
    for start in range(0, len(order), _SIGNED_AT_ONCE):
        values[start : start + _SIGNED_AT_ONCE] = signatures[start : start + _SIGNED_AT_ONCE, :VALUES]
    found = find_recurring(corpus.lines, hosts, order, values, sign_without, storage=storage)
    lines = read_lines_again(found, read_texts)
    known = boilerplate_shingles([*dict.fromkeys(lines)], recipe.width)
    dump = Dump(table, order, hosts, values, known, storage)
    blocks = find_blocks(dump, replace(recipe, num_perm=VALUES, bands=1, rows=VALUES).sign)
    texts = read_blocks_again(blocks, read_texts, recipe.width)
    return Context([*describe(found, lines, corpus.hosts), *describe_blocks(blocks, texts, corpus.hosts)])


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
