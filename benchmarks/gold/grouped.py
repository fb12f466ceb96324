"""Articles that people put together: rewrites at three levels, and stories."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.gold.lexical import average_link, jaccard_components
from benchmarks.gold.predictions import CROSS_VALIDATED, DEFAULTS, REWRITE, told
from benchmarks.gold.references import VIEWS
from benchmarks.gold.rows import Row
from benchmarks.gold.sets import join_ids, read_articles
from dedup import Article
from dedup.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.gold.predictions import Predictions
    from dedup.evaluation import Evaluation

    Articles = Sequence[dict[str, Any]]

#: What is as much as a rewrite, or more of the same text; a template is another report.
STRONGER = ("exact", "near", "excerpt", "overlap")
LIKELY = 0.5
MEASURES = {"pair F1": "pair_f1", "ARI": "ari", "B-cubed F1": "bcubed_f1"}


def onestop_docs(shared: Path, said: Predictions) -> Iterator[Row]:
    """Compare all pairs; clusters are what is linked by a rewrite or more, over any number of links."""
    articles = read_articles(shared, "onestop-docs")
    texts, truth = [one["text"] for one in articles], [one["cluster"] for one in articles]
    sides = [Article(text) for text in texts]
    probability = {pair: line[REWRITE] for pair, line in said.out_of_fold(REWRITE).items()}
    links, held_out = [], 0
    for one, other in combinations(range(len(articles)), 2):
        verdict = told(sides[one], sides[other])
        relation = verdict["relation"]
        pair = join_ids(articles[one]["id"], articles[other]["id"])
        if pair in probability:
            held_out += 1
            is_rewrite = probability[pair] >= LIKELY
        else:
            is_rewrite = relation == "rewrite"
        if relation in STRONGER or is_rewrite:
            links.append((one, other))
    size = len(articles)
    found = evaluate(truth, components(size, links))
    source = f"{held_out:,} pairs {CROSS_VALIDATED}" if held_out else DEFAULTS
    cheap = {
        "5-gram J>=.4": jaccard_components(texts, truth, 5, 0.4).pair_f1,
        "3-gram J>=.1": jaccard_components(texts, truth, 3, 0.1).pair_f1,
    }
    yield Row("onestop-docs", "pair F1", size, found.pair_f1, source, cheap)
    yield Row("onestop-docs", "pair precision", size, found.pair_precision, source)
    yield Row("onestop-docs", "pair recall", size, found.pair_recall, source)


def components(size: int, links: Sequence[tuple[int, int]]) -> list[int]:
    rows, columns = np.array(links, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    labels: list[int] = connected_components(graph, directed=False)[1].tolist()
    return labels


def stories(name: str, articles: Articles, said: Predictions) -> Iterator[Row]:
    """Figures of the stories of a set, beside the best cut of average link for each figure."""
    truth = [one["cluster"] for one in articles]
    found, source = said.group(articles)
    ours = evaluate(truth, found)
    texts = ["\n".join(filter(None, (one["title"], one["text"]))) for one in articles]
    cuts = average_link(texts, truth)
    for measure, figure in MEASURES.items():
        cheap = {"TF-IDF average link": max(figure_of(cut, figure) for cut in cuts)}
        yield Row(name, measure, len(articles), figure_of(ours, figure), source, cheap)


def figure_of(found: Evaluation, name: str) -> float:
    value: float = getattr(found, name)
    return value


def events(name: str, shared: Path, said: Predictions) -> Iterator[Row]:
    """Measure the stories of a set."""
    return stories(name, read_articles(shared, name), said)


def googlenews(shared: Path, said: Predictions) -> Iterator[Row]:
    """Three views of the same stories, each grouped alone."""
    articles = read_articles(shared, "googlenews-ts")
    for view, name in VIEWS.items():
        own = [one for one in articles if one["split"] == view]
        yield from stories(f"googlenews-ts {name}", own, said)


STORIES = {name: partial(events, name) for name in ("gva-news", "ecbplus", "emergent-headlines")}
