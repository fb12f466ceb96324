"""What ``dedup run`` tells when it is done, on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from dedup.cli.terminal import printable

if TYPE_CHECKING:
    from dedup.deduplicator import Summary

_LISTED = 20


def echo_summary(summary: Summary, as_json: bool) -> None:
    """Say the guessed fields, the damaged records, and six lines of counts; or all of it as one JSON object."""
    if as_json:
        click.echo(json.dumps(summary.as_dict()), err=True)
        return
    for name, fields in summary.fields.items():
        guessed = ", ".join(f"{field}={given}" for field, given in fields.items())
        click.echo(f"{printable(name)}: {printable(guessed) or 'no record'}", err=True)
    for item in summary.damaged[:_LISTED]:
        click.echo(
            f"skipped {printable(item.place.input)}:{item.place.record}: {printable(item.reason)}", err=True
        )
    if len(summary.damaged) > _LISTED:
        click.echo(f"skipped {len(summary.damaged) - _LISTED:,} more; --damaged FILE lists all", err=True)
    counts = summary.counts
    for note, count in (
        ("ids stood twice; their place was put behind them", counts.repeated_ids),
        ("texts had broken characters; they were read with replacements", counts.replaced),
        ("articles met more leaders than --walk; further ones were not compared", counts.walks_cut),
        ("articles have no title; they were kept", counts.untitled),
    ):
        if count:
            click.echo(f"note: {count:,} {note}", err=True)
    for name in ("read", "exact", "near", "kept", "damaged"):
        click.echo(f"{name:8}{getattr(counts, name):>12,}", err=True)
    click.echo(f"{'seconds':8}{summary.seconds:>12.1f}", err=True)
