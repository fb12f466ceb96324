"""What was seen before: an index of articles that is asked article by article, remembers, expires and is shared."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from dedup.asking import check_callable, check_id, check_many
from dedup.errors import ParameterError, StorageError
from dedup.garbage import uncollected
from dedup.incremental.arrivals import Arrivals
from dedup.incremental.finding import ask
from dedup.incremental.forgetting import all_members, forget, members_of, versions_of
from dedup.incremental.joining import join
from dedup.incremental.placing import ChangedError, Walked, article_of, place
from dedup.incremental.recognising import Opened, recognise
from dedup.incremental.remembering import remember
from dedup.incremental.saying import say
from dedup.incremental.settling import check_unchanged
from dedup.io.batches import batch_of, in_counts
from dedup.match.payload import unpack
from dedup.moments import moment_of
from dedup.verdict import IndexInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType

    from dedup.article import Article
    from dedup.incremental.forgetting import Members
    from dedup.incremental.manifest import Manifest
    from dedup.incremental.placing import KeepIf
    from dedup.index.base import Found, Index
    from dedup.io.batches import Batch
    from dedup.kernels.types import Rows
    from dedup.verdict import Verdict

#: Articles that are read in one step.
_PART = 4096
#: Times that a shared index may have changed under one step before it is an error.
_TRIES = 1000


class Step(NamedTuple):
    """What one step of adding gave; an entry for each article.

    Attributes
    ----------
    verdicts : list of Verdict
        In order.
    numbers : list of int
        Number of the entry that each is: its own, or the one that it repeats.
    walks_cut : int
        Articles that met more leaders than were walked.
    """

    verdicts: list[Verdict]
    numbers: list[int]
    walks_cut: int


class ArticleIndex:
    """Remembers articles, and says of each one whether it was seen before; see :func:`dedup.open_index`.

    Threads may share one; each process opens its own. Every method but `close` raises :class:`dedup.StorageError`
    where the storage fails, and may be tried again: what was not acknowledged is not stored, unless the connection to
    a server was lost just then. An article with an id is then told `repeated`.
    """

    def __init__(
        self,
        uri: str,
        back_end: Index,
        manifest: Manifest,
        clock: Callable[[], float],
        *,
        settled: bool = False,
    ) -> None:
        self._uri = uri
        self._settled = settled  # whether something was stored, and the manifest is final
        self._index = back_end
        self._manifest = manifest
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Articles remembered; each version of one counts."""
        return self._index.counts().get("articles", 0)

    def __bool__(self) -> bool:
        """True, of an empty one too."""
        return True

    def __contains__(self, doc_id: object) -> bool:
        """Whether an id is remembered."""
        return isinstance(doc_id, str) and self.get(doc_id) is not None

    @property
    def step(self) -> int:
        """Articles that are best added, or asked about, together."""
        return self._index.most_articles

    @property
    def uri(self) -> str:
        """What it was opened by, without what is secret."""
        return self._uri

    @property
    def manifest(self) -> Manifest:
        """What it was set up with."""
        return self._manifest

    def add(self, article: object, *, keep_if: KeepIf | None = None, passages: bool = False) -> Verdict:
        """Ask about an article and remember it, in one atomic step.

        Parameters
        ----------
        article : str, Article, dict, or an object with the usual attributes
            See :meth:`dedup.Article.from_any`. Without an id its canonical URL serves; without either it is a new article each
            time.
        keep_if : callable, optional
            Called with this article and the one that is kept of its cluster; if it returns True, this one is kept
            from then on.
        passages : bool, default=False
            Also say which passages a duplicate shares with the article that it is a duplicate of.

        Returns
        -------
        Verdict

        Raises
        ------
        ReadError
            If it has neither text nor title.

        Notes
        -----
        Of several processes that add copies at the same instant exactly one is told that its article is new.
        Duplicates are remembered too. The same id with the same text again is told what it was told first, and
        nothing is stored; with another text it is a version, and both are remembered.

        Examples
        --------
        >>> import dedup
        >>> with dedup.open_index("memory://") as index:
        ...     first = index.add({"id": "a", "text": "The council voted on Monday to close the old pool."})
        ...     second = index.add({"id": "b", "text": "The Council voted on Monday to close the old pool"})
        >>> first.is_duplicate, second.is_duplicate, second.duplicate_of, second.relation
        (False, True, 'a', 'exact')
        """
        return self._add([article], keep_if, passages=passages)[0]

    def add_many(
        self, articles: Iterable[object], *, keep_if: KeepIf | None = None, passages: bool = False
    ) -> list[Verdict]:
        """Add articles, as :meth:`add` would one after the other, much faster.

        Returns
        -------
        list of Verdict
            One for each, in order.

        Notes
        -----
        They are stored in steps of 4096 (250 with Redis); where an article can't be read, the steps before it are stored.
        """
        check_many("articles", articles, "articles")
        verdicts: list[Verdict] = []
        for portion in in_counts(articles, self.step):
            verdicts += self._add(portion, keep_if, passages=passages)
        return verdicts

    def check(self, article: object, *, passages: bool = False) -> Verdict:
        """Ask about an article; nothing is stored. Parameters as in :meth:`add`."""
        return self._check([article], passages=passages)[0]

    def check_many(self, articles: Iterable[object], *, passages: bool = False) -> list[Verdict]:
        """Ask about articles, each for itself, as :meth:`check` does; faster."""
        check_many("articles", articles, "articles")
        verdicts: list[Verdict] = []
        for portion in in_counts(articles, self.step):
            verdicts += self._check(portion, passages=passages)
        return verdicts

    def add_batch(self, batch: Batch, *, keep_if: KeepIf | None = None, passages: bool = False) -> Step:
        """Add articles that are columns already, all in one step."""
        check_callable("keep_if", keep_if, "it is called with the new article and the kept one")
        if not batch.ids:
            return Step([], [], 0)
        arrivals = Arrivals.of(batch, self._clock(), self._manifest)
        for _ in self._tries():
            with suppress(ChangedError), self._index.turn(write=True), uncollected():
                found = ask(self._index, arrivals.keys(), self._manifest.walk + 1, len(batch.ids))
                self._check_settled()
                walked = self._walk(arrivals, found, together=True)
                placing = place(walked, self._index, self._manifest, keep_if, together=True)
                verdicts = say(walked, placing, self._manifest, passages=passages)
                change = remember(walked, placing, verdicts, compress=self._index.compresses)
                if not placing.placed or self._index.commit(change, found):
                    self._settled = self._settled or bool(placing.placed)
                    return Step(verdicts, placing.numbers(walked.recognised), change.counts["walks_cut"])
        raise self._contended()

    def check_batch(self, batch: Batch, *, passages: bool = False) -> list[Verdict]:
        """Ask about articles that are columns already, each for itself."""
        if not batch.ids:
            return []
        arrivals = Arrivals.of(batch, self._clock(), self._manifest)
        for _ in self._tries():
            with suppress(ChangedError), self._index.turn(write=False), uncollected():
                found = ask(self._index, arrivals.keys(), self._manifest.walk + 1)
                self._check_settled()
                walked = self._walk(arrivals, found, together=False)
                placing = place(walked, self._index, self._manifest, None, together=False)
                return say(walked, placing, self._manifest, passages=passages)
        raise self._contended()

    async def aadd(
        self, article: object, *, keep_if: KeepIf | None = None, passages: bool = False
    ) -> Verdict:
        """:meth:`add` in a thread, for coroutines."""
        return await asyncio.to_thread(self.add, article, keep_if=keep_if, passages=passages)

    async def acheck(self, article: object, *, passages: bool = False) -> Verdict:
        """:meth:`check` in a thread, for coroutines."""
        return await asyncio.to_thread(self.check, article, passages=passages)

    def get(self, doc_id: str) -> Article | None:
        """The article of an id, or a URL, its latest version, as far as it is kept; None if it is not remembered."""
        check_id(doc_id)
        with self._index.turn(write=False):
            found = versions_of(self._index, doc_id)
        if not found:
            return None
        return article_of(unpack(found[-1].payload), found[-1].doc_id, found[-1].published)

    def remove(self, doc_id: str) -> int:
        """Forget an article, all its versions.

        Returns
        -------
        int
            How many entries were forgotten; 0 if the id is not known.

        Notes
        -----
        Its cluster goes on under its name as long as it has other members. If the article is kept of it, the
        earliest of these is kept in its place. If it leads it, its text and title stay, without the rest, because the
        others were verified against them; they go with the last of these.
        """
        check_id(doc_id)
        for _ in self._tries():
            with self._index.turn(write=True):
                found = versions_of(self._index, doc_id)
                if not found:
                    return 0
                leaders = np.unique([entry.leader for entry in found])
                members, base = members_of(self._index, leaders, ids=[found[0].doc_id])
                gone = np.isin(members.numbers, [entry.number for entry in found])
                if self._index.commit(forget(self._index, members, gone, base.entries), base):
                    return len(found)
        raise self._contended()

    def expire(self, before: datetime | str | timedelta | None = None) -> int:
        """Forget what was published before a moment; undated articles by when they were seen.

        Parameters
        ----------
        before : datetime, str or timedelta, optional
            A moment; or how long ago, as ``"30d"``. Default: the window of the index ago.

        Returns
        -------
        int
            How many articles were forgotten. A cluster lives until its last member expires, and keeps its id.

        Raises
        ------
        ParameterError
            If `before` is no moment, or there is none and the index has no window.

        Notes
        -----
        Nothing else depends on the wall clock. The space is given back by :meth:`compact`.
        """
        moment = self._moment(before)
        known = all_members(self._index)
        leaders = np.unique(known.leaders[(known.dated < moment) & ~known.removed])
        step = self.step
        parts = (leaders[start : start + step] for start in range(0, len(leaders), step))
        return sum(self._expire(part, known, moment) for part in parts)

    def _expire(self, leaders: Rows, known: Members, moment: float) -> int:
        """Forget the members of some clusters that are older than a moment."""
        for _ in self._tries():
            with self._index.turn(write=True):
                members, base = members_of(self._index, leaders, known)
                change = forget(self._index, members, members.dated < moment, base.entries)
                if self._index.commit(change, base):
                    return -change.counts["articles"]
        raise self._contended()

    def _tries(self) -> Iterator[int]:
        """Turns of one step; whoever is refused again and again waits a little, and not as long as the others."""
        for turn in range(_TRIES):
            if turn > 1:
                time.sleep(random.uniform(0.0, min(0.002 * turn, 0.1)))  # noqa: S311 - no secret
            yield turn

    def _contended(self) -> StorageError:
        return StorageError(self._uri, f"the index changed under one step {_TRIES} times; try again")

    def compact(self) -> None:
        """Give back the space of what was forgotten."""
        self._index.compact()

    def verify(self) -> list[str]:
        """What is wrong with what is stored, a line each; empty if nothing is."""
        return self._index.verify()

    def info(self) -> IndexInfo:
        """What it is and how much is in it."""
        counts = self._index.counts()
        return IndexInfo(
            self._uri,
            articles=counts.get("articles", 0),
            clusters=counts.get("clusters", 0),
            duplicates=counts.get("duplicates", 0),
            walks_cut=counts.get("walks_cut", 0),
            bytes=self._index.sizes(),
            parameters=self._manifest.as_dict(),
        )

    def articles(self) -> Iterator[tuple[Article, str]]:
        """All articles that are remembered, in the order in which they were added, each with its cluster."""
        for part in self._index.outline():
            numbers = part.numbers[~part.removed]
            for start in range(0, len(numbers), _PART):
                with self._index.turn(write=False):
                    entries = self._index.entries(numbers[start : start + _PART])
                    leaders = np.unique([entry.leader for entry in entries.values()])
                    clusters = self._index.clusters(leaders)
                for entry in entries.values():
                    if entry.doc_id and entry.leader in clusters:  # else it was removed meanwhile
                        article = article_of(unpack(entry.payload), entry.doc_id, entry.published)
                        yield article, clusters[entry.leader].name

    def close(self) -> None:
        """Let go of files and connections."""
        self._index.close()

    def _add(self, items: Sequence[object], keep_if: KeepIf | None, *, passages: bool) -> list[Verdict]:
        return self.add_batch(batch_of(items), keep_if=keep_if, passages=passages).verdicts

    def _check(self, items: Sequence[object], *, passages: bool) -> list[Verdict]:
        return self.check_batch(batch_of(items), passages=passages)

    def _check_settled(self) -> None:
        if not self._settled:
            check_unchanged(self._index, self._manifest)

    def _walk(self, arrivals: Arrivals, found: Found, *, together: bool) -> Walked:
        opened = Opened(found.entries)
        recognised = recognise(arrivals, found, opened, together=together)
        joined = join(arrivals, found, opened, recognised, self._manifest, together=together)
        return Walked(arrivals, found, opened, recognised, joined)

    def _moment(self, before: datetime | str | timedelta | None) -> float:
        if before is None:
            self._check_settled()
            if self._manifest.window < 0:
                raise ParameterError("the index has no window; say before which moment, e.g. before='30d'")
            return self._clock() - self._manifest.window
        return moment_of(before, self._clock())
