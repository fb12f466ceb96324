"""A Scrapy item pipeline that drops, or marks, the articles that an index has seen; see docs/scrapers.md."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dedup.article import Article, article_from, as_record
from dedup.errors import DedupError, MissingExtraError, ParameterError, ReadError, StorageError
from dedup.fields import candidate_names, told_names
from dedup.holding import Held
from dedup.moments import seconds_of
from dedup.opening import open_index
from dedup.text.tokens import split_words

try:
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem, NotConfigured
    from scrapy.utils.asyncio import is_asyncio_available
except ImportError as error:
    raise MissingExtraError("the pipeline for Scrapy", "scrapy") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from dedup.verdict import Verdict

logger = logging.getLogger(__name__)
Item = TypeVar("Item")
T = TypeVar("T")

ACTIONS = ("drop", "mark")
REPEATED = ("drop", "keep")
#: Place among the item pipelines where the add-on puts ours: behind those that clean items, before those that store.
PRIORITY = 300


class NearDuplicate(DropItem):
    """Raised for an item that is dropped: Scrapy counts it in ``item_dropped_reasons_count/NearDuplicate``.

    Parameters
    ----------
    verdict : Verdict
        Why; handlers of the signal ``item_dropped`` find it in ``exception.verdict``.
    """

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(_told(verdict), log_level="INFO")  # at WARNING, each one would look like trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings, checked.

    Attributes
    ----------
    index : str
        ``DEDUP_INDEX``.
    action : {"drop", "mark"}
        ``DEDUP_ACTION``.
    repeated : {"drop", "keep"}
        ``DEDUP_REPEATED``.
    fields : mapping of str to str
        ``DEDUP_FIELDS``.
    mark_field : str
        ``DEDUP_MARK_FIELD``.
    least_words : int
        ``DEDUP_LEAST_WORDS``.
    parameters : mapping of str to object
        For :func:`dedup.open_index`.
    """

    index: str
    action: str = "drop"
    repeated: str = "drop"
    fields: Mapping[str, str] = field(default_factory=dict)
    mark_field: str = "dedup"
    least_words: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: BaseSettings) -> Options:
        """Read the settings.

        Raises
        ------
        ParameterError
            It names the setting.

        Examples
        --------
        >>> from scrapy.settings import Settings
        >>> Options.of(Settings({"DEDUP_INDEX": "news.dedup", "DEDUP_WINDOW": "30d"})).parameters
        {'window': 2592000}
        """
        index = settings.get("DEDUP_INDEX")
        if not index:
            raise ParameterError(
                "DEDUP_INDEX is not set; name a directory, redis://host:port/db?prefix=name,"
                " or memory:// for what one crawl alone repeats"
            )
        wanted: dict[str, Callable[[Any], object]] = {
            "threshold": float,
            "recall": float,
            "window": seconds_of,
        }
        asked = {name: _read(settings, f"DEDUP_{name.upper()}", read) for name, read in wanted.items()}
        return cls(
            index=str(index),
            action=_one_of(settings, "DEDUP_ACTION", ACTIONS),
            repeated=_one_of(settings, "DEDUP_REPEATED", REPEATED),
            fields=_read(settings, "DEDUP_FIELDS", lambda _: _fields(settings)) or {},
            mark_field=settings.get("DEDUP_MARK_FIELD") or "dedup",
            least_words=_read(settings, "DEDUP_LEAST_WORDS", int) or 0,
            parameters={name: value for name, value in asked.items() if value is not None},
        )


class DedupPipeline:
    """Asks an index about every item, and drops or marks those that it has seen.

    Parameters
    ----------
    options : Options
        The settings.
    stats : StatsCollector
        Gets the counts ``dedup/...``.

    Notes
    -----
    The index is asked in a thread, one item at a time and in their order. Whatever goes wrong, the item is kept and
    counted in ``dedup/error``: a copy in the feed harms less than a lost article.
    """

    def __init__(self, options: Options, stats: StatsCollector) -> None:
        self._options, self._stats = options, stats
        self._held = Held(lambda: open_index(options.index, **options.parameters))
        self._turn = asyncio.Lock()
        self._told: set[str] = set()
        self._unasked = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it from the settings of a crawler.

        Raises
        ------
        NotConfigured
            If ``DEDUP_ENABLED`` is off.
        ParameterError
            If a setting can't be met.
        """
        if not crawler.settings.getbool("DEDUP_ENABLED", True):
            raise NotConfigured
        return cls(Options.of(crawler.settings), crawler.stats)

    async def open_spider(self) -> None:
        """Open the index; if it is down, the items will try again.

        Raises
        ------
        ParameterError
            If a parameter is out of its range, or not that of the index; or if Scrapy runs without asyncio.
        MissingExtraError
            If a package for the index is absent.
        """
        if not is_asyncio_available():
            raise ParameterError(
                "dedup.scrapy needs asyncio; leave TWISTED_REACTOR at its default,"
                " twisted.internet.asyncioreactor.AsyncioSelectorReactor"
            )
        async with self._turn:
            try:
                await asyncio.to_thread(self._held.open)
            except StorageError as error:
                self._tell("storage", "%s; items are kept unasked until it can be used", error)

    async def close_spider(self) -> None:
        """Let go of the index."""
        async with self._turn:
            try:
                await asyncio.to_thread(self._held.close)
            except DedupError as error:
                self._tell("close", "%s", error)

    async def process_item(self, item: Item) -> Item:
        """Ask about an item.

        Raises
        ------
        NearDuplicate
            If it is dropped.
        """
        article = self._article_of(item)
        if article is None:
            return item
        try:
            async with self._turn:
                verdict = await asyncio.to_thread(self._held.add, article)
        except StorageError as error:
            self._unasked += 1
            self._failed("storage", "%s; items are kept unasked until it can be used", error)
            return item
        except Exception as error:  # noqa: BLE001 - whatever it is, the article must not be lost by it
            kind = type(error).__name__
            self._failed(
                kind, "%s: %s; such items are kept", kind, error, trace=not isinstance(error, DedupError)
            )
            return item
        if self._unasked:
            logger.info("the index can be used again; %d items were kept unasked", self._unasked)
            self._unasked = 0
            self._told.discard("storage")
        return self._act(item, verdict)

    def _article_of(self, item: object) -> Article | None:
        """Article of an item; None for one that is not asked about."""
        fields = self._options.fields
        try:
            article = _article(_strings_of(item) if ItemAdapter.is_item(item) else item, fields)
        except ReadError as error:
            self._count("no_text")
            kind = type(item).__name__
            self._tell(
                f"no text in {kind}",
                "%s: %s; such items are kept. DEDUP_FIELDS says where the fields are",
                kind,
                error.reason.partition(";")[0],
            )
            return None
        if not article.compared.strip():
            self._count("no_text")
            return None
        if self._options.least_words and len(split_words(article.compared)[0]) < self._options.least_words:
            self._count("skipped_short")
            return None
        return article

    def _act(self, item: Item, verdict: Verdict) -> Item:
        """Count an item, and drop, mark or pass it."""
        self._count("checked")
        self._count(_kind_of(verdict))
        if self._options.action == "mark":
            self._mark(item, verdict)
        elif verdict.is_duplicate or (verdict.repeated and self._options.repeated == "drop"):
            raise NearDuplicate(verdict)
        return item

    def _mark(self, item: object, verdict: Verdict) -> None:
        name = self._options.mark_field
        try:
            ItemAdapter(item)[name] = verdict.as_dict()
        except Exception as error:  # noqa: BLE001 - a frozen or validating class raises what it likes
            self._failed(
                f"mark {type(item).__name__}",
                "%s takes no field %r (%s); declare it, or name another with DEDUP_MARK_FIELD. Such items pass unmarked",
                type(item).__name__,
                name,
                error,
            )

    def _count(self, name: str) -> None:
        self._stats.inc_value(f"dedup/{name}")

    def _failed(self, kind: str, message: str, *values: object, trace: bool = False) -> None:
        self._count("error")
        self._tell(kind, message, *values, level=logging.ERROR, trace=trace)

    def _tell(
        self, kind: str, message: str, *values: object, level: int = logging.WARNING, trace: bool = False
    ) -> None:
        """Log what happens for the first time; a crawl meets it with every item."""
        if kind not in self._told:
            self._told.add(kind)
            logger.log(level, message, *values, exc_info=trace)


class Addon:
    """Installs the pipeline: ``ADDONS = {"dedup.scrapy.Addon": 500}``."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Put the pipeline among the others, unless it is there."""
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", DedupPipeline, PRIORITY)


def _kind_of(verdict: Verdict) -> str:
    """Under which name an item is counted; each under one."""
    if verdict.is_duplicate:
        return "duplicate/exact" if verdict.relation == "exact" else "duplicate/near"
    return "repeated" if verdict.repeated else "version" if verdict.version else "new"


def _told(verdict: Verdict) -> str:
    """Why an item is dropped, in a line.

    Examples
    --------
    >>> from dedup.verdict import Verdict
    >>> _told(Verdict("a", "a", repeated=True))
    'a: seen before, with the same text'
    """
    if verdict.duplicate_of is None:
        return f"{verdict.id}: seen before, with the same text"
    scores = [
        f"{name} {value:.4f}"
        for name in ("resemblance", "containment", "coverage")
        if (value := getattr(verdict, name)) is not None
    ]
    return f"{verdict.id}: {verdict.relation} to {verdict.duplicate_of} ({', '.join(scores)})"


def _article(item: object, fields: Mapping[str, str]) -> Article:
    """Article of an item; without the text that the settings name it is none, of other fields it may lack some."""
    if isinstance(item, Article):
        return item
    record = as_record(item, fields)
    name = fields.get("text")
    if name is not None and record.get(name) is None:
        raise ReadError("record", f"no {name!r}, {told_names('text', name, record)}")
    return article_from(item, record, fields)


def _strings_of(item: object) -> dict[str, object]:
    """Fields of an item; a loader without processors leaves each as a list, which becomes a text again."""
    return {name: _joined(value) for name, value in ItemAdapter(item).items()}


def _joined(value: object) -> object:
    if not isinstance(value, list | tuple):
        return value
    if len(value) < 2:
        return value[0] if value else None
    return "\n".join(value) if all(isinstance(part, str) for part in value) else value


def _one_of(settings: BaseSettings, name: str, allowed: tuple[str, ...]) -> str:
    value = settings.get(name) or allowed[0]
    if value not in allowed:
        raise ParameterError(f"{name} is {value!r}; it can be {' or '.join(allowed)}")
    return str(value)


def _read(settings: BaseSettings, name: str, read: Callable[[Any], T]) -> T | None:
    """Value of a setting; None where it is not set."""
    value = settings.get(name)
    if value is None or value == "":
        return None
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} is {value!r}: {error}") from error


def _fields(settings: BaseSettings) -> dict[str, str]:
    """``DEDUP_FIELDS``; on a command line it is JSON."""
    fields = settings.getdict("DEDUP_FIELDS")
    candidate_names(fields)
    return fields
