from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup import Context, ParameterError, ReadError, deduplicate_files, estimate
from dedup.estimation import interval
from dedup.io.inputs import Inputs
from dedup.progress import Progress
from tests.shell import NEWS, Answer, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.shell import Shell

WORDS = [f"w{place}" for place in range(40)]
TEXT = " ".join(WORDS)


def copies(name: str, lengths: list[int]) -> list[dict[str, Any]]:
    """Texts of one story, of so many words."""
    return [
        {"id": f"{name}{n}", "text": " ".join(f"{name}{word}" for word in WORDS[:length])}
        for n, length in enumerate(lengths)
    ]


def test_all_of_a_dump_gives_what_a_run_gives(tmp_path: Path) -> None:
    records = [
        *copies("a", [40, 40, 40, 38, 36]),
        *copies("b", [38, 40, 38]),
        *copies("c", [40]),
        {"text": "!"},
    ]
    dump = write(tmp_path / "dump", *records)
    counts = deduplicate_files([dump], tmp_path / "kept").counts
    found = estimate([dump], 99)
    assert (counts.kept, counts.exact, counts.near) == (4, 2, 4)
    assert (found.read, found.sampled) == (10, 10)
    assert (found.kept, found.exact, found.near) == (counts.kept, counts.exact, counts.near)
    assert found.rate == found.low == found.high == 0.6


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.4, 0.6, 0.8])
def test_so_it_is_of_the_fixtures(threshold: float) -> None:
    counts = deduplicate_files(NEWS, "/dev/null", threshold=threshold).counts
    found = estimate(NEWS, 80, threshold=threshold)
    assert abs(found.kept - counts.kept) <= 2
    assert estimate(NEWS, 80, threshold=threshold, context=Context()).read == 80


@pytest.mark.slow
def test_the_estimate_is_right_on_the_average() -> None:
    """Copies of copies are copies in the fixtures: of 80 articles 45 are kept, whoever is drawn."""
    found = [estimate(NEWS, 20, seed=seed, context=Context(), threads=1) for seed in range(120)]
    rates = np.array([one.rate for one in found])
    assert abs(rates.mean() - 35 / 80) < 4 * rates.std() / np.sqrt(len(rates))
    assert np.mean([one.low <= 35 / 80 <= one.high for one in found]) >= 0.9


def test_an_interval_holds_what_it_promises() -> None:
    chance = np.random.default_rng(3)
    for population in (np.zeros(4000), 1.0 - 1.0 / chance.integers(1, 6, 4000), chance.random(4000) < 0.01):
        values = population.astype(np.float64)
        held = 0
        for _ in range(500):
            low, high = interval(chance.choice(values, 200, replace=False), len(values))
            held += low - 5e-5 <= values.mean() <= high + 5e-5
        assert held >= 450


def test_an_interval_shrinks_and_is_never_certain_of_a_part() -> None:
    widths = [high - low for low, high in (interval(np.zeros(n), 1000) for n in (10, 100, 999, 1000))]
    assert widths == sorted(widths, reverse=True)
    assert widths[-2] > widths[-1] == 0.0
    assert interval(np.ones(3), 100)[1] == 1.0
    assert interval(np.empty(0), 0) == (0.0, 0.0)


@pytest.mark.slow
def test_threads_and_seconds_apart_the_answer_is_the_same() -> None:
    one, other = (replace(estimate(NEWS, 30, seed=4, threads=threads), seconds=0.0) for threads in (1, 3))
    assert one == other
    assert one != replace(estimate(NEWS, 30, seed=5), seconds=0.0)


def test_progress_comes_to_the_size_of_the_dump(tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *copies("a", [40, 40, 3]))
    steps: list[Progress] = []
    estimate([dump], 2, progress=steps.append)
    size = dump.stat().st_size
    assert [one for one in steps if one.done == size][-1] == Progress("verifying", size, size)
    assert Progress("reading", size, size) in steps


def test_of_nothing_nothing_is_estimated(tmp_path: Path) -> None:
    found = estimate([write(tmp_path / "dump")], 5)
    assert (found.read, found.sampled, found.rate, found.low, found.high) == (0, 0, 0.0, 0.0, 0.0)
    assert (found.kept, found.examples) == (0, ())


def test_windows_and_blocks_are_those_of_a_run(tmp_path: Path) -> None:
    records = [
        {"text": TEXT, "source": source, "date": f"2026-03-{day:02}"} for source in "ab" for day in (1, 2, 9)
    ]
    dump = write(tmp_path / "dump", *records)
    for asked, kept in [
        ({"window": "1d"}, 2),
        ({"within": ["source"]}, 2),
        ({"within": ["source"], "window": "1d"}, 4),
        ({"within": ["day"]}, 3),
        ({}, 1),
    ]:
        assert estimate([dump], 9, **asked).kept == kept  # type: ignore[arg-type]
        assert deduplicate_files([dump], tmp_path / "kept", **asked).counts.kept == kept  # type: ignore[arg-type]


def test_look_alikes_are_no_copies(tmp_path: Path) -> None:
    """A bulletin of the fixtures that is near by its scores; and what would be a copy without the look-alike test."""
    lines = [line for name in NEWS for line in Path(name).read_bytes().splitlines(keepends=True)]
    pair = [line for line in lines if json.loads(line)["id"] in {"m06", "t15"}]
    assert len(pair) == 2
    (tmp_path / "dump").write_bytes(b"".join(pair))
    assert estimate([tmp_path / "dump"], 9).kept == 2


def test_boilerplate_is_learnt_from_the_sample(tmp_path: Path) -> None:
    """A foot in which an article without it would drown."""
    foot = " ".join(f"foot{place}" for place in range(120))
    texts = [" ".join(f"s{n}w{place}" for place in range(30)) for n in range(30)]
    records = [{"url": f"https://a.example/{n}", "text": f"{text}\n{foot}"} for n, text in enumerate(texts)]
    dump = write(tmp_path / "dump", *records, {"url": "https://b.example/", "text": texts[0]})
    assert estimate([dump], 31).kept == deduplicate_files([dump], tmp_path / "kept").counts.kept == 30
    assert estimate([dump], 31, context=Context()).kept == 31


@pytest.mark.parametrize("sample", [0, -1, True, 1.5, "9"])
def test_what_is_no_number_is_refused(sample: Any) -> None:
    with pytest.raises(ParameterError, match="sample is"):
        estimate(NEWS, sample)


@pytest.mark.parametrize("asked", [{"threshold": 1.5}, {"walk": 0}, {"within": ["x"]}, {"threads": 0}])
def test_what_a_run_refuses_is_refused(asked: Any) -> None:
    with pytest.raises(ParameterError):
        estimate(NEWS, 9, **asked)


def test_a_dump_that_changes_meanwhile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def less(self: Inputs, stage: str) -> Iterator[Any]:
        return iter(())

    monkeypatch.setattr(Inputs, "again", less)
    with pytest.raises(ReadError, match="changed"):
        estimate(NEWS, 9)


# The command


def test_a_dry_run_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *copies("a", [40, 40, 36]), *copies("b", [40]))
    answer = shell("run", dump, "--sample", 9, "-o", tmp_path / "kept", "--clusters", tmp_path / "clusters")
    assert answer.status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["dump"]
    assert answer.err == (
        f"note: a dry run writes nothing; left aside: --output, --clusters\n{dump}: id=id, text=text\n"
    )
    lines = [line.split() for line in answer.out.splitlines()]
    assert (lines[0][0], lines[1][1][: len(f"({dump}")]) == ("near:", f"({dump}")
    assert [line for line in lines if line[0] in {"read", "rate", "exact", "near", "kept"}] == [
        ["read", "4"],
        ["rate", "50.00%"],
        ["exact", "1"],
        ["near", "1"],
        ["kept", "2"],
    ]


def test_a_dry_run_in_json(shell: Shell) -> None:
    answer = shell("run", *NEWS, "--sample", 30, "--json", "-q")
    told = json.loads(answer.out)
    assert answer == Answer(0, answer.out, "")
    assert told["read"] == told["kept"] + told["exact"] + told["near"] == 80
    assert told["low"] <= told["rate"] <= told["high"]
    assert len(told["examples"]) == 10
    assert set(told["examples"][0]) == {
        *("relation", "resemblance", "containment", "coverage", "continuity", "sampled", "other")
    }


def test_standard_input_is_read_twice(shell: Shell, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *copies("a", [40, 40]))
    answer = shell("run", "-", "--sample", 9, "--json", stdin=dump.read_bytes())
    assert json.loads(answer.out)["kept"] == 1


def test_a_text_steers_no_terminal(shell: Shell, tmp_path: Path) -> None:
    record = {"id": "\x1b[2J", "text": f"\x1b[31m{TEXT}"}
    dump = write(tmp_path / "dump", record, record)
    for options in ([], ["--json"]):
        answer = shell("run", dump, "--sample", 9, *options)
        assert answer.status == 0
        assert "\x1b" not in answer.out + answer.err


def test_damage_is_told(shell: Shell) -> None:
    dump = "fixtures/broken/broken-json.jsonl"
    assert shell("run", dump, "--sample", 9).status == 2
    answer = shell("run", dump, "--sample", 9, "--on-error", "skip")
    assert "skipped fixtures/broken/broken-json.jsonl:3" in answer.err
    assert ["damaged", "1"] in [line.split() for line in answer.out.splitlines()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sample", "9", "--index", "x"], "--index can't be used with --sample"),
        (["--sample", "9", "--by", "title"], "--by can only be text with --sample"),
        (["--sample", "0"], "--sample"),
        ([], "Missing option '-o' / '--output'"),
    ],
)
def test_what_a_dry_run_can_not_do_is_refused(shell: Shell, options: list[str], said: str) -> None:
    answer = shell("run", NEWS[0], *options)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
