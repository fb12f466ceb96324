"""One pair of texts, in plain Python: an answer before numba would be imported."""

from __future__ import annotations

from dedup.article import Article, Comparison, Scores
from dedup.match.lookalikes import look
from dedup.match.passages import LEAST_WORDS, Words, passages_of
from dedup.match.relation import Limits, decide, is_near
from dedup.match.reworking import reworked_of
from dedup.match.similarity import SCALE, intactness, overlap
from dedup.text.shingling import shingle_text

__all__ = ["compare"]


def compare(
    one: object, other: object, *, limits: Limits | None = None, least_words: int = LEAST_WORDS
) -> Comparison:
    """Say what one article is to another.

    Parameters
    ----------
    one, other : str, Article, dict, or an object with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest.
    limits : Limits, optional
        From where on a pair is a copy; the defaults are those of :func:`dedup.deduplicate`.
    least_words : int, default=20
        Words of the shortest passage that makes an overlap; where there is none, words that the stretches of reworked
        text have together at least.

    Returns
    -------
    Comparison
        The same, whichever comes first, with the passages that they share, or the reworked text; their offsets count
        in the text that is compared, which is the title where there is no body.

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
    articles = _article(one), _article(other)
    texts = articles[0].compared, articles[1].compared
    first, second = (shingle_text(text) for text in texts)
    words = Words.of(texts[0]), Words.of(texts[1])
    equal = bool(first.n_words) and first.text_hash == second.text_hash and words[0].words == words[1].words
    scores = overlap(first.shingles, second.shingles)
    limits = limits or Limits()
    lookalike = None
    if not equal and is_near(scores, limits):
        lookalike = look(*articles, scores.containment, intactness(first.shingles, second.shingles))
    passages = passages_of(*words, least_words=least_words)
    template = lookalike is not None and bool(lookalike.grounds)
    relation = decide(scores, limits, equal=equal, template=template, passage=bool(passages))
    if relation == "unrelated":
        passages = reworked_of(texts, words, least_words=least_words)
        relation = decide(scores, limits, passage=bool(passages))
    return Comparison(relation, Scores(*(score / SCALE for score in scores)), lookalike, passages)


def _article(item: object) -> Article:
    return Article(item) if isinstance(item, str) else Article.from_any(item)
