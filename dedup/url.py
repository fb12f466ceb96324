"""URLs: what of them is needed beside an article."""

from __future__ import annotations

import re

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
