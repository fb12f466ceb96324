"""Encodings: what bytes are text in, as far as their begin tells it."""

from __future__ import annotations

import codecs

#: What is said of UTF-16, which is not read.
UTF16 = "it is UTF-16; `iconv -f UTF-16 -t UTF-8` makes UTF-8 of it"
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_utf8(data: bytes) -> bool:
    r"""Whether bytes are UTF-8.

    Examples
    --------
    >>> is_utf8("é".encode()), is_utf8(b"\xe9")
    (True, False)
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_utf16(begin: bytes) -> bool:
    r"""Whether bytes begin with a mark of UTF-16, or every second one of them is zero as in Latin text.

    Examples
    --------
    >>> is_utf16(b"\xff\xfe\x2d\x4e"), is_utf16(b"{\0}\0"), is_utf16(b"{}"), is_utf16(b"\0\0")
    (True, True, False, False)
    """
    even, odd = begin[::2], begin[1::2]
    return begin.startswith(_MARKS) or (bool(odd) and (not even.strip(b"\0")) != (not odd.strip(b"\0")))
