from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.recordheads import MOST_HEAD, NO_RECORD, ArcGrammar, Grammar, Head, WarcGrammar, arc_fields
from tests.warcs import INFO, arc_record

ARC = arc_record(b"rain")
WARC_HEAD, ARC_HEAD = INFO.index(b"software"), ARC.index(b"rain")


@pytest.mark.parametrize(
    ("grammar", "data", "end"), [(WarcGrammar(), INFO, WARC_HEAD), (ArcGrammar(), ARC, ARC_HEAD)]
)
def test_a_head_is_read_when_it_is_there(grammar: Grammar, data: bytes, end: int) -> None:
    whole = grammar.head(bytearray(data), 0)
    assert whole == Head(end, end + len(data[end:].rstrip(b"\r\n")) + (2 if data is INFO else 0))
    assert grammar.is_begin(data)
    for length in range(1, end):
        assert grammar.head(bytearray(data[:length]), 0) is None
    assert grammar.head(bytearray(b"\n" + data), 1) == Head(end + 1, whole.stop + 1)


@pytest.mark.parametrize("grammar", [WarcGrammar(), ArcGrammar()])
def test_what_is_no_head_is_told(grammar: Grammar) -> None:
    found = grammar.head(bytearray(b"It rains in the town.\n" * 9), 0)
    assert found is not None
    assert found.wrong == NO_RECORD
    assert not grammar.is_begin(b"It rains")


def test_a_head_that_goes_on_is_not_waited_for() -> None:
    found = WarcGrammar().head(bytearray(b"WARC/1.0\r\nX: " + b"a" * MOST_HEAD), 0)
    assert found is not None
    assert found.wrong is not None


@pytest.mark.parametrize("grammar", [WarcGrammar(), ArcGrammar()])
@given(before=st.binary(max_size=200))
def test_the_next_record_is_found_at_the_begin_of_a_line(grammar: Grammar, before: bytes) -> None:
    data = INFO if isinstance(grammar, WarcGrammar) else ARC
    held = bytearray(before + b"\n" + data)
    found = grammar.find(held, 0)
    assert found == len(before) + 1 or grammar.is_begin(bytes(held[found:]))
    assert grammar.find(bytearray(b"x" + data), 0) == -1


@pytest.mark.parametrize(
    ("line", "url", "kind"),
    [
        (b"http://a.example/ 192.0.2.1 20260309070000 text/html 12\n", b"http://a.example/", b"text/html"),
        (b"http://a.example/b c 192.0.2.1 20260309 no-type 12", b"http://a.example/b c", b"no-type"),
        (
            b"http://a.example/ 2001:db8::1 20260309070000 text/html 200 KEY - 12345678 a.arc 12",
            b"http://a.example/",
            b"text/html",
        ),
    ],
)
def test_both_versions_of_arc_have_a_line_of_fields(line: bytes, url: bytes, kind: bytes) -> None:
    fields = arc_fields(line)
    assert fields is not None
    assert (fields.url, fields.kind, fields.length) == (url, kind, 12)


@pytest.mark.parametrize(
    "line", [b"", b"http://a.example/", b"a b c d e", b"http://a 192.0.2.1 20260309070000 text/html -1"]
)
def test_other_lines_have_none(line: bytes) -> None:
    assert arc_fields(line) is None
