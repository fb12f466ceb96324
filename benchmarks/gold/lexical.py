"""Cheap lexical methods, measured by the code that measures ours: what any score has to be better than.

Each is given the threshold that is best for it on the very set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from dedup.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dedup.evaluation import Evaluation

CUTS = np.arange(0.3, 1.0, 0.02)


def words(text: str) -> frozenset[Hashable]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def char_4_grams(text: str) -> frozenset[Hashable]:
    """Of the words, a space between them and at either end."""
    plain = " ".join(["", *re.findall(r"\w+", text.casefold()), ""])
    return frozenset(plain[place : place + 4] for place in range(max(1, len(plain) - 3)))


METHODS = {"word": words, "char-4": char_4_grams}


def jaccard(pairs: Sequence[tuple[str, str]], method: str) -> list[float]:
    """Resemblance of the sets of words or 4-grams of each pair; of two empty ones, 0."""
    sets = [tuple(map(METHODS[method], pair)) for pair in pairs]
    return [len(one & other) / max(len(one | other), 1) for one, other in sets]


def average_link(texts: Sequence[str], truth: Sequence[str]) -> list[Evaluation]:
    """Clusters by average link over the cosine of TF-IDF of words, cut at every distance of a grid.

    Holds all distances at once, and a copy while the tree is made: 1.6 GB for 11,000 texts.
    """
    vectors = TfidfVectorizer(token_pattern=r"(?u)\w+", sublinear_tf=True).fit_transform(texts)
    distances = np.concatenate(
        [
            1 - (vectors[row] @ vectors[row + 1 :].T).toarray().ravel()  # a row at a time: no square matrix
            for row in range(len(texts) - 1)
        ]
    )
    tree = linkage(np.maximum(distances, 0, out=distances), "average")
    return [evaluate(truth, fcluster(tree, cut, "distance").tolist()) for cut in CUTS]


def jaccard_components(texts: Sequence[str], truth: Sequence[str], width: int, least: float) -> Evaluation:
    """Clusters of texts that are linked by a resemblance of word n-grams, over any number of links."""
    count = CountVectorizer(token_pattern=r"(?u)\w+", ngram_range=(width, width), binary=True)
    grams = count.fit_transform(texts)
    shared, sizes = (grams @ grams.T).toarray(), np.asarray(grams.sum(axis=1))
    _, labels = connected_components(shared >= least * (sizes + sizes.T - shared), directed=False)
    return evaluate(truth, labels.tolist())
