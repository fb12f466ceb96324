from __future__ import annotations

import pytest

from dedup.match.cues import ALONE, OPENING, WITHIN, find_cue, load_cues
from dedup.match.lines import read_lines
from dedup.match.tail import find_boilerplate, report_boilerplate
from dedup.text.tokens import tokenise

SENTENCE = "The council voted on Monday to close the old swimming pool."
PHRASES = [
    p.strip() for table in (ALONE, OPENING, WITHIN) for p in table.replace("\n", "|").split("|") if p.strip()
]


def numbers(page: str) -> list[int]:
    lines = read_lines(page)
    return [lines[place].quote.line for place in sorted(find_boilerplate(lines))]


@pytest.mark.parametrize(
    "line",
    [
        "Read also:",
        "READ ALSO: Ferry runs aground",
        "Share 12",
        "Sign up for our daily newsletter, and never miss a story again.",
        "We use cookies to make this site work better for you.",
        "© 2026 The Rosenau Messenger",
        "Copyright (c) 2026 by The Rosenau Messenger",
        "(c) 2026 Rosenau",
        "Text and pictures: all rights reserved.",
        "Lesen Sie auch: Freibad schließt",
        "À LIRE AUSSI",
        "Lea también: el ferry",
        "Leggi anche",
        "Читайте также:",
        "Читайте також: Пором",
        "Прочитајте још: Трајект",
        "Czytaj także",
        "Bizi takip edin",
        "اقرأ أيضًا: العبّارة",
        "相关新闻：",
        "関連記事",
    ],
)
def test_boilerplate(line: str) -> None:
    assert numbers(f"{SENTENCE}\n{line}\n{SENTENCE}") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "They read also what the others had written.",
        "Share prices fell on Monday in Grunvik.",
        "Copyright is what the two publishers argue about in court.",
        "Search parties went out on Monday",
        "Most read about it in the evening paper.",
        "The latest storm is over",
        f"Read more: {SENTENCE * 4}",
    ],
)
def test_no_boilerplate(line: str) -> None:
    assert numbers(f"{SENTENCE}\n{line}\n{SENTENCE}") == []


def test_the_tail_goes_to_the_end_of_the_page() -> None:
    page = f"{SENTENCE}\nRelated stories\nFerry runs aground\nPool closes for a year\nMore"
    assert numbers(page) == [2, 3, 4, 5]
    assert numbers(f"{page}\n{SENTENCE}") == [2]


def test_lines_that_follow_each_other_are_one_finding() -> None:
    lines = read_lines(f"Advertisement\n{SENTENCE}\nRead also\nFerry runs aground\n© 2026 Rosenau")
    found = list(report_boilerplate(lines, find_boilerplate(lines)))
    assert [[quote.line for quote in finding.quotes] for finding in found] == [[1], [3, 4, 5]]
    assert found[1].why == 'the phrase "read also"; below line 3; a copyright line'


def test_the_title_is_none() -> None:
    lines = read_lines(SENTENCE, "Read also")
    assert find_boilerplate(lines) == {}


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_found(phrase: str) -> None:
    words = [token.text for token in tokenise(phrase)]
    assert words
    assert find_cue(words) is not None


def test_no_phrase_stands_there_twice() -> None:
    assert sum(map(len, load_cues())) == len(PHRASES)
