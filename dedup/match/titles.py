"""Titles: what an outlet puts around a headline is stripped, and two headlines are compared.

``same`` are headlines with the same words, ``near`` those whose sets of words resemble and that contradict each other
neither by a number, a day, a negation or a direction nor by the order of their words (measured in docs/decisions/0017-title-match.md).
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from dedup.match.affixes import (
    BRACKETED,
    HEAD_SEPARATOR,
    LONGEST_TITLE,
    MARK,
    SEPARATOR,
    SLUG,
    TAG,
    may_have_separator,
    names,
)
from dedup.match.outlets import Name, forms_of, joined
from dedup.match.relation import Limits
from dedup.match.similarity import SCALE, rounded
from dedup.match.suffixes import Affixes
from dedup.pair import TitleMatch
from dedup.text.codepoints import is_digit
from dedup.text.tokens import split_words
from dedup.url import host_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from dedup.article import Article

#: What a run compares: what stands in the articles, or their headlines.
By = Literal["text", "title"]
BYS: tuple[By, ...] = get_args(By)
#: Resemblance of the sets of words from which on two headlines are near.
NEAR = 0.75
#: Different words that the shorter headline has at least where two are near: in shorter ones each word is the story.
LEAST_WORDS = 3
#: Share of the pairs of neighbouring words of the shorter headline that the other has too.
ORDER = 0.4
#: Words of a name that changes its place with another: man bites dog, dog bites man.
_NAME = (1, 2)
#: Words in a shingle of a headline, and what makes a pair of headlines near: their resemblance alone.
WIDTH = 1
LIMITS = Limits(resemblance=NEAR, containment=1.0, coverage=1.0, continuity=1.0, excerpt=1.0)
#: Words that are left of a headline, at least: before the name of a known outlet; beside a slug, a section or a bare
#: word; behind an outlet, or before what only looks like one.
_LEAST_BEFORE, _LEAST_LEFT, _LEAST_BEHIND = 1, 2, 3
_NEVER = 1 << 30
_NOTHING_LEARNT = Affixes()
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
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|june|july|
    august|september|october|november|december|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|
    mercredi|jeudi|vendredi|samedi|dimanche|lunes|miercoles|jueves|viernes|sabado|domingo|понедельник|вторник|среда|
    четверг|пятница|суббота|воскресенье
    """
)


#: What goes one way, and what goes the other.
_WAYS = (
    names(
        """
        up|rise|rises|rose|rising|gain|gains|gained|higher|raise|raises|raised|lifts|lifted|increase|increases|increased|
        climb|climbs|climbed|jump|jumps|jumped|soar|soars|soared|grow|grows|grew|win|wins|won|opens|reopens|starts|
        steigt|steigen|stieg|hausse|augmente|gagne|sube|suben|subió|sobe|sobem|sale|salgono|растет|выросла|вырос|выросли
        """
    ),
    names(
        """
        down|fall|falls|fell|falling|loss|losses|lower|lowers|lowered|cut|cuts|decrease|decreases|decreased|drop|drops|
        dropped|slip|slips|slipped|slide|slides|slid|sink|sinks|sank|plunge|plunges|shrink|shrinks|shrank|lose|loses|lost|
        closes|shuts|ends|sinkt|sinken|sank|fällt|fallen|fiel|baisse|diminue|perd|baja|bajan|bajó|cai|caem|scende|
        scendono|падает|упала|упал|упали|снизился|снизилась|снизились
        """
    ),
)


def strip_title(title: str, source: str | None = None, affixes: Collection[str] | Affixes = ()) -> str:
    """Take off a headline what its outlet or a wire put around it.

    Parameters
    ----------
    title : str
        Any title.
    source : str, optional
        Name or host of the outlet; what stands behind the last separator is taken off if it is this name.
    affixes : collection of str, or Affixes, optional
        Further names that are taken off; or what was learnt from a dump, each for its host.

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


def strip_affixes(title: str, sources: Sequence[str | None], affixes: Collection[str] | Affixes = ()) -> str:
    """:func:`strip_title` where an outlet is known by several names."""
    found = without_slugs(title)
    if not may_have_outlet(found):
        return found
    learnt, names = (affixes, ()) if isinstance(affixes, Affixes) else (_NOTHING_LEARNT, affixes)
    own = frozenset(map(joined, names)).union(*(forms_of(source) for source in sources if source))
    outlet_gone = False
    while may_have_outlet(found) and (
        rest := learnt.strip(found, sources) or _without_outlet(found, own, outlet_gone)
    ):
        found, outlet_gone = without_slugs(rest), True
    return found


def without_slugs(title: str) -> str:
    """Title without runs of white space and the marks of wires around it, whoever printed it."""
    found = " ".join(title.split())
    if len(found) > LONGEST_TITLE or not MARK.search(found):
        return found
    while (shorter := _without_slug(found)) != found:
        found = shorter.strip()
    return found


def may_have_outlet(title: str) -> bool:
    """Whether an outlet may stand around a title that has no slug."""
    return title[-1:] == ")" or (len(title) <= LONGEST_TITLE and may_have_separator(title))


def title_match(one: Article, other: Article, affixes: Collection[str] | Affixes = ()) -> TitleMatch | None:
    """Say whether two articles have the same headline, or nearly.

    Parameters
    ----------
    one, other : Article
        Their titles are looked at, and the sources and hosts of both: an outlet may print another's title as it is.
    affixes : collection of str, or Affixes, optional
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
    known, others = set(one), set(other)
    if min(len(known), len(others)) < LEAST_WORDS:
        return True
    if _negates(one) != _negates(other):
        return True
    if _has_figures(one) and _has_figures(other):
        numbers = [Counter(_figures(words)) for words in (one, other)]
        if numbers[0] - numbers[1] and numbers[1] - numbers[0]:
            return True
    mine, theirs = known - others, others - known
    if mine and theirs and any(mine & ways[0] and theirs & ways[1] for ways in (_WAYS, _WAYS[::-1])):
        return True
    pairs = [set(pairwise(words)) for words in (one, other)]
    if len(pairs[0] & pairs[1]) < ORDER * min(map(len, pairs)):
        return True
    return _exchanged([word for word in one if word in others], [word for word in other if word in known])


def _exchanged(mine: list[str], theirs: list[str]) -> bool:
    """Whether two names, of a word or two, stand in each other's place around what both headlines have between them.

    Of each headline the words are given that the other has too.
    """
    if mine == theirs or len(mine) != len(theirs):
        return False
    places = [place for place, (word, its) in enumerate(zip(mine, theirs, strict=True)) if word != its]
    begin, end = (places[0], places[-1] + 1) if places else (0, 0)
    mine, theirs = mine[begin:end], theirs[begin:end]
    length = len(mine)
    return any(
        mine[:first] == theirs[length - first :]
        and mine[length - last :] == theirs[:last]
        and mine[first : length - last] == theirs[last : length - first]
        for first in _NAME
        for last in _NAME
        if first + last < length
    )


def _negates(words: Sequence[str]) -> bool:
    return not _NEGATIONS.isdisjoint(words) or (
        "t" in words and any(word == "t" and before.endswith("n") for before, word in pairwise(words))
    )


def _has_figures(words: Sequence[str]) -> bool:
    return not "".join(words).isalpha() or not (
        _DATES.isdisjoint(words) and _NUMBER_WORDS.keys().isdisjoint(words)
    )


def figures_of(words: Sequence[str]) -> tuple[str, ...]:
    """Numbers and days of a headline, written in one way, ascending: others, if as many, contradict them.

    Examples
    --------
    >>> figures_of("four die in 2 crashes on monday".split())
    ('2', '4', 'monday')
    """
    return tuple(sorted(_figures(words))) if _has_figures(words) else ()


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
    return left if left != title and _has_words(left, _LEAST_LEFT) else title


def _without_outlet(title: str, own: AbstractSet[str], outlet_gone: bool) -> str:
    """Title without the name at its end, or at its beginning; empty if there is none to be taken off."""
    bracketed = BRACKETED.search(title)
    if bracketed is not None:
        name, left = Name.of(bracketed[1]), title[: bracketed.start()]
        known = name is not None and (name.is_masthead(lower=False) or name.is_own(own))
        return left if known and _has_words(left, _LEAST_LEFT) else ""
    last = None
    for found in SEPARATOR.finditer(title):
        last = found
    if last is not None:
        name = Name.of(title[last.end() :])
        left, strong = title[: last.start()], bool(last[1] or last[2])
        if name is not None and _has_words(left, _least_before(name, strong, own, outlet_gone)):
            return left
    first = HEAD_SEPARATOR.search(title)
    name = Name.of(title[: first.start()]) if first is not None else None
    if first is not None and name is not None:
        left, strong = title[first.end() :], bool(first[1] or first[2])
        own_counts = strong or first[0].strip() in _COLONS
        known = (own_counts and name.is_own(own)) or name.is_masthead(lower=False)
        if (known or (strong and outlet_gone and name.is_section())) and _has_words(left, _LEAST_BEHIND):
            return left
    return ""


def _least_before(name: Name, strong: bool, own: AbstractSet[str], outlet_gone: bool) -> int:
    """Words that must stand before the last separator where what stands behind it is to be taken off."""
    if name.is_own(own) or name.is_masthead(lower=strong):
        return _LEAST_BEFORE
    if strong and (name.is_common() or (outlet_gone and name.is_section())):
        return _LEAST_LEFT
    return _LEAST_BEHIND if name.looks_like_outlet(lower=strong) else _NEVER


def _has_words(text: str, least: int) -> bool:
    if least == _NEVER:
        return False
    plain = sum(piece[0].isalnum() and piece[0].isascii() for piece in text.split())
    return plain >= least or len(split_words(text)[0]) >= least
