"""A scorer from static embeddings: a model2vec model in a local folder. The extra ``semantic`` brings what it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedup.errors import MissingExtraError, ParameterError, ReadError
from dedup.match.rewriting import sigmoid

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from model2vec import StaticModel
    from numpy.typing import NDArray

MIDPOINT, SLOPE, MAX_TOKENS = 0.75, 12.0, 512


@dataclass(frozen=True, slots=True)
class EmbeddingScorer:
    """Compares the embeddings of two texts; :func:`load_scorer` makes one and says what the figures mean."""

    model: StaticModel
    midpoint: float = MIDPOINT
    slope: float = SLOPE
    max_tokens: int = MAX_TOKENS

    def __post_init__(self) -> None:
        if not -1.0 <= self.midpoint <= 1.0:
            raise ParameterError(f"midpoint is {self.midpoint}; a cosine from -1 to 1 is needed")
        if not 0.0 < self.slope < math.inf:
            raise ParameterError(f"slope is {self.slope}; a number above 0 is needed")
        if self.max_tokens < 1:
            raise ParameterError(f"max_tokens is {self.max_tokens}; 1 or more are needed")

    def score(self, pairs: Sequence[tuple[str, str]], /) -> list[float]:
        """Probability for each pair that both texts say the same.

        Parameters
        ----------
        pairs : sequence of (str, str)
            Either text of a pair may come first.

        Returns
        -------
        list of float
            From 0 to 1; 0.5 where the model knows no word of a text.
        """
        if not pairs:
            return []
        texts = [_encodable(text) for pair in pairs for text in pair]
        vectors = np.asarray(self.model.encode(texts, max_length=self.max_tokens), dtype=np.float64)
        lengths = np.linalg.norm(vectors, axis=1)
        known = (lengths[::2] != 0.0) & (lengths[1::2] != 0.0)
        return [
            sigmoid(self.slope * (cosine - self.midpoint)) if is_known else 0.5
            for cosine, is_known in zip(_cosines(vectors, lengths), known.tolist(), strict=True)
        ]


def load_scorer(
    path: str | os.PathLike[str],
    *,
    midpoint: float = MIDPOINT,
    slope: float = SLOPE,
    max_tokens: int = MAX_TOKENS,
) -> EmbeddingScorer:
    """Make a scorer of a static embedding model, as model2vec saves it.

    Parameters
    ----------
    path : str or path
        Folder of the model. Nothing is ever downloaded.
    midpoint : float, default=0.75
        Cosine of two embeddings at which it is as probable as not that the texts say the same; from -1 to 1.
    slope : float, default=12.0
        How sharp the line is there: the probability is ``1 / (1 + exp(-slope * (cosine - midpoint)))``.
    max_tokens : int, default=512
        Tokens of a text that are read; what stands behind them is cut off.

    Returns
    -------
    EmbeddingScorer
        For ``compare(one, other, scorer=...)``.

    Raises
    ------
    ParameterError
        If a figure is out of its range.
    ReadError
        If there is no such folder, or no model in it.
    MissingExtraError
        If model2vec is not installed.

    Notes
    -----
    Each model spreads its cosines in its own way: midpoint and slope are best fitted to the model and to labelled pairs.

    Examples
    --------
    >>> load_scorer("no/such/folder")
    Traceback (most recent call last):
    ...
    dedup.errors.ReadError: no/such/folder: no such folder; name the local folder of a model2vec model, nothing is downloaded
    """
    folder = Path(path)
    if not folder.is_dir():
        raise ReadError(
            str(path), "no such folder; name the local folder of a model2vec model, nothing is downloaded"
        )
    return EmbeddingScorer(_load(folder), midpoint, slope, max_tokens)


def _load(folder: Path) -> StaticModel:
    try:
        from model2vec import StaticModel  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("an embedding model", "semantic") from error
    try:
        # What is no folder is taken for a name to download; an absolute path is no such name, whatever happens to it.
        return StaticModel.from_pretrained(folder.resolve())
    except Exception as error:  # its readers of tensors and tokenizers raise Exception itself
        raise ReadError(str(folder), f"no model that model2vec can read: {error}") from error


def _encodable(text: str) -> str:
    """A text without lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cosines(vectors: NDArray[np.float64], lengths: NDArray[np.float64]) -> list[float]:
    """Cosine of each two vectors in a row; 0 where one is zero."""
    product = np.einsum("ij,ij->i", vectors[::2], vectors[1::2])
    scale = lengths[::2] * lengths[1::2]
    cosines: list[float] = np.divide(product, scale, out=np.zeros_like(product), where=scale != 0.0).tolist()
    return cosines
