"""Feeding: batches of files go to an index step by step, and what it says of them is told and counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.article import Place
from dedup.io.batches import Batch
from dedup.io.kept import Kept
from dedup.io.marks import given_marks, index_mark
from dedup.io.outputs import check_outputs
from dedup.io.writers import damaged_lines, verdict_line
from dedup.pair import Scores

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dedup.article import Damaged
    from dedup.incremental.placing import KeepIf
    from dedup.io.inputs import Inputs
    from dedup.io.marks import Mark
    from dedup.io.outputs import Outputs
    from dedup.kernels.types import Rows
    from dedup.seen import ArticleIndex
    from dedup.verdict import Verdict

_EQUAL = Scores(1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCounts:
    """How many articles went where; ``read == new + versions + exact + near``, damaged records beside them.

    Attributes
    ----------
    read, new, versions, exact, near, damaged : int
        Articles read; seen for the first time; that are no copies and whose id was known with another text; copies,
        by their relation to the article that they are a duplicate of; records that could not be read.
    repeated : int
        Articles that the index knew before, under their id and with their text; they are counted with what was said
        of them first.
    replaced : int
        Articles with invalid UTF-8 or lone surrogates, read with replacement characters.
    unread_dates : int
        Articles whose date could not be read; they count as undated.
    walks_cut : int
        Articles that met more leaders in their buckets than were walked.
    articles : int
        Articles in the index, afterwards.
    records_damaged, records_truncated, records_not_html : int
        As in :class:`dedup.Counts`.
    """

    read: int
    new: int
    versions: int
    exact: int
    near: int
    damaged: int
    repeated: int
    replaced: int
    unread_dates: int
    walks_cut: int
    articles: int
    records_damaged: int = 0
    records_truncated: int = 0
    records_not_html: int = 0


@dataclass(frozen=True, slots=True)
class AddSummary:
    """What :func:`dedup.add_files` and :func:`dedup.deduplicate_into` did.

    Attributes
    ----------
    counts : AddCounts
        How many articles went where.
    damaged : tuple of Damaged
        Records that could not be read, in input order.
    fields : mapping of str to mapping of str to str
        For each input, the names under which the fields were found.
    seconds : float
        Wall time.
    unread_date : str or None
        The first date that could not be read.
    """

    counts: AddCounts
    damaged: tuple[Damaged, ...]
    fields: Mapping[str, Mapping[str, str]]
    seconds: float
    unread_date: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return asdict(self)


@dataclass
class Feed:
    """Adds articles to an index, and tells what it says of them.

    Parameters
    ----------
    index : ArticleIndex
        Is given the articles.
    tell : callable
        Called with the line of each article and what to mark it with, in the order in which they are added.
    keep_if : callable, optional
        As in :meth:`dedup.ArticleIndex.add`.
    """

    index: ArticleIndex
    tell: Callable[[bytes, Mark], None]
    keep_if: KeepIf | None = None
    new: int = 0
    versions: int = 0
    exact: int = 0
    near: int = 0
    repeated: int = 0
    walks_cut: int = 0
    _answered: set[int] = field(default_factory=set)

    def add(self, batch: Batch, places: Sequence[Place]) -> None:
        """Add a batch in one step.

        An article without id and URL is called by its text and its place: a copy of it elsewhere is a copy, but the
        same file again is the same article.
        """
        ids: list[str | None] = [
            given or f"{blake2b(text, digest_size=8).hexdigest()}#{place.input}:{place.record}"
            for given, text, place in zip(batch.ids, batch.texts, places, strict=True)
        ]
        step = self.index.add_batch(batch._replace(ids=ids), keep_if=self.keep_if)
        self.walks_cut += step.walks_cut
        for verdict, number, place in zip(step.verdicts, step.numbers, places, strict=True):
            self._take(verdict, number, place)

    def _take(self, verdict: Verdict, number: int, place: Place) -> None:
        if verdict.repeated:
            if number in self._answered:
                verdict = _again(verdict, place)
            else:
                self.repeated += 1
        self._answered.add(number)
        kept = not verdict.is_duplicate
        self.versions += kept and verdict.version
        self.new += kept and not verdict.version
        self.exact += verdict.is_duplicate and verdict.relation == "exact"
        self.near += verdict.is_duplicate and verdict.relation != "exact"
        self.tell(verdict_line(verdict, place, kept=kept), index_mark(verdict))

    def counts(self, taken: Inputs, replaced: int) -> AddCounts:
        """How many articles went where."""
        return AddCounts(
            read=self.new + self.versions + self.exact + self.near,
            new=self.new,
            versions=self.versions,
            exact=self.exact,
            near=self.near,
            damaged=len(taken.damaged),
            repeated=self.repeated,
            replaced=replaced,
            unread_dates=taken.unread_dates,
            walks_cut=self.walks_cut,
            articles=len(self.index),
            **taken.crawled,
        )


def _again(verdict: Verdict, place: Place) -> Verdict:
    """Verdict on an article that stands in the inputs a second time: it is a copy of the first, as in a run."""
    if verdict.is_duplicate:
        return verdict
    return verdict._replace(
        id=f"{verdict.id}#{place.input}:{place.record}",
        duplicate_of=verdict.id,
        relation="exact",
        scores=_EQUAL,
    )


class Answers:
    """The files that get what an index says of the articles of some inputs.

    Parameters
    ----------
    outputs : Outputs
        Opens them.
    inputs : iterable of str or path
        As the user named them.
    names : sequence of str
        Files that are read; they may not be written to.
    index : path, optional
        Directory of the index; nothing may be written into it.
    kept, clusters, duplicates, damaged, boilerplate : str or path, optional
        As :func:`dedup.deduplicate_into` takes them.
    mark : bool, default=False
        As :func:`dedup.deduplicate_into` takes it.
    """

    def __init__(
        self,
        outputs: Outputs,
        inputs: Iterable[str | os.PathLike[str]],
        names: Sequence[str],
        index: Path | None,
        kept: str | os.PathLike[str] | None,
        *others: str | os.PathLike[str] | None,
        mark: bool = False,
    ) -> None:
        self._copies = None if kept is None else Kept(kept, inputs, names, mark=mark)
        written = [] if self._copies is None else self._copies.names
        check_outputs([*written, *(name for name in others if name is not None)], names, index)
        streams = [None if name is None else outputs.create(name) for name in others]
        self._clusters, self._duplicates, self._damaged, self._boilerplate = streams
        self._outputs = outputs
        self._marks: list[Mark] = []
        self._marked = mark
        self._kept = bytearray()

    def open(self, taken: Inputs) -> None:
        """Make sure that the records of these inputs can be written."""
        if self._copies is not None:
            self._copies.open(self._outputs, taken)

    def tell(self, line: bytes, mark: Mark) -> None:
        """Take the line of the next article, in input order."""
        self._kept.append(mark.kept)
        if self._marked:
            self._marks.append(mark)
        if self._clusters is not None:
            self._clusters.write(line)
        if self._duplicates is not None and not mark.kept:
            self._duplicates.write(line)

    def finish(self, taken: Inputs, context: Iterable[bytes] = ()) -> None:
        """Write the records of what is kept, when all articles were told of; `context` are the lines of one."""
        if self._copies is not None:
            kept = np.frombuffer(self._kept, np.bool_)
            self._copies.write(np.where(kept, np.arange(len(kept)), -1), given_marks(self._marks))
        if self._damaged is not None:
            self._damaged.writelines(damaged_lines(taken.left_out))
        if self._boilerplate is not None:
            self._boilerplate.writelines(context)


#: Bytes of text that make a step of however few articles: it is held in memory several times.
_STEP_BYTES = 32 << 20


def in_steps(placed: Iterable[tuple[Batch, str, Rows]], length: int) -> Iterator[tuple[Batch, list[Place]]]:
    """Batches of about the length that an index takes best, each article with its place."""
    held: list[Batch] = []
    places: list[Place] = []
    size = 0
    for batch, name, numbers in placed:
        held.append(batch)
        places += (Place(name, number) for number in numbers.tolist())
        size += sum(map(len, batch.texts))
        if len(places) >= length or size >= _STEP_BYTES:
            yield from _cut(Batch.join(held), places, length)
            held, places, size = [], [], 0
    if places:
        yield from _cut(Batch.join(held), places, length)


def _cut(batch: Batch, places: list[Place], length: int) -> Iterator[tuple[Batch, list[Place]]]:
    """Parts of a batch, none twice as long as a step, and of one length but for one."""
    part = -(-len(places) // max(1, len(places) // length))
    for start in range(0, len(places), part):
        rows = range(start, min(start + part, len(places)))
        yield batch.take(rows), places[start : start + part]
