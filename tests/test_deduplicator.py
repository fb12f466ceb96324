from __future__ import annotations

import gzip
import io
import json
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.article import Article, Counts
from dedup.deduplicator import deduplicate, deduplicate_files
from dedup.errors import DedupError, ParameterError, ReadError, WriteError
from tests.dumps import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dedup.result import DedupResult
    from dedup.summary import Summary

NEWS = ("monday", "tuesday", "wires")
SCORES = ("resemblance", "containment", "coverage", "continuity")
FIELDS = [
    *("id", "cluster", "kept", "duplicate_of", "relation", *SCORES, "title_match"),
    "version",
    *("leader", "input", "record"),
]
WORDS = [f"w{place}" for place in range(40)]


def news_files(fixtures_dir: Path) -> list[Path]:
    return [fixtures_dir / "news" / f"{name}.jsonl" for name in NEWS]


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def news(fixtures_dir: Path) -> list[dict[str, Any]]:
    return [record for path in news_files(fixtures_dir) for record in read_lines(path)]


def write(path: Path, records: Iterable[object]) -> Path:
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))
    return path


def lines_of(result: DedupResult) -> list[dict[str, Any]]:
    """What `--clusters` would tell of a result, but for places and leaders."""
    cluster_of = {member: cluster.id for cluster in result.clusters for member in cluster.members}
    matches = {match.id: match for match in result.duplicates}
    lines = []
    for name in result.partition.ids:
        match = matches.get(name)
        scores = match.verdict.scores if match else None
        titles = match.verdict.title_match if match else None
        lines.append(
            {
                "id": name,
                "cluster": cluster_of[name],
                "kept": match is None,
                "duplicate_of": match.duplicate_of if match else None,
                "relation": match.verdict.relation if match else None,
                **{score: getattr(scores, score) if scores else None for score in SCORES},
                "title_match": titles.score if titles else None,
                "version": match.verdict.version if match else None,
            }
        )
    return lines


# Files and memory


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"keep": "earliest", "recall": 0.5},
        {"threshold": 0.8, "keep": "last"},
        {"prefer_source": ["wireline.example", "harbourpost.example"], "walk": 2, "recall": 0.5},
        {"recall": 0.3, "seed": 7, "threads": 1},
        {"by": "title"},
        {"by": "title", "threshold": 0.5, "keep": "earliest"},
        {"versions": "latest"},
        {"versions": "first", "by": "title"},
    ],
)
def test_files_give_what_memory_gives(fixtures_dir: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    clusters = tmp_path / "clusters.jsonl"
    kept = tmp_path / "kept.jsonl"
    summary = deduplicate_files(news_files(fixtures_dir), kept, clusters=clusters, **options)
    result = deduplicate(news(fixtures_dir), **options)
    assert summary.counts == result.counts
    without_place = [{name: line[name] for name in FIELDS[:11]} for line in read_lines(clusters)]
    assert without_place == lines_of(result)
    assert [record["id"] for record in read_lines(kept)] == [article.id for article in result.kept]
    leaders = {match.id: (match.leader, match.leader_verdict.relation) for match in result.duplicates}
    for line in read_lines(clusters):
        if line["leader"] is not None:
            assert (line["leader"]["id"], line["leader"]["relation"]) == leaders[line["id"]]


names = {
    "text": st.sampled_from(["text", "body", "maintext"]),
    "title": st.sampled_from(["title", "headline"]),
    "published": st.sampled_from(["date", "published"]),
    "source": st.sampled_from(["source", "publisher"]),
}


@st.composite
def odd_records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Articles whose records are not alike: other names, nulls, fields that are absent."""
    records = []
    for article in draw(dumps(max_size=6)):
        record: dict[str, Any] = {"id": article.id}
        for field, value in (
            ("text", article.text),
            ("title", " ".join(WORDS[: draw(st.integers(5, 12))])),
            ("published", article.published and article.published.isoformat()),
            ("source", article.source),
        ):
            for name in draw(st.sets(names[field], max_size=2)):
                record[name] = draw(st.sampled_from([value, value, None, "" if field == "text" else value]))
        if any(record.get(name) is not None for name in ("text", "body", "maintext", "title", "headline")):
            records.append(record)
    return records


@given(odd_records(), st.sampled_from(["longest", "earliest", "latest"]))
def test_files_of_odd_records_give_what_memory_gives(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], keep: Any
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    path = write(folder / "x.jsonl", records)
    options = {"keep": keep, "prefer_source": ["wire.example"], "threads": 1}
    summary = deduplicate_files([path], folder / "kept", clusters=folder / "clusters", **options)
    result = deduplicate(records, **options)
    assert summary.counts == result.counts
    assert [
        {name: line[name] for name in FIELDS[:11]} for line in read_lines(folder / "clusters")
    ] == lines_of(result)


# The truth about the news


class Ran(NamedTuple):
    """A run on the news with default parameters, and where its outputs are."""

    folder: Path
    summary: Summary
    lines: list[dict[str, Any]]


@pytest.fixture(scope="module")
def ran(fixtures_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("ran")
    summary = deduplicate_files(news_files(fixtures_dir), folder / "kept", clusters=folder / "clusters")
    return Ran(folder, summary, read_lines(folder / "clusters"))


@pytest.fixture(scope="module")
def truth(fixtures_dir: Path) -> dict[str, dict[str, str]]:
    return {line["id"]: line for line in read_lines(fixtures_dir / "news" / "truth.jsonl")}


def test_the_gold_clusters_are_found(ran: Ran, truth: dict[str, dict[str, str]]) -> None:
    cluster_of = {line["id"]: line["cluster"] for line in ran.lines}
    assert cluster_of.keys() == truth.keys()
    wrong = {
        frozenset(pair)
        for pair in combinations(sorted(truth), 2)
        if (truth[pair[0]]["cluster"] == truth[pair[1]]["cluster"])
        != (cluster_of[pair[0]] == cluster_of[pair[1]])
    }
    assert wrong == set()  # the recurring bulletin included, which is near by its scores
    assert {truth[name]["kind"] for name in ("m06", "t15")} == {"template"}


@pytest.mark.parametrize("kind", ["exact", "reflow"])
def test_equal_texts_are_told_to_be_exact(
    fixtures_dir: Path, truth: dict[str, dict[str, str]], kind: str
) -> None:
    articles = {record["id"]: record for record in news(fixtures_dir)}
    found = 0
    for name, line in truth.items():
        if line["kind"] == kind:
            found += 1
            assert dedup.compare(articles[name], articles[line["cluster"]]).relation == "exact"
    assert found == {"exact": 5, "reflow": 8}[kind]


def test_no_roundup_no_lookalike_and_no_short_item_is_dropped_that_is_no_copy(
    ran: Ran, truth: dict[str, dict[str, str]]
) -> None:
    kinds = defaultdict(set)
    for line in ran.lines:
        if not line["kept"]:
            kinds[truth[line["id"]]["kind"]].add(line["id"])
    assert kinds["roundup"] | kinds["lookalike"] | kinds["single"] == set()
    assert kinds["short"] == {"t10"}


# Outputs


def test_kept_holds_the_lines_byte_for_byte(fixtures_dir: Path, ran: Ran) -> None:
    lines = [
        line for path in news_files(fixtures_dir) for line in path.read_bytes().splitlines(keepends=True)
    ]
    expected = [line for line, verdict in zip(lines, ran.lines, strict=True) if verdict["kept"]]
    assert (ran.folder / "kept").read_bytes() == b"".join(expected)


def test_each_article_has_a_line_in_input_order(fixtures_dir: Path, ran: Ran) -> None:
    lines = ran.lines
    assert [line["id"] for line in lines] == [record["id"] for record in news(fixtures_dir)]
    assert [(line["input"], line["record"]) for line in lines] == [
        (str(path), number)
        for path in news_files(fixtures_dir)
        for number in range(1, len(read_lines(path)) + 1)
    ]
    kept = {line["id"] for line in lines if line["kept"]}
    for line in lines:
        assert list(line) == FIELDS
        if line["kept"]:
            assert line["cluster"] == line["id"]
            assert {
                line[name]
                for name in ("duplicate_of", "relation", "title_match", "version", "leader", *SCORES)
            } == {None}
        else:
            assert line["cluster"] == line["duplicate_of"] in kept
            assert line["relation"] in ("exact", "near")
            assert all(0.0 <= line[score] <= 1.0 for score in SCORES[:3])
    counts = ran.summary.counts
    assert counts.read == len(lines) == counts.kept + counts.exact + counts.near == 80
    assert counts.kept == len(kept)
    assert counts.exact == sum(line["relation"] == "exact" for line in lines)


def test_the_leader_is_told_where_another_is_kept(fixtures_dir: Path, tmp_path: Path) -> None:
    deduplicate_files(
        news_files(fixtures_dir),
        tmp_path / "k",
        clusters=tmp_path / "c",
        duplicates=tmp_path / "d",
        keep="earliest",
    )
    assert read_lines(tmp_path / "d") == [line for line in read_lines(tmp_path / "c") if not line["kept"]]
    articles = {record["id"]: record for record in news(fixtures_dir)}
    leaders = [(line, line["leader"]) for line in read_lines(tmp_path / "c") if line["leader"]]
    assert leaders
    for line, leader in leaders:
        verdict = dedup.compare(articles[line["id"]], articles[leader["id"]])
        assert verdict.is_copy
        assert leader["relation"] == verdict.relation
        for score in SCORES[:3]:
            assert leader[score] == getattr(verdict.scores, score)


@pytest.mark.parametrize("name", ["kept.jsonl.gz", "kept.jsonl.zst"])
def test_compressed_in_and_out(fixtures_dir: Path, tmp_path: Path, name: str) -> None:
    plain = news_files(fixtures_dir)[:2]
    deduplicate_files(plain, tmp_path / "kept.jsonl")
    packed = []
    for path in plain:
        packed.append(tmp_path / f"{path.name}.gz")
        packed[-1].write_bytes(gzip.compress(path.read_bytes()))
    deduplicate_files(packed, tmp_path / name)
    deduplicate_files([tmp_path / name], tmp_path / "again.jsonl")
    expected = (tmp_path / "kept.jsonl").read_bytes()
    assert (tmp_path / name).read_bytes() != expected
    assert (tmp_path / "again.jsonl").read_bytes() == expected


def test_standard_input_and_output(
    fixtures_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    data = b"".join(path.read_bytes() for path in news_files(fixtures_dir)[:2])
    deduplicate_files(news_files(fixtures_dir)[:2], tmp_path / "kept.jsonl")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    summary = deduplicate_files(["-"], "-")
    assert capsysbinary.readouterr().out == (tmp_path / "kept.jsonl").read_bytes()
    assert list(summary.fields) == ["-"]


@pytest.mark.parametrize("same", ["clusters", "duplicates", "damaged"])
def test_two_outputs_of_one_name_are_refused(fixtures_dir: Path, tmp_path: Path, same: str) -> None:
    with pytest.raises(DedupError):
        deduplicate_files(news_files(fixtures_dir), tmp_path / "x", **{same: tmp_path / "x"})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("same", ["clusters", "duplicates", "damaged"])
def test_an_input_is_not_overwritten_by_what_is_told_of_it(tmp_path: Path, same: str) -> None:
    path = write(tmp_path / "x", [{"text": "a"}])
    (tmp_path / "link").symlink_to(path)
    before = path.read_bytes()
    for name in (path, tmp_path / "link"):
        with pytest.raises(DedupError):
            deduplicate_files([path], tmp_path / "kept", **{same: name})  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert not (tmp_path / "kept").exists()


def test_standard_output_takes_one_output(tmp_path: Path) -> None:
    with pytest.raises(DedupError):
        deduplicate_files([write(tmp_path / "x", [{"text": "a"}])], "-", clusters="-")


# Damage


@pytest.mark.parametrize(
    ("name", "read", "damaged"),
    [
        ("broken-json.jsonl", 4, [3]),
        ("no-text.jsonl", 4, [3]),
        ("wrong-type.jsonl", 3, [2, 4]),
        ("truncated.jsonl.gz", 4, [5]),
        ("truncated.jsonl.zst", 4, [5]),
    ],
)
def test_damage_is_raised_or_counted_and_listed(
    fixtures_dir: Path, tmp_path: Path, name: str, read: int, damaged: list[int]
) -> None:
    path = fixtures_dir / "broken" / name
    with pytest.raises(ReadError, match=f"{name}:{damaged[0]}: "):
        deduplicate_files([path], tmp_path / "kept", clusters=tmp_path / "clusters")
    assert list(tmp_path.iterdir()) == []
    summary = deduplicate_files([path], tmp_path / "kept", on_error="skip", damaged=tmp_path / "damaged")
    assert summary.counts == Counts(read=read, kept=read, exact=0, near=0, damaged=len(damaged))
    assert [(item.place.input, item.place.record) for item in summary.damaged] == [
        (str(path), line) for line in damaged
    ]
    assert read_lines(tmp_path / "damaged") == [
        {"input": item.place.input, "record": item.place.record, "reason": item.reason}
        for item in summary.damaged
    ]
    assert len(read_lines(tmp_path / "kept")) == read


@pytest.mark.parametrize("name", ["invalid-utf8.jsonl", "lone-surrogate.jsonl"])
def test_broken_characters_are_counted_and_their_lines_kept(
    fixtures_dir: Path, tmp_path: Path, name: str
) -> None:
    path = fixtures_dir / "broken" / name
    summary = deduplicate_files([path], tmp_path / "kept")
    assert summary.counts == Counts(read=4, kept=4, exact=0, near=0, replaced=1)
    assert (tmp_path / "kept").read_bytes() == path.read_bytes()


def test_each_broken_text_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        b'{"text": "a \xff b \\ud83d c"}\n{"text": "d \xff"}\n{"text": "e \\ud83d"}\n{"text": "f"}\n'
    )
    assert deduplicate_files([path], tmp_path / "kept").counts.replaced == 3


def test_copies_are_found_behind_broken_characters(tmp_path: Path) -> None:
    text = " ".join(WORDS[:20])
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        b'{"text": "%s \xff"}\n{"text": "\\ud83d %s"}\n{"text": "%s"}\n' % ((text.encode(),) * 3),
    )
    assert deduplicate_files([path], tmp_path / "kept").counts.exact == 2


def test_without_any_article_there_is_nothing_to_keep(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.jsonl", [])
    summary = deduplicate_files(
        [path], tmp_path / "kept", clusters=tmp_path / "clusters", damaged=tmp_path / "damaged"
    )
    assert summary.counts == deduplicate([]).counts == Counts(0, 0, 0, 0)
    assert {(tmp_path / name).read_bytes() for name in ("kept", "clusters", "damaged")} == {b""}
    assert (deduplicate([]).kept, deduplicate([]).duplicates, deduplicate([]).clusters) == ([], [], [])


def test_without_any_word_all_are_kept() -> None:
    result = deduplicate([{"text": "…"}, {"text": "!"}, {"text": ""}])
    assert result.counts == Counts(3, 3, 0, 0)
    assert len(set(result.partition.ids)) == 3


def test_an_overlong_record_is_skipped(fixtures_dir: Path, tmp_path: Path) -> None:
    path = news_files(fixtures_dir)[0]
    longest = max(len(line) for line in path.read_bytes().splitlines())
    summary = deduplicate_files([path], tmp_path / "kept", on_error="skip", max_record=longest - 1)
    assert (summary.counts.read, summary.counts.damaged) == (25, 1)


@pytest.mark.parametrize("inputs", [[], ["absent.jsonl"], ["absent/*.jsonl"], ["."]])
def test_inputs_that_are_not_there_leave_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReadError):
        deduplicate_files(inputs, "kept.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_named_before_anything_is_read(
    fixtures_dir: Path, tmp_path: Path
) -> None:
    read: list[dedup.Progress] = []
    with pytest.raises(WriteError, match="absent"):
        deduplicate_files(
            news_files(fixtures_dir),
            tmp_path / "kept",
            clusters=tmp_path / "absent" / "c",
            progress=read.append,
        )
    assert (read, list(tmp_path.iterdir())) == ([], [])


def test_an_input_is_not_overwritten_by_what_is_kept(fixtures_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(before := news_files(fixtures_dir)[0].read_bytes())
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "same").hardlink_to(path)
    for name in (path, tmp_path / "link", tmp_path / "same", tmp_path / ".." / tmp_path.name / "x.jsonl"):
        with pytest.raises(ParameterError, match="is an input and would be overwritten"):
            deduplicate_files([path], name)
    assert path.read_bytes() == before


# Ids


def test_repeated_ids_are_told_apart_by_their_place(fixtures_dir: Path, tmp_path: Path) -> None:
    path = fixtures_dir / "broken" / "repeated-id.jsonl"
    summary = deduplicate_files([path], tmp_path / "kept", clusters=tmp_path / "clusters")
    ids = [record["id"] for record in read_lines(path)]
    assert ids[1] == ids[2]
    assert [line["id"] for line in read_lines(tmp_path / "clusters")] == [
        *ids[:2],
        f"{ids[2]}#{path}:3",
        ids[3],
    ]
    assert summary.counts.repeated_ids == 1


@pytest.mark.parametrize(
    ("ids", "names", "repeated"),
    [
        (["a", "a", "a"], ["a", "a#2", "a#3"], 2),
        (["a", "a#2", "a"], ["a", "a#2", "a#3"], 1),
        (["b", "a#3", "a", "a"], ["b", "a#3", "a", "a#4"], 1),
        (["a", "b", "b#2"], ["a", "b", "b#2"], 0),
        (["a", "b", "a#4", "a"], ["a", "b", "a#4", "a#4+"], 1),
    ],
)
def test_ids_are_told_apart(ids: list[str], names: list[str], repeated: int) -> None:
    result = deduplicate([{"id": name, "text": f"text {place}"} for place, name in enumerate(ids)])
    assert list(result.partition.ids) == names
    assert result.counts.repeated_ids == repeated


@given(st.lists(st.sampled_from(["a", "b", "a#2", "a#3", "b#2", "a#2#3"]), max_size=8))
def test_no_id_stands_twice(ids: list[str]) -> None:
    found = deduplicate(
        [Article(f"text {place}", id=name) for place, name in enumerate(ids)], threads=1
    ).partition.ids
    assert len(set(found)) == len(ids)
    assert all(name.startswith(given_) for name, given_ in zip(found, ids, strict=True))


def test_without_an_id_the_url_serves_and_without_one_the_text() -> None:
    items = [
        {"id": "a", "url": "u", "text": "one text"},
        {"url": "u", "text": "another text"},
        {"text": "a third text"},
        {"text": "A THIRD TEXT!"},
        {"text": "a fourth text"},
        {"id": "", "url": "v", "text": "a fifth text"},
    ]
    result = deduplicate(items)
    ids = list(result.partition.ids)
    assert ids[:2] == ["a", "u"]
    assert ids[3] == f"{ids[2]}#4"
    assert ids[2] != ids[4]
    assert ids[5] == "v"
    assert result.counts.repeated_ids == 0
    assert list(deduplicate(items[2:3]).partition.ids) == [ids[2]]


# Parameters


@pytest.mark.parametrize(
    "options",
    [
        {"threshold": 0},
        {"threshold": -0.1},
        {"threshold": 1.5},
        {"threshold": float("nan")},
        {"recall": 1},
        {"recall": 0},
        {"recall": -1.0},
        {"recall": float("nan")},
        {"walk": 0},
        {"walk": -1},
        {"threads": 0},
        {"threads": -2},
        {"max_perm": 0},
        {"max_perm": 5},
        {"keep": "best"},
        {"seed": -1},
        {"seed": 1 << 32},
    ],
)
def test_parameters_out_of_range_are_refused_before_anything_is_read(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    def broken() -> Iterable[object]:
        raise AssertionError("an article was read")
        yield

    with pytest.raises(ParameterError, match=next(iter(options))):
        deduplicate(broken(), **options)
    with pytest.raises(ParameterError):
        deduplicate_files([write(tmp_path / "x", [["no object"]])], tmp_path / "kept", **options)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("options", [{"on_error": "ignore"}, {"max_record": 0}, {"fields": {"body": "text"}}])
def test_parameters_of_files_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "x", [{"text": "a"}, {"text": "b"}])
    with pytest.raises(ParameterError):
        deduplicate_files([path], tmp_path / "kept", **options)
    assert not (tmp_path / "kept").exists()


def test_a_walk_may_be_as_long_as_one_likes() -> None:
    assert deduplicate([{"text": "rain"}, {"text": "snow"}], walk=1 << 62).counts.walks_cut == 0


def test_what_can_be_had_is_said() -> None:
    with pytest.raises(ParameterError, match="max_perm is 5; possible: max_perm"):
        deduplicate([], max_perm=5)


# Results


def test_a_result_explains_itself() -> None:
    items = [
        {"id": "a", "text": " ".join(WORDS[:36])},
        {"id": "b", "text": "something else altogether"},
        {"id": "c", "text": " ".join(WORDS)},
        {"id": "d", "text": " ".join(WORDS).upper()},
    ]
    result = deduplicate(iter(items))
    assert [article.id for article in result.articles] == ["a", "b", "c", "d"]
    assert [article.id for article in result.kept] == ["b", "c"]
    assert [(cluster.id, cluster.members) for cluster in result.clusters] == [
        ("c", ("a", "c", "d")),
        ("b", ("b",)),
    ]
    near, exact = result.duplicates
    assert (near.id, near.duplicate_of, near.leader, near.verdict.relation) == ("a", "c", "c", "near")
    assert (near.verdict.scores.resemblance, near.verdict.scores.containment) == (round(32 / 36, 4), 1.0)
    assert (exact.id, exact.duplicate_of, exact.verdict.relation) == ("d", "c", "exact")
    assert result.counts == Counts(read=4, kept=2, exact=1, near=1)


def test_unknown_fields_are_carried_through() -> None:
    (article,) = deduplicate([{"text": "rain", "tags": ["x"]}]).kept
    assert article.extra == {"tags": ["x"]}


def test_scores_are_rounded_to_four_decimals(fixtures_dir: Path) -> None:
    for match in deduplicate(news(fixtures_dir), keep="first").duplicates:
        for verdict in (match.verdict, match.leader_verdict):
            values = [getattr(verdict.scores, score) for score in SCORES]
            assert all(value is None or value == round(value, 4) for value in values)


def test_a_title_stands_in_for_an_absent_body() -> None:
    title = "Council votes to close the old swimming pool"
    result = deduplicate(
        [
            {"id": "a", "title": title},
            {"id": "b", "title": title.upper(), "text": " "},
            {"id": "c", "title": title, "text": "A body of its own, which says something else."},
            {"id": "d", "title": "Another", "text": title},
        ]
    )
    assert [cluster.members for cluster in result.clusters] == [("a", "b", "d"), ("c",)]


def test_copies_are_found_under_the_boilerplate_of_two_hosts() -> None:
    def words(name: str, length: int) -> str:
        return " ".join(f"{name}{place}" for place in range(length))

    feet = {host: "\n".join(words(f"{host}foot{line}w", 30) for line in range(4)) for host in "ab"}
    own = [(host, f"{host}{number}") for host in "ab" for number in range(60)]
    shared = [(host, f"story{number}") for host in "ab" for number in range(20)]
    result = deduplicate(
        {
            "id": host + name,
            "url": f"https://{host}.example/{name}",
            "text": f"{words(name + 'w', 100)}\n{feet[host]}",
        }
        for host, name in own + shared
    )
    assert {line.text for line in result.boilerplate} == {
        line for foot in feet.values() for line in foot.split("\n")
    }
    together = {frozenset(cluster.members) for cluster in result.clusters if len(cluster.members) > 1}
    assert together == {frozenset({f"astory{number}", f"bstory{number}"}) for number in range(20)}


@pytest.mark.parametrize(
    "change",
    [
        lambda result: setattr(result, "articles", []),
        lambda result: setattr(result.counts, "read", 0),
        lambda result: setattr(result.clusters[0], "id", "x"),
        lambda result: setattr(result.duplicates[0], "duplicate_of", "x"),
        lambda result: setattr(result.duplicates[0].verdict, "relation", "near"),
        lambda result: setattr(result.kept[0], "text", "x"),
    ],
)
def test_results_are_frozen(change: Callable[[DedupResult], None]) -> None:
    with pytest.raises(FrozenInstanceError):
        change(deduplicate([{"text": "rain"}, {"text": "rain"}]))


def test_a_summary_can_be_told_in_json(fixtures_dir: Path, tmp_path: Path) -> None:
    summary = deduplicate_files(
        [fixtures_dir / "broken" / "wrong-type.jsonl"], tmp_path / "k", on_error="skip"
    )
    told = json.loads(json.dumps(summary.as_dict()))
    assert told["counts"]["read"] == 3
    assert [item["place"]["record"] for item in told["damaged"]] == [2, 4]
    assert told["fields"] == {name: dict(fields) for name, fields in summary.fields.items()}
    assert summary.seconds >= 0
    with pytest.raises(FrozenInstanceError):
        summary.seconds = 0.0  # type: ignore[misc]


def test_fields_may_be_named(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x", [{"text": "one", "lead": "same words"}, {"text": "two", "lead": "Same words."}]
    )
    assert deduplicate_files([path], tmp_path / "kept").counts.exact == 0
    assert deduplicate_files([path], tmp_path / "kept", fields={"text": "lead"}).counts.exact == 1


def test_articles_of_every_kind_may_be_mixed() -> None:
    class Page:
        text = "Rain in the north"
        url = "u"

    result = deduplicate(
        [Article("rain in the north", id="a"), {"body": "Rain, in the North", "id": "b"}, Page()]
    )
    assert [cluster.members for cluster in result.clusters] == [("a", "b", "u")]


def test_a_run_may_be_made_from_several_threads_at_once(fixtures_dir: Path) -> None:
    articles = news(fixtures_dir)[::2]
    expected = lines_of(deduplicate(articles))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: lines_of(deduplicate(articles)), range(3)))
    assert found == [expected] * 3


def test_naive_dates_mean_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        naive = Article("rain", id="naive", published=datetime(2026, 3, 9, 6))  # noqa: DTZ001 - what is tested
        aware = Article("rain", id="aware", published=datetime(2026, 3, 9, 5, tzinfo=UTC))
        assert [article.id for article in deduplicate([naive, aware], keep="earliest").kept] == ["aware"]
    finally:
        monkeypatch.undo()
        time.tzset()


# Boilerplate

FOOTER = "Sign up for our free newsletter and never miss a story from the valley again, every morning at six."


def with_footers(n_articles: int) -> list[dict[str, str]]:
    """Short articles of one host that share nothing but a footer as long as half of each."""
    return [
        {
            "id": f"a{number:02}",
            "url": f"https://Valley.example/{number}",
            "text": " ".join(f"n{number}w{place}" for place in range(24)) + f"\n{FOOTER}",
        }
        for number in range(n_articles)
    ]


def test_a_footer_that_a_host_prints_everywhere_makes_no_copies() -> None:
    result = deduplicate(with_footers(12), threshold=0.2)
    assert result.counts.kept == 12
    assert [(line.text, line.host) for line in result.boilerplate] == [(FOOTER, "valley.example")]


def test_what_few_articles_share_is_news() -> None:
    result = deduplicate(with_footers(3), threshold=0.2)
    assert result.counts.kept == 1
    assert result.boilerplate == ()


def test_copies_with_other_footers_resemble_each_other_by_their_news() -> None:
    articles = with_footers(12)
    bare = {**articles[0], "id": "bare", "text": articles[0]["text"].removesuffix(FOOTER)}
    (match,) = deduplicate([*articles, bare]).duplicates
    assert {match.id, match.leader} == {"a00", "bare"}
    assert match.verdict.relation == "near"
    assert match.verdict.scores.containment == 1.0
    assert match.verdict.scores.resemblance > 0.8  # four shingles lead from the news to the footer


def test_boilerplate_is_written(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text("".join(json.dumps(article) + "\n" for article in with_footers(12)))
    deduplicate_files([path], tmp_path / "kept", boilerplate=tmp_path / "boilerplate")
    (line,) = read_lines(tmp_path / "boilerplate")
    assert (line["text"], line["host"]) == (FOOTER, "valley.example")
    assert 8 <= line["articles"] <= 12
