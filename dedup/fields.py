"""Fields of an article: under which names a record has them, and what to say where it has not."""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dedup.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Names under which the fields of an article are looked for, in this order.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id",),
        "text": (
            "text",
            "plaintext",
            "plain_text",
            "body",
            "content",
            "maintext",
            "articleBody",
            "article_body",
            "article",
            "full_text",
            "fulltext",
        ),
        "url": ("url", "link", "article_url"),
        "title": ("title", "headline"),
        "published": (
            "published",
            "date",
            "date_publish",
            "publish_date",
            "publishing_date",
            "datePublished",
            "date_published",
            "published_date",
            "publishedAt",
            "published_at",
            "pubDate",
            "pub_date",
            "timestamp",
        ),
        "source": (
            "source",
            "publisher",
            "source_domain",
            "hostname",
            "sitename",
            "site_name",
            "publication",
            "outlet",
            "domain",
        ),
        "language": ("language", "lang"),
    }
)
#: The same with the spellings of a table's head: "Title", "TITLE".
_SPELT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        field: (*names, *(way(name) for way in (str.capitalize, str.upper) for name in names))
        for field, names in FIELD_NAMES.items()
    }
)
_OF_OBJECTS = "`jq -c 'to_entries[] | {id: .key} + .value'`"
_MOST_SHOWN, _LONGEST_SHOWN = 12, 40  # fields of a record without a text, and characters of their names


def told_names(field_name: str, name: str, keys: Iterable[str]) -> str:
    """What is to be said of a name that the user gave and nothing has.

    Examples
    --------
    >>> told_names("text", "lead", {"id": 1, "body": "It rains."})
    'which text=lead names; the fields are id, body'
    """
    return f"which {field_name}={name} names; the fields are {', '.join(map(str, keys)) or 'none'}"


def resolve_names(record: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, str]:
    """Name of each field of an article in this record, for the fields that it has and that are not null."""
    names = {}
    for name, candidates in candidate_names(fields).items():
        for candidate in candidates:
            if record.get(candidate) is not None:
                names[name] = candidate
                break
    return names


def candidate_names(fields: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Names under which each field is looked for, with those that the user gave."""
    unknown = fields.keys() - FIELD_NAMES.keys()
    if unknown:
        raise ParameterError(f"no field {min(unknown)!r}; there are {', '.join(FIELD_NAMES)}")
    return {name: (fields[name],) if name in fields else usual for name, usual in _SPELT.items()}


def tell_absence(record: Mapping[str, Any]) -> str:
    """What to say of a record with neither text nor title: what it has instead."""
    shown = [str(name)[:_LONGEST_SHOWN] for name in islice(record, _MOST_SHOWN + 1)]
    fields = ", ".join(shown[:_MOST_SHOWN]) + (", ..." if len(shown) > _MOST_SHOWN else "")
    told = f"no text and no title; the fields are {fields or 'none'}"
    if record and all(isinstance(value, dict) for value in record.values()):
        return f"{told}; each is an object itself: {_OF_OBJECTS} makes JSON lines of them"
    for name in filter(str.isidentifier, shown[:_MOST_SHOWN]):
        if _has_articles(record.get(name)):
            return f"{told}; articles stand in {name}: `jq -c '.{name}[]'` makes JSON lines of them"
    if "a" in record and "b" in record:
        return f"{told}; pairs are for dedup compare --pairs"
    return f"{told}; name that of the text with --field text=NAME"


def _has_articles(value: object) -> bool:
    """Whether a field holds the articles themselves, as answers of news interfaces do."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return False
    return not {"text", "title"}.isdisjoint(resolve_names(value[0], {}))
