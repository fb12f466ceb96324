"""What the commands of an index read and show."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dedup.article import Article
from dedup.cli.articles import read_article
from dedup.cli.terminal import printable, printable_json
from dedup.cli.verdict import side_by_side
from dedup.errors import ParameterError
from dedup.io.formats import suffix_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.seen import ArticleIndex
    from dedup.verdict import IndexInfo, Verdict

_OF_MANY = ("jsonl", "csv", "tsv", "parquet")
_SCORES = ("resemblance", "containment", "coverage", "continuity")


def is_lines(name: str) -> bool:
    """Whether a file has many articles, by its name."""
    return suffix_format(name) in _OF_MANY


def read_one(
    file: str | None, text: str | None, fields: Iterable[tuple[str, str]], max_record: int
) -> Article:
    """Article of a file, or of a text given on the command line."""
    if (file is None) == (text is None):
        raise ParameterError("name one file (- is standard input), or give --text")
    given = text if file is None else read_article(file, dict(fields), max_record)
    return Article(given) if isinstance(given, str) else Article.from_any(given)


def echo_lines(index: ArticleIndex, name: str, **reading: Any) -> None:  # noqa: ANN401 - handed on
    """One JSON line for each article of a file."""
    from dedup.crawls import check_files  # noqa: PLC0415 - one article needs no reader

    reading["fields"] = dict(reading["fields"])
    for verdict, place in check_files(index, [name], **reading):
        click.echo(printable_json({**verdict.as_dict(), "input": place.input, "record": place.record}))


def show(verdict: Verdict, article: Article, index: ArticleIndex, as_json: bool) -> str:
    """Verdict for a reader, or as one JSON object."""
    if as_json:
        return printable_json(verdict.as_dict())
    other = index.get(verdict.duplicate_of) if verdict.duplicate_of is not None else None
    lines = [click.style(_headline(verdict), bold=True), *_facts(verdict)]
    if other is not None:
        lines += _beside(article, other, index.manifest.window)
        for passage in verdict.passages:
            lines += ["", *side_by_side(passage, article.compared, other.compared)]
    elif article.published is None and index.manifest.window >= 0 and not verdict.repeated:
        lines.append(_line("dates", f"undated, so published now{_window(index.manifest.window)}"))
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    kind = f"{verdict.relation} (duplicate)" if verdict.is_duplicate else "new"
    if verdict.version:
        kind += ", another version of a known article"
    return f"{kind}, as was said when it was added" if verdict.repeated else kind


def _facts(verdict: Verdict) -> Iterator[str]:
    """A line for each thing that the verdict says."""
    yield _line("id", verdict.id)
    if verdict.duplicate_of is not None:
        yield _line("copy of", verdict.duplicate_of)
    yield _line("cluster", verdict.cluster)
    for name in _SCORES:
        if (score := getattr(verdict, name)) is not None:
            yield _line(name, f"{score:.4f}")
    if verdict.leader_scores is not None:
        told = (
            f"{name} {value:.4f}"
            for name, value in asdict(verdict.leader_scores).items()
            if value is not None
        )
        yield _line("leader", ", ".join(told))
    if verdict.title_match is not None:
        yield _line("title", f"{verdict.title_match.kind} ({verdict.title_match.score:.4f})")


def _beside(article: Article, other: Article, window: int) -> Iterator[str]:
    """Headlines and dates of the two."""
    if other.title:
        yield _line("its title", other.title)
    dates = [_date(one) for one in (article, other)]
    known = _window(window)
    if article.published is not None and other.published is not None:
        apart = abs(article.published - other.published).total_seconds() / 86400
        known = f", {apart:.1f} days apart{known}"
    yield _line("dates", f"{dates[0]}, its {dates[1]}{known}")


def _window(window: int) -> str:
    return "" if window < 0 else f"; the window is {window / 86400:g}d"


def _date(article: Article) -> str:
    return "undated" if article.published is None else article.published.isoformat(timespec="minutes")


def _line(name: str, value: str) -> str:
    return f"{name:12}{printable(value)}"


def show_info(info: IndexInfo, boilerplate: int, as_json: bool) -> str:
    """What an index is and how much is in it, for a reader or as one JSON object."""
    if as_json:
        return printable_json(asdict(info))
    window, recipe = info.parameters["window"], info.parameters["recipe"]
    counts = ("articles", "clusters", "duplicates", "walks_cut")
    rows: list[tuple[str, str]] = [(name, f"{getattr(info, name):,}") for name in counts]
    rows += [(f"{name} bytes", f"{count:,}") for name, count in info.bytes.items()]
    rows += [
        (name, f"{info.parameters[name]:g}") for name in ("threshold", "recall", "max_perm", "walk", "seed")
    ]
    rows += [
        ("bands", f"{recipe['bands']} x {recipe['rows']}"),
        ("window", "none" if window < 0 else f"{window / 86400:g}d"),
        ("boilerplate", f"{boilerplate:,} lines"),
    ]
    return "\n".join(f"{name:15}{value:>14}" for name, value in rows)
