"""Input that is made to exhaust whoever reads it: a clear word or a counted skip, in bounded memory, and nothing else is lost."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dedup.io.streams import zstandard
from tests.fuzzing.targets import check_words
from tests.shell import ROOT
from tests.test_jsonlines import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MEGABYTE = 1 << 20
GOOD = b'{"id": "good", "text": "rain in the north"}\n'
LAST = b'{"id": "last", "text": "snow in the south"}\n'
#: Peak memory of a process that runs a command, in its own words; children are not asked for. What getrusage says is
#: at least what the process held that started this one.
MEASURED = """
import re, sys
from dedup.cli.main import main
try:
    main(sys.argv[1:])
finally:
    with open("/proc/self/status") as status:
        print(int(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1]) // 1024, file=sys.stderr)
"""


class Done(NamedTuple):
    """How a command ended, what it said, and how many megabytes it took at most."""

    status: int
    err: str
    peak: int


def run(*arguments: object, feed: Iterator[bytes] | None = None) -> Done:
    """Run a command in a process of its own, which is given a stream where there is one."""
    command = [sys.executable, "-c", MEASURED, *map(str, arguments)]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdin is not None
        for chunk in feed or ():
            process.stdin.write(chunk)
        _, err = process.communicate()
    *lines, peak = err.decode().splitlines()
    return Done(process.returncode, "\n".join(lines), int(peak))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Megabytes that two short articles take."""
    folder = tmp_path_factory.mktemp("usual")
    (folder / "x.jsonl").write_bytes(GOOD + LAST)
    # The first run of an installation compiles, which takes more.
    return min(run("run", folder / "x.jsonl", "-o", folder / "kept").peak for _ in range(2))


def word(size: int) -> Iterator[bytes]:
    """So many megabytes of one word."""
    return iter([b"w" * MEGABYTE] * size)


def bomb(size: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """So many megabytes of one word as gzip, which is a thousandth of it."""
    compress = zlib.compressobj(9, wbits=31)
    parts = [compress.compress(part) for part in (begin, *word(size), end)]
    return b"".join([*parts, compress.flush()])


def zstandard_bomb(size: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """The same as Zstandard."""
    compress = zstandard().ZstdCompressor()
    parts = [compress.compress(part) for part in (begin, *word(size), end)]
    return b"".join([*parts, compress.flush()])


ENDS = {
    "jsonl": (GOOD + b'{"text": "', b'"}\n' + LAST),
    "json": (b"[\n" + GOOD + b', {"text": "', b'"},\n' + LAST + b"]"),
    "csv": (b"id,text\ngood,rain in the north\nbad,", b"\nlast,snow in the south\n"),
    "tsv": (b"id\ttext\ngood\train in the north\nbad\t", b"\nlast\tsnow in the south\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "pack", "size"),
    [("jsonl", bomb, 1024), *((form, pack, 128) for form in ENDS for pack in (bomb, zstandard_bomb))],
)
def test_a_bomb_costs_one_record(
    tmp_path: Path, usual: int, form: str, pack: Callable[..., bytes], size: int
) -> None:
    """A gigabyte of one word in a field: a megabyte as it lies there."""
    path = tmp_path / f"bomb.{form}.packed"
    path.write_bytes(pack(size, *ENDS[form]))
    assert path.stat().st_size < size * MEGABYTE // 500
    kept, clusters = tmp_path / "kept.jsonl", tmp_path / "clusters"
    options = "--on-error", "skip", "--clusters", clusters, "--max-record", "8M", "--input-format", form
    done = run("run", path, "-o", kept, *options)
    assert done.status == 0, done.err
    assert [json.loads(line)["id"] for line in clusters.read_bytes().splitlines()] == ["good", "last"]
    assert "longer than 8,388,608 bytes; allow more with --max-record" in done.err
    assert done.err.count("skipped") == 1
    assert done.peak < usual + 100


@pytest.mark.slow
def test_a_text_that_is_a_bomb(tmp_path: Path, usual: int) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bomb.txt.gz").write_bytes(bomb(256))
    (tmp_path / "in" / "good.txt").write_bytes(b"rain in the north")
    done = run("run", tmp_path / "in", "-o", tmp_path / "kept", "--on-error", "skip", "--max-record", "8M")
    assert (done.status, done.err.count("skipped")) == (0, 1)
    assert done.peak < usual + 100
    assert len((tmp_path / "kept").read_bytes().splitlines()) == 1


@pytest.mark.slow
def test_one_word_without_an_end(tmp_path: Path, usual: int) -> None:
    """As a stream: it lies in a temporary file while it is read, and is in memory at no time."""
    feed = iter([GOOD, *word(256)])
    done = run(
        "run", "-", "-o", tmp_path / "kept", "--on-error", "skip", "--input-format", "jsonl", feed=feed
    )
    assert (done.status, done.err.count("skipped")) == (0, 1)
    assert done.peak < usual + 3 * 64 + 100
    assert (tmp_path / "kept").read_bytes() == GOOD


@pytest.mark.slow
def test_one_word_as_long_as_a_record_may_be(tmp_path: Path) -> None:
    """It is an article like another; the kernels know no longest word."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(GOOD + b'{"id": "long", "text": "' + b"w" * (63 * MEGABYTE) + b'"}\n' + LAST)
    done = run("run", path, "-o", tmp_path / "kept", "--clusters", tmp_path / "clusters")
    assert done.status == 0, done.err
    ids = [json.loads(line)["id"] for line in (tmp_path / "clusters").read_bytes().splitlines()]
    assert ids == ["good", "long", "last"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["[", '{"text":', '{"text":['])
def test_a_million_brackets(tmp_path: Path, usual: int, kind: str) -> None:
    deep = kind.encode() * 1_000_000
    path = tmp_path / "x.jsonl"
    path.write_bytes(GOOD + deep + b"\n" + LAST)
    done = run("run", path, "-o", tmp_path / "kept", "--on-error", "skip")
    assert (done.status, done.err.count("skipped")) == (0, 1), done.err
    assert (tmp_path / "kept").read_bytes() == GOOD + LAST
    assert done.peak < usual + 200
    path.write_bytes(b"[\n  " + GOOD + b",\n  " + deep + b",\n  " + LAST + b"]")
    done = run("run", path, "-o", tmp_path / "kept.jsonl", "--on-error", "skip", "--input-format", "json")
    assert done.status == 0, done.err
    assert "skipped" in done.err
    assert GOOD.strip() in (tmp_path / "kept.jsonl").read_bytes()
    (tmp_path / "one.json").write_bytes(deep)
    done = run("inspect", tmp_path / "one.json")
    assert done.status == 2
    assert "unexpected" not in done.err


def test_lone_surrogates_are_replaced_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"id": "\\ud800", "text": "a\\udfffb"}\n' + GOOD)
    articles, reader = read(path)
    assert [article.text for article in articles] == ["a\udfffb", "rain in the north"]
    assert sum(batch.replaced for batch, _ in reader.batches()) == 1
    done = run("run", path, "-o", tmp_path / "kept", "--clusters", tmp_path / "clusters", "--json")
    assert done.status == 0, done.err
    assert [json.loads(line)["id"] for line in (tmp_path / "clusters").read_bytes().splitlines()] == [
        "\ud800",
        "good",
    ]
    assert (tmp_path / "kept").read_bytes() == path.read_bytes()


def test_nuls(tmp_path: Path) -> None:
    """Bytes that no JSON has cost their line; as an escape they are a character like another."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        b'{"text": "a\0b"}\n' + b"\0" * 5000 + b"\n" + b'{"id": "nul", "text": "a\\u0000b"}\n' + GOOD
    )
    articles, reader = read(path, on_error="skip")
    assert [article.id for article in articles] == ["nul", "good"]
    assert [item.place.record for item in reader.damaged] == [1, 2]


def test_a_member_of_gzip_that_is_cut_costs_what_stands_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD * 3) + gzip.compress(LAST * 1000)[:-20])
    articles, reader = read(path, on_error="skip")
    assert [article.id for article in articles[:3]] == ["good"] * 3
    assert {article.id for article in articles[3:]} <= {"last"}
    assert ["end too early" in item.reason for item in reader.damaged] == [True]


WORDS = {
    "marks that are dropped": "e" + "\u0301\u0316" * 50_000 + " b",
    "marks that are kept": "क" + "\u094d\u093c" * 50_000 + " ख",
    "marks alone": "\u0301" * 100_000,
    "words of one character": "\ufdfa" * 10_000,
    "unassigned": "\u0378\U000e0fff" * 50_000,
    "right to left": "\u202eשלום\u2066 عليكم\u2069 " * 5_000,
    "invisible": "a" + "\u200b\u00ad" * 50_000 + "b",
    "dashes": "-" * 100_000 + "3",
    "one word": "w" * 300_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WORDS)
def test_words_that_are_hostile(kind: str) -> None:
    """Kernels give what the plain twins give, in memory that grows with the text."""
    check_words(WORDS[kind].encode())


@pytest.mark.slow
def test_memory_of_a_bomb_is_seen(tmp_path: Path, usual: int) -> None:
    """What is allowed to be long is held: the measure above would show what is held and should not be."""
    path = tmp_path / "bomb.packed"
    path.write_bytes(bomb(150, *ENDS["jsonl"]))
    done = run("run", path, "-o", tmp_path / "kept", "--on-error", "skip", "--max-record", "200M")
    assert done.status == 0, done.err
    assert done.peak > usual + 150
