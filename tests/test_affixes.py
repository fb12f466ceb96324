"""The lists of affixes: what is in them can be met."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.match import affixes
from dedup.match.affixes import (
    BEFORE,
    BEHIND,
    COMMON,
    MASTHEADS,
    OUTLET_BYTES,
    SEPARATING,
    SEPARATOR,
    SLUG,
    TAG,
    may_have_separator,
    names,
)
from dedup.match.titles import may_have_outlet, without_slugs
from dedup.text.tokens import split_words

LISTS = {name: value for name, value in vars(affixes).items() if isinstance(value, frozenset)}


def test_names_are_normalised_words() -> None:
    assert names("Süddeutsche  Zeitung|L'Équipe\n| CNN ") == {"suddeutsche zeitung", "l equipe", "cnn"}


@pytest.mark.parametrize("name", LISTS)
def test_each_entry_is_as_headlines_are_compared(name: str) -> None:
    for entry in LISTS[name]:
        assert entry
        assert " ".join(split_words(entry)[0]) == entry


def test_no_masthead_is_a_common_word_too() -> None:
    assert not MASTHEADS & COMMON


MARKED = st.text(st.sampled_from("a é中|¦·»★_：:‐–—-. ()"), max_size=12)


@given(MARKED)
@example("é-é")
@example("a：b")
@example("a :: b")
@example("a -- b")
@example("a—— b")
def test_what_tells_separators_sooner_misses_none(title: str) -> None:
    parts = bool(re.search(f"{BEFORE.pattern}|{BEHIND.pattern}", title))
    assert may_have_separator(title) or not parts
    assert not parts or set(title.encode()) & set(SEPARATING)
    assert not may_have_outlet(without_slugs(title)) or set(title.encode()) & set(OUTLET_BYTES)


@pytest.mark.parametrize(
    "title", ["UPDATE 2-Oil", "UPDATE 2 - oil", "RPT-Oil", "Live: oil", "[VIDEO] oil", "DIRECT. Oil"]
)
def test_slugs(title: str) -> None:
    found = SLUG.match(title)
    assert found is not None
    assert title[found.end() :].casefold() == "oil"


@pytest.mark.parametrize(
    "title", ["Update on oil", "Rpt-oil", "LIVE-Ticker", "Direct. Oil", "Watchful: oil", "VIDEO/AUDIO"]
)
def test_what_is_no_slug(title: str) -> None:
    assert SLUG.match(title) is None


def test_tags_and_separators() -> None:
    assert TAG.search("Oil falls (Update2)")
    assert not TAG.search("Oil falls (again)")
    assert SEPARATOR.search("Oil|Reuters")
    assert not SEPARATOR.search("Oil-Reuters")
