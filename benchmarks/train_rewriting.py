"""Train the pair model: ``python -m benchmarks.train_rewriting --shared ../shared --work /tmp/bench``.

Writes ``dedup/match/rewriting.json`` and, for the table of gold sets, ``WORK/rewriting.oof.jsonl``: what models that had not
seen the pair, or any pair of its group, say of it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from benchmarks.gold.pairs_to_learn import Example, examples
from dedup.match.likeness import likeness
from dedup.match.rewriting import KINDS, WORD_UNIT, Columns, kinds_of, sigmoid
from dedup.match.wording import Wording
from dedup.pair_evaluation import calibrate
from dedup.text.shingling import code_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TARGET = Path(__file__).parent.parent / "dedup" / "match" / "rewriting.json"
FOLDS = 5
#: Inverse strength of the penalty on weights, strength of that of the ridge, and what the columns of words are multiplied with.
STRENGTH, RIDGE, WORDS = 0.03, 100.0, 0.6
#: Pairs that must have a word, before it has a weight of its own.
LEAST_PAIRS = 10
KNOTS = (0.2, 0.4, 0.6, 0.8)
ITERATIONS = 400


class Material(NamedTuple):
    """Examples as arrays, a row for each."""

    examples: Sequence[Example]
    found: list[dict[str, float]]
    kinds: list[dict[str, float]]
    words: list[tuple[set[int], set[int]]]

    @classmethod
    def of(cls, given: Sequence[Example]) -> Material:
        """Features of every example."""
        found, kinds, words = [], [], []
        for example in given:
            one, other = Wording(example.one), Wording(example.other)
            found.append(likeness(one, other))
            kinds.append(kinds_of(one, other, found[-1]))
            codes = [set(map(code_word, side.words)) for side in (one, other)]
            words.append((codes[0] & codes[1], codes[0] ^ codes[1]))
        return cls(given, found, kinds, words)


class Trained(NamedTuple):
    """Weights of both regressions."""

    probability: NDArray[np.float64]
    similarity: NDArray[np.float64]
    words: NDArray[np.float64]


def standardise(material: Material) -> Columns:
    """Means, scales and knots of the features; they know no label."""
    names = tuple(material.found[0])
    values = np.array([list(found.values()) for found in material.found])
    scales = values.std(axis=0)
    knots = np.quantile(values, KNOTS, axis=0).T
    return Columns(
        names,
        np.round(values.mean(axis=0), 5).tolist(),
        np.round(np.maximum(scales, 1e-3), 5).tolist(),
        np.round(knots, 5).tolist(),
    )


def vocabulary(material: Material) -> dict[int, int]:
    """Column of each word that pairs enough have."""
    short = (
        both | alone
        for (both, alone), kinds in zip(material.words, material.kinds, strict=True)
        if kinds["article"] < 0.5
    )
    frequency = Counter(code for codes in short for code in codes)
    return {code: at for at, code in enumerate(sorted(c for c, n in frequency.items() if n >= LEAST_PAIRS))}


def word_columns(material: Material, places: dict[int, int]) -> sparse.csr_matrix:
    """Columns that say which words stand in both texts, then which stand in one."""
    rows, columns, values = [], [], []
    for row, (sides, kinds) in enumerate(zip(material.words, material.kinds, strict=True)):
        for shift, codes in enumerate(sides):
            found = [places[code] + shift * len(places) for code in codes if code in places]
            rows += [row] * len(found)
            columns += found
            values += [WORDS * (1.0 - kinds["article"])] * len(found)
    shape = len(material.words), 2 * len(places)
    return sparse.csr_matrix((values, (rows, columns)), shape)


def fit(dense: NDArray[np.float64], words: sparse.csr_matrix, given: Sequence[Example]) -> Trained:
    """Fit both regressions; a label between yes and no counts as both, each in part."""
    labels = np.array([np.nan if e.label is None else e.label for e in given])
    weights = np.array([e.weight for e in given])
    known = np.flatnonzero(~np.isnan(labels))
    whole = sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(dense), words]))[known]
    parts = np.concatenate([weights[known] * labels[known], weights[known] * (1.0 - labels[known])])
    doubled = sparse.csr_matrix(sparse.vstack([whole, whole]))
    answers = np.repeat([1, 0], len(known))
    counted = np.flatnonzero(parts > 0.0)
    logistic = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS)
    logistic.fit(doubled[counted], answers[counted], sample_weight=parts[counted])
    grades = np.array([np.nan if e.grade is None else e.grade for e in given])
    graded = np.flatnonzero(~np.isnan(grades))
    ridge = Ridge(RIDGE, solver="cholesky")
    ridge.fit(dense[graded], grades[graded], sample_weight=weights[graded])
    coefficients = logistic.coef_[0]
    n_dense = dense.shape[1]
    return Trained(
        np.append(coefficients[:n_dense], logistic.intercept_[0]),
        np.append(ridge.coef_, ridge.intercept_),
        coefficients[n_dense:] * WORDS,
    )


def predict(
    trained: Trained, dense: NDArray[np.float64], words: sparse.csr_matrix
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability and similarity of pairs."""
    logits = dense @ trained.probability[:-1] + trained.probability[-1] + (words / WORDS) @ trained.words
    grades = dense @ trained.similarity[:-1] + trained.similarity[-1]
    return np.array([sigmoid(float(logit)) for logit in logits]), np.clip(grades, 0.0, 1.0)


def main() -> None:
    """Cross-validate, train on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    given = parser.parse_args()
    material = Material.of(list(examples(given.shared)))
    columns = standardise(material)
    dense = np.array(
        [columns.expand(found, kinds) for found, kinds in zip(material.found, material.kinds, strict=True)]
    )
    places = vocabulary(material)
    words = word_columns(material, places)
    folds = np.array([crc32(example.group.encode()) % FOLDS for example in material.examples])
    probabilities, similarities = np.empty(len(folds)), np.empty(len(folds))
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        trained = fit(dense[inside], words[inside], [material.examples[row] for row in inside])
        probabilities[outside], similarities[outside] = predict(trained, dense[outside], words[outside])
    write_unseen(given.work / "rewriting.oof.jsonl", material.examples, probabilities, similarities)
    trained = fit(dense, words, material.examples)
    figures = describe(material.examples, probabilities)
    TARGET.write_text(written(columns, trained, places, figures), encoding="utf-8")
    print(json.dumps(figures, indent=1), f"{TARGET.stat().st_size:,} bytes, {len(places):,} words", sep="\n")


def write_unseen(
    path: Path,
    given: Sequence[Example],
    probabilities: NDArray[np.float64],
    similarities: NDArray[np.float64],
) -> None:
    """Write what was said of each pair by a model that had not seen it."""
    with path.open("w", encoding="utf-8") as lines:
        for example, probability, similarity in zip(given, probabilities, similarities, strict=True):
            line: dict[str, Any] = {
                "id": example.id,
                "rewrite_probability": round(float(probability), 4),
                "title_similarity": round(float(similarity), 4),
            }
            if example.label in {0.0, 1.0} and example.set != "strangers":
                line["label"] = int(example.label)
            print(json.dumps(line), file=lines)


def describe(given: Sequence[Example], probabilities: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Pairs, accuracy and calibration error of each set, by models that had not seen the pair."""
    figures = {}
    for name in sorted({example.set for example in given}):
        rows = [row for row, e in enumerate(given) if e.set == name and e.label in {0.0, 1.0}]
        if not rows:
            continue
        labels = [bool(given[row].label) for row in rows]
        said = probabilities[rows].tolist()
        right = sum((p >= 0.5) == label for p, label in zip(said, labels, strict=True))
        figures[name] = {
            "pairs": len(rows),
            "accuracy": round(right / len(rows), 4),
            "calibration error": round(calibrate(labels, said).error, 4),
        }
    return figures


def written(columns: Columns, trained: Trained, places: dict[int, int], figures: dict[str, Any]) -> str:
    """Weights as the package reads them, one feature a line."""
    features = {
        name: {"mean": mean, "scale": scale, "knots": knots}
        for name, mean, scale, knots in zip(*columns, strict=True)
    }
    units = np.round(trained.words * WORD_UNIT).astype(int)
    words = {
        f"{code:08x}": [int(units[at]), int(units[at + len(places)])]
        for code, at in places.items()
        if units[at] or units[at + len(places)]
    }
    parts = {
        "made by": "python -m benchmarks.train_rewriting",
        "kinds": KINDS,
        "cross-validated": figures,
        "features": features,
        "probability": np.round(trained.probability, 5).tolist(),
        "similarity": np.round(trained.similarity, 5).tolist(),
        "words": words,
    }
    return (
        "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(part)}" for key, part in parts.items()) + "\n}\n"
    )


if __name__ == "__main__":
    main()
