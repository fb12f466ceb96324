"""The catalogue of an index in a directory: one SQLite file with all but the sorted postings.

Who calls sees to it that one process writes at a time, and that one thread at a time uses a connection.
"""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.errors import StorageError
from dedup.index.base import ClusterState, Entry, Outline
from dedup.index.runfiles import sync

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dedup.index.base import Change
    from dedup.kernels.types import Hashes, Rows

#: What SQLite writes into the header of the file, so that another program's database is told from ours.
APPLICATION = 0x4E445550
#: Of the tables; an index of another format is refused.
FORMAT = 1
_CHECKPOINT = 4000  # pages of the log: four times SQLite's, for each waits for the disk
_CACHE_KB = 16_000
_OUTLINED = 1 << 16  # entries that are outlined at once
#: Numbers that one statement asks for. Few lengths, so that SQLite keeps the statements.
_ASKED = (1, 8, 64, 512)
_SCHEMA = """
CREATE TABLE about (manifest TEXT NOT NULL, context BLOB NOT NULL);
CREATE TABLE state (
    revision INTEGER NOT NULL, drops INTEGER NOT NULL, layout INTEGER NOT NULL,
    last INTEGER NOT NULL, recent INTEGER NOT NULL, flushed INTEGER NOT NULL, counts TEXT NOT NULL);
INSERT INTO state VALUES (0, 0, 0, 0, 0, 0, '{}');
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL, leader INTEGER NOT NULL,
    published REAL, seen REAL NOT NULL, verdict BLOB NOT NULL);
CREATE TABLE payloads (number INTEGER PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE clusters (
    leader INTEGER PRIMARY KEY, name BLOB NOT NULL, kept INTEGER NOT NULL,
    first REAL NOT NULL, last REAL NOT NULL, size INTEGER NOT NULL);
CREATE TABLE runs (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE recents (
    number INTEGER PRIMARY KEY, keys BLOB NOT NULL, numbers BLOB NOT NULL, checksum INTEGER NOT NULL);
"""


class State(NamedTuple):
    """The one row that every turn looks at first.

    Attributes
    ----------
    revision : int
        Commits so far.
    drops : int
        Commits so far that dropped something.
    layout : int
        Grows when other runs are valid.
    last : int
        Highest number that was reserved.
    recent : int
        Number of the latest row of recent postings.
    flushed : int
        Number of the latest of those that are in a run by now.
    counts : str
        The counters, as JSON.
    """

    revision: int = 0
    drops: int = 0
    layout: int = -1
    last: int = 0
    recent: int = 0
    flushed: int = 0
    counts: str = "{}"

    @property
    def sums(self) -> dict[str, int]:
        """The counters."""
        sums: dict[str, int] = json.loads(self.counts)
        return sums

    def flush(self) -> State:
        """What it is when a new run holds what was recent."""
        return self._replace(layout=self.layout + 1, flushed=self.recent)

    def after(self, change: Change, last: int) -> State:
        """What it is after a change, numbers up to `last` being reserved."""
        counts = self.counts
        if change.counts:
            sums = self.sums
            for name, count in change.counts.items():
                sums[name] = sums.get(name, 0) + count
            counts = json.dumps(sums)
        dropped = len(change.dropped) + len(change.dropped_clusters) > 0
        return self._replace(
            revision=self.revision + 1, drops=self.drops + dropped, last=max(last, self.last), counts=counts
        )


class Catalogue:
    """A connection to the catalogue.

    Parameters
    ----------
    path : Path
        The file.
    durable : bool
        Whether a commit waits until it is on the disk, and survives a power cut too.
    wait : float
        Seconds to wait for other programs that lock it.
    """

    def __init__(self, path: Path, *, durable: bool, wait: float) -> None:
        self._log = path.with_name(f"{path.name}-wal")
        self._db = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        self._run = self._db.execute
        try:
            self._run(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._run(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
            self._run(f"PRAGMA cache_size = -{_CACHE_KB}")
        except BaseException:
            self._db.close()
            raise

    def is_ready(self, uri: str) -> bool:
        """Whether there are our tables; an error if they are of another format."""
        (application,) = self._run("PRAGMA application_id").fetchone()
        (version,) = self._run("PRAGMA user_version").fetchone()
        if application == APPLICATION and version != FORMAT:
            raise StorageError(uri, f"has format {version}; this release reads format {FORMAT}")
        return bool(application == APPLICATION)

    def prepare(self, uri: str) -> None:
        """Make the tables if there are none; an error if there are others."""
        if not self.is_ready(uri) and (reason := self._make()):
            raise StorageError(uri, reason)

    def _make(self) -> str | None:
        (application,) = self._run("PRAGMA application_id").fetchone()
        (tables,) = self._run("SELECT count(*) FROM sqlite_schema").fetchone()
        if application or tables:
            return "is another program's database, not an index of dedup"
        self._run("PRAGMA auto_vacuum = INCREMENTAL")
        (mode,) = self._run("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            return "lies on a file system without shared memory; use a local directory or redis://"
        if self._run("PRAGMA auto_vacuum").fetchone() != (2,):  # a process was killed in between
            self._run("VACUUM")
        # One transaction: a process that is killed leaves either nothing or an index.
        self._db.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT};"
            f"PRAGMA application_id = {APPLICATION}; COMMIT"
        )
        return None

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def begin(self, *, write: bool) -> None:
        """Begin a transaction."""
        self._run("BEGIN IMMEDIATE" if write else "BEGIN")

    def commit(self) -> None:
        """End it, and keep what was done."""
        self._run("COMMIT")

    def sync(self) -> None:
        """Have all that was committed on the disk. Nobody locks the log: it may be opened and closed."""
        with suppress(FileNotFoundError):
            sync(self._log)

    def undo(self) -> None:
        """End it, if there is one, and undo what was done."""
        if self._db.in_transaction:
            self._run("ROLLBACK")

    @property
    def active(self) -> bool:
        """Whether there is a transaction."""
        return self._db.in_transaction

    def about(self) -> tuple[dict[str, Any], bytes] | None:
        """Manifest and context."""
        row = self._run("SELECT manifest, context FROM about").fetchone()
        return (json.loads(row[0]), row[1]) if row else None

    def set_about(self, manifest: Mapping[str, Any], context: bytes) -> None:
        """Store manifest and context, in the place of others."""
        self._run("DELETE FROM about")
        self._run("INSERT INTO about VALUES (?, ?)", (json.dumps(manifest), context))

    def state(self) -> State:
        """Read the state; the first thing that a transaction does."""
        return State._make(
            self._run("SELECT revision, drops, layout, last, recent, flushed, counts FROM state").fetchone()
        )

    def set_state(self, state: State) -> None:
        """Store the state."""
        self._run(
            "UPDATE state SET (revision, drops, layout, last, recent, flushed, counts) = (?, ?, ?, ?, ?, ?, ?)",
            state,
        )

    def runs(self) -> list[str]:
        """Names of the runs, the oldest first."""
        return [name for (name,) in self._run("SELECT name FROM runs ORDER BY position")]

    def add_run(self, name: str) -> None:
        """Add a run behind the others."""
        self._run("INSERT INTO runs (name) VALUES (?)", (name,))

    def replace_runs(self, names: Sequence[str], by: str | None) -> None:
        """Put one run, or none, in the place of some that stand side by side."""
        (position,) = self._run("SELECT position FROM runs WHERE name = ?", names[:1]).fetchone()
        self._db.executemany("DELETE FROM runs WHERE name = ?", [(name,) for name in names])
        if by is not None:
            self._run("INSERT INTO runs VALUES (?, ?)", (position, by))

    def recents(self, after: int) -> Iterator[tuple[Hashes, Rows]]:
        """Postings that are in no run, from rows after a given one; ValueError if they are damaged."""
        rows = self._run("SELECT * FROM recents WHERE number > ? ORDER BY number", (after,))
        for row, key_bytes, number_bytes, checksum in rows:
            if _checksum(key_bytes, number_bytes) != checksum:
                raise ValueError(f"recent postings {row} are not what was stored")
            keys, numbers = np.frombuffer(key_bytes, np.uint64), np.frombuffer(number_bytes, np.uint32)
            yield keys, np.broadcast_to(numbers, keys.shape).astype(np.int64)

    def add_recent(self, number: int, keys: Hashes, numbers: Rows) -> None:
        """Store postings that are in no run. The number of one article stands there once."""
        stored = numbers[:1] if len(numbers) and (numbers == numbers[0]).all() else numbers
        row = keys.tobytes(), stored.astype(np.uint32).tobytes()
        self._run("INSERT INTO recents VALUES (?, ?, ?, ?)", (number, *row, _checksum(*row)))

    def damaged_recents(self, last: int) -> list[int]:
        """Rows of recent postings that are not what was stored, or name numbers beyond the last."""
        return [
            row
            for row, keys, numbers, checksum in self._run("SELECT * FROM recents")
            if _checksum(keys, numbers) != checksum or np.frombuffer(numbers, np.uint32).max(initial=0) > last
        ]

    def clear_recents(self) -> None:
        """Forget them: they are in a run."""
        self._run("DELETE FROM recents")

    def entries(self, numbers: Rows) -> dict[int, Entry]:
        """Entries of these numbers."""
        rows = self._select(
            "SELECT e.number, id, leader, published, seen, verdict, payload"
            " FROM entries e JOIN payloads p ON p.number = e.number WHERE e.number IN",
            numbers,
        )
        return {
            number: Entry(
                number,
                _text(doc_id),
                leader,
                math.nan if published is None else published,
                seen,
                verdict,
                payload,
            )
            for number, doc_id, leader, published, seen, verdict, payload in rows
        }

    def clusters(self, leaders: Rows) -> dict[int, ClusterState]:
        """Clusters of these leaders."""
        rows = self._select(
            "SELECT leader, name, kept, first, last, size FROM clusters WHERE leader IN", leaders
        )
        return {row[0]: ClusterState(row[0], _text(row[1]), *row[2:]) for row in rows}

    def _select(self, statement: str, numbers: Rows) -> Iterator[Any]:
        """Rows of some numbers, each asked for once."""
        for begin in range(0, len(numbers), _ASKED[-1]):
            asked = numbers[begin : begin + _ASKED[-1]].tolist()
            size = next(size for size in _ASKED if size >= len(asked))
            # A number that nothing has fills the rest.
            asked += [0] * (size - len(asked))
            yield from self._run(f"{statement} ({','.join('?' * size)})", asked)

    def apply(self, change: Change) -> None:
        """Store and forget entries and clusters."""
        many = self._db.executemany
        if change.entries:
            many(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (e.number, _blob(e.doc_id), e.leader, e.published, e.seen, e.verdict)
                    for e in change.entries
                ],
            )
            many(
                "INSERT OR REPLACE INTO payloads VALUES (?, ?)",
                [(entry.number, entry.payload) for entry in change.entries],
            )
        if change.clusters:
            many(
                "INSERT OR REPLACE INTO clusters VALUES (?, ?, ?, ?, ?, ?)",
                [(c.leader, _blob(c.name), c.kept, c.first, c.last, c.size) for c in change.clusters],
            )
        if len(change.dropped):
            many("DELETE FROM entries WHERE number = ?", _rows(change.dropped))
            many("DELETE FROM payloads WHERE number = ?", _rows(change.dropped))
        if len(change.dropped_clusters):
            many("DELETE FROM clusters WHERE leader = ?", _rows(change.dropped_clusters))

    def outline(self, after: int) -> Outline:
        """Outline the next entries after a number; none is the end."""
        rows = self._run(
            "SELECT number, leader, coalesce(published, seen), length(id) = 0 FROM entries"
            " WHERE number > ? ORDER BY number LIMIT ?",
            (after, _OUTLINED),
        ).fetchall()
        numbers, leaders, dated, removed = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Outline(
            np.array(numbers, np.int64),
            np.array(leaders, np.int64),
            np.array(dated, np.float64),
            np.array(removed, np.bool_),
        )

    def outlines(self) -> Iterator[Outline]:
        """Outline all entries, in parts."""
        part = self.outline(0)
        while len(part.numbers):
            yield part
            part = self.outline(int(part.numbers[-1]))

    def lengths(self) -> tuple[int, int]:
        """Bytes of recent postings, and of payloads."""
        (recent,) = self._run("SELECT total(length(keys) + length(numbers)) FROM recents").fetchone()
        (payload,) = self._run("SELECT total(length(payload)) FROM payloads").fetchone()
        return int(recent), int(payload)

    def query(self, statement: str) -> list[Any]:
        """All rows of a statement that only reads."""
        return self._run(statement).fetchall()

    def give_back(self, pages: int) -> bool:
        """Cut so many free pages off the file; whether there are more."""
        self._run(f"PRAGMA incremental_vacuum({pages})").fetchall()
        return bool(self._run("PRAGMA freelist_count").fetchone()[0])

    def checkpoint(self) -> None:
        """Bring the log into the file and cut it off, as far as nobody reads it."""
        (wait,) = self._run("PRAGMA busy_timeout").fetchone()
        self._run("PRAGMA busy_timeout = 100").fetchall()  # not as long as somebody may read
        self._run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._run(f"PRAGMA busy_timeout = {wait}").fetchall()


def _checksum(keys: bytes, numbers: bytes) -> int:
    return zlib.crc32(numbers, zlib.crc32(keys))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _blob(text: str) -> bytes:
    """An id may hold what SQLite takes for no text: half a surrogate pair."""
    return text.encode("utf-8", "surrogatepass")


def _rows(numbers: Iterable[Any]) -> list[tuple[int]]:
    return [(int(number),) for number in numbers]
