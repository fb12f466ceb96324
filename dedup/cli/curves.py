"""What ``dedup tune`` shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from dedup.cli.summary import echo_reading
from dedup.cli.terminal import counted, printable
from dedup.tuned import ABOVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.tuned import Between, Borderline, Cut, Effect, Survey, Tuning

_BAR = 40  # columns of the longest bar
_MILLION = 1_000_000


def echo_tuning(tuning: Tuning) -> None:
    """Table of the cuts, what can't be met, and the S-curve of the chosen one."""
    lines = [*_table(_cut_rows(tuning.cuts)), *_notes(tuning), "", *_curve(tuning.chosen)]
    click.echo("\n".join(lines))


def echo_survey(survey: Survey, examples: int, *, as_json: bool, quiet: bool) -> None:
    """Histogram of a dump, what each threshold would drop, and articles to read; how it was read on standard error."""
    if not quiet:
        echo_reading(survey)
    if not as_json:
        lines = [
            "",
            *_histogram(survey),
            "",
            *_table(_effect_rows(survey)),
            "exact, near, kept: articles, exactly as a run with this threshold and recall; pairs: of different texts, estimated;",
            "missed: of these, those that are expected to share no band (a cluster may hold them all the same)",
            *_borderline(survey.between, examples),
        ]
        click.echo("\n".join(lines))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns that end at one place, but the last, which begins at one."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, last in rows:
        shown = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
        yield "  ".join([*shown, last]).rstrip()


def _cut_rows(cuts: Iterable[Cut]) -> list[list[str]]:
    asked = ["threshold", "recall", "bands x rows", "permutations", "bytes", "promised"]
    head = [*asked, "misses at it", *(f"at +{above:g}" for above in ABOVE[1:]), "candidates", ""]
    return [head, *map(_cut_row, cuts)]


def _cut_row(cut: Cut) -> list[str]:
    return [
        f"{cut.threshold:g}",
        f"{cut.recall:g}",
        f"{cut.bands} x {cut.rows}",
        f"{cut.num_perm}",
        f"{cut.signature_bytes}",
        f"{cut.chance(cut.threshold):.4f}",
        *(f"{share:.2%}" for share in cut.misses),
        f"{cut.candidates * _MILLION:,.1f}",
        _default(cut),
    ]


def _default(cut: Cut) -> str:
    return "(default)" if cut.is_default else ""


def _notes(tuning: Tuning) -> Iterator[str]:
    yield "promised: chance that a pair at the threshold is proposed; misses: pairs of this resemblance that are not;"
    yield "candidates: unrelated pairs that are proposed, of a million; bytes: of a signature"
    for one in tuning.impossible:
        yield f"not possible: {one.reason}"


def _curve(cut: Cut) -> Iterator[str]:
    """Figures and bars."""
    yield f"chance to be proposed, for {cut.threshold:g} and recall {cut.recall:g} ({cut.bands} x {cut.rows}):"
    for resemblance, chance in cut.curve:
        mark = "  <- threshold" if math.isclose(resemblance, cut.threshold) else ""
        yield f"{resemblance:>11.2f}  {chance:.4f}  {'#' * round(chance * _BAR)}{mark}".rstrip()


def _histogram(survey: Survey) -> Iterator[str]:
    looked = "all" if survey.looked_at == survey.meetings else f"a sample of {survey.looked_at:,}"
    yield (
        f"{counted(survey.texts, 'different text')}; two of them share a band {survey.meetings:,} times, {looked} looked at;"
        f" {counted(survey.verified, 'pair')} verified"
    )
    longest = max(math.log1p(one.verified) for one in survey.histogram) or 1.0
    rows = [["resemblance", "verified", "in the dump", "(bars are logarithmic)"]]
    for one in survey.histogram:
        bar = "#" * round(math.log1p(one.verified) / longest * _BAR)
        estimated = "?" if one.estimated is None else f"{one.estimated:,.0f}"
        rows.append([f"{one.low:.2f}-{one.high:.2f}", f"{one.verified:,}", estimated, bar])
    yield from _table(rows)


def _effect_rows(survey: Survey) -> list[list[str]]:
    head = ["threshold", "recall", "exact", "near", "kept", "pairs", "missed", "share missed", ""]
    return [head, *map(_effect_row, survey.effects)]


def _effect_row(effect: Effect) -> list[str]:
    counts, cut = effect.counts, effect.cut
    return [
        f"{cut.threshold:g}",
        f"{cut.recall:g}",
        *(f"{value:,}" for value in (counts.exact, counts.near, counts.kept)),
        f"{effect.pairs:,.0f}",
        f"{effect.missed:,.1f}",
        f"{effect.missed_share:.2%}",
        _default(cut),
    ]


def _borderline(between: Sequence[Between], examples: int) -> Iterator[str]:
    """For each threshold, articles just below it, which it keeps, and just above it, which it drops."""
    below: Sequence[Borderline] = ()
    for gap in between:
        above = gap.articles[:examples]
        if below or above:
            yield f"\nat {gap.threshold:g}"
        if below:
            yield "  just below: kept, and dropped by the threshold before"
            yield from _pairs(below)
        if above:
            others = ", and kept by the next" if gap.upper is not None else ", and not much above"
            yield f"  just above: dropped{others} ({gap.count:,})"
            yield from _pairs(above)
        # What holds beyond the next threshold is kept there for another reason, a pair that was missed or another leader.
        held = [one for one in gap.articles if gap.upper is not None and one.holds_to < gap.upper]
        below = held[-examples:] if examples else ()


def _pairs(articles: Iterable[Borderline]) -> Iterator[str]:
    for one in articles:
        scores = one.verdict.scores
        figures = f"resemblance {scores.resemblance:.4f}, containment {scores.containment:.4f}"
        told = f"copies up to {one.holds_to:.4f} ({figures})"
        yield f"    {printable(one.id)} of {printable(one.duplicate_of)}: {told}"
        for title, opening in zip(one.titles, one.openings, strict=True):
            yield f"      {printable(f'{title}: {opening}' if title else opening)}"
