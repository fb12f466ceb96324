from __future__ import annotations

import gzip
import io
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedup.errors import MissingExtraError, ReadError
from dedup.io.files import expand_inputs
from dedup.io.jsonlines import JsonLinesReader
from dedup.io.outputs import Outputs
from dedup.io.streams import Source

try:
    from compression.zstd import compress as zstd_compress
except ImportError:
    from backports.zstd import compress as zstd_compress

if TYPE_CHECKING:
    from collections.abc import Callable

    Compress = Callable[[bytes], bytes]

LINES = b"".join(b'{"text": "article number %d"}\n' % number for number in range(40))


def zstd(data: bytes) -> bytes:
    return bytes(zstd_compress(data))


@pytest.fixture(params=["with", "without"])
def isal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test that asks for it runs with the fast gzip and without."""
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "isal.igzip", None)


COMPRESSIONS = [pytest.param(gzip.compress, id="gzip"), pytest.param(zstd, id="zstd")]


def contents(name: Path | str) -> bytes:
    with Source(str(name)).open() as stream:
        return stream.read()


# Names


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.jsonl", "a.jsonl", "c.txt", "sub/d.jsonl", "[e].jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (["c.txt", "a.jsonl"], ["c.txt", "a.jsonl"]),
        (["*.jsonl"], ["[e].jsonl", "a.jsonl", "b.jsonl"]),
        (["[e].jsonl"], ["[e].jsonl"]),
        (["[ab].jsonl"], ["a.jsonl", "b.jsonl"]),
        (["?.txt", "-", "a.*"], ["c.txt", "-", "a.jsonl"]),
        (["**/*.jsonl"], ["[e].jsonl", "a.jsonl", "b.jsonl", "sub/d.jsonl"]),
        (["a.jsonl", "a.jsonl"], ["a.jsonl", "a.jsonl"]),
        (["s*"], None),
        (["sub", "a.jsonl"], ["sub/d.jsonl", "a.jsonl"]),
        ([Path("a.jsonl")], ["a.jsonl"]),
    ],
)
def test_names_and_globs(inputs: list[str], expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(ReadError, match="matches no file"):
            expand_inputs(inputs)
    else:
        assert expand_inputs(inputs) == expected


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (["absent.jsonl"], "absent.jsonl: no such file"),
        (["a.jsonl", "absent/*.jsonl"], r"absent/\*.jsonl: matches no file"),
        ([], "none given; name at least one file, or -"),
    ],
)
def test_inputs_that_are_not_there(inputs: list[str], reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        expand_inputs(inputs)


def test_a_file_that_has_gone_since_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"gone.jsonl: can't be read: No such file"):
        contents(tmp_path / "gone.jsonl")


# Compression


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", [*COMPRESSIONS, pytest.param(bytes, id="plain")])
@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst", "x"])
def test_compression_is_told_by_the_contents(tmp_path: Path, compress: Compress, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(compress(LINES))
    assert contents(path) == LINES


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_several_members_are_read_as_one(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "x"
    path.write_bytes(compress(LINES) + compress(b"") + compress(LINES[::-1]))
    assert contents(path) == LINES + LINES[::-1]


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_compressed_stream_can_be_sought_forward(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "x"
    path.write_bytes(compress(LINES))
    with Source(str(path)).open() as stream:
        assert stream.read(10) == LINES[:10]
        assert stream.seek(500) == 500
        assert stream.read(20) == LINES[500:520]
        assert stream.seek(520) == 520
        assert stream.read() == LINES[520:]
        assert stream.read() == b""


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_what_is_longer_than_any_buffer_is_read_and_sought(tmp_path: Path, compress: Compress) -> None:
    data = random.Random(1).randbytes(2_500_000) + b"news " * 500_000  # hard to compress, and easy
    path = tmp_path / "x"
    path.write_bytes(compress(data[:1_000_000]) + compress(data[1_000_000:]))
    assert contents(path) == data
    places = [0, 7, 999_990, 1_000_000, 2_400_000, 2_400_100, 4_999_990]
    with Source(str(path)).open() as stream:
        for place in places:
            assert stream.seek(place) == place
            assert stream.read(5) == data[place : place + 5]


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("padding", [1, 511, 1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize("again", [True, False])
def test_zeros_behind_gzip_are_padding(tmp_path: Path, padding: int, again: bool) -> None:
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(LINES) + bytes(padding) + (gzip.compress(LINES) if again else b""))
    assert contents(path) == (LINES * 2 if again else LINES)


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_no_truncation_goes_unnoticed(tmp_path: Path, compress: Compress) -> None:
    data = compress(LINES)
    path = tmp_path / "x"
    for length in range(1, len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(ReadError):
            list(JsonLinesReader(Source(str(path))))


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_truncation_is_named(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "x"
    path.write_bytes(compress(LINES)[:-5])
    with pytest.raises(ReadError, match="the compressed data end too early; the file is truncated"):
        contents(path)


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("name", ["truncated.jsonl.gz", "truncated.jsonl.zst"])
def test_what_stands_before_a_truncation_can_be_read(fixtures_dir: Path, name: str) -> None:
    lines: list[bytes] = []
    with (
        pytest.raises(ReadError, match="truncated"),
        Source(str(fixtures_dir / "broken" / name)).open() as stream,
    ):
        lines.extend(stream)
    assert len(lines) == 4


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize(
    ("compress", "place"), [(gzip.compress, -6), (gzip.compress, 20), (zstd, 5), (zstd, -20)]
)
def test_damage_is_named(tmp_path: Path, compress: Compress, place: int) -> None:
    data = bytearray(compress(LINES))
    data[place] ^= 0xFF
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=r"the compressed data (are damaged|end too early)"):
        contents(path)


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_data_that_hardly_compress_are_read_to_their_end(tmp_path: Path, compress: Compress) -> None:
    """Some steps of a decompressor then give just as much as was asked for, and the next one nothing."""
    data = random.Random(1).randbytes(5_000_000).hex().encode()
    path = tmp_path / "x"
    path.write_bytes(compress(data))
    assert contents(path) == data


@pytest.mark.usefixtures("isal")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_garbage_behind_the_data_is_damage(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "x"
    path.write_bytes(compress(LINES) + b"garbage behind")
    with pytest.raises(ReadError):
        contents(path)


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(zstd(LINES))
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[zstd\]'"):
        contents(path)
    with pytest.raises(MissingExtraError), Outputs() as outputs:
        outputs.create(tmp_path / "y.zst")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


# What can't be read twice


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINES)))
    source = Source("-")
    for _ in range(2):
        with source.open() as stream:
            assert stream.read() == LINES
    source.close()


@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_standard_input_may_be_compressed(monkeypatch: pytest.MonkeyPatch, compress: Compress) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(compress(LINES))))
    source = Source("-")
    for _ in range(2):
        with source.open() as stream:
            assert stream.read() == LINES
    source.close()


def test_a_pipe_can_be_read_twice() -> None:
    reading, writing = os.pipe()
    os.write(writing, LINES)
    os.close(writing)
    name = f"/dev/fd/{reading}"
    assert expand_inputs([name]) == [name]
    source = Source(name)
    try:
        assert source.size == 0
        for _ in range(2):
            with source.open() as stream:
                assert stream.read() == LINES
    finally:
        source.close()
        os.close(reading)


def test_the_size_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(LINES)
    assert Source(str(path)).size == len(LINES)
    assert Source("-").size == 0
