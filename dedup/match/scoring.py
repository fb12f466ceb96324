"""A scorer of one's own beside the pair model: asked about a pair, and pooled with what the model says."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from dedup.errors import ParameterError
from dedup.match.rewriting import sigmoid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.pair import Retelling

#: Share of the scorer in what is said in the end. At 0.2 a small static model costs at most 0.02 of accuracy and gains up
#: to 0.044 over five sets, at 0.5 it costs up to 0.058 (2026-11, folds not seen in training); a strong one deserves more.
WEIGHT = 0.2
#: Below what 4 decimals show: a probability of 0 is no infinite log-odds.
_LEAST = 1e-5


class Scorer(Protocol):
    """Whatever says how probable it is that two texts say the same.

    :func:`dedup.load_scorer` makes one of an embedding model; any object with this method is another.
    """

    def score(self, pairs: Sequence[tuple[str, str]], /) -> Iterable[float]:
        """Say how probable it is that both texts of each pair say the same.

        Parameters
        ----------
        pairs : sequence of (str, str)
            The two texts of a pair come in the order of their characters, so that it does not matter which was given
            first. No text is cut.

        Returns
        -------
        iterable of float
            One for each pair, in their order, from 0 to 1; 0.5 where there is nothing to say.
        """
        ...


def ask(scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Ask a scorer, and check what it answers.

    Parameters
    ----------
    scorer : Scorer
    pairs : sequence of (str, str)
        Either text of a pair may come first.

    Returns
    -------
    list of float
        From 0 to 1, one for each pair.

    Raises
    ------
    ParameterError
        If it answers with something else. What it raises itself is not caught.
    """
    said = scorer.score([(min(pair), max(pair)) for pair in pairs])
    try:
        answers = [float(answer) for answer in said]
    except (TypeError, ValueError) as error:
        raise ParameterError(f"the scorer said {said!r}; it must say one number for each pair") from error
    if len(answers) != len(pairs):
        raise ParameterError(
            f"the scorer said {len(answers)} numbers for {len(pairs)} pairs; say one for each"
        )
    for answer in answers:
        if not 0.0 <= answer <= 1.0:
            raise ParameterError(f"the scorer said {answer}; a probability from 0 to 1 is needed")
    return answers


def pool(own: float, other: float, weight: float = WEIGHT) -> float:
    """Two probabilities as one: the weighted mean of their log-odds.

    Parameters
    ----------
    own, other : float
        From 0 to 1.
    weight : float, default=0.2
        Share of the other, from 0 (it is not heard) to 1 (it alone is).

    Returns
    -------
    float
        From 0 to 1, between the two; rounded to 4 decimals.

    Notes
    -----
    The logarithmic opinion pool [1]_: who is sure counts more than who is not, and a doubtful 0.5 draws the other towards it.

    References
    ----------
    .. [1] C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an annotated bibliography",
       Statistical Science 1 (1986), pp. 114-135.

    Examples
    --------
    >>> pool(0.9, 0.9, 0.5), pool(0.9, 0.1, 0.5), pool(0.9, 0.5, 0.5)
    (0.9, 0.5, 0.75)
    """
    return round(sigmoid((1.0 - weight) * _log_odds(own) + weight * _log_odds(other)), 4)


def weigh_in(
    told: Retelling,
    scorer: Scorer,
    texts: tuple[str, str],
    weight: float = WEIGHT,
) -> Retelling:
    """What the pair model says of two texts, with what a scorer says of them.

    Parameters
    ----------
    told : Retelling
        What the pair model says.
    scorer : Scorer
        It is not asked where a text has neither letter nor digit.
    texts : (str, str)
        Either may come first.
    weight : float, default=0.2
        Share of the scorer.

    Returns
    -------
    Retelling
        ``rewrite_probability`` is pooled. ``same_story_probability`` is at least that, where the scorer raised it: what
        says the same is about the same. It is never lowered, because two reports of one event need not say the same.
        ``title_similarity`` is a grade and no probability, so it stays.

    Raises
    ------
    ParameterError
        If it is no scorer, or answers with something else, or the weight is out of its range.
    """
    _check(scorer, weight)
    if not all(any(map(str.isalnum, text)) for text in texts):
        return told
    (answer,) = ask(scorer, [texts])
    rewrite = pool(told.rewrite_probability, answer, weight)
    story = told.same_story_probability
    if rewrite > told.rewrite_probability:
        story = max(story, rewrite)
    return replace(told, rewrite_probability=rewrite, same_story_probability=story)


def _check(scorer: object, weight: float) -> None:
    if not callable(getattr(scorer, "score", None)):
        raise ParameterError(
            f"scorer is of type {type(scorer).__name__}; an object with a method score(pairs) is needed, "
            "such as load_scorer('folder of a model') makes"
        )
    if not 0.0 <= weight <= 1.0:
        raise ParameterError(f"scorer_weight is {weight}; a share from 0 to 1 is needed")


def _log_odds(probability: float) -> float:
    bounded = max(_LEAST, min(1.0 - _LEAST, probability))
    return math.log(bounded / (1.0 - bounded))
