"""What flows through the house: articles, clusters, and what a run counts and lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dedup.dates import parse_date
from dedup.errors import ParameterError, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from dedup.pair import Comparison, Relation, Span

#: Where an affix stands.
At = Literal["end", "start"]

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
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_OF_OBJECTS = "`jq -c 'to_entries[] | {id: .key} + .value'`"
_MOST_SHOWN, _LONGEST_SHOWN = 12, 40  # fields of a record without a text, and characters of their names


@dataclass(frozen=True, slots=True)
class Article:
    """One article.

    Parameters
    ----------
    text : str
        The body. Compared; the title stands in for it only where there is no body.
    id : str, optional
        The caller's id. Without one, the URL serves, else a hash of the normalised text.
    url, title, source : str, optional
        Where it stood, its headline, who published it.
    published : datetime, optional
        With a time zone; :meth:`from_any` takes a naive time for UTC.
    extra : mapping, optional
        Everything else that the article came with.
    language : str, optional
        As it was given, e.g. "de".
    """

    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    published: datetime | None = None
    source: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, compare=False)
    language: str | None = None

    @property
    def compared(self) -> str:
        """The text that is compared: the body, or the title where there is no body."""
        return self.text if self.text and not self.text.isspace() else self.title or ""

    @classmethod
    def from_any(cls, item: object, fields: Mapping[str, str] | None = None) -> Article:
        """Make an article from a dict, a Scrapy item, or any object with the usual attributes.

        Parameters
        ----------
        item : object
            An `Article` (returned as it is), a mapping, or an object with attributes. The URL may also stand in
            ``html.responded_url``.
        fields : mapping of str to str, optional
            Field of an article to the name it has in `item`, e.g. ``{"text": "lead"}``. The others are looked for
            under the names in ``FIELD_NAMES``.

        Returns
        -------
        Article

        Raises
        ------
        ReadError
            If there is neither a text nor a title, one is not a string, or a name of `fields` is not there.

        Examples
        --------
        >>> Article.from_any({"headline": "Rain", "body": "It rains.", "date": "2026-11-22"}).published
        datetime.datetime(2026, 11, 22, 0, 0, tzinfo=datetime.timezone.utc)
        """
        if isinstance(item, cls):
            return item
        given = fields or {}
        record = as_record(item, given)
        article = article_from(item, record, given)
        for field_name, name in given.items():
            if name not in record and (hasattr(item, "keys") or not hasattr(item, name)):
                raise ReadError("record", f"no {name!r}, {told_names(field_name, name, record)}")
        return article


def article_from(item: object, record: Mapping[str, Any], fields: Mapping[str, str]) -> Article:
    """Article of an item that is viewed as a record; a field may be absent."""
    names = resolve_names(record, fields)
    taken = set(names.values())
    extra = {key: value for key, value in record.items() if key not in taken} if hasattr(item, "keys") else {}
    return article_of(record, names, extra)


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


def article_of(
    record: Mapping[str, Any], names: Mapping[str, str], extra: Mapping[str, Any] = _NOTHING
) -> Article:
    """Article of a record whose names are known; a field that is null or absent is None."""
    get = record.get
    text = get(names.get("text", ""))
    title = get(names.get("title", ""))
    if text is None and title is None:
        raise ReadError("record", _no_text(record))
    for name, value in (("text", text), ("title", title)):
        if value is not None and not isinstance(value, str):
            raise ReadError("record", f"{name} is of type {type(value).__name__}, a string is needed")
    published = get(names.get("published", ""))
    return Article(
        text or "",
        _as_string(get(names.get("id", ""))),
        _as_string(get(names.get("url", ""))),
        title,
        None if published is None else parse_date(published),
        _as_string(get(names.get("source", ""))),
        extra,
        _as_string(get(names.get("language", ""))),
    )


def _no_text(record: Mapping[str, Any]) -> str:
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


def _as_string(value: object) -> str | None:
    """Name as a string; of an object, as news interfaces give a source, the name that it has."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return str(value["name"])
    return value if value is None or isinstance(value, str) else str(value)


def as_record(item: object, fields: Mapping[str, str]) -> Mapping[str, Any]:
    """View of an item by field name."""
    if hasattr(item, "keys") and hasattr(item, "__getitem__"):
        return item if isinstance(item, dict) else {key: item[key] for key in item.keys()}  # noqa: SIM118 - duck-typed
    found = {}
    if not isinstance(item, str | bytes):
        names = [
            name
            for field, usual in FIELD_NAMES.items()
            for name in ((fields[field],) if field in fields else usual)
        ]
        found = {name: value for name in names if (value := _attribute(item, name)) is not None}
        place = _attribute(_attribute(item, "html"), "responded_url")
        if place is not None and "url" not in fields and not found.keys() & set(FIELD_NAMES["url"]):
            found["url"] = place
    if not found:
        raise ReadError("record", f"a {type(item).__name__} has none of the fields of an article")
    return found


def _attribute(item: object, name: str) -> object:
    """Attribute of an object; None where it has none, or where a crawler left there why it could not get it.

    fundus does that, and prints a body that is absent as the text "None".
    """
    value = getattr(item, name, None)
    absent = isinstance(value, Exception) or (value == "None" and getattr(item, "body", "") is None)
    return None if absent else value


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """A line, or a stretch of one, that recurs over many different articles, and is no part of any comparison.

    Attributes
    ----------
    text : str
        The line, or the stretch, as one of them has it.
    host : str or None
        Where it recurs; None if that is all over the dump.
    articles : int
        Different articles that it stands in; copies of one story are one article.
    """

    text: str
    host: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class Affix:
    """What an outlet prints around its headlines: its name, or that of a section.

    Attributes
    ----------
    text : str
        As most of the titles have it.
    host : str or None
        Whose titles have it: a host, or a source where no host is known; None if nobody knows whose they are.
    at : {"end", "start"}
        Whether it stands behind the headline or before it.
    articles : int
        Different headlines that have it.
    """

    text: str
    host: str | None
    at: At
    articles: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a reused passage stands.

    Attributes
    ----------
    id, cluster : str
        The article, and the kept article of its cluster.
    span : Span
        In characters of the article's text.
    similarity : float
        To the text of the passage, as in :class:`Passage`.
    relation : {"exact", "near", "excerpt", "overlap"} or None
        Of the article to the first one of the passage; None for that one itself.
    """

    id: str
    cluster: str
    span: Span
    similarity: float
    relation: Relation | None


@dataclass(frozen=True, slots=True)
class ReusedPassage:
    """A stretch of text that stands in articles of several clusters.

    Attributes
    ----------
    text : str
        As the article with most of it has it, the earliest of such; the others have three fifths of its words at least.
    n_words : int
        Its words.
    occurrences : tuple of Occurrence
        The earliest first, undated ones last, then by id.
    """

    text: str
    n_words: int
    occurrences: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: the input as named, and its line (or position), from 1."""

    input: str
    record: int


@dataclass(frozen=True, slots=True)
class Match:
    """A dropped article and why.

    Attributes
    ----------
    id : str
        The dropped article.
    duplicate_of : str
        The article of its cluster that was kept.
    verdict : Comparison
        Of the dropped against the kept article.
    leader : str
        The cluster's longest text, which every member was verified against.
    leader_verdict : Comparison
        Of the dropped article against the leader; always a copy.
    """

    id: str
    duplicate_of: str
    verdict: Comparison
    leader: str
    leader_verdict: Comparison


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that are copies of one text; its id is that of the kept article."""

    id: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that could not be read, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles went where; ``read == kept + exact + near``, damaged records beside them.

    Attributes
    ----------
    read, kept, exact, near, damaged : int
        Articles read; kept; dropped as exact or as near copies (by their relation to the leader); records that could
        not be read.
    repeated_ids : int
        Articles whose id an earlier one had; told apart by their place.
    replaced : int
        Articles with invalid UTF-8 or lone surrogates, read with replacement characters.
    walks_cut : int
        Articles that met more leaders in their buckets than were walked.
    untitled : int
        Articles without a headline, which a run by titles keeps.
    unblocked : int
        Articles without the source, language or date that copies must have in common; they share a block.
    undated : int
        Articles without a date where there is a window; they count as published now.
    unread_dates : int
        Articles of files whose date could not be read; they count as undated.
    """

    read: int
    kept: int
    exact: int
    near: int
    damaged: int = 0
    repeated_ids: int = 0
    replaced: int = 0
    walks_cut: int = 0
    untitled: int = 0
    unblocked: int = 0
    undated: int = 0
    unread_dates: int = 0
