"""One pair of texts, in plain Python: an answer before numba would be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.article import Article
from dedup.dates import epoch_of
from dedup.match.context import Context
from dedup.match.lookalikes import look
from dedup.match.passages import LEAST_WORDS, Words, passages_of
from dedup.match.relation import Limits, decide, is_near
from dedup.match.reworking import reworked_of
from dedup.match.rewriting import load_model
from dedup.match.samestory import same_story
from dedup.match.scoring import WEIGHT, weigh_in
from dedup.match.similarity import SCALE, Overlap, intactness, overlap
from dedup.match.titles import title_match
from dedup.match.wording import Wording
from dedup.match.written import as_written
from dedup.pair import Comparison, Retelling, Scores
from dedup.text.shingling import shingle_text
from dedup.url import url_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.match.scoring import Scorer


__all__ = ["compare"]


def compare(  # noqa: PLR0913 - the pair, what decides, and what else is known or asked
    one: object,
    other: object,
    *,
    limits: Limits | None = None,
    least_words: int = LEAST_WORDS,
    context: Context | None = None,
    scorer: Scorer | None = None,
    scorer_weight: float = WEIGHT,
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
    context : Context, optional
        What was learnt from a dump: its boilerplate is no part of scores and passages, its affixes are none of
        headlines, so the scores are those of a run with this context. Only equal texts are compared as a whole.
    scorer : Scorer, optional
        Something stronger than the pair model that ships with the package, such as :func:`load_scorer` makes of an
        embedding model, or any object with its one method. ``rewrite_probability`` is then the weighted mean of the
        log-odds of both, and ``same_story_probability`` at least that where the scorer raised it.
    scorer_weight : float, default=0.2
        Its share, from 0 (it is not heard) to 1 (it alone is).

    Returns
    -------
    Comparison
        The same, whichever comes first, with the passages that they share, or the reworked text; their offsets count
        in the text that is compared, which is the title where there is no body.

    Raises
    ------
    ReadError
        If one has neither text nor title.
    ParameterError
        If the context is none, or the scorer, or what it says; or its weight is out of range.

    Notes
    -----
    About 20 milliseconds for two news articles, 3 for two short items. Safe to call from several threads at once.

    Examples
    --------
    >>> verdict = compare("Rain is expected in the north on Sunday.", "RAIN is expected in the North on Sunday")
    >>> verdict.relation, verdict.is_copy
    ('exact', True)
    """
    Context.check(context)
    articles = _article(one), _article(other)
    sides = [_Side.of(article.compared, context) for article in articles]
    first, second = (side.shingles for side in sides)
    equal = (
        bool(sides[0].n_words)
        and sides[0].text_hash == sides[1].text_hash
        and sides[0].words.words == sides[1].words.words
    )
    scores = overlap(first, second) if not equal else _SAME
    limits = limits or Limits()
    lookalike = None
    if not equal and is_near(scores, limits):
        looked_at = sides[0].looked_at, sides[1].looked_at
        lookalike = look(*articles, scores.containment, intactness(first, second), texts=looked_at)
    retelling = _retell(articles, sides)
    if scorer is not None:
        retelling = weigh_in(retelling, scorer, (sides[0].looked_at, sides[1].looked_at), scorer_weight)
    words = sides[0].news, sides[1].news
    passages = passages_of(*words, least_words=least_words)
    template = lookalike is not None and bool(lookalike.grounds)
    relation = decide(scores, limits, equal=equal, template=template, passage=bool(passages))
    if relation == "unrelated":
        texts = articles[0].compared, articles[1].compared
        passages = reworked_of(texts, words, least_words=least_words)
        relation = decide(scores, limits, passage=bool(passages), retelling=retelling)
    page = url_id(articles[0].url)
    changed = not equal and any(side.n_words for side in sides)
    ignored = dict.fromkeys(text for side in sides for text in side.ignored)
    shown = Scores(*(score / SCALE for score in scores))
    return Comparison(
        relation,
        shown,
        lookalike,
        passages,
        ignored=tuple(sorted(ignored)),
        title_match=title_match(*articles, context.affixes if context else ()),
        retelling=retelling,
        version=changed and page is not None and page == url_id(articles[1].url),
    )


#: Words of the longest text that may be a headline.
_TITLE_WORDS = 40
_SAME = Overlap(SCALE, SCALE, SCALE, SCALE)


class _Side(NamedTuple):
    """One of two texts: the whole of it, and what is compared."""

    n_words: int
    text_hash: int
    words: Words
    shingles: Sequence[int]
    news: Words
    looked_at: str
    ignored: tuple[str, ...]

    @classmethod
    def of(cls, text: str, context: Context | None) -> _Side:
        whole, words = shingle_text(text), Words.of(text)
        if not context:
            return cls(whole.n_words, whole.text_hash, words, whole.shingles, words, text, ())
        found = context.find(text)
        return cls(
            whole.n_words,
            whole.text_hash,
            words,
            context.leave_out(whole.shingles),
            words.without([span for span, _ in found]) if found else words,
            context.without(text),
            tuple(line for _, line in found),
        )


def _retell(articles: Sequence[Article], sides: Sequence[_Side]) -> Retelling:
    """How probable it is that two articles tell the same, and what speaks for it."""
    model = load_model()
    one, other = (Wording(side.looked_at) for side in sides)
    told = model.judge(one, other)
    titles = [article.title for article in articles]
    similarity = None
    if titles[0] and titles[1]:
        similarity = model.judge(Wording(titles[0]), Wording(titles[1])).similarity
    elif not any(titles) and max(len(one.words), len(other.words)) <= _TITLE_WORDS:
        similarity = told.similarity
    sources = [
        (article.title or "", side.looked_at if article.text else "", epoch_of(article.published))
        for article, side in zip(articles, sides, strict=True)
    ]
    story = same_story(*sources)
    evidence = [as_written(found, one.written) for found in (story.names, story.numbers, story.words)]
    return Retelling(told.probability, story.probability, similarity, *evidence)


def _article(item: object) -> Article:
    return Article(item) if isinstance(item, str) else Article.from_any(item)
