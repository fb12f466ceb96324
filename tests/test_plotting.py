from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from dedup import plotting
from dedup.errors import MissingExtraError, ParameterError, WriteError
from dedup.plotting import check_plot, plot_tuning, write_plot
from dedup.tuning import tune

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The council voted on Monday to close the old swimming pool at the end of the season."

matplotlib = pytest.importorskip("matplotlib")


def test_one_plot_is_one_file_byte_for_byte(tmp_path: Path) -> None:
    tuning = tune([TEXT, f"{TEXT} Nobody objected."])
    for suffix in ("svg", "png", "pdf"):
        one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
        plot_tuning(tuning, one)
        with matplotlib.rc_context({"lines.linewidth": 7.0, "svg.hashsalt": "mine"}):
            plot_tuning(tuning, other)
        assert one.read_bytes() == other.read_bytes()
        assert not list(tmp_path.glob(".*"))


def test_a_plot_is_a_picture_of_its_format(tmp_path: Path) -> None:
    heads = {"png": b"\x89PNG", "pdf": b"%PDF"}
    for suffix, head in heads.items():
        plot_tuning(tune(), tmp_path / f"p.{suffix}")
        assert (tmp_path / f"p.{suffix}").read_bytes().startswith(head)
    plot_tuning(tune(), tmp_path / "p.SVG")
    root = ET.fromstring((tmp_path / "p.SVG").read_text("utf-8"))
    assert root.tag.endswith("svg")
    assert b"<dc:date>" not in (tmp_path / "p.SVG").read_bytes()


def test_a_dump_has_a_panel_of_its_own(tmp_path: Path) -> None:
    plot_tuning(tune(thresholds=[0.4]), tmp_path / "without.svg")
    plot_tuning(tune([TEXT, TEXT.upper()], thresholds=[0.4]), tmp_path / "with.svg")
    panels = {name: (tmp_path / f"{name}.svg").read_text().count('id="axes_') for name in ("without", "with")}
    assert panels == {"without": 1, "with": 2}


@pytest.mark.parametrize("name", ["plot", "plot.jpg", "plot.svg.gz", "-", ".svg"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=r"ends with one of \.svg, \.png, \.pdf"):
        check_plot(name)


def test_a_missing_extra_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def articles() -> object:
        raise AssertionError("work was begun")
        yield

    monkeypatch.setattr(plotting, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"a plot needs .*pip install 'news-dedup\[report\]'"):
        tune(articles(), plot=tmp_path / "p.svg")  # type: ignore[arg-type]


def test_a_plot_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WriteError):
        plot_tuning(tune(), tmp_path / "absent" / "p.svg")

    def fail(*_: object) -> None:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        write_plot(tmp_path / "p.svg", 1, fail)
    assert list(tmp_path.iterdir()) == []


def test_no_screen_and_no_state_is_needed(tmp_path: Path) -> None:
    code = "import sys, dedup; dedup.tune(plot=sys.argv[1]); print('matplotlib.pyplot' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "p.svg")],
        env=environment | {"MPLBACKEND": "tkagg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
