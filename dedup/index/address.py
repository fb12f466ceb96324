"""The address of an index on a server, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d+)([smhdw]?)")
_SCHEMES = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is.

    Attributes
    ----------
    shown : str
        The address without what is secret: for messages.
    server : str
        The address that the driver is given, without the options that are ours.
    prefix : str
        What the names of all keys begin with.
    ttl : int
        Seconds after which what nobody wrote to is deleted; 0 for never.
    spread : int
        Bits of a key that choose its small hash.
    """

    shown: str
    server: str
    prefix: str
    ttl: int
    spread: int


def parse_address(uri: str, options: Iterable[str], spread: int) -> Address:
    """Take an address apart.

    Parameters
    ----------
    uri : str
        Such as ``redis://user:password@host:6379/0?prefix=news&ttl=60d``.
    options : iterable of str
        What else may stand behind the question mark: options of the driver.
    spread : int
        What `spread` is unless the address says so.

    Raises
    ------
    ParameterError
        If an option is unknown or can't be met.

    Examples
    --------
    >>> parse_address("redis://:secret@localhost/0?prefix=news&ttl=60d", (), 18)
    Address(shown='redis://***@localhost/0?prefix=news&ttl=60d', server='redis://:secret@localhost/0', prefix='news', \
ttl=5184000, spread=18)
    """
    base, _, query = uri.partition("?")
    try:
        parts = urlsplit(base)
        fits = parts.scheme in _SCHEMES and (parts.port or 1) and not parts.fragment
    except ValueError:  # a port that is no number
        fits = False
    if not fits:
        raise ParameterError(
            f"{hide(uri)}: is no address such as redis://localhost:6379/0 or unix:///path/of/socket"
        )
    asked = dict(parse_qsl(query, keep_blank_values=True))
    theirs = {name: value for name, value in asked.items() if name not in {"prefix", "ttl", "spread"}}
    unknown = sorted(set(theirs) - set(options))
    if unknown:
        known = ", ".join(sorted({"prefix", "ttl", "spread", *options}))
        raise ParameterError(f"{hide(uri)}: no option {unknown[0]!r}; there are {known}")
    prefix = asked.get("prefix", "dedup")
    if not prefix or set(prefix) & set("{}"):
        raise ParameterError(f"{hide(uri)}: prefix={prefix!r} is no name: one character or more, no braces")
    bits = asked.get("spread", str(spread))
    if not bits.isdecimal() or not 8 <= int(bits) <= 24:
        raise ParameterError(f"{hide(uri)}: spread={bits!r}, where 8 to 24 is allowed")
    server = f"{base}?{urlencode(theirs, quote_via=quote)}" if theirs else base
    return Address(hide(uri), server, prefix, _duration(uri, asked.get("ttl", "0")), int(bits))


def hide(uri: str) -> str:
    """Take what is secret out of an address."""
    base, mark, query = uri.partition("?")
    scheme, slashes, rest = base.partition("://")
    _, at, host = rest.rpartition("@")
    query = re.sub(r"(?<![^&])((?:ssl_)?password)=[^&]*", r"\1=***", query)
    return f"{scheme}{slashes}{'***@' if at else ''}{host}{mark}{query}"


def _duration(uri: str, text: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None or len(match[1]) > 9:
        raise ParameterError(f"{hide(uri)}: ttl={text!r} is no duration such as 60d, 12h, 90m or 30s")
    return int(match[1]) * _SECONDS[match[2] or "s"]
