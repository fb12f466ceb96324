"""A work directory: what is done is kept for the next run of the same kind, and for no other."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dedup.errors import ParameterError, WriteError
from dedup.mapped import FileAppender, map_of
from dedup.storage import BEGIN
from dedup.workdir import WorkDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = {"inputs": [["a", 1, 2]], "threshold": 0.4}


class StoppedError(Exception):
    """A run that did not come to its end."""


class Counter:
    """Counts how often a step is done, and keeps a state."""

    def __init__(self) -> None:
        self.calls = 0
        self.count = 0

    def make(self, **values: Any) -> Callable[[], Mapping[str, Any]]:
        def work() -> Mapping[str, Any]:
            self.calls += 1
            return values

        return work

    def state(self) -> dict[str, int]:
        return {"count": self.count}

    def resume(self, state: Mapping[str, Any]) -> None:
        self.count = state["count"]


def interrupt(directory: WorkDirectory, act: Callable[[WorkDirectory], object]) -> None:
    with pytest.raises(StoppedError), directory:  # noqa: PT012 - leaving it is the act
        act(directory)
        raise StoppedError


def test_a_step_is_done_once(tmp_path: Path) -> None:
    counter = Counter()
    values = np.arange(12).reshape(3, 4)
    for _ in range(3):
        interrupt(
            WorkDirectory(tmp_path / "w", KEY),
            lambda work: work.once("step", counter.make(values=values, told="é", none=np.empty(0))),
        )
    assert counter.calls == 1
    with WorkDirectory(tmp_path / "w", KEY) as work:
        found = work.once("step", counter.make())
        assert np.array_equal(found["values"], values)
        assert found["told"] == "é"
        assert len(found["none"]) == 0
    assert not (tmp_path / "w").exists()


def test_an_array_of_the_directory_is_kept_without_a_copy(tmp_path: Path) -> None:
    def act(work: WorkDirectory) -> None:
        array = work.empty((4, 2), np.int64)
        array[:] = 5
        (scratch,) = (tmp_path / "w" / "scratch").iterdir()
        inode = scratch.stat().st_ino
        found = work.once("step", lambda: {"a": array, "part": array[1:]})
        assert found["a"].tolist() == [[5, 5]] * 4
        assert found["part"].tolist() == [[5, 5]] * 3
        assert (tmp_path / "w" / "step.a").stat().st_ino == inode

    interrupt(WorkDirectory(tmp_path / "w", KEY), act)


def test_scratch_arrays_go_when_nothing_looks_into_them(tmp_path: Path) -> None:
    with WorkDirectory(tmp_path / "w", KEY) as work:
        array = work.empty(10, np.int64)
        appender = work.appender(np.int64)
        appender.append(np.arange(3))
        other = appender.finish()
        assert len(list((tmp_path / "w" / "scratch").iterdir())) == 2
        del array, other
        assert not list((tmp_path / "w" / "scratch").iterdir())


def test_a_journal_goes_on_from_what_was_put_down(tmp_path: Path) -> None:
    def fill(work: WorkDirectory, until: int) -> tuple[list[int], list[str]]:
        journal, counter = work.journal("read"), Counter()
        numbers, names = journal.appender(np.int64), journal.appender(np.uint8)
        journal.attach("counter", counter)
        while counter.count < until:
            numbers.append(np.array([counter.count]))
            names.append(np.frombuffer(b"n%d" % counter.count, np.uint8))
            counter.count += 1
            journal.commit()
        numbers.append(np.array([99]))  # not put down
        if until == 6:
            return numbers.finish().tolist(), [bytes(names.finish()).decode()]
        numbers.so_far()
        return [], []

    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: fill(work, 2))
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: fill(work, 4))
    with WorkDirectory(tmp_path / "w", KEY) as work:
        assert fill(work, 6) == ([0, 1, 2, 3, 4, 5, 99], ["n0n1n2n3n4n5"])


def test_another_run_is_told_apart(tmp_path: Path) -> None:
    counter = Counter()
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.once("step", counter.make(a=1)))
    with (
        pytest.raises(ParameterError, match=r"threshold was 0\.4, is 0\.5.*--restart"),
        WorkDirectory(tmp_path / "w", KEY | {"threshold": 0.5}),
    ):
        pass
    with (
        pytest.raises(ParameterError, match="an input has changed"),
        WorkDirectory(tmp_path / "w", KEY | {"inputs": [["a", 1, 3]]}),
    ):
        pass
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.once("step", counter.make(a=1)))
    assert counter.calls == 1
    with WorkDirectory(tmp_path / "w", KEY | {"threshold": 0.5}, restart=True) as work:
        assert work.once("step", counter.make(a=2)) == {"a": 2}


def test_two_runs_do_not_use_one_directory(tmp_path: Path) -> None:
    with (
        WorkDirectory(tmp_path / "w", KEY),
        pytest.raises(ParameterError, match="is used by another run"),
        WorkDirectory(tmp_path / "w", KEY),
    ):
        pass


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ParameterError, match="has other files"), WorkDirectory(tmp_path, KEY):
        pass
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_place_that_is_no_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="can't be written"), WorkDirectory(tmp_path / "file" / "w", KEY):
        pass


def test_a_manifest_that_is_broken_is_told(tmp_path: Path) -> None:
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.once("step", lambda: {"a": 1}))
    (tmp_path / "w" / "manifest").write_text("{")
    with pytest.raises(ParameterError, match=r"is damaged.*--restart"), WorkDirectory(tmp_path / "w", KEY):
        pass
    with WorkDirectory(tmp_path / "w", KEY, restart=True) as work:
        assert work.once("step", lambda: {"a": 2}) == {"a": 2}


def test_too_little_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"memory is 1,000 bytes; a run needs 402,653,184 at least"):
        WorkDirectory(tmp_path / "w", KEY, 1000)


def test_a_file_beside_an_output_is_removed_by_the_next_run(tmp_path: Path) -> None:
    left = tmp_path / ".kept.\udce9\n.part"
    left.write_text("half")
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.note_temporary(left))
    with WorkDirectory(tmp_path / "w", KEY):
        assert not left.exists()


def test_scattered_arrays_are_in_memory_while_they_are_a_small_part_of_it_together(tmp_path: Path) -> None:
    with WorkDirectory(tmp_path / "w", KEY, 384 << 20) as work:
        arrays = [work.scattered(60 << 20, np.uint8) for _ in range(4)]
        assert [map_of(array) is None for array in arrays] == [True, True, False, False]
        del arrays
        assert map_of(work.scattered(120 << 20, np.uint8)) is None


def test_it_is_told_when_more_was_held_than_was_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.workdir.LEAST_MEMORY", 1)
    for memory, is_more in ((1 << 20, True), (1 << 40, False), (None, False)):
        with WorkDirectory(tmp_path / "w", KEY, memory) as work:
            pass
        found = work.memory_beyond
        assert (found is not None) == is_more
        assert found is None or found > 1 << 20


def test_what_has_not_begun_is_no_run_that_others_are_refused_for(tmp_path: Path) -> None:
    other = {**KEY, "threshold": 0.5}
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.once(BEGIN, lambda: {"now": 1.0}))
    assert not (tmp_path / "w").exists(), "there is nothing to go on from"
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "manifest").write_text(
        json.dumps({"key": KEY, "steps": {BEGIN: {}}, "journals": {}, "notes": {}})
    )
    with WorkDirectory(tmp_path / "w", other) as work:  # the other was killed
        assert work.once(BEGIN, lambda: {"now": 2.0}) == {"now": 2.0}


def test_a_full_disk_is_told_with_the_directory_that_is_full(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no such file")
    made = FileAppender(tmp_path / "values", np.int64)
    made.close()
    with Path("/dev/full").open("wb") as made._file:
        with pytest.raises(WriteError, match=f"{tmp_path} can't be written: No space left"):
            made.append(np.zeros(1 << 20, np.int64))
        made.close()


def test_a_note_is_replaced_and_forgotten_when_its_step_is_done(tmp_path: Path) -> None:
    def note(work: WorkDirectory, number: int) -> None:
        found = work.noted("step")
        assert [*map(len, found.values())] == [number - 1, 2] if found else number == 0
        work.note("step", {"a": np.arange(number), "b": np.arange(2)})

    for number in range(4):
        interrupt(WorkDirectory(tmp_path / "w", KEY), partial(note, number=number))
        assert len([path for path in (tmp_path / "w").iterdir() if path.name.startswith("step")]) == 2
    with WorkDirectory(tmp_path / "w", KEY) as work:
        assert np.array_equal((work.noted("step") or {})["a"], np.arange(3))
        work.once("step", lambda: {"value": 1})
        assert work.noted("step") is None
        assert not [path for path in (tmp_path / "w").iterdir() if path.name.startswith("step")]


def test_a_note_is_whole_wherever_its_writer_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(WorkDirectory(tmp_path / "w", KEY), lambda work: work.note("step", {"a": np.arange(3)}))

    def stop() -> None:
        raise StoppedError

    def note(work: WorkDirectory) -> None:
        patch.setattr(work, "_put_down", stop)
        work.note("step", {"a": np.arange(5)})

    with monkeypatch.context() as patch:
        interrupt(WorkDirectory(tmp_path / "w", KEY), note)
    with WorkDirectory(tmp_path / "w", KEY) as work:
        assert np.array_equal((work.noted("step") or {})["a"], np.arange(3))
