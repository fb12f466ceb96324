"""URLs: what of them is needed beside an article."""

from __future__ import annotations


def host_of(url: str | None) -> str | None:
    """Host of a URL, in lower case; None where there is none.

    Examples
    --------
    >>> host_of("https://www.Lockport-Mail.example/news/1"), host_of("urn:1")
    ('www.lockport-mail.example', None)
    """
    parts = url.split("/", 3) if url else []
    return parts[2].lower() if len(parts) > 2 and not parts[1] else None
