"""Readers of pages: what all of them do, whatever they find their pages in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dedup.errors import ParameterError, ReadError
from dedup.io.extracting import NO_ARTICLE, Extractor
from dedup.io.pagereader import Extracts, PageReader
from dedup.io.pages import Page, PageRecord
from dedup.io.streams import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("resiliparse")

STORY = (
    "The council voted on Monday to close the old pool, which had leaked since the spring of the year before."
)


class LineReader(PageReader):
    """Reads a page from each line; a line of a hyphen can't be read."""

    format = "html"
    readings = 0

    def pages(self) -> Iterator[PageRecord]:
        self.readings += 1
        with self._source.open() as stream:
            start = 0
            for number, line in enumerate(stream.read().splitlines(keepends=True), 1):
                stop = start + len(line)
                if line == b"-\n":
                    self._note(number, "no page")
                else:
                    url = f"https://a.example/{number}" if number % 2 else None
                    yield PageRecord(Page(line, url), number, start, stop)
                start = stop

    def id_of(self, record: PageRecord) -> str:
        return f"page {record.number}"


@pytest.fixture
def extracts() -> Iterator[Extracts]:
    shared = Extracts(Extractor(processes=1))
    yield shared
    shared.close()


def line(number: int) -> str:
    return f"<title>Pool {number}</title><time datetime=2026-03-09></time><p>{STORY} {number}.</p>\n"


def reader_of(path: Path, lines: list[str], extracts: Extracts, **options: Any) -> LineReader:
    path.write_text("".join(lines))
    return LineReader(Source(str(path)), extracts=extracts, **options)


def test_articles_stand_where_their_pages_do(tmp_path: Path, extracts: Extracts) -> None:
    lines = [line(1), line(2), "<p></p>\n", line(4)]
    reader = reader_of(tmp_path / "pages", lines, extracts)
    ((batch, spans),) = reader.batches()
    assert batch.ids == ["https://a.example/1", "page 2", "page 4"]
    assert batch.titles == [b"Pool 1", b"Pool 2", b"Pool 4"]
    assert batch.texts == [f"{STORY} {number}.".encode() for number in (1, 2, 4)]
    assert spans.numbers.tolist() == [1, 2, 4]
    lengths = list(map(len, lines))
    assert spans.starts.tolist() == [0, lengths[0], sum(lengths[:3])]
    assert spans.stops.tolist() == [lengths[0], sum(lengths[:2]), sum(lengths)]
    assert [(damaged.place.record, damaged.reason) for damaged in reader.damaged] == [(3, NO_ARTICLE)]


def test_records_and_batches_are_the_same_articles(tmp_path: Path, extracts: Extracts) -> None:
    lines = [line(number) for number in range(1, 9)]
    one = reader_of(tmp_path / "one", lines, extracts)
    ((batch, spans),) = reader_of(tmp_path / "other", lines, extracts).batches()
    records = list(one)
    assert [record.article.compared.encode() for record in records] == batch.texts
    assert [record.article.id or record.article.url for record in records] == batch.ids
    assert [list(record[1:]) for record in records] == [
        list(row) for row in zip(*map(list, spans), strict=True)
    ]


def test_articles_are_extracted_once_and_read_again(tmp_path: Path, extracts: Extracts) -> None:
    reader = reader_of(tmp_path / "pages", [line(number) for number in range(1, 5)], extracts)
    ((batch, spans),) = reader.batches()
    places = list(zip(spans.starts.tolist(), spans.stops.tolist(), strict=True))
    extracts.extraction.close()
    ((again, places_again),) = reader.batches()
    assert (again, places_again.starts.tolist()) == (batch, spans.starts.tolist())
    assert list(reader.texts_again(places[1::2])) == batch.texts[1::2]
    assert [record["title"] for record in reader.records_again(places[1:3])] == ["Pool 2", "Pool 3"]
    assert b"".join(reader.pieces_again(places[:2])).decode() == line(1) + line(2)
    assert reader.readings == 1


def test_what_is_said_of_pages_is_said_once_and_in_their_order(tmp_path: Path, extracts: Extracts) -> None:
    lines = ["<p></p>\n", line(2), "-\n", "<p></p>\n", "-\n"]
    reader = reader_of(tmp_path / "pages", lines, extracts, on_error="skip")
    for _ in range(2):
        list(reader.batches())
    assert [damaged.place.record for damaged in reader.damaged] == [1, 3, 4, 5]


def test_what_is_no_page_may_end_the_reading(tmp_path: Path, extracts: Extracts) -> None:
    with pytest.raises(ReadError, match="pages:2: no page"):
        list(reader_of(tmp_path / "pages", [line(1), "-\n"], extracts).batches())


def test_a_reading_that_was_left_begins_anew(tmp_path: Path, extracts: Extracts) -> None:
    reader = reader_of(tmp_path / "pages", [line(number) for number in range(1, 5)], extracts)
    next(iter(reader))
    assert [record.number for record in reader] == [1, 2, 3, 4]
    assert [record.number for record in reader] == [1, 2, 3, 4]


def test_a_place_that_nothing_was_extracted_from_is_refused(tmp_path: Path, extracts: Extracts) -> None:
    reader = reader_of(tmp_path / "pages", [line(1)], extracts)
    list(reader)
    with pytest.raises(ReadError, match="has changed since it was read: no article was extracted at 7"):
        list(reader.records_again([(7, 9)]))


def test_places_of_an_interrupted_run_are_extracted_again(tmp_path: Path, extracts: Extracts) -> None:
    lines = [line(number) for number in range(1, 5)]
    ((batch, spans),) = reader_of(tmp_path / "pages", lines, extracts).batches()
    places = list(zip(spans.starts.tolist(), spans.stops.tolist(), strict=True))
    reader = reader_of(tmp_path / "pages", lines, extracts)
    assert list(reader.texts_again(places[2:])) == batch.texts[2:]
    assert list(reader.texts_again(places[:2])) == batch.texts[:2]
    assert reader.readings == 1


def test_fields_may_be_named(tmp_path: Path, extracts: Extracts) -> None:
    reader = reader_of(tmp_path / "pages", [line(1)], extracts, fields={"text": "title"})
    reader.check_names()
    ((batch, _),) = reader.batches()
    assert batch.texts == [b"Pool 1"]
    with pytest.raises(
        ParameterError, match="has 'lead', which text=lead names; the fields are id, url, title"
    ):
        reader_of(tmp_path / "pages", [line(1)], extracts, fields={"text": "lead"}).check_names()


def test_a_reader_of_its_own_ends_its_processes(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text(line(1))
    reader = LineReader(Source(str(tmp_path / "pages")))
    assert len(list(reader)) == 1
    extraction = reader._extracts.extraction
    assert extraction._idle
    del reader
    assert not extraction._idle
