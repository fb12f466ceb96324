"""Batches: what a run needs of many articles, as columns.

Records that share their fields become columns without an :class:`Article` each, which is most of what reading in
Python costs; a test shows that both ways give the same.
"""

from __future__ import annotations

import math
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dedup.article import Article
from dedup.dates import epoch_of, parse_date
from dedup.fields import candidate_names
from dedup.url import host_of, url_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


Item = TypeVar("Item")
_NAMES = ("id", "url", "source", "language")


#: Bytes in a batch: enough to keep a kernel busy for some milliseconds, few enough to stay in the cache.
BATCH_BYTES = 1 << 20


class Batch(NamedTuple):
    """Articles as columns, one entry for each.

    Attributes
    ----------
    ids : list of str or None
        As given, or what the page is known by (:func:`dedup.url.url_id`).
    sources : list of str or None
        Who published it.
    published : list of float
        Epoch seconds, NaN for undated.
    texts : list of bytes
        What is compared, in UTF-8.
    titles : list of bytes
        In UTF-8, empty without one.
    urls : list of str or None
        As given.
    languages : list of str or None
        As given.
    replaced : int
        Articles whose text could not be encoded as it was (lone surrogates).
    """

    ids: list[str | None]
    sources: list[str | None]
    published: list[float]
    texts: list[bytes]
    titles: list[bytes]
    urls: list[str | None]
    languages: list[str | None]
    replaced: int

    @property
    def hosts(self) -> list[str | None]:
        """Where each was published: the host of its URL, else the source."""
        return [host_of(url) or source for url, source in zip(self.urls, self.sources, strict=True)]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Batch:
        """Make a batch of articles."""
        taken = list(articles)
        texts, replaced = _encoded([article.compared for article in taken])
        return cls(
            [article.id or url_id(article.url) for article in taken],
            [article.source for article in taken],
            [_seconds(article.published) for article in taken],
            texts,
            _encoded([article.title or "" for article in taken])[0],
            [article.url for article in taken],
            [article.language for article in taken],
            replaced,
        )

    @classmethod
    def join(cls, batches: Sequence[Batch]) -> Batch:
        """One batch of several."""
        if len(batches) == 1:
            return batches[0]
        nothing = cls([], [], [], [], [], [], [], 0)
        columns: list[Any] = [
            list(chain.from_iterable(parts)) for parts in list(zip(nothing, *batches, strict=True))[:-1]
        ]
        return cls._make([*columns, sum(batch.replaced for batch in batches)])

    def take(self, rows: Sequence[int]) -> Batch:
        """Some of its articles, in this order; what was replaced is counted with the whole."""
        columns: list[Any] = [[column[row] for row in rows] for column in self[:-1]]
        return Batch._make([*columns, 0])


def batch_records(
    records: Sequence[Any], candidates: Mapping[str, Sequence[str]]
) -> tuple[Batch, dict[str, str]] | None:
    """Make a batch of records as a JSON parser gives them.

    Parameters
    ----------
    records : sequence
        Parsed JSON values.
    candidates : mapping of str to sequence of str
        For each field of an article the names under which it is looked for
        (:func:`dedup.fields.candidate_names`).

    Returns
    -------
    tuple of Batch and dict of str to str, or None
        The batch, and the name under which each field was found. None where the records have to be read one at a
        time: one is no article, or they have a field under several names.
    """
    if set(map(type, records)) != {dict}:
        return None
    keys = frozenset().union(*records)
    names = {field: found for field, found in _present(candidates, keys).items() if found}
    columns = {field: [record.get(found[0]) for record in records] for field, found in names.items()}
    if any(len(found) > 1 and None in columns[field] for field, found in names.items()):
        return None
    nothing: list[Any] = [None] * len(records)
    texts = _compared(columns.get("text", nothing), columns.get("title", nothing))
    ids, urls, sources, languages = (_strings(columns.get(field, nothing)) for field in _NAMES)
    if texts is None or ids is None or urls is None or sources is None or languages is None:
        return None
    encoded, replaced = _encoded(texts)
    if not all(ids):
        ids = [given or url_id(url) for given, url in zip(ids, urls, strict=True)]
    published = _all_seconds(columns.get("published", nothing))
    used = {field: found[0] for field, found in names.items() if columns[field] != nothing}
    titles, _ = _encoded([title or "" for title in columns.get("title", nothing)])
    return Batch(ids, sources, published, encoded, titles, urls, languages, replaced), used


def batch_of(items: Sequence[object]) -> Batch:
    """Make a batch of texts, dicts, and objects of any kind that :meth:`dedup.Article.from_any` takes."""
    if set(map(type, items)) == {dict}:
        found = batch_records(items, candidate_names({}))
        if found is not None:
            return found[0]
    return Batch.of(Article(item) if isinstance(item, str) else Article.from_any(item) for item in items)


def batch_texts(records: Sequence[Any], candidates: Mapping[str, Sequence[str]]) -> list[bytes] | None:
    """What is compared of records, in UTF-8; None where they have to be read one at a time."""
    if set(map(type, records)) != {dict}:
        return None
    wanted = {field: candidates[field] for field in ("text", "title")}
    names = _present(wanted, frozenset().union(*records))
    if any(len(found) > 1 for found in names.values()):
        return None
    columns = [
        [record.get(found[0]) for record in records] if found else [None] * len(records)
        for found in names.values()
    ]
    texts = _compared(*columns)
    return None if texts is None else _encoded(texts)[0]


def encode_all(column: Sequence[str | None]) -> list[bytes]:
    """Strings in UTF-8, empty for None."""
    return _encoded([value or "" for value in column])[0]


def _present(candidates: Mapping[str, Sequence[str]], keys: frozenset[str]) -> dict[str, list[str]]:
    """Names of each field that some record has."""
    return {field: [name for name in possible if name in keys] for field, possible in candidates.items()}


def _compared(texts: list[Any], titles: list[Any]) -> list[str] | None:
    """Body of each article, or the title where it has none; None if something is no text."""
    kinds = set(map(type, texts))
    if kinds == {str} and all(texts) and not any(map(str.isspace, texts)):
        return texts if _are_strings(titles) else None
    if not (_are_strings(texts) and _are_strings(titles)):
        return None
    if any(text is None and title is None for text, title in zip(texts, titles, strict=True)):
        return None
    return [
        text if text and not text.isspace() else title or ""
        for text, title in zip(texts, titles, strict=True)
    ]


def _are_strings(column: list[Any]) -> bool:
    return set(map(type, column)) <= {str, type(None)}


def _strings(column: list[Any]) -> list[str | None] | None:
    """Column of strings; a whole number becomes one, of other things None is made by no guess."""
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        return column
    if kinds <= {str, int, type(None)}:
        return [value if value is None else str(value) for value in column]
    return None


def _all_seconds(column: list[Any]) -> list[float]:
    if set(map(type, column)) == {str}:
        try:
            moments = list(map(datetime.fromisoformat, column))
            aware = None not in [moment.tzinfo for moment in moments]
            return list(map(datetime.timestamp if aware else _seconds, moments))
        except ValueError:
            pass
    return [math.nan if value is None else _seconds(parse_date(value)) for value in column]


def _seconds(moment: datetime | None) -> float:
    """Epoch seconds; no time is NaN."""
    seconds = epoch_of(moment)
    return math.nan if seconds is None else seconds


def _encoded(texts: list[str]) -> tuple[list[bytes], int]:
    """Texts in UTF-8, and in how many lone surrogates had to be replaced."""
    try:
        return list(map(str.encode, texts)), 0
    except UnicodeEncodeError:
        encoded = list(map(to_utf8, texts))
        return [data for data, _ in encoded], sum(replaced for _, replaced in encoded)


def in_portions(items: Iterable[Item], size: int, length_of: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Cut a stream into lists whose items are together just as long as `size` or longer; the last may be shorter.

    Examples
    --------
    >>> list(in_portions(["ab", "c", "defg", "h"], 3, len))
    [['ab', 'c'], ['defg'], ['h']]
    """
    portion: list[Item] = []
    length = 0
    for item in items:
        portion.append(item)
        length += length_of(item)
        if length >= size:
            yield portion
            portion, length = [], 0
    if portion:
        yield portion


def in_counts(items: Iterable[Item], count: int) -> Iterator[list[Item]]:
    """Cut a stream into lists of so many items; the last may be shorter."""
    stream = iter(items)
    while portion := list(islice(stream, count)):
        yield portion


def to_utf8(text: str) -> tuple[bytes, bool]:
    r"""Text in UTF-8, and whether lone surrogates in it had to be replaced.

    Examples
    --------
    >>> to_utf8("a\ud83db")
    (b'a\xef\xbf\xbdb', True)
    """
    try:
        return text.encode(), False
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode(), True
