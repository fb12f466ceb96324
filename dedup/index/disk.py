"""An index in a directory, shared by any number of processes of one machine.

Who writes takes the turn, a lock that ends with its process. A commit is one transaction of SQLite, and what is posted
by it is a row of its own, which every process takes over into its memory; or, if it is much, a new run. Runs are
merged beside the others' work. Who reads takes no lock. See docs/decisions/0019-directory-index.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import numpy as np

from dedup.errors import ParameterError, StorageError
from dedup.index.base import Entry, Found, Index
from dedup.index.checking import check
from dedup.index.directory import Directory
from dedup.index.tidying import Tidier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.index.base import Change, ClusterState, Outline, Postings
    from dedup.index.directory import Turn
    from dedup.kernels.types import Hashes, Rows

LARGEST = (1 << 32) - 1
_CHOICES = {
    ("durable", "0"): False,
    ("durable", "1"): True,
    ("network", "refuse"): False,
    ("network", "allow"): True,
}


class Token(NamedTuple):
    """What an answer rests on.

    Attributes
    ----------
    revision, drops : int
        Of the state.
    keys : ndarray of uint64
        What was asked for.
    """

    revision: int
    drops: int
    keys: Hashes


class DiskIndex(Index):
    """An index in a directory.

    Parameters
    ----------
    uri : str or Path
        The directory, made if it is absent: a path, also as ``file://``. A string may end in options, which come
        before those below: ``?durable=1&wait=10&network=allow``.
    durable : bool, default=False
        Whether what is acknowledged survives a power cut too; each commit then waits for the disk. It survives the
        death of the process anyway.
    wait : float, default=60
        Seconds to wait for a turn.
    network : bool, default=False
        Whether the directory may lie on a network file system.

    Raises
    ------
    StorageError
        If it is something else, or can't be used here.
    ParameterError
        If there is no such option, or value of it.

    Notes
    -----
    An instance is safe for threads, which take turns. After a fork, the child connects anew by itself.
    """

    most_articles = 8192

    def __init__(
        self, uri: str | Path, *, durable: bool = False, wait: float = 60, network: bool = False
    ) -> None:
        self.uri = str(uri)
        path, options = place_of(uri) if isinstance(uri, str) else (uri, {})
        given = {"durable": durable, "wait": wait, "network": network, **options}
        self._directory = Directory(path.absolute(), self.uri, **given)
        self._tidier = Tidier(self._directory, wait)
        self._tidier.sweep()

    def close(self) -> None:
        """Let go of files and connections. Twice is once."""
        self._directory.close()

    def turn(self, *, write: bool) -> Turn:
        """Hold still what is read until the end of the block.

        With `write`, no other process commits meanwhile. Threads take turns. A turn to read is one state of the
        index, whatever others commit, and stands in nobody's way.
        """
        return self._directory.turn(write=write, guarded=False)

    def setup(
        self,
        manifest: Mapping[str, Any],
        context: bytes,
        instead_of: tuple[dict[str, Any], bytes] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Store the manifest and the context, unless some are stored, or in their place; return those that are."""
        directory = self._directory
        with directory.turn(write=True):
            stored = directory.catalogue.about()
            if stored is not None and (stored != instead_of or directory.reserved):
                return stored
            directory.resume()
            try:
                directory.catalogue.set_about(manifest, context)
                directory.commit(directory.state)
            except BaseException:
                directory.undo()
                raise
            return dict(manifest), context

    def stored(self) -> tuple[dict[str, Any], bytes] | None:
        """Manifest and context, None in an index that was never set up."""
        with self._directory.turn(write=False, bare=True):
            return self._directory.catalogue.about()

    def find(self, keys: Hashes, most: int, reserve: int = 0) -> Found:
        """Ask all at once: postings, and the entries and clusters that they lead to."""
        with self._directory.turn(write=reserve > 0):
            state = self._directory.state
            found = super().find(keys, most, reserve)
            return found._replace(token=Token(state.revision, state.drops, keys))

    def postings(self, keys: Hashes, most: int) -> Postings:
        """Numbers under each key, the last `most` of them; entries that were dropped may still be named."""
        with self._directory.turn(write=False):
            return self._directory.postings.look_up(keys, most)

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        """Entries of these numbers that are remembered."""
        with self._directory.turn(write=False):
            return self._directory.catalogue.entries(numbers)

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        """Clusters of these leaders that are known."""
        with self._directory.turn(write=False):
            return self._directory.catalogue.clusters(leaders)

    def reserve(self, count: int) -> int:
        """First of `count` numbers that nobody had before."""
        with self._directory.turn(write=True):
            if self._directory.reserved + count > LARGEST:
                raise StorageError(
                    self.uri,
                    f"all {LARGEST:,} numbers of articles are used up; add its articles to a new index",
                )
            return self._directory.reserve(count)

    def commit(self, change: Change, found: Found | None = None) -> bool:
        """Do all of a change, or nothing: if what it rests on has changed, or with an error."""
        directory = self._directory
        with directory.turn(write=True):
            if found is not None and self._is_stale(change, found):
                return False
            directory.resume()
            run = None
            try:
                state = directory.state.after(change, max(directory.reserved, _highest(change)))
                posted = None
                if directory.postings.is_worth_a_run(len(change.keys)):
                    run = self._tidier.write(change.keys, change.numbers)
                    directory.list_run(run)
                    state = state.flush()
                elif len(change.keys):
                    posted = change.keys.copy(), change.numbers.copy()
                    state = state._replace(recent=state.recent + 1)
                    directory.catalogue.add_recent(state.recent, *posted)
                directory.catalogue.apply(change)
                directory.commit(state, posted)
            except BaseException:
                directory.undo()
                if run is not None:
                    directory.forget(run)
                raise
        return True

    def _is_stale(self, change: Change, found: Found) -> bool:
        """Whether what was found has changed."""
        token, state = found.token, self._directory.state
        if not isinstance(token, Token) or token.revision == state.revision:
            return False
        if token.drops != state.drops:
            return True
        lengths = self._directory.postings.look_up(token.keys, 0).lengths
        if not np.array_equal(lengths, found.postings.lengths):
            return True
        entries = self.entries(_distinct([entry.number for entry in change.entries]))
        clusters = self.clusters(_distinct([cluster.leader for cluster in change.clusters]))
        return any(_plain(entry) != _plain(found.entries.get(n)) for n, entry in entries.items()) or any(
            cluster != found.clusters.get(n) for n, cluster in clusters.items()
        )

    def outline(self) -> Iterator[Outline]:
        """All entries, in parts, ascending. Each part is read in a turn of its own if there is none."""
        after: int | None = 0
        while after is not None:
            with self._directory.turn(write=False):
                part = self._directory.catalogue.outline(after)
            after = int(part.numbers[-1]) if len(part.numbers) else None
            if after is not None:
                yield part

    def counts(self) -> dict[str, int]:
        """The counters."""
        with self._directory.turn(write=False, bare=True):
            return self._directory.catalogue.state().sums

    def compact(self) -> None:
        """Give back the space of what was dropped. Others read and write meanwhile."""
        self._tidier.compact()

    def verify(self) -> list[str]:
        """What is wrong with what is stored, a line each; empty if nothing is."""
        with self._tidier.alone(), self._directory.turn(write=False, bare=True):
            return list(check(self._directory.catalogue, self._directory.runs))

    def sizes(self) -> dict[str, int]:
        """Bytes that are taken: ``postings``, ``payload``, ``rest``."""
        directory = self._directory
        with directory.turn(write=False):
            recent, payload = directory.catalogue.lengths()
            runs = directory.postings.nbytes
            files = [path for path in directory.path.iterdir() if path.is_file()]
            rest = sum(path.stat().st_size for path in files if not path.name.endswith("-shm"))
            return {"postings": runs + recent, "payload": payload, "rest": max(rest - recent - payload, 0)}


def place_of(uri: str) -> tuple[Path, dict[str, Any]]:
    """Path and options of a URI; a question mark that no option follows belongs to the path."""
    name, mark, query = uri.partition("?")
    if "=" not in query:
        name, query = name + mark + query, ""
    options: dict[str, Any] = {}
    for option, value in parse_qsl(query, keep_blank_values=True):
        if option == "wait" and value.replace(".", "", 1).isdecimal():
            options[option] = float(value)
        elif (option, value) in _CHOICES:
            options[option] = _CHOICES[option, value]
        else:
            raise ParameterError(
                f"option {option}={value} of {name}: there are durable=0|1, wait=SECONDS, network=refuse|allow"
            )
    return Path(unquote(name.removeprefix("file://")) if name.startswith("file://") else name), options


def _highest(change: Change) -> int:
    return max((entry.number for entry in change.entries), default=0)


def _distinct(numbers: list[int]) -> Rows:
    return np.unique(np.array(numbers, np.int64))


def _plain(entry: Entry | None) -> Entry | None:
    """An entry that equals another without a date, as NaN does not."""
    return entry if entry is None or entry.published == entry.published else entry._replace(published=0.0)
