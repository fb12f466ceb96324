"""What a reader makes of some bytes, all ways of reading at once; and the laws that hold whatever the bytes are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from dedup.article import Article, article_of
from dedup.errors import ReadError
from dedup.fields import resolve_names
from dedup.io.batches import Batch
from dedup.io.formats import reader_of
from dedup.io.kept import _writer
from dedup.io.parts import Part
from dedup.io.streams import MAX_RECORD, Source, is_compressed

if TYPE_CHECKING:
    from dedup.io.formats import Format
    from dedup.io.reader import OnError, Reader

    Place = tuple[int, int, int]

NAME = "fuzz"


class Stammering(io.BytesIO):
    """Bytes that are given a few at a time, behind a first few that a format is told by."""

    def __init__(self, data: bytes, step: int, first: int) -> None:
        super().__init__(data)
        self._step, self._first = step, first

    def read1(self, size: int | None = -1, /) -> bytes:
        most = max(self._step, self._first - self.tell())
        return super().read1(most if size is None or size < 0 else min(size, most))


def source_of(data: bytes, step: int = 1 << 20, first: int = 0) -> Source:
    """Bytes as a file of an input has them."""
    source = Source(NAME)
    source._open_raw = lambda: Stammering(data, step, first)  # type: ignore[method-assign]
    return source


def reader_for(
    form: str,
    data: bytes,
    on_error: OnError = "skip",
    max_record: int = MAX_RECORD,
    step: int = 1 << 20,
) -> Reader:
    """Reader of some bytes."""
    return reader_of(source_of(data, step), cast("Format", form), None, on_error, max_record)


class Reading(NamedTuple):
    """All that a reader says of an input."""

    articles: list[Article]
    places: list[Place]
    damaged: list[tuple[int, str]]
    replaced: int
    names: dict[str, str]
    dates: tuple[int, str | None]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the records stand."""
        return [place[1:] for place in self.places]

    @property
    def batch(self) -> Batch:
        """The articles as columns."""
        return Batch.of(self.articles)


def read(reader: Reader) -> Reading:
    """Read the articles one by one."""
    records = list(reader)
    damaged = [(item.place.record, item.reason) for item in reader.damaged]
    return Reading(
        [record.article for record in records],
        [record[1:] for record in records],
        damaged,
        reader.replaced,
        reader.names,
        (reader.unread_dates, reader.unread_date),
    )


def check(form: Format, data: bytes, max_record: int = MAX_RECORD) -> Reading:
    """Read some bytes in all ways, which have to agree; nothing but what is ours may be raised.

    Whatever this raises, but for what the test runner itself raises, is a fault of the reader.
    """
    reader = reader_for(form, data, "skip", max_record)
    once = read(reader)
    check_places(once, len(data) if reader.compression is None and form != "parquet" else None)
    assert read(reader_for(form, data, "skip", max_record, step=7)) == once, "it hangs on how it is read"
    check_batches(reader_for(form, data, "skip", max_record), once)
    check_again(reader, once)
    _check_strict(reader_for(form, data, "raise", max_record), once)
    list(reader_for(form, data, "skip", max_record)._field_names())
    _check_kept(reader, once)
    return once


def check_places(once: Reading, size: int | None, is_crawl: bool = False) -> None:
    """Records and damage have numbers of their own, which ascend; parts do not overlap, and lie in the input.

    A record of a crawl may be read as far as it goes, and be damaged.
    """
    numbers = [number for number, _, _ in once.places]
    damaged = [number for number, _ in once.damaged]
    assert numbers == sorted(set(numbers))
    assert damaged == sorted(damaged)
    assert is_crawl or set(numbers).isdisjoint(damaged)
    bounds = [bound for span in once.spans for bound in span]
    assert bounds == sorted(bounds)
    assert all(bound >= 0 and (size is None or bound <= size) for bound in bounds)
    assert all(reason.strip() for _, reason in once.damaged)


def check_batches(reader: Reader, once: Reading) -> None:
    batches, places = [], []
    for batch, spans in reader.batches():
        batches.append(batch)
        places += list(zip(*(column.tolist() for column in spans), strict=True))
    damaged = [(item.place.record, item.reason) for item in reader.damaged]
    assert places == once.places
    assert repr(Batch.join([*batches, Batch.of([])])) == repr(once.batch)  # NaN equals itself in words
    assert damaged == once.damaged
    assert reader.replaced + sum(batch.replaced for batch in batches) == once.replaced + once.batch.replaced
    assert (reader.unread_dates, reader.unread_date) == once.dates
    assert set(reader.names.items()) == set(once.names.items())


def check_again(reader: Reader, once: Reading) -> None:
    """What is read again, all or some, is what was read first; and nothing more is noted."""
    if not once.places:
        return
    texts = once.batch.texts
    assert list(reader.texts_again(once.spans)) == texts
    assert list(reader.texts_again(once.spans[::2])) == texts[::2]
    try:
        records = list(reader.records_again(once.spans))
    except ReadError:
        assert reader.format == "parquet", "only there may damage stand in columns that were not looked at"
        return
    assert len(records) == len(texts)
    articles = [article_of(record, resolve_names(record, {})) for record in records]
    assert Batch.of(articles).texts == texts
    assert len(reader.damaged) == len(once.damaged)
    assert reader.position(once.spans[-1][1]) >= 0


def _check_strict(reader: Reader, once: Reading) -> None:
    """Without skipping, the first damage is raised, and nothing else."""
    told = None
    count = 0
    try:
        for _ in reader:
            count += 1
    except ReadError as error:
        told = error
    if once.damaged:
        number, reason = once.damaged[0]
        assert told is not None
        assert told.reason == reason or told.record is None  # a file as a whole
        assert told.record in (number, None)
        assert count == sum(place[0] < number for place in once.places) or told.record is None
    else:
        assert told is None
        assert count == len(once.places)


def _check_kept(reader: Reader, once: Reading) -> None:
    """What is written of it, all of it being kept, is read again without damage."""
    if not once.places:
        return
    starts, stops = np.array(once.spans, np.int64).T
    output = io.BytesIO()
    try:
        _writer(reader.format)([Part(reader, np.arange(len(starts)), starts, stops)], output)
    except ReadError:
        assert reader.format == "parquet", "only there may damage stand in columns that were not looked at"
        return
    if is_compressed(output.getvalue()):
        return  # a text that is something compressed
    kept = read(reader_for(reader.format, output.getvalue()))
    assert kept.damaged == []
    assert kept.batch.texts == once.batch.texts
    if reader.format != "text":
        assert [article.title for article in kept.articles] == [article.title for article in once.articles]
