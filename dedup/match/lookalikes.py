"""Look-alikes: two similar texts that are other reports written over one template, and no copies.

Four grounds, each enough alone (measured in docs/decisions/0011-look-alikes.md):

``numbers``
    in the same place of the text other numbers stand, on another day, and little else differs;
``names``
    each title names what its own text has and the other text lacks;
``titles``
    the titles have next to nothing in common, and each names what the other text lacks: the texts are a block of
    the page around the story;
``lead``
    the texts begin with stories of their own and share what stands below them.

What differs is counted, by :func:`differences` for one pair in plain Python and by
:func:`dedup.match.verification.templates_among` for many; :func:`grounds` decides for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.dates import epoch_of
from dedup.match.differing import Slot, lead, slots
from dedup.pair import LookAlike
from dedup.text.shingling import code_word, set_figures
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dedup.article import Article
    from dedup.kernels.types import Rows
    from dedup.pair import Ground
    from dedup.text.tokens import Token

SLOT = 24  #: words from which on what differs is a passage and no slot
TITLE = 64  #: words of a title that are looked at
UNKNOWN = -1
REACH = 12  #: characters around a word that are shown with it, if no space is between
EXAMPLES = 8  #: slots that are shown
#: Words by which wires mark the newer version of a report.
CORRECTIONS = frozenset(
    {"corrected", "correction", "corrects", "refile", "refiles", "rpt", "update", "updated"}
)


class Differences(NamedTuple):
    """What differs between two articles, counted; of one pair int, of many an int64 array each.

    Attributes
    ----------
    words
        Of the shorter text.
    numbers, spelt
        Places inside the texts with other numbers in each; with a number in one and other words in the other.
    reworded
        Places where other words stand, up to 24 of them.
    lead
        Words before the first passage that the other text has too, wherever, in the text where they are fewer.
    title_words, shorter_title, shared_title
        Distinct words of both titles, of the shorter, in both; 0 if one has none.
    foreign, other_foreign
        Words of a title that stand neither in the other title nor in the other text.
    apart, other_apart
        Those of them that stand in the title's own text.
    contained, intact
        Containment of the texts, and of the shorter one between the first and the last passage that both have
        (:func:`dedup.match.similarity.intactness`), in ten-thousandths.
    own
        Numbers that one text alone has (:func:`dedup.text.shingling.set_figures`), of the text that has fewer.
    hours
        Between the two publications; ``UNKNOWN`` if one is undated.
    corrected
        1 if one title alone marks a newer version.
    """

    words: Any
    numbers: Any
    spelt: Any
    reworded: Any
    lead: Any
    title_words: Any
    shorter_title: Any
    shared_title: Any
    foreign: Any
    other_foreign: Any
    apart: Any
    other_apart: Any
    contained: Any
    intact: Any
    own: Any
    hours: Any
    corrected: Any

    @classmethod
    def of_likeness(cls, words: Rows, titles: Iterable[Rows], likeness: Iterable[Rows]) -> Differences:
        """What is known without aligning the texts: :func:`may_hold` asks for no more."""
        return cls._make([words, 0, 0, 0, 0, *titles, 0, 0, 0, 0, *likeness, UNKNOWN, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """From where on what differs makes a template; a number written out in one text counts half.

    Parameters
    ----------
    another_day : int, default=20
        Hours from which on two publications are of different days.
    words_per_number, undated_words_per_number, same_day_words_per_number : int, default=120, 66, 25
        One differing number in so many words is enough: of articles of different days; if a date is unknown; on
        one day, where it takes `same_day_numbers` too, because a corrected figure is a version.
    same_day_numbers : int, default=4
        Differing numbers that it takes at least on one day.
    foreign_words, foreign_share, shared_share : int, default=2, 3, 4
        Each title has so many foreign words; they are at least one in so many of the titles' words, and shared
        ones at most one in so many. An editor's own headline for a copy names what the copy names.
    intact : int, default=9600
        Ten-thousandths from which on the shorter text is too much like the other for so many numbers to differ.
    contained : int, default=8500
        Containment, in ten-thousandths, from which on it has no lead and no names of its own.
    lead_words, lead_share : int, default=25, 5
        A lead of its own has so many words, and is at least one in so many of the text.
    """

    another_day: int = 20
    words_per_number: int = 120
    undated_words_per_number: int = 66
    same_day_words_per_number: int = 25
    same_day_numbers: int = 4
    foreign_words: int = 2
    foreign_share: int = 3
    shared_share: int = 4
    intact: int = 9600
    contained: int = 8500
    lead_words: int = 25
    lead_share: int = 5


DEFAULTS = Cues()


def grounds(found: Differences, cues: Cues = DEFAULTS) -> dict[Ground, Any]:
    """Which grounds hold; for one pair, or element by element for many.

    Examples
    --------
    >>> fed = Differences(51, 1, 0, 0, 0, 12, 6, 6, 0, 0, 0, 0, contained=8936, intact=8936, own=1, hours=168, corrected=0)
    >>> grounds(fed)["numbers"], grounds(fed._replace(hours=2))["numbers"]
    (True, False)
    """
    possible = may_hold(found, cues)
    return {
        "numbers": possible["numbers"] & _numbers_differ(found, cues),
        "names": possible["names"] & (found.apart > 0) & (found.other_apart > 0),
        "titles": possible["titles"]
        & (found.foreign >= cues.foreign_words)
        & (found.other_foreign >= cues.foreign_words)
        & (cues.foreign_share * (found.foreign + found.other_foreign) >= found.title_words),
        "lead": possible["lead"]
        & (found.lead >= cues.lead_words)
        & (cues.lead_share * found.lead >= found.words),
    }


def may_hold(found: Differences, cues: Cues) -> dict[Ground, Any]:
    """Which grounds are possible by what is known without aligning the texts; most copies have none."""
    retitled = (found.title_words > 0) & (2 * found.shared_title < found.title_words)
    different = found.contained < cues.contained
    return {
        "numbers": (found.intact < cues.intact)
        & (cues.words_per_number * (2 * found.own + 1) >= 2 * found.words),  # as if one were spelt out
        "names": retitled & different & (found.shared_title < found.shorter_title),
        "titles": retitled & (cues.shared_share * found.shared_title <= found.shorter_title),
        "lead": different & ((found.title_words == 0) | (2 * found.shared_title < found.shorter_title)),
    }


def _numbers_differ(found: Differences, cues: Cues) -> Any:  # noqa: ANN401 - bool or array
    halves = 2 * found.numbers + found.spelt
    numbers = found.numbers + found.spelt
    undated = found.hours == UNKNOWN
    another_day = found.hours >= cues.another_day
    same_day = (found.hours >= 0) & (found.hours < cues.another_day)
    mostly = numbers > found.reworded

    def dense(words_per_number: int) -> Any:  # noqa: ANN401 - bool or array
        return halves * words_per_number >= 2 * found.words

    return (
        (found.corrected == 0)
        & (numbers > 0)
        & (
            (another_day & (numbers >= found.reworded) & dense(cues.words_per_number))
            | (undated & mostly & dense(cues.undated_words_per_number))
            | (same_day & mostly & dense(cues.same_day_words_per_number) & (numbers >= cues.same_day_numbers))
        )
    )


def look(
    one: Article,
    other: Article,
    contained: int,
    intact: int,
    cues: Cues = DEFAULTS,
    texts: tuple[str, str] | None = None,
) -> LookAlike:
    """Say what differs between two similar articles, and whether that makes them look-alikes.

    Parameters
    ----------
    one, other : Article
        Titles and dates are looked at where both have one.
    contained, intact : int
        As in :class:`Differences`.
    cues : Cues, optional
        From where on they are look-alikes.
    texts : tuple of two str, optional
        What is looked at of their texts, if that is not all.

    Returns
    -------
    LookAlike
        The same grounds, whichever comes first; the examples follow the order of the two.

    Notes
    -----
    About 3 milliseconds for two news articles.

    Examples
    --------
    >>> from dedup.article import Article
    >>> text = "The Penny Lock gauge showed a level of {} metres above datum at seven this morning, the board said."
    >>> monday, friday = (Article(text.format(level)) for level in ("112.46", "112.71"))
    >>> look(monday, friday, 6429, 6429).grounds, look(monday, friday, 6429, 6429).examples
    (('numbers',), (('112.46', '112.71'),))
    """
    texts = texts or (one.compared, other.compared)
    aligned = _align(one, other, texts)
    found = _differences(one, other, aligned, (contained, intact))
    held = tuple(ground for ground, holds in grounds(found, cues).items() if holds)
    places = aligned.places
    if aligned.swapped:
        places = [Slot(*place[2:4], *place[:2], place.inside) for place in places]
    return _report(held, found, texts, aligned.sides, places)


def differences(one: Article, other: Article, contained: int, intact: int) -> Differences:
    """What differs between two articles, counted; what :func:`grounds` decides on."""
    return _differences(one, other, _align(one, other, (one.compared, other.compared)), (contained, intact))


class _Aligned(NamedTuple):
    """Two texts and what differs; the longer is first in all but `sides`, which keep the order given."""

    sides: list[list[Token]]
    codes: list[list[int]]
    titles: list[list[int]]
    places: list[Slot]
    swapped: bool


def _align(one: Article, other: Article, texts: tuple[str, str]) -> _Aligned:
    sides = [tokenise(text) for text in texts]
    codes = [[code_word(token.text) for token in tokens] for tokens in sides]
    titles = [
        [code_word(token.text) for token in tokenise(article.title or "")[:TITLE]] for article in (one, other)
    ]
    swapped = (len(codes[0]), codes[0]) < (len(codes[1]), codes[1])
    if swapped:
        codes.reverse()
        titles.reverse()
    return _Aligned(sides, codes, titles, slots(*codes), swapped)


def _differences(one: Article, other: Article, aligned: _Aligned, likeness: tuple[int, int]) -> Differences:
    counts = [
        *_count(aligned.codes, aligned.titles, aligned.places),
        *likeness,
        _own(*map(set_figures, aligned.codes)),
        hours_apart(one.published, other.published),
        corrects(one.title, other.title),
    ]
    return Differences._make(counts)


def _report(
    held: tuple[Ground, ...],
    found: Differences,
    texts: tuple[str, str],
    sides: Sequence[Sequence[Token]],
    places: Sequence[Slot],
) -> LookAlike:
    """What a reader is told: counts, and places where words stand against each other, numbers first."""
    against = []
    for place in places:
        words = sides[0][place.start : place.stop], sides[1][place.other_start : place.other_stop]
        if all(words) and max(map(len, words)) <= SLOT:
            has_number = any(code_word(token.text) & 1 for side in words for token in side)
            against.append((not (has_number and place.inside), words))
    against.sort(key=lambda item: item[0])
    return LookAlike(
        grounds=held,
        numbers=found.numbers + found.spelt,
        reworded=found.reworded,
        dropped=sum(place.stop - place.start for place in places if place.other_start == place.other_stop),
        added=sum(place.other_stop - place.other_start for place in places if place.start == place.stop),
        hours_apart=None if found.hours == UNKNOWN else found.hours,
        examples=tuple(
            (_surface(texts[0], words[0]), _surface(texts[1], words[1])) for _, words in against[:EXAMPLES]
        ),
    )


def _surface(text: str, words: Sequence[Token]) -> str:
    """Words as they stand in the text, with what is written together with them."""
    start, stop = words[0].start, words[-1].end
    first, last = max(start - REACH, 0), stop + REACH
    while start > first and not text[start - 1].isspace():
        start -= 1
    while stop < min(last, len(text)) and not text[stop].isspace():
        stop += 1
    return " ".join(text[start:stop].split())


def _count(
    texts: Sequence[Sequence[int]], titles: Sequence[Sequence[int]], places: Sequence[Slot]
) -> list[int]:
    """What the kernel counts, in the order of its columns; the longer text comes first."""
    one, other = texts
    numbers = spelt = reworded = 0
    for place in places:
        left, right = one[place.start : place.stop], other[place.other_start : place.other_stop]
        if not left or not right or max(len(left), len(right)) > SLOT:
            continue
        mine, theirs = [code for code in left if code & 1], [code for code in right if code & 1]
        if mine == theirs:
            reworded += 1
        elif place.inside:
            numbers += bool(mine and theirs)
            spelt += not (mine and theirs)
    counts = [len(other), numbers, spelt, reworded, lead(one, other)]
    title, other_title = map(set, titles)
    if not title or not other_title:
        return counts + [0] * 7
    foreign, other_foreign = title - other_title - set(other), other_title - title - set(one)
    if any(list(text[: len(words)]) == list(words) for text, words in zip(texts, titles, strict=True)):
        foreign = other_foreign = set()  # a title that its text begins with says nothing of its own
    return [
        *counts,
        len(title) + len(other_title),
        min(len(title), len(other_title)),
        len(title & other_title),
        len(foreign),
        len(other_foreign),
        len(foreign & set(one)),
        len(other_foreign & set(other)),
    ]


def _own(figures: int, other_figures: int) -> int:
    return min((figures & ~other_figures).bit_count(), (other_figures & ~figures).bit_count())


def hours_apart(one: datetime | None, other: datetime | None) -> int:
    """Whole hours between two moments, ``UNKNOWN`` if one is."""
    begin, end = epoch_of(one), epoch_of(other)
    return UNKNOWN if begin is None or end is None else int(abs(begin - end) // 3600)


def corrects(one: str | None, other: str | None) -> int:
    """Whether one title alone marks a newer version.

    Examples
    --------
    >>> corrects("CORRECTED - Mobil to upgrade refinery", "Mobil to upgrade refinery")
    1
    """
    marks = [
        any(token.text in CORRECTIONS for token in tokenise(title or "")[:TITLE]) for title in (one, other)
    ]
    return int(marks[0] != marks[1])
