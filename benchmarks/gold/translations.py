"""Which graded pair of headlines each translated one is of: it is not recorded, but year, grade and names tell."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.gold.sets import Pair

#: Languages that leave names and numbers as English has them.
_ALIKE = ("de", "es", "fr", "nl")
_GRAM = 4


def find_originals(translated: Iterable[Pair], english: Iterable[Pair]) -> dict[str, str]:
    """Id of the English pair for each number of a translated one (``train-3750``).

    Parameters
    ----------
    translated, english : iterable of Pair
        Of equal years and grades; the translations of one pair have one number.

    Returns
    -------
    dict of str to str
        The pair that shares most runs of four characters with all translations together.
    """
    candidates: defaultdict[tuple[str, float | None], list[Pair]] = defaultdict(list)
    for pair in english:
        candidates[pair.split, pair.grade].append(pair)
    grams = {pair.id: _grams(pair) for pairs in candidates.values() for pair in pairs}
    translations: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in translated:
        translations[number_of(pair)].append(pair)
    found = {}
    for number, pairs in translations.items():
        together = set().union(*(_grams(pair) for pair in pairs if pair.lang in _ALIKE))
        known = candidates[pairs[0].split, pairs[0].grade]
        if known:
            found[number] = max(known, key=lambda pair: (_likeness(grams[pair.id], together), pair.id)).id
    return found


def number_of(pair: Pair) -> str:
    """What all translations of a pair share: ``train-3750`` of ``stsb-mt:de-train-3750``."""
    return pair.id.split(":")[1].split("-", 1)[1]


def group_of(pair: Pair, originals: Mapping[str, str]) -> str:
    """Id of the English pair, for itself and for its translations."""
    return originals.get(number_of(pair), number_of(pair)) if pair.id.startswith("stsb-mt:") else pair.id


def _grams(pair: Pair) -> set[str]:
    text = f"{pair.one.text} {pair.other.text}".casefold()
    return {text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)}


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(one))
