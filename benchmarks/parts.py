"""Parts of the report: each is measured by itself and kept as JSON, so that one can be measured again without the rest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.report import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """A section as Markdown, the figures of its plot, and what it was measured with."""

    name: str
    text: str
    figures: list[dict[str, Any]] = field(default_factory=list)
    machine: list[str] = field(default_factory=list)

    def write(self, work: Path) -> None:
        """Keep a part."""
        folder = work / "parts"
        folder.mkdir(exist_ok=True)
        whole = folder / f"{self.name}.json"
        unfinished = whole.with_suffix(".tmp")
        unfinished.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        unfinished.replace(whole)


def read_parts(work: Path, names: Sequence[str]) -> dict[str, Part]:
    """Read the parts that are there, in this order."""
    paths = {name: work / "parts" / f"{name}.json" for name in names}
    return {
        name: Part(**json.loads(path.read_text("utf-8"))) for name, path in paths.items() if path.exists()
    }


def render_report(parts: dict[str, Part], names: Sequence[str]) -> str:
    """Join the parts, one at least. What all were measured with stands above them, what differs above each.

    `names` are those of all parts: the report says which of them were not measured.
    """
    first, *others = parts.values()
    shared = [line for line in first.machine if all(line in part.machine for part in others)]
    lines = ["# Results of `python -m benchmarks`", "\n".join(f"- {line}" for line in shared)]
    if absent := [name for name in names if name not in parts]:
        lines.append(f"Not measured: {', '.join(absent)}.")
    for part in parts.values():
        heading, _, rest = part.text.partition("\n")
        own = "; ".join(line for line in part.machine if line not in shared)
        lines += [f"{heading}\n\nMeasured with: {own}." if own else heading, rest.strip()]
    return "\n\n".join(lines) + "\n"


BEGIN, END = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->"


def short_table(part: Part) -> str:
    """Give what each contestant cost and found on one corpus, the cheapest first."""
    columns = ("50,000 articles", "CPU s", "pair F1", "peak RSS MB")
    rows = [
        (one["contestant"], f"{one['cpu_s']:.1f}", f"{one['f1']:.3f}", f"{one['peak_rss_mb']:.0f}")
        for one in sorted(part.figures, key=lambda one: (one["cpu_s"], one["contestant"]))
    ]
    return table(columns, rows)


def replace_table(page: str, part: Part) -> str:
    """Put the short table of a corpus between the marks of a page."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no part between {BEGIN.strip()} and {END}")
    return f"{before}{BEGIN}\n{short_table(part)}\n\n{END}{after}"
