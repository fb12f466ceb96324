"""Plain twins of the kernels of stories that have none in the package."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def count_articles(articles: Sequence[Sequence[int]], n_bins: int) -> list[int]:
    """In how many articles each bin of codes stands; an article with two codes of a bin counts twice."""
    counts = Counter((code >> 1) % n_bins for codes in articles for code in codes)
    return [counts[place] for place in range(n_bins)]


def find_neighbours(articles: Sequence[Mapping[int, float]], most: int) -> tuple[list[dict[int, float]], int]:
    """The articles that each shares the most weight with, the best first, ties by the lower row; how many more there were."""
    found, beyond = [], 0
    for row, terms in enumerate(articles):
        scores: dict[int, float] = defaultdict(float)
        for other, others in enumerate(articles):
            for term in terms.keys() & others.keys():
                if other != row:
                    scores[other] += terms[term] * others[term]
        best = sorted(scores, key=lambda other: (-scores[other], other))
        found.append({other: scores[other] for other in best[:most]})
        beyond += len(best[most:])
    return found, beyond
