"""One page against itself, in plain Python: an answer before numba would be imported."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dedup.article import Article
from dedup.match.headlines import group_headlines, report_repeated, report_same_matter
from dedup.match.lines import read_lines
from dedup.match.restating import LEAST_WORDS, find_restated
from dedup.match.tail import find_boilerplate, report_boilerplate
from dedup.page import Finding, PageReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.match.lines import Line

__all__ = ["inspect"]


def inspect(article: object) -> PageReport:
    r"""Say what one page repeats within itself.

    Parameters
    ----------
    article : str, Article, dict, or an object with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest.

    Returns
    -------
    PageReport
        Repeated headlines and paragraphs, paragraphs that restate another, and boilerplate.

    Raises
    ------
    ReadError
        If it has neither text nor title.

    Notes
    -----
    Linear in the length of the page. What restates what is judged by shared names, numbers and rare words, where it stands, and
    the pair model (:mod:`dedup.match.rewriting`): it finds fewer than a reader would. Safe to call from several threads at once.

    Examples
    --------
    >>> report = inspect("Storm hits the north\n\nStorm hits the north\n\nRead also: What to do in a storm")
    >>> [(finding.kind, [quote.line for quote in finding.quotes]) for finding in report.findings]
    [('repeated headline', [1, 3]), ('boilerplate', [5])]
    """
    page = Article(article) if isinstance(article, str) else Article.from_any(article)
    lines = read_lines(page.text, page.title)
    boilerplate = find_boilerplate(lines)
    news = [line for place, line in enumerate(lines) if place not in boilerplate]
    groups = group_headlines(news)
    repeated = _group_paragraphs(news)
    body, again = _body(news, {place for group in groups for place in group[1:]})
    restating = find_restated(body, again)
    findings = [
        *report_boilerplate(lines, boilerplate),
        *report_repeated(news, groups),
        *report_same_matter(news, groups),
        *_report_paragraphs(repeated),
        *restating.findings,
    ]
    findings.sort(key=lambda finding: ([quote.place for quote in finding.quotes], finding.kind))
    return PageReport(tuple(findings), len(lines), restating.passed_over)


def _group_paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Paragraphs that stand on several lines."""
    equal: defaultdict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        if line.role in ("paragraph", "item"):
            equal[line.words].append(line)
    return [group for group in equal.values() if len(group) > 1]


def _report_paragraphs(groups: Sequence[Sequence[Line]]) -> Iterator[Finding]:
    for group in groups:
        quotes = tuple(line.quote for line in group)
        yield Finding("repeated paragraph", quotes, 1.0, f"stands {len(group)} times in the same words")


def _body(lines: Sequence[Line], repetitions: set[int]) -> tuple[list[Line], dict[int, str]]:
    """Distinct paragraphs, and which of them stand where the page tells its story again, and below what."""
    body: list[Line] = []
    again: dict[int, str] = {}
    seen: set[tuple[str, ...]] = set()
    begins = ""
    for place, line in enumerate(lines):
        if line.role == "label" or place in repetitions:
            begins = line.quote.text
        elif line.role in ("paragraph", "item") and len(line.tokens) >= LEAST_WORDS:
            if line.words not in seen:
                if begins and line.role == "paragraph":
                    again[len(body)] = begins
                body.append(line)
                seen.add(line.words)
            begins = ""
    return body, again
