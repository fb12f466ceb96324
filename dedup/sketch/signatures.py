"""Signatures: made by our kernel, carried to datasketch and back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import ParameterError
from dedup.text.shingling import hash_shingle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.kernels.types import Elements, Signatures

SCHEME = "affine32"


@lru_cache(16)
def permutations(num_perm: int, seed: int) -> tuple[Elements, Elements]:
    """Factors (odd) and terms of datasketch's ``affine32`` permutations.

    Parameters
    ----------
    num_perm : int
        Number of permutations.
    seed : int
        Seed of NumPy's legacy generator, whose stream is frozen.

    Returns
    -------
    tuple of two ndarrays of uint32 of shape (num_perm,)
        Not to be written to: they are made once.
    """
    generator = np.random.RandomState(seed)
    factors = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    terms = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    factors.flags.writeable = terms.flags.writeable = False
    return factors, terms


def undo_factors(factors: Elements) -> Elements:
    """What undoes the multiplication by odd factors: their inverses modulo 2**32, by Newton's iteration.

    Examples
    --------
    >>> (undo_factors(np.array([3], np.uint32)) * np.uint32(3)).tolist()
    [1]
    """
    inverses = factors.copy()  # right in the lowest three bits; each step doubles them
    with np.errstate(over="ignore"):
        for _ in range(4):
            inverses *= np.uint32(2) - factors * inverses
    return inverses


def to_datasketch(signatures: Signatures, seed: int = 1) -> list[Any]:
    """Give our signatures to datasketch.

    Parameters
    ----------
    signatures : ndarray of uint32 of shape (n_texts, num_perm)
        As :meth:`dedup.sketch.recipe.Recipe.sign` makes them.
    seed : int, default=1
        The recipe's seed.

    Returns
    -------
    list of datasketch.MinHash
        One for each row, ready for its LSH, forest and ensemble. More shingles can be added with ``update``: their
        hash function is ours.

    Examples
    --------
    >>> from dedup.sketch.recipe import Recipe
    >>> recipe = Recipe(num_perm=128, bands=32, rows=4)
    >>> one, other = to_datasketch(recipe.sign_texts(["one two three four five six", "seven eight nine"]))
    >>> one.jaccard(one), one.jaccard(other)
    (1.0, 0.0)
    """
    from datasketch import MinHash  # noqa: PLC0415 - takes 0.5 s

    parameters = np.array(permutations(signatures.shape[1], seed))
    return [
        MinHash(seed=seed, hashfunc=hash_shingle, hashvalues=row, permutations=parameters, scheme=SCHEME)
        for row in signatures
    ]


def from_datasketch(sketches: Iterable[Any], seed: int = 1) -> Signatures:
    """Take signatures over from datasketch.

    Parameters
    ----------
    sketches : iterable of datasketch.MinHash
        Of the ``affine32`` scheme and of `seed`, all with the same number of permutations.
    seed : int, default=1
        The seed they must have.

    Returns
    -------
    ndarray of uint32 of shape (n_sketches, num_perm)

    Raises
    ------
    ParameterError
        If one has another scheme, seed or number of permutations, or there is none.
    """
    rows = []
    for sketch in sketches:
        if sketch.scheme != SCHEME or sketch.seed != seed:
            raise ParameterError(
                f"a sketch of scheme {sketch.scheme!r} and seed {sketch.seed}; {SCHEME!r} and seed {seed} are needed"
            )
        rows.append(np.asarray(sketch.hashvalues, np.uint32))
    if not rows or len({len(row) for row in rows}) > 1:
        raise ParameterError("sketches of one number of permutations are needed, and at least one of them")
    return np.stack(rows)
