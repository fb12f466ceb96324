"""What the commands do not show of the functions behind them; see tests/test_cli_index.py for the rest."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from dedup import (
    Article,
    ParameterError,
    WriteError,
    add_files,
    check_files,
    deduplicate_files,
    deduplicate_into,
    export_articles,
    open_index,
)
from dedup.feeding import in_steps
from dedup.io.batches import Batch
from dedup.io.inputs import Inputs
from tests.shell import write

if TYPE_CHECKING:
    from pathlib import Path

TEXT = " ".join(f"w{place}" for place in range(40))


def dump_of(seed: int, path: Path) -> Path:
    """Stories in several cuts and spellings, some without date or id, in any order."""
    draw = random.Random(seed)
    records: list[dict[str, Any]] = []
    for story in range(12):
        words = [f"s{story}w{draw.randrange(60)}" for _ in range(draw.randrange(3, 160))]
        for copy in range(draw.randrange(1, 5)):
            cut = words[: max(1, round(len(words) * draw.choice([1, 1, 0.9, 0.75, 0.4])))]
            text = " ".join(
                draw.choice([word, word, word.upper(), f"{word}x"]) if copy else word for word in cut
            )
            date = draw.choice([None, "2026-03-01", "2026-03-02"])
            records.append(
                {"id": draw.choice([None, f"{story}-{copy}", f"{story}"]), "text": text, "date": date}
            )
    draw.shuffle(records)
    return write(path, *records)


def test_an_index_knows_what_a_run_has_learnt_around_headlines(tmp_path: Path) -> None:
    towns = "Lockport", "Ashby", "Penny Lock", "Stow", "Harrow Weir", "Old Ferry"
    records = [
        {
            "id": town,
            "text": " ".join(f"{town[:2]}{place}" for place in range(40)),
            "title": f"Bridge closed in {town} - Hill and dale",
            "url": f"https://a.example/{number}",
        }
        for number, town in enumerate(towns)
    ]
    copy = {**records[3], "id": "copy", "title": "Bridge closed in Stow", "url": "https://b.example/"}
    dump = write(tmp_path / "dump", *records, copy)
    names = "plain", "learnt", "indexed", "clusters"
    plain, learnt, indexed, clusters = (tmp_path / name for name in names)
    deduplicate_files([dump], tmp_path / "kept", clusters=plain, boilerplate=learnt)
    place = tmp_path / "i.dedup"
    deduplicate_into(place, [dump], tmp_path / "new", clusters=clusters, boilerplate=indexed)
    assert [json.loads(line)["affix"] for line in learnt.read_text().splitlines()] == ["Hill and dale"]
    assert indexed.read_bytes() == learnt.read_bytes()
    for path in (plain, clusters):
        told = [json.loads(line)["title_match"] for line in path.read_text().splitlines()]
        assert [match for match in told if match is not None] == [1.0]
    later = write(tmp_path / "later", {**copy, "id": "later", "title": "Bridge closed in Stow?"})
    with open_index(place) as index:
        ((verdict, _),) = check_files(index, [later])
    assert verdict.title_match is not None
    assert verdict.title_match.kind == "same"


@pytest.mark.parametrize("seed", range(12))
def test_an_empty_index_keeps_what_a_run_keeps(tmp_path: Path, seed: int) -> None:
    dump = dump_of(seed, tmp_path / "dump")
    one, other, again = (tmp_path / name for name in ("one", "other", "again"))
    plain = deduplicate_files([dump], one).counts
    counts = deduplicate_into(tmp_path / "i.dedup", [dump], other).counts
    assert (counts.read, counts.new, counts.versions) == (plain.read, plain.kept, 0)
    assert other.read_bytes() == one.read_bytes()
    repeated = deduplicate_into(tmp_path / "i.dedup", [dump], again).counts
    assert (repeated.repeated, repeated.articles) == (counts.read, counts.read)
    assert again.read_bytes() == one.read_bytes()


@pytest.mark.parametrize("length", [1, 3, 7, 100])
def test_steps_of_any_length_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    dump = dump_of(3, tmp_path / "dump")
    expected, told = tmp_path / "expected", tmp_path / "told"
    add_files(tmp_path / "a.dedup", [dump], clusters=expected)
    monkeypatch.setattr("dedup.index.disk.DiskIndex.most_articles", length)
    add_files(tmp_path / "b.dedup", [dump], clusters=told)
    assert told.read_bytes() == expected.read_bytes()


def test_steps_are_never_twice_as_long(tmp_path: Path) -> None:
    for count in range(1, 45):
        dump = write(tmp_path / "dump", *({"id": n, "text": f"text {n}"} for n in range(count)))
        with Inputs([str(dump), str(dump)], None, "raise", 1 << 20) as taken:
            steps = list(in_steps(taken.placed(), 10))
        assert sum(len(places) for _, places in steps) == 2 * count
        assert all(len(batch.ids) == len(places) < 20 for batch, places in steps)
        assert [name for batch, _ in steps for name in batch.ids] == [*map(str, range(count))] * 2


def test_batches_are_joined_and_cut() -> None:
    one, other = (Batch.of([Article(text, text) for text in texts]) for texts in (["a", "b\ud83d"], ["c"]))
    whole = Batch.join([one, other])
    assert whole.ids == ["a", "b\ud83d", "c"]
    assert whole.replaced == 1
    assert whole.take([2, 0]) == Batch.of([Article("c", "c"), Article("a", "a")])


def test_nothing_is_added_where_nothing_can_be_written(tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", {"id": "a", "text": TEXT})
    for function in (add_files, deduplicate_into):
        with pytest.raises(WriteError):
            function(tmp_path / "i.dedup", [dump], tmp_path / "absent" / "new")
        with pytest.raises(ParameterError):
            function(tmp_path / "i.dedup", [dump], tmp_path / "new", walk=0)
    assert not (tmp_path / "i.dedup").exists()
    empty = write(tmp_path / "empty")
    assert add_files(tmp_path / "i.dedup", [empty], tmp_path / "new").counts.read == 0
    assert deduplicate_into(tmp_path / "i.dedup", [empty], tmp_path / "new").counts.articles == 0


def test_an_open_index_stays_open(tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", {"id": "a", "text": TEXT}, {"id": "b", "title": TEXT, "url": "http://x/"})
    with open_index("memory://") as there:
        add_files(there, [dump], keep_if=lambda new, kept: new.id == "b" and kept.id == "a")
        deduplicate_into(there, [dump], tmp_path / "kept")
        (verdict, place), *_ = check_files(there, [write(tmp_path / "more", {"text": TEXT})])
        assert (verdict.duplicate_of, place.record) == ("b", 1)
        assert export_articles(there, tmp_path / "all") == 2
    told = [json.loads(line) for line in (tmp_path / "all").read_text().splitlines()]
    assert [(line["text"], line["title"], line["url"]) for line in told] == [
        (TEXT, None, None),
        (TEXT, TEXT, "http://x/"),
    ]
