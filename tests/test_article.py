from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.dates import parse_date
from dedup.errors import ParameterError, ReadError
from dedup.fields import FIELD_NAMES
from dedup.pair import Comparison, Scores

MOMENT = datetime(2026, 3, 9, 8, 12, tzinfo=UTC)
TEXT = "It rains in the north."


# Stand-ins with the attributes of the objects that scrapers give


class ArticleBody:
    """The body of a fundus article: no string, but printed as one."""

    def __str__(self) -> str:
        return TEXT


@dataclass(frozen=True)
class FundusHtml:
    """Where a fundus article came from."""

    requested_url: str
    responded_url: str


@dataclass(frozen=True)
class FundusArticle:
    """As fundus gives it: parsed body, text made of it on demand."""

    html: FundusHtml
    publisher: str = "Valley Tribune"
    title: str | None = "Rain"
    authors: list[str] = field(default_factory=list)
    body: ArticleBody | None = field(default_factory=ArticleBody)
    publishing_date: datetime | None = MOMENT

    @property
    def plaintext(self) -> str | None:
        return str(self.body) if self.body else None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class NewspaperArticle:
    """As newspaper4k gives it."""

    def __init__(self) -> None:
        self.url = "https://valleytribune.example/rain"
        self.source_url = "https://valleytribune.example"
        self.title = "Rain"
        self.text = TEXT
        self.publish_date = datetime(2026, 3, 9, 8, 12)  # noqa: DTZ001 - without a zone, as it is
        self.authors = ["A. Reporter"]
        self.html = "<p>It rains in the north.</p>"


class NewsPleaseArticle:
    """As news-please gives it: every field is there, most of them None."""

    authors: tuple[str, ...] = ()
    date_download = None
    date_publish = datetime(2026, 3, 9, 8, 12)  # noqa: DTZ001 - without a zone, as it is
    description = None
    filename = None
    language = "en"
    maintext = TEXT
    source_domain = "valleytribune.example"
    title = "Rain"
    url = "https://valleytribune.example/rain"


class TrafilaturaDocument:
    """As trafilatura gives it: slots, dates as strings, the body as a tree."""

    __slots__ = ("body", "date", "hostname", "id", "raw_text", "sitename", "text", "title", "url")

    def __init__(self) -> None:
        self.title = "Rain"
        self.url = "https://valleytribune.example/rain"
        self.hostname = "valleytribune.example"
        self.sitename = "Valley Tribune"
        self.date = "2026-03-09"
        self.id = None
        self.body = object()
        self.raw_text = "It rains"
        self.text = TEXT


class Item(MutableMapping[str, Any]):
    """As a Scrapy item, or an adapter of one: a mapping that is no dict."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._fields[name] = value

    def __delitem__(self, name: str) -> None:
        del self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class Keyed:
    """The least that ``dict`` takes for a mapping."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def keys(self) -> list[str]:
        return list(self._fields)

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]


def test_fundus() -> None:
    article = Article.from_any(FundusArticle(FundusHtml("https://a.example/x", "https://a.example/y")))
    assert article.text == TEXT
    assert (article.title, article.published, article.source) == ("Rain", MOMENT, "Valley Tribune")
    assert article.url == "https://a.example/y"


def test_fundus_leaves_an_error_where_a_field_could_not_be_read() -> None:
    class Partly(FundusArticle):
        @property
        def plaintext(self) -> str | None:
            return str(self.body)  # "None" where there is none

    html = FundusHtml("https://a.example/x", "https://a.example/y")
    failed: Any = ValueError("no title here")
    assert Article.from_any(FundusArticle(html, title=failed)).title is None
    assert Article.from_any(Partly(html, body=None)).compared == "Rain"
    with pytest.raises(ReadError, match="no text and no title"):
        Article.from_any(Partly(html, title=failed, body=None))


def test_a_place_that_is_named_is_not_replaced_by_that_of_the_page() -> None:
    @dataclass
    class Story:
        html: FundusHtml
        text: str = TEXT
        url: str | None = None
        link: str | None = None

    html = FundusHtml("https://a.example/x", "https://a.example/y")
    assert Article.from_any(Story(html)).url == "https://a.example/y"
    assert Article.from_any(Story(html, link="https://a.example/z")).url == "https://a.example/z"
    assert Article.from_any(Story(html), {"url": "url"}).url is None


def test_newspaper4k() -> None:
    assert Article.from_any(NewspaperArticle()) == Article(
        TEXT, url="https://valleytribune.example/rain", title="Rain", published=MOMENT
    )


def test_news_please() -> None:
    assert Article.from_any(NewsPleaseArticle()) == Article(
        TEXT,
        url="https://valleytribune.example/rain",
        title="Rain",
        published=MOMENT,
        source="valleytribune.example",
        language="en",
    )


def test_trafilatura() -> None:
    assert Article.from_any(TrafilaturaDocument()) == Article(
        TEXT,
        url="https://valleytribune.example/rain",
        title="Rain",
        published=datetime(2026, 3, 9, tzinfo=UTC),
        source="valleytribune.example",
    )


@pytest.mark.parametrize("kind", [dict, Item, lambda **fields: Keyed(fields)])
def test_mappings(kind: Any) -> None:
    item = kind(
        link="https://a.example/x", headline="Rain", content=TEXT, source_domain="a.example", tags=["x"]
    )
    article = Article.from_any(item)
    assert article == Article(TEXT, url="https://a.example/x", title="Rain", source="a.example")
    assert article.extra == {"tags": ["x"]}


def test_an_article_is_returned_as_it_is() -> None:
    article = Article(TEXT, id="a")
    assert Article.from_any(article) is article


# Fields


@pytest.mark.parametrize(
    ("name", "given_"), [(name, given_) for name, names in FIELD_NAMES.items() for given_ in names]
)
def test_every_name_of_a_field_is_known(name: str, given_: str) -> None:
    value = "2026-03-09T08:12:00Z" if name == "published" else "something"
    article = Article.from_any({("text" if name == "title" else "title"): "Rain", given_: value})
    assert getattr(article, name) == (MOMENT if name == "published" else value)
    assert article.extra == {}


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_the_first_name_that_is_not_null_is_taken(name: str) -> None:
    first, *others = FIELD_NAMES[name]
    values = {given_: f"2026-03-0{place}" for place, given_ in enumerate((first, *others), 1)}

    def value(article: Article) -> str:
        found = getattr(article, name)
        return str(found.date() if name == "published" else found)

    record = {"title": "Rain"} | values
    assert value(Article.from_any(record)) == "2026-03-01"
    if others:
        assert value(Article.from_any(record | {first: None})) == "2026-03-02"


def test_fields_are_found_under_the_names_that_are_given() -> None:
    record = {"text": "no", "lead": TEXT, "when": 0, "id": "a"}
    article = Article.from_any(record, {"text": "lead", "published": "when"})
    assert (article.text, article.id, article.published) == (TEXT, "a", datetime(1970, 1, 1, tzinfo=UTC))
    assert article.extra == {"text": "no"}


def test_given_names_hold_for_attributes_too() -> None:
    @dataclass
    class Story:
        lead: str = TEXT
        title: str = "Rain"

    article = Article.from_any(Story(), {"text": "lead"})
    assert (article.text, article.title) == (TEXT, "Rain")


def test_a_given_name_is_not_replaced_by_a_guess() -> None:
    with pytest.raises(ReadError, match="no text and no title"):
        Article.from_any({"text": TEXT}, {"text": "lead"})


@pytest.mark.parametrize("kind", [dict, Item, lambda **fields: Keyed(fields)])
def test_a_given_name_that_is_not_there_is_told(kind: Any) -> None:
    with pytest.raises(ReadError, match="no 'lead', which text=lead names; the fields are title"):
        Article.from_any(kind(title="Rain"), {"text": "lead"})
    assert Article.from_any(kind(title="Rain", lead=None), {"text": "lead"}).compared == "Rain"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ParameterError, match="no field 'txt'; there are id, text, url"):
        Article.from_any({"text": TEXT}, {"txt": "lead"})


def test_unknown_fields_are_carried_in_extra_and_do_not_count() -> None:
    one = Article.from_any({"text": TEXT, "tags": ["x"], "n": 1})
    assert one.extra == {"tags": ["x"], "n": 1}
    assert one == Article(TEXT)
    assert len({one, Article(TEXT)}) == 1


@pytest.mark.parametrize(
    ("given_", "expected"), [(7, "7"), ("x", "x"), (None, None), (2**70, str(2**70)), (1.5, "1.5")]
)
def test_ids_are_strings(given_: object, expected: str | None) -> None:
    assert Article.from_any({"text": TEXT, "id": given_}).id == expected


# Errors


@pytest.mark.parametrize("item", [{}, {"text": None, "title": None}, {"id": "a", "date": 0}, Item(id="a")])
def test_without_text_and_title_there_is_no_article(item: object) -> None:
    with pytest.raises(ReadError, match=r"no text and no title; .*--field text=NAME"):
        Article.from_any(item)


@pytest.mark.parametrize("item", [None, 7, "a string", ["a", "list"], object(), 1.5, b"bytes"])
def test_what_has_no_field_of_an_article_is_named(item: object) -> None:
    with pytest.raises(ReadError, match=f"a {type(item).__name__} has none of the fields"):
        Article.from_any(item)


@pytest.mark.parametrize("value", [7, 1.5, True, ["x"], {"x": 1}, b"x"])
@pytest.mark.parametrize("name", ["text", "title"])
def test_a_text_or_title_that_is_no_string_is_refused(name: str, value: object) -> None:
    with pytest.raises(ReadError, match=f"{name} is of type {type(value).__name__}, a string is needed"):
        Article.from_any({"text": TEXT, "title": "Rain", name: value})


# Compared


@pytest.mark.parametrize(
    ("text", "title", "compared"),
    [
        ("body", "title", "body"),
        ("", "title", "title"),
        (" \n\t\u3000", "title", "title"),
        ("…", "title", "…"),
        ("", None, ""),
        ("  ", "", ""),
        (" body ", None, " body "),
    ],
)
def test_the_title_stands_in_for_an_absent_body(text: str, title: str | None, compared: str) -> None:
    assert Article(text, title=title).compared == compared


def test_a_title_alone_makes_an_article() -> None:
    article = Article.from_any({"headline": "Rain", "body": None})
    assert (article.text, article.title, article.compared) == ("", "Rain", "Rain")


def test_articles_and_verdicts_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Article(TEXT).text = "other"  # type: ignore[misc]
    verdict = Comparison("near", Scores(1.0, 1.0, 1.0, None))
    with pytest.raises(FrozenInstanceError):
        verdict.relation = "exact"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        verdict.scores.coverage = 0.0  # type: ignore[misc]


# Dates


@pytest.fixture
def _far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The zone of the machine does not matter."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_far_from_utc")
@pytest.mark.parametrize(
    "value",
    [
        "2026-03-09T08:12:00Z",
        "2026-03-09T08:12:00",
        "2026-03-09 08:12",
        "2026-03-09T09:12:00+01:00",
        "20260309T081200Z",
        "Mon, 09 Mar 2026 08:12:00 +0000",
        "Mon, 09 Mar 2026 08:12:00 GMT",
        "Mon, 09 Mar 2026 08:12:00 -0000",
        "09 Mar 2026 03:12:00 -0500",
        1773043920,
        1773043920.0,
        "1773043920",
        "1773043920.0",
        " 1773043920 ",
        MOMENT,
        MOMENT.replace(tzinfo=None),
        MOMENT.astimezone(timezone(timedelta(hours=-7))),
    ],
)
def test_dates(value: object) -> None:
    parsed = parse_date(value)
    assert parsed == MOMENT
    assert parsed is not None
    assert parsed.tzinfo is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-09", datetime(2026, 3, 9, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("-86400", datetime(1969, 12, 31, tzinfo=UTC)),
        ("25 Nov 2026", datetime(2026, 11, 25, tzinfo=UTC)),
        ("5 november 2026 7:05", datetime(2026, 11, 5, 7, 5, tzinfo=UTC)),
        ("Nov 25, 2026", datetime(2026, 11, 25, tzinfo=UTC)),
        ("Wednesday, Nov. 25 2026 10:30:07", datetime(2026, 11, 25, 10, 30, 7, tzinfo=UTC)),
        ("Sept 1, 2026", datetime(2026, 9, 1, tzinfo=UTC)),
        (10**11, datetime(5138, 11, 16, 9, 46, 40, tzinfo=UTC)),
        (1764000000000, datetime(2025, 11, 24, 16, tzinfo=UTC)),
        ("1764000000500", datetime(2025, 11, 24, 16, 0, 0, 500000, tzinfo=UTC)),
        (1764000000000000, datetime(2025, 11, 24, 16, tzinfo=UTC)),
        (-(10**11) - 1, datetime(1966, 10, 31, 14, 13, 19, 999000, tzinfo=UTC)),
        (-0.5, datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)),
    ],
)
def test_more_dates(value: object, expected: datetime) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "yesterday",
        "2026-13-40",
        "11/25/2026",
        "25.11.2026",
        "32 Nov 2026",
        "25 Nox 2026",
        "Nov 2026",
        "Nov 25, 2026 25:00",
        "Novem 25, 2026",
        "Mon, 32 Mar 2026 08:12:00 +0000",
        "²",
        "1.2.3",
        "--5",
        "9" * 400,
        10**400,
        1e300,
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        {"year": 2026},
        b"2026-03-09",
    ],
)
def test_what_is_no_date_is_none(value: object) -> None:
    assert parse_date(value) is None
    assert Article.from_any({"text": TEXT, "date": value}).published is None


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_no_value_breaks_the_parser_and_a_date_has_a_zone(value: object) -> None:
    parsed = parse_date(value)
    assert parsed is None or parsed.tzinfo is not None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_is_read_as_it_was_written(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.replace(tzinfo=None).isoformat()) == moment


def test_a_record_without_a_text_is_told_by_its_fields() -> None:
    with pytest.raises(
        ReadError, match="the fields are id, lead; name that of the text with --field text=NAME"
    ):
        Article.from_any({"id": 1, "lead": "Rain"})
    with pytest.raises(ReadError, match="the fields are a, b; pairs are for dedup compare --pairs"):
        Article.from_any({"a": "Rain", "b": "Snow"})
    with pytest.raises(ReadError, match=r"the fields are x; each is an object itself: `jq -c 'to_entries"):
        Article.from_any({"x": {"text": "Rain"}})
    with pytest.raises(ReadError, match=r"k0, .*k11, \.\.\.; name"):
        Article.from_any({f"k{number}": 1 for number in range(13)})


@pytest.mark.parametrize("way", [str.capitalize, str.upper])
def test_fields_are_found_in_the_spelling_of_a_table(way: Any) -> None:
    record = {way(name): value for name, value in {"text": TEXT, "headline": "Rain", "source": "a"}.items()}
    assert Article.from_any(record) == Article(TEXT, title="Rain", source="a")
    assert Article.from_any(record | {"text": "first"}).text == "first"


def test_a_source_that_is_an_object_is_known_by_its_name() -> None:
    assert Article.from_any({"text": TEXT, "source": {"id": None, "name": "Valley"}}).source == "Valley"


def test_articles_inside_of_an_answer_are_pointed_to() -> None:
    answer = {"status": "ok", "authors": [{"name": "a"}], "articles": [{"title": "Rain", "url": "u"}]}
    with pytest.raises(ReadError, match=r"articles stand in articles: `jq -c '\.articles\[\]'` makes"):
        Article.from_any(answer)
    with pytest.raises(ReadError, match="name that of the text with --field"):
        Article.from_any({**answer, "articles": [], "it's": [{"title": "Rain"}]})


@pytest.mark.parametrize("record", [{"": "x", "text": "rain"}, {"": "x", "title": "rain"}])
def test_a_field_without_a_name_is_no_field_of_an_article(record: dict[str, str]) -> None:
    article = Article.from_any(record)
    assert (article.id, article.url, article.source, article.language) == (None, None, None, None)
    assert article.published is None
    assert article.compared == "rain"
    with pytest.raises(ReadError, match="no text and no title"):
        Article.from_any({"": "x", "id": "1"})
