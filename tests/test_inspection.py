from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.cli.main import main
from dedup.errors import ReadError
from dedup.inspection import inspect
from dedup.page import KINDS, PageReport
from tests.strategies import SAMPLES, text

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "fixtures" / "pages"
GOLDEN = ROOT / "tests" / "golden"

STORIES = [line for path in sorted(PAGES.glob("*.txt")) for line in path.read_text("utf-8").splitlines()]
#: Pages of pieces that come back: lines of the fixtures, samples of many scripts, anything.
pages = st.lists(
    st.one_of(st.sampled_from(STORIES), st.sampled_from(sorted(SAMPLES.values())), text), max_size=14
).flatmap(lambda lines: st.sampled_from(["\n", "\n\n", "\r\n"]).map(lambda end: end.join(lines)))
titles = st.one_of(st.none(), st.sampled_from(STORIES), text)


def places(report: PageReport) -> list[tuple[str, list[int]]]:
    return [(finding.kind, [quote.line for quote in finding.quotes]) for finding in report.findings]


def inspect_file(path: Path) -> PageReport:
    written = path.read_text("utf-8")
    return inspect(json.loads(written) if path.suffix == ".json" else written)


# Pages of our own


def test_the_page_that_repeats_itself() -> None:
    assert places(inspect_file(PAGES / "ferry.txt")) == [
        ("boilerplate", [1]),
        ("same headline in other words", [3, 7]),
        ("repeated headline", [3, 10]),
        ("rewritten lead", [5, 14]),
        ("repeated headline", [7, 8]),
        ("restated paragraph", [14, 29]),
        ("restated paragraph", [16, 28]),
        ("boilerplate", [31, 33]),
    ]


def test_a_clean_page() -> None:
    report = inspect_file(PAGES / "clean.txt")
    assert report.findings == ()
    assert report.lines == 8


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "bridge.txt",
            [
                ("repeated headline", [1, 5]),
                ("rewritten lead", [3, 15]),
                ("repeated paragraph", [7, 17]),
                ("boilerplate", [19, 20, 21]),
            ],
        ),
        (
            "library.txt",
            [
                ("repeated headline", [1, 5]),
                ("rewritten lead", [3, 11]),
                ("boilerplate", [15, 16, 17]),
            ],
        ),
        (
            "water.txt",
            [("repeated headline", [1, 5]), ("repeated paragraph", [7, 11]), ("boilerplate", [13, 14])],
        ),
        (
            "pool.json",
            [
                ("repeated headline", [0, 1]),
                ("boilerplate", [5]),
                ("recycled paragraph", [7, 11]),
                ("boilerplate", [15, 16]),
            ],
        ),
    ],
)
def test_pages_in_other_languages(name: str, expected: list[tuple[str, list[int]]]) -> None:
    assert places(inspect_file(PAGES / name)) == expected


def test_findings_say_why() -> None:
    report = inspect_file(PAGES / "ferry.txt")
    lead, item = (
        f
        for f in report.findings
        if f.kind in {"rewritten lead", "restated paragraph"} and f.quotes[1].line in {14, 28}
    )
    assert lead.kind == "rewritten lead"
    assert lead.why.startswith("below 'A Closer Look:', where the story begins again; shared names: Grunvik")
    assert "numbers: 2019" in item.why
    headlines = next(f for f in report.findings if f.kind == "same headline in other words")
    assert headlines.why == "shared names: Halvern, Osterby"


def test_the_page_that_the_project_started_from(shared_dir: Path) -> None:
    report = inspect((shared_dir / "data" / "seed-article.txt").read_text("utf-8"))
    assert places(report) == [
        ("boilerplate", [1]),
        ("same headline in other words", [3, 7]),
        ("repeated headline", [3, 10]),
        ("rewritten lead", [5, 14]),
        ("repeated headline", [7, 8]),
        ("restated paragraph", [14, 29]),
        ("restated paragraph", [16, 28]),
        ("boilerplate", [31, 33]),
    ]


# What may be inspected


def test_a_text_an_article_and_a_dict_are_inspected_alike() -> None:
    written = (PAGES / "bridge.txt").read_text("utf-8")
    assert inspect(written) == inspect(Article(written)) == inspect({"body": written})


def test_the_title_counts_as_a_headline() -> None:
    report = inspect({"title": "  Storm hits the north", "text": "STORM hits the North!\n\nIt blew."})
    assert places(report) == [("repeated headline", [0, 1])]
    title = report.findings[0].quotes[0]
    assert (title.part, title.start, title.end, title.text) == ("title", 2, 22, "Storm hits the north")


@pytest.mark.parametrize("nothing", ["", "\n \n", "…!"])
def test_a_page_without_a_word(nothing: str) -> None:
    assert inspect(nothing) == PageReport((), 0)


def test_what_is_no_article() -> None:
    with pytest.raises(ReadError, match="no text and no title"):
        inspect({"id": "a"})


def test_lines_are_counted_as_an_editor_does() -> None:
    report = inspect("One\r\n\r\nStorm hits the north\rTwo\u2028Three\nStorm hits the north")
    assert places(report) == [("repeated headline", [3, 5])]


# Laws


@given(pages, titles)
def test_quotes_stand_where_they_are_said_to_stand(page: str, title: str | None) -> None:
    fields = {"text": page, "title": title or ""}
    for finding in inspect(Article(page, title=title)).findings:
        assert all(fields[quote.part][quote.start : quote.end] == quote.text for quote in finding.quotes)
        assert finding.kind in KINDS
        assert 0.0 < finding.score <= 1.0
        assert finding.why


@given(pages, titles)
def test_findings_and_quotes_are_in_the_order_of_the_page(page: str, title: str | None) -> None:
    findings = inspect(Article(page, title=title)).findings
    assert all(one.quotes[0].place <= other.quotes[0].place for one, other in pairwise(findings))
    for finding in findings:
        assert all(one.place < other.place for one, other in pairwise(finding.quotes))
        assert len(finding.quotes) > 1 or finding.kind == "boilerplate"


@given(st.one_of(st.sampled_from(sorted({*STORIES, *SAMPLES.values()})), text))
def test_one_line_repeats_nothing(line: str) -> None:
    report = inspect(" ".join(line.split()))
    assert {finding.kind for finding in report.findings} <= {"boilerplate"}


@given(pages)
def test_inspecting_twice_gives_the_same(page: str) -> None:
    assert inspect(page) == inspect(page)


@given(pages)
def test_each_line_is_found_for_one_reason(page: str) -> None:
    findings = inspect(page).findings
    boilerplate = {q.start for f in findings if f.kind == "boilerplate" for q in f.quotes}
    others = {q.start for f in findings if f.kind != "boilerplate" for q in f.quotes}
    assert not boilerplate & others
    later = [f.quotes[1].start for f in findings if f.kind in {"recycled paragraph", "restated paragraph"}]
    assert len(later) == len(set(later))


# Large pages


def test_one_word_again_and_again() -> None:
    assert inspect("word " * 50_000).findings == ()
    assert inspect("word\n" * 20_000).findings == ()


def test_one_paragraph_again_and_again() -> None:
    line = "The storm that hit the north on Sunday has left 40 villages without water.\n"
    (finding,) = inspect(line * 2_000).findings
    assert finding.kind == "repeated paragraph"
    assert [quote.line for quote in finding.quotes] == list(range(1, 2_001))


def test_what_is_passed_over_is_counted() -> None:
    villages = [f"{first}{last}" for first in "abcdefgh" for last in ("orp", "stad", "holm", "wick", "dun")]
    alike = [f"The storm that hit the coast on Sunday night has left {village} dry." for village in villages]
    others = [" ".join(f"w{number}x{place}" for place in range(12)) + "." for number in range(200)]
    report = inspect("\n".join(alike + others))
    assert report.passed_over > 0
    assert {finding.kind for finding in report.findings} == {"recycled paragraph"}
    assert {quote.line for finding in report.findings for quote in finding.quotes} == set(range(1, 41))


# The command


def run(capture: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", *map(str, arguments)])
    assert ended.value.code == 0
    return capture.readouterr().out


@pytest.mark.parametrize("name", ["ferry.txt", "pool.json", "library.txt", "clean.txt"])
def test_inspect_gives_the_golden_outputs(capsys: pytest.CaptureFixture[str], name: str) -> None:
    stem = Path(name).stem
    assert run(capsys, PAGES / name) == (GOLDEN / f"inspect-{stem}.txt").read_text("utf-8")
    assert run(capsys, PAGES / name, "--json") == (GOLDEN / f"inspect-{stem}.json").read_text("utf-8")


def test_json_is_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(run(capsys, PAGES / "ferry.txt", "--json"))
    report = inspect_file(PAGES / "ferry.txt")
    assert (answer["lines"], answer["passed_over"]) == (report.lines, report.passed_over)
    for shown, finding in zip(answer["findings"], report.findings, strict=True):
        assert (shown["kind"], shown["score"], shown["why"]) == (finding.kind, finding.score, finding.why)
        assert [quote["text"] for quote in shown["quotes"]] == [quote.text for quote in finding.quotes]


def test_a_page_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Storm \x1b[31mhits the north\n" * 2)
    assert "Storm \\x1b[31mhits the north" in run(capsys, page)


def test_many_quotes_are_cut_for_the_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Storm hits the north\n" * 20)
    shown = run(capsys, page).splitlines()
    assert shown[0] == "repeated headline (1.0000): stands 20 times in the same words"
    assert (len(shown), shown[-1]) == (10, "    and 12 more")


def status(arguments: Sequence[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert status([str(broken)]) == status([str(tmp_path / "absent")]) == status([]) == 2
    err = capsys.readouterr().err
    assert "broken JSON" in err
    assert "can't be read: No such file" in err
