from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dedup.cli.main import COMMANDS
from dedup.tuning import tune
from tests.shell import NEWS, Shell, golden, write

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The council voted on Monday to close the old swimming pool at the end of the season."


def test_tune_gives_the_golden_output(shell: Shell) -> None:
    answer = shell("tune")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == golden("tune.txt")


@pytest.mark.slow
def test_tune_of_a_dump_gives_the_golden_output(shell: Shell) -> None:
    answer = shell("tune", *NEWS, "--threshold", "0.4", "--threshold", "0.7", "--examples", "2")
    assert answer.status == 0
    assert answer.out == golden("tune-news.txt")
    assert answer.err.count("id=id, text=text") == 3
    quiet = shell("tune", *NEWS, "--threshold", "0.4", "--threshold", "0.7", "--examples", "2", "-q")
    assert (quiet.out, quiet.err) == (answer.out, "")


def test_json_is_what_the_library_says(shell: Shell) -> None:
    answer = shell("tune", "--json", "--recall", "0.9", "--recall", "0.99")
    assert json.loads(answer.out) == json.loads(json.dumps(tune(recalls=[0.9, 0.99]).as_dict()))


@pytest.mark.slow
def test_json_of_a_dump_has_every_borderline_article(shell: Shell) -> None:
    told = json.loads(shell("tune", *NEWS, "--json", "-q", "--examples", "0").out)
    survey = told["survey"]
    assert len(survey["effects"]) == len(survey["between"]) == len(told["cuts"]) == 7
    kept = [effect["counts"]["kept"] for effect in survey["effects"]]
    assert kept == sorted(kept)
    assert sum(len(gap["articles"]) for gap in survey["between"][:-1]) >= kept[-1] - kept[0] > 0
    assert sum(one["verified"] for one in survey["histogram"]) == survey["verified"]


def test_what_can_not_be_met_says_what_can(shell: Shell) -> None:
    answer = shell("tune", "--threshold", "0.1", "--threshold", "0.5", "--max-perm", "20")
    assert answer.status == 0
    assert "not possible: recall 0.95 at threshold 0.1 needs 29 permutations, max_perm is 20" in answer.out
    answer = shell("tune", "--threshold", "0.1", "--max-perm", "20")
    assert (answer.status, answer.out) == (2, "")
    assert "possible: max_perm 29, or threshold 0.14, or recall 0.878" in answer.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--threshold", "2"], "threshold is 2.0"),
        (["--plot", "x.gif"], "ends with one of .svg, .png, .pdf"),
        (["--examples", "-1"], "--examples"),
        (["no-such-file"], "no such file"),
        (["-q", NEWS[0], "--max-pairs", "0"], "max_pairs is 0"),
    ],
)
def test_failures_exit_with_2(shell: Shell, arguments: list[str], message: str) -> None:
    answer = shell("tune", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert message in answer.err


def test_a_sample_is_told(shell: Shell) -> None:
    answer = shell("tune", *NEWS, "--threshold", "0.4", "--max-pairs", "50", "-q")
    assert "a sample of 50 looked at" in answer.out


def test_what_is_shown_can_not_steer_a_terminal(shell: Shell, tmp_path: Path) -> None:
    records = [
        {"id": "a\x1b[1m", "title": "Pool\x1b[31m", "text": f"\x1b]0;x\x07{TEXT}"},
        {"id": "b\x9b", "text": f"\x1b]0;x\x07{TEXT} Nobody in the whole town objected to that."},
    ]
    answer = shell("tune", write(tmp_path / "d.jsonl", *records), "--threshold", "0.4", "--threshold", "0.9")
    assert "Pool\\x1b[31m" in answer.out
    assert not {"\x1b", "\x07", "\x9b"} & set(answer.out + answer.err)
    told = shell("tune", tmp_path / "d.jsonl", "--threshold", "0.4", "--threshold", "0.9", "--json", "-q")
    assert not {"\x1b", "\x07", "\x9b"} & set(told.out)
    assert json.loads(told.out)["survey"]["between"][0]["articles"][0]["id"] == "a\x1b[1m"


def test_a_plot_is_written(shell: Shell, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert shell("tune", "--plot", tmp_path / "p.svg").out == golden("tune.txt")
    assert (tmp_path / "p.svg").read_text().startswith("<?xml")


def test_standard_input_is_read(shell: Shell) -> None:
    line = json.dumps({"text": TEXT}).encode() + b"\n"
    told = json.loads(shell("tune", "-", "--json", "-q", stdin=line * 2).out)
    assert {effect["counts"]["exact"] for effect in told["survey"]["effects"]} == {1}


def test_the_help_says_what_the_list_of_commands_says(shell: Shell) -> None:
    assert "Say what thresholds cost" in shell("tune", "--help").out
    assert "tune" in COMMANDS
