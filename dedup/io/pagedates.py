"""Dates of pages: what of all that a page says is the day on which its article was published."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dedup.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Names of meta elements (name, property or itemprop) that say when an article was published, the surest first.
_NAMES = (
    "article:published_time",
    "og:published_time",
    "article:published",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "pubdate",
    "originalpublicationdate",
    "article.published",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "date",
)
#: Other names that do, and those that speak of something else.
_LIKE_THEM, _UNLIKE_THEM = (
    re.compile("date|publish|created"),
    re.compile("mod|updat|expir|revis|valid|access"),
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - a table
_IN_URL = re.compile(
    rf"(?<!\d)((?:19|20)\d\d)(?:([/-]?)(0[1-9]|1[0-2])\2|/({'|'.join(_MONTHS)})/)(0[1-9]|[12]\d|3[01])(?!\d)"
)
_LONGEST = 100  # characters of a date
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YEAR = r"((?:19|20)\d\d)(?!\.?\d)"
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_DOTTED = re.compile(rf"(?<![\d.])(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?{_YEAR}")
_NAMED = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?[\s-]+)?({'|'.join(_MONTHS)})[a-z]*\.?[\s-]*(?:(\d{{1,2}})(?:st|nd|rd|th)?)?,?[\s-]+{_YEAR}",
    re.IGNORECASE,
)
#: Before this there was no web, and this long after it was fetched no page was published.
_FIRST, _AHEAD = datetime(1990, 1, 1, tzinfo=UTC), timedelta(days=2)


def said_in(metas: Mapping[str, str]) -> list[str]:
    """What meta elements say of the date, the surest first."""
    others = [name for name in metas if _LIKE_THEM.search(name) and not _UNLIKE_THEM.search(name)]
    return [metas[name] for name in dict.fromkeys([*_NAMES, *others]) if name in metas]


def first_date(said: Iterable[str | None], fetched: datetime | None) -> str | None:
    """First of these that is a date on which a page can have been published, in ISO 8601; a day where it is one.

    Examples
    --------
    >>> first_date([None, "soon", "1889-01-01", "2026-11-22T10:00:00+01:00"], None)
    '2026-11-22T10:00:00+01:00'
    >>> first_date(["Published on Sunday, November 22, 2026"], None)
    '2026-11-22'
    """
    latest = (fetched or datetime.now(UTC)) + _AHEAD
    for given in said:
        text = (given or "").strip()[:_LONGEST]
        moment = parse_date(text)
        whole = moment.isoformat() if moment is not None else None
        if moment is None or _DAY.fullmatch(text):
            whole = written_day(text)
            moment = parse_date(whole)
        if moment is not None and _FIRST <= moment <= latest:
            return whole
    return None


def written_day(text: str) -> str | None:
    """Day that stands in a text: year first, with dots, or with the name of a month.

    Where only a country tells which number is the month (03/04/2026), there is none.

    Examples
    --------
    >>> written_day("Published 22. 11. 2026"), written_day("2026年11月22日"), written_day("Nov. 22nd, 2026")
    ('2026-11-22', '2026-11-22', '2026-11-22')
    >>> written_day("03/04/2026")
    """
    if found := _YEAR_FIRST.search(text):
        year, month, day = map(int, found.groups())
    elif found := _DOTTED.search(text):
        day, month, year = map(int, found.groups())
    elif (found := _NAMED.search(text)) and (found[1] or found[3]):
        year, month, day = int(found[4]), _MONTHS.index(found[2].lower()) + 1, int(found[1] or found[3])
    else:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def day_in_url(url: str | None) -> str | None:
    """Day that stands in an address.

    Examples
    --------
    >>> day_in_url("https://lockport.example/2026/11/22/pool"), day_in_url("https://lockport.example/pool-20261122")
    ('2026-11-22', '2026-11-22')
    >>> day_in_url("https://lockport.example/2026/nov/22/pool"), day_in_url("https://lockport.example/92026112290")
    ('2026-11-22', None)
    """
    found = _IN_URL.search(url or "")
    if found is None:
        return None
    month = int(found[3]) if found[3] else _MONTHS.index(found[4]) + 1
    return f"{found[1]}-{month:02}-{found[5]}"
