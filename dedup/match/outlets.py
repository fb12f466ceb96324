"""Outlets: whether a name beside a headline is that of an outlet."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dedup.match.affixes import (
    ARTICLES,
    COMMON,
    DOMAIN,
    GENERIC,
    HOST_PARTS,
    MASTHEADS,
    PAPERS,
    PHRASES,
    QUALIFIERS,
    SECTIONS,
)
from dedup.text.tokens import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

#: Words and characters of the name of an outlet, at most.
_LONGEST_NAME, _LONGEST_GIVEN = 6, 60


class Name(NamedTuple):
    """What may be the name of an outlet.

    Attributes
    ----------
    given : str
        As it stands beside the headline.
    words : sequence of str
        Normalised; one at least.
    """

    given: str
    words: Sequence[str]

    @classmethod
    def of(cls, given: str) -> Name | None:
        """Name as it is given; None if it is empty, or too long for one.

        Examples
        --------
        >>> Name.of("BBC News").words, Name.of("what everybody needs to know about it")
        (['bbc', 'news'], None)
        """
        if len(given) > _LONGEST_GIVEN:
            return None
        words = split_words(given)[0]
        return cls(given, words) if 0 < len(words) <= _LONGEST_NAME else None

    def is_own(self, own: AbstractSet[str]) -> bool:
        """Whether it is one of these forms (:func:`forms_of`), or a domain, which names no story.

        Examples
        --------
        >>> Name.of("The Lockport Mail").is_own(forms_of("www.lockport-mail.example"))
        True
        """
        return bool(DOMAIN.fullmatch(self.given)) or bool(own and not own.isdisjoint(_variants(self.words)))

    def is_masthead(self, *, lower: bool) -> bool:
        """Whether it is a well-known one, with what may stand beside it; `lower`: without a capital too."""
        return (lower or not self.given[0].islower()) and any(
            " ".join(core) in MASTHEADS for core in _cores(self.words)
        )

    def is_common(self) -> bool:
        """Whether it is a masthead that is a common word too."""
        words = [word for word in self.words if word not in ARTICLES]
        return len(words) == 1 and words[0] in COMMON

    def is_section(self) -> bool:
        """Whether it is a section of a newspaper."""
        first = self.words[0]
        return " ".join(self.words) in SECTIONS or (first in SECTIONS and self.words[1:] == ["news"])

    def looks_like_outlet(self, *, lower: bool) -> bool:
        """Whether it has the form of an outlet's name, though it is in no list.

        Examples
        --------
        >>> [Name.of(given).looks_like_outlet(lower=False) for given in ("Valley Herald", "Hard Times", "The Sun")]
        [True, False, True]
        """
        given, words = self.given.split(), self.words
        if not (lower or given[0][0].isupper()):
            return False
        if all(word in GENERIC for word in words):
            return True
        if words[0] in ARTICLES and " ".join(words[1:]) in COMMON:
            return given[-1][0].isupper()
        before = words[1:-1] if words[0] == "the" else words[:-1]
        capitals = all(word[0].isupper() or word[0].isdigit() for word in given)
        return bool(before) and capitals and words[-1] in PAPERS and PHRASES.isdisjoint(before)


@lru_cache(maxsize=4096)
def forms_of(source: str) -> frozenset[str]:
    """Forms in which an outlet, known by its name or host, may stand beside a headline.

    Examples
    --------
    >>> sorted(forms_of("news.bbc.co.uk")), sorted(forms_of("BBC News"))
    (['bbc'], ['bbc', 'bbcnews'])
    """
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


def joined(name: str) -> str:
    """Words of a name, written together."""
    return "".join(split_words(name)[0])


def _cores(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The name itself, without its article, and without what outlets put beside their names."""
    yield words
    first = 1 if words[0] in ARTICLES and len(words) > 1 else 0
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
