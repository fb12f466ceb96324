"""Hosts: one name for a site, however it is spelt and for whichever device."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_SURROGATES = re.compile("[\ud800-\udfff]")
_DOTS = str.maketrans("\u3002", ".")
_LONGEST_HOST, _LAST_PORT = 253, 65_535
_DEFAULT_PORTS = (80, 443)

#: What stands before the host of a site for other devices, or for nothing.
VARIANTS = ("www.", "m.", "mobile.", "amp.")
#: Names below which domains are given away: what stands before them is no variant of them.
_SECOND_LEVEL = frozenset(
    ("ac", "asso", "co", "com", "edu", "go", "gob", "gouv", "gov", "gr", "info", "lg", "ltd", "me", "ne", "net", "nic", "nom",
     "or", "org", "plc", "sch")
)  # fmt: skip
#: Hosts that give everybody a name below theirs, which may be "m" or "amp".
_HOSTING = frozenset(
    ("blogspot.com", "ghost.io", "github.io", "gitlab.io", "herokuapp.com", "medium.com", "netlify.app", "pages.dev",
     "substack.com", "tumblr.com", "vercel.app", "web.app", "weebly.com", "wixsite.com", "wordpress.com")
)  # fmt: skip


def canonical_host(authority: str) -> str | None:
    """Host of a site as it is looked up, with a port that is no default; None for what is none.

    Parameters
    ----------
    authority : str
        What stands between ``//`` and the path: perhaps with a user and a port.

    Returns
    -------
    str or None
        In lower case and ASCII, without what leads to another layout of one site.

    Examples
    --------
    >>> canonical_host("reader@WWW.Bücher.example.:443"), canonical_host("m.co.uk"), canonical_host("a..b")
    ('xn--bcher-kva.example', 'm.co.uk', None)
    """
    name = authority.rpartition("@")[2]
    digits = ""
    end = name.rfind(":")
    if end > name.rfind("]"):
        name, digits = name[:end], name[end + 1 :].lstrip("0")
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 5):
            return None
    port = int(digits or 0)
    host = _ip6(name[1:-1]) if name[:1] == "[" and name[-1:] == "]" else _named(name)
    if host is None or port > _LAST_PORT:
        return None
    return f"{host}:{port}" if port and port not in _DEFAULT_PORTS else host


def _ip6(name: str) -> str | None:
    from ipaddress import AddressValueError, IPv6Address  # noqa: PLC0415 - few hosts are numbers

    try:
        return f"[{IPv6Address(name).compressed}]" if "%" not in name else None
    except AddressValueError:
        return None


def _named(name: str) -> str | None:
    """Name of a host in lower case and ASCII."""
    if len(name) > 4 * _LONGEST_HOST:
        return None
    if "%" in name:
        name = unquote(name, errors="surrogateescape")
    if _SURROGATES.search(name):
        return None
    if name.isascii():
        name = name.lower()
    else:
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower()).translate(_DOTS)
        name = ".".join(map(_ascii_label, name.split(".")))
    name = name.rstrip(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        return None
    return _without_variant(name)


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _without_variant(host: str) -> str:
    """Host without what leads to another layout of one site."""
    while host.startswith(VARIANTS):
        rest = host.partition(".")[2]
        label, dot, last = rest.partition(".")
        if not dot or (label in _SECOND_LEVEL and "." not in last):
            break
        if rest in _HOSTING and not host.startswith("www."):
            break
        host = rest
    return host
