"""Where a record ends that is too long to be held is where the standard library says that it ends."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dedup.io.csv_output import table_rows
from dedup.io.longrows import End, find_end
from tests.fuzzing.reading import check

if TYPE_CHECKING:
    from collections.abc import Iterator

cells = st.text(st.sampled_from('ab,;"\n é'), max_size=12)


def in_steps(data: bytes, step: int) -> Iterator[bytes]:
    return (data[place : place + step] for place in range(0, len(data), step))


@given(
    st.lists(cells, min_size=2, max_size=4), cells, st.sampled_from(",;"), st.integers(1, 40), st.booleans()
)
def test_a_whole_record(row: list[str], behind: str, delimiter: str, step: int, is_last: bool) -> None:
    record = table_rows([row], delimiter)
    if is_last:
        record = record[:-1]
    data = record if is_last else record + table_rows([[behind, "x"]], delimiter)
    n_lines = record.count(b"\n") + is_last
    assert find_end(in_steps(data, step), delimiter, len(row)) == End(len(record), n_lines)
    assert find_end(in_steps(data, step), delimiter, len(row) + 1) is None


@given(st.text(st.sampled_from('ab,"\n'), min_size=1, max_size=30), st.integers(1, 9), st.integers(1, 4))
def test_any_bytes(text: str, step: int, n_columns: int) -> None:
    """What is a record for the one is one for the other; the lines are those that were read."""
    reader = csv.reader((line + "\n" for line in text.removesuffix("\n").split("\n")), strict=True)
    try:
        row = next(reader) or [""]
    except csv.Error:
        row = []
    found = find_end(in_steps(text.encode(), step), ",", n_columns)
    assert (found is not None) == (len(row) == n_columns)
    assert found is None or found.lines == reader.line_num


def test_a_cell_of_many_lines_that_is_too_long_is_one_damaged_record() -> None:
    lines = b'2,"' + b'a line, of ""text""\n' * 30 + b'"\n'
    once = check("csv", b"id,text\n1,rain\n" + lines + b'3,snow\n4,"' + b"x" * 200 + b'\n"\n5,hail\n', 96)
    assert [(article.id, place[0]) for article, place in zip(once.articles, once.places, strict=True)] == [
        ("1", 2),
        ("3", 34),
        ("5", 37),
    ]
    assert once.damaged == [
        (number, "longer than 96 bytes; allow more with --max-record") for number in (3, 35)
    ]


def test_one_that_is_never_closed_costs_its_lines_and_no_more_than_them() -> None:
    once = check(
        "csv", b'id,text\n1,rain\n2,"stray\n' + b"3,snow\n" * 40 + b'4,"hail"\n5,"wind\nblows"\n', 96
    )
    assert [article.id for article in once.articles] == ["1", *["3"] * 40, "4", "5"]
    assert [number for number, _ in once.damaged] == [3]
