"""What ``dedup inspect`` shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from dedup.cli.terminal import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.page import Finding, PageReport, Quote

#: Quotes of a finding, and characters of a quote, that a reader is shown.
MOST_QUOTES, MOST_CHARACTERS = 8, 96


def show(report: PageReport, as_json: bool) -> str:
    """Report for a reader, or one JSON object."""
    if as_json:
        return printable_json(asdict(report))
    lines = [line for finding in report.findings for line in _finding(finding)]
    if report.passed_over:
        lines.append(
            f"{report.passed_over} pairs of paragraphs were not looked at: one of them had too many partners"
        )
    return "\n".join(lines or ["nothing is repeated"])


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.kind} ({finding.score:.4f}): {printable(finding.why)}"
    yield from map(_quote, finding.quotes[:MOST_QUOTES])
    if len(finding.quotes) > MOST_QUOTES:
        yield f"    and {len(finding.quotes) - MOST_QUOTES} more"


def _quote(quote: Quote) -> str:
    place = f"line {quote.line}" if quote.part == "text" else "title"
    text = quote.text if len(quote.text) <= MOST_CHARACTERS else f"{quote.text[: MOST_CHARACTERS - 1]}…"
    return f"    {place}, {quote.start}-{quote.end}: {printable(text)}"
