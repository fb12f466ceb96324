"""Payload: what an index keeps of an article, for verification and for whoever asks for it again.

The texts themselves, compressed: they verify exactly, give passages with offsets in the originals, and need fewer
bytes than the hashes of their shingles (docs/decisions/0020-index-of-articles.md).
"""

from __future__ import annotations

import zlib
from itertools import accumulate, pairwise
from struct import Struct
from struct import error as StructError  # noqa: N812 - its name says nothing elsewhere
from typing import NamedTuple

from dedup.errors import DedupError

_PLAIN, _DEFLATED = b"\0", b"\1"
_LEVEL = 1  # two thirds of the time of level 6 for 4 % more bytes (2026-11)
#: Bytes below which compressing is not worth it: of 280 it saves 80, for a fifth of what adding an article takes (2026-11).
_LEAST = 512
_LENGTHS = Struct("<4I")
_DAMAGED = "a payload of the index is damaged; see `dedup index verify`"


class Kept(NamedTuple):
    """What is kept of an article, in UTF-8; empty where it had none.

    Attributes
    ----------
    text : bytes
        What is compared: the body, or the title where there is no body.
    title, url, source : bytes
        As given.
    """

    text: bytes
    title: bytes
    url: bytes
    source: bytes


def pack(kept: Kept, *, compress: bool = True) -> bytes:
    """Make a payload.

    Examples
    --------
    >>> kept = Kept(b"Rain in the north. " * 40, b"Rain", b"", b"wire")
    >>> len(pack(kept)) < 80, unpack(pack(kept)) == kept
    (True, True)
    """
    text, title, url, source = kept
    lengths = _LENGTHS.pack(len(text), len(title), len(url), len(source))
    if compress and len(text) >= _LEAST:
        return _DEFLATED + zlib.compress(b"".join((lengths, *kept)), _LEVEL)
    return b"".join((_PLAIN, lengths, *kept))


def bare(payload: bytes) -> bytes:
    """Payload of what stays of an article that was removed: what others are verified against."""
    kept = unpack(payload)
    return pack(Kept(kept.text, kept.title, b"", b""), compress=payload[:1] == _DEFLATED)


def unpack(payload: bytes) -> Kept:
    """What a payload holds.

    Raises
    ------
    DedupError
        If it is damaged.
    """
    try:
        data = zlib.decompress(payload[1:]) if payload[:1] == _DEFLATED else payload[1:]
        lengths = _LENGTHS.unpack_from(data)
    except (zlib.error, StructError) as error:
        raise DedupError(_DAMAGED) from error
    ends = list(accumulate(lengths, initial=_LENGTHS.size))
    if ends[-1] != len(data):
        raise DedupError(_DAMAGED)
    return Kept(*(data[start:stop] for start, stop in pairwise(ends)))
