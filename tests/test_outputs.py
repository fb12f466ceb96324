from __future__ import annotations

import gc
import gzip
import io
import os
import resource
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError, ReadError, WriteError
from dedup.io.outputs import Outputs, check_outputs
from dedup.io.streams import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

LINES = b"".join(b'{"text": "article number %d"}\n' % number for number in range(40))


def contents(name: Path | str) -> bytes:
    with Source(str(name)).open() as stream:
        return stream.read()


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.jsonl.zst", "x.jsonl.zstd"])
def test_outputs_are_compressed_by_their_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Outputs() as outputs:
        outputs.create(path).write(LINES)
    assert (path.read_bytes() == LINES) == (name == "x.jsonl")
    assert contents(path) == LINES
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["x.gz", "x.zst"])
def test_compressed_outputs_are_the_same_every_time(tmp_path: Path, name: str) -> None:
    found = set()
    for directory in ("one", "other"):
        (tmp_path / directory).mkdir()
        with Outputs() as outputs:
            outputs.create(tmp_path / directory / name).write(LINES)
        found.add((tmp_path / directory / name).read_bytes())
    assert len(found) == 1


def test_outputs_appear_only_at_the_end(tmp_path: Path) -> None:
    with Outputs() as outputs:
        for name in ("one", "other"):
            outputs.create(tmp_path / name).write(LINES)
            assert not (tmp_path / name).exists()
    assert {entry.name for entry in tmp_path.iterdir()} == {"one", "other"}


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), ReadError("x", "broken"), EOFError()]
)
def test_an_error_leaves_no_output_and_old_files_alone(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "old").write_bytes(b"old")
    with pytest.raises(type(error)):
        _fail_while_writing(tmp_path, error)
    assert (tmp_path / "old").read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]


def _fail_while_writing(directory: Path, error: BaseException) -> None:
    with Outputs() as outputs:
        outputs.create(directory / "old").write(LINES)
        outputs.create(directory / "new.gz").write(LINES)
        raise error


def _write(*paths: Path) -> None:
    with Outputs() as outputs:
        for path in paths:
            outputs.create(path).write(LINES)


def test_a_new_file_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old and longer" * 1000)
    with Outputs() as outputs:
        outputs.create(path).write(LINES)
    assert path.read_bytes() == LINES


def test_files_get_the_usual_permissions(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.write_bytes(b"")
    with Outputs() as outputs:
        outputs.create(tmp_path / "x").write(LINES)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "x.jsonl"
    with (
        pytest.raises(WriteError, match=r"absent/x.jsonl can't be written: No such file"),
        Outputs() as outputs,
    ):
        outputs.create(path)


def test_an_output_that_is_a_directory_is_refused_and_no_other_appears(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(WriteError, match="taken can't be written"):
        _write(tmp_path / "new", tmp_path / "taken")
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(WriteError, match="can't be written: Permission denied"), Outputs() as outputs:
        outputs.create(tmp_path / "x")


def test_a_full_disk_leaves_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("dedup.io.outputs._compressed", lambda _raw, _suffix: Full())
    with pytest.raises(WriteError, match="No space left on device"), Outputs() as outputs:
        outputs.create(tmp_path / "x").write(LINES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pipe", "pipe.gz"])
def test_a_pipe_stays_a_pipe(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    holder = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        with Outputs() as outputs:
            outputs.create(path).write(LINES)
        assert stat.S_ISFIFO(path.stat().st_mode)
        written = os.read(holder, 1 << 16)
    finally:
        os.close(holder)
    assert (gzip.decompress(written) if name == "pipe.gz" else written) == LINES


def test_standard_output(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    with Outputs() as outputs:
        outputs.create("-").write(LINES)
        outputs.create(tmp_path / "x").write(b"")
    assert capsysbinary.readouterr().out == LINES
    assert not sys.stdout.closed


@given(st.lists(st.binary(max_size=30)), st.sampled_from([".txt", ".gz", ".zst"]))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], suffix: str
) -> None:
    path = tmp_path_factory.mktemp("out") / f"x{suffix}"
    with Outputs() as outputs:
        outputs.create(path).writelines(parts)
    data = b"".join(parts)
    if suffix != ".txt" or not data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        assert contents(path) == data


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_full_device_is_named() -> None:
    with pytest.raises(WriteError, match="/dev/full can't be written: No space left"), Outputs() as outputs:
        outputs.create("/dev/full").write(LINES)


# One of many files


def test_files_in_new_directories_appear_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sub" / "x.jsonl"
    with Outputs() as outputs:
        with outputs.writing(path, "gzip") as stream:
            stream.write(LINES)
        assert [entry.suffix for entry in path.parent.iterdir()] == [".part"]
    assert gzip.decompress(path.read_bytes()) == LINES
    assert [entry.name for entry in path.parent.iterdir()] == ["x.jsonl"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_an_error_leaves_no_new_directory(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(type(error)):
        _fail_among_many(tmp_path, error)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["old"]


def _fail_among_many(directory: Path, error: BaseException) -> None:
    with Outputs() as outputs:
        for name in ("old/x", "old/new/x", "new/sub/x"):
            with outputs.writing(directory / name, None) as stream:
                stream.write(LINES)
        raise error


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a file may be open that nobody came to know of
@pytest.mark.parametrize("name", ["x", "x.gz", "new/sub/x"])
def test_an_interrupt_at_any_moment_of_creating_leaves_nothing(tmp_path: Path, name: str) -> None:
    moments = 0
    while _is_interrupted(tmp_path / name, moments):
        assert list(tmp_path.iterdir()) == [], moments
        moments += 1
    assert moments > 100
    assert contents(tmp_path / name) == LINES


def _is_interrupted(path: Path, after: int) -> bool:
    """Write a file, interrupted where a signal would be noticed: before one of the steps of the interpreter."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            if steps == after:
                raise KeyboardInterrupt
            steps += 1
        return trace

    before = sys.gettrace()
    gc.disable()  # what is raised in somebody's callback is ignored
    try:
        with Outputs() as outputs:
            sys.settrace(trace)
            outputs.make_directory(path.parent)
            stream = outputs.create(path)
            sys.settrace(before)
            stream.write(LINES)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
        gc.enable()
    return False


def test_more_files_are_written_than_may_be_open(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        with Outputs() as outputs:
            for number in range(100):
                with outputs.writing(tmp_path / f"{number}.jsonl", None) as stream:
                    stream.write(LINES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(list(tmp_path.iterdir())) == 100


# What may not be written


def test_no_input_is_written_to_by_any_of_its_names(tmp_path: Path) -> None:
    one, link, hard = tmp_path / "one", tmp_path / "link", tmp_path / "hard"
    one.write_bytes(LINES)
    link.symlink_to(one)
    hard.hardlink_to(one)
    for name in (one, link, hard, tmp_path / "absent" / ".." / "one"):
        with pytest.raises(ParameterError, match="is an input and would be overwritten"):
            check_outputs([name], [str(one)])
    check_outputs([tmp_path / "other"], [str(one), "-"])
