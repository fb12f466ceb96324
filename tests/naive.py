"""The whole path from texts to leaders in plain Python, with dicts and sets: slow, and obviously right.

The package computes the same with arrays and kernels; the tests demand that both agree.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dedup.article import Article
from dedup.match.lookalikes import look
from dedup.match.relation import is_near
from dedup.match.similarity import Overlap, intactness, overlap
from dedup.sketch.banding import key_band, least_agreement
from dedup.sketch.signatures import permutations
from dedup.text.shingling import ShingledText, shingle_text
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from dedup.match.relation import Limits
    from dedup.sketch.recipe import Recipe

MASK32 = 0xFFFFFFFF
#: Resemblance and containment of a copy, the better first; None for no copy.
Score = tuple[int, int] | None


class Leading(NamedTuple):
    """Leader of each text (itself, if it leads), and the texts that met more leaders than were walked."""

    leaders: list[int]
    cut: int


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """Normalised words."""
    return tuple(token.text for token in tokenise(text))


@lru_cache(maxsize=4096)
def shingled(text: str, width: int) -> ShingledText:
    """Shingles, number of words and hash of a text."""
    return shingle_text(text, width)


@lru_cache(maxsize=65536)
def scores_of(one: str, other: str, width: int = 5) -> Overlap:
    """Scores of a pair of texts."""
    return overlap(shingled(one, width).shingles, shingled(other, width).shingles)


def exact_groups(texts: Sequence[str]) -> list[int]:
    """First text with the same words, for each text; one without a word equals none but itself."""
    first: dict[tuple[str, ...], int] = {}
    return [
        first.setdefault(words_of(text), index) if words_of(text) else index
        for index, text in enumerate(texts)
    ]


def fmix32(value: int) -> int:
    """MurmurHash3's finaliser."""
    value ^= value >> 16
    value = value * 0x85EBCA6B & MASK32
    value ^= value >> 13
    value = value * 0xC2B2AE35 & MASK32
    return value ^ value >> 16


@lru_cache(maxsize=4096)
def sign(text: str, recipe: Recipe) -> tuple[int, ...]:
    """``min over the shingles x of (a * fmix32(x) + b) mod 2**32`` for each permutation (a, b)."""
    factors, terms = permutations(recipe.num_perm, recipe.seed)
    mixed = [fmix32(shingle & MASK32) for shingle in shingled(text, recipe.width).shingles]
    return tuple(
        min(((a * x + b) & MASK32 for x in mixed), default=MASK32)
        for a, b in zip(factors.tolist(), terms.tolist(), strict=True)
    )


def band_keys(signature: Sequence[int], recipe: Recipe) -> list[int]:
    """Key of each band."""
    return [
        key_band(signature[band * recipe.rows : (band + 1) * recipe.rows], band)
        for band in range(recipe.bands)
    ]


def lead(buckets: Sequence[Sequence[Hashable]], score: Callable[[int, int], Score], walk: int) -> Leading:
    """Give each text its leader, the texts being in the order in which they may lead.

    Each considers the leaders listed in its buckets, at most `walk` of them: those of the buckets with the fewest
    listed first (ties: the lower band), in a bucket the latest listed first. It joins the best one that it is a copy
    of (ties: the earlier leader), or leads. Its leader is then listed in each of its buckets, unless it is among the
    last `walk` that are listed there.
    """
    listed: dict[tuple[int, Hashable], list[int]] = defaultdict(list)
    leaders: list[int] = []
    cut = 0
    for text, keys in enumerate(buckets):
        mine = [listed[bucket] for bucket in enumerate(keys)]
        met: dict[int, None] = {}
        for entries in sorted(mine, key=lambda entries: min(len(entries), walk)):
            met.update(dict.fromkeys(reversed(entries)))
        cut += len(met) > walk
        best = max(
            ((found, -leader) for leader in list(met)[:walk] if (found := score(leader, text)) is not None),
            default=None,
        )
        leaders.append(text if best is None else -best[1])
        for entries in mine:
            if leaders[-1] not in entries[-walk:]:
                entries.append(leaders[-1])
    return Leading(leaders, cut)


def order_texts(texts: Sequence[str], published: Sequence[float | None], width: int) -> list[int]:
    """First articles of the distinct texts that have a word: longest first, then earliest, undated last, then hash."""
    groups = exact_groups(texts)
    earliest: dict[int, float] = {}
    for group, moment in zip(groups, published, strict=True):
        earliest[group] = min(earliest.get(group, float("inf")), float("inf") if moment is None else moment)

    def rank(index: int) -> tuple[int, float, int]:
        text = shingled(texts[index], width)
        return -text.n_words, earliest[index], text.text_hash

    return sorted((index for index in earliest if words_of(texts[index])), key=rank)


def hopeful_agreement(limits: Limits, recall: float, num_perm: int, size: int, other: int) -> int:
    """Equal values in the signatures of two texts of these sizes from which on the pair is verified.

    They are those that the least alike copies have with the chance `recall`, where the ratio of the sizes is told in
    hundredths.
    """
    step = 100 * min(size, other) // max(size, other)
    ratios = [min(step + part / 100, 100) / 100 for part in range(101)]
    turn = limits.coverage / limits.containment
    least = min(
        limits.least_resemblance(ratio, ratio) for ratio in [*ratios, min(max(turn, ratios[0]), ratios[-1])]
    )
    return num_perm + 1 if least > 1 else least_agreement(least, recall, num_perm)


def first_articles(
    texts: Sequence[str], published: Sequence[float | None], titles: Sequence[str | None]
) -> dict[int, Article]:
    """The earliest article of each distinct text, ties: the first."""
    first: dict[int, int] = {}
    ages = [float("inf") if moment is None else moment for moment in published]
    for index, group in enumerate(exact_groups(texts)):
        first[group] = min(first.get(group, index), index, key=lambda index: (ages[index], index))
    return {
        group: Article(
            texts[index],
            title=titles[index],
            published=None if published[index] is None else datetime.fromtimestamp(ages[index], UTC),
        )
        for group, index in first.items()
    }


def are_templates(one: Article, other: Article) -> bool:
    """Whether two articles are look-alikes."""
    shingles = [shingled(article.text, 5).shingles for article in (one, other)]
    return bool(look(one, other, overlap(*shingles).containment, intactness(*shingles)).grounds)


def naive_leading(
    texts: Sequence[str],
    published: Sequence[float | None],
    recipe: Recipe,
    limits: Limits,
    *,
    recall: float,
    walk: int,
    titles: Sequence[str | None] | None = None,
) -> Leading:
    """Leader of each text, as the first article with the leader's text; and the texts whose walk was cut."""
    articles = first_articles(texts, published, titles or [None] * len(texts))
    order = order_texts(texts, published, recipe.width)
    signatures = [sign(texts[index], recipe) for index in order]
    sizes = [len(shingled(texts[index], recipe.width).shingles) for index in order]

    def score(leader: int, text: int) -> Score:
        agreement = sum(a == b for a, b in zip(signatures[leader], signatures[text], strict=True))
        if agreement < hopeful_agreement(limits, recall, recipe.num_perm, sizes[leader], sizes[text]):
            return None
        scores = scores_of(texts[order[leader]], texts[order[text]], recipe.width)
        if not is_near(scores, limits) or are_templates(articles[order[leader]], articles[order[text]]):
            return None
        return scores.containment, scores.resemblance

    found = lead([band_keys(signature, recipe) for signature in signatures], score, walk)
    leader_of = {order[text]: order[leader] for text, leader in enumerate(found.leaders)}
    return Leading([leader_of.get(group, group) for group in exact_groups(texts)], found.cut)


def naive_clusters(
    texts: Sequence[str],
    published: Sequence[float | None],
    recipe: Recipe,
    limits: Limits,
    *,
    recall: float,
    walk: int,
    titles: Sequence[str | None] | None = None,
) -> list[int]:
    """Leader of each text, as the first article with the leader's text."""
    return naive_leading(texts, published, recipe, limits, recall=recall, walk=walk, titles=titles).leaders


def partition_of(labels: Iterable[Hashable]) -> set[frozenset[int]]:
    """Sets of the places that have the same label."""
    members: dict[Hashable, set[int]] = defaultdict(set)
    for place, label in enumerate(labels):
        members[label].add(place)
    return {frozenset(places) for places in members.values()}
