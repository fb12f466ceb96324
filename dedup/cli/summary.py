"""What ``dedup run`` tells when it is done, on standard error."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.article import Counts
    from dedup.estimation import Estimate
    from dedup.feeding import AddCounts, AddSummary
    from dedup.headline import HeadlineCounts, HeadlineReport
    from dedup.story import Story, StoryCounts, StorySummary
    from dedup.summary import Summary
    from dedup.tuned import Survey

_TOLD = 12  # inputs whose fields are told one by one; of more, those that are alike together
_LISTED = 20
_REPLACED = "texts had broken characters; they were read with replacements"
_WALKS_CUT = "articles met more leaders than --walk; further ones were not compared"


def echo_summary(summary: Summary, as_json: bool) -> None:
    """Say the guessed fields, the damaged records, and six lines of counts; or all of it as one JSON object."""
    if as_json:
        click.echo(json.dumps(summary.as_dict()), err=True)
        return
    echo_reading(summary)
    counts = summary.counts
    _echo_notes(
        ("ids stood twice; their place was put behind them", counts.repeated_ids),
        (_REPLACED, counts.replaced),
        (_WALKS_CUT, counts.walks_cut),
        (_unread(summary), counts.unread_dates),
        *_crawl_notes(counts),
        ("articles have no title; they were kept", counts.untitled),
        ("articles lack what --within goes by; they were compared with one another only", counts.unblocked),
        ("articles have no date; for --window they count as published now", counts.undated),
        *(_story_notes(summary.stories) if summary.stories else ()),
    )
    for name in summary.absent_sources:
        click.echo(f"note: no article is of the preferred source {printable(name)}", err=True)
    if summary.memory_beyond is not None:
        held = f"{summary.memory_beyond / 1e6:,.0f} MB were held at the most, more than --memory"
        click.echo(f"note: {held}; the more articles, the more can't be given back", err=True)
    _echo_largest(summary.largest)
    versions = ("versions",) if counts.versions else ()
    for name in ("read", "exact", "near", *versions, "kept", "damaged"):
        click.echo(f"{name:8}{getattr(counts, name):>12,}", err=True)
    if summary.stories:
        click.echo(f"{'stories':8}{summary.stories.stories:>12,}", err=True)
    click.echo(f"{'seconds':8}{summary.seconds:>12.1f}", err=True)


def echo_added(summary: AddSummary, as_json: bool, quiet: bool) -> None:
    """Say the same of what an index was given."""
    if quiet:
        return
    if as_json:
        click.echo(json.dumps(summary.as_dict()), err=True)
        return
    echo_reading(summary)
    counts = summary.counts
    _echo_notes(
        ("articles were in the index already; what was said of them first was said again", counts.repeated),
        (_REPLACED, counts.replaced),
        (_WALKS_CUT, counts.walks_cut),
        (_unread(summary), counts.unread_dates),
        *_crawl_notes(counts),
    )
    for name in ("read", "new", "versions", "exact", "near", "repeated", "damaged", "articles"):
        click.echo(f"{name:8}{getattr(counts, name):>12,}", err=True)
    click.echo(f"{'seconds':8}{summary.seconds:>12.1f}", err=True)


def echo_read(found: Estimate) -> None:
    """Say how the inputs of a dry run were read."""
    echo_reading(found)
    _echo_notes(
        (_REPLACED, found.replaced),
        ("articles met more of the sample than --walk; further ones were not compared", found.walks_cut),
        (_unread(found), found.unread_dates),
    )


def echo_reading(
    summary: Summary | AddSummary | HeadlineReport | StorySummary | Survey | Estimate,
) -> None:
    """Guessed fields and damaged records."""
    guesses = {
        name: ", ".join(f"{field}={given}" for field, given in fields.items())
        for name, fields in summary.fields.items()
    }
    alike = Counter(guesses.values()) if len(guesses) > _TOLD else Counter[str]()
    told: set[str] = set()
    for name, guess in guesses.items():
        more = alike[guess] - 1
        if guess not in told or more < 1:
            others = f" and {more:,} more" if more > 0 else ""
            click.echo(f"{printable(name)}{others}: {printable(guess) or 'no record'}", err=True)
        told.add(guess)
    for item in summary.damaged[:_LISTED]:
        at = "" if item.offset is None else f" (at byte {item.offset:,})"
        place = f"{printable(item.place.input)}:{item.place.record}"
        click.echo(f"skipped {place}: {printable(item.reason)}{at}", err=True)
    if len(summary.damaged) > _LISTED:
        click.echo(f"skipped {len(summary.damaged) - _LISTED:,} more; --damaged FILE lists all", err=True)


def _unread(summary: Summary | AddSummary | HeadlineReport | StorySummary | Estimate) -> str:
    return f"dates could not be read, e.g. {printable(summary.unread_date or '')}; these articles count as undated"


def _crawl_notes(
    counts: Counts | AddCounts | HeadlineCounts | StoryCounts,
) -> tuple[tuple[str, int], ...]:
    """What was left out of crawls."""
    return (
        ("records of crawls are damaged (records_damaged)", counts.records_damaged),
        ("records of crawls are truncated (records_truncated)", counts.records_truncated),
        ("answers in crawls are no HTML and were left out (records_not_html)", counts.records_not_html),
    )


def _echo_notes(*notes: tuple[str, int]) -> None:
    for note, count in notes:
        if count:
            click.echo(f"note: {count:,} {note}", err=True)


def echo_headlines(report: HeadlineReport, as_json: bool) -> None:
    """Say the same of the headlines of a dump."""
    counts = report.counts
    if as_json:
        told = {
            "counts": asdict(counts),
            "damaged": [asdict(item) for item in report.damaged],
            "fields": report.fields,
            "seconds": report.seconds,
            "unread_date": report.unread_date,
        }
        click.echo(json.dumps(told), err=True)
        return
    echo_reading(report)
    _echo_notes(
        ("ids stood twice; their place was put behind them", counts.repeated_ids),
        (_REPLACED, counts.replaced),
        ("headlines resembled more others than --walk; further ones were not compared", counts.walks_cut),
        (_unread(report), counts.unread_dates),
        *_crawl_notes(counts),
    )
    for name in ("read", "untitled", "wordings", "repeated", "articles", "damaged"):
        click.echo(f"{name:8}{getattr(counts, name):>12,}", err=True)
    click.echo(f"{'seconds':8}{report.seconds:>12.1f}", err=True)


def echo_stories(summary: StorySummary, as_json: bool) -> None:
    """Say the same of stories: the largest of them first."""
    counts = summary.counts
    if as_json:
        click.echo(json.dumps(summary.as_dict()), err=True)
        return
    echo_reading(summary)
    _echo_notes(
        ("ids stood twice; their place was put behind them", counts.repeated_ids),
        (_REPLACED, counts.replaced),
        (_WALKS_CUT, counts.walks_cut),
        (_unread(summary), counts.unread_dates),
        *_crawl_notes(counts),
        *_story_notes(counts),
    )
    _echo_largest(summary.largest)
    for name in ("read", "clusters", "stories", "shared", "articles", "damaged"):
        click.echo(f"{name:8}{getattr(counts, name):>12,}", err=True)
    click.echo(f"{'seconds':8}{summary.seconds:>12.1f}", err=True)


def _story_notes(counts: StoryCounts) -> tuple[tuple[str, int], ...]:
    """What grouping had to leave out."""
    return (
        ("texts have no word to go by; each is a story of its own", counts.wordless),
        ("terms stand in so many texts that they proposed no pair", counts.frequent),
        ("candidates beyond the best of a text were not looked at", counts.neighbours),
    )


def _echo_largest(stories: Iterable[Story]) -> None:
    """A line for each story: articles, days, headline."""
    for story in stories:
        days = [moment.date().isoformat() for moment in (story.first, story.last) if moment]
        when = " to ".join(dict.fromkeys(days)) or "undated"
        told = story.headline or f"[{story.id}]"
        click.echo(f"{story.size:>6,}  {when:24}  {printable(told)}", err=True)
