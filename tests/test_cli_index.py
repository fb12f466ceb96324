from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from dedup import add_files, deduplicate_files, deduplicate_into, export_articles, open_index
from dedup.cli.index import COMMANDS, index
from dedup.errors import ParameterError, StorageError
from dedup.seen import ArticleIndex
from tests.shell import NEWS, ROOT, Answer, Shell, golden, spawn, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dedup.seen import Step

TEXT = " ".join(f"w{place}" for place in range(40))
OTHER = " ".join(f"v{place}" for place in range(40))


@pytest.fixture(autouse=True)
def _as_before(as_before: None) -> None:
    """Every command here expects to have the process for itself."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "month.dedup"


def ids(path: Path) -> list[Any]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def counts(answer: Answer) -> dict[str, int]:
    assert answer.status == 0, answer.err
    rows = [line.split() for line in answer.err.splitlines() if re.fullmatch(r"[a-z]+ +[\d,]+", line)]
    return {name: int(count.replace(",", "")) for name, count in rows}


# Add


def test_a_day_against_a_month_gives_the_golden_outputs(shell: Shell, store: Path, tmp_path: Path) -> None:
    new, duplicates = tmp_path / "new.jsonl", tmp_path / "duplicates.jsonl"
    assert shell("index", "add", store, NEWS[0], "-q") == Answer(0, "", "")
    answer = shell("index", "add", store, *NEWS[1:], "-o", new, "--duplicates", duplicates)
    assert (answer.status, answer.out) == (0, "")
    assert re.sub(r"(?m)^seconds +[\d.]+$", "seconds", answer.err) == golden("index-add.err")
    assert duplicates.read_text("utf-8") == golden("index-duplicates.jsonl")
    given = b"".join((ROOT / name).read_bytes() for name in NEWS[1:]).splitlines(keepends=True)
    kept = new.read_bytes().splitlines(keepends=True)
    assert kept == [line for line in given if line in set(kept)]
    assert len(kept) + len(duplicates.read_bytes().splitlines()) == len(given)


def test_every_article_is_told_of_in_its_order(shell: Shell, store: Path, tmp_path: Path) -> None:
    clusters, new = tmp_path / "clusters", tmp_path / "new"
    shell("index", "add", store, *NEWS, "-q", "--clusters", clusters, "-o", new)
    told = lines(clusters)
    places = [(name, number) for name in NEWS for number in range(1, len(ids(ROOT / name)) + 1)]
    assert [(line["input"], line["record"]) for line in told] == places
    assert [line["id"] for line in told if line["kept"]] == ids(new)
    assert all(line["kept"] != line["is_duplicate"] for line in told)
    with open_index(store, create=False) as there:
        assert [(article.id, cluster) for article, cluster in there.articles()] == [
            (line["id"], line["cluster"]) for line in told
        ]


def test_the_same_command_again_gives_the_same(shell: Shell, store: Path, tmp_path: Path) -> None:
    news, told = [tmp_path / "1", tmp_path / "2"], [tmp_path / "d1", tmp_path / "d2"]
    rows = [
        counts(shell("index", "add", store, *NEWS, "-o", new, "--duplicates", duplicates))
        for new, duplicates in zip(news, told, strict=True)
    ]
    assert news[0].read_bytes() == news[1].read_bytes()
    assert [{**line, "repeated": True} for line in lines(told[0])] == lines(told[1])
    assert rows[1] == {**rows[0], "repeated": rows[0]["read"]}


@pytest.mark.slow
def test_what_was_added_before_an_interruption_stays_and_is_new_again(
    shell: Shell, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, new = tmp_path / "whole", tmp_path / "new"
    shell("index", "add", tmp_path / "other.dedup", *NEWS, "-o", whole, "-q")
    add = ArticleIndex.add_batch
    steps: list[int] = []

    def stop(self: ArticleIndex, *arguments: Any, **options: Any) -> Step:
        if len(steps) == 2:
            raise KeyboardInterrupt
        steps.append(len(arguments[0].ids))
        return add(self, *arguments, **options)

    monkeypatch.setattr("dedup.index.disk.DiskIndex.most_articles", 20)
    with monkeypatch.context() as patch:
        patch.setattr(ArticleIndex, "add_batch", stop)
        assert shell("index", "add", store, *NEWS, "-o", new).status == 130
    assert not new.exists()
    assert list(tmp_path.glob(".new*")) == []
    with open_index(store, create=False) as there:
        assert len(there) == sum(steps) == 26 + 29
    row = counts(shell("index", "add", store, *NEWS, "-o", new))
    assert (row["repeated"], row["articles"]) == (55, 80)
    assert new.read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_a_signal_in_the_middle_is_an_interruption(store: Path, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *({"id": n, "text": f"{TEXT} {n} " * 8} for n in range(20_000)))
    command = [sys.executable, "-m", "dedup", "index", "add", store, dump, "-o", tmp_path / "new"]
    with subprocess.Popen([*map(str, command)], cwd=ROOT, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not (store / "catalog.sqlite").exists():
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err.splitlines()[-1]) == (130, b"interrupted")
    assert not (tmp_path / "new").exists()
    with open_index(store) as there:
        assert there.verify() == []


def test_an_article_that_stands_twice_is_a_copy_of_itself(shell: Shell, store: Path, tmp_path: Path) -> None:
    dump = write(
        tmp_path / "dump",
        {"id": "a", "text": TEXT},
        {"id": "a", "text": f"{TEXT} {OTHER}"},
        {"id": "a", "text": TEXT.upper()},
        {"id": "b", "text": TEXT},
        {"id": "b", "text": TEXT},
    )
    for repeated in (0, 3):
        row = counts(
            shell("index", "add", store, dump, "-o", tmp_path / "new", "--clusters", tmp_path / "clusters")
        )
        assert row == {
            "read": 5,
            "new": 1,
            "versions": 1,
            "exact": 1,
            "near": 2,  # b: the latest version of a is kept
            "repeated": repeated,
            "damaged": 0,
            "articles": 3,
        }
        assert [line["record"] for line in lines(tmp_path / "clusters") if line["kept"]] == [1, 2]
        third = lines(tmp_path / "clusters")[2]
        assert (third["id"], third["duplicate_of"], third["relation"]) == (f"a#{dump}:3", "a", "exact")
        assert len((tmp_path / "new").read_text().splitlines()) == 2


def test_articles_without_id_are_known_by_text_and_place(shell: Shell, store: Path, tmp_path: Path) -> None:
    for number, expected in (("1", [1, 3]), ("1", [1, 3]), ("2", [])):
        dump = write(tmp_path / f"dump{number}", {"text": TEXT}, {"text": TEXT}, {"text": OTHER})
        shell("index", "add", store, dump, "-q", "--clusters", tmp_path / "clusters")
        assert [line["record"] for line in lines(tmp_path / "clusters") if line["kept"]] == expected
    with open_index(store, create=False) as there:
        assert len(there) == 6


def test_a_better_copy_is_kept_from_then_on(shell: Shell, store: Path, tmp_path: Path) -> None:
    dump = write(
        tmp_path / "dump",
        {"id": "a", "text": TEXT, "date": "2026-03-02"},
        {"id": "b", "text": f"{TEXT} more", "date": "2026-03-03"},
        {"id": "c", "text": TEXT, "date": "2026-03-01"},
    )
    for option, kept in ((), "a"), (("--keep-if", "longer"), "b"), (("--keep-if", "earlier"), "c"):
        place = tmp_path / f"{kept}.dedup"
        told = tmp_path / "duplicates"
        shell("index", "add", place, dump, *option, "-q", "-o", tmp_path / "new", "--duplicates", told)
        assert ids(tmp_path / "new") == ["a"]
        assert [line["id"] for line in lines(told) if line["replaces"]] == [kept] * (kept != "a")
        article = write(tmp_path / "article.json", {"id": "x", "text": TEXT})
        assert json.loads(shell("index", "check", place, article, "--json").out)["duplicate_of"] == kept
    with pytest.raises(
        ParameterError, match="keep_if is 'best'; it is a function, or one of longer, earlier"
    ):
        add_files(store, NEWS, keep_if="best")  # type: ignore[arg-type]


def test_outputs_follow_the_rules_of_a_run(shell: Shell, store: Path, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", {"id": "a", "text": TEXT}, {"id": "b", "text": OTHER})
    answer = shell("index", "add", store, "-", "-o", "-", "-q", stdin=dump.read_bytes())
    assert answer == Answer(0, dump.read_text(), "")
    shell("index", "add", store, dump, "-o", tmp_path / "new.gz", "-q")
    assert gzip.decompress((tmp_path / "new.gz").read_bytes()) == dump.read_bytes()
    answer = shell("index", "add", store, dump, "-o", tmp_path / "x", "--duplicates", tmp_path / "x")
    assert (answer.status, "is given for two outputs" in answer.err) == (2, True)
    for options in (("--duplicates", dump, "--clusters", tmp_path / "c"), ("-o", dump)):
        answer = shell("index", "add", store, dump, *options)
        assert (answer.status, "is an input" in answer.err) == (2, True)


def test_a_field_that_no_record_has_is_told_before_anything_is_remembered(
    shell: Shell, store: Path, tmp_path: Path
) -> None:
    dump = write(tmp_path / "dump", {"id": "a", "title": TEXT}, {"id": "b", "title": TEXT})
    for begin in (("index", "add", store, dump), ("run", dump), ("run", dump, "--index", store)):
        answer = shell(*begin, "-o", tmp_path / "kept", "--field", "text=nosuch", "--on-error", "skip")
        told = f"no record of {dump} has 'nosuch', which text=nosuch names; the fields are id, title"
        assert (answer.status, told in answer.err, (tmp_path / "kept").exists()) == (2, True, False)
    shell("index", "add", store, dump, "-q")
    assert shell("index", "check", store, dump, "--lines", "--field", "text=nosuch").status == 2


def test_dates_that_cannot_be_read_are_told(shell: Shell, store: Path, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *({"text": str(n), "date": "11/25/2026"} for n in range(3)))
    told = "note: 3 dates could not be read, e.g. '11/25/2026'; these articles count as undated\n"
    for begin in (("index", "add", store, dump), ("run", dump), ("run", dump, "--index", store)):
        assert told in shell(*begin, "-o", tmp_path / "kept").err
    assert (
        json.loads(shell("run", dump, "-o", tmp_path / "kept", "--json").err)["counts"]["unread_dates"] == 3
    )


def test_nothing_is_written_into_the_index(shell: Shell, store: Path, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", {"id": "a", "text": TEXT})
    target = store / "catalog.sqlite"
    for begin in (("index", "add", store, dump), ("run", dump, "--index", store)):
        answer = shell(*begin, "-o", target)
        assert (answer.status, "lies in the index" in answer.err, store.exists()) == (2, True, False)
    shell("index", "add", f"file://{store}", dump, "-q")
    answer = shell("index", "export", store, "-o", target)
    assert (answer.status, "lies in the index" in answer.err) == (2, True)
    assert shell("index", "verify", store).status == 0


def test_damage_is_raised_or_listed(shell: Shell, store: Path, tmp_path: Path) -> None:
    broken = "fixtures/broken/wrong-type.jsonl"
    assert shell("index", "add", store, broken).status == 2
    answer = shell("index", "add", store, broken, "--on-error", "skip", "--damaged", tmp_path / "damaged")
    assert (counts(answer)["damaged"], counts(answer)["new"]) == (2, 3)
    assert f"skipped {broken}:2: text is of type int" in answer.err
    assert [line["record"] for line in lines(tmp_path / "damaged")] == [2, 4]
    renamed = write(tmp_path / "renamed", {"key": "k", "lead": TEXT})
    told = shell(
        "index",
        "add",
        store,
        renamed,
        "--field",
        "id=key",
        "--field",
        "text=lead",
        "--json",
        "--max-record",
        "9K",
    )
    assert json.loads(told.err)["counts"]["new"] == 1


def test_what_failed_at_once_settles_nothing(shell: Shell, store: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps({"id": "a", "text": TEXT}) + '\n{"id": "b", "te\n')
    assert shell("index", "add", store, broken).status == 2
    assert shell("index", "add", store, NEWS[0], "--window", "30d", "-q") == Answer(0, "", "")
    assert json.loads(shell("index", "info", store, "--json").out)["parameters"]["window"] == 30 * 86400


def test_an_index_keeps_what_it_began_with(shell: Shell, store: Path) -> None:
    options = ["--threshold", "0.5", "--recall", "0.9", "--window", "2w", "--walk", "9", "--seed", "7"]
    assert shell("index", "add", store, NEWS[0], *options, "--max-perm", "300", "-q") == Answer(0, "", "")
    assert shell("index", "add", store, NEWS[0], *options, "-q").status == 0
    assert shell("index", "add", store, NEWS[0], "-q").status == 0
    answer = shell("index", "add", store, NEWS[0], "--threshold", "0.4", "--window", "30d")
    assert answer.status == 2
    assert "set up with threshold=0.5, window=14d; asked for was threshold=0.4, window=30d" in answer.err
    told = json.loads(shell("index", "info", store, "--json").out)["parameters"]
    assert {name: told[name] for name in ("threshold", "recall", "window", "walk", "seed", "max_perm")} == {
        "threshold": 0.5,
        "recall": 0.9,
        "window": 14 * 86400,
        "walk": 9,
        "seed": 7,
        "max_perm": 300,
    }


@pytest.mark.parametrize(
    "wrong", [["absent.jsonl"], [NEWS[0], "--threshold", "7"], [NEWS[0], "-o", "absent/x"]]
)
def test_what_is_wrong_begins_no_index(shell: Shell, store: Path, wrong: Sequence[str]) -> None:
    assert shell("index", "add", store, *wrong).status == 2
    assert not store.exists()


# Check


@pytest.fixture
def monday(shell: Shell, store: Path) -> Path:
    assert shell("index", "add", store, NEWS[0], "-q", "--window", "30d").status == 0
    return store


def article_of(name: str, doc_id: str, tmp_path: Path, **changed: object) -> Path:
    record = next(line for line in lines(ROOT / name) if line["id"] == doc_id)
    return write(tmp_path / "article.json", {**record, **changed})


def test_check_tells_duplicates_by_its_status(shell: Shell, monday: Path, tmp_path: Path) -> None:
    article = article_of(NEWS[2], "w02", tmp_path)
    answer = shell("index", "check", monday, article)
    assert answer == Answer(1, golden("index-check.txt"), "")
    assert shell("index", "check", monday, article, "--exit-zero").status == 0
    told = json.loads(shell("index", "check", monday, article, "--json").out)
    with open_index(monday) as there:
        assert told == there.check(json.loads(article.read_text())).as_dict()
    new = shell("index", "check", monday, "--text", "Rain in the north")
    assert (new.status, new.err, new.out.splitlines()[0]) == (0, "", "new")
    text = json.loads(article.read_text())["text"]
    undated = shell("index", "check", monday, "--text", text)
    assert (undated.status, undated.out.splitlines()[-1]) == (
        0,
        "dates       undated, so published now; the window is 30d",
    )
    shell("index", "add", tmp_path / "other.dedup", NEWS[0], "-q")
    assert shell("index", "check", tmp_path / "other.dedup", "--text", text).status == 1
    assert shell("index", "check", tmp_path / "other.dedup", "-", stdin=text.encode()).status == 1
    with open_index(monday) as there:
        assert len(there) == 26


def test_check_says_what_is_known_of_the_id(shell: Shell, monday: Path, tmp_path: Path) -> None:
    known = article_of(NEWS[0], "m02", tmp_path)
    answer = shell("index", "check", monday, known)
    assert (answer.status, answer.out.splitlines()[0]) == (0, "new, as was said when it was added")
    answer = shell("index", "check", monday, article_of(NEWS[0], "m02", tmp_path, text=OTHER))
    assert (answer.status, answer.out.splitlines()[0]) == (0, "new, another version of a known article")


def test_check_shows_dates_titles_and_passages(shell: Shell, monday: Path, tmp_path: Path) -> None:
    article = article_of(NEWS[2], "w02", tmp_path, date="2026-03-10T05:00")
    out = shell("index", "check", monday, article, "--passages").out
    assert re.search(
        r"(?m)^dates +2026-03-10T05:00\+00:00, its 2026-03-\S+, [\d.]+ days apart; the window is 30d$", out
    )
    assert re.search(r"(?m)^A \d+-\d+ +B \d+-\d+ +\d+ words, similarity", out)
    late = article_of(NEWS[2], "w02", tmp_path, date="2026-09-10")
    assert shell("index", "check", monday, late).status == 0
    undated = article_of(NEWS[2], "w02", tmp_path, date=None, title=None)
    told = shell("index", "check", monday, undated, "--json")
    assert json.loads(told.out)["title_match"] is None


def test_check_of_json_lines_gives_a_line_each(shell: Shell, monday: Path, tmp_path: Path) -> None:
    answer = shell("index", "check", monday, NEWS[2])
    assert (answer.status, answer.err) == (0, "")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert [(line["input"], line["record"]) for line in told] == [
        (NEWS[2], n) for n in range(1, len(told) + 1)
    ]
    with open_index(monday) as there:
        expected = there.check_many(lines(ROOT / NEWS[2]))
    assert [
        {**verdict.as_dict(), "input": NEWS[2], "record": n} for n, verdict in enumerate(expected, 1)
    ] == told
    packed = tmp_path / "wires.jsonl.gz"
    packed.write_bytes(gzip.compress((ROOT / NEWS[2]).read_bytes()))
    assert len(shell("index", "check", monday, packed).out.splitlines()) == len(told)
    answer = shell(
        "index", "check", monday, "-", "--lines", "--passages", stdin=(ROOT / NEWS[2]).read_bytes()
    )
    assert [bool(json.loads(line)["passages"]) for line in answer.out.splitlines()] == [
        line["is_duplicate"] for line in told
    ]


# Care


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "add"])
def test_only_adding_begins_an_index(shell: Shell, store: Path, name: str) -> None:
    more = {"check": ["--text", "rain"], "remove": ["a"]}.get(name, [])
    for there in (False, True):
        answer = shell("index", name, store, *more)
        assert (answer.status, answer.out) == (2, "")
        assert (
            f"{store}: there is no index; `dedup index add` and `dedup run --index` begin one" in answer.err
        )
        assert store.exists() == there
        store.mkdir(exist_ok=True)
        assert list(store.iterdir()) == []
    with pytest.raises(StorageError, match="there is no index"):
        open_index("memory://", create=False)


def test_info_tells_what_it_is_and_how_much(shell: Shell, monday: Path) -> None:
    rows = {line[:15].strip(): line[15:].strip() for line in shell("index", "info", monday).out.splitlines()}
    assert (rows["articles"], rows["window"], rows["bands"]) == ("26", "30d", "46 x 3")
    told = json.loads(shell("index", "info", monday, "--json").out)
    assert (told["uri"], told["articles"], told["clusters"]) == (str(monday), 26, 20)
    assert sorted(told["bytes"]) == ["payload", "postings", "rest"]


@pytest.mark.slow
def test_expired_articles_are_forgotten_and_their_space_is_given_back(
    shell: Shell, store: Path, tmp_path: Path
) -> None:
    dump = write(
        tmp_path / "dump",
        *({"id": f"a{n}", "text": f"{OTHER} {n} " * 40, "date": "2026-03-01"} for n in range(300)),
        {"id": "b", "text": TEXT, "date": "2026-03-20"},
    )
    shell("index", "add", store, dump, "-q")
    assert shell("index", "expire", store).status == 2
    assert "without a window; say what to forget: --before 30d" in shell("index", "expire", store).err
    answer = shell("index", "expire", store, "--before", "30")
    assert (answer.status, answer.out) == (2, "")
    assert "e.g. '30d'" in answer.err
    assert shell("index", "expire", store, "--before", "2026-03-02").out.split() == [
        "expired",
        "300",
        "articles",
        "1",
    ]
    sizes = shell("index", "compact", store).out.replace(",", "").split()
    assert (sizes[0], sizes[2]) == ("before", "after")
    assert int(sizes[3]) < int(sizes[1])
    assert shell("index", "expire", store, "--before", "yesterday").status == 2
    assert shell("index", "expire", store, "--before", "1s").out.split()[1] == "1"
    assert shell("index", "expire", store, "--before", "1s").out.split()[1] == "0"


def test_ids_are_removed_and_those_that_are_absent_named(shell: Shell, monday: Path) -> None:
    answer = shell("index", "remove", monday, "m01", "no\x1bne", "m02", "m01")
    assert (answer.status, answer.out.split()) == (2, ["removed", "2", "articles", "24"])
    assert "not in the index: 'no\\x1bne'" in answer.err
    assert shell("index", "remove", monday, "m01", "m03", "--missing-ok").out.split()[1] == "1"
    assert shell("index", "verify", monday) == Answer(0, "", "23 articles, 0 faults\n")


def test_faults_are_told_line_by_line(shell: Shell, monday: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dedup.index.disk.DiskIndex.verify", lambda _: ["entry 7 is los\x1bt", "run 2 is short"]
    )
    answer = shell("index", "verify", monday)
    assert answer == Answer(2, "entry 7 is los\\x1bt\nrun 2 is short\n", "26 articles, 2 faults\n")


def test_files_that_are_lost_are_named(shell: Shell, monday: Path) -> None:
    shell("index", "compact", monday)  # makes a run
    (file,) = (monday / "runs").iterdir()
    file.unlink()
    answer = shell("index", "verify", monday)
    assert answer.status == 2
    assert answer.out.startswith(f"runs/{file.name} is missing\n26 of 26 articles stand in this file only")
    assert answer.err == "26 articles, 2 faults\n"
    assert f"runs/{file.name} is missing; restore it" in shell("index", "check", monday, "--text", TEXT).err
    (monday / "catalog.sqlite").write_bytes(b"x" * 100_000)
    answer = shell("index", "verify", monday)
    assert (answer.status, answer.out) == (2, "")
    assert "catalog.sqlite" in answer.err
    assert "index verify" not in answer.err


def test_what_is_exported_can_be_added_again(shell: Shell, store: Path, tmp_path: Path) -> None:
    told, again = tmp_path / "told", tmp_path / "again"
    shell("index", "add", store, *NEWS, "-q", "--clusters", told)
    assert shell("index", "export", store, "-o", tmp_path / "all.jsonl.gz").err.split() == ["exported", "80"]
    shell("index", "add", tmp_path / "other.dedup", tmp_path / "all.jsonl.gz", "-q", "--clusters", again)
    assert [{**line, "input": 0, "record": 0} for line in lines(told)] == [
        {**line, "input": 0, "record": 0} for line in lines(again)
    ]
    first = json.loads(shell("index", "export", store, "-q").out.splitlines()[0])
    assert list(first) == ["id", "url", "title", "date", "source", "text", "cluster"]
    assert shell("index", "export", store, "-q").err == ""


# Run with an index


@pytest.mark.slow
@pytest.mark.parametrize("learnt", [False, True])
def test_a_run_with_an_empty_index_is_a_run(shell: Shell, store: Path, tmp_path: Path, learnt: bool) -> None:
    context: list[object] = []
    if learnt:
        foot = write(
            tmp_path / "foot",
            {"text": "Sign up for our free letter from the valley.", "host": None, "articles": 9},
        )
        context = ["--context", foot]
    one, other, again = (tmp_path / name for name in ("one", "other", "again"))
    shell("run", *NEWS, "-o", one, "--clusters", tmp_path / "c", *context, "-q")
    answer = shell("run", *NEWS, "-o", other, "--clusters", tmp_path / "d", "--index", store, *context)
    assert counts(answer)["new"] == len(ids(one))
    assert other.read_bytes() == one.read_bytes()
    same = (
        "id",
        "kept",
        "duplicate_of",
        "cluster",
        "resemblance",
        "containment",
        "coverage",
        "input",
        "record",
    )
    for line, expected in zip(lines(tmp_path / "d"), lines(tmp_path / "c"), strict=True):
        assert {name: line[name] for name in same} == {name: expected[name] for name in same}
    assert counts(shell("run", *NEWS, "-o", again, "--index", store, *context))["repeated"] == 80
    assert again.read_bytes() == one.read_bytes()


def test_a_run_with_an_index_keeps_what_is_new(shell: Shell, store: Path, tmp_path: Path) -> None:
    kept, told = tmp_path / "kept", tmp_path / "told"
    shell("run", *NEWS[:2], "-o", kept, "--index", store, "-q", "--window", "30d")
    before = set(ids(kept))
    row = counts(shell("run", NEWS[2], "-o", kept, "--index", store, "--duplicates", told))
    assert row["new"] + row["exact"] + row["near"] == row["read"] == len(ids(ROOT / NEWS[2]))
    truth = {line["id"]: line["cluster"] for line in lines(ROOT / "fixtures/news/truth.jsonl")}
    known = {truth[doc_id] for name in NEWS[:2] for doc_id in ids(ROOT / name)}
    assert {truth[doc_id] for doc_id in ids(kept)} == {
        truth[doc_id] for doc_id in ids(ROOT / NEWS[2])
    } - known
    assert {line["duplicate_of"] for line in lines(told)} <= before | set(ids(kept))
    assert any(line["duplicate_of"] in before for line in lines(told))


def test_a_run_that_begins_an_index_stores_what_it_learnt(shell: Shell, store: Path, tmp_path: Path) -> None:
    foot = (
        "Sign up for our free newsletter and never miss a story from the valley again, every morning at six."
    )
    news = [" ".join(f"n{number}w{place}" for place in range(24)) for number in range(14)]
    records = [{"id": text[:4], "url": "http://a.b/", "text": f"{text}\n{foot}"} for text in news]
    options = ["--index", store, "--threshold", "0.2", "-q"]
    shell("run", write(tmp_path / "first", *records[:12]), "-o", tmp_path / "k", *options)
    assert shell("index", "info", store).out.splitlines()[-1].split() == ["boilerplate", "1", "lines"]
    last = write(tmp_path / "last", *records[12:])
    assert shell("run", last, "-o", tmp_path / "k", "--boilerplate", tmp_path / "b", *options).status == 0
    assert ids(tmp_path / "k") == [record["id"] for record in records[12:]]
    assert [line["text"] for line in lines(tmp_path / "b")] == [foot]
    assert counts(shell("index", "add", store, last))["repeated"] == 2


def test_a_run_with_an_index_tells_repeated_ids_and_anonymous_articles_apart(
    store: Path, tmp_path: Path
) -> None:
    dump = write(
        tmp_path / "dump",
        {"id": "a", "text": TEXT},
        {"id": "a", "text": f"{TEXT} more"},
        {"text": OTHER},
        {"text": OTHER},
        {"text": ""} | {"title": "!"},
    )
    deduplicate_files([dump], tmp_path / "one")
    for _ in range(2):
        summary = deduplicate_into(store, [dump], tmp_path / "other")
        assert (tmp_path / "other").read_bytes() == (tmp_path / "one").read_bytes()
    assert (summary.counts.read, summary.counts.repeated, summary.counts.articles) == (5, 5, 5)
    copy = write(tmp_path / "copy", {"text": OTHER})
    assert deduplicate_into(store, [copy], tmp_path / "other").counts.exact == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--keep", "earliest", "--index", "x"], "--keep can only be longest with --index"),
        (["--by", "title", "--index", "x"], "--by can only be text with --index"),
        (["--prefer-source", "a", "--index", "x"], "--prefer-source can't be used with --index"),
        (["--passages", "p", "--index", "x"], "--passages can't be used with --index"),
        (["--within", "source", "--index", "x"], "--within can't be used with --index"),
    ],
)
def test_what_an_index_can_not_do_is_refused(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    dump = write(tmp_path / "dump", {"text": TEXT})
    monkeypatch.chdir(tmp_path)
    answer = shell("run", dump, "-o", "-", *options)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["dump"]


def test_what_an_index_does_anyway_may_be_said(shell: Shell, store: Path, tmp_path: Path) -> None:
    options = ["--keep", "longest", "--by", "text", "--threads", "1", "-q"]
    assert shell("run", NEWS[0], "-o", tmp_path / "k", "--index", store, *options) == Answer(0, "", "")


def test_a_run_follows_the_parameters_of_its_index(shell: Shell, store: Path, tmp_path: Path) -> None:
    shell("index", "add", store, NEWS[0], "--threshold", "0.6", "-q")
    assert shell("run", NEWS[1], "-o", tmp_path / "k", "--index", store, "-q") == Answer(0, "", "")
    answer = shell("run", NEWS[1], "-o", tmp_path / "k", "--index", store, "--threshold", "0.4")
    assert (answer.status, "threshold=0.6; asked for was threshold=0.4" in answer.err) == (2, True)
    with open_index("memory://", threshold=0.5) as there:
        assert deduplicate_into(there, [ROOT / NEWS[0]], tmp_path / "k", threads=1).counts.read == 26
        with pytest.raises(ParameterError, match=r"asked for was threshold=0\.4"):
            add_files(there, [ROOT / NEWS[0]], threshold=0.4)


def test_a_lost_index_is_no_empty_one(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("x", "the disk has failed")

    monkeypatch.setattr("dedup.crawls.open_index", fail)
    with pytest.raises(StorageError, match="the disk has failed"):
        deduplicate_into(store, NEWS, tmp_path / "k")
    assert not store.exists()


# The command itself


def test_help_shows_every_command(shell: Shell) -> None:
    out = shell("index", "--help").out
    for name, (_, text) in COMMANDS.items():
        assert re.search(rf"(?m)^  {name} +{re.escape(text)}$", out)
        command = index.get_command(click.Context(index), name)
        assert command is not None
        assert (command.help or "").startswith(text)
        assert shell("index", name, "--help").out.startswith(f"Usage: dedup index {name} ")
    assert shell("index", "nothing").status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["add"],
        ["add", "x"],
        ["check", "fixtures"],
        ["check", "fixtures", "--text", "a"],
        ["info", NEWS[0]],
        ["info", "nothing://x"],
        ["remove", "fixtures"],
        ["add", "fixtures", NEWS[0]],
    ],
    ids=" ".join,
)
def test_every_failure_exits_with_two_and_says_why(shell: Shell, arguments: list[str]) -> None:
    answer = shell("index", *arguments)
    assert (answer.status, answer.out, "Traceback" in answer.err) == (2, "", False)
    assert answer.err


def test_one_article_is_asked_about_at_a_time(shell: Shell, monday: Path) -> None:
    for wrong in ([], ["fixtures/pages/bridge.txt", "--text", "a"], ["absent"]):
        assert shell("index", "check", monday, *wrong).status == 2


def test_control_characters_never_reach_a_terminal(shell: Shell, store: Path, tmp_path: Path) -> None:
    evil = "red\x1b[31m\x9b\u202e"
    record = {"id": evil, "title": f"Rain {evil}", "text": f"{TEXT} {evil}"}
    dump = write(tmp_path / "dump.jsonl", record)
    shell("index", "add", store, dump, "-q")
    asked = write(tmp_path / "asked.json", {**record, "id": f"{evil}2"})
    for arguments in (
        ["check", store, asked, "--passages"],
        ["check", store, asked, "--json"],
        ["check", store, dump],
        ["remove", store, evil, f"{evil}3"],
        ["info", tmp_path / evil],
    ):
        answer = shell("index", *arguments)
        assert "red" in answer.out + answer.err
        assert not [char for char in answer.out + answer.err if char != "\n" and not char.isprintable()]
    shell("index", "add", store, dump, "-q")
    told = json.loads(shell("index", "check", store, asked, "--json").out)
    assert told["duplicate_of"] == evil


@pytest.mark.parametrize("arguments", [["check", NEWS[2]], ["export"], ["add", NEWS[0], "-o", "-", "-q"]])
def test_a_closed_pipe_ends_quietly(shell: Shell, store: Path, arguments: list[str]) -> None:
    shell("index", "add", store, *NEWS, "-q")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = spawn("index", arguments[0], store, *arguments[1:], stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    with open_index(store, create=False) as there:
        assert export_articles(there, os.devnull) == 80
