"""Comparisons as Markdown."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.quality import Quality
    from benchmarks.rounds import Comparison, Standing

BASELINE = "daft"

COST_COLUMNS = (
    "contestant",
    "CPU s",
    "wall s (min-max)",
    "CPU / floor",
    "CPU / Daft",
    "peak RSS MB",
    "pair P",
    "pair R",
    "F1",
    "ARI",
    "redundant found",
    "roundups dropped",
)
START_COLUMNS = ("contestant", "first start CPU s", "next start CPU s", "next start wall s", "peak RSS MB")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table; all columns but the first are figures."""
    lines = [columns, ["---", *["--:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def render(comparison: Comparison, no_floor: str) -> str:
    """Give the section of one corpus: cost and quality, kinds of copies, starts, who is out."""
    judged = [(one, one.quality) for one in comparison.standings if one.quality]
    parts = [f"## {comparison.corpus}: {comparison.articles:,} articles", floor_note(comparison) or no_floor]
    if judged:
        rows = [cost_row(one, quality, comparison) for one, quality in judged]
        parts += [
            table(COST_COLUMNS, [*floor_rows(comparison), *rows]),
            "Recall by kind of edit: the share of the copies that was joined with another of their cluster.",
            kind_table(judged),
            "Start-up, on a sample of 2,000 articles:",
            table(START_COLUMNS, [start_row(one) for one, _ in judged]),
        ]
    if absent := [f"- {one.contestant.name} is out: {one.out}" for one in comparison.standings if one.out]:
        parts.append("\n".join(absent))
    return "\n\n".join(parts) + "\n"


def floor_note(comparison: Comparison) -> str | None:
    """Say what the floor is made of."""
    if not comparison.floors:
        return None
    read, parse, sign, band = (
        median(getattr(one, step) for one in comparison.floors)
        for step in ("read_s", "parse_s", "sign_s", "band_s")
    )
    return (
        f"Floor, CPU s: read {read:.3f} + orjson {parse:.3f} + split, hash and sign in C {sign:.3f}"
        f" + band table {band:.3f}; rounds: {len(comparison.floors)}."
    )


def floor_rows(comparison: Comparison) -> list[list[str]]:
    """Give the row of the floor, if there is one."""
    if not comparison.floors:
        return []
    floors = [one.cpu_s for one in comparison.floors]
    blank = [""] * (len(COST_COLUMNS) - 5)
    return [["floor", f"{median(floors):.2f}", "", "1.00", to_daft(floors, comparison), *blank]]


def cost_row(standing: Standing, quality: Quality, comparison: Comparison) -> list[str]:
    """Give the row of a contestant: what it cost, and how good it was for that."""
    walls = [cost.wall_s for cost in standing.costs]
    # One that reads the first articles only is compared by the article, as if it had read them all.
    scale = comparison.articles / (standing.contestant.limit or comparison.articles)
    scaled = [cost.cpu_s * scale for cost in standing.costs]
    return [
        title(standing),
        f"{median(cost.cpu_s for cost in standing.costs):.2f}",
        f"{median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})",
        paired(scaled, [one.cpu_s for one in comparison.floors]),
        to_daft(scaled, comparison),
        f"{median(cost.peak_rss_mb for cost in standing.costs):.0f}",
        f"{quality.precision:.4f}",
        f"{quality.recall:.3f}",
        f"{quality.f1:.3f}",
        f"{quality.ari:.3f}",
        f"{quality.redundant_found:.1%}",
        f"{quality.roundups_dropped} of {quality.roundups:,}" if quality.roundups else "",
    ]


def to_daft(seconds: Sequence[float], comparison: Comparison) -> str:
    """Compare CPU seconds with Daft's of the same rounds; empty where Daft did not run."""
    baseline = [
        cost.cpu_s
        for one in comparison.standings
        if one.contestant.name == BASELINE and one.quality
        for cost in one.costs
    ]
    return paired(seconds, baseline)


def paired(seconds: Sequence[float], baseline: Sequence[float]) -> str:
    """Give the median of the ratios round by round; empty where there is nothing to compare with."""
    if not baseline:
        return ""
    return f"{median(ours / theirs for ours, theirs in zip(seconds, baseline, strict=True)):.2f}"


def kind_table(judged: Sequence[tuple[Standing, Quality]]) -> str:
    """Give the recall by kind of edit, and the largest cluster."""
    kinds = sorted({kind for _, quality in judged for kind in quality.recall_by_kind})
    rows = [
        [
            title(one),
            *(
                f"{quality.recall_by_kind[kind]:.3f}" if kind in quality.recall_by_kind else ""
                for kind in kinds
            ),
            f"{quality.largest_cluster:,}",
            f"{quality.clusters:,}",
        ]
        for one, quality in judged
    ]
    return table(("contestant", *kinds, "largest cluster", "clusters"), rows)


def start_row(standing: Standing) -> list[str]:
    """Give the costs of the first start, which may compile, and of the next."""
    first, following = standing.starts
    return [
        standing.contestant.name,
        f"{first.cpu_s:.2f}",
        f"{following.cpu_s:.2f}",
        f"{following.wall_s:.2f}",
        f"{following.peak_rss_mb:.0f}",
    ]


def title(standing: Standing) -> str:
    """Name a contestant, and the part of the corpus that it read if it was not all."""
    limit = standing.contestant.limit
    return standing.contestant.name + (f" (first {limit:,})" if limit else "")


def figures(comparison: Comparison) -> list[dict[str, Any]]:
    """Give what a plot needs of each contestant that read the whole corpus."""
    return [
        {
            "contestant": one.contestant.name,
            "cpu_s": median(cost.cpu_s for cost in one.costs),
            "peak_rss_mb": median(cost.peak_rss_mb for cost in one.costs),
            "f1": one.quality.f1,
        }
        for one in comparison.standings
        if one.quality and one.contestant.limit is None
    ]
