from __future__ import annotations

import pytest
from hypothesis import given

from dedup.match.lines import read_lines
from dedup.text.tokens import tokenise
from tests.strategies import text

SENTENCE = "The council voted on Monday to close the old swimming pool."


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("Storm hits the north", "headline"),
        ("Will the storm hit the north?", "headline"),
        ("Буря ударила по северному берегу", "headline"),
        ("青葉町の図書館、夜間開館を来月から開始", "headline"),
        ("Storm hits", "other"),
        ("storm hits the north", "other"),
        ("Storm hits the north (Photo: A. Nyberg)", "other"),
        ("Storm hits the north | Photo by A. Nyberg", "other"),
        ("In short:", "label"),
        ("要点：", "label"),
        (SENTENCE, "paragraph"),
        (SENTENCE * 3, "paragraph"),
        (
            "町内では初めての試みとなり、仕事帰りの利用者の要望に応えたものだと館長は話している。半年ほど続ける。",
            "paragraph",
        ),
        ("It rained.", "other"),
        (f"1. {SENTENCE}", "item"),
        (f"• {SENTENCE}", "item"),
        (f"(b) {SENTENCE}", "item"),
        (f"1.5 metres: {SENTENCE}", "paragraph"),
    ],
)
def test_roles(written: str, role: str) -> None:
    (line,) = read_lines(written)
    assert line.role == role


def test_a_line_that_goes_on_below_is_no_headline() -> None:
    assert [line.role for line in read_lines("Storm hits the north\nand moves on east")] == ["other", "other"]
    assert [line.role for line in read_lines("Storm hits the north\n\nit moves on east")] == [
        "headline",
        "other",
    ]


def test_lines_and_places() -> None:
    lines = read_lines("\n Storm hits the north \r\n…\r\rRain", " The storm ")
    assert [(line.quote.part, line.quote.line, line.quote.start, line.quote.text) for line in lines] == [
        ("title", 0, 1, "The storm"),
        ("text", 2, 2, "Storm hits the north"),
        ("text", 5, 28, "Rain"),
    ]
    assert [line.role for line in lines] == ["headline", "headline", "other"]


def test_no_title() -> None:
    assert read_lines("", None) == read_lines("\n", " ") == []


@given(text, text)
def test_lines_have_the_words_of_the_page(page: str, title: str) -> None:
    lines = read_lines(page, title)
    words = [token.text for field in (title, page) for token in tokenise(field)]
    assert [word for line in lines for word in line.words] == words
    fields = {"title": title, "text": page}
    assert all(fields[q.part][q.start : q.end] == q.text for q in (line.quote for line in lines))
