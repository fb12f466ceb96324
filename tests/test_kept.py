from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

import dedup
from dedup.errors import ParameterError, ReadError, WriteError
from dedup.io import kept as kept_module
from dedup.io.json_output import write_lines
from dedup.io.kept import mirrored
from dedup.io.marks import MARK_FIELDS
from dedup.io.streams import Source
from tests.shell import NEWS, ROOT, Answer, Shell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.io.parts import Part

TEXT = " ".join(f"w{place}" for place in range(40))
OTHER = " ".join(f"v{place}" for place in range(40))


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Directory of a crawl: copies within a file, across files, and a file of nothing but copies."""
    home = tmp_path / "crawl"
    (home / "b" / "sub").mkdir(parents=True)
    write(home / "a.jsonl", {"id": "a1", "text": TEXT, "n": 1.50}, {"id": "a2", "text": TEXT.upper()})
    (home / "b" / "a.jsonl.gz").write_bytes(
        gzip.compress(
            json.dumps({"id": "b1", "text": OTHER}).encode() + b"\r\n\n" + b'{"id":"b2","text":"alone"}'
        )
    )
    write(home / "b" / "sub" / "copies.jsonl", {"id": "c1", "text": TEXT}, {"id": "c2", "text": f"{TEXT}!"})
    return home


def files_of(crawl: Path) -> list[Path]:
    return sorted(path for path in crawl.rglob("*") if path.is_file())


def run(inputs: Sequence[Path | str], kept: Path | str, **options: Any) -> dedup.Summary:
    return dedup.deduplicate_files(list(inputs), kept, **options)


def ids_of(path: Path | str) -> list[str]:
    with Source(str(path)).open() as stream:
        return [json.loads(line)["id"] for line in stream.read().splitlines()]


# A directory


def test_each_input_has_a_file_of_its_name(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(files_of(crawl), f"{out}/")
    assert {path.name: ids_of(path) for path in files_of(out)} == {
        "a.jsonl": ["a1"],
        "a.jsonl.gz": ["b1", "b2"],
        "copies.jsonl": [],
    }
    assert (out / "a.jsonl").read_bytes() == (crawl / "a.jsonl").read_bytes().splitlines(keepends=True)[0]
    assert gzip.decompress((out / "a.jsonl.gz").read_bytes()).splitlines()[1] == b'{"id":"b2","text":"alone"}'


def test_a_directory_is_mirrored(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (crawl / "notes.md").write_text("not read")
    run([crawl], f"{out}/")
    assert {str(path.relative_to(out)): ids_of(path) for path in files_of(out)} == {
        "a.jsonl": ["a1"],
        "b/a.jsonl.gz": ["b1", "b2"],
        "b/sub/copies.jsonl": [],
    }
    summary = run([out], f"{tmp_path}/again/")
    assert summary.counts.kept == summary.counts.read == 3
    for path in files_of(out):
        assert (tmp_path / "again" / path.relative_to(out)).read_bytes() == path.read_bytes()
    run([crawl / "b", crawl / "a.jsonl"], f"{tmp_path}/flat/", mark=True)
    names = [str(path.relative_to(tmp_path / "flat")) for path in files_of(tmp_path / "flat")]
    assert names == ["a.jsonl", "a.jsonl.gz", "sub/copies.jsonl"]


def test_an_index_fills_a_directory_too(crawl: Path, tmp_path: Path) -> None:
    with dedup.open_index("memory://") as index:
        dedup.deduplicate_into(index, [crawl], f"{tmp_path}/first/")
        dedup.deduplicate_into(index, [crawl], f"{tmp_path}/second/")
        new = write(crawl / "new.jsonl", {"id": "n", "text": "what nobody had"})
        dedup.add_files(index, [crawl], f"{tmp_path}/third/")
    run([crawl], f"{tmp_path}/run/")
    assert sum(len(ids_of(path)) for path in files_of(tmp_path / "first")) == 3
    for path in files_of(tmp_path / "first"):
        place = path.relative_to(tmp_path / "first")
        assert ids_of(tmp_path / "second" / place) == ids_of(path)
    assert (tmp_path / "third" / "new.jsonl").read_bytes() == new.read_bytes()


def test_a_directory_that_is_there_gets_files_and_keeps_others(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.jsonl").write_text("old")
    (out / "other").write_text("other")
    run([crawl / "a.jsonl"], out)
    assert ids_of(out / "a.jsonl") == ["a1"]
    assert (out / "other").read_text() == "other"


def test_after_a_failure_nothing_of_a_directory_is_there(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    with pytest.raises(ReadError):
        run([*files_of(crawl), broken], f"{out}/")
    assert not out.parent.exists()


def test_ctrl_c_while_files_are_written_leaves_none(
    crawl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    written: list[int] = []

    def interrupt(parts: Sequence[Part], output: BinaryIO) -> None:
        write_lines(parts, output)
        written.append(len(list(out.iterdir())))
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setitem(kept_module._WRITERS, "jsonl", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(files_of(crawl), out)
    assert written == [1, 2]
    assert list(out.iterdir()) == []


def test_places_below_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one/x/a", "one/b", "other/x/c", "d", "one/x/deep/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    found = mirrored(Path("out"), ["one", "other/", "d"], ["one/x/a", "one/b", "other/x/c", "d"])
    assert found == [Path("out/x/a"), Path("out/b"), Path("out/x/c"), Path("out/d")]
    assert mirrored(Path("/o"), [".", "one/x"], ["./d", "one/x/deep/e"]) == [Path("/o/d"), Path("/o/deep/e")]
    assert mirrored(Path("out"), ["one/x/../"], [f"{tmp_path}/one/x/a"]) == [Path("out/x/a")]
    with pytest.raises(ParameterError, match=r"one/x/a and a would both be written to out/a"):
        mirrored(Path("out"), ["one/x", "a"], ["one/x/a", "a"])
    with pytest.raises(ParameterError, match="standard input has no name"):
        mirrored(Path("out"), ["-"], ["-"])
    for target in ("one", "one/x/new", "other/../one/new"):
        with pytest.raises(ParameterError, match="lies in the input directory one"):
            mirrored(Path(target), ["one"], ["one/b"])


def test_what_would_be_overwritten_is_told_before_anything_is_read(crawl: Path) -> None:
    with pytest.raises(ParameterError, match="is an input and would be overwritten"):
        run([crawl / "a.jsonl"], crawl)
    with pytest.raises(ParameterError, match="is given for two outputs"):
        run([crawl / "a.jsonl"], f"{crawl.parent}/out/", clusters=crawl.parent / "out" / "a.jsonl")
    assert not (crawl.parent / "out").exists()


def test_a_file_where_a_directory_is_to_be_is_told(crawl: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    with pytest.raises(WriteError, match="out can't be written"):
        run([crawl / "a.jsonl"], f"{tmp_path}/out/")
    assert (tmp_path / "out").read_text() == "old"


# Marks


def test_marks_say_what_the_clusters_say(tmp_path: Path) -> None:
    marked, kept, clusters = (tmp_path / name for name in ("marked.jsonl", "kept.jsonl", "clusters.jsonl"))
    names = [ROOT / name for name in NEWS]
    run(names, marked, mark=True, clusters=clusters)
    run(names, kept)
    lines = marked.read_bytes().splitlines(keepends=True)
    originals = b"".join(name.read_bytes() for name in names).splitlines(keepends=True)
    assert len(lines) == len(originals)
    for line, original, said in zip(lines, originals, clusters.read_bytes().splitlines(), strict=True):
        verdict = json.loads(said)
        assert line.startswith(original.rstrip()[:-1])
        added = dict(list(json.loads(line).items())[-len(MARK_FIELDS) :])
        assert added == {name: verdict[name.removeprefix("dedup_")] for name in MARK_FIELDS}
    chosen = [
        original for original, line in zip(originals, lines, strict=True) if json.loads(line)["dedup_kept"]
    ]
    assert b"".join(chosen) == kept.read_bytes()


def test_marking_what_is_marked_gives_the_same(tmp_path: Path) -> None:
    one, other, stricter = (tmp_path / name for name in ("one.jsonl", "other.jsonl", "stricter.jsonl"))
    run([ROOT / NEWS[0]], one, mark=True)
    run([one], other, mark=True)
    assert one.read_bytes() == other.read_bytes()
    run([one], stricter, mark=True, threshold=1.0)
    assert (
        json.loads(stricter.read_bytes().splitlines()[0]).keys()
        == json.loads(one.read_bytes().splitlines()[0]).keys()
    )


@pytest.mark.slow
def test_an_index_marks_too(tmp_path: Path) -> None:
    marked, new = tmp_path / "marked.jsonl", tmp_path / "new.jsonl"
    with dedup.open_index("memory://") as index:
        dedup.add_files(index, [ROOT / NEWS[0]])
        dedup.add_files(index, [ROOT / NEWS[2]], marked, mark=True)
    with dedup.open_index("memory://") as index:
        dedup.add_files(index, [ROOT / NEWS[0]])
        dedup.add_files(index, [ROOT / NEWS[2]], new)
    lines = [json.loads(line) for line in marked.read_bytes().splitlines()]
    assert len(lines) == 25
    assert [line["id"] for line in lines if line["dedup_kept"]] == ids_of(new)
    for line in lines:
        assert (
            (line["dedup_duplicate_of"] is None) == line["dedup_kept"] == (line["dedup_resemblance"] is None)
        )
    with dedup.open_index("memory://") as index:
        dedup.deduplicate_into(index, [ROOT / name for name in NEWS], marked, mark=True)
    run([ROOT / name for name in NEWS], new)
    lines = [json.loads(line) for line in marked.read_bytes().splitlines()]
    assert [line["id"] for line in lines if line["dedup_kept"]] == ids_of(new)


def test_commands_mark_and_mirror(shell: Shell, crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert shell("run", *files_of(crawl), "-o", f"{out}/", "--mark", "-q") == Answer(0, "", "")
    assert {path.name: ids_of(path) for path in files_of(out)} == {
        "a.jsonl": ["a1", "a2"],
        "a.jsonl.gz": ["b1", "b2"],
        "copies.jsonl": ["c1", "c2"],
    }
    index = tmp_path / "x.dedup"
    assert (
        shell("run", crawl / "a.jsonl", "--index", index, "-o", "-", "--mark", "-q").out.count("dedup_kept")
        == 2
    )
    assert shell("index", "add", index, crawl / "a.jsonl", "-o", "-", "--mark").out.count("dedup_kept") == 2
    assert shell("run", *files_of(crawl), "-o", crawl).status == 2
