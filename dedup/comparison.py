"""One pair of texts, in plain Python: an answer before numba would be imported."""

from __future__ import annotations

from dedup.article import Article, Comparison, Scores
from dedup.match.relation import Limits, decide
from dedup.match.similarity import SCALE, overlap
from dedup.text.shingling import shingle_text
from dedup.text.tokens import tokenise

__all__ = ["compare"]


def compare(one: object, other: object, *, limits: Limits | None = None) -> Comparison:
    """Say what one article is to another.

    Parameters
    ----------
    one, other : str, Article, dict, or an object with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest.
    limits : Limits, optional
        From where on a pair is a copy; the defaults are those of :func:`dedup.deduplicate`.

    Returns
    -------
    Comparison
        The same, whichever comes first.

    Raises
    ------
    ReadError
        If one has neither text nor title.

    Notes
    -----
    About 3 milliseconds for each news article. Safe to call from several threads at once.

    Examples
    --------
    >>> verdict = compare("Rain is expected in the north on Sunday.", "RAIN is expected in the North on Sunday")
    >>> verdict.relation, verdict.is_copy
    ('exact', True)
    """
    texts = [_text(one), _text(other)]
    first, second = (shingle_text(text) for text in texts)
    equal = (
        bool(first.n_words) and first.text_hash == second.text_hash and _words(texts[0]) == _words(texts[1])
    )
    scores = overlap(first.shingles, second.shingles)
    relation = decide(scores, limits or Limits(), equal=equal)
    return Comparison(relation, Scores(*(score / SCALE for score in scores)))


def _text(item: object) -> str:
    return item if isinstance(item, str) else Article.from_any(item).compared


def _words(text: str) -> list[str]:
    return [token.text for token in tokenise(text)]
