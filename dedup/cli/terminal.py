"""What may be written to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Text that can't steer a terminal: what is not printable as escapes.

    Examples
    --------
    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
