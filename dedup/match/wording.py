"""One text as the pair model sees it: its words, what each weighs, its names, numbers and grams."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from dedup.text.codepoints import SINGLE, map_character
from dedup.text.commonness import RAREST, word_weight
from dedup.text.tokens import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Words and characters of a text that are looked at; what stands behind them says little that its beginning does not.
MOST_WORDS, MOST_CHARACTERS = 1000, 3000
#: Weight of a pair of characters in scripts without spaces.
_PAIR_WEIGHT = 5.0
#: Weight from which on the first word of a sentence is a name, and any word of a text in capitals.
_NAME_WEIGHT, _SHOUTED_WEIGHT = 6.0, 6.5
#: Share of words with capitals from which on they tell no names, and words of a text of which that can be said.
_SHOUTED, _FEW_WORDS = 0.6, 4
#: Where there is no case: characters of a rare word that is taken for a name.
_NAME_CHARACTERS = 5
#: Behind one of these, a word has its capital for that.
_OPENING = re.compile(r"[.!?:\"“«]")
#: Letters in which the forms of a word mostly agree.
_STEM = 5
#: Words that deny, as they are normalised.
_DENIALS = frozenset(
    [
        "not",
        "no",
        "never",
        "neither",
        "nor",
        "without",
        "none",
        "cannot",
        "didn",
        "doesn",
        "don",
        "isn",
        "wasn",
        "weren",
        "won",
        "wouldn",
        "couldn",
        "hasn",
        "haven",
        "hadn",
        "t",
        "не",
        "нет",
        "ни",
        "без",
        "никогда",
        "nao",
        "nunca",
        "sem",
        "nem",
        "sin",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "ohne",
        "nie",
        "ne",
        "pas",
        "sans",
        "jamais",
        "non",
        "senza",
        "mai",
        "niet",
        "geen",
        "zonder",
        "nooit",
        "bez",
        "nije",
        "nisu",
        "nece",
        "nema",
        "不",
        "没",
        "无",
        "未",
        "非",
    ]
)


class Wording:
    """A text, as far as the pair model looks at it.

    Parameters
    ----------
    text : str
        Any text, in any script; its first thousand words count.

    Attributes
    ----------
    text : str
        As given, cut where the words that count end.
    words : list of str
        Normalised.
    written : dict of str to str
        How each word is written where it stands first.
    unspaced : bool
        Whether most words are single characters of a script without spaces; its terms are pairs of them.
    weights : dict of str to float
        What each term weighs.
    names, numbers : set of str
        Words with a capital inside a sentence, or where there is no case, rare long ones; words with a digit.
    """

    def __init__(self, text: str) -> None:
        words, starts, ends = split_words(text)
        words, starts, ends = words[:MOST_WORDS], starts[:MOST_WORDS], ends[:MOST_WORDS]
        self.text = text[: ends[-1] + 1] if words else ""
        self.words = list(words)
        self.unspaced = sum(is_single(word) for word in words) > len(words) / 2
        self.joined = "".join(words) if self.unspaced else f" {' '.join(words)} "
        terms = [one + other for one, other in itertools.pairwise(words)] if self.unspaced else words
        self.terms = Counter(terms or words)
        self.weights = {term: _PAIR_WEIGHT if self.unspaced else word_weight(term) for term in self.terms}
        self.numbers = {word for word in words if is_number(word)}
        self.names = self._find_names(words, starts, ends)
        self.written: dict[str, str] = {}
        for word, start, end in zip(words, starts, ends, strict=True):
            self.written.setdefault(word, text[start:end])

    @cached_property
    def stems(self) -> set[str]:
        """First letters of each term, in which forms of one word agree."""
        return set(self.terms) if self.unspaced else {stem(term) for term in self.terms}

    @cached_property
    def denials(self) -> int:
        """Words that deny."""
        return sum(word in _DENIALS for word in self.words)

    def word_grams(self, length: int) -> set[tuple[str, ...]]:
        """Distinct runs of so many words."""
        return set(zip(*(self.words[shift:] for shift in range(length)), strict=False))

    def character_grams(self, length: int) -> set[str]:
        """Distinct runs of so many characters of the normalised text."""
        return {self.joined[at : at + length] for at in range(max(1, len(self.joined) - length + 1))}

    def _find_names(self, words: Sequence[str], starts: Sequence[int], ends: Sequence[int]) -> set[str]:
        text = self.text
        if not self.unspaced and not any(map(str.isupper, text)) and not any(map(str.islower, text)):
            rare = (word for word in words if word_weight(word) == RAREST and not is_number(word))
            return {word for word in rare if len(word) >= _NAME_CHARACTERS}
        high = [at for at, start in enumerate(starts) if text[start].isupper()]
        names = set()
        for at in high:
            inside = at and not _OPENING.search(text[ends[at - 1] : starts[at]])
            if inside or word_weight(words[at]) > _NAME_WEIGHT:
                names.add(words[at])
        if len(words) > _FEW_WORDS and len(high) > _SHOUTED * len(words):
            names = {name for name in names if word_weight(name) > _SHOUTED_WEIGHT}
        return names


def is_number(word: str) -> bool:
    """Whether a word has a digit."""
    return any(character.isdigit() for character in word)


def is_single(word: str) -> bool:
    """Whether a word is one character of a script without spaces."""
    return len(word) == 1 and map_character(word)[0] >> 21 & 7 == SINGLE


def stem(word: str) -> str:
    """First letters of a word, in which its forms mostly agree; a number has no forms.

    Examples
    --------
    >>> stem("prisoners") == stem("prisoner"), stem("2024-05")
    (True, '2024-05')
    """
    return word if is_number(word) else word[:_STEM]
