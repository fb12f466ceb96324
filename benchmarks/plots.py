"""The two plots of the report: speed against quality, and growth. The same figures give the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Figures = Sequence[Mapping[str, Any]]

OURS, OTHERS, GUIDE = "#b3261e", "#33658a", "#999999"
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "dedup",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
}


def speed_quality(path: Path, parts: Mapping[Any, Figures]) -> None:
    """Draw CPU seconds against pair F1, one panel a corpus, one mark a contestant."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(parts), figsize=(5.2 * len(parts), 4), squeeze=False)
        for axis, (name, figures) in zip(axes[0], parts.items(), strict=True):
            for one in figures:
                ours = one["contestant"].startswith("dedup")
                axis.plot(one["cpu_s"], one["f1"], "o" if ours else "s", color=OURS if ours else OTHERS)
            label_apart(axis, figures)
            axis.set(xscale="log", xlabel="CPU seconds", ylabel="pair F1", title=name)
            axis.margins(x=0.18, y=0.12)
        save(figure, path)


def label_apart(axis: Axes, figures: Figures) -> None:
    """Write the names beside the marks; of two that lie close, one above and one below."""
    above = True
    for one in sorted(figures, key=lambda found: (found["cpu_s"], found["contestant"])):
        axis.annotate(
            one["contestant"],
            (one["cpu_s"], one["f1"]),
            xytext=(0, 7 if above else -14),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
        above = not above


def growth(path: Path, parts: Mapping[str, Figures]) -> None:
    """Draw CPU seconds and memory against the number of articles, with what linear growth would be."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(10.4, 4))
        for axis, column, label in zip(
            axes, ("cpu_s", "peak_rss_mb"), ("CPU seconds", "peak RSS, MB"), strict=True
        ):
            for (name, figures), color in zip(parts.items(), (OURS, OTHERS), strict=False):
                for contestant in sorted({one["contestant"] for one in figures}):
                    chosen = [one for one in figures if one["contestant"] == contestant]
                    sizes, values = [one["size"] for one in chosen], [one[column] for one in chosen]
                    style = "o-" if contestant.endswith("1t") else "^--"
                    axis.plot(sizes, values, style, color=color, label=f"{name}, {contestant}", markersize=5)
                    if contestant.endswith("1t"):
                        guide = [values[0] * size / sizes[0] for size in sizes]
                        axis.plot(sizes, guide, ":", color=GUIDE)
            axis.plot([], [], ":", color=GUIDE, label="linear")
            axis.set(xscale="log", yscale="log", xlabel="articles", ylabel=label)
        axes[0].legend(frameon=False, fontsize=8)
        save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure without a date, so that it changes only with its figures."""
    path.parent.mkdir(exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
