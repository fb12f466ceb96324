"""What outlets make of an article that they take over: copies of recorded kinds, in the shares of `bench/long` and `bench/short`.

A text is a list of words here; the last word of a paragraph ends with a line break.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.random import Generator

    class DrawWords(Protocol):
        """Gives so many words, as common as they are in the corpus."""

        def __call__(self, rng: Generator, count: int) -> list[str]: ...


PUBLISHERS = tuple(
    map(
        "".join,
        product(
            ("daily", "evening", "morning", "capital", "harbor", "river", "summit", "valley"),
            (
                "times",
                "herald",
                "post",
                "journal",
                "tribune",
                "gazette",
                "observer",
                "courier",
                "mail",
                "star",
            ),
        ),
    )
)
FRAMES = (
    "Sign up for the {name} newsletter and get the five stories of the day in your inbox every morning.",
    "Follow the {name} newsroom for more. Readers who have news to share can write to desk@{name}.example at any hour.",
    "Copyright {name}. No part of this page may be printed, broadcast or passed on without the written consent of the publisher.",
    "You have read two of your three free articles this month. Subscribe to {name} now and read without limits.",
    "This article first appeared on {name} and was brought up to date by our editors during the day.",
    "{name} may earn a commission when you buy something through one of the links on this page.",
    "Comments are open for one week. The {name} team reads them all, and takes down those that break our rules.",
    "Do you see a mistake? Tell the corrections desk of {name}, and we shall look at it within a day.",
    "Listen to the {name} podcast: our reporters talk about the week in politics, business and sport.",
    "Download the {name} app to get alerts on the topics that you care about, free of charge.",
    "More from {name}: markets at the close, the weather for the weekend, and letters to the editor.",
    "{name} is a member of the regional press council and keeps to its code of practice.",
)
LONG_KINDS = {"exact": 15, "reflow": 8, "boilerplate": 25, "truncated": 15, "edited": 22, "boiler+edit": 15}
SHORT_KINDS = {"exact": 30, "retitled": 20, "fewwords": 30, "cut": 20}


def edit(words: Sequence[str], share: float, rng: Generator, draw: DrawWords) -> list[str]:
    """Replace (60 %), delete (20 %) or insert (20 %) words: this share of them, at least one."""
    count = max(round(len(words) * share), 1)
    edited = list(words)
    places = rng.choice(len(words), size=count, replace=False).tolist()
    for place, chance, word in zip(places, rng.random(count).tolist(), draw(rng, count), strict=True):
        if chance < 0.6:
            edited[place] = word + "\n" * edited[place].endswith("\n")
        elif chance < 0.8:
            edited[place] = ""
        else:
            edited[place] = f"{word} {edited[place]}"
    return [word for word in edited if word]


def cut(words: Sequence[str], rng: Generator) -> list[str]:
    """Keep the first 60-90 % of the words."""
    return [*words[: max(int(len(words) * rng.uniform(0.6, 0.9)), 1)]]


def set_text(words: Sequence[str]) -> str:
    """Give the text of words."""
    return " ".join(words).replace("\n ", "\n").rstrip("\n")


def frame(text: str, name: str, rng: Generator) -> str:
    """Put a byline above a text, and two to eight blocks of a publisher below."""
    chosen = sorted(rng.choice(len(FRAMES), size=int(rng.integers(2, 9)), replace=False).tolist())
    return "\n".join([f"By {name} staff", text, *(FRAMES[one].format(name=name) for one in chosen)])


def reflow(words: Sequence[str], rng: Generator) -> str:
    """Set the same words in another way: no line breaks, other quotation marks, or capitals."""
    text = set_text(words)
    return (text.replace("\n", " "), text.replace("'", "\u2019").replace('"', "\u201d"), text.upper())[
        int(rng.integers(3))
    ]


def truncate(words: Sequence[str], name: str, rng: Generator) -> str:
    """Cut a text and say so, or point to the rest."""
    text = set_text(cut(words, rng))
    return f"{text} ..." if rng.random() < 0.5 else f"{text}\nRead more on {name}."


def copy_article(kind: str, words: Sequence[str], name: str, rng: Generator, draw: DrawWords) -> str:
    """Give the text of a copy of one of `LONG_KINDS`."""
    makers: Mapping[str, Callable[[], str]] = {
        "exact": lambda: set_text(words),
        "reflow": lambda: reflow(words, rng),
        "boilerplate": lambda: frame(set_text(words), name, rng),
        "truncated": lambda: truncate(words, name, rng),
        "edited": lambda: set_text(edit(words, rng.uniform(0.01, 0.1), rng, draw)),
        "boiler+edit": lambda: frame(set_text(edit(words, rng.uniform(0.005, 0.05), rng, draw)), name, rng),
    }
    return makers[kind]()


def retitle(title: Sequence[str], rng: Generator, draw: DrawWords) -> list[str]:
    """Replace a third of the words of a headline."""
    words = list(title)
    places = rng.choice(len(words), size=max(len(words) // 3, 1), replace=False).tolist()
    for place, word in zip(places, draw(rng, len(places)), strict=True):
        words[place] = word
    return words


def copy_item(
    kind: str, title: Sequence[str], words: Sequence[str], rng: Generator, draw: DrawWords
) -> tuple[list[str], list[str]]:
    """Give headline and description of a copy of one of `SHORT_KINDS`."""
    if kind == "retitled":
        return retitle(title, rng, draw), [*words]
    if kind == "fewwords":
        return [*title], edit(words, rng.uniform(0.02, 0.08), rng, draw)
    return [*title], cut(words, rng) if kind == "cut" else [*words]
