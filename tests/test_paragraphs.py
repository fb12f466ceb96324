from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.paragraphs import Paragraph, split_paragraphs
from dedup.text.tokens import tokenise
from tests.strategies import SAMPLES, text

LINE_ENDS = ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"]

lines = st.lists(st.one_of(text, st.sampled_from([*LINE_ENDS, *LINE_ENDS, " ", "\t"])), max_size=12).map(
    "".join
)


@pytest.mark.parametrize("end", LINE_ENDS, ids=map(ascii, LINE_ENDS))
def test_every_line_end_separates(end: str) -> None:
    found = split_paragraphs(f"One.{end}{end} Two. {end}")
    first = len(f"One.{end}{end} ")
    assert found == [Paragraph("One.", 0, 4), Paragraph("Two.", first, first + 4)]


@pytest.mark.parametrize("written", ["", "\n", " \t\n\u3000\r\n", "\u00a0"])
def test_white_space_alone_is_no_paragraph(written: str) -> None:
    assert split_paragraphs(written) == []


def test_white_space_inside_a_line_stays() -> None:
    assert split_paragraphs("  one \t two\u3000") == [Paragraph("one \t two", 2, 11)]


def test_samples_are_paragraphs() -> None:
    samples = [sample for name, sample in SAMPLES.items() if name != "nothing"]
    assert [paragraph.text for paragraph in split_paragraphs("\n\n".join(samples))] == samples


@given(lines)
def test_places(written: str) -> None:
    found = split_paragraphs(written)
    assert all(written[start:end] == paragraph for paragraph, start, end in found)
    assert all(one.end < other.start for one, other in pairwise(found))


@given(lines)
def test_nothing_but_white_space_is_left_out(written: str) -> None:
    found = split_paragraphs(written)
    ends = [0, *(place for _, start, end in found for place in (start, end)), len(written)]
    between = [written[a:b] for a, b in zip(ends[::2], ends[1::2], strict=True)]
    assert not "".join(between).strip()


@given(lines)
def test_a_paragraph_is_one_line_without_white_space_around_it(written: str) -> None:
    for paragraph, _, _ in split_paragraphs(written):
        assert paragraph
        assert paragraph == paragraph.strip()
        assert not any(end in paragraph for end in LINE_ENDS)


@given(lines)
def test_splitting_keeps_the_words(written: str) -> None:
    words = [token.text for token in tokenise(written)]
    assert [token.text for part in split_paragraphs(written) for token in tokenise(part.text)] == words


@given(lines)
def test_splitting_a_paragraph_gives_itself(written: str) -> None:
    for paragraph, _, _ in split_paragraphs(written):
        assert split_paragraphs(paragraph) == [Paragraph(paragraph, 0, len(paragraph))]
