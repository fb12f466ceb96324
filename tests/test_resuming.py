"""Runs that keep to a memory limit, and runs that are interrupted: the same outputs as those of a run in memory."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedup.deduplicator import deduplicate_files
from dedup.errors import ParameterError
from dedup.workdir import WorkDirectory
from tests.interrupting import Interrupted, stop_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FOOTER = "Subscribe to the newsletter of this paper for the best of the week every Sunday morning at eight"
OUTPUTS = ("kept.jsonl", "clusters.jsonl", "duplicates.jsonl", "damaged.jsonl", "boilerplate.jsonl")
MEMORY = 1 << 30
COMMAND = [sys.executable, "-m", "dedup", "run", "-q", "--on-error", "skip"]


def story(seed: int, words: int = 120) -> str:
    rng = random.Random(seed)
    return " ".join(f"{rng.choice('bcdfgh')}{rng.randrange(4000)}" for _ in range(words))


def records() -> Iterator[str]:
    """Articles with a footer, their copies, equal and edited, and lines that are none."""
    rng = random.Random(5)
    for number in range(60):
        text = f"{story(number)}\n{story(1000 + number, 40)}\n{FOOTER}"
        url = f"https://{'abc'[number % 3]}.example/{number}"
        yield json.dumps({"url": url, "title": f"Title {number} - Paper", "text": text, "date": "2026-03-01"})
        if number % 4 == 0:
            yield json.dumps({"url": f"{url}/copy", "title": f"Title {number}", "text": text.upper()})
        if number % 5 == 0:
            words = text.split(" ")
            words[rng.randrange(len(words))] = "edited"
            yield json.dumps({"url": f"{url}/edit", "title": f"Titel {number}", "text": " ".join(words)})
        if number % 20 == 7:
            yield "{broken"


@pytest.fixture
def dump(tmp_path: Path) -> list[str]:
    lines = list(records())
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, part in zip(paths, (lines[:50], lines[50:]), strict=True):
        path.write_text("\n".join(part) + "\n")
    return [str(path) for path in paths]


@pytest.fixture(autouse=True)
def small_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkDirectory, "leg", 12_000)
    monkeypatch.setattr("dedup.answers._LEAST_PART", 1)


def run(dump: list[str], place: Path, **options: Any) -> dict[str, bytes]:
    """All outputs of a run."""
    place.mkdir(exist_ok=True)
    names: dict[str, Any] = {name.removesuffix(".jsonl"): place / name for name in OUTPUTS}
    deduplicate_files(dump, **names, on_error="skip", **options)
    return {name: (place / name).read_bytes() for name in OUTPUTS}


def test_a_run_with_a_limit_gives_what_a_run_in_memory_gives(dump: list[str], tmp_path: Path) -> None:
    expected = run(dump, tmp_path / "memory")
    assert FOOTER.encode() in expected["boilerplate.jsonl"]
    assert len(expected["damaged.jsonl"].splitlines()) == 3
    assert run(dump, tmp_path / "limit", memory=MEMORY) == expected
    assert sorted(path.name for path in (tmp_path / "limit").iterdir()) == sorted(OUTPUTS)


@pytest.mark.parametrize(
    "options",
    [
        {"by": "title"},
        {"window": "30d"},
        {"within": ["source"]},
        {"keep": "latest", "threads": 1},
        {"threshold": 0.8},
    ],
)
def test_whatever_is_asked_for(dump: list[str], tmp_path: Path, options: dict[str, Any]) -> None:
    names: dict[str, Any] = {"clusters": tmp_path / "c.jsonl"}
    for place in ("memory", "limit"):
        limit: dict[str, Any] = {"memory": MEMORY} if place == "limit" else {}
        deduplicate_files(dump, tmp_path / place, on_error="skip", **names, **options, **limit)
        (tmp_path / "c.jsonl").replace(tmp_path / f"{place}.clusters")
    assert (tmp_path / "memory").read_bytes() == (tmp_path / "limit").read_bytes()
    told = [(tmp_path / f"{place}.clusters").read_bytes() for place in ("memory", "limit")]
    assert told[0] == told[1]


@pytest.mark.slow
def test_a_run_goes_on_from_wherever_it_was_interrupted(
    dump: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(dump, tmp_path / "memory")
    with monkeypatch.context() as patch:
        count = stop_after(patch, -1)
        run(dump, tmp_path / "whole", work_dir=tmp_path / "w")
        whole = count()
    assert whole > 12
    for calls in range(1, whole):
        with monkeypatch.context() as patch:
            stop_after(patch, calls)
            with pytest.raises(Interrupted):
                run(dump, tmp_path / "cut", work_dir=tmp_path / "w")
        assert not list((tmp_path / "cut").iterdir())
        with monkeypatch.context() as patch:
            count = stop_after(patch, -1)
            assert run(dump, tmp_path / "cut", work_dir=tmp_path / "w") == expected
            # One to take the directory over, and what was not put down: nothing is done twice.
            assert count() <= whole - calls + 2
        for path in (tmp_path / "cut").iterdir():
            path.unlink()


def test_a_run_that_is_interrupted_again_and_again_comes_to_its_end(
    dump: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(dump, tmp_path / "memory")
    for _ in range(100):
        with monkeypatch.context() as patch:
            stop_after(patch, 3)
            try:
                assert run(dump, tmp_path / "cut", work_dir=tmp_path / "w") == expected
            except Interrupted:
                continue
            break
    else:
        pytest.fail("it never came to its end")


def test_an_input_that_changed_is_noticed(
    dump: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        with pytest.raises(Interrupted):
            run(dump, tmp_path / "cut", work_dir=tmp_path / "w")
    with Path(dump[1]).open("a") as file:
        file.write('{"id": "new", "text": "Something else entirely"}\n')
    with pytest.raises(ParameterError, match=r"an input has changed.*--restart"):
        run(dump, tmp_path / "cut", work_dir=tmp_path / "w")
    found = run(dump, tmp_path / "cut", work_dir=tmp_path / "w", restart=True)
    assert found == run(dump, tmp_path / "memory")
    assert b'"new"' in found["kept.jsonl"]


def test_what_can_be_read_once_only_is_begun_anew(tmp_path: Path, dump: list[str]) -> None:
    with Path(dump[0]).open("rb") as file:
        for _ in range(2):
            file.seek(0)
            done = subprocess.run(
                [*COMMAND, "-", "-o", str(tmp_path / "k"), "--work-dir", str(tmp_path / "w")],
                stdin=file,
                check=False,
            )
            assert done.returncode == 0
    assert (tmp_path / "k").stat().st_size


@pytest.mark.parametrize("name", ["kept", "clusters", "input"])
def test_what_lies_in_the_work_directory_is_not_removed_with_it(
    dump: list[str], tmp_path: Path, name: str
) -> None:
    place = tmp_path / "w"
    place.mkdir()
    files: dict[str, Any] = {"kept": tmp_path / "k", "clusters": tmp_path / "c"}
    if name == "input":
        Path(dump[0]).rename(place / "a.jsonl")
        dump = [str(place / "a.jsonl")]
    else:
        files[name] = place / "out.jsonl"
    with pytest.raises(ParameterError, match=r"lies in the work directory .*; name another --work-dir"):
        deduplicate_files(dump, **files, on_error="skip", work_dir=place)
    assert [path.name for path in place.iterdir()] == (["a.jsonl"] if name == "input" else [])


def test_a_work_directory_in_a_directory_that_is_read_is_no_input(
    dump: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(dump[0]).parent
    expected = run(dump, tmp_path / "memory")
    for path in (tmp_path / "memory").iterdir():
        path.unlink()
    with monkeypatch.context() as patch:
        stop_after(patch, 8)
        with pytest.raises(Interrupted):
            run([str(folder)], tmp_path / "memory", work_dir=folder / "w")
    assert run([str(folder)], tmp_path / "memory", work_dir=folder / "w") == expected


def test_restart_alone_means_nothing(dump: list[str], tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="--work-dir"):
        deduplicate_files(dump, tmp_path / "k", on_error="skip", restart=True)


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on(dump: list[str], tmp_path: Path) -> None:
    expected = run(dump, tmp_path / "memory")["kept.jsonl"]
    rng = random.Random(3)
    command = [*COMMAND, *dump, "-o", str(tmp_path / "k"), "--memory", "1G"]
    for _ in range(5):
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.05, 1.0))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert subprocess.run(command, check=False).returncode == 0
        assert (tmp_path / "k").read_bytes() == expected
        assert not [path.name for path in tmp_path.iterdir() if path.name.endswith((".part", ".work"))]
        (tmp_path / "k").unlink()
