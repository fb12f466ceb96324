"""Train the model of same_story and write ``dedup/match/samestory.json``: ``python -m benchmarks.train_stories --shared ../shared --work W``.

Candidate pairs of gva-news and ecbplus, as grouping finds them, and the labelled pairs of semeval22-text and
telegram-pairs, as ``compare`` sees them. Folds are by incident, by topic and by pair: a pair is scored by a model
that saw no article of the groups of either side. The figures in the file are of those scores.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import UTC, datetime
from itertools import combinations_with_replacement
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.gold.sets import join_ids, read
from dedup.evaluation import evaluate
from dedup.match import samestory
from dedup.match.storylinks import choose_terms, find_candidates, order_by_content, pair_features
from dedup.match.storyterms import terms_of
from dedup.stories import Pairs, StoryTerms, join_stories
from dedup.text.columns import TextColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.match.storyterms import TermTable

FOLDS = 5
#: What a set's positive pairs weigh together; of the sets of pairs, what one pair weighs.
GROUPED = {"gva-news": 2000.0, "ecbplus": 6000.0}
PAIRED = {"semeval22-text": 4.0, "telegram-pairs": 8.0}


class Example(NamedTuple):
    """Pairs of one set: features, labels (-1 for none), weights, the folds of both sides and what the pairs are of."""

    name: str
    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    folds: NDArray[np.int64]
    ids: list[str]
    source: Any


class Grouped(NamedTuple):
    """Articles of a set in canonical order, with their true stories, and the candidate pairs."""

    ids: list[str]
    truth: list[Any]
    lefts: NDArray[np.int64]
    rights: NDArray[np.int64]
    published: NDArray[np.float64]

    def stories(self, scores: NDArray[np.float64]) -> list[int]:
        """Story of each article, if its pairs have these log-odds."""
        pairs = Pairs(self.lefts, self.rights, np.round(scores, 4))
        linked, _ = join_stories(pairs, self.published, "event")
        return [int(story) for story in linked]


def fold_of(group: object) -> int:
    """Fold of a group, the same on every machine."""
    return int(hashlib.md5(str(group).encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def read_table(rows: Sequence[dict[str, Any]]) -> tuple[TermTable, NDArray[np.float64]]:
    """Terms and dates of articles."""
    terms = StoryTerms()
    titles, texts = (TextColumn.of([(row[key] or "").encode() for row in rows]) for key in ("title", "text"))
    terms.add(terms.read(titles, texts))
    dates = [
        row["date"] and datetime.fromisoformat(row["date"]).replace(tzinfo=UTC).timestamp() for row in rows
    ]
    return terms.finish(), np.array([np.nan if date is None else date for date in dates], float)


def grouped(name: str, shared: Path) -> Example:
    """Candidate pairs of a set of articles."""
    rows = read(shared, name)
    table, published = read_table(rows)
    order = order_by_content(table, published, np.arange(len(rows)))
    articles = choose_terms(table, order)
    lefts, rights, *_ = find_candidates(articles)
    truth = [rows[row]["cluster"] for row in order]
    ids = [rows[row]["id"] for row in order]
    labels = np.array([truth[i] == truth[j] for i, j in zip(lefts, rights, strict=True)], np.int64)
    groups = np.array(
        [fold_of(story.split("ecb")[0] if name == "ecbplus" else story) for story in map(str, truth)]
    )
    return Example(
        name,
        pair_features(articles, published[order], lefts, rights),
        labels,
        np.full(len(labels), GROUPED[name] / labels.sum()),
        np.stack([groups[lefts], groups[rights]], 1),
        [join_ids(ids[left], ids[right]) for left, right in zip(lefts, rights, strict=True)],
        Grouped(ids, truth, lefts, rights, published[order]),
    )


def paired(name: str, shared: Path) -> Example:
    """Labelled pairs of a set, measured with the shipped prior alone."""
    rows = read(shared, name)
    features = []
    for row in rows:
        sides = [samestory.choose(terms_of(row[f"{side}_title"] or "", row[side] or "")) for side in "ab"]
        features.append([*samestory.compare(*sides), *samestory.date_features(None, None)])
    labels = np.array([-1 if row["label"] is None else row["label"] for row in rows])
    folds = np.array([fold_of(row["id"]) for row in rows])
    return Example(
        name,
        np.array(features),
        labels,
        np.full(len(rows), PAIRED[name]),
        np.stack([folds, folds], 1),
        [row["id"] for row in rows],
        rows,
    )


def train(examples: Sequence[Example]) -> tuple[NDArray[np.float64], float, list[NDArray[np.float64]]]:
    """Weights and intercept from all pairs, and the log-odds of each set's pairs by models that saw neither side."""
    features = np.vstack([example.features for example in examples])
    labels = np.concatenate([example.labels for example in examples])
    weights = np.concatenate([example.weights for example in examples])
    folds = np.vstack([example.folds for example in examples])
    scale = features[labels >= 0].std(axis=0) + 1e-9

    def fit(chosen: NDArray[np.bool_]) -> LogisticRegression:
        model = LogisticRegression(C=1.0, max_iter=2000)
        return model.fit(features[chosen] / scale, labels[chosen], weights[chosen])

    scores = np.empty(len(labels))
    for pair in combinations_with_replacement(range(FOLDS), 2):
        tested = (np.sort(folds, axis=1) == pair).all(axis=1)
        scores[tested] = fit((labels >= 0) & ~np.isin(folds, pair).any(axis=1)).decision_function(
            features[tested] / scale
        )
    model = fit(labels >= 0)
    ends = np.cumsum([len(example.labels) for example in examples])[:-1]
    return model.coef_[0] / scale, float(model.intercept_[0]), np.split(scores, ends)


def calibration_error(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    """Expected calibration error over ten bins."""
    bins = np.minimum((10 * probabilities).astype(int), 9)
    gaps = np.bincount(bins, weights * (probabilities - labels), 10)
    return float(np.abs(gaps).sum() / weights.sum())


def figures(examples: Sequence[Example], scores: Sequence[NDArray[np.float64]]) -> dict[str, Any]:
    """Cross-validated figures."""
    found: dict[str, Any] = {}
    all_labels = np.concatenate([example.labels for example in examples])
    chances = 1 / (1 + np.exp(-np.concatenate(list(scores))))
    known, weights = all_labels >= 0, np.concatenate([example.weights for example in examples])
    found["calibration error"] = calibration_error(chances[known], all_labels[known], weights[known])
    for example, score in zip(examples, scores, strict=True):
        chance, label = 1 / (1 + np.exp(-score)), example.labels
        ok = label >= 0
        mine = found[example.name] = {
            "calibration error": calibration_error(chance[ok], label[ok], np.ones(ok.sum()))
        }
        if isinstance(example.source, Grouped):
            agreement = evaluate(example.source.truth, example.source.stories(score))
            mine |= {"F1": agreement.pair_f1, "ARI": agreement.ari}
            continue
        hits = int(((chance >= 0.5) & (label == 1)).sum())
        mine["F1"] = 2 * hits / int((chance[ok] >= 0.5).sum() + (label == 1).sum())
        for language in sorted({row["lang"] for row in example.source if row["grade"] is not None}):
            rows = [k for k, row in enumerate(example.source) if row["lang"] == language]
            grades = np.array([example.source[k]["grade"] for k in rows], float)
            mine[f"Pearson {language}"] = float(np.corrcoef(chance[rows], -grades)[0, 1])
    return found


def rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Floats to 4 decimals, all the way down."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(float(value), 4)


def main() -> None:
    """Train, write, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    given = parser.parse_args()
    examples = [grouped(name, given.shared) for name in GROUPED]
    examples += [paired(name, given.shared) for name in PAIRED]
    weights, intercept, scores = train(examples)
    write_unseen(given.work, examples, scores)
    model = {
        "made by": "python -m benchmarks.train_stories",
        "trained on": {example.name: int((example.labels >= 0).sum()) for example in examples},
        "cross-validated": rounded(figures(examples, scores)),
        "weights": rounded(dict(zip(samestory.FEATURES, weights, strict=True))),
        "intercept": round(intercept, 4),
    }
    text = json.dumps(model, indent=1)
    Path(samestory.__file__).with_name("samestory.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def write_unseen(work: Path, examples: Sequence[Example], scores: Sequence[NDArray[np.float64]]) -> None:
    """What was said of each pair, and which story each article is of, by models that had not seen them."""
    with (
        (work / "same_story.oof.jsonl").open("w", encoding="utf-8") as pairs,
        (work / "stories.oof.jsonl").open("w", encoding="utf-8") as stories,
    ):
        for example, score in zip(examples, scores, strict=True):
            chances = np.round(1 / (1 + np.exp(-score)), 4).tolist()
            for pair_id, chance, label in zip(example.ids, chances, example.labels.tolist(), strict=True):
                line = {"id": pair_id, "same_story_probability": chance}
                print(json.dumps(line | ({"label": label} if label >= 0 else {})), file=pairs)
            if isinstance(example.source, Grouped):
                for article, story in zip(example.source.ids, example.source.stories(score), strict=True):
                    print(json.dumps({"id": article, "story": f"{example.name} {story}"}), file=stories)


if __name__ == "__main__":
    main()
