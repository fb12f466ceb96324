"""The stages of a run up to its texts, as they are compared; :mod:`dedup.dividing` goes on. What computes stands below."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.blocking import Blocking
from dedup.clustering import order_texts
from dedup.errors import ParameterError
from dedup.io.intake import Corpus, Intake
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
from dedup.sketch.recipe import Recipe
from dedup.text.columns import line_hashes, shingle_column
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
    batches: Iterable[Batch], expected_bytes: int, method: Method, workers: Workers
) -> tuple[Corpus, Headings]:
    """Read all articles and shingle what is compared, batch by batch while reading goes on; and their headlines."""
    intake = Intake(expected_bytes, pages=method.pages)
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
