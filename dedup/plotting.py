"""Plots, by matplotlib: the same figures give the same file, byte for byte, and no screen is needed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.errors import MissingExtraError, ParameterError
from dedup.io.outputs import Outputs
from dedup.tuned import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from dedup.tuned import Survey, Tuning

#: Formats by suffix, and what would make two files of one plot differ.
FORMATS: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_STYLE = {
    "svg.hashsalt": "dedup",
    "svg.fonttype": "path",
    "font.size": 9.0,
    "axes.grid": True,
    "grid.alpha": 0.3,
}
_WIDTH, _HEIGHT = 7.0, 3.6  # of a panel, in inches
_MOST_NAMED = 10  # curves in the legend


def check_plot(path: str | os.PathLike[str]) -> None:
    """Refuse a plot that could not be written, before any work.

    Raises
    ------
    ParameterError
        If the suffix is that of no format.
    MissingExtraError
        If matplotlib is absent.
    """
    if Path(path).suffix.lower() not in FORMATS:
        raise ParameterError(
            f"{os.fspath(path)} is no name of a plot; it ends with one of {', '.join(FORMATS)}"
        )
    if find_spec("matplotlib") is None:
        raise MissingExtraError("a plot", "report")


def write_plot(path: str | os.PathLike[str], panels: int, draw: Callable[[Figure, list[Axes]], None]) -> None:
    """Draw a figure of some panels, one below the other, and write it, whole or not at all.

    Parameters
    ----------
    path : str or path
        Its suffix says the format: ``.svg``, ``.png``, ``.pdf``.
    panels : int
        How many.
    draw : callable
        Given the figure and its panels.

    Raises
    ------
    ParameterError, MissingExtraError
        As :func:`check_plot`.
    WriteError
        If it can't be written.
    """
    check_plot(path)
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and takes 0.2 s
    from matplotlib.figure import Figure  # noqa: PLC0415 - not pyplot, which keeps figures and asks for a screen

    suffix = Path(path).suffix.lower()
    # Not what the user has set, nor the backend: to look at it asks for a screen.
    usual = {name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if name != "backend"}
    style: dict[Any, Any] = {**usual, **_STYLE}
    with mpl.rc_context(style), Outputs() as outputs:
        stream = outputs.create(path)
        figure = Figure(figsize=(_WIDTH, _HEIGHT * panels), layout="constrained")
        draw(figure, [figure.add_subplot(panels, 1, place + 1) for place in range(panels)])
        figure.savefig(stream, format=suffix[1:], metadata=FORMATS[suffix])


def plot_tuning(tuning: Tuning, path: str | os.PathLike[str]) -> None:
    """Write the S-curves with their thresholds, and the histogram of a dump where there is one; see :func:`write_plot`."""

    def draw(_: Figure, panels: list[Axes]) -> None:
        _draw_curves(panels[0], tuning)
        if tuning.survey is not None:
            _draw_histogram(panels[1], tuning, tuning.survey)

    write_plot(path, 1 if tuning.survey is None else 2, draw)


def _draw_curves(panel: Axes, tuning: Tuning) -> None:
    """Chance to be proposed by resemblance; a dot at each threshold."""
    resemblances = [step / 200 for step in range(201)]
    for cut in tuning.cuts:
        name = f"{cut.threshold:g}, recall {cut.recall:g}: {cut.bands} x {cut.rows}"
        (line,) = panel.plot(resemblances, [cut.chance(value) for value in resemblances], label=name)
        panel.plot([cut.threshold], [cut.chance(cut.threshold)], "o", color=line.get_color(), markersize=4)
    panel.set(xlabel="resemblance of two texts", ylabel="chance to share a band", xlim=(0, 1), ylim=(0, 1.02))
    if len(tuning.cuts) <= _MOST_NAMED:
        panel.legend(title="threshold", fontsize="small", loc="lower right")


def _draw_histogram(panel: Axes, tuning: Tuning, survey: Survey) -> None:
    """Pairs by resemblance, and the thresholds."""
    bins = survey.histogram
    lefts = [one.low for one in bins]
    verified = [one.verified for one in bins]
    estimated = [one.estimated or 0.0 for one in bins]
    panel.bar(lefts, estimated, STEPS[0], align="edge", color="lightgrey", label="in the dump, estimated")
    panel.bar(
        lefts, verified, STEPS[0], align="edge", color="steelblue", alpha=0.7, label="share a band, verified"
    )
    for threshold in sorted({cut.threshold for cut in tuning.cuts}):
        panel.axvline(threshold, color="black", linestyle=":", linewidth=0.8)
    panel.set(xlabel="resemblance of two texts", ylabel="pairs", xlim=(0, 1), yscale="symlog")
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    panel.legend(fontsize="small")
