"""Titles: what is stripped of a headline, and which headlines match."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.match.titles import headline_words, match_words, strip_title, title_match
from dedup.pair import TitleMatch

STORY = "Storm hits the north"
SUFFIXES = [
    " - BBC News",
    " | Reuters",
    " | BBC Sport",
    " — The New York Times",
    " – Le Monde",
    " · NPR",
    " » Blog",
    " :: cnn.com",
    " - Valley Herald",
    " - Harburger Anzeiger",
    " - www.lockport-mail.com",
    " – SPIEGEL ONLINE",
    " | World | The Guardian",
    " | World news | The Guardian",
    " - The Sun",
    " | Time",
    " - Yahoo Finance",
    " (VIDEO)",
    " (Update3)",
    " (Reuters)",
    " (AP) | BBC News",
    "|Reuters",
]
PREFIXES = [
    "Guardian: ",
    "BBC News - ",
    "BBC NEWS | UK | ",
    "UPDATE 2-",
    "UPDATE 1- ",
    "CORRECTED-",
    "CORRECTED-UPDATE 1-",
    "CORRECTED - ",
    "WRAPUP 1-",
    "RPT-",
    "REFILE-",
    "EXCLUSIVE-",
    "FACTBOX-",
    "ANALYSIS-",
    "PRESS DIGEST-",
    "BREAKING: ",
    "LIVE: ",
    "Watch: ",
    "VIDEO: ",
    "Opinion | ",
    "Live updates: ",
    "EILMELDUNG: ",
    "Kommentar – ",
    "DIRECT. ",
    "URGENTE: ",
    "AO VIVO: ",
    "СРОЧНО: ",
    "Видео: ",
    "【速報】",
    "[속보] ",
    "عاجل | ",
]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_stands_behind_is_stripped(suffix: str) -> None:
    assert strip_title(STORY + suffix) == STORY


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_stands_before_is_stripped(prefix: str) -> None:
    assert strip_title(prefix + STORY) == STORY


@pytest.mark.parametrize("prefix", ["UPDATE 1-", "VIDEO: ", ""])
@pytest.mark.parametrize("suffix", [" - BBC News", " | Time", ""])
def test_both_are_stripped(prefix: str, suffix: str) -> None:
    assert strip_title(prefix + STORY + suffix) == STORY


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Apple - a love story", None),
        ("Apple - a love story", "apple.com"),
        ("Apple - Hard Times", None),
        ("Shares slide again - More Bad News", None),
        ("The Sun: our star explained", None),
        ("EU-Kommission plant Reform", None),
        ("LIVE-Ticker zur Wahl in Bayern", None),
        ("Live: Aid", None),
        ("Storm hits the north (again)", None),
        ("AUDIO/VIDEO AFFILIATES TO PURCHASE SHARES", None),
        ("Time", "time.com"),
        ("BBC News", "bbc.co.uk"),
        ("Budget 2026 | What you need to know", "lockport-mail.example"),
        ("Spider-Man: no way home - review", None),
        ("- ", None),
        ("", None),
    ],
)
def test_a_title_is_not_eaten(title: str, source: str | None) -> None:
    assert strip_title(title, source) == title.strip()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("BBC News", "bbc.co.uk"),
        ("BBC News", "https://bbc.co.uk".removeprefix("https://")),
        ("Lockport Mail", "Lockport Mail"),
        ("The Lockport Mail", "lockportmail.example"),
        ("Lockport Mail Online", "www.lockport-mail.example"),
        ("lockportmail", "lockportmail.example"),
        ("Harbour Point Echoing", "hpechoing.example"),
        ("Lockport Weather Page", "lwp.example"),
        ("Der Hafenbote", "hafenbote.example"),
    ],
)
def test_the_own_outlet_is_stripped(name: str, source: str) -> None:
    assert strip_title(f"{STORY} - {name}", source) == STORY
    assert strip_title(f"Drought | {name}", source) == "Drought"


def test_affixes_of_the_caller() -> None:
    title = f"{STORY} - Penny Lock Today"
    assert strip_title(title) == title
    assert strip_title(title, affixes=["Penny Lock today"]) == STORY


pieces = st.sampled_from(
    [
        *SUFFIXES,
        *PREFIXES,
        STORY,
        "Apple",
        " - ",
        " | ",
        ": ",
        "-",
        "Drought",
        " ",
        "World",
        "東京で地震",
        "3",
        "]",
        "[",
    ]
)


@given(st.lists(pieces, max_size=6).map("".join) | st.text(), st.sampled_from([None, "bbc.co.uk", "Apple"]))
def test_stripping_twice_is_stripping_once(title: str, source: str | None) -> None:
    once = strip_title(title, source, ["Drought"])
    assert strip_title(once, source, ["Drought"]) == once
    assert bool(once) == bool(title.split())
    assert once in " ".join(title.split())


def match(one: str, other: str) -> TitleMatch | None:
    found = title_match(Article("", title=one), Article("", title=other))
    assert found == title_match(Article("", title=other), Article("", title=one))
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STORY, STORY),
        (f"{STORY} - BBC News", f"UPDATE 1-{STORY.upper()}"),
        ("Rain", "RAIN!"),
        ("Heavy rain", "Heavy rain | Reuters"),
        ("Straße gesperrt", "STRASSE GESPERRT"),
    ],
)
def test_the_same_headline(one: str, other: str) -> None:
    assert match(one, other) == TitleMatch(1.0, "same")


def test_a_near_headline() -> None:
    assert match("Fed to cut rates in May, says Powell", "Powell says Fed to cut rates in May") is not None
    assert match("Two plausible ways out of the crisis", "Two ways plausible out of the crisis") is not None
    assert match(STORY, "Storm hits the far north") == TitleMatch(0.8, "near")
    assert match("Four die in the North Sea storm", "4 die in the North Sea storm") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heavy rain", "Heavy snow"),
        ("Heavy rain", "Rain heavy"),
        ("Rain", "Rain again"),
        ("Storm kills 4 in the far north", "Storm kills 5 in the far north"),
        ("Two die in North Sea storm today", "Three die in North Sea storm today"),
        ("Stocks to watch at close on Monday", "Stocks to watch at close on Friday"),
        ("Council will close the old pool", "Council will not close the old pool"),
        ("Mayor can open the bridge today", "Mayor can't open the bridge today"),
        ("Man bites old dog", "Old dog bites man"),
        ("Mayor sues baker over the old stone bridge", "Baker sues mayor over the old stone bridge"),
        (
            "Ann Lee sues Jo Marsh over the old bridge in town",
            "Jo Marsh sues Ann Lee over the bridge in town",
        ),
        ("Lake level rises again this week", "Lake level falls again this week"),
        ("Tolls lowered 0.25 crowns to 65.50 crowns", "Tolls lowered 0.50 crowns to 65.50 crowns"),
        ("", "Storm"),
        ("...", "..."),
    ],
)
def test_no_match(one: str, other: str) -> None:
    assert match(one, other) is None


def test_without_a_title_there_is_no_match() -> None:
    assert title_match(Article("Rain."), Article("Rain.")) is None
    assert title_match(Article("Rain.", title="Rain"), Article("Rain.")) is None


def test_sources_and_hosts_count() -> None:
    one = Article("", title="Drought - Lockport Page", url="https://www.lockport-page.example/1")
    other = Article("", title="Lockport Page: Drought", source="Lockport Page")
    assert title_match(one, Article("", title="Drought")) == TitleMatch(1.0, "same")
    assert title_match(other, Article("", title="Drought")) is None  # one word behind a name is too few


words = st.lists(
    st.sampled_from(["storm", "hits", "the", "far", "north", "not", "4", "5", "monday"]), max_size=9
).map(tuple)


@given(words, words)
def test_matching_is_symmetric(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    found = match_words(one, other)
    assert found == match_words(other, one)
    assert (found is not None and found.kind == "same") == (one == other != ())
    assert found is None or 0 < found.score <= 1


@given(st.text())
def test_a_headline_is_the_same_as_itself(title: str) -> None:
    found = match(title, title)
    assert found == (TitleMatch(1.0, "same") if headline_words(title) else None)


@pytest.mark.parametrize("piece", [" - News", "| ", "UPDATE 1-", "LIVE: ", "(", "[VIDEO] ", ": ", "a b "])
def test_a_hostile_title_ends(piece: str) -> None:
    begin = time.process_time()
    title = "w x y" + 50_000 * piece
    assert strip_title(title) == " ".join(title.split())
    strip_title(("w x y" + 200 * piece)[:1000])
    match(title, f"{title} z")
    assert time.process_time() - begin < 5.0


def test_no_kernel_is_needed() -> None:
    code = "import sys, dedup.match.titles; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
