from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ReadError
from dedup.io.httpcoding import undo_coding
from dedup.io.streams import zstandard

BODY = b"<html>" + b"It rains. " * 300 + b"</html>"
MAX = 1 << 20


def chunked(body: bytes, size: int = 100, extension: bytes = b"") -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(body) + made.flush()


@pytest.mark.parametrize(
    ("stored", "transfer", "content"),
    [
        (BODY, "", ""),
        (BODY, "identity", "identity"),
        (chunked(BODY), "chunked", ""),
        (chunked(BODY), " Chunked ", ""),
        (chunked(BODY, 1000, b";a=b"), "chunked", ""),
        (chunked(BODY).removesuffix(b"0\r\n\r\n"), "chunked", ""),
        (BODY, "chunked", ""),
        (gzip.compress(BODY, mtime=0), "", "gzip"),
        (gzip.compress(BODY, mtime=0), "", "X-GZIP"),
        (gzip.compress(BODY[:99], mtime=0) + gzip.compress(BODY[99:], mtime=0), "", "gzip"),
        (gzip.compress(BODY, mtime=0) + bytes(20), "", "gzip"),
        (BODY, "", "gzip"),
        (zlib.compress(BODY), "", "deflate"),
        (raw_deflate(BODY), "", "deflate"),
        (zstandard().compress(BODY), "", "zstd"),
        (gzip.compress(gzip.compress(BODY, mtime=0), mtime=0), "", "gzip, gzip"),
        (chunked(gzip.compress(BODY, mtime=0)), "chunked", "gzip"),
        (chunked(gzip.compress(BODY, mtime=0)), "gzip, chunked", ""),
    ],
)
def test_codings_are_undone(stored: bytes, transfer: str, content: str) -> None:
    assert undo_coding(stored, transfer, content, MAX) == BODY


@pytest.mark.parametrize(
    ("stored", "transfer", "content", "told"),
    [
        (chunked(BODY)[:500], "chunked", "", "too early"),
        (b"4\r\nrainrain", "chunked", "", "broken"),
        (gzip.compress(BODY, mtime=0)[:-9], "", "gzip", "gzip is broken"),
        (gzip.compress(BODY, mtime=0)[:30] + b"\xff" * 30, "", "gzip", "gzip is broken"),
        (b"rain", "", "deflate", "deflate is broken"),
        (b"rain", "", "sdch", "'sdch' is unknown"),
        (gzip.compress(bytes(MAX + 1), mtime=0), "", "gzip", "longer than 1,048,576 bytes"),
        (gzip.compress(gzip.compress(bytes(100 * MAX), mtime=0), mtime=0), "", "gzip, gzip", "longer than"),
        (zstandard().compress(bytes(100 * MAX)), "", "zstd", "longer than"),
    ],
)
def test_what_cant_be_undone_is_told(stored: bytes, transfer: str, content: str, told: str) -> None:
    with pytest.raises(ReadError, match=told):
        undo_coding(stored, transfer, content, MAX)


def test_brotli() -> None:
    brotli = pytest.importorskip("brotli")
    assert undo_coding(brotli.compress(BODY), "", "br", MAX) == BODY
    with pytest.raises(ReadError, match="longer than"):
        undo_coding(brotli.compress(bytes(MAX + 1)), "", "br", MAX)
    with pytest.raises(ReadError, match="br is broken"):
        undo_coding(BODY, "", "br", MAX)


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "chunked"]),
    st.sampled_from(["", "gzip", "deflate", "zstd", "br"]),
)
def test_any_body_is_read_or_refused(body: bytes, transfer: str, content: str) -> None:
    with suppress(ReadError):
        assert len(undo_coding(body, transfer, content, 10_000)) <= 10_000


@given(st.binary(min_size=1), st.integers(1, 50))
def test_chunks_are_joined(body: bytes, size: int) -> None:
    assert undo_coding(chunked(body, size), "chunked", "", MAX) == body
