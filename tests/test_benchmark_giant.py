"""The made-up dumps of the benchmark: what a copy is stays one, and strangers are strangers."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("orjson")

from benchmarks import dumping, giant
from benchmarks.dumping import KINDS, SEED, plan_dump, write_dump

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Dump = tuple[list[dict[str, str]], "NDArray[np.void]"]
SIZE = 3_000


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Dump:
    folder = tmp_path_factory.mktemp("dump")
    return read(folder, write_dump(folder, SIZE, files=3))


def read(folder: Path, paths: list[Path]) -> Dump:
    records = [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    return records, np.load(folder / "truth.npy")


def shingles(text: str) -> set[tuple[str, ...]]:
    words = text.casefold().replace(".", " ").replace(",", " ").split()
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def resemblance(one: str, other: str) -> float:
    first, second = shingles(one), shingles(other)
    return len(first & second) / len(first | second)


def test_there_is_a_truth_for_every_article_and_every_kind_is_there(dump: Dump) -> None:
    records, truth = dump
    assert [record["id"] for record in records] == [f"a{row:08}" for row in range(SIZE)]
    assert len(truth) == SIZE
    assert set(truth["kind"]) == set(range(len(KINDS)))
    bulletins = truth["cluster"][truth["kind"] == dumping.BULLETIN]
    assert len(np.unique(bulletins)) == len(bulletins)


def test_strangers_do_not_resemble_each_other(dump: Dump) -> None:
    records, truth = dump
    _, first = np.unique(truth["cluster"], return_index=True)
    plain = [row for row in first.tolist() if KINDS[truth["kind"][row]] in ("orig", "single")][:150]
    texts = [records[row]["text"] for row in plain]
    assert max(resemblance(one, other) for one, other in combinations(texts, 2)) < 0.05


def test_a_copy_resembles_what_it_was_made_of(dump: Dump) -> None:
    records, truth = dump
    originals = {
        int(truth["cluster"][row]): records[row]["text"]
        for row in range(SIZE)
        if truth["kind"][row] == dumping.ORIG
    }
    copies = [row for row in range(SIZE) if truth["kind"][row] >= dumping.EXACT]
    found = [
        resemblance(originals[int(truth["cluster"][row])], records[row]["text"])
        for row in copies
        if int(truth["cluster"][row]) in originals
    ]
    assert len(found) > 500
    assert np.quantile(found, 0.05) > 0.5


def test_bulletins_differ_in_figures_alone(dump: Dump) -> None:
    records, truth = dump
    plan = plan_dump(SIZE)
    rows = np.flatnonzero(truth["kind"] == dumping.BULLETIN)
    stories = plan.stories[rows]
    one, other, *_ = rows[stories == np.bincount(stories).argmax()].tolist()
    words, others = (records[row]["text"].replace(",", "").replace(".", "").split() for row in (one, other))
    differing = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    assert differing
    assert all(word.isdigit() for pair in differing for word in pair)


def test_neither_files_nor_batches_change_the_articles(
    dump: Dump, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumping, "AT_ONCE", 700)
    records, truth = read(tmp_path, write_dump(tmp_path, SIZE, files=2))
    assert records == dump[0]
    assert np.array_equal(truth, dump[1])


def test_an_answer_that_lacks_articles_is_no_answer(tmp_path: Path) -> None:
    answer = tmp_path / "clusters.jsonl"
    lines = [{"id": f"a{row:08}", "cluster": "a00000000", "kept": row == 0} for row in range(3)]
    answer.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = giant.read_clusters(answer, 3)
    assert found.labels.tolist() == [0, 0, 0]
    assert found.kept.tolist() == [True, False, False]
    with pytest.raises(Exception, match="1 articles are not in"):
        giant.read_clusters(answer, 4)


def test_what_the_disk_has_no_room_for_is_refused(tmp_path: Path) -> None:
    giant.check_room(tmp_path, 1, SEED, spilled=False)
    with pytest.raises(Exception, match=r"articles need up to .* GB are free"):
        giant.check_room(tmp_path, 10**12, SEED, spilled=True)
