"""Whatever the bytes are: readers and the tokeniser keep their laws, and inputs that once broke one do not again."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.io import (
    cells,
    extraction,
    jsonlines,
    jsonobjects,
    jsonspans,
    lines,
    members,
    reader,
    streams,
    textfile,
    warcrecords,
)
from dedup.io.parquet import ParquetReader
from dedup.io.spool import Spool
from dedup.text import shingling, tokens
from tests.conftest import WITHOUT_JIT
from tests.fuzzing import targets
from tests.fuzzing.breaking import WRITERS, broken_input
from tests.fuzzing.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.io.lines import Block

CORPUS = Path(__file__).parent / "fuzzing" / "corpus"
LIMIT = 300  # seconds that no test takes which ends
KNOWN = sorted(path.relative_to(CORPUS) for path in CORPUS.glob("*/*"))


@pytest.fixture(autouse=True, scope="module")
def ends() -> Iterator[None]:
    """What hangs is a failure, and not a night of waiting."""

    def hangs(*_: object) -> None:
        raise TimeoutError(f"one of these tests has not ended after {LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("path", KNOWN, ids=str)
def test_known_inputs(path: Path) -> None:
    data = (CORPUS / path).read_bytes()
    assert len(data) < 1024, "the corpus is small"
    TARGETS[path.parts[0]](data)


def test_each_target_has_known_inputs() -> None:
    assert {path.parts[0] for path in KNOWN} == set(TARGETS) == set(WRITERS)


@pytest.mark.parametrize("target", TARGETS)
@given(random=st.randoms(use_true_random=False))
@settings(suppress_health_check=list(HealthCheck))
def test_broken_inputs(target: str, random: Random) -> None:
    TARGETS[target](broken_input(target, random))


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.binary(max_size=200))
def test_any_bytes(target: str, data: bytes) -> None:
    TARGETS[target](data)


# What can't fail finds nothing: each law is broken on purpose, and that has to be found.


def _without_last(read_blocks: Callable[..., Iterator[Block]]) -> Callable[..., Iterator[Block]]:
    """Lines without the last one, where no line feed ends it."""

    def faulty(*given: Any) -> Iterator[Block]:
        for block in read_blocks(*given):
            if block.bounds[-1] - block.bounds[-2] != len(block.lines[-1] or b""):
                yield block

    return faulty


def _fail(*_: object, **__: object) -> Any:
    raise ZeroDivisionError("planted")


def _note_behind(self: reader.Reader, number: int, reason: str) -> None:
    _NOTE(self, number + 1, reason)


def _half(pieces: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
    return lambda *given: (piece[: len(piece) // 2] for piece in pieces(*given))


def _by_step(finder: type[Any]) -> Callable[..., Any]:
    """Forget a value that is not complete when a step of reading ends."""

    def faulty(self: Any) -> Iterator[Any]:
        self._start = None
        yield from _LET_GO(self)

    return faulty


_NOTE, _LET_GO, _READ = reader.Reader._note, jsonspans._Finder._let_go, Spool.read
PLANTED: dict[str, tuple[str, object, str, Any]] = {
    "damage to a compression is let through": ("jsonl", jsonlines, "damage_errors", lambda: (EOFError,)),
    "a last line is lost": ("jsonl", jsonlines, "read_blocks", _without_last(lines.read_blocks)),
    "damage is noted on the next line": ("jsonl", reader.Reader, "_note", _note_behind),
    "texts read again are cut": ("jsonl", reader, "read_spans", _half(streams.read_spans)),
    "columns differ from articles": ("jsonl", jsonobjects, "batch_records", _fail),
    "nothing is written": ("csv", reader, "copy_spans", lambda *_: None),
    "no line is too long": ("csv", cells.RowReader, "_lines", lambda _, block, at, stop: map(str, block.lines[at:stop])),
    "what cells raise is let through": ("tsv", cells, "parsed", _fail),
    "brackets in strings count": ("json", jsonspans, "_NEXT_BRACKET", re.compile(rb"[^\[\]{}]*+([\[\]{}])")),
    "it hangs on how much is read": ("json", jsonspans._Finder, "_let_go", _by_step(jsonspans._Finder)),
    "damage to Parquet is let through": ("parquet", ParquetReader, "_opened", lambda self: self._source.open()),
    "what is no UTF-8 is let through": ("text", textfile, "is_utf8", bytes.decode),
    "what a format raises is let through": ("guessed", targets, "format_of", lambda _: "yaml"),
    "damage to a member is let through": ("warc", members, "damage_errors", lambda: (EOFError,)),
    "the spool is cut": ("warc", Spool, "read", lambda self, start, stop: _READ(self, start, stop - 9)),
    "records are cut off": ("warc", warcrecords.Records, "_take", _fail),
    "a date that is none": ("html", extraction, "first_date", lambda *_: "yesterday"),
    "strings that can't be written": ("html", extraction, "_encodable", "{}\ud800".format),
    "the plain twin gives another hash": ("words", shingling, "WORD_SEED", 1),
    "words overlap": ("words", tokens, "_TOKEN", re.compile("(?=[wds])")),
    "what dates raise is let through": ("fields", targets, "parse_date", _fail),
    "what labels raise is let through": ("labels", targets, "read_labels", _fail),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_faults_are_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, owner, name, wrong = PLANTED[fault]
    count = 60 if WITHOUT_JIT and target == "words" else 400
    inputs = [broken_input(target, Random(seed)) for seed in range(count)]
    for data in inputs[:20]:
        TARGETS[target](data)
    monkeypatch.setattr(owner, name, wrong)
    with pytest.raises(Exception):  # noqa: B017, PT011, PT012 - whichever of them it is
        for data in inputs:
            TARGETS[target](data)
