"""Coding of HTTP: what a server did to a body on its way, undone in bounded memory."""

from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING, Any

from dedup.errors import ReadError
from dedup.io.streams import damage_errors, new_decompressor

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_RECORD = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
    b"Content-Length: %d\r\n\r\n"
)
_BROTLI = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"
#: Bytes that are decompressed at once.
_STEP = 1 << 20


def undo_coding(body: bytes, transfer: str, content: str, most: int) -> bytes:
    r"""Body of a response as the server had it before it was coded.

    Crawlers often undo a coding and leave the header that names it: a body that is not coded so stands as it is.

    Parameters
    ----------
    body : bytes
        As it was stored.
    transfer, content : str
        ``Transfer-Encoding`` and ``Content-Encoding``, perhaps empty.
    most : int
        Longest body in bytes.

    Returns
    -------
    bytes

    Raises
    ------
    ReadError
        If a coding is unknown, broken, or the body is longer than `most`.

    Examples
    --------
    >>> undo_coding(b"4\r\nrain\r\n0\r\n\r\n", "chunked", "", 100)
    b'rain'
    """
    for name in reversed(_names(transfer)):
        if name == "chunked":
            body = _join_chunks(body)
        elif name != "identity":
            body = _decompress(body, name, most)
    for name in reversed(_names(content)):
        body = _decompress(body, name, most)
    return body


def _names(header: str) -> list[str]:
    return [name for part in header.lower().split(",") if (name := part.strip())]


def _join_chunks(body: bytes) -> bytes:
    """Body that was sent in chunks."""
    parts: list[bytes] = []
    size = _CHUNK_SIZE.match(body)
    if size is None:
        return body
    while size is not None and (length := int(size[1], 16)):
        stop = size.end() + length
        if stop > len(body):
            raise ReadError("record", "its chunks end too early")
        parts.append(body[size.end() : stop])
        stop += (body[stop : stop + 2] == b"\r\n") * 2 or body[stop : stop + 1] == b"\n"
        if stop == len(body):
            break  # the last chunk, which is empty, is often left out
        size = _CHUNK_SIZE.match(body, stop)
        if size is None:
            raise ReadError("record", "its chunks are broken")
    return b"".join(parts)


def _decompress(body: bytes, name: str, most: int) -> bytes:
    """Body without one content coding."""
    if not body or name in ("identity", "none", "utf-8", "utf8"):  # what some servers call it
        return body
    try:
        if name in ("gzip", "x-gzip"):
            is_coded = body.startswith(_GZIP)
            return _inflate(body, lambda: new_decompressor("gzip"), most) if is_coded else body
        if name == "deflate":
            return _inflate(body, lambda: zlib.decompressobj(_window(body)), most)
        if name == "zstd":
            is_coded = body.startswith(_ZSTD)
            return _inflate(body, lambda: new_decompressor("zstd"), most) if is_coded else body
        if name == "br":
            return _read_brotli(body, most)
    except ImportError as error:
        raise ReadError("record", f"its coding {name} can't be undone: {error}") from error
    except damage_errors() as error:
        raise ReadError("record", f"its coding {name} is broken ({error})") from error
    raise ReadError("record", f"its coding {name[:20]!r} is unknown")


def _window(body: bytes) -> int:
    """What zlib is to expect: "deflate" is a zlib stream, but many servers leave out what stands around the data."""
    return zlib.MAX_WBITS if body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0 else -zlib.MAX_WBITS


def _inflate(body: bytes, new: Callable[[], Any], most: int) -> bytes:
    """Decompress all members of a body."""
    parts: list[bytes] = []
    length = 0
    while body:
        decompressor = new()
        while not decompressor.eof:
            found = decompressor.decompress(body, _STEP)
            parts.append(found)
            length += len(found)
            _check_length(length, most)
            body = getattr(decompressor, "unconsumed_tail", b"")
            if not body and len(found) < _STEP and not decompressor.eof:
                raise EOFError("it ends too early")
        body = decompressor.unused_data
        if not body.startswith((_GZIP, _ZSTD)):
            break  # padding
    return b"".join(parts)


def _read_brotli(body: bytes, most: int) -> bytes:
    """Decompress what fastwarc can; its own readers of a coding are called otherwise in each version, answers are not."""
    from fastwarc.warc import ArchiveIterator  # noqa: PLC0415 - few pages are coded so

    answer = _BROTLI + body
    try:
        for record in ArchiveIterator(io.BytesIO(_RECORD % len(answer) + answer), parse_http=False):
            record.parse_http(auto_decode="content")
            found = bytes(record.reader.read(most + 1))
    except Exception as error:
        raise ReadError("record", f"its coding br is broken ({error})") from error
    _check_length(len(found), most)
    return found


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise ReadError(
            "record", f"longer than {most:,} bytes without its coding; allow more with --max-record"
        )
