"""The pair model: how probable it is that one text tells another again in other words, and how alike they read.

Two linear models over the same columns: logistic regression for the probability, ridge regression for the graded similarity.
A column is a feature of :mod:`dedup.match.likeness`, standardised; or that times how much the pair is of one kind (a
headline, a sentence, a passage, an article), because people draw the line elsewhere in each; or a bend of it. Words have
weights of their own: it says little that "also" stands in one text alone, and much that "not" does.

The weights are made by ``python -m benchmarks.train_rewriting`` (docs/decisions/0023-pair-model.md).
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.match.likeness import likeness, share
from dedup.match.wording import Wording
from dedup.text.shingling import code_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("headline", "English sentence", "other sentence", "passage", "article")
#: Kinds for which the bends of a feature count.
_BENT = ("English sentence", "passage")
#: What a column of a kind, and of a bend, is multiplied with: the more, the freer it is of what holds for all kinds.
_KIND_SCALE, _BEND_SCALE = 3.0, 2.0
#: Standard deviations from the mean beyond which a feature says no more, and from a bend.
_FARTHEST = 4.0
#: Words between a headline and a sentence, a sentence and a passage, a passage and an article; and how sharp the line is.
_HEADLINE_WORDS, _SENTENCE_WORDS, _PASSAGE_WORDS = (13, 5.0), (38, 8.0), (110, 6.0)
#: Share of the longer text's words below which the shorter can hardly tell it again.
_LEAST_SHARE = 0.25
#: Share of English function words that says nothing of the language, and that says it is English.
_FOREIGN, _ENGLISH = 0.06, 0.2
_FUNCTION_WORDS = frozenset(
    [
        "the",
        "of",
        "to",
        "and",
        "for",
        "is",
        "with",
        "that",
        "at",
        "by",
        "from",
        "has",
        "his",
        "it",
        "be",
        "are",
        "who",
        "after",
        "over",
        "said",
        "will",
        "have",
        "were",
        "had",
    ]
)


class Rewriting(NamedTuple):
    """What the pair model says.

    Attributes
    ----------
    probability : float
        That one text tells the other again, from 0 to 1, calibrated; rounded to 4 decimals.
    similarity : float
        How people would grade their likeness, from 0 to 1; rounded to 4 decimals.
    """

    probability: float
    similarity: float


class Columns(NamedTuple):
    """How features become columns.

    Attributes
    ----------
    features : tuple of str
        Their names, in order.
    means, scales : sequence of float
        To standardise each.
    knots : sequence of sequence of float
        Where each feature may bend, so many places each.
    """

    features: Sequence[str]
    means: Sequence[float]
    scales: Sequence[float]
    knots: Sequence[Sequence[float]]

    def expand(self, found: Mapping[str, float], kinds: Mapping[str, float]) -> list[float]:
        """Columns of one pair: the features, those of each kind, the bends of some kinds, and the kinds."""
        values = [found[name] for name in self.features]
        standard = [
            max(-_FARTHEST, min(_FARTHEST, (value - mean) / scale))
            for value, mean, scale in zip(values, self.means, self.scales, strict=True)
        ]
        bends = [
            max(0.0, min(_FARTHEST, (value - knot) / scale))
            for value, scale, knots in zip(values, self.scales, self.knots, strict=True)
            for knot in knots
        ]
        columns = list(standard)
        for kind in KINDS:
            columns += [_KIND_SCALE * kinds[kind] * value for value in standard]
        for kind in _BENT:
            columns += [_BEND_SCALE * kinds[kind] * value for value in bends]
        return [*columns, *(_KIND_SCALE * kinds[kind] for kind in KINDS)]


class PairModel(NamedTuple):
    """Weights of both regressions, and what they are weights of.

    Attributes
    ----------
    columns : Columns
    probability, similarity : sequence of float
        A weight for each column; the last one is the intercept.
    words : mapping of int to (float, float)
        What it adds that a word, by its code, stands in both texts, or in one alone.
    """

    columns: Columns
    probability: Sequence[float]
    similarity: Sequence[float]
    words: Mapping[int, tuple[float, float]]

    @classmethod
    def load(cls, path: Path) -> PairModel:
        """Read weights from a JSON file.

        Parameters
        ----------
        path : Path
            As ``benchmarks.train_rewriting`` writes it.

        Raises
        ------
        OSError, ValueError, KeyError
            If it is none.
        """
        written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        features = written["features"]
        columns = Columns(
            tuple(features),
            *([feature[key] for feature in features.values()] for key in ("mean", "scale", "knots")),
        )
        words = {
            int(code, 16): (both / WORD_UNIT, alone / WORD_UNIT)
            for code, (both, alone) in written["words"].items()
        }
        return cls(columns, written["probability"], written["similarity"], words)

    def judge(self, one: Wording, other: Wording) -> Rewriting:
        """Say how probable it is that one tells the other again, and how alike they read.

        Parameters
        ----------
        one, other : Wording
            Either may come first. Where one has no word, they have nothing in common.

        Returns
        -------
        Rewriting
        """
        if not one.words or not other.words:
            return Rewriting(0.0, 0.0)
        found = likeness(one, other)
        kinds = kinds_of(one, other, found)
        columns = self.columns.expand(found, kinds)
        logit, grade = (
            math.fsum([weights[-1], *map(float.__mul__, columns, weights[:-1])])
            for weights in (self.probability, self.similarity)
        )
        # Of an article's many words each says little.
        logit += (1.0 - kinds["article"]) * math.fsum(self._word_weights(one, other))
        # No pair it was trained on is so unequal, and a name is no report.
        enough = min(1.0, found["length share"] / _LEAST_SHARE)
        return Rewriting(round(enough * sigmoid(logit), 4), round(max(0.0, min(1.0, grade)), 4))

    def _word_weights(self, one: Wording, other: Wording) -> list[float]:
        words = set(one.words), set(other.words)
        none = (0.0, 0.0)
        both = (self.words.get(code_word(word), none)[0] for word in words[0] & words[1])
        alone = (self.words.get(code_word(word), none)[1] for word in words[0] ^ words[1])
        return [*both, *alone]


#: One unit of a word's weight in the file.
WORD_UNIT = 1000


@cache
def load_model() -> PairModel:
    """Read the weights that ship with the package."""
    return PairModel.load(Path(__file__).with_name("rewriting.json"))


def rewriting(one: str, other: str) -> Rewriting:
    """Say how probable it is that one text tells another again in other words, and how alike they read.

    Parameters
    ----------
    one, other : str
        Sentences, headlines, leads or whole articles, in any script; either may come first. The first thousand words of
        each count.

    Returns
    -------
    Rewriting

    Notes
    -----
    Less than a millisecond for two headlines, 13 for two articles. Safe to call from several threads at once.

    Examples
    --------
    >>> lead = "Kyiv and Moscow exchanged prisoners on Friday after talks in Istanbul."
    >>> again = "After talks in Istanbul, Moscow and Kyiv have swapped prisoners again on Friday."
    >>> rewriting(lead, again).probability > 0.5
    True
    >>> rewriting(lead, "The central bank left its rates unchanged.").probability < 0.1
    True
    """
    return load_model().judge(Wording(one), Wording(other))


def kinds_of(one: Wording, other: Wording, found: Mapping[str, float]) -> dict[str, float]:
    """How much a pair is of each kind; they sum to 1."""
    length = (found["length low"] + found["length high"]) / 2.0
    longer = [
        sigmoid((length - math.log(words)) * sharp)
        for words, sharp in (_HEADLINE_WORDS, _SENTENCE_WORDS, _PASSAGE_WORDS)
    ]
    article = longer[2]
    passage = longer[1] * (1.0 - article)
    headline = (1.0 - article - passage) * (1.0 - longer[0]) * (1.0 - found["full stops"] / 2.0)
    english = _english(one, other)
    sentence = 1.0 - article - passage - headline
    return dict(
        zip(KINDS, (headline, sentence * english, sentence * (1.0 - english), passage, article), strict=True)
    )


def _english(one: Wording, other: Wording) -> float:
    """How probably both are English, from 0 to 1."""
    said = sum(word in _FUNCTION_WORDS for side in (one, other) for word in side.words)
    part = share(said, len(one.words) + len(other.words))
    return max(0.0, min(1.0, (part - _FOREIGN) / (_ENGLISH - _FOREIGN)))


def sigmoid(value: float) -> float:
    """Logistic function."""
    if value < 0.0:
        return math.exp(value) / (1.0 + math.exp(value))
    return 1.0 / (1.0 + math.exp(-value))
