"""Nesting: pages made flatter, and only where they are nested beyond measure."""

from __future__ import annotations

import re

import pytest

from dedup.io.nesting import DEEPEST, flattened


def depth_of(html: str) -> int:
    depth = deepest = 0
    for tag in re.findall(r"<(/?)\w+>", html):
        depth += -1 if tag else 1
        deepest = max(deepest, depth)
    return deepest


def test_a_page_that_is_nested_deeply_is_cut_and_keeps_its_text() -> None:
    page = "".join(f"<div>{number} " for number in range(10_000)) + "</div>" * 10_000
    found = flattened(page)
    assert depth_of(found) == DEEPEST
    assert re.sub(r"<[^>]*>", "", found) == re.sub(r"<[^>]*>", "", page)
    assert found.count("<div>") == found.count("</div>") == DEEPEST


def test_a_million_tags_are_cut() -> None:
    assert flattened("<b>" * 10**6) == "<b>" * DEEPEST


@pytest.mark.parametrize(
    "page",
    [
        "<p>One <p>after <br> another" * 10_000,
        "<div><p>rain</p></div>" * 10_000,
        "<table>" + "<tr><td>rain" * 10_000,
        "a < b and b < c " * 10_000,
        "<" * 10_000,
        "</div>" * 10_000,
        "<div>" * 600,
    ],
)
def test_what_is_long_but_not_deep_stays(page: str) -> None:
    assert flattened(page) == page
