"""The report of the benchmarks: parts are kept and joined, plots depend on their figures alone; what peers do in Python."""

from __future__ import annotations

import os
import pickle
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from benchmarks.parts import Part, read_parts, render_report, replace_table
from benchmarks.peers.clusters import components
from benchmarks.peers.text_dedup_run import UnionFind, read_edges
from benchmarks.peers.texts import grams
from benchmarks.rivals import contestants

if TYPE_CHECKING:
    from pathlib import Path


def test_parts_are_read_back_in_the_order_of_the_report(tmp_path: Path) -> None:
    for name, commit in (("growth", "x"), ("long", "y")):
        machine = ["System: z", f"Commit: {commit}"]
        Part(name, f"## {name}\n\nfigures", [{"size": 1}], machine).write(tmp_path)
    parts = read_parts(tmp_path, ["long", "short", "growth"])
    assert [*parts] == ["long", "growth"]
    report = render_report(parts, ["long", "short", "growth"])
    assert report.index("## long") < report.index("## growth")
    assert report.count("- System: z") == 1
    assert "Not measured: short." in report
    assert report.index("Measured with: Commit: y.") < report.index("Measured with: Commit: x.")


def test_the_same_figures_give_the_same_plots(tmp_path: Path) -> None:
    plots = pytest.importorskip("benchmarks.plots", exc_type=ImportError)
    compared = {
        "long": [{"contestant": name, "cpu_s": 2.0 + len(name), "f1": 0.9} for name in ("dedup-1t", "daft")]
    }
    sizes = {
        "long": [
            {"contestant": "dedup-1t", "size": size, "cpu_s": size / 9, "peak_rss_mb": size / 7}
            for size in (1, 2, 4)
        ]
    }
    drawn = []
    for folder in ("a", "b"):
        plots.speed_quality(tmp_path / folder / "one.svg", compared)
        plots.growth(tmp_path / folder / "two.svg", sizes)
        drawn.append([(tmp_path / folder / name).read_bytes() for name in ("one.svg", "two.svg")])
    assert drawn[0] == drawn[1]
    assert b"daft" in drawn[0][0]
    assert b"dc:date" not in drawn[0][0]


def test_a_page_gets_the_table_between_its_marks() -> None:
    figures = [
        {"contestant": name, "cpu_s": cpu_s, "f1": 0.5, "peak_rss_mb": 9.0}
        for name, cpu_s in (("b", 2.0), ("a", 1.0))
    ]
    part = Part("long", "", figures, [])
    page = "above\n<!-- benchmarks -->\nold\n<!-- end of benchmarks -->\nbelow\n"
    written = replace_table(page, part)
    assert written.startswith("above\n")
    assert written.endswith("below\n")
    assert "old" not in written
    assert written.index("| a | 1.0 | 0.500 | 9 |") < written.index("| b | 2.0")
    assert replace_table(written, part) == written
    with pytest.raises(ValueError, match="no part between"):
        replace_table("nothing", part)


def test_a_foreign_union_find_is_read_as_edges_and_nothing_else_is() -> None:
    answer = UnionFind()
    answer.parent = {3: 1, 1: 1}
    assert read_edges(BytesIO(pickle.dumps(answer))) == [(3, 1), (1, 1)]
    with pytest.raises(pickle.UnpicklingError, match="system"):
        read_edges(BytesIO(pickle.dumps(os.system)))


def test_peers_join_what_is_connected() -> None:
    assert components(6, [(4, 2), (2, 5), (0, 1)]) == [0, 0, 2, 3, 2, 2]


def test_grams_of_a_short_text_are_one() -> None:
    assert grams("One, two!") == {"one two"}
    assert grams("") == set()
    assert grams("a b c d e F") == {"a b c d e", "b c d e f"}


def test_a_contestant_whose_package_is_absent_says_so() -> None:
    known = {one.name: one for one in contestants([1, 2], [])}
    assert {"dedup-1t", "dedup-2t", "daft", "datasketch", "gaoya", "rensa", "rensa-0.5", "text-dedup"} <= set(
        known
    )
    with pytest.raises(ValueError, match="no contestant nobody"):
        contestants([1], ["nobody"])
