"""Parts of the report: each is measured by itself and kept as JSON, so that one can be measured again without the rest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """A section as Markdown, the figures of its plot, and what it was measured with."""

    name: str
    text: str
    figures: list[dict[str, Any]] = field(default_factory=list)
    machine: list[str] = field(default_factory=describe)

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


def render_report(parts: dict[str, Part]) -> str:
    """Join the parts. What all were measured with stands above them, what differs above each."""
    shared = [line for line in describe() if all(line in part.machine for part in parts.values())]
    lines = ["# Results of `python -m benchmarks`", "\n".join(f"- {line}" for line in shared)]
    for part in parts.values():
        heading, _, rest = part.text.partition("\n")
        own = "; ".join(line for line in part.machine if line not in shared)
        lines += [f"{heading}\n\nMeasured with: {own}." if own else heading, rest.strip()]
    return "\n\n".join(lines) + "\n"
