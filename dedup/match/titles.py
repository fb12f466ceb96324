"""Titles: what an outlet puts around a headline is stripped, and two headlines are compared.

``same`` are headlines with the same words, ``near`` those whose sets of words resemble and that contradict each other
neither by a number, a day or a negation nor by the order of their words (measured in docs/decisions/0017-title-match.md).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.article import TitleMatch
from dedup.match.affixes import (
    ARTICLES,
    COMMON,
    DOMAIN,
    GENERIC,
    HEAD_SEPARATOR,
    HOST_PARTS,
    MARK,
    MASTHEADS,
    PAPERS,
    PHRASES,
    QUALIFIERS,
    SECTIONS,
    SEPARATOR,
    SLUG,
    TAG,
    names,
)
from dedup.match.similarity import SCALE, rounded
from dedup.text.codepoints import is_digit
from dedup.text.tokens import split_words
from dedup.url import host_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from dedup.article import Article

#: Resemblance of the sets of words from which on two headlines are near.
NEAR = 0.75
#: Different words that the shorter headline has at least where two are near: in shorter ones each word is the story.
LEAST_WORDS = 3
#: Share of the pairs of neighbouring words of the shorter headline that the other has too: man bites dog, dog bites man.
ORDER = 0.5
#: Words and characters of the name of an outlet, at most.
_LONGEST_NAME, _LONGEST_GIVEN = 6, 60
#: Words that are left of a headline, at least: before the name of a known outlet; beside a slug, a section or a bare
#: word; behind an outlet, or before what only looks like one.
_LEAST_BEFORE, _LEAST_LEFT, _LEAST_BEHIND = 1, 2, 3
_NEVER = 1 << 30
_COLONS = (":", "：")

_NEGATIONS = names(
    """
    not|no|never|without|cannot|nor|neither|nicht|kein|keine|keinen|keiner|nie|ohne|ne|pas|sans|jamais|sin|nunca|nao|
    sem|non|senza|не|нет|без|bez|niet|geen|zonder|inte|ikke
    """
)
#: Number words of the languages that have them in headlines most; those that mean something else elsewhere are left out.
_NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate(
        (
            "two zwei deux dos dois duas два две",
            "three drei trois tres tre три",
            "four vier quatre cuatro quatro quattro четыре",
            "five fünf funf cinq cinco cinque пять",
            "six sechs seis шесть",
            "seven sieben siete sete sette семь",
            "eight acht huit ocho oito otto восемь",
            "nine neun neuf nueve девять",
            "ten zehn diez dez dieci десять",
            "eleven onze undici одиннадцать",
            "twelve zwölf zwolf douze doce doze dodici двенадцать",
        ),
        2,
    )
    for word in words.split()
}
#: Days and months contradict each other as numbers do.
_DATES = names(
    """
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|yesterday|january|february|april|june|july|
    august|september|october|november|december|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|
    mercredi|jeudi|vendredi|samedi|dimanche|lunes|miercoles|jueves|viernes|sabado|domingo|понедельник|вторник|среда|
    четверг|пятница|суббота|воскресенье
    """
)


def strip_title(title: str, source: str | None = None, affixes: Collection[str] = ()) -> str:
    """Take off a headline what its outlet or a wire put around it.

    Parameters
    ----------
    title : str
        Any title.
    source : str, optional
        Name or host of the outlet; what stands behind the last separator is taken off if it is this name.
    affixes : collection of str, optional
        Further names that are taken off.

    Returns
    -------
    str
        Without runs of white space. Never empty, unless the title is.

    Notes
    -----
    Stripping twice gives what stripping once gives. About 2 microseconds for a title that has nothing to strip.

    Examples
    --------
    >>> strip_title("UPDATE 2-Storm hits the north | Reuters")
    'Storm hits the north'
    >>> strip_title("Apple - a love story")
    'Apple - a love story'
    >>> strip_title("Bridge closed until May – Lockport Mail", "www.lockport-mail.example")
    'Bridge closed until May'
    """
    return strip_affixes(title, (source,), affixes)


def strip_affixes(title: str, sources: Sequence[str | None], affixes: Collection[str] = ()) -> str:
    """:func:`strip_title` where an outlet is known by several names."""
    found = " ".join(title.split())
    if not MARK.search(found):
        return found
    own = frozenset[str]().union(*(_names_of(source) for source in sources if source))
    extra = frozenset(map(_join, affixes)) if affixes else frozenset[str]()
    outlet_gone = False
    while True:
        shorter = _without_slug(found)
        if shorter == found and (rest := _without_outlet(found, own, extra, outlet_gone)):
            shorter, outlet_gone = rest, True
        if shorter == found:
            return found
        found = shorter.strip()


def title_match(one: Article, other: Article, affixes: Collection[str] = ()) -> TitleMatch | None:
    """Say whether two articles have the same headline, or nearly.

    Parameters
    ----------
    one, other : Article
        Their titles are looked at, and the sources and hosts of both: an outlet may print another's title as it is.
    affixes : collection of str, optional
        As in :func:`strip_title`.

    Returns
    -------
    TitleMatch or None
        None if one has no title, or the headlines are different. The same, whichever comes first.

    Notes
    -----
    About 20 microseconds.

    Examples
    --------
    >>> from dedup.article import Article
    >>> one, other = Article("", title="Storm hits the north - BBC News"), Article("", title="Storm hits the North")
    >>> title_match(one, other)
    TitleMatch(score=1.0, kind='same')
    """
    if not one.title or not other.title:
        return None
    outlets = [name for article in (one, other) for name in (article.source, host_of(article.url))]
    titles = (strip_affixes(title, outlets, affixes) for title in (one.title, other.title))
    return match_words(*map(headline_words, titles))


def headline_words(headline: str) -> tuple[str, ...]:
    """Normalised words of a stripped headline."""
    return tuple(split_words(headline)[0])


def match_words(one: tuple[str, ...], other: tuple[str, ...]) -> TitleMatch | None:
    """Compare two headlines by their words.

    Examples
    --------
    >>> match_words(("storm", "hits", "the", "north"), ("storm", "hits", "the", "far", "north"))
    TitleMatch(score=0.8, kind='near')
    >>> match_words(("storm", "kills", "4", "up", "north"), ("storm", "kills", "5", "up", "north"))
    """
    if not one or not other:
        return None
    if one == other:
        return TitleMatch(1.0, "same")
    mine, theirs = set(one), set(other)
    score = rounded(len(mine & theirs), len(mine | theirs))
    if score < round(NEAR * SCALE) or contradict(one, other):
        return None
    return TitleMatch(score / SCALE, "near")


def contradict(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two headlines of different words can't be near, however much they resemble.

    Examples
    --------
    >>> contradict("four die in north sea".split(), "4 die in the north sea".split())
    False
    >>> contradict("man bites dog".split(), "dog bites man".split())
    True
    """
    if min(len(set(one)), len(set(other))) < LEAST_WORDS:
        return True
    if _negates(one) != _negates(other):
        return True
    numbers = [set(_figures(words)) for words in (one, other)]
    if numbers[0] - numbers[1] and numbers[1] - numbers[0]:
        return True
    pairs = [set(pairwise(words)) for words in (one, other)]
    return len(pairs[0] & pairs[1]) < ORDER * min(map(len, pairs))


def _negates(words: Sequence[str]) -> bool:
    return not _NEGATIONS.isdisjoint(words) or any(
        word == "t" and before.endswith("n") for before, word in pairwise(words)
    )


def _figures(words: Iterable[str]) -> Iterator[str]:
    """Numbers and days, written in one way."""
    for word in words:
        if word in _NUMBER_WORDS:
            yield _NUMBER_WORDS[word]
        elif word in _DATES or any(map(is_digit, word)):
            yield word


def _without_slug(title: str) -> str:
    """Title without the mark at its beginning, or at its end, if a headline is left."""
    match = SLUG.match(title)
    left = title[match.end() :] if match else title
    tag = TAG.search(left) if left[-1:] in ("]", ")", "】") else None
    left = left[: tag.start()] if tag else left
    return left if _has_words(left, _LEAST_LEFT) else title


def _without_outlet(title: str, own: AbstractSet[str], extra: AbstractSet[str], outlet_gone: bool) -> str:
    """Title without the name at its end, or at its beginning; empty if there is none to be taken off."""
    found = list(SEPARATOR.finditer(title))
    if found:
        last = found[-1]
        left, name = title[: last.start()], title[last.end() :]
        strong = bool(last[1] or last[2])
        if _has_words(left, _least_before(name, strong, own, extra, outlet_gone)):
            return left
    first = HEAD_SEPARATOR.search(title)
    if first is not None:
        name, left = title[: first.start()], title[first.end() :]
        strong = bool(first[1] or first[2])
        sure = own if strong or first[0].strip() in _COLONS else frozenset[str]()
        known = _is_known(name, False, sure, extra) or (strong and outlet_gone and _is_section(name))
        if known and _has_words(left, _LEAST_BEHIND):
            return left
    return ""


def _least_before(
    name: str, strong: bool, own: AbstractSet[str], extra: AbstractSet[str], outlet_gone: bool
) -> int:
    """Words that must stand before the last separator where what stands behind it is to be taken off."""
    if len(name) > _LONGEST_GIVEN:
        return _NEVER
    if _is_known(name, strong, own, extra):
        return _LEAST_BEFORE
    if strong and (_is_common(name) or (outlet_gone and _is_section(name))):
        return _LEAST_LEFT
    return _LEAST_BEHIND if _looks_like_outlet(name, strong) else _NEVER


def _has_words(text: str, least: int) -> bool:
    return len(split_words(text)[0]) >= least


def _is_known(name: str, strong: bool, own: AbstractSet[str], extra: AbstractSet[str]) -> bool:
    """Whether this is the article's own outlet, one that the caller names, a domain or a masthead."""
    words = split_words(name[: _LONGEST_GIVEN + 1])[0]
    if not words or len(words) > _LONGEST_NAME or len(name) > _LONGEST_GIVEN:
        return False
    if DOMAIN.fullmatch(name) or (extra and "".join(words) in extra):
        return True
    if own and not own.isdisjoint(_variants(words)):
        return True
    return (strong or not name[0].islower()) and any(" ".join(core) in MASTHEADS for core in _cores(words))


def _is_common(name: str) -> bool:
    words = [word for word in split_words(name)[0] if word not in ARTICLES]
    return len(words) == 1 and words[0] in COMMON


def _is_section(name: str) -> bool:
    words = split_words(name)[0]
    return " ".join(words) in SECTIONS or (len(words) == 2 and words[1] == "news" and words[0] in SECTIONS)


def _looks_like_outlet(name: str, strong: bool) -> bool:
    """Whether a name that is in no list has the form of one."""
    words = split_words(name)[0]
    given = name.split()
    if not 0 < len(words) <= _LONGEST_NAME or not (strong or given[0][:1].isupper()):
        return False
    if all(word in GENERIC for word in words):
        return True
    if words[0] in ARTICLES and words[1:] and " ".join(words[1:]) in COMMON:
        return given[-1][:1].isupper()
    capitals = all(word[:1].isupper() or word[:1].isdigit() for word in given)
    named = (
        len(words) > 1 and words[-1] in PAPERS and PHRASES.isdisjoint(words[1 if words[0] == "the" else 0 :])
    )
    return capitals and named


def _join(name: str) -> str:
    return "".join(split_words(name)[0])


def _cores(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The name itself, without its article, and without what outlets put beside their names."""
    yield words
    first = 1 if words[0] in ARTICLES else 0
    last = len(words)
    if first:
        yield words[first:]
    while last - first > 1 and words[last - 1] in QUALIFIERS:
        last -= 1
        yield words[first:last]


def _variants(words: Sequence[str]) -> set[str]:
    """How a name may be written in a host: joined, and with all but its last word, or all, as initials."""
    found = set()
    for core in _cores(words):
        found.add("".join(core))
        if len(core) > 1:
            initials = "".join(word[0] for word in core)
            found.add(initials[:-1] + core[-1])
            if len(core) > 2:
                found.add(initials)
    if len(words) == 2:
        found.add(f"{words[1]}{words[0]}")  # finance.yahoo.com is Yahoo Finance
    return found


@lru_cache(maxsize=4096)
def _names_of(source: str) -> frozenset[str]:
    """Forms in which an outlet, known by its name or host, may stand beside a headline."""
    found: set[str] = set()
    name = source.strip().lower()
    if " " not in name and "." in name:
        labels = name.split("/")[0].split(":")[0].split(".")[:-1]
        parts = [label.replace("-", "").replace("_", "") for label in labels if label not in HOST_PARTS]
        found.update(parts)
        found.add("".join(parts))
        found.update(part.removeprefix("the") for part in parts)
    elif words := split_words(name)[0]:
        found.update("".join(core) for core in _cores(words))
    return frozenset(form for form in found if len(form) > 1)
