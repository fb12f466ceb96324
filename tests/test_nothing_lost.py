"""Damage costs what is damaged: every other record comes out unchanged and in order, and what is lost is counted."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fuzzing.breaking import as_array, as_jsonl, as_table, frame
from tests.fuzzing.reading import Reading, check, read, reader_for
from tests.strategies import text

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Elements that are no article, each of which is one that is damaged.
BROKEN = (
    b"{}", b"[]", b"7", b'"rain"', b"null", b"[1,", b'{"text": 7}', b'{"text": "rain"', b'{"text": "rain}', b"{'text': 1}",
    b'{"text": "a\tb}', b'{"text": {"b": "c"', b'{"text": [1, 2', b'{"text": nan}', b'{"text": \xff}', b"{\0}",
    b'{"text": "\\u12"}', b'{"text": "a" "b"}', b"{" * 200, b"[" * 200, b'"',
)  # fmt: skip
CLOSED = tuple(
    item for item in BROKEN if item not in (b'"', b"[1,", b"[" * 200, b'{"text": [1, 2', b"{" * 200)
)
#: Rows of two columns that are none, and cost none of those behind them.
ROWS = (b"1", b"1,2,3", b'1,"a"b', b"1,a\0b", b"1,a\rb", b",", b'"1,a', b'1,"a', b'1,"a""', b'1,"a"",')

texts = st.lists(text.filter(str.strip), min_size=1, max_size=5)


def rows_of(texts: Sequence[str]) -> list[dict[str, Any]]:
    return [{"id": str(number), "text": written} for number, written in enumerate(texts)]


def pairs(reading: Reading) -> list[tuple[str | None, str]]:
    return [(article.id, article.text) for article in reading.articles]


def wanted(rows: Sequence[dict[str, Any]]) -> list[tuple[str | None, str]]:
    return [(row["id"], row["text"]) for row in rows]


@st.composite
def mixed(draw: st.DrawFn, broken: Sequence[bytes]) -> tuple[list[dict[str, Any]], list[int]]:
    """Records that are whole, and where among them, counted with the others, something broken is put."""
    rows = rows_of(draw(texts))
    return rows, sorted(draw(st.lists(st.integers(0, len(rows) - 1), max_size=4)))


@given(st.data(), texts)
def test_lines(data: st.DataObject, written: list[str]) -> None:
    rows = rows_of(written)
    lines = [line + b"\n" for line in as_jsonl(rows).splitlines()]
    expected = list(range(1, len(lines) + 1))
    for item in data.draw(st.lists(st.sampled_from(BROKEN), max_size=4)):
        place = data.draw(st.integers(0, len(lines)))
        lines.insert(place, item + b"\n")
        expected.insert(place, 0)
    once = check("jsonl", b"".join(lines))
    assert pairs(once) == wanted(rows)
    assert [number for number, *_ in once.places] == [
        place for place, number in enumerate(expected, 1) if number
    ]
    assert [number for number, _ in once.damaged] == [
        place for place, number in enumerate(expected, 1) if not number
    ]


@pytest.mark.parametrize("limit", [64 << 20, 150], ids=["short", "longer than a record may be"])
@given(st.data(), texts)
def test_elements_on_lines_of_their_own(limit: int, data: st.DataObject, written: list[str]) -> None:
    rows = rows_of(["x", *(given[:20] for given in written if given[:20].strip())])
    elements = [json.dumps(row).encode() for row in rows]
    assume(max(map(len, elements)) < limit)
    expected = [True] * len(elements)
    for item in data.draw(st.lists(st.sampled_from([*CLOSED, b'{"text": "' + b"long " * 60]), max_size=2)):
        place = data.draw(st.integers(1, len(elements)))
        elements.insert(place, item)
        expected.insert(place, False)
    once = check("json", b"[\n  " + b",\n  ".join(elements) + b"\n]\n", limit)
    assert set(wanted(rows)) >= set(pairs(once))
    last = max((place for place, is_whole in enumerate(expected) if not is_whole), default=-1)
    behind = len(elements) - last - 1
    assert pairs(once)[len(once.places) - behind :] == wanted(rows)[len(rows) - behind :]


@given(st.data(), texts)
def test_rows(data: st.DataObject, written: list[str]) -> None:
    rows = rows_of(
        [given.replace('"', "").replace("\r", "").replace("\n", " ").replace(",", "") for given in written]
    )
    rows = [row for row in rows if row["text"].strip()]
    assume(rows)
    lines = [line + b"\n" for line in as_table(rows).split(b"\n")[:-1]]
    assume(len(lines) == len(rows) + 1 and not any(b"\0" in line for line in lines))
    count = 0
    for item in data.draw(st.lists(st.sampled_from(ROWS), max_size=4)):
        lines.insert(data.draw(st.integers(1, len(lines))), item + b"\n")
        count += 1
    once = check("csv", b"".join(lines))
    assert pairs(once) == wanted(rows)
    assert len(once.damaged) == count


COMPRESSIONS = {"gzip": lambda data: gzip.compress(data, mtime=0), "zstd": frame}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("form", ["jsonl", "csv", "json"])
@given(data=st.data())
def test_compressed_data_that_are_damaged(form: Any, compression: str, data: st.DataObject) -> None:
    """Records up to the damage come out, and it is told; whatever is wrong is told."""
    rows = rows_of([f"rain number {number} " * (1 + number % 7) for number in range(60)])
    write = {"jsonl": as_jsonl, "csv": as_table, "json": as_array}[form]
    whole = COMPRESSIONS[compression](write(rows))
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "garbage", "again"]))
    if how == "cut":
        once = read(reader_for(form, whole[: max(place, 4)]))
        assert pairs(once) == wanted(rows)[: len(once.places)]
        assert once.damaged
    elif how == "flip":
        place = max(place, 4)  # else it is another format
        once = read(
            reader_for(
                form,
                whole[:place]
                + bytes([whole[place] ^ 1 << data.draw(st.integers(0, 7))])
                + whole[place + 1 :],
            )
        )
        assert once.damaged or pairs(once) == wanted(rows)
    elif how == "garbage":
        once = read(reader_for(form, whole + b"garbage"))
        assert pairs(once) == wanted(rows)
        assert len(once.damaged) == 1
    else:
        more = rows_of(["snow"])
        once = read(
            reader_for(
                "jsonl", COMPRESSIONS[compression](as_jsonl(rows)) + COMPRESSIONS[compression](as_jsonl(more))
            )
        )
        assert pairs(once) == wanted([*rows, *more])


@given(st.data())
def test_text_costs_itself(data: st.DataObject) -> None:
    written = data.draw(st.binary(max_size=40))
    once = check("text", written)
    assert once.damaged or once.articles[0].text == written.removeprefix(b"\xef\xbb\xbf").decode(
        errors="replace"
    )


@pytest.mark.parametrize("values", [[1, 2], [True], [[1]], [{"a": 1}], [b"\xff"], [1.5, None]], ids=str)
def test_parquet_of_the_wrong_type_is_told(values: list[Any]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - an extra
    from pyarrow import parquet  # noqa: PLC0415

    written = io.BytesIO()
    parquet.write_table(pa.table({"id": values, "text": values, "title": ["rain"] * len(values)}), written)
    once = check("parquet", written.getvalue())
    assert once.articles == []
    (told,) = once.damaged
    assert "the column 'text' is of type" in told[1]
    assert "a string is needed" in told[1]
