"""URLs: one name for a page, however it was linked, and what else is needed of them beside an article.

Two names of one page cost a comparison of texts; one name of two pages would cost an article. So all that is done here
is what leaves the page the same on every site that we know of; see ``docs/decisions/0029-canonical-urls.md``.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from dedup.host import VARIANTS, canonical_host
from dedup.tracking import is_tracking

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.kernels.types import Table64

#: Characters of the longest URL that is looked at; browsers and servers take less.
LONGEST = 16_384
#: Archives and caches that may be wrapped around one another.
_DEEPEST = 8

#: A page kept by the Wayback Machine: its own URL stands behind the time of the capture.
_ARCHIVED = re.compile(
    r"(?:https?:)?//web\.archive\.org(?::\d+)?/web/[0-9*]+[a-z_]*/(?:https?:)?/*(.*)", re.IGNORECASE
)


def host_of(url: str | None) -> str | None:
    """Host of a URL, in lower case, without a port; None where there is none.

    A page in a web archive (``web.archive.org/web/<time>/``) is of the host that it was taken from.

    Examples
    --------
    >>> host_of("https://www.Lockport-Mail.example/news/1"), host_of("urn:1")
    ('www.lockport-mail.example', None)
    >>> host_of("http://web.archive.org/web/20160713133032/http://www.lockport-mail.example:80/news/1")
    'www.lockport-mail.example'
    """
    parts = url.split("/", 3) if url else []
    if len(parts) < 3 or parts[1]:
        return None
    host = parts[2].lower()
    if url and host.startswith("web.archive.org") and (archived := _ARCHIVED.match(url)):
        host = archived[1].split("/", 1)[0].lower() or host
    name, _, port = host.partition(":")
    return name if port.isdecimal() or not port else host


def canonical_url(url: str) -> str | None:
    """Give a page one name, however it was linked.

    ``http`` is ``https``; the host is in lower case and ASCII, without ``www.``, ``m.``, ``mobile.`` or ``amp.``, user and
    default port; marks of AMP pages, parameters that only track, fragments (but ``#!``), ``index.html`` and a last slash
    are gone; parameters are sorted; percent signs stand where they must, with capitals. A page in an archive or a cache is
    the page that was taken. What names a page on some site (``id``, ``p``, ``article``, ``page``; the case of the path)
    stays.

    Parameters
    ----------
    url : str
        Any string.

    Returns
    -------
    str or None
        None for what is no address of a web page: another scheme, none, no valid host, or longer than 16,384
        characters.

    Notes
    -----
    Idempotent, and linear in the length. 1 microsecond for a URL with nothing to do, 5 to 10 for others. RFC 3986
    section 6 for what is common to all URLs, the parsing of browsers (WHATWG URL) where that takes more.

    Examples
    --------
    >>> canonical_url("http://www.Lockport-Mail.example:80/News/2026/./pool-7/amp/?utm_source=rss&b=2&a=%7e1#top")
    'https://lockport-mail.example/News/2026/pool-7?a=~1&b=2'
    >>> canonical_url("https://www-mail-example.cdn.ampproject.org/c/s/www.mail.example/pool-7.amp.html?usqp=mq331")
    'https://mail.example/pool-7.html'
    >>> canonical_url("urn:1") is None
    True
    """
    if len(url) > LONGEST:
        return None
    text = url
    for _ in range(_DEEPEST):
        plain = _PLAIN.fullmatch(text) if len(text) <= _SHORT else None
        if plain and not plain[1].startswith(VARIANTS) and not any(map(text.__contains__, _SPECIAL)):
            return f"https://{plain[1]}{plain[2]}"
        page = _Page.of(text.strip(_BLANK).translate(_NO_BREAKS))
        if page is None:
            return None
        inner = page.wrapped()
        if inner is None:
            page = page.without_amp()
            inner = page.wrapped()
        if inner is None:
            name = str(page)
            return name if len(name) <= LONGEST else None
        text = inner
    return None


def url_id(url: str | None) -> str | None:
    """What a page is known by: its canonical URL, or what was given where that is no address of a page; None for nothing.

    Examples
    --------
    >>> url_id("http://www.a.example/1/"), url_id("urn:1"), url_id("")
    ('https://a.example/1', 'urn:1', None)
    """
    return canonical_url(url) or url if url else None


def url_keys(urls: Sequence[str | None]) -> Table64:
    """Key of each page: BLAKE2b of 16 bytes, which nobody finds a second URL for by trying; zeros for none.

    Parameters
    ----------
    urls : sequence of str or None
        As given.

    Returns
    -------
    ndarray of uint64 of shape (n_urls, 2)
        Equal for URLs of one page.
    """
    import numpy as np  # noqa: PLC0415 - a pair is compared before it would be imported

    digests = b"".join(map(_digest, map(url_id, urls)))
    return np.frombuffer(digests, "<u8").astype(np.uint64).reshape(-1, 2)


_HASHER = blake2b(digest_size=16, person=b"dedup url")


def _digest(name: str | None) -> bytes:
    if name is None:
        return b"\0" * 16
    hasher = _HASHER.copy()  # half the time of a new one
    hasher.update(name.encode("utf-8", "surrogatepass"))
    return hasher.digest()


#: A URL with nothing to do but the scheme, "www." and a last slash.
_PLAIN = re.compile(
    r"https?://(?:www\.)?+((?:[a-z0-9-]++\.)++[a-z]++)((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*+)++)/?", re.ASCII
)
#: What may be more than that after all.
_SPECIAL = ("/amp", ".amp", "amp.", "archive", "arquivo", "index.htm")
_SHORT = 250  # characters, so that no host in it is too long

_BLANK = "".join(map(chr, range(33)))
_NO_BREAKS = dict.fromkeys(map(ord, "\t\n\r"))
_SCHEME = re.compile(r"(?:https?:)?//+", re.IGNORECASE)
_INNER = r"((?:https?:/)?[^/.]+\.[^/].*)"
#: Archives and caches, as host and path; the URL of the page is what the group holds.
_WRAPPERS = re.compile(
    "|".join(
        f"(?:{wrapper}{_INNER})"
        for wrapper in (
            r"(?:web|wayback)\.archive\.org/web/[0-9*]+[a-z_]*/",
            r"archive\.(?:fo|is|li|md|ph|today|vn)/(?:o/[0-9A-Za-z]+|[0-9.-]{4,20})/",
            r"arquivo\.pt/(?:wayback|noFrame/replay)/[0-9]+[a-z_]*/",
            r"webarchive\.nationalarchives\.gov\.uk/(?:ukgwa/)?[0-9]+[a-z_]*/",
            r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org/(?:c|v|wp)/(?:s/)?",
            r"[a-z0-9-]+\.(?:bing-amp\.com|amp\.cloudflare\.com)/[cv]/(?:s/)?",
            r"google\.[a-z.]{2,6}/amp/(?:s/)?",
        )
    )
)
#: One of these stands in the host of each.
_WRAPPING = ("archive", "arquivo", "amp", "google")

#: What is not simply itself.
_UNSAFE = re.compile(r"[^A-Za-z0-9._~\-!$&'()*+,;=:@/?]")
#: Escapes, and what has to be escaped.
_ESCAPES = re.compile(r"%([0-9A-Fa-f]{2})|((?:[^A-Za-z0-9._~\-!$&'()*+,;=:@/?%]|%(?![0-9A-Fa-f]{2}))+)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_INDEXES = ("index.html", "index.htm")
_TELLING = re.compile("[0-9-]")
_IS_AMP = dict.fromkeys(("amp", "_amp", "hs_amp"), ("", "1", "true", "y", "yes")) | dict.fromkeys(
    ("outputtype", "output", "output-type", "amp-content"), ("amp",)
)


class _Page(NamedTuple):
    """A URL in its parts, each as it stands in the canonical one.

    Attributes
    ----------
    host : str
        With a port that is no default.
    segments : list of str
        Of the path.
    query : str
        Without the question mark.
    fragment : str
        With its mark, where it names a page.
    """

    host: str
    segments: list[str]
    query: str
    fragment: str

    @classmethod
    def of(cls, text: str) -> _Page | None:
        """Take a URL apart; None where it has no host."""
        rest, mark, fragment = text.partition("#")
        rest, _, query = rest.partition("?")
        rest = rest.replace("\\", "/")
        scheme = _SCHEME.match(rest)
        if scheme is None:
            return None
        authority, _, path = rest[scheme.end() :].partition("/")
        host = canonical_host(authority)
        if host is None:
            return None
        kept = mark + _escape(fragment) if fragment.startswith("!") else ""
        return cls(host, _segments(_escape(path)), _query(_escape(query)), kept)

    def __str__(self) -> str:
        mark = "?" if self.query else ""
        return f"https://{self.host}/{'/'.join(self.segments)}{mark}{self.query}{self.fragment}"

    def wrapped(self) -> str | None:
        """URL of the page that this one is a copy of, for one in an archive or a cache."""
        if not any(part in self.host for part in _WRAPPING):
            return None
        found = _WRAPPERS.fullmatch(f"{self.host}/{'/'.join(self.segments)}")
        if found is None:
            return None
        inner = found[found.lastindex or 0]
        scheme = re.match(r"https?:/", inner)
        mark = "?" if self.query else ""
        return f"https://{inner[scheme.end() if scheme else 0 :]}{mark}{self.query}{self.fragment}"

    def without_amp(self) -> _Page:
        """Path without the marks of an AMP page, where the rest of it looks like that of an article."""
        segments = self.segments
        if not any("amp" in segment for segment in segments):
            return self
        first = next((at for at, segment in enumerate(segments) if _TELLING.search(segment)), len(segments))
        start, stop = 0, len(segments)
        while start < first < stop and (length := _leading_amp(segments, start)):
            start += length
        while stop > first + 1 and _without_suffix(segments[stop - 1]) in ("amp", *_INDEXES):
            stop -= 1
        taken = segments[start:stop]
        if taken and _ARTICLE.search(taken[-1]):
            while len(taken) > 2 and taken[-2] == "amp":
                del taken[-2]
        if first < stop:
            taken[-1] = _without_suffix(taken[-1])
        return self._replace(segments=taken) if taken != segments else self


def _without_suffix(name: str) -> str:
    """Name of a file without what says that it is an AMP page."""
    ending = next((ending for ending in (".html", ".htm") if name.endswith(ending)), "")
    end = len(name) - len(ending)
    while name.endswith(".amp", 0, end):
        end -= 4
    return name[:end] + ending if end and name[end - 1].isalnum() else name


def _leading_amp(segments: Sequence[str], start: int) -> int:
    """How many segments say from here on that an AMP page follows."""
    return next((len(mark) for mark in _LEADING_AMP if tuple(segments[start : start + len(mark)]) == mark), 0)


#: What stands before the path of an article, on some sites.
_LEADING_AMP = (("amp",), (".amp",), ("platform", "amp"))
#: An article, not the second page of a list.
_ARTICLE = re.compile("[0-9]{4}|-.*-")


def _escape(text: str) -> str:
    """Percent signs where they must stand, and nowhere else."""
    return _ESCAPES.sub(_escaped, text) if _UNSAFE.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    if found[1]:
        byte = int(found[1], 16)
        return chr(byte) if byte in _UNRESERVED else found[0].upper()
    return "".join(f"%{byte:02X}" for byte in found[2].encode("utf-8", "surrogatepass"))


def _segments(path: str) -> list[str]:
    """Segments of a path: without empty ones, dots, sessions, and the index at the end."""
    if ";" in path:
        path = _SESSION.sub("", path)
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment and segment != ".":
            segments.append(segment)
    while segments and segments[-1] in _INDEXES:
        segments.pop()
    return segments


def _query(query: str) -> str:
    """Parameters that may name a page, sorted."""
    return "&".join(sorted(_named_by(query.split("&")))) if query else ""


def _named_by(parameters: Iterable[str]) -> Iterable[str]:
    for given in parameters:
        parameter = _ENTITY.sub("", given)
        name, _, value = parameter.partition("=")
        if name and not is_tracking(name, value) and value.lower() not in _IS_AMP.get(name.lower(), ()):
            yield parameter


#: What is left of "&amp;" where a URL was copied out of a page.
_ENTITY = re.compile("^(?:amp;)+")
