from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from dedup.article import Article
from dedup.cli.articles import read_article
from dedup.cli.main import COMMANDS, cli
from dedup.cli.options import Assignment, Size
from dedup.cli.terminal import printable
from dedup.errors import ParameterError, ReadError
from tests.shell import GOLDEN, NEWS, ROOT, Answer, Shell, golden, spawn, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TEXT = " ".join(f"w{place}" for place in range(40))


@pytest.fixture(autouse=True)
def _as_before(as_before: None) -> None:
    """Every command here expects to have the process for itself."""


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write(
        tmp_path / "dump.jsonl",
        {"id": "a", "text": TEXT},
        {"id": "b", "text": TEXT.upper()},
        {"id": "c", "text": f"{TEXT} more"},
        {"id": "d", "text": "something else"},
    )


# Golden outputs; whoever changes them says so in CHANGELOG.md


def test_run_gives_the_golden_outputs(shell: Shell, tmp_path: Path) -> None:
    kept, clusters = tmp_path / "kept.jsonl", tmp_path / "clusters.jsonl"
    answer = shell("run", *NEWS, "-o", kept, "--clusters", clusters)
    assert answer.status == 0
    assert answer.out == ""
    assert re.sub(r"(?m)^seconds +[\d.]+$", "seconds", answer.err) == golden("run.err")
    assert clusters.read_text("utf-8") == golden("clusters.jsonl")
    assert [json.loads(line)["id"] for line in kept.read_text("utf-8").splitlines()] == golden(
        "kept.txt"
    ).split()


def test_run_keeping_the_earliest_gives_the_golden_outputs(shell: Shell, tmp_path: Path) -> None:
    duplicates = tmp_path / "duplicates.jsonl"
    answer = shell("run", *NEWS, "-o", tmp_path / "k", "--keep", "earliest", "--duplicates", duplicates, "-q")
    assert answer == Answer(0, "", "")
    assert duplicates.read_text("utf-8") == golden("duplicates-earliest.jsonl")


def test_run_with_passages_gives_the_golden_output(shell: Shell, tmp_path: Path) -> None:
    passages = tmp_path / "passages.jsonl"
    assert shell("run", *NEWS, "-o", tmp_path / "k", "--passages", passages, "-q") == Answer(0, "", "")
    assert passages.read_text("utf-8") == golden("passages.jsonl")
    texts = {
        article.id: article.text
        for name in NEWS
        for line in (ROOT / name).read_text("utf-8").splitlines()
        for article in (Article.from_any(json.loads(line)),)
    }
    for line in map(json.loads, passages.read_text("utf-8").splitlines()):
        first, *others = line["articles"]
        assert first["relation"] is None
        stretches = [texts[place["id"]][place["start"] : place["stop"]] for place in line["articles"]]
        assert line["text"] in stretches
        assert {first["cluster"]} != {place["cluster"] for place in line["articles"]}
        assert all(place["relation"] in ("exact", "near", "excerpt", "overlap") for place in others)


def test_least_words_are_those_of_the_shortest_passage(shell: Shell, tmp_path: Path) -> None:
    passages = tmp_path / "passages.jsonl"
    shell("run", *NEWS, "-o", tmp_path / "k", "--passages", passages, "--least-words", 70, "-q")
    words = [json.loads(line)["n_words"] for line in passages.read_text("utf-8").splitlines()]
    assert words
    assert min(words) >= 70
    pair = ["compare", "--text", f"{TEXT} and so on", "--text", f"other words then {TEXT[:90]}"]
    assert len(json.loads(shell(*pair, "--json").out)["passages"]) == 1
    assert json.loads(shell(*pair, "--json", "--least-words", 30).out)["passages"] == []
    assert shell(*pair, "--least-words", 0).status == 2


def test_run_on_damage_gives_the_golden_outputs(shell: Shell, tmp_path: Path) -> None:
    names = sorted(f"fixtures/broken/{path.name}" for path in (ROOT / "fixtures" / "broken").iterdir())
    damaged = tmp_path / "damaged.jsonl"
    answer = shell("run", *names, "-o", tmp_path / "kept", "--on-error", "skip", "--damaged", damaged)
    assert answer.status == 0
    assert re.sub(r"(?m)^seconds +[\d.]+$", "seconds", answer.err) == golden("run-damaged.err")
    assert damaged.read_text("utf-8") == golden("damaged.jsonl")


def pairs_of_news(tmp_path: Path) -> Path:
    articles = {}
    for name in NEWS:
        for line in (ROOT / name).read_text("utf-8").splitlines():
            articles[json.loads(line)["id"]] = json.loads(line)
    pairs = [
        ("w02", "m01"),
        ("w02", "m05"),
        ("w05", "m12"),
        ("w09", "t14"),
        ("m06", "t15"),
        ("w04", "m08"),
        ("m13", "t21"),
        ("w20", "w20"),
    ]
    return write(
        tmp_path / "pairs.jsonl",
        *({"id": f"{a}-{b}", "a": articles[a]["text"], "b": articles[b]["text"]} for a, b in pairs),
    )


def test_compare_gives_the_golden_outputs(shell: Shell, tmp_path: Path) -> None:
    assert shell("compare", "--pairs", pairs_of_news(tmp_path)) == Answer(0, golden("pairs.jsonl"), "")
    pair = json.loads((tmp_path / "pairs.jsonl").read_text("utf-8").splitlines()[1])
    for side in "ab":
        (tmp_path / f"{side}.txt").write_text(pair[side], "utf-8")
    answer = shell("compare", tmp_path / "a.txt", tmp_path / "b.txt")
    assert answer == Answer(1, golden("compare.txt"), "")
    answer = shell("compare", tmp_path / "a.txt", tmp_path / "b.txt", "--json")
    assert answer == Answer(1, golden("compare.json"), "")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("rain", "Rain!"), "the normalised texts are equal: exact at any threshold"),
        (("rain", "snow"), "no shared five words: near at no threshold"),
        (("rain", "snow"), "no shared passage; with --least-words lower, shorter ones count"),
        ((TEXT, TEXT[:60] + " x" * 30), "resemblance 0.3095: at --threshold 0.3095 it would be near"),
        ((TEXT, TEXT + " more"), "near at any threshold"),
        ((TEXT, TEXT.replace("w20", "x")), "at --threshold 0.8612 it would not be near"),
    ],
)
def test_compare_says_what_would_have_changed_the_verdict(
    shell: Shell, pair: tuple[str, str], said: str
) -> None:
    answer = shell("compare", "--text", pair[0], "--text", pair[1], "--exit-zero")
    assert said in answer.out.splitlines()


def test_a_passage_is_shown_in_two_columns(shell: Shell) -> None:
    answer = shell("compare", "--text", TEXT, "--text", TEXT.replace("w20", "\x1b[31mx"), "--exit-zero")
    lines = answer.out.splitlines()
    heading = next(place for place, line in enumerate(lines) if line.startswith("A 0-"))
    assert "39 words" in lines[heading] or "40 words" in lines[heading]
    left, right = zip(*((line[:48], line[51:]) for line in lines[heading + 1 :]), strict=True)
    assert " ".join(left).split() == TEXT.split()
    assert "\\x1b[31mx" in " ".join(right)
    assert "\x1b" not in answer.out


def test_pairs_are_told_apart_by_titles_and_dates(shell: Shell, tmp_path: Path) -> None:
    text = "The board said that a cord of {} fetched {} crowns at the morning auction in Orrin, and that bids were few."
    pair = {"a": text.format("oak", 12), "b": text.format("oak", 15), "a_date": "9-MAR-1987 10:00:01.20"}
    names = {
        "a": text.format("oak", 12),
        "b": text.format("elm", 12),
        "a_title": "Oak sold",
        "b_title": "Elm sold",
    }
    path = write(
        tmp_path / "pairs",
        {**pair, "b_date": "1987-03-09T12:00"},
        {**pair, "b_date": "1987-03-10T12:00"},
        names,
        {**names, "b_title": None},
    )
    lines = [
        json.loads(line) for line in shell("compare", "--pairs", path, "--threshold", "0.3").out.splitlines()
    ]
    assert [(line["relation"], line["lookalike"]["grounds"]) for line in lines] == [
        ("near", []),
        ("template", ["numbers"]),
        ("template", ["names"]),
        ("near", []),
    ]
    broken = shell("compare", "--pairs", write(tmp_path / "broken", {**names, "a_title": 7}))
    assert broken.status == 2
    assert "'a_title' is int; a string is needed" in broken.err


def test_templates_are_no_copies(shell: Shell) -> None:
    text = "The board said that a cord of oak fetched {} crowns at the morning auction in Orrin, and that bids were few."
    answer = shell("compare", "--text", text.format(12), "--text", text.format(15))
    assert answer.status == 0
    assert answer.out.startswith("template (no copies)")
    assert "12 / 15" in answer.out


def test_evaluate_gives_the_golden_output(shell: Shell) -> None:
    clusters = GOLDEN / "clusters.jsonl"
    assert shell("evaluate", "fixtures/news/truth.jsonl", clusters) == Answer(0, golden("evaluate.txt"), "")


# Run


def test_run_keeps_and_tells(shell: Shell, dump: Path, tmp_path: Path) -> None:
    answer = shell("run", dump, "-o", tmp_path / "kept", "--duplicates", tmp_path / "duplicates")
    assert answer.status == 0
    assert answer.out == ""
    counts = dict(line.split() for line in answer.err.splitlines()[-6:])
    assert {name: counts[name] for name in ("read", "exact", "near", "kept", "damaged")} == {
        "read": "4",
        "exact": "0",
        "near": "2",
        "kept": "2",
        "damaged": "0",
    }
    assert list(counts) == ["read", "exact", "near", "kept", "damaged", "seconds"]
    assert f"{dump}: id=id, text=text" in answer.err


def test_run_is_the_librarys_twin(shell: Shell, dump: Path, tmp_path: Path) -> None:
    renamed = write(
        tmp_path / "renamed",
        *({"key": n, "lead": t, "from": s} for n, t, s in [("a", TEXT, "x"), ("b", TEXT + " y", "z")]),
    )
    kept = tmp_path / "kept"
    options = ["--field", "text=lead", "--field", "id=key", "--field", "source=from"]
    assert shell("run", renamed, "-o", kept, *options, "-q").status == 0
    assert [json.loads(line)["key"] for line in kept.read_text().splitlines()] == ["b"]
    assert shell("run", renamed, "-o", kept, *options, "--prefer-source", "y,x", "-q").status == 0
    assert [json.loads(line)["key"] for line in kept.read_text().splitlines()] == ["a"]
    for given_, expected in [
        (["--threshold", "1.0"], "acd"),
        (["--keep", "first"], "ad"),
        (["--keep", "last"], "cd"),
        (["--recall", "0.5", "--seed", "3", "--max-perm", "64", "--walk", "1", "--threads", "1"], "cd"),
    ]:
        assert shell("run", dump, "-o", kept, "-q", *given_) == Answer(0, "", "")
        assert "".join(json.loads(line)["id"] for line in kept.read_text().splitlines()) == expected


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_says_nothing(shell: Shell, dump: Path, tmp_path: Path, option: str) -> None:
    assert shell("run", dump, "-o", tmp_path / "kept", option) == Answer(0, "", "")
    assert shell("run", dump, "-o", tmp_path / "kept", option, "--json") == Answer(0, "", "")


def test_json_tells_all_of_it(shell: Shell, tmp_path: Path) -> None:
    answer = shell(
        "run", "fixtures/broken/wrong-type.jsonl", "-o", tmp_path / "kept", "--on-error", "skip", "--json"
    )
    assert (answer.status, answer.out) == (0, "")
    told = json.loads(answer.err)
    assert told["counts"]["read"] == 3
    assert told["counts"]["damaged"] == 2
    assert [item["place"]["record"] for item in told["damaged"]] == [2, 4]
    assert told["fields"]["fixtures/broken/wrong-type.jsonl"]["text"] == "text"


def test_data_go_to_standard_output_and_talk_does_not(shell: Shell, dump: Path, tmp_path: Path) -> None:
    lines = dump.read_bytes().splitlines(keepends=True)
    answer = shell("run", "-", "-o", "-", stdin=dump.read_bytes())
    assert (answer.status, answer.out.encode()) == (0, lines[2] + lines[3])
    assert "read" in answer.err
    assert shell("run", dump, "-o", tmp_path / "kept", "--clusters", "-", "-q").out.count("\n") == 4


def test_standard_streams_of_a_process(dump: Path) -> None:
    lines = dump.read_bytes().splitlines(keepends=True)
    with dump.open("rb") as stream:
        done = spawn("run", "-", "-o", "-", stdin=stream)
    assert (done.returncode, done.stdout) == (0, lines[2] + lines[3])
    assert b"kept" in done.stderr
    done = spawn("compare", "-", "--text", "rain", input=b"Rain!")
    assert (done.returncode, done.stderr) == (1, b"")


def test_damage_is_listed_up_to_twenty_records(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("{}\n" * 25 + '{"text": "rain"}\n')
    answer = shell(
        "run", path, "-o", tmp_path / "kept", "--on-error", "skip", "--damaged", tmp_path / "damaged"
    )
    assert len(re.findall(r"(?m)^skipped .*x:\d+: no text and no title", answer.err)) == 20
    assert "skipped 5 more; --damaged FILE lists all" in answer.err
    assert len((tmp_path / "damaged").read_text().splitlines()) == 25


def test_notes_are_told_where_there_is_something_to_note(shell: Shell, dump: Path, tmp_path: Path) -> None:
    assert "note:" not in shell("run", dump, "-o", tmp_path / "k").err
    answer = shell(
        "run",
        "fixtures/broken/repeated-id.jsonl",
        "fixtures/broken/lone-surrogate.jsonl",
        "-o",
        tmp_path / "k",
    )
    assert "note: 1 ids stood twice" in answer.err
    assert "note: 1 texts had broken characters" in answer.err


@pytest.mark.parametrize(("size", "status"), [("64M", 0), ("1K", 0), ("10", 2), ("50k", 0), ("2G", 0)])
def test_the_longest_record_can_be_said(
    shell: Shell, dump: Path, tmp_path: Path, size: str, status: int
) -> None:
    assert shell("run", dump, "-o", tmp_path / "kept", "--max-record", size).status == status


# Compare


def test_compare_tells_copies_by_its_status(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.upper().encode())
    (tmp_path / "c.json").write_text(json.dumps({"headline": "x", "body": TEXT + " more"}))
    exact = shell("compare", tmp_path / "a.txt", tmp_path / "b.txt")
    assert (exact.status, exact.err) == (1, "")
    assert exact.out.splitlines()[0] == "exact (copies)"
    near = shell("compare", tmp_path / "a.txt", tmp_path / "c.json", "--json")
    assert near.status == 1
    answer = json.loads(near.out)
    assert answer.pop("rewrite_probability") > 0.9
    assert answer.pop("same_story_probability") > 0.9
    assert set(answer.pop("shared")) == {"names", "numbers", "words"}
    assert answer == {
        "relation": "near",
        "resemblance": 0.973,
        "containment": 1.0,
        "coverage": 0.973,
        "continuity": 1.0,
        "title_match": None,
        "title_kind": None,
        "version": False,
        "title_similarity": None,
        "passages": [
            {
                "a": {"start": 0, "stop": len(TEXT)},
                "b": {"start": 0, "stop": len(TEXT)},
                "n_words": 40,
                "similarity": 1.0,
            }
        ],
        "lookalike": {
            "grounds": [],
            "numbers": 0,
            "reworded": 0,
            "dropped": 0,
            "added": 1,
            "hours_apart": None,
            "examples": [],
        },
        "ignored": [],
    }
    assert shell("compare", tmp_path / "a.txt", tmp_path / "c.json", "--threshold", "0.98").status == 1
    assert shell("compare", tmp_path / "a.txt", "--text", "rain").out.startswith(
        "unrelated (no copies)\nresemblance 0.0000\n"
    )
    assert shell("compare", tmp_path / "a.txt", "--text", "rain").status == 0


@pytest.mark.parametrize("extra", [["--exit-zero"], ["--exit-zero", "--json"]])
def test_copies_may_exit_with_zero(shell: Shell, extra: list[str]) -> None:
    assert shell("compare", "--text", "rain", "--text", "Rain!", *extra).status == 0


def test_one_side_may_be_standard_input(shell: Shell) -> None:
    assert shell("compare", "-", "--text", "rain", stdin=b"RAIN").status == 1
    assert shell("compare", "-", "--text", "rain", stdin=b"\xff snow").status == 0


ONE = {"id": "a", "title": "Rain", "text": "Rain is expected in the north on Sunday."}


@pytest.mark.parametrize("name", ["a.json", "a.JSON", "a.jsonl", "a.txt", "a.json.gz", "a", "a.zst", "-"])
def test_an_article_is_told_by_its_content(shell: Shell, tmp_path: Path, name: str) -> None:
    data = json.dumps(ONE, indent=None if name == "a.jsonl" else 2).encode()
    data = gzip.compress(data) if name.endswith((".gz", "t", "-")) else data
    place = tmp_path / name if name != "-" else "-"
    if name != "-":
        (tmp_path / name).write_bytes(data)
    answer = shell("compare", place, "--text", str(ONE["text"]).upper(), stdin=data)
    assert (answer.status, answer.out.splitlines()[0]) == (1, "exact (copies)")
    assert "{" not in shell("inspect", place, "--json", stdin=data).out.partition("quotes")[2]


@pytest.mark.parametrize("command", ["compare", "inspect"])
def test_what_is_no_single_article_is_told(shell: Shell, tmp_path: Path, command: str) -> None:
    cases = {
        json.dumps(ONE) + "\r\n\n" + json.dumps(ONE): "`dedup index check --lines` and `dedup run` take many",
        json.dumps(ONE) + "\n{broken": "has several articles, one on each line",
        "Rain\0and snow": "is no text: it has a NUL byte",
        '{"id": 1}': "no text and no title",
    }
    for number, (text, reason) in enumerate(cases.items()):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(text)
        answer = shell(command, path, *(["--text", "rain"] if command == "compare" else []))
        assert (answer.status, reason in answer.err, str(path) in answer.err) == (2, True, True)


@pytest.mark.parametrize("command", ["compare", "inspect"])
@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("x.csv", b"id,text\n1,Rain\n", "CSV"),
        ("x.tsv.gz", gzip.compress(b"id\ttext\n1\tRain\n", mtime=0), "TSV"),
        ("x.parquet", b"", "PARQUET"),
        ("x.txt", b"PAR1\0", "PARQUET"),
    ],
)
def test_a_table_is_no_single_article(
    shell: Shell, tmp_path: Path, command: str, name: str, data: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(data)
    answer = shell(command, tmp_path / name, *(["--text", "rain"] if command == "compare" else []))
    assert answer.status == 2
    assert f"{name}: is a table of articles ({kind}), and one article is needed" in answer.err


@pytest.mark.parametrize(
    "text", ["{rain} in the north", '{"rain": in the north}\n{}', '{"text": "a"} and more']
)
def test_a_text_that_begins_with_a_brace_is_a_text(shell: Shell, tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    assert shell("compare", tmp_path / "x", "--text", text).out.startswith("exact")


def test_what_is_longer_than_a_record_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(b"a" * 1000))
    assert read_article(str(tmp_path / "x"), max_record=1000) == "a" * 1000
    with pytest.raises(ReadError, match="longer than 999 bytes, which is too much"):
        read_article(str(tmp_path / "x"), max_record=999)


def test_pairs_may_be_compressed(shell: Shell, tmp_path: Path) -> None:
    data = gzip.compress(b'{"id": 7, "a": "Rain", "b": "rain"}\n')
    (tmp_path / "x.jsonl.gz").write_bytes(data)
    answer = shell("compare", "--pairs", tmp_path / "x.jsonl.gz")
    assert (answer.status, json.loads(answer.out)["relation"]) == (0, "exact")
    assert shell("compare", "--pairs", "-", stdin=data) == answer
    assert spawn("compare", "--pairs", "-", input=data).stdout.decode() == answer.out


def test_pairs_give_a_line_each_in_order(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.write_bytes(
        b"\xef\xbb\xbf"
        b'{"id": 7, "a": "Rain", "b": "rain"}\r\n\n{"id": "\xc3\xa9", "a": "x", "b": ""}\n{"a": "y", "b": "y", "c": 1}'
    )
    answer = shell("compare", "--pairs", path)
    assert (answer.status, answer.err) == (0, "")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [(line["id"], line["relation"]) for line in lines] == [
        (7, "exact"),
        ("é", "unrelated"),
        (None, "exact"),
    ]
    scores = ["resemblance", "containment", "coverage", "continuity"]
    assert list(lines[0]) == [
        "id",
        "relation",
        *scores,
        "title_match",
        "title_kind",
        "version",
        "title_similarity",
        "rewrite_probability",
        "same_story_probability",
        "shared",
        "lookalike",
        "passages",
        "ignored",
    ]
    assert shell("compare", "--pairs", "-", stdin=path.read_bytes()) == answer


def test_pairs_tell_whether_the_titles_match(shell: Shell, tmp_path: Path) -> None:
    titles = [
        ("Storm hits the north", "UPDATE 1-Storm hits the North | Reuters"),
        ("Storm hits the north", "Storm hits the far north"),
        ("Storm hits the north", "Calm returns to the south"),
        ("Storm hits the north", None),
    ]
    pairs = [{"id": n, "a": "x", "b": "y", "a_title": a, "b_title": b} for n, (a, b) in enumerate(titles)]
    lines = shell("compare", "--pairs", write(tmp_path / "pairs", *pairs)).out.splitlines()
    assert [(line["title_match"], line["title_kind"]) for line in map(json.loads, lines)] == [
        (1.0, "same"),
        (0.8, "near"),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("STORM hits the north - BBC News", ["titles      the same"]),
        ("Storm hits the far north", ["titles      nearly the same (0.8000)"]),
        ("Calm returns", []),
    ],
)
def test_compare_tells_whether_the_titles_match(
    shell: Shell, tmp_path: Path, title: str, said: list[str]
) -> None:
    one = write(tmp_path / "a.json", {"title": "Storm hits the north", "text": TEXT})
    other = write(tmp_path / "b.json", {"title": title, "text": TEXT[::-1]})
    lines = shell("compare", one, other).out.splitlines()
    assert [line for line in lines if line.startswith("titles")] == said


def test_run_by_title(shell: Shell, tmp_path: Path) -> None:
    source, kept = "fixtures/titles/outlets.jsonl", tmp_path / "kept.jsonl"
    answer = shell("run", source, "-o", kept, "--by", "title")
    assert answer.status == 0
    assert "note: 2 articles have no title; they were kept" in answer.err.splitlines()
    assert len(kept.read_text("utf-8").splitlines()) == 19
    assert shell("run", source, "-o", kept, "--by", "title", "--threshold", "1.0", "-q").status == 0
    assert len(kept.read_text("utf-8").splitlines()) == 20
    assert shell("run", source, "-o", kept, "--by", "title", "--passages", tmp_path / "p").status == 2
    assert shell("run", source, "-o", kept, "--by", "body").status == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": 1, "a": "x"}', "'b' is absent; a string is needed"),
        ('{"id": 1, "a": 7, "b": "x"}', "'a' is int; a string is needed"),
        ('{"id": 1, "a": null, "b": "x"}', "'a' is absent"),
        ('{"id": 1', "broken JSON"),
        ("[]", "a JSON object is needed"),
        ("[" * 100_000, "broken JSON"),
    ],
)
def test_a_broken_pair_is_named(shell: Shell, tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "pairs"
    path.write_text('{"id": 0, "a": "x", "b": "x"}\n' + line + "\n")
    answer = shell("compare", "--pairs", path)
    assert answer.status == 2
    assert answer.out.count("\n") == 1
    assert f"{path}:2: {reason}" in answer.err


# Context

FOOT = "Sign up for our free newsletter and never miss a story from the valley again, every morning at six."


def test_a_context_is_left_out_of_a_pair_of_pairs_and_of_a_run(shell: Shell, tmp_path: Path) -> None:
    news = [" ".join(f"n{number}w{place}" for place in range(24)) for number in range(12)]
    dump = write(
        tmp_path / "dump",
        *({"id": text[:4], "url": "http://a.b/", "text": f"{text}\n{FOOT}"} for text in news),
    )
    learnt = tmp_path / "learnt.gz"
    assert (
        shell("run", dump, "-o", tmp_path / "kept", "--boilerplate", learnt, "--threshold", "0.2").status == 0
    )
    for name, text in (("a", news[0]), ("b", news[1])):
        (tmp_path / name).write_text(f"{text}\n{FOOT}")
    pair = "compare", tmp_path / "a", tmp_path / "b", "--threshold", "0.2"
    assert shell(*pair).status == 1
    answer = shell(*pair, "--context", learnt)
    assert answer.status == 0
    assert f"ignored     {FOOT[:83]}…" in answer.out.splitlines()
    told = json.loads(shell(*pair, "--context", learnt, "--json").out)
    assert (told["resemblance"], told["ignored"], told["passages"]) == (0.0, [FOOT], [])
    pairs = write(tmp_path / "pairs", {"id": 1, "a": f"{news[0]}\n{FOOT}", "b": f"{news[1]}\n{FOOT}"})
    assert json.loads(shell("compare", "--pairs", pairs, "--context", learnt).out) == {"id": 1, **told}
    few = write(tmp_path / "few", *({"id": text[:4], "text": f"{text}\n{FOOT}"} for text in news[:2]))
    again = tmp_path / "again"
    options = ["-o", tmp_path / "kept", "--threshold", "0.2", "--json"]
    assert (
        json.loads(shell("run", few, *options).out or shell("run", few, *options).err)["counts"]["kept"] == 1
    )
    answer = shell("run", few, *options, "--context", learnt, "--boilerplate", again)
    assert json.loads(answer.out or answer.err)["counts"]["kept"] == 2
    assert again.read_bytes() == gzip.decompress(learnt.read_bytes())


@pytest.mark.parametrize(
    "command", [["compare", "--text", "a", "--text", "b"], ["run", "fixtures/news/monday.jsonl", "-o", "-"]]
)
def test_a_damaged_context_is_named(shell: Shell, tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "context"
    path.write_text('{"text":"a","host":null,"articles":9}\n{"text":7}\n')
    answer = shell(*command, "--context", path)
    assert answer.status == 2
    assert f"{path}:2: no line of a context: 'text' must be a string" in answer.err
    assert shell(*command, "--context", tmp_path / "absent").status == 2


# Evaluate


def test_evaluate_tells_figures(shell: Shell, tmp_path: Path) -> None:
    truth = write(tmp_path / "t", *({"id": place, "cluster": place // 2} for place in range(1200)))
    one = write(tmp_path / "p", *({"id": place, "cluster": 0} for place in range(1200)))
    assert shell("evaluate", truth, truth).out.splitlines()[0].split() == ["articles", "1,200"]
    told = json.loads(shell("evaluate", truth, one, "--json").out)
    assert told["pair_recall"] == 1.0
    assert told["pair_precision"] == pytest.approx(600 / (1200 * 1199 / 2))
    assert shell("evaluate", truth, one).err == ""


def figures_of(out: str) -> dict[str, str]:
    """First figures of the lines before a table."""
    return {line.split()[0]: line.split()[1] for line in out.partition("\n\n")[0].splitlines()}


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Labelled and graded pairs of two languages with scores, in one file."""
    rows = [(1, 4.0, 0.9, "exact"), (1, 3.0, 0.4, "near"), (0, 1.0, 0.6, "near"), (0, 0.0, 0.1, "unrelated")]
    return write(
        tmp_path / "pairs",
        *(
            {
                "id": n,
                "label": label,
                "grade": grade,
                "cosine": score,
                "relation": relation,
                "lang": "be"[n % 2],
            }
            for n, (label, grade, score, relation) in enumerate(rows)
        ),
        {"id": 9, "label": None, "cosine": 0.5, "relation": "exact", "lang": "b"},
        {"id": 10, "label": 1, "cosine": None, "relation": "exact", "lang": "\x1b[31m"},
    )


def test_evaluate_judges_scores_of_pairs(shell: Shell, pairs: Path) -> None:
    answer = shell("evaluate", pairs, pairs, "--score", "cosine")
    told = figures_of(answer.out)
    assert (answer.status, answer.err) == (0, "")
    assert [told[name] for name in ("pairs", "unlabelled", "unscored", "positives")] == ["4", "1", "1", "2"]
    assert [told[name] for name in ("accuracy", "auc", "pearson")] == ["0.5000", "0.7500", "0.7593"]
    assert "optimistic" in next(line for line in answer.out.splitlines() if line.startswith("best_accuracy"))
    assert shell("evaluate", pairs, "--score", "cosine") == answer
    assert shell("evaluate", "-", "--score", "cosine", stdin=pairs.read_bytes()) == answer
    assert (
        figures_of(shell("evaluate", pairs, "--score", "cosine", "--threshold", "0.4").out)["recall"]
        == "1.0000"
    )


def test_evaluate_tells_pairs_of_one_file_only(shell: Shell, pairs: Path, tmp_path: Path) -> None:
    said = write(tmp_path / "said", {"id": 0, "resemblance": 1}, {"id": 77, "resemblance": 1})
    told = json.loads(shell("evaluate", pairs, said, "--json").out)
    assert (told["score"], told["pairs"], told["unsaid"], told["unknown"]) == ("resemblance", 1, 5, 1)


def test_evaluate_judges_relations(shell: Shell, pairs: Path) -> None:
    answer = shell("evaluate", pairs, "--relation", "exact, near")
    told = figures_of(answer.out)
    assert [told[name] for name in ("pairs", "called", "precision", "auc")] == ["5", "4", "0.7500", "-"]
    assert answer.err == "relations are no scores: no AUC, no calibration, no correlation\n"


def test_evaluate_takes_grades_as_labels(shell: Shell, pairs: Path) -> None:
    told = json.loads(shell("evaluate", pairs, "--score", "cosine", "--positive-from", "1", "--json").out)
    assert (told["pairs"], told["positives"], told["unlabelled"]) == (4, 3, 2)
    assert sum(one["pairs"] for one in told["reliability"]) == 4


def test_evaluate_tells_groups_apart(shell: Shell, pairs: Path) -> None:
    answer = shell("evaluate", pairs, "--score", "cosine", "--by", "lang")
    _, _, below = answer.out.partition("\n\n")
    rows = [line.split() for line in below.splitlines()]
    assert rows[0][:3] == ["pairs", "positives", "accuracy"]
    assert {row[0]: row[1:4] for row in rows[1:]} == {
        "\\x1b[31m": ["-", "-", "-"],
        "b": ["2", "1", "0.5000"],
        "e": ["2", "1", "0.5000"],
    }
    told = json.loads(shell("evaluate", pairs, "--score", "cosine", "--by", "lang", "--json").out)
    assert told["by"]["\x1b[31m"] is None
    assert (told["by"]["b"]["auc"], told["by"]["e"]["auc"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("records", "note"),
    [
        (
            [{"label": 1, "x": 0.5}, {"label": 1, "x": 0.7}],
            "all labels are alike: no AUC, no average precision",
        ),
        ([{"label": 1, "x": 3}, {"label": 0, "x": 0}], "are no probabilities: no Brier score"),
        ([{"grade": 1, "x": 1}, {"grade": 1, "x": 0}], "all grades or all scores are alike: no correlation"),
    ],
)
def test_evaluate_says_what_is_not_defined(
    shell: Shell, tmp_path: Path, records: list[dict[str, object]], note: str
) -> None:
    both = write(tmp_path / "x", *({"id": place, **record} for place, record in enumerate(records)))
    assert note in shell("evaluate", both, "--score", "x").err


def test_evaluate_reads_stories(shell: Shell, tmp_path: Path) -> None:
    truth = write(tmp_path / "t", *({"id": place, "cluster": place // 2} for place in range(4)))
    said = write(tmp_path / "p", *({"id": n, "cluster": n, "story": n // 2} for n in range(4)))
    assert json.loads(shell("evaluate", truth, said, "--json").out)["pair_recall"] == 0.0
    assert json.loads(shell("evaluate", truth, said, "--field", "story", "--json").out)["pair_f1"] == 1.0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--score", "absent"], "'absent' is absent"),
        (["--relation", "alike"], "'alike' is no relation; they are exact, near"),
        (["--relation", "near", "--score", "cosine"], "--score and --relation are given"),
        (["--score", "cosine", "--by", "nothing"], "no pair has the field 'nothing'"),
        (["--score", "cosine", "--threshold", "nan"], "the threshold is NaN"),
        (["--score", "cosine", "--positive-from", "nan"], "positive-from is NaN"),
        (["--field", "cluster"], 'an object with "id" and "cluster" is needed'),
    ],
)
def test_evaluate_refuses(shell: Shell, pairs: Path, options: list[str], reason: str) -> None:
    answer = shell("evaluate", pairs, pairs, *options)
    assert (answer.status, answer.out) == (2, "")
    assert reason in answer.err


def test_evaluate_keeps_the_options_of_pairs_from_clusters(shell: Shell) -> None:
    truth = "fixtures/news/truth.jsonl"
    answer = shell("evaluate", truth, truth, "--score", "x", "--positive-from", "3")
    assert (answer.status, answer.out) == (2, "")
    assert "--score, --positive-from: for pairs only" in answer.err
    assert "name the file of the predicted ones too" in shell("evaluate", truth).err


# Status


FAILURES: list[Sequence[str]] = [
    ["nothing"],
    ["run"],
    ["run", "fixtures/news/monday.jsonl"],
    ["run", "absent.jsonl", "-o", "-"],
    ["run", "fixtures", "-o", "-"],
    ["run", "absent/*.jsonl", "-o", "-"],
    ["run", "fixtures/broken/broken-json.jsonl", "-o", "-"],
    ["run", "fixtures/news/monday.jsonl", "-o", "absent/kept.jsonl"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--threshold", "0"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--threshold", "x"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--recall", "1"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--walk", "0"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--threads", "0"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--max-perm", "3"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--keep", "best"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--on-error", "ignore"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--max-record", "0"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--max-record", "1T"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--field", "text"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--field", "body=text"],
    ["run", "fixtures/news/monday.jsonl", "-o", "-", "--nothing"],
    ["compare"],
    ["compare", "a"],
    ["compare", "a", "b", "c"],
    ["compare", "absent.txt", "--text", "x"],
    ["compare", "fixtures", "--text", "x"],
    ["compare", "--text", "a", "--text", "b", "--threshold", "2"],
    ["compare", "--text", "a", "--text", "b", "--pairs", "x"],
    ["compare", "-", "-"],
    ["compare", "--pairs", "absent"],
    ["evaluate"],
    ["evaluate", "absent", "fixtures/news/truth.jsonl"],
    ["evaluate", "fixtures/news/truth.jsonl", "fixtures/news/monday.jsonl"],
    [],
]


@pytest.mark.parametrize("arguments", FAILURES, ids=" ".join)
def test_every_failure_exits_with_two_and_says_why(shell: Shell, arguments: Sequence[str]) -> None:
    answer = shell(*arguments)
    assert answer.status == 2
    assert answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["run", "--help"], ["compare", "-h"], ["evaluate", "--help"]]
)
def test_help(shell: Shell, arguments: list[str]) -> None:
    answer = shell(*arguments)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("Usage: dedup")


def test_help_shows_every_command(shell: Shell) -> None:
    out = shell("--help").out
    for name, (_, text) in COMMANDS.items():
        assert re.search(rf"(?m)^  {name} +{re.escape(text)}$", out)
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert (command.help or "").startswith(text)


def test_version(shell: Shell) -> None:
    answer = shell("--version")
    assert answer.status == 0
    assert re.fullmatch(r"dedup \d+\.\d+\.\d+\n", answer.out)


def failing(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


COMPARE = ["compare", "--text", "a", "--text", "b"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("oops"), 2),
        (AssertionError(), 2),
        (MemoryError(), 2),
        (RecursionError("deep"), 2),
        (EOFError("end"), 2),
        (OSError(5, "Input/output error"), 2),
        (SystemError("oops"), 2),
        (StopIteration(), 2),
        (ParameterError("out of range"), 2),
        (click.ClickException("wrong"), 2),
        (click.UsageError("wrong"), 2),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        ("dedup.comparison.compare", COMPARE),
        ("dedup.deduplicator.deduplicate_files", ["run", "x", "-o", "y"]),
        ("dedup.evaluation.evaluate", ["evaluate", "fixtures/news/truth.jsonl", "fixtures/news/truth.jsonl"]),
    ],
)
def test_whatever_is_raised_inside_a_command_never_looks_like_copies(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    arguments: list[str],
    error: BaseException,
    status: int,
) -> None:
    monkeypatch.setattr(target, failing(error))
    answer = shell(*arguments)
    assert answer.status == status
    assert answer.out == ""
    assert answer.err.strip()
    assert "Traceback" not in answer.err


def test_an_unexpected_error_is_named_and_may_be_traced(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.comparison.compare", failing(RuntimeError("oops")))
    answer = shell(*COMPARE)
    assert answer.err == "dedup: unexpected RuntimeError: oops\n(DEDUP_TRACEBACK=1 shows where)\n"
    monkeypatch.setenv("DEDUP_TRACEBACK", "1")
    traced = shell(*COMPARE)
    assert traced.status == 2
    assert "Traceback" in traced.err
    assert "RuntimeError: oops" in traced.err


def test_a_traceback_does_not_look_like_copies(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"text": "a"}')
    code = "import dedup.comparison as c, dedup.cli.main as m\nc.compare = None\nm.main(['compare', '--text', 'a', '--text', 'b'])"
    for traced in ({}, {"DEDUP_TRACEBACK": "1"}):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=False, env=os.environ | traced
        )
        assert done.returncode == 2
        assert (b"Traceback" in done.stderr) == bool(traced)


def test_exit_codes_of_the_command_itself() -> None:
    runner = CliRunner()
    assert runner.invoke(cli, ["compare", "--text", "a", "--text", "A"]).exit_code == 1
    assert runner.invoke(cli, ["compare", "--text", "a", "--text", "b"]).exit_code == 0


@pytest.mark.parametrize("records", [2, 4000])
def test_a_closed_pipe_ends_quietly(tmp_path: Path, records: int) -> None:
    path = write(tmp_path / "x", *({"text": f"{n} " * 30} for n in range(records)))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = spawn("run", path, "-o", "-", "-q", stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["compare", "--text", "a", "--text", "b"], ["compare", "--pairs", "-"]],
)
def test_a_closed_pipe_never_looks_like_copies(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = spawn(*arguments, stdout=writing, input=b'{"a": "x", "b": "y"}\n' * 1000)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_device_is_a_failure() -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = spawn("run", NEWS[0], "-o", "-", "-q", stdout=full)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr


# Names that would steer a terminal

EVIL = "\x1b[31mred\x07\x9b1m\u202egnp.jsonl"


def assert_tame(err: str) -> None:
    assert "red" in err
    assert not [char for char in err if char != "\n" and not char.isprintable()]


@pytest.mark.parametrize(
    "command", ["absent", "broken", "damaged", "guessed", "output", "compare", "pairs", "evaluate"]
)
def test_control_characters_in_names_are_never_printed_raw(
    shell: Shell, tmp_path: Path, command: str
) -> None:
    evil = tmp_path / EVIL
    if command != "absent":
        evil.write_text(
            '{"text": "rain"}\n{}\n' if command in ("broken", "damaged", "pairs") else '{"text": "rain"}\n'
        )
    kept = tmp_path / "kept"
    arguments: dict[str, list[object]] = {
        "absent": ["run", evil, "-o", kept],
        "broken": ["run", evil, "-o", kept],
        "damaged": ["run", evil, "-o", kept, "--on-error", "skip"],
        "guessed": ["run", evil, "-o", kept],
        "output": ["run", NEWS[0], "-o", evil / "kept"],
        "compare": ["compare", evil / "absent", "--text", "x"],
        "pairs": ["compare", "--pairs", evil],
        "evaluate": ["evaluate", evil, evil],
    }
    answer = shell(*arguments[command])
    assert answer.status == (0 if command in ("damaged", "guessed") else 2)
    assert_tame(answer.err)


def test_control_characters_in_records_are_never_printed_raw(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "x"
    name = "t\x1b[31mred\x07\x9b"
    path.write_text(json.dumps({name: "rain", "text": None}) + "\n", "utf-8")
    answer = shell("run", path, "-o", tmp_path / "kept", "--field", f"text={name}")
    assert answer.status == 0
    assert_tame(answer.err)
    labels = write(tmp_path / "labels", {"id": name, "cluster": 1}, {"id": name, "cluster": 1})
    assert_tame(shell("evaluate", labels, labels).err)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("é x", "é x"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\ud83d", "\\ud83d"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


# Options


@pytest.mark.parametrize(
    ("value", "size"), [("1", 1), ("64M", 64 << 20), ("3k", 3072), ("2G", 2 << 30), (5, 5), ("010", 10)]
)
def test_sizes(value: object, size: int) -> None:
    assert Size().convert(value, None, None) == size


@pytest.mark.parametrize("value", ["", "0", "M", "-1", "1.5M", "1MM", "1T", "0K", "x", "²"])
def test_what_is_no_size(value: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size; write bytes, or a number with K, M or G"):
        Size().convert(value, None, None)


def test_assignments() -> None:
    assert Assignment().convert("text=body", None, None) == ("text", "body")
    assert Assignment().convert("text=a=b", None, None) == ("text", "a=b")
    for value in ("text", "=body", "text=", ""):
        with pytest.raises(click.BadParameter, match="write FIELD=NAME"):
            Assignment().convert(value, None, None)


# Progress


def test_progress_is_drawn_on_a_terminal_and_nowhere_else(dump: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    for quiet in ([], ["-q"]):
        leader, follower = pty.openpty()
        try:
            done = spawn(
                "run",
                dump,
                "-o",
                tmp_path / "kept",
                *quiet,
                stderr=follower,
                env=os.environ | {"TERM": "xterm"},
            )
        finally:
            os.close(follower)
        drawn = b""
        while True:
            try:
                chunk = os.read(leader, 1 << 16)
            except OSError:
                break
            if not chunk:
                break
            drawn += chunk
        os.close(leader)
        assert (done.returncode, done.stdout) == (0, b"")
        assert (b"reading" in drawn) == (not quiet)


def test_what_goes_on_without_a_record_that_cant_be_read_is_said(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.jsonl", {"text": "rain"})
    (folder / "package.json").write_text('{"version": 1}\n')
    answer = shell("run", folder, "-o", tmp_path / "kept")
    assert answer.status == 2
    assert answer.err.endswith("(--on-error skip leaves such records out, and counts them)\n")
    assert shell("run", folder, "-o", tmp_path / "kept", "--on-error", "skip").status == 0
    assert "--on-error" not in shell("run", tmp_path / "absent", "-o", tmp_path / "kept").err


def test_outputs_that_the_next_run_would_read_are_told(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"text": "rain"})
    told = "note: {} lies in a directory of the inputs: the next run takes it for one; write elsewhere"
    kept = tmp_path / "sub" / "kept.jsonl"
    kept.parent.mkdir()
    assert told.format(kept) in shell("run", tmp_path, "-o", kept).err
    answer = shell("run", tmp_path / "a.jsonl", "-o", kept, "--clusters", tmp_path / "clusters.json")
    assert "lies in a directory" not in answer.err
    answer = shell("run", kept.parent, "-o", tmp_path / "kept.jsonl", "--clusters", kept.parent / "clusters")
    assert "lies in a directory" not in answer.err
