"""What flows through the house: articles, clusters, and what a run counts and lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dedup.dates import parse_date
from dedup.errors import ReadError
from dedup.fields import FIELD_NAMES, resolve_names, tell_absence, told_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dedup.pair import Comparison, Relation, Span

#: What can be wrong with a record of a crawl.
DamageKind = Literal["damaged", "truncated", "not_html"]
#: Where an affix stands.
At = Literal["end", "start"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Article:
    """One article.

    Parameters
    ----------
    text : str
        The body. Compared; the title stands in for it only where there is no body.
    id : str, optional
        The caller's id. Without one, the canonical URL serves, else a hash of the normalised text.
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


def article_of(
    record: Mapping[str, Any], names: Mapping[str, str], extra: Mapping[str, Any] = _NOTHING
) -> Article:
    """Article of a record whose names are known; a field that is null or absent is None."""

    def get(field: str) -> Any:  # noqa: ANN401 - any value of a record
        return record.get(names[field]) if field in names else None

    text, title = get("text"), get("title")
    if text is None and title is None:
        raise ReadError("record", tell_absence(record))
    for name, value in (("text", text), ("title", title)):
        if value is not None and not isinstance(value, str):
            raise ReadError("record", f"{name} is of type {type(value).__name__}, a string is needed")
    published = get("published")
    return Article(
        text or "",
        _as_string(get("id")),
        _as_string(get("url")),
        title,
        None if published is None else parse_date(published),
        _as_string(get("source")),
        extra,
        _as_string(get("language")),
    )


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
        Different headlines that have it, of those of the host that were looked at.
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
        The article that was kept: of its cluster, or of its page, where only one version of each is kept.
    verdict : Comparison
        Of the dropped against the kept article; ``version`` tells a page that changed.
    leader : str
        The longest text of its cluster, which every member was verified against.
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
    """A record that could not be read, and why.

    Attributes
    ----------
    place : Place
        Where it stands.
    reason : str
        What is wrong with it.
    offset : int or None
        Of crawls: the byte at which it begins, in the file where records are compressed one by one, else in its
        contents.
    kind : {"damaged", "truncated", "not_html"} or None
        Of crawls: whether it can't be read, has not all of its bytes, or can be read and is no page.
    """

    place: Place
    reason: str
    offset: int | None = None
    kind: DamageKind | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles went where; ``read == kept + exact + near + versions``, damaged records beside them.

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
    versions : int
        Articles dropped for another version of their page, whatever their texts; copies of what is kept are not among them.
    records_damaged, records_truncated : int
        Of crawls: records of `damaged` that can't be read, and those that have not all of their bytes.
    records_not_html : int
        Of crawls: answers that are no pages (images, redirects, errors), which are not among `damaged`.
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
    versions: int = 0
    records_damaged: int = 0
    records_truncated: int = 0
    records_not_html: int = 0
